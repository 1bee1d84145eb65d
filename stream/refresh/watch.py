"""The examples log followed as it grows, through the eyes of the encoder that serves."""

from pathlib import Path
from typing import NamedTuple

import kafka
import redis

from freshet.contract.examples import readable_examples
from freshet.contract.keys import Keys
from freshet.contract.topics import EXAMPLES
from freshet.registry import NO_ENCODER, Registry
from freshet.security.connections import kafka_options
from freshet.settings import Settings
from online_model.encoder.artifact import ArtifactError, load_artifact
from online_model.encoder.drift import DriftWatch
from online_model.example import Example

ONE_IN = 4  # examples: judging one takes as long as ranking it did, and a mean needs few
POLL_MS = 100


class Drifted(NamedTuple):
    """examples: how many have come since the change. said: what has changed."""

    examples: int
    said: str


class LogWatch:
    """Reports that the loss of the live encoder has risen, once there is enough to learn the new from."""

    def __init__(self, settings: Settings, client: redis.Redis) -> None:
        self._settings = settings
        self._registry = Registry(Path(settings.refresh.models_dir), client, Keys.of(settings))
        self._place = kafka.TopicPartition(settings.kafka.prefix + EXAMPLES.name, 0)
        self._consumer: kafka.KafkaConsumer | None = None
        self._version, self._read = "", 0
        self._watch: DriftWatch | None = None

    def look(self) -> Drifted | None:
        """Read on. A change is reported once; then the watch begins anew."""
        version = self._registry.named("live") or NO_ENCODER
        if version != self._version:
            self._begin(version)
        if self._watch is None:
            return None
        self._watch.see(self._new())
        since = self._watch.since * ONE_IN
        if since < self._settings.refresh.min_examples:
            return None
        said = f"the loss of {version} rose from {self._watch.was:.3f} to {self._watch.now:.3f}"
        self._begin(version)
        return Drifted(since, f"{said}, about {since:,} examples ago")

    def _begin(self, version: str) -> None:
        """Watch this encoder from the end of the log on."""
        self._version, self._watch = version, None
        if version == NO_ENCODER:
            return
        try:
            encoder = load_artifact(self._registry.folder(version)).encoder
        except ArtifactError:
            return  # the learner says so
        self._watch = DriftWatch(encoder, self._settings.refresh.drift_delta)
        if self._consumer is None:
            self._consumer = kafka.KafkaConsumer(
                **kafka_options(self._settings.kafka), enable_auto_commit=False
            )
            self._consumer.assign([self._place])
        self._consumer.seek_to_end(self._place)

    def _new(self) -> list[Example]:
        """One in ONE_IN of the examples since the last look."""
        found: list[Example] = []
        if self._consumer is not None:
            for message in self._consumer.poll(timeout_ms=POLL_MS).get(self._place, []):
                examples = readable_examples(message.value)
                found += examples[-self._read % ONE_IN :: ONE_IN]
                self._read += len(examples)
        return found

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
