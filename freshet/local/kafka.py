"""Apache Kafka on loopback: one process in KRaft mode, broker and controller in one."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from freshet.local import ports
from freshet.local.errors import StackError
from freshet.local.holders import lock_holder
from freshet.local.jars import kafka_jars
from freshet.local.java import find_java
from freshet.local.server import Server

CLUSTER_ID = "FreshetLocalStack0000w"  # 16 bytes in base64; one for all, so a foreign data folder is seen


class KafkaServer(Server):
    """A broker that keeps its data in `data_dir` and comes back on the same port after stop or kill.

    num_partitions: of a topic whose creator names no number. heap_mb: the Java heap's bound in MB.
    A kill loses nothing acknowledged: the kernel has it.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int,
        logs: Path,
        environ: Mapping[str, str],
        num_partitions: int,
        heap_mb: int,
    ) -> None:
        super().__init__("Kafka", logs / "kafka.log", [], death_signal=signal.SIGKILL)
        self.data_dir, self.port, self.environ = data_dir, port, environ
        self.num_partitions, self.heap_mb = num_partitions, heap_mb

    @property
    def bootstrap_servers(self) -> str:
        return f"{ports.LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.check_unused()
        ports.check_free(self.port, wanted_by="Kafka")
        properties = self.data_dir / "server.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties().items()))
        java = [
            str(find_java(self.environ)),
            f"-Xmx{self.heap_mb}m",
            # Measured on two cores: ready after 3.7 s of CPU instead of 6.5 s, and then 3.8 s instead of
            # 6.3 s for 180,000 events: a stack of an hour or a day does not earn back the second compiler.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dlog4j2.level=WARN",
            *("-cp", os.pathsep.join(map(str, kafka_jars(self.environ)))),
        ]
        if not is_formatted(self.data_dir / "log"):
            _format([*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)])
        self.command = [*java, "kafka.Kafka", str(properties)]

    def check_unused(self) -> None:
        """StackError when a live broker holds the data folder."""
        lock = self.data_dir / "log" / ".lock"
        if not lock.exists():
            return
        with lock.open("r+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StackError(
                    f"The data folder {self.data_dir} is in use by {lock_holder(lock)}. "
                    "End that broker first, with 'freshet down' if it is Freshet's, or choose another folder."
                ) from error

    def is_ready(self) -> bool:
        """Kafka opens its port last, when partitions have their leaders."""
        return ports.accepts(self.port)

    def _properties(self) -> dict[str, object]:
        controller_port = ports.free_port()  # nobody else needs to know it, so it may change at each start
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{ports.LOOPBACK}:{controller_port}",
            "listeners": f"BROKER://{self.bootstrap_servers},CONTROLLER://{ports.LOOPBACK}:{controller_port}",
            "advertised.listeners": f"BROKER://{self.bootstrap_servers}",
            "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "BROKER",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.data_dir / "log",
            "num.partitions": self.num_partitions,
            "auto.create.topics.enable": "false",  # a topic misspelt is an error, as in production
            # One broker holds everything once.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            # Quick joins and takeovers.
            "group.initial.rebalance.delay.ms": 0,  # 3 s saved at every first join
            "group.min.session.timeout.ms": 1000,
            # After a kill the controller refuses the broker until its former session is over: 9 s by default.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "log.retention.check.interval.ms": 30_000,  # what is past its retention goes then, not after 5 minutes
            # Two cores and a small heap.
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 16 * 2**20,  # bytes; the default takes a quarter of the heap
        }


def is_formatted(log: Path) -> bool:
    """Whether `log` holds our broker's data; StackError when it holds another cluster's."""
    meta = log / "meta.properties"
    if not meta.exists():
        return False
    entries = dict(line.split("=", 1) for line in meta.read_text().splitlines() if "=" in line)
    if (found := entries.get("cluster.id")) != CLUSTER_ID:
        raise StackError(
            f"{log} holds the data of another Kafka cluster ({found}). "
            "Choose another data folder, or move that one away."
        )
    return True


def _format(command: list[str]) -> None:
    """Run Kafka's StorageTool; it takes about 1 s, once per data folder."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
    if done.returncode:
        raise StackError(f"Kafka could not format its data folder. It said: {done.stdout.strip()[-600:]}")
