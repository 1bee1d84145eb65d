"""A small shop's log: forty shoppers who go round items of their own, now and then buying one."""

import pytest

from online_model.actions import Action, Description
from online_model.kinds import Kind

MINUTE_MS = 60_000


def visits(shoppers=40, rounds=12, apart_ms=MINUTE_MS):
    """Records in order of time. Each shopper has four items, looked at in turn, one of all shoppers' every apart_ms."""
    records = [
        Description(f"i{shopper}.{n}", category=f"c{n}") for shopper in range(shoppers) for n in range(4)
    ]
    clock, key = 1_500_000_000_000, 0
    for turn in range(rounds):
        for shopper in range(shoppers):
            clock, key = clock + apart_ms, key + 1
            kind = (
                Kind.PURCHASE
                if (turn + shopper) % 7 == 6
                else Kind.CART
                if (turn + shopper) % 5 == 4
                else Kind.CLICK
            )
            item = f"i{shopper}.{(turn + turn // 4) % 4}"
            records.append((f"u{shopper}", Action(kind=kind, item=item, ts=clock, key=key)))
    return records


@pytest.fixture(scope="session")
def log():
    return visits()
