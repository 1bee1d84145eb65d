"""Why an item scores as it does for a shopper."""

import time

import msgspec

from freshet.task_settings import TaskSettings
from online_model.explain import TaskParts
from online_model.kinds import Kind
from serving import examples
from serving.answers import Millis, ModelVersion, Stale
from serving.routing import Request, Route
from serving.services import Services


class Because(msgspec.Struct):
    """The shopper's own event that proposed the item. kind: click, cart, purchase, rating or uncart."""

    item_id: str
    kind: str
    ts: Millis


class TaskExplained(msgspec.Struct):
    """prediction: a probability, or a rating. score: its logit; of a rating, the rating before it is cut to its range.

    contributions: what each group of features adds to the score, largest first; they sum to it.
    """

    prediction: float
    score: float
    contributions: dict[str, float]


class ExplainedItem(msgspec.Struct, omit_defaults=True):
    """source: what proposes the item for this shopper; "asked" when nothing does. tasks: task → its explanation."""

    user_id: str
    item_id: str
    source: str
    tasks: dict[str, TaskExplained]
    model: ModelVersion
    event_ts: Millis | None
    computed_ts: Millis
    request_id: str
    because: Because | None = None
    stale: Stale = False


async def explain(request: Request, services: Services) -> ExplainedItem:
    """Why this item scores as it does for this shopper: what each group of features adds to each task's logit.

    It is computed now, and exact: the contributions of a task sum to its score, and the logistic function of that is
    the prediction. An unknown shopper, and an unknown item, is explained as a new one.
    """
    user, item = request.ids
    explained = await services.scorer.explain(user, item)
    told, cause = explained.told, explained.told.cause
    return ExplainedItem(
        user_id=user,
        item_id=item,
        source=told.source,
        tasks={
            task.name: task_explained(task, parts)
            for task, parts in zip(services.settings.pair_tasks, told.tasks, strict=True)
        },
        model=ModelVersion(explained.encoder, explained.learned),
        event_ts=explained.event_ts,
        computed_ts=time.time_ns() // 1_000_000,
        request_id=request.request_id,
        because=Because(cause.item, Kind(cause.kind).name.lower(), cause.ts) if cause else None,
        stale=explained.stale,
    )


def task_explained(task: TaskSettings, parts: TaskParts) -> TaskExplained:
    """One task's, without the groups that add nothing."""
    low, high = task.range if task.kind == "regression" else (0.0, 1.0)
    largest = sorted(parts.parts.items(), key=lambda entry: -abs(entry[1]))
    return TaskExplained(
        low + (high - low) * parts.p, parts.score, {name: part for name, part in largest if part}
    )


ROUTE = Route(
    "GET",
    "/v1/users/{user_id}/explain/{item_id}",
    explain,
    ExplainedItem,
    example=ExplainedItem(
        user_id="u-1",
        item_id="i-204",
        source="co_visits",
        tasks={
            "click": TaskExplained(
                0.2109,
                -1.3193,
                {
                    "the other candidates": -3.84,
                    "looked at together with what they know": 2.71,
                    "how popular it is": 0.3107,
                    "where everything starts": -0.5,
                },
            )
        },
        model=examples.MODEL,
        event_ts=examples.TS,
        computed_ts=examples.TS + 42,
        request_id=examples.REQUEST_ID,
        because=Because("i-17", "cart", examples.TS),
    ),
)
