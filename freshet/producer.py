"""The SDK: a shop's events to Kafka, checked before they leave, acknowledged or raised."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import msgspec

from freshet.contract.events import SCHEMAS, BadEvent, decode
from freshet.contract.topics import ITEMS
from freshet.delivery import Delivery
from freshet.security.connections import kafka_options
from freshet.security.pseudonyms import Pseudonyms
from freshet.settings import Kafka


class Producer:
    """Sends events, each to the partition of its user (items: of its item), as every Kafka client of ours does.

    >>> with Producer("broker:9092") as producer:  # doctest: +SKIP
    ...     producer.send("clicks", {"event_id": "e1", "user_id": "u1", "item_id": "i1", "ts": 1764000000000})

    topic_prefix: setting kafka.prefix. pseudonyms: users' ids leave as these. Further arguments are those of
    `freshet.delivery.Delivery`, and beyond them kafka-python's (security_protocol, sasl_mechanism …). ConnectionError
    when no broker answers.
    """

    def __init__(
        self,
        bootstrap: str | list[str] = "127.0.0.1:9092",
        *,
        topic_prefix: str = "",
        pseudonyms: Pseudonyms | None = None,
        **delivery: Any,
    ) -> None:
        self._prefix, self._pseudonyms = topic_prefix, pseudonyms
        self._delivery = Delivery(bootstrap, **delivery)

    @classmethod
    def of(cls, settings: Kafka, **delivery: Any) -> "Producer":
        """The producer for a deployment's settings."""
        options: dict[str, Any] = {**kafka_options(settings)}
        return cls(options.pop("bootstrap_servers"), topic_prefix=settings.prefix, **options, **delivery)

    def send(self, topic: str, event: Mapping[str, Any] | msgspec.Struct | bytes) -> None:
        """Send one event to `topic` (without prefix): a mapping, a struct of freshet.contract.events, or its JSON.

        Returns when it is in the buffer, waits while that is full. BadEvent with the reason for what a worker
        would refuse; DeliveryError for earlier events that Kafka did not take (this one is not sent then).
        """
        if topic not in SCHEMAS:
            raise BadEvent(f"no topic {topic!r}; there are {', '.join(SCHEMAS)}")
        try:
            value = event if isinstance(event, bytes) else msgspec.json.encode(event)
        except (TypeError, ValueError) as error:
            raise BadEvent(f"{topic}: {error}") from None
        checked = decode(topic, value, now_ms=int(time.time() * 1000))  # by the code that will read it
        owner: str = checked.item_id if topic == ITEMS.name else checked.user_id
        if self._pseudonyms is not None and topic != ITEMS.name:
            owner, value = self._pseudonyms.of(owner), self._pseudonyms.in_event(value)
        self._delivery.send(self._prefix + topic, owner.encode(), value)

    def tombstone(self, item_id: str) -> None:
        """Remove an item from the catalogue."""
        if not 1 <= len(item_id) <= 128:
            raise BadEvent(f"items: item_id must have 1 to 128 characters; got {len(item_id)}")
        self._delivery.send(self._prefix + ITEMS.name, item_id.encode(), None)

    def flush(self) -> None:
        """Wait until Kafka has everything; DeliveryError names what it has not."""
        self._delivery.flush()

    def close(self) -> None:
        """Flush and disconnect."""
        self._delivery.close()

    def __enter__(self) -> "Producer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
