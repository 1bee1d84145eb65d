"""What does a locked door cost a lookup? Wanted: < 2 µs a request with a key that is known, its rate counted.

.venv/bin/python load_tests/bench_door.py
"""

import statistics
import tempfile
import timeit
from pathlib import Path

from freshet.security.api_keys import new_key, write_keys
from serving.door import Door

REQUESTS, RUNS = 20_000, 15


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        for what, rate in (("without a limit", 0.0), ("with a rate", 1e9)):
            key, kept = new_key("shop", ["read"], rate)
            write_keys(path, [kept])
            door, header = Door(path), f"Bearer {key}"
            door.enter(header, "read")  # the first sight, with the salted hash
            runs = timeit.repeat(lambda: door.enter(header, "read"), number=REQUESTS, repeat=RUNS)  # noqa: B023
            micros = [seconds / REQUESTS * 1e6 for seconds in runs]
            print(f"{what}: median {statistics.median(micros):.2f} µs, min {min(micros):.2f} µs")


if __name__ == "__main__":
    main()
