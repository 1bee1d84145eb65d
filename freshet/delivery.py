"""Messages on their way to Kafka: a bounded number of bytes, each acknowledged or raised as lost."""

import threading
import time
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.codec import has_lz4
from kafka.errors import KafkaError
from kafka.partitioner import DefaultPartitioner
from kafka.producer.transaction_manager import TransactionState

from freshet.contract.partitioner import partition_of

BATCH_BYTES = 64 * 1024  # of one partition's request; 16 kB and 256 kB were no faster
MESSAGE_COST_BYTES = 1_200  # what a waiting message takes beside its value: futures, tuples (measured)
MAX_REQUEST_BYTES = 1_000_000  # below the broker's default of 1,048,588
ANSWER_S = 10.0  # a connection silent for so long is given up; what was sent on it is tried on another


class Lost(NamedTuple):
    """A message that Kafka did not acknowledge. topic: with its prefix."""

    topic: str
    key: bytes | None
    value: bytes | None
    reason: str


class DeliveryError(Exception):
    """Messages that Kafka did not acknowledge in time: `lost` holds each of them with its reason."""

    def __init__(self, lost: list[Lost]) -> None:
        first = lost[0]
        what = (first.value or b"").decode(errors="replace")[:200] or f"the tombstone of {first.key!r}"
        more = f"; and {len(lost) - 1:,} more" if len(lost) > 1 else ""
        super().__init__(f"not acknowledged by topic {first.topic}: {first.reason}: {what}{more}")
        self.lost = lost


class _Pending(NamedTuple):
    future: Any
    topic: str
    key: bytes | None
    value: bytes | None
    cost: int


class _Murmur2(DefaultPartitioner):  # type: ignore[misc]  # kafka-python has no types
    """Kafka's partitioner with a memory: kafka-python's own hashes each key anew, byte by byte."""

    def partition(self, topic: str, key: Any, serialized: Any, value: Any, raw: Any, cluster: Any) -> int:
        if serialized is None or not serialized.isascii():  # rare: no key, or one that may not be text
            return int(super().partition(topic, key, serialized, value, raw, cluster))
        return partition_of(serialized.decode(), len(cluster.partitions_for_topic(topic)))


def _ask_for_ids_again(producer: KafkaProducer) -> None:
    """A message tried and given up costs an idempotent producer its id. Kafka's own client then asks for another;
    kafka-python 3.0.12 does not, and would never send again.
    """
    manager = producer._transaction_manager
    give_up = manager.reset_producer_id

    def reset() -> None:
        give_up()
        if manager._current_state is TransactionState.READY:
            manager._current_state = TransactionState.UNINITIALIZED

    manager.reset_producer_id = reset


class Delivery:
    """send(topic, key, value) → nothing; what is lost is raised by a later send, by flush or by close.

    buffer_bytes: at most this much is under way; a send beyond it waits. linger_s: how long a message may wait
    for company. delivery_s: after this a message that was not acknowledged is lost. Safe to use from threads.
    """

    def __init__(
        self,
        bootstrap_servers: str | list[str],
        *,
        linger_s: float = 0.005,
        buffer_bytes: int = 32 * 1024 * 1024,
        delivery_s: float = 30.0,
        **kafka: Any,
    ) -> None:
        self._delivery_s, self._buffer_bytes, self._bytes = delivery_s, buffer_bytes, 0
        self._pending: deque[_Pending] = deque()
        self._lock = threading.RLock()
        options = {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": "lz4" if has_lz4() else None,
            "partitioner": _Murmur2(),
            "linger_ms": int(linger_s * 1000),
            "batch_size": BATCH_BYTES,
            "max_request_size": MAX_REQUEST_BYTES,
            "delivery_timeout_ms": int(delivery_s * 1000),
            "request_timeout_ms": int(1000 * min(delivery_s / 2, ANSWER_S)),  # one retry fits at least
            "max_block_ms": int(delivery_s * 1000),
            "bootstrap_timeout_ms": int(delivery_s * 1000),
            "reconnect_backoff_max_ms": 1_000,  # its 30 s would make a broker's restart a loss
            "metrics_enabled": False,  # two microseconds a message, read by nobody
        }
        try:
            self._kafka = KafkaProducer(bootstrap_servers=bootstrap_servers, **(options | kafka))
        except KafkaError as error:
            raise ConnectionError(f"no Kafka at {bootstrap_servers}: {error}") from None
        _ask_for_ids_again(self._kafka)

    def send(self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None) -> None:
        """Hand over one message. DeliveryError tells of earlier losses; this message is not sent then."""
        cost = MESSAGE_COST_BYTES + len(value or b"")
        with self._lock:
            self._settle(self._buffer_bytes - cost, self._deadline())
            try:
                future = self._kafka.send(topic, value, key, partition=partition)
            except KafkaError as error:
                raise DeliveryError([Lost(topic, key, value, str(error))]) from error
            self._pending.append(_Pending(future, topic, key, value, cost))
            self._bytes += cost

    def flush(self) -> None:
        """Wait until all is acknowledged, at most delivery_s and a second; DeliveryError otherwise."""
        with self._lock:
            deadline = self._deadline()
            if self._pending:
                with suppress(KafkaError):  # the messages themselves tell which of them it concerns
                    self._kafka.flush(deadline - time.monotonic())
            self._settle(0, deadline)

    def close(self) -> None:
        """Flush and disconnect; DeliveryError when something was lost. No broker can hold it up for longer."""
        try:
            self.flush()
        finally:
            try:
                self._kafka.close(timeout=1)
            except KafkaError:  # it still tries what has been told as lost, and would wait for it
                self._kafka._sender.force_close()
                self._kafka._sender.join(timeout=self._delivery_s)
                with suppress(KafkaError):
                    self._kafka.close(timeout=0)

    def __enter__(self) -> "Delivery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _deadline(self) -> float:
        return time.monotonic() + self._delivery_s + 1  # kafka-python gives a message up by itself before

    def _settle(self, most: int, deadline: float) -> None:
        """Take leave of what is acknowledged; wait until at most `most` bytes are under way.

        While its broker is away kafka-python may give up none but the first messages, so it is the deadline that
        decides for the others. They may still arrive: lost means not acknowledged in time.
        """
        lost = []
        while self._pending and (self._pending[0].future.is_done or self._bytes > max(most, 0)):
            message = self._pending[0]
            try:
                message.future.get(timeout=max(deadline - time.monotonic(), 0))
            except KafkaError as error:
                known = message.future.is_done
                reason = str(error) if known else f"no answer within {self._delivery_s:g} s"
                lost.append(Lost(message.topic, message.key, message.value, reason))
            self._pending.popleft()
            self._bytes -= message.cost
        if lost:
            raise DeliveryError(lost)
