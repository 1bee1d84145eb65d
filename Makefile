# Every target sets itself up: it takes Python 3.11 to 3.13 and make, nothing else. ARGS="…" goes to the command.

PYTHONS := python3.13 python3.12 python3.11 python3
SUITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
BENCHES := $(wildcard load_tests/bench_*.py)
UV := .venv/bin/uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(ARGS)

# Some images set it; every process would then compile anew what it imports, and here many are started.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test coverage check audit bench up lock clean $(BENCHES) load_tests/soak.py

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: .venv/.ready ## a shop with simulated shoppers, on a local Kafka and Redis, to look at in the browser
	@.venv/bin/freshet demo $(ARGS)

test: .venv/.ready ## all tests, three files at a time; ARGS="-k word" picks some
	@.venv/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: .venv/.ready ## the library's coverage by the tests that need no server; below 95 % it fails
	@.venv/bin/pytest -n 2 --dist loadfile --cov=online_model --cov-report=term:skip-covered --cov-fail-under=95 $(ARGS) \
		online_model tests/compiled tests/datasets tests/demand tests/encoder tests/evaluation tests/explain \
		tests/heads tests/model tests/multitask tests/segments

check: .venv/.ready ## format, lint (security's rules too) and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

audit: .venv/.ready ## known vulnerabilities of the locked packages
	@.venv/bin/python .ci/audit

bench: $(BENCHES) ## every load_tests/bench_*.py in turn

$(BENCHES) load_tests/soak.py: .venv/.ready
	.venv/bin/python $@ $(ARGS)

up: .venv/.ready ## Kafka, Redis and all of Freshet, until 'freshet down'
	@.venv/bin/freshet up $(ARGS)

lock: .venv/.tools ## the two lock files anew, from pyproject.toml; ARGS=--upgrade takes newer versions
	$(COMPILE) pyproject.toml --all-extras --group dev --group bench -o requirements.lock
	printf 'editables\nhatchling\nuv\n' | $(COMPILE) --constraint requirements.lock - -o requirements-build.lock

clean: ## remove the environment and what tools left; a stack's data in .freshet stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov dist

# The environment holds exactly what the lock files name, by hash; nothing is resolved here.
.venv/.ready: .venv/.tools requirements.lock pyproject.toml
	@echo "Installing the locked packages into .venv …"
	@$(UV) pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock requirements-build.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

# An environment of the right Python, with the pinned uv in it.
.venv/.tools: requirements-build.lock
	@for python in .venv/bin/python $(PYTHONS); do \
		$$python -c '$(SUITS)' 2>/dev/null && break; python=; \
	done; \
	test -n "$$python" || { \
		echo "Freshet needs Python 3.11, 3.12 or 3.13, and none of $(PYTHONS) on the PATH is one." >&2; exit 1; \
	}; \
	test "$$python" = .venv/bin/python || rm -rf .venv; \
	$$python -m venv .venv || { rm -rf .venv; \
		echo "$$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; \
	}
	@.venv/bin/python -m pip install --quiet --require-hashes -r requirements-build.lock
	@touch $@
