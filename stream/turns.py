"""A turn lasts from one assignment of partitions to the next; nothing of one reaches into another."""

import asyncio
from collections.abc import Awaitable, Callable

GRACE_S = 1.0  # work under way may end by itself for so long: a batch takes a tenth of it


class Turns:
    """number: of the turn now. What arrived in an earlier one is not to be worked on: it will come again.
    whole: whether all work of the newest turn was done to its end.

    Between two turns nothing is worked on.
    """

    def __init__(self) -> None:
        self.number, self.whole, self._open = 0, False, False
        self._working: set[asyncio.Future[None]] = set()

    async def work(self, turn: int, doing: Callable[[], Awaitable[None]]) -> bool:
        """Do it if it is of this turn; whether it was done to its end. Raises what it raises."""
        if turn != self.number or not self._open:
            return False
        task = asyncio.ensure_future(self._do(doing))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        if task.cancelled():
            return False
        task.result()
        return True

    async def _do(self, doing: Callable[[], Awaitable[None]]) -> None:
        try:
            await doing()
        except BaseException:
            self.whole = False
            raise

    def begin(self) -> None:
        """Begin another."""
        self.number, self.whole, self._open = self.number + 1, True, True

    def close(self) -> None:
        """End this one. Work under way is not disturbed."""
        self.number, self._open = self.number + 1, False

    async def end(self) -> None:
        """End this one, with nothing under way: what is not done within GRACE_S is given up."""
        self.close()
        if not self._working:
            return
        _, late = await asyncio.wait(set(self._working), timeout=GRACE_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
