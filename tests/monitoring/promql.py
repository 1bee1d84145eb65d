"""What a PromQL expression names, and where our files keep their expressions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

MONITORING = Path(__file__).parents[2] / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana/dashboards/freshet.json").read_text())
ALERTS = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
GRAFANA = {"$__rate_interval": "1m", "$__range": "1h", "$task": ".*"}  # what Grafana would put in their place

_GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\b\s*(?:\(([^)]*)\))?")
_SELECTOR = re.compile(r"(?<![\w.$])([a-z_:][\w:]*)(\{[^}]*\})?(?![\w:]|\s*\()")
_WORDS = {"and", "or", "unless", "offset", "bool", "inf", "nan"}


class Named(NamedTuple):
    """metrics: name → labels that its selectors match. grouped: labels that the expression groups or joins by."""

    metrics: dict[str, set[str]]
    grouped: set[str]


def named(expression: str) -> Named:
    """
    >>> named('sum by (topic) (rate(a_total{outcome="x, y"}[5m] offset 1h)) / on (topic) b > 0.25 and up')
    Named(metrics={'a_total': {'outcome'}, 'b': set(), 'up': set()}, grouped={'topic'})
    """
    text = re.sub(r'"[^"]*"', '""', expression)
    grouped = {
        label.strip() for group in _GROUPING.findall(text) for label in group.split(",") if label.strip()
    }
    text = re.sub(r"\[[^]]*\]", "", _GROUPING.sub(" ", text))
    metrics: dict[str, set[str]] = {}
    for name, matchers in _SELECTOR.findall(text):
        if name not in _WORDS:
            metrics.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=|!)", matchers))
    return Named(metrics, grouped)


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of every alert and of all that the dashboard asks."""
    yield from ((rule["alert"], rule["expr"]) for rule in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (
            (f"{panel['title']} {target['refId']}", target["expr"]) for target in panel.get("targets", [])
        )
    yield from ((note["name"], note["expr"]) for note in DASHBOARD["annotations"]["list"])
    for variable in DASHBOARD["templating"]["list"]:
        yield (
            variable["name"],
            re.sub(r"label_values\((.*), *(\w+)\)", r"sum by (\2) (\1)", variable["query"]),
        )


def as_asked(expression: str) -> str:
    """The expression with Grafana's variables filled in."""
    for variable, value in GRAFANA.items():
        expression = expression.replace(variable, value)
    return expression
