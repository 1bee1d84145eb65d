"""Which partition a key belongs to: Kafka's own murmur2, as the Java and kafka-python clients have it."""

from functools import lru_cache

from kafka.partitioner.default import murmur2


@lru_cache(maxsize=200_000)  # pure Python: 3 µs a key; a shop's active users and items come again and again
def partition_of(key: str, partitions: int) -> int:
    """The partition, 0 … partitions − 1, of a key.

    >>> [partition_of(f"user-{n}", 4) for n in range(1, 6)]
    [0, 0, 3, 3, 2]
    """
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions
