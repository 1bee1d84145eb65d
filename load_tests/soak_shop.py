"""The simulated shop with people and items that come and go: each is replaced by a newcomer after a while."""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from freshet.simulator import ShopSettings, simulate

DAY_MS = 86_400_000
STAY_MS = {"person": DAY_MS // 2, "item": DAY_MS}
EVENTS_A_DAY = 9.3  # of one shopper of the simulated shop, all kinds together
START_MS = ShopSettings().start_ms


def comers_and_goers(events_a_day: float, days: float) -> Iterator[tuple[str, Any]]:
    """(topic, event) in order of time; ("gone", item_id) when an item goes. The catalogue tells of newcomers first."""
    settings = ShopSettings(shoppers=int(events_a_day / EVENTS_A_DAY), launch_days=days)
    told: dict[str, Any] = {}  # item of the simulator → its newest description
    stays: dict[str, str] = {}  # the same → its name now
    for topic, event, _ in simulate(settings, int(events_a_day * days)):
        if topic == "items":
            told[event.item_id] = event
            name = stays.setdefault(event.item_id, event.item_id + "-0")
            yield topic, msgspec.structs.replace(event, item_id=name)
            continue
        for item in (
            event.items if topic == "impressions" else [event.item_id] if hasattr(event, "item_id") else []
        ):
            name = _name(item, event.ts, "item")
            if (before := stays.get(item)) != name:
                stays[item] = name
                yield "items", msgspec.structs.replace(told[item], item_id=name)
                if before:
                    yield "gone", before
        yield topic, _renamed(topic, event, stays)


def _renamed(topic: str, event: Any, stays: dict[str, str]) -> Any:
    changes: dict[str, Any] = {"user_id": _name(event.user_id, event.ts, "person")}
    if topic == "impressions":
        changes["items"] = [stays[item] for item in event.items]
    elif hasattr(event, "item_id"):
        changes["item_id"] = stays[event.item_id]
    return msgspec.structs.replace(event, **changes)


def _name(what: str, ts: int, kind: str) -> str:
    """Changes after each stay, of everybody at another time."""
    stay = STAY_MS[kind]
    return f"{what}-{(ts - START_MS + zlib.crc32(what.encode()) % stay) // stay}"
