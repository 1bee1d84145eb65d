"""What has arrived, at once: batches that are small when it is quiet and grow with the load by themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from stream.turns import Turns

LOOK_S = 0.25  # so often it is asked whether work is left that did not come by a message: after a takeover


async def batches(
    stream: Any, most: int, linger_s: float, turns: Turns, is_work_left: Callable[[], bool]
) -> AsyncIterator[tuple[int, list[Any]]]:
    """(turn, 1 … most Faust events that arrived in it), to be acknowledged once their effects are stored.

    Faust's own `noack_take(n, within)` hands out a batch that is not full only every `within`, counted from the last
    one: at a tenth of a second that wait would be most of the time from an event to its scores. Here the first event
    of a batch waits linger_s for company, since Faust hands messages over one by one. While a batch is worked on the
    next one gathers, at most `most` events: beyond that the queue behind fills, and Faust stops fetching.
    Where nothing arrives and work is left of earlier batches, an empty one.
    """
    waiting: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(maxsize=most)

    async def gather() -> None:
        async for event in stream.noack().events():
            await waiting.put((turns.number, event))

    gathering, first = asyncio.create_task(gather()), asyncio.create_task(waiting.get())
    try:
        while True:
            while not first.done():
                patience_s = linger_s if is_work_left() else LOOK_S
                await asyncio.wait(
                    {first, gathering}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
                )
                if gathering.done() and not first.done():
                    gathering.result()  # raises what ended the stream, if it was an error
                    return
                if not first.done() and is_work_left():
                    yield turns.number, []
            batch = [first.result()]
            if waiting.qsize() < most - 1:
                await asyncio.sleep(linger_s)
            while not waiting.empty() and len(batch) < most:
                batch.append(waiting.get_nowait())
            turn = batch[-1][0]
            yield turn, [event for of, event in batch if of == turn]
            first = asyncio.create_task(waiting.get())
    finally:
        gathering.cancel()
        first.cancel()
