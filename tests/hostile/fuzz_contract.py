"""Coverage-guided fuzzing of what comes in and of what is stored: python fuzz_contract.py TARGET [libFuzzer options].

TARGET: a topic, or a kind of stored bytes. It ends at the first input that raises what it must not, or when it has
taken GROWS_MOST_MB more memory than the corpus took, for which kernels are compiled.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

from online_model import pages
from online_model.item_rows import unpack_row
from online_model.profile import Profile
from online_model.vocabulary import Vocabulary

for watched in (Profile.load.__func__, Profile.dump, pages.unpack_pages, unpack_row):
    atheris.instrument_func(watched)  # by name: numba cannot compile what is instrumented
with atheris.instrument_imports(include=["freshet.contract"]):
    from freshet.actions import to_action, to_description
    from freshet.contract.dead_letters import unpack_dead_letter
    from freshet.contract.events import SCHEMAS, BadEvent, decode
    from freshet.contract.examples import unpack_examples
    from freshet.contract.heads_state import unpack_heads
    from freshet.contract.published import unpack
    from freshet.contract.signals import unpack_signals
    from freshet.contract.user_state import unpack_user_state

NOW_MS = 1_764_000_000_000
GROWS_MOST_MB = 300


def event(topic: str) -> Callable[[bytes], None]:
    def take(data: bytes) -> None:
        try:
            taken = decode(topic, data, now_ms=NOW_MS)
        except BadEvent:
            return
        to_description(taken) if topic == "items" else to_action(topic, taken)

    return take


def profile(data: bytes) -> None:
    state = unpack_user_state(data)
    if state is not None:
        names = Vocabulary()
        Profile.load(state[1], names).dump(names)


STORED: dict[str, Callable[[bytes], object]] = {
    "user": profile,
    "row": unpack_row,
    "heads": unpack_heads,
    "published": unpack,
    "examples": unpack_examples,
    "signals": unpack_signals,
    "letters": unpack_dead_letter,
}


def main() -> None:
    target = sys.argv.pop(1)
    use = event(target) if target in SCHEMAS else STORED[target]

    def one(data: bytes) -> None:
        try:
            use(data)
        except ValueError:
            if target in SCHEMAS:  # nothing but BadEvent, which is caught above
                raise

    for folder in filter(Path.is_dir, map(Path, sys.argv[1:])):
        for known in folder.iterdir():
            one(known.read_bytes())
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    atheris.Setup([*sys.argv, f"-rss_limit_mb={before_mb + GROWS_MOST_MB}"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
