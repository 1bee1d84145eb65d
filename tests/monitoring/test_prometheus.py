"""Prometheus itself takes our files, scrapes our processes, and answers what alerts and dashboard ask."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from monitoring.promql import ALERTS, MONITORING, as_asked, expressions
from prometheus_client import start_http_server

from freshet.local.ports import free_port
from freshet.settings import Settings
from stream.metrics import WorkerMetrics

pytestmark = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="prometheus and promtool are not on the PATH; on Debian: apt-get install prometheus",
)
CONFIGS = ("prometheus.yml", "prometheus-compose.yml")


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", CONFIGS)
def test_promtool_accepts_the_configuration_and_its_rules(name: str) -> None:
    said = promtool("check", "config", MONITORING / name)

    assert said.returncode == 0, said.stdout + said.stderr
    assert f"SUCCESS: {len(ALERTS)} rules found" in said.stdout


def test_each_alert_fires_on_its_trouble_and_not_beside_it() -> None:
    said = promtool("test", "rules", Path(__file__).with_name("alerts_test.yml"))
    tested = Path(__file__).with_name("alerts_test.yml").read_text()

    assert said.returncode == 0, said.stdout + said.stderr
    assert [rule["alert"] for rule in ALERTS if f"alertname: {rule['alert']}" not in tested] == []


def test_an_alert_that_does_not_fire_is_found_out(tmp_path: Path) -> None:
    rules = (MONITORING / "alerts.yml").read_text().replace("> 0.25", "> 25")
    (tmp_path / "alerts.yml").write_text(rules)
    tests = Path(__file__).with_name("alerts_test.yml").read_text()
    (tmp_path / "test.yml").write_text(tests.replace("../../monitoring/alerts.yml", "alerts.yml"))

    said = promtool("test", "rules", tmp_path / "test.yml")

    assert said.returncode == 1
    assert "SlowToVisible" in said.stdout + said.stderr


def test_both_configurations_scrape_each_process_where_its_settings_put_it() -> None:
    local, compose = (yaml.safe_load((MONITORING / name).read_text())["scrape_configs"] for name in CONFIGS)
    settings = Settings()
    ports = {
        "worker": settings.worker.metrics_port,
        "refresh": settings.refresh.metrics_port,
        "api": settings.api.port,
    }

    assert {job["job_name"]: job["static_configs"][0]["targets"] for job in local} == {
        name: [f"127.0.0.1:{port}"] for name, port in ports.items()
    }
    assert {job["job_name"]: job["dns_sd_configs"][0] for job in compose} == {
        name: {"names": [name], "type": "A", "port": port, "refresh_interval": "10s"}
        for name, port in ports.items()
    }


class Prometheus:
    """Its HTTP API at one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **query: str) -> Any:
        """`data` of the answer. RuntimeError with Prometheus's own words where it refuses."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urlencode(query)}", timeout=5) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise RuntimeError(refusal.read().decode()) from None

    def value(self, expression: str) -> list[str]:
        return [sample["value"][1] for sample in self.ask("query", query=expression)["result"]]

    def up(self) -> set[str]:
        try:
            targets = self.ask("targets", state="active")["activeTargets"]
        except (OSError, RuntimeError):  # not there yet, or still reading its files
            return set()
        return {target["labels"]["job"] for target in targets if target["health"] == "up"}


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """monitoring/prometheus.yml, with a worker's metrics on another port and a scrape a second."""
    home, port, worker_port = tmp_path_factory.mktemp("prometheus"), free_port(), free_port()
    config = (MONITORING / "prometheus.yml").read_text()
    for was, now in [
        ("127.0.0.1:9101", f"127.0.0.1:{worker_port}"),
        ("127.0.0.1:9102", f"127.0.0.1:{free_port()}"),  # nobody there
        ("127.0.0.1:8080", f"127.0.0.1:{free_port()}"),
        ("scrape_interval: 5s", "scrape_interval: 1s"),
        ("evaluation_interval: 15s", "evaluation_interval: 1s"),
        ("alerts.yml", str(MONITORING / "alerts.yml")),
    ]:
        assert was in config
        config = config.replace(was, now)
    (home / "prometheus.yml").write_text(config)
    metrics = WorkerMetrics()
    metrics.consumed.labels("clicks").inc(41)
    for seconds in (0.01, 0.02, 0.3):
        metrics.visible.observe(seconds)
    server, _ = start_http_server(worker_port, addr="127.0.0.1", registry=metrics.registry)
    command = [
        "prometheus",
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (home / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            prometheus = Prometheus(f"http://127.0.0.1:{port}")
            wait_until(lambda: prometheus.up() == {"worker"})
            yield prometheus
        finally:
            process.terminate()
            process.wait(20)
            server.shutdown()
            server.server_close()


def test_a_sample_arrives_with_its_value(prometheus: Prometheus) -> None:
    assert prometheus.value('freshet_events_consumed_total{job="worker", topic="clicks"}') == ["41"]
    assert prometheus.value('freshet_event_visible_seconds_bucket{le="0.25"}') == ["2"]
    assert prometheus.value("freshet_event_visible_seconds_count") == ["3"]
    assert prometheus.value('freshet_events_consumed_total{topic="carts"}') == []


def test_every_rule_is_evaluated_without_an_error(prometheus: Prometheus) -> None:
    def health() -> dict[str, str]:
        rules = prometheus.ask("rules")["groups"][0]["rules"]
        return {rule["name"]: rule["health"] + rule.get("lastError", "") for rule in rules}

    wait_until(lambda: "unknown" not in health().values())

    assert health() == {rule["alert"]: "ok" for rule in ALERTS}


@pytest.mark.parametrize(("where", "expression"), [pytest.param(*pair, id=pair[0]) for pair in expressions()])
def test_what_the_files_ask_is_answered(prometheus: Prometheus, where: str, expression: str) -> None:
    assert prometheus.ask("query", query=as_asked(expression))["resultType"] == "vector"


def test_a_question_that_is_not_one_is_refused(prometheus: Prometheus) -> None:
    with pytest.raises(RuntimeError, match="parse error"):
        prometheus.ask("query", query="sum(freshet_lag_events")
