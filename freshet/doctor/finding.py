"""What a check found."""

from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    GOOD = "✓"
    LOOK = "!"  # works, and somebody should know
    WRONG = "✗"


class Finding(NamedTuple):
    """what: was looked at. said: what was found. do: what to do about it."""

    grade: Grade
    what: str
    said: str
    do: str = ""


def clock(what: str, ahead_s: float) -> Finding:
    """ahead_s: of our clock, by how much another is ahead."""
    said = f"{abs(ahead_s):,.1f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine's"
    do = "set this machine's clock and the other's by NTP; events dated more than 300 s ahead are refused"
    if abs(ahead_s) < NEAR_S:
        return Finding(Grade.GOOD, what, f"within {NEAR_S:.0f} s of this machine's")
    return Finding(Grade.LOOK if abs(ahead_s) < FAR_S else Grade.WRONG, what, said, do)


NEAR_S, FAR_S = 2.0, 60.0  # figures of age are wrong by as much; the contract bears 300 s
