"""Which way imports point, seen in a fresh interpreter: what each process loads, and what it must do without."""

import subprocess
import sys

import pytest

LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*{module.partition(".")[0] for module in sys.modules})
"""


@pytest.mark.parametrize(
    ("module", "without"),
    [
        (
            "online_model.evaluation",
            {"freshet", "stream", "serving", "kafka", "aiokafka", "faust", "redis", "torch"},
        ),
        (
            "online_model.encoder.artifact",
            {"freshet", "stream", "serving", "kafka", "faust", "redis", "torch"},
        ),
        ("online_model.encoder.refresh", {"freshet", "stream", "serving", "kafka", "faust", "redis"}),
        ("online_model.multitask", {"freshet", "stream", "serving", "kafka", "faust", "redis"}),
        ("freshet.cli", {"stream", "serving", "torch", "faust"}),
        ("stream.app", {"serving", "torch"}),
        ("stream.refresh.process", {"serving", "faust"}),
        ("serving.app", {"stream", "torch", "faust"}),
    ],
)
def test_a_module_is_loaded_without(module: str, without: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, module], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert module.partition(".")[0] in loaded
    assert loaded & without == set()
