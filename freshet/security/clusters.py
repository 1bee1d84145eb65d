"""A Redis Cluster, asked as one Redis is asked: what spans its servers is split here, and put together again."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError

Address = tuple[str, int]
Bytes = bytes | None


class Cluster(redis.asyncio.RedisCluster):
    """For an event loop. addresses: of some of its servers. One that cannot be reached is a ConnectionError."""

    def __init__(self, addresses: Sequence[Address], options: dict[str, Any]) -> None:
        nodes = [redis.asyncio.cluster.ClusterNode(*address) for address in addresses]
        super().__init__(startup_nodes=nodes, **options)
        self._options = options
        self._servers: dict[Address, redis.asyncio.Redis] = {}

    async def initialize(self, *more: Any, **named: Any) -> "Cluster":
        try:
            await super().initialize(*more, **named)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error
        return self

    async def mget(self, keys: Sequence[str]) -> list[Bytes]:  # type: ignore[override]  # as we call it
        """One MGET for each slot, all under way at once."""
        pipeline, slots = self.pipeline(), _by_slot(self, keys)
        for names in slots:
            pipeline.execute_command("MGET", *names)
        return _in_order(keys, slots, await pipeline.execute())

    @asynccontextmanager
    async def server_of(self, key: str) -> AsyncIterator[redis.asyncio.Redis]:
        """The server that holds a key, for a transaction; after an error the cluster is looked at anew.

        redis-py's own transactions on a cluster send an EXEC again over a new connection, where nothing is watched.
        """
        await self.initialize()
        node = self.get_node_from_key(key)
        if node is None:
            raise RedisConnectionError(f"the cluster has no server for {key}")
        address = node.host, int(node.port)
        server = self._servers.get(address)
        if server is None:
            options = self._options | {"retry": Retry(NoBackoff(), 0)}  # first the cluster is looked at anew
            server = redis.asyncio.Redis(host=address[0], port=address[1], **options)
            self._servers[address] = server
        try:
            yield server
        except RedisError:
            with suppress(RedisError, RedisClusterException, OSError):
                await self.nodes_manager.initialize()
            raise


class ThreadCluster(redis.RedisCluster):
    """The same for threads. It connects at once; ConnectionError where that fails."""

    def __init__(self, addresses: Sequence[Address], options: dict[str, Any]) -> None:
        node: Any = redis.cluster.ClusterNode
        nodes = [node(*address) for address in addresses]
        try:
            super().__init__(startup_nodes=nodes, **options)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error

    def mget(self, keys: Sequence[str]) -> list[Bytes]:  # type: ignore[override]  # as we call it
        slots = _by_slot(self, keys)
        pipeline: Any = self.pipeline()  # type: ignore[no-untyped-call]
        for names in slots:
            pipeline.execute_command("MGET", *names)
        return _in_order(keys, slots, pipeline.execute())


def servers(client: redis.Redis) -> list[redis.Redis]:
    """Those that hold keys: of a cluster its primaries, else the one there is."""
    if isinstance(client, redis.RedisCluster):
        return [node.redis_connection for node in client.get_primaries()]
    return [client]


def _by_slot(cluster: Any, keys: Iterable[str]) -> list[list[str]]:
    slots: dict[int, list[str]] = {}
    for key in keys:
        slots.setdefault(cluster.keyslot(key), []).append(key)
    return list(slots.values())


def _in_order(
    keys: Sequence[str], slots: Sequence[Sequence[str]], found: Sequence[list[Bytes]]
) -> list[Bytes]:
    values = {
        key: value
        for names, answer in zip(slots, found, strict=True)
        for key, value in zip(names, answer, strict=True)
    }
    return [values[key] for key in keys]
