"""What the processes say of themselves over HTTP, and the difference between two moments."""

import urllib.request
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

Labels = tuple[tuple[str, str], ...]


class Gauges(NamedTuple):
    """Samples of a /metrics page: (name, sorted labels) → value."""

    samples: dict[tuple[str, Labels], float]

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of a name whose labels include these; 0 where there is none."""
        wanted = set(labels.items())
        return sum(value for (n, ls), value in self.samples.items() if n == name and wanted <= set(ls))

    def label(self, name: str, label: str) -> str:
        """The label's value of the first sample of a name that is not 0; "" where there is none."""
        for (n, ls), value in self.samples.items():
            if n == name and value:
                return dict(ls).get(label, "")
        return ""

    def since(self, earlier: "Gauges") -> "Gauges":
        """What was added between two moments: for counters and histograms."""
        return Gauges({key: value - earlier.samples.get(key, 0.0) for key, value in self.samples.items()})

    def quantile(self, name: str, q: float) -> float | None:
        """The q-quantile of a histogram, in its unit, interpolated inside its bucket; None where it is empty."""
        buckets = sorted(
            (float(dict(ls)["le"]), value) for (n, ls), value in self.samples.items() if n == name + "_bucket"
        )
        if not buckets or buckets[-1][1] <= 0:
            return None
        target, below_le, below = q * buckets[-1][1], 0.0, 0.0
        for le, count in buckets:
            if count >= target:
                if le == float("inf"):
                    return below_le
                return below_le + (le - below_le) * (target - below) / max(count - below, 1e-9)
            below_le, below = le, count
        return below_le


def read(url: str) -> Gauges:
    """The samples at a /metrics address. Raises OSError where nobody answers."""
    with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - http only, our own processes
        return parse(answer.read().decode())


def parse(text: str) -> Gauges:
    """
    >>> gauges = parse('hits_total{task="click"} 3\\nhits_total{task="cart"} 1\\n')
    >>> gauges.total("hits_total"), gauges.total("hits_total", task="cart")
    (4.0, 1.0)
    """
    return Gauges(
        {
            (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )
