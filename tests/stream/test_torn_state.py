"""A worker that meets state it cannot read: that much is as if it were not there, and nobody else is affected."""

import json
import time
from contextlib import suppress

from folds import distinct_sources, heads_of_log, profiles_of_log, stored_heads, stored_profiles
from shop import Shop, wait_for
from torn import DAMAGES

from freshet.contract.torn import TornState
from freshet.contract.user_state import unpack_user_state
from stream.refresh.window import read_window

USERS = [f"user-{n}" for n in range(8)]
KINDS = {  # → how many of it are damaged at once
    **{"profile": 4, "row": 4, "description": 4},
    **{"trends": 1, "segments": 1, "demand": 1, "heads": 1, "watermark": 1},
}


def click(shop: Shop, user: str, n: int) -> None:
    value = {
        "event_id": f"{user}:{n}",
        "user_id": user,
        "ts": time.time_ns() // 1_000_000,
        "item_id": f"i{n % 5}",
    }
    shop.send("clicks", json.dumps(value).encode(), key=user)


def learned(shop: Shop) -> int:
    with suppress(TornState):
        heads = stored_heads(shop)
        return heads.learned if heads else 0
    return 0


def test_every_kind_of_state_damaged_in_every_way(shop: Shop) -> None:
    for n in range(5):
        told = {"item_id": f"i{n}", "category": f"c{n % 2}"}
        shop.send("items", json.dumps(told).encode(), key=told["item_id"])
    worker = shop.worker()
    with worker:
        for n in range(10):
            for user in USERS:
                click(shop, user, n)
        sent = 10 * len(USERS)
        wait_for("all of it", lambda: learned(shop) == sent)
        wait_for("segments", lambda: shop.redis.hlen(shop.keys.segments()))
        for n, alone in enumerate(("garbage", "another version")):
            before = shop.gauges()
            for victim, damage in zip(USERS, DAMAGES.values(), strict=False):  # in every way
                for key in (
                    shop.keys.profile(victim),
                    shop.keys.row(victim.replace("user-", "i")),
                    shop.keys.description(victim.replace("user-", "i")),
                ):
                    shop.redis.set(key, damage(shop.redis.get(key)))
            damage = DAMAGES[alone]
            for key in (shop.keys.demand(0), shop.keys.heads("none"), shop.keys.watermark("clicks", 0)):
                shop.redis.set(key, damage(shop.redis.get(key)))
            for key in (shop.keys.tops(0), shop.keys.segments()):
                for field, data in shop.redis.hgetall(key).items():
                    shop.redis.hset(key, field, damage(data))
            # The watermark is not as the worker left it: it forgets what is in memory, and reads all of this.
            wait_for(
                f"it begins again, {alone}",
                lambda before=before: (
                    shop.gauges().total("freshet_begun_again_total")
                    > before.total("freshet_begun_again_total")
                ),
            )
            for m in range(5):
                for user in USERS:
                    click(shop, user, 100 + 5 * n + m)
            sent += 5 * len(USERS)
            wait_for(
                f"all learned, {alone}",
                lambda sent=sent: learned(shop) == sent,
            )
            now = shop.gauges()
            for what, least in KINDS.items():
                counted = now.total("freshet_torn_total", what=what) - before.total(
                    "freshet_torn_total", what=what
                )
                assert counted >= least, (what, alone)
        assert worker.running

    log = (shop.log_dir / "worker.log").read_text()
    expected, spared = profiles_of_log(shop, ("clicks",)), USERS[len(DAMAGES) :]
    assert stored_profiles(shop, spared) == {user: expected[user] for user in spared}
    assert stored_heads(shop).dump() == heads_of_log(shop).dump()
    assert distinct_sources(shop) == sent
    for user in USERS[: len(DAMAGES)]:
        now, wanted = (
            unpack_user_state(data) for data in (shop.redis.get(shop.keys.profile(user)), expected[user])
        )
        assert now is not None and wanted is not None and now.marks == wanted.marks
    assert "the stored profile of user-" in log
    assert "`freshet rebuild`" in log


def test_what_a_stranger_writes_into_the_logs_of_the_workers_teaches_nothing(shop: Shop) -> None:
    click(shop, USERS[0], 0)
    worker = shop.worker()
    with worker:
        wait_for("the first event", lambda: learned(shop) == 1)
        for topic in ("freshet.examples", "freshet.item-signals"):
            (whole,) = (message.value for message in shop.messages(topic))
            for damage in DAMAGES.values():
                shop.send(topic, damage(whole), partition=0)
        click(shop, USERS[0], 1)
        wait_for("the next one", lambda: learned(shop) == 2)
        told = {
            what: shop.gauges().total("freshet_torn_total", what=what) for what in ("examples", "signals")
        }
        assert worker.running

    end = shop.messages("freshet.examples")[-1].offset + 1
    assert told == {"examples": len(DAMAGES), "signals": len(DAMAGES)}
    assert len(read_window(shop.settings.kafka, end, 100)[1]) == 2  # what a refresh trains on
    assert "docs/security.md" in (shop.log_dir / "worker.log").read_text()
