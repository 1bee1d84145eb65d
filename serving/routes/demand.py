"""How many units of an item will go."""

from functools import partial
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from freshet.contract.partitioner import partition_of
from freshet.task_settings import TaskSettings
from online_model.decay import NEVER
from online_model.demand import ShopDemand
from online_model.demand.levels import LEVELS
from online_model.item_rows import unpack_row
from online_model.tables import SOLD
from online_model.tasks import DAY_MS
from serving import examples
from serving.answers import Millis, Stale
from serving.problem import Problem
from serving.reads import RedisAway
from serving.routing import Request, Route
from serving.services import Services

CountTask = Annotated[str, Meta(description='the name of a task of kind "count"; by default the first')]


class DemandQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    task: CountTask = ""


class Demand(msgspec.Struct, omit_defaults=True):
    """Units that will go in the window after event_ts, the newest event. low, high: with 80 % it is between these.

    trend: expected over usual − 1, so .25 is a quarter more than in an average window of the last weeks. stock: as the
    catalogue has it. days_of_stock: how long it lasts at this pace; absent without stock or demand.
    """

    item_id: str
    task: str
    window: str
    expected: float
    low: float
    high: float
    trend: float
    event_ts: Millis
    request_id: str
    stock: float | None = None
    days_of_stock: float | None = None
    stale: Stale = False


class Stocked(msgspec.Struct, frozen=True):
    """The part of a catalogue message that is used here."""

    stock: float | None = None


_stocked = msgspec.json.Decoder(Stocked).decode


async def demand(request: Request, services: Services) -> Demand:
    """How many units of an item will be bought (or clicked, or put in the cart) in the next window.

    The window and what is counted are a task's: `[[tasks]]` with kind = "count". An item that the catalogue names and
    nobody has touched gets what such items get; 404 for one that nobody has told of.
    """
    item, keys = request.subject, services.keys
    task = chosen(services.settings.tasks, request.query.task)
    partition = partition_of(item, services.settings.kafka.item_partitions)
    row = await services.reads.get(keys.row(item))
    description, learned = [
        await services.reads.get(key) for key in (keys.description(item), keys.demand(partition))
    ]
    if row.data is None and description.data is None:
        if row.stale or description.stale:
            raise RedisAway(item)
        raise Problem(404, f"nothing is known of an item {item!r}")
    salvage = services.salvage
    shop = salvage.read("demand", "one partition", lambda: ShopDemand.load(learned.data)) or ShopDemand()
    levels, born_ms = np.full(LEVELS, NEVER), shop.newest_ms
    read = None
    if (data := row.data) is not None:
        read = salvage.read("row", "an item", partial(unpack_row, data))
    if read is not None:
        levels, born_ms = read.heat[SOLD:].copy(), int(read.stats["first_ts"]) or born_ms
    counted = task.task()
    told = shop.forecast(levels, int(counted.label), born_ms, counted.window_ms)
    stock = None
    if (text := description.data) is not None:
        told_of = salvage.read("description", "an item", partial(_stocked, text))
        stock = told_of.stock if told_of else None
    a_day = told.expected * DAY_MS / counted.window_ms
    return Demand(
        item_id=item,
        task=task.name,
        window=task.window,
        expected=round(told.expected, 4),
        low=told.low,
        high=told.high,
        trend=round(told.trend, 4),
        event_ts=shop.newest_ms,
        request_id=request.request_id,
        stock=stock,
        days_of_stock=round(stock / a_day, 2) if stock is not None and a_day > 0 else None,
        stale=row.stale or description.stale or learned.stale,
    )


def chosen(tasks: tuple[TaskSettings, ...], name: str) -> TaskSettings:
    """The task of kind count with this name, or the first; a Problem where there is none."""
    counts = {task.name: task for task in tasks if task.kind == "count"}
    if not counts:
        raise Problem(
            404,
            "no task counts units; add to the settings a table such as "
            '[[tasks]] name = "demand", kind = "count", label = "purchases", per = "item", window = "24h"',
        )
    if name and name not in counts:
        raise Problem(400, f"task: the name of a task of kind count, of {', '.join(counts)}; got {name!r}")
    return counts[name or next(iter(counts))]


ROUTE = Route(
    "GET",
    "/v1/items/{item_id}/demand",
    demand,
    Demand,
    query=DemandQuery,
    example=Demand(
        item_id="i-17",
        task="demand",
        window="24h",
        expected=6.4,
        low=3.0,
        high=10.0,
        trend=0.25,
        event_ts=examples.TS,
        request_id=examples.REQUEST_ID,
        stock=40.0,
        days_of_stock=6.25,
    ),
)
