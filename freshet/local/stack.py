"""Kafka and Redis together, for as long as a `with` block lasts."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from freshet.local.kafka import KafkaServer
from freshet.local.ports import free_port
from freshet.local.redis import RedisServer


class LocalStack:
    """A real broker and a real Redis on 127.0.0.1; both end with the block, or when this process is killed.

    data_dir: kept, so the next stack on it has the same data; logs are in data_dir/logs.
    kafka_port, redis_port: None takes a free one. num_partitions: of topics created without a number.
    heap_mb: bound of the broker's Java heap, in MB. environ: where Java, jars and redis-server are sought.
    Either server can be stopped, killed and started alone (`stack.kafka.kill()`): same port, same data.
    StackError when something is missing, taken or broken; nothing is left running then.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        kafka_port: int | None = None,
        redis_port: int | None = None,
        num_partitions: int = 4,
        heap_mb: int = 512,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        data_dir = data_dir.resolve()
        logs = data_dir / "logs"
        self.redis = RedisServer(
            data_dir / "redis", port=redis_port or free_port(), logs=logs, environ=environ
        )
        self.kafka = KafkaServer(
            data_dir / "kafka",
            port=kafka_port or free_port(),
            logs=logs,
            environ=environ,
            num_partitions=num_partitions,
            heap_mb=heap_mb,
        )

    @property
    def bootstrap_servers(self) -> str:
        """Such as "127.0.0.1:9092"."""
        return self.kafka.bootstrap_servers

    @property
    def redis_url(self) -> str:
        """Such as "redis://127.0.0.1:6379/0"."""
        return self.redis.url

    def __enter__(self) -> "LocalStack":
        try:
            self.kafka.check_unused()  # before Redis touches its files there
            self.redis.start()
            self.kafka.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop both, the broker first."""
        self.kafka.stop()
        self.redis.stop()
