"""Steps taken at the same time, of which none outlives the others."""

import asyncio
from collections.abc import Awaitable
from typing import Any


async def together(*steps: Awaitable[Any]) -> list[Any]:
    """Their results. When one fails the others are waited for all the same; then what the first failed one raised is
    raised: none reaches into another turn, or is under way when all are tried again.
    """
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes
