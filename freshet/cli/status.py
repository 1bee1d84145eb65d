"""`freshet status`: what runs, where, and how far behind it is. Exit status 1 when something does not run."""

import argparse

from rich.console import Console
from rich.table import Table

from freshet.cli.up import DATA_DIR
from freshet.demo.gauges import read
from freshet.local.daemon import status
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    found = status(DATA_DIR)
    if not found["running"]:
        print("nothing is up here; `freshet up` starts it")
        return 1
    table = Table("process", "pid", "state", "log")
    dead = 0
    for name, process in found["processes"].items():
        ended = process["exit_code"]
        dead += ended is not None
        table.add_row(
            name, str(process["pid"]), "runs" if ended is None else f"ended with {ended}", process["log"]
        )
    Console().print(table)
    print(f"Kafka {found['bootstrap_servers']} · Redis {found['redis_url']} · {progress(settings)}")
    return 1 if dead else 0


def progress(settings: Settings) -> str:
    """How far behind the worker is, from its own metrics."""
    try:
        gauges = read(f"http://127.0.0.1:{settings.worker.metrics_port}/metrics")
    except OSError:
        return "the worker does not answer"
    applied, lag = gauges.total("freshet_events_total", outcome="applied"), gauges.total("freshet_lag_events")
    encoder = gauges.label("freshet_encoder_info", "version")
    return f"{applied:,.0f} events applied, {lag:,.0f} behind, encoder {encoder}"
