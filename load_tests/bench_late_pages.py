"""How late is a page told whose window has passed, since that waits for its shopper's next event?

`make load_tests/bench_late_pages.py [ARGS="--events 200000"]`: the simulated shop, pages whose window ended inside the
log; a shopper who did not come again counts up to its end. docs/decisions/0009 says why it is so.
"""

import argparse
from collections import defaultdict

import numpy as np

from freshet.simulator import ShopSettings, simulate

HOUR_MS = 3_600_000
WINDOWS_MS = {"30 min": HOUR_MS // 2, "1 h": HOUR_MS, "24 h": 24 * HOUR_MS}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=200_000)
    shown: dict[str, list[int]] = defaultdict(list)
    did: dict[str, list[int]] = defaultdict(list)
    for topic, event, _ in simulate(ShopSettings(), parser.parse_args().events):
        if topic != "items":
            did[event.user_id].append(event.ts)
        if topic == "impressions":
            shown[event.user_id].append(event.ts)
    end = max(times[-1] for times in did.values())
    print(f"{'window':<8} {'pages':>8} {'median':>9} {'mean':>9} {'90 %':>9} {'> tenth':>8} {'not told':>9}")
    for name, window_ms in WINDOWS_MS.items():
        closes, told = [], []
        for user, pages in shown.items():
            over = np.array([ts + window_ms for ts in pages if ts + window_ms <= end])
            later = np.append(did[user], end + 1)  # the last for nobody who came again
            closes.append(over)
            told.append(later[np.searchsorted(did[user], over, side="right")])
        over, when = np.concatenate(closes), np.concatenate(told)
        late = np.minimum(when, end) - over
        hours = [f"{h / HOUR_MS:.1f} h" for h in (np.median(late), late.mean(), np.quantile(late, 0.9))]
        shares = f"{(late > window_ms / 10).mean():8.1%} {(when > end).mean():9.1%}"
        print(f"{name:<8} {len(over):8,} " + " ".join(f"{h:>9}" for h in hours) + f" {shares}", flush=True)


if __name__ == "__main__":
    main()
