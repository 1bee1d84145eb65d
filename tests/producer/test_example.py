"""The example of the SDK does what it says on the deployment's own topics."""

import runpy
import sys
from pathlib import Path

from freshet.contract.admin import ensure_topics
from freshet.settings import Kafka

EXAMPLE = Path(__file__).parents[2] / "examples" / "produce_events.py"


def test_the_example_sends_its_events(stack, monkeypatch, capsys):
    ensure_topics(Kafka(bootstrap=stack.bootstrap_servers))
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), stack.bootstrap_servers])

    runpy.run_path(str(EXAMPLE))

    assert capsys.readouterr().out == "Kafka has them all\n"


def test_it_is_short():
    code = [line for line in EXAMPLE.read_text().splitlines() if line]

    assert len(code) <= 15
