"""The lookup API as its own process, over the real Redis and Kafka, and the shop that tests look things up in."""

import http.client
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import redis

from freshet.contract.keys import Keys
from freshet.contract.published import Published, pack
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.services import Service, answers
from freshet.settings import Settings, load

TOPS = {  # partition → category → (item, heat): a logarithm to base 2, so one less is half as hot
    0: {"": [("hot", 10.0), ("<script>", 9.0)], "shoes/running": [("hot", 5.0)]},
    1: {"": [("a/b", 8.0)], "shoes": [("a/b", 4.0)], "hats": [("hat", 1.0)]},
}
ITEMS = {
    "hot": "shoes/running",
    "<script>": "shoes/walking",
    "a/b": "shoes",
    "hat": "hats",
    "near": "shoes/running",
    "sold out": "shoes",
}


class Answer(NamedTuple):
    """headers: names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """An API process with its own topics and its own Redis prefix. Used in a `with`, or started by hand."""

    def __init__(self, stack: LocalStack, log_dir: Path, *more: str) -> None:
        self.port, mark = free_port(), uuid.uuid4().hex[:8]
        self.overrides = [
            f"kafka.bootstrap={stack.bootstrap_servers}",
            f"kafka.prefix=t{mark}.",
            f"redis.url={stack.redis_url}",
            f"redis.prefix=t{mark}",
            "kafka.item_partitions=4",  # so that trends have to be merged
            f"api.port={self.port}",
            *more,
        ]
        self.settings: Settings = load(overrides=self.overrides)
        self.keys = Keys.of(self.settings)
        self.redis = redis.Redis.from_url(stack.redis_url)
        url = f"http://127.0.0.1:{self.port}/healthz"
        self.service = Service("api", overrides=self.overrides, log_dir=log_dir, ready=lambda: answers(url))

    def __enter__(self) -> "Api":
        self.service.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.service.stop()
        self.redis.close()

    def ask(
        self, target: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request. body: bytes (or an iterator of them, sent in chunks), or what is written as JSON."""
        raw = body if body is None or isinstance(body, bytes | Iterator) else json.dumps(body).encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, target, raw, dict(headers or {}))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())

    def publish(self, user_id: str, items: Mapping[str, list[float]], **more: Any) -> None:
        """A list as the worker leaves it. items: item → probability of click, cart, purchase; best first."""
        told = {"event_ts": 1_000, "computed_ts": 1_042, "encoder": "none", "learned": 7, **more}
        told.setdefault("sources", bytes(2 for _ in items))  # co_visits
        told.setdefault("causes", [])
        told.setdefault("cause", bytes(len(items)))
        p = np.array(list(items.values()), np.float16).tobytes()
        self.redis.set(self.keys.published(user_id), pack(Published(items=list(items), p=p, **told)))


def fill(api: Api) -> None:
    """What trends, and the catalogue."""
    for partition, lists in TOPS.items():
        packed = {category: msgspec.msgpack.encode(items) for category, items in lists.items()}
        api.redis.hset(api.keys.tops(partition), mapping=packed)
    for item, category in ITEMS.items():
        told = {"item_id": item, "category": category, "brand": "Acme", "available": item != "sold out"}
        api.redis.set(api.keys.description(item), json.dumps(told))
