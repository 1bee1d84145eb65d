"""State on a Redis Cluster, logs on three brokers: one of them killed under load costs time and nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from clusters import KafkaCluster, RedisCluster
from disturbed import USERS, Customers, DisturbedShop, Onlooker, tell
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from redis.crc import key_slot
from shop import wait_for

from freshet import rebuild
from freshet.contract.keys import Keys, tag_of
from freshet.doctor.finding import Grade
from freshet.doctor.redis import redis as doctor
from freshet.local import LocalStack
from freshet.security.connections import connect_redis
from freshet.settings import SettingError, load


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """The last test kills one of its servers."""
    with RedisCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def sharded(
    _left_behind: None, own_stack: LocalStack, cluster: RedisCluster, fresh_prefix: str, tmp_path: Path
) -> Iterator[DisturbedShop]:
    own_stack.kafka.start()
    places = {"redis__url": cluster.url, "redis__cluster": "true"}
    shop = DisturbedShop(own_stack, fresh_prefix, tmp_path, model__influence_ms="0", **places)
    yield shop
    shop.close()


@pytest.fixture
def replicated(
    _left_behind: None, own_stack: LocalStack, fresh_prefix: str, tmp_path: Path
) -> Iterator[tuple[DisturbedShop, KafkaCluster]]:
    own_stack.redis.start()
    with KafkaCluster(tmp_path) as cluster:
        places = {"kafka__bootstrap": cluster.bootstrap_servers, "kafka__replication": "3"}
        shop = DisturbedShop(own_stack, fresh_prefix, tmp_path, model__influence_ms="0", **places)
        shop.redis.flushall()
        yield shop, cluster
        shop.close()
        del shop.producer  # and what it leaves behind of the broker that is gone


def test_a_cluster_is_asked_like_one_redis(cluster: RedisCluster) -> None:
    settings = load(overrides=[f"redis.url={cluster.url}", "redis.cluster=true"])
    keys, client = Keys.of(settings), connect_redis(settings.redis)
    names = [keys.profile(user) for user in USERS]
    for name in (*names[1:], keys.published("user-0")):
        client.set(name, name)
    counted, found = rebuild.count(client, keys), client.mget(names)
    told = [(finding.what, finding.grade) for finding in doctor(settings)]
    deleted, left = rebuild.delete(client, keys), client.mget([*names, keys.published("user-0")])
    client.delete(keys.published("user-0"))  # the tests below ask for this shopper's list
    client.close()

    assert {on_the_first(cluster, name) for name in names} == {True, False}
    assert found == [None, *(name.encode() for name in names[1:])]
    assert counted["shoppers' profiles"] == deleted == len(names) - 1
    assert left == [None] * len(names) + [keys.published("user-0").encode()]
    assert told.count(("Redis", Grade.GOOD)) == 3


def test_addresses_of_a_cluster_have_no_database() -> None:
    settings = load(overrides=["redis.url=redis://a:1,b:2/3", "redis.cluster=true"])

    with pytest.raises(SettingError, match="redis://a:6379,b:6379"):
        connect_redis(settings.redis)


def on_the_first(cluster: RedisCluster, key: str) -> bool:
    return key_slot(tag_of(key).encode()) in cluster.slots(0)


def cut_off(primary: redis.Redis) -> None:
    """No replica gets what is written from now on."""
    primary.execute_command("ACL SETUSER", "default", "-psync", "-sync")
    primary.execute_command("CLIENT KILL", "TYPE", "replica")


@pytest.mark.timeout(280)
def test_a_primary_of_a_redis_cluster_is_killed(sharded: DisturbedShop, cluster: RedisCluster) -> None:
    """Its replica takes over, and lacks what was acknowledged last: that is folded again from the log."""
    shop = sharded
    theirs = [user for user in USERS if on_the_first(cluster, shop.keys.profile(user))]
    assert theirs and len(theirs) < len(USERS)
    assert on_the_first(cluster, shop.keys.row("item-1"))
    with (
        shop.api(),
        shop.worker() as worker,
        Customers(shop, 60) as customers,
        Onlooker(shop, theirs[0]) as onlooker,
    ):
        wait_for("a list", lambda: shop.published(theirs[0]))
        with redis.Redis(port=cluster.primaries[0].port) as primary:
            cut_off(primary)
        before = len(customers.sent)
        wait_for("events that the replica lacks", lambda: len(customers.sent) > before + 90)
        cluster.primaries[0].kill()
        killed_at = time.monotonic()
        wait_for("the workers' return", lambda: shop.gauges().total("freshet_begun_again_total") > 0)
        took_s = time.monotonic() - killed_at
        before = len(customers.sent)
        wait_for("customers again", lambda: len(customers.sent) > before + 120)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert worker.running

    tell(f"a primary of a Redis Cluster killed, back after {took_s:.1f} s", onlooker, customers)
    assert not onlooker.went_back()
    assert any(stale for _, _, stale, _ in onlooker.seen)
    assert onlooker.statuses() <= {200, 503}


def seen_by_kafka(shop: DisturbedShop) -> tuple[str, list[int]]:
    """How many copies of the clicks must have a message, and who leads its partitions."""
    name = shop.prefix + "clicks"
    admin = KafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap)
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, {"min.insync.replicas": None})]
    config = admin.describe_configs(asked, config_filter="all")["topic"][name]
    partitions = admin.describe_topics([name])[0]["partitions"]
    admin.close()
    return config["min.insync.replicas"]["value"], [p["leader_id"] for p in partitions]


@pytest.mark.timeout(280)
def test_one_of_three_brokers_is_killed(replicated: tuple[DisturbedShop, KafkaCluster]) -> None:
    shop, cluster = replicated
    broker = cluster.brokers[0]
    with shop.api(), shop.worker() as worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        wait_for("a list", lambda: shop.published("user-0"))
        copies, leaders = seen_by_kafka(shop)
        before = len(customers.sent)
        wait_for("events", lambda: len(customers.sent) > before + 60)
        broker.kill()
        before = len(customers.sent)
        wait_for("customers again", lambda: len(customers.sent) > before + 300, 90)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert worker.running

    tell(
        f"one of three brokers killed, which led {leaders.count(broker.number)} of the clicks",
        onlooker,
        customers,
    )
    assert copies == "2"
    assert broker.number in leaders
    assert not customers.told_as_lost
    assert onlooker.statuses() == {200}
