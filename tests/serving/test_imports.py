"""The API starts where neither torch nor Faust is installed."""

import json
import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["serving.app", "freshet.cli.api"])
def test_a_fresh_interpreter_loads_neither_torch_nor_faust_nor_the_worker(module: str) -> None:
    script = (
        f"import sys, json, {module}; print(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
    )

    loaded = json.loads(subprocess.check_output([sys.executable, "-c", script], text=True, timeout=60))

    assert {"serving", "online_model"} <= set(loaded)
    assert {"torch", "faust", "mode", "aiokafka", "stream"}.isdisjoint(loaded)
