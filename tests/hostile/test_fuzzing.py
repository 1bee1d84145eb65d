"""A few seconds of coverage-guided fuzzing each; longer by hand: python tests/hostile/fuzz_contract.py clicks."""

import importlib.util
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hostile.inputs import good
from hostile.test_state_codecs import stored

FUZZER = Path(__file__).with_name("fuzz_contract.py")
RUNS, MOST_S = 6_000, 10

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has wheels for Linux on x86_64 alone"
)


def seeds(target: str) -> list[bytes]:
    if target in stored():
        return [stored()[target]]
    if target == "letters":
        return [
            b'{"reason":"r","topic":"t","partition":0,"offset":1,"key":null,"value":"aGk=","refused_ms":1}'
        ]
    draw = random.Random(3)
    return [json.dumps(good(draw, target)).encode() for _ in range(5)]


@pytest.mark.parametrize(
    "target",
    ["clicks", "impressions", "items", "user", "row", "heads", "published", "examples", "signals", "letters"],
)
def test_nothing_but_the_error_that_is_promised(target: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n, seed in enumerate(seeds(target)):
        (corpus / str(n)).write_bytes(seed)
    limits = [
        f"-runs={RUNS}",
        f"-max_total_time={MOST_S}",
        "-max_len=8192",
        "-timeout=5",
        "-seed=1",
    ]
    command = [sys.executable, str(FUZZER), target, *limits, f"-artifact_prefix={tmp_path}/", str(corpus)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr[-3_000:]
    done = re.search(r"Done (\d+) runs", ended.stderr)
    assert done and int(done[1]) > 500
