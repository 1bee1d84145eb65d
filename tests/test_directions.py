"""Which way imports point, seen in a fresh interpreter: what each process loads, and what it must do without."""

import subprocess
import sys

import pytest

LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*{module.partition(".")[0] for module in sys.modules})
"""
SHELL = {"freshet", "stream", "serving", "kafka", "aiokafka", "faust", "redis"}


@pytest.mark.parametrize(
    ("modules", "without"),
    [
        (("online_model.evaluation", "online_model.encoder.artifact"), {*SHELL, "torch"}),
        (("online_model.encoder.refresh", "online_model.multitask"), SHELL),
        (("freshet.cli",), {"stream", "serving", "torch", "faust"}),
        (("stream.app",), {"serving", "torch"}),
        (("stream.refresh.process",), {"serving", "faust"}),
        (("serving.app", "freshet.cli.api"), {"stream", "torch", "faust", "mode", "aiokafka"}),
    ],
)
def test_modules_are_loaded_without(modules: tuple[str, ...], without: set[str]) -> None:
    command = [sys.executable, "-c", LOADED, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert {module.partition(".")[0] for module in modules} <= loaded
    assert loaded & without == set()
