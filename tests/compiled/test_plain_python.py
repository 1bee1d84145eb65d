"""What is compiled computes what the same lines compute in plain Python, where indices are checked: what is stored to
the bit, other numbers to a float's rounding.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compiled import everything


def test_compiled_equals_plain_python(tmp_path: Path) -> None:
    out, tests = tmp_path / "plain.json", Path(__file__).parents[1]
    command = [
        sys.executable,
        "-W",
        "ignore:overflow encountered:RuntimeWarning",
        everything.__file__,
        str(out),
    ]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(tests)}
    subprocess.run(command, check=True, timeout=200, env=environment)

    plain, compiled = json.loads(out.read_text()), json.loads(json.dumps(everything.everything()))

    assert plain.keys() == compiled.keys()
    for name, part in plain.items():
        assert_alike(part, compiled[name], name)


def assert_alike(plain: Any, compiled: Any, where: str) -> None:
    if isinstance(plain, list):
        assert len(plain) == len(compiled), where
        for n, pair in enumerate(zip(plain, compiled, strict=True)):
            assert_alike(*pair, f"{where}[{n}]")
    else:
        assert plain == (pytest.approx(compiled, 1e-3, 1e-5) if isinstance(plain, float) else compiled), where
