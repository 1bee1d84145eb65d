"""The real servers: they come up, keep their data, come back, and never outlive who started them."""

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import redis
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from freshet.local import LocalStack, StackError

TOPIC = "kept"


def produce(stack: LocalStack, topic: str, values: list[bytes]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap_servers, acks="all")
    for value in values:
        producer.send(topic, value)
    producer.flush()
    producer.close()


def consume(stack: LocalStack, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=stack.bootstrap_servers,
        auto_offset_reset="earliest",
        group_id=None,
        consumer_timeout_ms=10_000,
    )
    values = [message.value for _, message in zip(range(count), consumer, strict=False)]
    consumer.close()
    return values


def test_a_stack_is_ready_soon_and_the_next_one_on_its_folder_has_its_data(tmp_path, capsys):
    began = time.monotonic()
    with LocalStack(tmp_path) as stack:
        first_s = time.monotonic() - began
        produce(stack, TOPIC, [b"a", b"b"])
        with redis.Redis.from_url(stack.redis_url) as client:
            client.set("kept", "yes")
    began = time.monotonic()
    with LocalStack(tmp_path) as stack:
        second_s = time.monotonic() - began
        with redis.Redis.from_url(stack.redis_url) as client:
            kept = client.get("kept")
        values = consume(stack, TOPIC, 2)

    with capsys.disabled():
        print(f"\nstack ready in {first_s:.1f} s on a new folder, {second_s:.1f} s on one with data")
    assert (values, kept) == ([b"a", b"b"], b"yes")
    assert second_s < 30  # 2 on two idle cores, where 10 would be bad; the cores may be busy with other work


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_server_comes_back_on_its_port_with_its_data(stack, fresh_prefix, redis_url, end):
    topic = f"{fresh_prefix}{TOPIC}"
    before = (stack.bootstrap_servers, stack.redis_url)
    produce(stack, topic, [b"a", b"b"])
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", "yes")

    for server in (stack.kafka, stack.redis):
        getattr(server, end)()
        assert not server.running
        server.start()

    assert (stack.bootstrap_servers, stack.redis_url) == before
    assert consume(stack, topic, 2) == [b"a", b"b"]
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("kept") == b"yes"


def test_a_server_outlives_the_thread_that_started_it(stack):
    stack.redis.stop()
    starter = threading.Thread(target=stack.redis.start)
    starter.start()
    starter.join()
    time.sleep(0.2)  # the kernel would have ended it at once

    assert stack.redis.running


HOLD_A_STACK = """
import sys, time, pathlib
from freshet.local import LocalStack
with LocalStack(pathlib.Path(sys.argv[1])) as stack:
    print(stack.kafka.pid, stack.redis.pid, flush=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_running_when_the_process_that_holds_the_stack_is_killed(tmp_path, lives, until, how):
    with subprocess.Popen([sys.executable, "-c", HOLD_A_STACK, tmp_path], stdout=subprocess.PIPE) as holder:
        pids = [int(pid) for pid in holder.stdout.readline().split()]
        alive = [lives(pid) for pid in pids]
        holder.send_signal(how)

    assert alive == [True, True]
    until(lambda: not any(map(lives, pids)))


@pytest.mark.parametrize("port", ["kafka_port", "redis_port"])
def test_a_taken_port_is_refused_with_the_name_of_who_has_it(tmp_path, port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(StackError) as refused, LocalStack(tmp_path, **{port: number}):
            pass

    assert f"Port {number}" in str(refused.value)
    assert f"(pid {Path('/proc/self').readlink()})" in str(refused.value)


def test_a_data_folder_in_use_is_refused_with_the_name_of_who_uses_it(stack):
    data_dir = stack.kafka.data_dir.parent
    with pytest.raises(StackError, match=rf"in use by java \(pid {stack.kafka.pid}\).*freshet down"):
        LocalStack(data_dir).__enter__()


def test_a_folder_of_another_cluster_is_refused(tmp_path):
    log = tmp_path / "kafka" / "log"
    log.mkdir(parents=True)
    (log / "meta.properties").write_text("version=1\ncluster.id=SomeOtherCluster000000\nnode.id=1\n")

    with pytest.raises(StackError, match=r"another Kafka cluster \(SomeOtherCluster000000\)"):
        LocalStack(tmp_path).__enter__()


def test_a_broker_that_dies_at_its_start_is_quoted(stack, tmp_path):
    log = tmp_path / "kafka" / "log"
    log.mkdir(parents=True)
    meta = (stack.kafka.data_dir / "log" / "meta.properties").read_text()
    (log / "meta.properties").write_text(meta.replace("node.id=1", "node.id=7"))

    with pytest.raises(StackError, match=r"(?s)Kafka ended with 1 while starting.*node id 7 doesn't match"):
        LocalStack(tmp_path).__enter__()


def test_a_heap_too_small_is_quoted(tmp_path):
    with pytest.raises(StackError, match=r"(?s)could not format.*Too small maximum heap"):
        LocalStack(tmp_path, heap_mb=1).__enter__()
