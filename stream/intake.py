"""Each message taken in exactly one way: as an event to apply, sent on to its owner, or refused with its reason."""

from typing import Any, NamedTuple

from freshet.contract.dead_letters import DeadLetter, pack_dead_letter
from freshet.contract.events import BadEvent, decode
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import DEAD_LETTERS, ITEMS
from freshet.settings import Kafka
from stream.outbox import Message

STRANGER = "It stays in the log. Let only workers write there: docs/security.md names the rights"


class Record(NamedTuple):
    """One Kafka message. topic: without prefix. timestamp: seconds, the producer's send."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: float


def record_of(event: Any, prefix: str) -> Record:
    """What a Faust event brought."""
    m = event.message
    return Record(m.topic.removeprefix(prefix), m.partition, m.offset, m.key, m.value, m.timestamp)


class Intake:
    """Sorts records. What has to go to another topic is added to `outgoing`."""

    def __init__(self, settings: Kafka) -> None:
        self._prefix, self._settings = settings.prefix, settings

    def sort(self, record: Record, outgoing: list[Message], *, now_ms: int) -> tuple[str, Any]:
        """("event", the event) · ("forwarded", None) · ("dead_lettered", None).

        An event must lie where its key's partition is, since one user has one owner; some clients use another
        partitioner. It is sent on there, with the key that all clients agree on, and counts when it comes back.
        Whether it is dated ahead is told from its Kafka timestamp, which the broker bounds (contract/admin.py): our own
        clock may be wrong, and reading the log again must give the same result. now_ms: our clock, of dead letters.
        """
        sent_ms = int(record.timestamp * 1000)
        try:
            event = decode(record.topic, record.value or b"", now_ms=sent_ms, clock="its Kafka timestamp")
        except BadEvent as error:
            outgoing.append(self.dead_letter(record, str(error), now_ms=now_ms))
            return "dead_lettered", None
        if record.topic == ITEMS.name:
            owner, partitions = event.item_id, self._settings.item_partitions
        else:
            owner, partitions = event.user_id, self._settings.partitions
        home = partition_of(owner, partitions)
        if home != record.partition:
            outgoing.append(
                Message(self._prefix + record.topic, home, owner.encode(), record.value, record.timestamp)
            )
            return "forwarded", None
        return "event", event

    def dead_letter(self, record: Record, reason: str, *, now_ms: int) -> Message:
        """The message that keeps a refused record with its reason."""
        letter = DeadLetter(
            reason=reason,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            refused_ms=now_ms,
        )
        return Message(self._prefix + DEAD_LETTERS.name, 0, None, pack_dead_letter(letter))
