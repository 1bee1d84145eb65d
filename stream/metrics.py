"""What the worker tells Prometheus. Labels are topics, tasks and outcomes only: never a user or an item."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from freshet.contract.torn import Salvage

_SECONDS = (
    0.005,
    0.01,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.15,
    0.2,
    0.25,
    0.5,
    1,
    2,
    5,
    15,
    60,
)  # dense around 100 ms
_MICRO = (20e-6, 50e-6, 100e-6, 150e-6, 200e-6, 300e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3)


class WorkerMetrics:
    """One worker's metrics, in a registry of their own so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, labels, registry=self.registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, text, registry=self.registry, buckets=buckets)

        self.consumed = counter(
            "freshet_events_consumed_total", "User and item events read from Kafka.", "topic"
        )
        self.events = counter(
            "freshet_events_total",
            "What became of each event: applied, duplicate, forwarded, dead_lettered, erased; together the consumed.",
            "topic",
            "outcome",
        )
        self.visible = histogram(
            "freshet_event_visible_seconds",
            "From an event's Kafka timestamp (the producer's send) to its scores being readable in Redis; "
            "of a list that was put off, from its oldest event.",
            _SECONDS,
        )
        self.stored = histogram(
            "freshet_event_stored_seconds",
            "From an event's Kafka timestamp to its shopper's profile being stored in Redis.",
            _SECONDS,
        )
        self.deferred = counter(
            "freshet_lists_deferred_total",
            "Lists put off because the worker was behind: profiles and learning go first.",
        )
        self.due = gauge("freshet_lists_due", "Shoppers whose list was put off and is not yet made.")
        self.batch_events = histogram(
            "freshet_batch_events", "Events worked on at once.", (1, 2, 5, 10, 20, 50, 100, 200)
        )
        self.score = histogram(
            "freshet_score_seconds", "One user's candidates, features, scores and list.", _MICRO
        )
        self.observe = histogram(
            "freshet_observe_seconds", "One event: candidates, ranking, example, profile.", _MICRO
        )
        self.learn = histogram("freshet_learn_seconds", "One example through all heads.", _MICRO)
        self.learned = counter("freshet_examples_learned_total", "Examples the heads have learned from.")
        self.repeated = counter(
            "freshet_examples_repeated_total", "Examples met a second time and not learned again."
        )
        self.signals = counter("freshet_item_signals_total", "Item signals by outcome.", "outcome")
        self.capped = counter(
            "freshet_capped_events_total",
            "Events that moved less of what shoppers share, as their account had had its share; see influence.py.",
            "why",
        )
        self.pushed = counter(
            "freshet_pushed_items_total",
            "Items that a few accounts push, each once an hour; the log names them.",
        )
        self.listed = counter(
            "freshet_listed_items_total",
            "The first 20 places of published lists: all (places), of new items, and of small ones, that have no "
            "more events than the median item.",
            "group",
        )
        self.lag = gauge(
            "freshet_lag_events", "Messages in Kafka that this worker has yet to work on.", "topic"
        )
        self.ranked = counter(
            "freshet_prequential_events_total",
            "Events whose item was ranked before it was learned from.",
            "task",
        )
        self.hits = counter(
            "freshet_prequential_hits_total",
            "Of these, those whose item was among the first 20 of a ranker: the model or a baseline.",
            "task",
            "ranker",
        )
        self.auc = gauge(
            "freshet_task_auc",
            "AUC of the newest examples' targets among their rivals, predicted before learned.",
            "task",
        )
        self.calibration = gauge(
            "freshet_task_calibration_ratio",
            "Predicted over observed, newest examples; 1 is calibrated.",
            "task",
        )
        self.mae = gauge(
            "freshet_task_absolute_error", "Mean absolute error of the newest values of a regression.", "task"
        )
        self.log_loss = gauge("freshet_task_log_loss", "Log loss of the newest examples, nats.", "task")
        self.encoder = gauge("freshet_encoder_info", "1 for the encoder version that serves.", "version")
        self.encoder_created = gauge(
            "freshet_encoder_created_timestamp_seconds",
            "When the encoder that serves was trained; 0 without one.",
        )
        self.users_cached = gauge("freshet_profiles_cached", "Profiles in memory.")
        self.items_held = gauge("freshet_items_held", "Items in memory.")
        self.begun_again = counter(
            "freshet_begun_again_total",
            "Times this worker forgot its memory and went back to the stored watermarks, which others or a loss of "
            "data in Redis had moved.",
        )
        self.refused = gauge(
            "freshet_refused",
            "1 while this cannot be used: state, encoder or topics. The log says why and what to do.",
            "what",
        )
        for what in ("state", "encoder", "topics"):
            self.refused.labels(what).set(0)
        self.torn = counter(
            "freshet_torn_total",
            "Stored values that could not be read and counted as not there: damaged, or of another version.",
            "what",
        )
        self.salvage = Salvage(lambda what: self.torn.labels(what).inc())
        self.rescued = counter(
            "freshet_io_retries_total", "Writes tried again after Redis or Kafka failed.", "where"
        )
