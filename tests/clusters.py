"""A Redis Cluster and three brokers on loopback: the servers of freshet.local, of which each knows the others."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import redis
from shop import wait_for

from freshet.local import ports
from freshet.local.kafka import KafkaServer
from freshet.local.redis import RedisServer
from freshet.local.server import Server

SLOTS = 16_384
BUS = 10_000  # the port on which nodes talk is so much higher: Redis' rule
NODE_TIMEOUT_MS = 1_500  # a server silent for so long is failing; 15 s by default


class RedisNode(RedisServer):
    """One server of a Redis Cluster."""

    def prepare(self) -> None:
        super().prepare()
        self.command += ["--cluster-enabled", "yes", "--cluster-node-timeout", str(NODE_TIMEOUT_MS)]


class RedisCluster:
    """Three primaries, and a replica of the first: used in a `with`, in which it serves all slots."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [
            RedisNode(folder / f"redis-{n}", port=_port_with_bus(), logs=folder / "logs", environ=os.environ)
            for n in range(4)
        ]
        *self.primaries, self.replica = self.nodes

    @property
    def url(self) -> str:
        """Of two of the three: who starts while one is away finds the others."""
        return "redis://" + ",".join(f"{ports.LOOPBACK}:{node.port}" for node in self.primaries[:2])

    def slots(self, primary: int) -> range:
        return range(primary * SLOTS // 3, (primary + 1) * SLOTS // 3)

    def __enter__(self) -> "RedisCluster":
        _start_all(self.nodes)
        clients = [redis.Redis(port=node.port) for node in self.nodes]
        first, replica = clients[0], clients[-1]
        for n, client in enumerate(clients[:3]):
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", n + 1)
            client.execute_command("CLUSTER ADDSLOTS", *self.slots(n))
        for node in self.nodes[1:]:
            first.execute_command("CLUSTER MEET", ports.LOOPBACK, node.port)
        name = first.execute_command("CLUSTER MYID").decode()
        wait_for("all know one another", lambda: all(_info(c)["cluster_known_nodes"] == "4" for c in clients))
        wait_for("the replica's primary", lambda: _follows(replica, name))
        wait_for("all slots", lambda: all(_info(c)["cluster_state"] == "ok" for c in clients))
        wait_for("a replica in step", lambda: first.info("replication").get("connected_slaves") == 1)
        wait_for("its data", lambda: replica.info("replication")["master_link_status"] == "up")
        for client in clients:
            client.close()
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.kill()


def _follows(replica: Any, name: str) -> bool:
    """Said again until it knows the other as a primary."""
    try:
        return bool(replica.execute_command("CLUSTER REPLICATE", name))
    except redis.ResponseError:
        return False


def _info(client: Any) -> dict[str, str]:
    found = client.execute_command("CLUSTER INFO")
    if isinstance(found, dict):
        return found
    return dict(line.split(":", 1) for line in found.decode().split())


def _port_with_bus() -> int:
    while not ports.is_free((port := ports.free_port()) + BUS):
        pass
    return port


class Broker(KafkaServer):
    """One of several: each has a copy of everything, and what two have is acknowledged."""

    def __init__(self, number: int, voters: str, controller_port: int, **more: Any) -> None:
        super().__init__(**more)
        self.log = self.log.with_name(f"kafka-{number}.log")
        self.number, self.voters, self.controller_port = number, voters, controller_port

    def _properties(self) -> dict[str, object]:
        listeners = f"BROKER://{self.bootstrap_servers},CONTROLLER://{ports.LOOPBACK}:{self.controller_port}"
        return super()._properties() | {
            "node.id": self.number,
            "controller.quorum.voters": self.voters,
            "listeners": listeners,
            "offsets.topic.replication.factor": 3,
            "controller.quorum.election.timeout.ms": 500,
            "controller.quorum.fetch.timeout.ms": 1_000,
        }


class KafkaCluster:
    """Three brokers, each a controller too: used in a `with`."""

    def __init__(self, folder: Path, heap_mb: int = 256) -> None:
        controllers = [ports.free_port() for _ in range(3)]
        voters = ",".join(f"{n + 1}@{ports.LOOPBACK}:{port}" for n, port in enumerate(controllers))
        self.brokers = [
            Broker(
                n + 1,
                voters,
                controllers[n],
                data_dir=folder / f"kafka-{n + 1}",
                port=ports.free_port(),
                logs=folder / "logs",
                environ=os.environ,
                num_partitions=4,
                heap_mb=heap_mb,
            )
            for n in range(3)
        ]

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(broker.bootstrap_servers for broker in self.brokers)

    def __enter__(self) -> "KafkaCluster":
        _start_all(self.brokers)
        return self

    def __exit__(self, *_: object) -> None:
        for broker in self.brokers:
            broker.kill()


def _start_all(servers: list[Any]) -> None:
    """At once: a broker is ready when most of the others are there."""
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(Server.start, servers))
