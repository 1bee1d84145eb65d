"""What the refresh process tells Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from online_model.encoder.artifact import Manifest


class RefreshMetrics:
    """In a registry of their own, so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.train = Gauge(
            "freshet_encoder_train_seconds",
            "How long the newest round took, from reading the window to the artifact.",
            registry=self.registry,
        )
        self.created = Gauge(
            "freshet_encoder_created_timestamp_seconds",
            "When the newest encoder was trained.",
            registry=self.registry,
        )
        self.examples = Gauge(
            "freshet_encoder_examples", "Examples it was trained on.", registry=self.registry
        )
        self.metric = Gauge(
            "freshet_encoder_metric",
            "Its figures on the newest slice.",
            ["task", "metric"],
            registry=self.registry,
        )
        self.rounds = Counter(
            "freshet_encoder_refreshes_total",
            "Rounds by outcome: promoted, refused, skipped or failed.",
            ["outcome"],
            registry=self.registry,
        )

        self.begun = Counter(
            "freshet_encoder_refreshes_begun_total",
            "Rounds begun, by why: schedule, asked or drift.",
            ["reason"],
            registry=self.registry,
        )

    def show(self, manifest: Manifest) -> None:
        """The figures of a promoted encoder."""
        self.created.set(manifest.created_s)
        self.examples.set(manifest.examples)
        for task, figures in manifest.metrics["new"].items():
            for name, value in figures.items():
                self.metric.labels(task, name).set(value)
