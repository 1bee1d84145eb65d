"""State that cannot be read counts as not there: every call answers, the count says so, and others notice nothing."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
from hostile.test_state_codecs import MARKS, shop
from shop import wait_for
from torn import DAMAGES

from freshet.contract.heads_state import pack_heads
from freshet.contract.partitioner import partition_of
from freshet.contract.progress import Progress
from freshet.contract.user_state import pack_user_state
from online_model.demand import ShopDemand
from online_model.heads import Heads
from online_model.segments import Segments, interest

CALLS = (
    "/v1/users/{user}/recommendations?k=5",
    "/v1/users/{user}/recommendations?category=category-0",
    "/v1/users/{user}/scores?items=item-0,item-1",
    "/v1/users/{user}/scores?items=item-0,nobody-knows-it",
    "/v1/users/{user}",
    "/v1/users/{user}/explain/item-0",
    "/v1/items/item-0/similar",
    "/v1/items/item-0/demand",
    "/v1/trending",
    "/v1/trending?category=category-0",
    "/v1/items/map",
    "/readyz",
    "/metrics",
)


class State:
    """What one API's Redis holds of the shop: name → how to write it, the whole bytes or damaged ones."""

    def __init__(self, api: Any) -> None:
        self.api, keys, redis = api, api.keys, api.redis
        core, names = shop().core, shop().core.items.vocabulary
        user = pack_user_state(MARKS, shop().profiles["user-1"].dump(names))
        segments = Segments()
        direction = interest(["category-0"])
        assert direction is not None
        segments.learn(direction, "item-5", 1_000)
        partition = partition_of("item-0", api.settings.kafka.item_partitions)
        tasks = [task.task() for task in api.settings.pair_tasks]
        heads = pack_heads(Heads(api.settings.model, tasks).dump(), Progress(7, {}))
        told = json.dumps({"item_id": "item-0", "category": "category-0", "stock": 3}).encode()
        trends = msgspec.msgpack.encode([("item-0", 5.0), ("item-5", 4.0)])
        api.publish("torn", {"item-0": [0.5, 0.25, 0.125]})
        published = redis.get(keys.published("torn"))

        def plain(key: str) -> Callable[[bytes], Any]:
            return lambda data: redis.set(key, data)

        def field(key: str, name: str) -> Callable[[bytes], Any]:
            return lambda data: redis.hset(key, name, data)

        self.writers: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
            "profile": (user, plain(keys.profile("torn"))),
            "list": (published, plain(keys.published("torn"))),
            "row": (core.items.dump_row(core.items.add("item-0")), plain(keys.row("item-0"))),
            "description": (told, plain(keys.description("item-0"))),
            "trends": (trends, field(keys.tops(0), "")),
            "segments": (segments.dump(0), field(keys.segments(), "0")),
            "demand": (ShopDemand().dump(), plain(keys.demand(partition))),
            "heads": (heads, plain(keys.heads("none"))),
        }

    def whole(self) -> None:
        for data, write in self.writers.values():
            write(data)

    def ask_everything(self, user: str) -> dict[str, int]:
        """call → status."""
        said = {call: self.api.ask(call.format(user=quote(user))).status for call in CALLS}
        said["rank"] = self.api.ask(
            "/v1/rank", "POST", {"user_id": user, "items": ["item-0", "item-1"]}
        ).status
        return said

    def torn(self, what: str) -> float:
        name = f'freshet_torn_total{{what="{what}"}} '
        lines = self.api.ask("/metrics").body.decode().splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_every_kind_of_state_damaged_in_every_way(own_api: Any) -> None:
    """One process meets them all, and must have seen each: what many calls share is kept for a second or more."""
    state = State(own_api)
    state.whole()
    own_api.publish("other", {"item-2": [0.5, 0.25, 0.125]})
    live = own_api.keys.model(), "live"
    own_api.redis.hset(
        *live, "20260101T000000-00000000"
    )  # an encoder that is nowhere, and no other known yet
    assert state.ask_everything("torn")["rank"] == 503
    own_api.redis.hset(*live, "none")
    wait_for("whole", lambda: set(state.ask_everything("torn").values()) == {200})
    other = own_api.ask("/v1/users/other/recommendations").json["items"]
    slow = "segments"  # kept for five seconds: one damage of them has to do here
    for how, damage in DAMAGES.items():
        state.whole()
        counted = {what: state.torn(what) for what in state.writers}
        for data, write in state.writers.values():
            write(damage(data))
        said = state.ask_everything("torn")

        for what in state.writers.keys() - ({slow} if how != "cut in half" else set()):
            wait_for(
                f"{what}, {how}: seen",
                lambda what=what, said=said, counted=counted: (
                    said.update(state.ask_everything("torn")) or state.torn(what) > counted[what]
                ),
            )
        assert set(said.values()) <= {200, 404}, (how, said)
        assert own_api.ask("/v1/users/other/recommendations").json["items"] == other

    own_api.redis.hset(*live, "20260101T000000-00000000")
    before = state.torn("encoder")
    wait_for("the encoder: seen", lambda: state.ask_everything("torn") and state.torn("encoder") > before)
    assert state.ask_everything("torn")["rank"] == 200  # by the last good one


def test_a_shopper_whose_state_is_torn_gets_what_trends(api: Any) -> None:
    half = pack_user_state(MARKS, shop().profiles["user-1"].dump(shop().core.items.vocabulary))[:90]
    api.redis.set(api.keys.profile("half"), half)
    api.redis.set(api.keys.published("half"), b"\x01half")

    answer = api.ask("/v1/users/half/recommendations").json

    assert (answer["source"], answer["items"][0]["item_id"]) == ("trending", "hot")
    assert api.ask("/v1/users/half").status == 404
