# syntax=docker/dockerfile:1
# Freshet's processes, one target each: `docker build --target api .`, and so worker and refresh.
#
# Packages come from requirements.lock, each with its hash checked; a target takes what its extra names and what
# that needs, so the API's image holds neither torch nor Faust. Wheels only: nothing is compiled here, and
# no compiler is in any image. Freshet itself is copied, not installed: no build tool has to be trusted.

ARG PYTHON=python:3.11-slim-bookworm

# ---- packages ------------------------------------------------------------------------------------------------

FROM ${PYTHON} AS packages
# uv takes a subset of a lock with its hashes, which pip does not. Its own: Linux on x86_64 and on aarch64.
RUN printf '%s\n' 'uv==0.13.9 \
    --hash=sha256:d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19 \
    --hash=sha256:ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375 \
    --hash=sha256:5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe' > uv.txt \
    && pip install --no-cache-dir --only-binary :all: --require-hashes -r uv.txt \
    && uv venv /opt/venv
ENV VIRTUAL_ENV=/opt/venv UV_ONLY_BINARY=:all: UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY pyproject.toml requirements.lock ./
RUN uv pip install --require-hashes -c requirements.lock -r pyproject.toml

FROM packages AS worker-packages
RUN uv pip install --require-hashes -c requirements.lock -r pyproject.toml --extra worker

FROM packages AS refresh-packages
# The ordinary torch brings CUDA's libraries, 4.6 GB. Its builds for CPUs alone, 0.2 GB, are in an index of their
# own, which PyTorch's "get started" page names for pip: give that address here to have the lock's version from
# there. Its hash is not in the lock, so it is not checked; all other packages' are.
ARG TORCH_INDEX=""
RUN if [ -z "$TORCH_INDEX" ]; then hashes=--require-hashes; else hashes=--verify-hashes \
        && uv pip install --no-deps --index-url "$TORCH_INDEX" "$(grep -o '^torch==[^ ]*' requirements.lock)" \
        && sed -i '/^torch==/,/[^\\]$/d' requirements.lock; \
    fi; uv pip install "$hashes" -c requirements.lock -r pyproject.toml --extra refresh

# ---- processes -----------------------------------------------------------------------------------------------

FROM ${PYTHON} AS freshet
# One user number in all images: they share the volume of models. Numba keeps what it compiled in NUMBA_CACHE_DIR.
RUN useradd --uid 10001 --create-home freshet && install -d -o freshet -g freshet /models /keys
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/home/freshet/numba
WORKDIR /app
COPY LICENSE ./
COPY freshet/ freshet/
COPY online_model/ online_model/
USER 10001
ENTRYPOINT ["python", "-m", "freshet.cli"]

FROM freshet AS api
COPY --from=packages /opt/venv /opt/venv
COPY serving/ serving/
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["api"]

FROM freshet AS worker
COPY --from=worker-packages /opt/venv /opt/venv
COPY stream/ stream/
EXPOSE 9101
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9101/metrics', timeout=3)"]
CMD ["worker"]

FROM freshet AS refresh
COPY --from=refresh-packages /opt/venv /opt/venv
COPY stream/ stream/
EXPOSE 9102
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9102/metrics', timeout=3)"]
CMD ["refresh"]
