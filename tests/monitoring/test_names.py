"""Alerts and dashboard ask for metrics, with labels, that a process of ours has."""

import re

import pytest
import yaml
from monitoring.promql import DASHBOARD, MONITORING, expressions, named
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.metrics import MetricWrapperBase

from stream.metrics import WorkerMetrics
from stream.refresh.metrics import RefreshMetrics

FROM_PROMETHEUS = {"job", "instance"}  # labels that it adds to every sample


def offered(*registries: CollectorRegistry) -> dict[str, set[str]]:
    """Sample name → labels, of metrics without a sample yet too: hence by the registry's own book of names."""
    return {
        name: {*metric._labelnames, *({"le"} if name.endswith("_bucket") else ())}
        for registry in registries
        for name, metric in registry._names_to_collectors.items()
        if isinstance(metric, MetricWrapperBase)
        if isinstance(metric, Gauge) or name != metric._name  # a counter's sample ends in _total, and so on
    }


OFFERED = {"up": set[str](), **offered(WorkerMetrics().registry, RefreshMetrics().registry)}


def unknown(expression: str, offered: dict[str, set[str]]) -> list[str]:
    """Names in the expression that nobody offers."""
    metrics, grouped = named(expression)
    known = FROM_PROMETHEUS.union(*(offered.get(name, set()) for name in metrics))
    return [
        *(name for name in metrics if name not in offered),
        *(
            label
            for name, labels in metrics.items()
            for label in labels - offered.get(name, labels) - FROM_PROMETHEUS
        ),
        *(label for label in grouped - known if all(name in offered for name in metrics)),
    ]


@pytest.mark.parametrize(("where", "expression"), [pytest.param(*pair, id=pair[0]) for pair in expressions()])
def test_what_is_asked_for_exists(where: str, expression: str) -> None:
    assert unknown(expression, OFFERED) == []


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sum(freshet_lag_messages)", ["freshet_lag_messages"]),
        ('freshet_lag_events{partition="0"}', ["partition"]),
        ("sum by (user) (freshet_lag_events)", ["user"]),
        ("rate(freshet_events_consumed[5m])", ["freshet_events_consumed"]),
    ],
)
def test_what_does_not_exist_is_found_out(expression: str, names: list[str]) -> None:
    assert unknown(expression, OFFERED) == names


def test_the_dashboard_is_whole() -> None:
    """Its panels have numbers of their own, do not overlap, and ask the data source that is provisioned."""
    panels = DASHBOARD["panels"]
    provisioned = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text())
    asked = re.findall(r'"datasource": {[^}]*?"uid": "(\w+)"', str(DASHBOARD).replace("'", '"'))
    squares = [
        (x, y)
        for grid in (panel["gridPos"] for panel in panels)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(squares)) == len(squares) and max(x for x, _ in squares) < 24
    assert set(asked) == {source["uid"] for source in provisioned["datasources"]}
    assert [panel["title"] for panel in panels if not (panel["type"] == "row" or panel["description"])] == []
