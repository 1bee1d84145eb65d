"""Redis: whether it answers, keeps what it is given, and holds state that this program reads."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from freshet.contract.heads_state import unpack_heads
from freshet.contract.keys import Keys
from freshet.contract.progress import unpack_progress
from freshet.contract.published import unpack
from freshet.contract.topics import ITEM_SIGNALS
from freshet.contract.torn import UNREADABLE
from freshet.contract.user_state import unpack_user_state
from freshet.doctor.finding import Finding, Grade, clock
from freshet.security.clusters import servers
from freshet.security.connections import connect_redis
from freshet.security.secret import without_password
from freshet.settings import SettingError, Settings
from online_model.demand import ShopDemand
from online_model.item_rows import unpack_row

ANSWER_S = 5.0
OLDEST = (6, 2)
SAMPLED = 50  # keys of each kind
FULL = 0.9

READERS: dict[str, tuple[str, Callable[[bytes], Any]]] = {  # kind → its names after the prefix, its reader
    "profiles": ("u{*", unpack_user_state),
    "lists": ("p{*", unpack),
    "rows": ("r{*", unpack_row),
    "heads": ("h{*", unpack_heads),
    "demand": ("q{*", ShopDemand.load),
    "watermarks of items": (f"w{{*}}{ITEM_SIGNALS.name}", unpack_progress),
}


def redis(settings: Settings) -> Iterator[Finding]:
    where = without_password(settings.redis.url)
    try:
        client = connect_redis(settings.redis, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S)
        told = [ask(server) for server in servers(client)]
    except (RedisError, SettingError) as error:
        yield Finding(Grade.WRONG, "Redis", f"none at {where}: {error}", "start it, or see redis.url")
        return
    try:
        for info, ahead_s in told:
            yield version(info, where if len(told) == 1 else f"port {info['tcp_port']} of {where}")
            yield memory(info)
            yield persistence(info)
            yield clock("Redis' clock", ahead_s)
        yield from state(client, Keys.of(settings))
    except RedisError as error:
        yield Finding(
            Grade.WRONG,
            "Redis",
            f"{type(error).__name__}: {error}",
            "see its log, and the rights of our user",
        )
    finally:
        client.close()


def ask(server: Redis) -> tuple[Mapping[str, Any], float]:
    """What it says of itself, and how far its clock is ahead of ours, in seconds."""
    began = time.time()
    seconds, micros = server.time()
    ended = time.time()
    return server.info(), seconds + micros / 1e6 - (began + ended) / 2


def version(info: Mapping[str, Any], where: str) -> Finding:
    said = str(info["redis_version"])
    if tuple(map(int, said.split(".")[:2])) < OLDEST:
        return Finding(
            Grade.LOOK, "Redis", f"version {said} at {where}", f"use {OLDEST[0]}.{OLDEST[1]} or later"
        )
    return Finding(Grade.GOOD, "Redis", f"version {said} at {where}")


def memory(info: Mapping[str, Any]) -> Finding:
    """A Redis that evicts loses profiles for good, and watermarks, upon which workers read the log again."""
    policy, most, used = info["maxmemory_policy"], int(info["maxmemory"]), int(info["used_memory"])
    said = f"maxmemory-policy {policy}, {used / 2**20:,.0f} MB of {f'{most / 2**20:,.0f} MB' if most else 'no limit'}"
    do = "set maxmemory-policy to noeviction: another one throws state away when memory is full"
    if policy != "noeviction":
        return Finding(Grade.WRONG if most else Grade.LOOK, "Redis' memory", said, do)
    if most and used > FULL * most:
        return Finding(Grade.WRONG, "Redis' memory", said, "raise maxmemory: when it is full workers wait")
    return Finding(Grade.GOOD, "Redis' memory", said)


def persistence(info: Mapping[str, Any]) -> Finding:
    failed = [
        name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if info.get(name, "ok") != "ok"
    ]
    if failed:
        return Finding(
            Grade.WRONG,
            "Redis' files",
            f"{failed[0]} is {info[failed[0]]}",
            "see Redis' log: is its disk full?",
        )
    if info.get("aof_enabled"):
        return Finding(Grade.GOOD, "Redis' files", "append-only file")
    said = "no append-only file: after a restart the workers read the log again from its last snapshot on"
    return Finding(Grade.LOOK, "Redis' files", said, "appendonly yes, appendfsync everysec")


def state(client: Redis, keys: Keys) -> Iterator[Finding]:
    """A sample of every kind that has a version."""
    read, torn = 0, False
    for kind, (pattern, reader) in READERS.items():
        names = list(itertools.islice(client.scan_iter(f"{keys.prefix}:{pattern}", 1000), SAMPLED))
        bad = []
        for name in names:
            value = client.get(name)
            read += 1
            try:
                if isinstance(value, bytes):
                    reader(value)
            except UNREADABLE as error:
                bad.append(str(error))
        if bad:
            torn = True
            said = f"{len(bad)} of {len(names)} {kind} cannot be read: {bad[0]}"
            do = "run the program that wrote them, or make the state anew: `freshet rebuild`"
            yield Finding(Grade.WRONG, "state", said, do)
    if not torn:
        yield Finding(
            Grade.GOOD, "state", f"{read} values read, all of this program's versions" if read else "none yet"
        )
