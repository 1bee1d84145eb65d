"""What the API tells Prometheus. Labels are calls, statuses and encoder versions only: never a user or an item."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from serving.shared_numbers import SharedNumbers

LOOKUP_S = (  # dense around the promise: p99 of 2 ms for a list, 5 ms for a ranking
    *(0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.0025, 0.003),
    *(0.004, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
AGE_S = (0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400)
STATUSES = (200, 202, 204, 400, 401, 403, 404, 405, 413, 414, 429, 500, 503)
STORED = ("profile", "list", "row", "description", "trends", "segments", "demand", "heads", "encoder")
NO_ROUTE = "none"  # what no call is at

Labels = tuple[str, ...]


class SharedCounter:
    """A counter of all API processes; its series are known from the start."""

    _type = "counter"

    def __init__(
        self,
        numbers: SharedNumbers,
        name: str,
        text: str,
        labels: Labels = (),
        series: Sequence[Labels] = ((),),
    ) -> None:
        self._numbers, self._name, self._text, self._labelnames = numbers, name, text, labels
        self._own = numbers.own
        self._places = {values: numbers.reserve(1) for values in series}

    def inc(self, values: Labels = ()) -> None:
        self._own[self._places[values]] += 1

    def describe(self) -> Iterator[Metric]:
        yield CounterMetricFamily(self._name, self._text, labels=self._labelnames)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._text, labels=self._labelnames)
        sums = self._numbers.sums()
        for values, place in self._places.items():
            if sums[place] or not values:
                family.add_metric(values, float(sums[place]))
        yield family


class SharedHistogram:
    """A histogram of all API processes, with at most one label. bounds: upper ends of its buckets, rising."""

    _type = "histogram"

    def __init__(
        self,
        numbers: SharedNumbers,
        name: str,
        text: str,
        bounds: Sequence[float],
        labels: Labels = (),
        series: Sequence[Labels] = ((),),
    ) -> None:
        self._numbers, self._name, self._text, self._labelnames = numbers, name, text, labels
        self._own, self._bounds = numbers.own, list(bounds)
        self._places = {values: numbers.reserve(len(bounds) + 2) for values in series}  # buckets, +Inf, sum

    def observe(self, value: float, values: Labels = ()) -> None:
        place, own = self._places[values], self._own
        own[place + bisect_left(self._bounds, value)] += 1
        own[place + len(self._bounds) + 1] += value

    def describe(self) -> Iterator[Metric]:
        yield HistogramMetricFamily(self._name, self._text, labels=self._labelnames)

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(self._name, self._text, labels=self._labelnames)
        sums = self._numbers.sums()
        ends = [str(float(bound)) for bound in self._bounds] + ["+Inf"]
        for values, place in self._places.items():
            counts = sums[place : place + len(ends)].cumsum().tolist()
            if counts[-1] or not values:
                family.add_metric(
                    values, list(zip(ends, counts, strict=True)), float(sums[place + len(ends)])
                )
        yield family


class ApiMetrics:
    """One process's metrics; what its registry shows are the sums over all processes of `directory`."""

    def __init__(self, directory: Path, routes: Sequence[str]) -> None:
        numbers, self.registry = SharedNumbers(directory), CollectorRegistry()
        places = [(route,) for route in (*routes, NO_ROUTE)]
        self.seconds = SharedHistogram(
            numbers,
            "freshet_lookup_seconds",
            "From a request's headers to its answer, by call.",
            LOOKUP_S,
            ("route",),
            places,
        )
        self.answers = SharedCounter(
            numbers,
            "freshet_answers",
            "Answers by call and status.",
            ("route", "status"),
            [(route, str(status)) for (route,) in places for status in STATUSES],
        )
        self.age = SharedHistogram(
            numbers, "freshet_score_age_seconds", "From the scoring of a shopper's list to its lookup.", AGE_S
        )
        self.stale = SharedCounter(numbers, "freshet_stale_answers", "Answers from memory, Redis being away.")
        self.redis_failures = SharedCounter(
            numbers, "freshet_redis_failures", "Reads that Redis did not answer."
        )
        self.torn = SharedCounter(
            numbers,
            "freshet_torn",
            "Stored values that could not be read and counted as not there: damaged, or of another version.",
            ("what",),
            [(what,) for what in STORED],
        )
        for metric in (self.seconds, self.answers, self.age, self.stale, self.redis_failures, self.torn):
            self.registry.register(metric)
        self.model = Gauge(
            "freshet_served_model_info",
            "1 for the encoder whose scores are served.",
            ["encoder"],
            registry=self.registry,
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        self.seconds.observe(seconds, (route,))
        self.answers.inc((route, str(status)))
