"""What does the shared encoder cost, and does a refresh help without hurting? Wanted: no dip in the 1,000 events after
a switch, frequent refresh above rare refresh, a cold target better off with another domain's log than without.

`make load_tests/bench_encoder.py [ARGS="speed sharing words switch often transfer --plot docs/images"]`; all take
45 minutes of one core. One thread throughout. The data sets are those of ../shared/data.
"""

import argparse
from pathlib import Path

import torch
from encoder_often import often
from encoder_plots import plot_often, plot_switch, plot_transfer
from encoder_sharing import sharing
from encoder_speed import speed
from encoder_switch import switch
from encoder_transfer import transfer
from encoder_words import words

PARTS = ("speed", "sharing", "words", "switch", "often", "transfer")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="draw what was measured there")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; parts: {', '.join(PARTS)}")
    torch.set_num_threads(1)
    for part in args.parts or PARTS:
        if part in ("speed", "sharing", "words"):
            {"speed": speed, "sharing": sharing, "words": words}[part]()
            continue
        measure, plot = {
            "switch": (switch, plot_switch),
            "often": (often, plot_often),
            "transfer": (transfer, plot_transfer),
        }[part]
        found = measure()
        if args.plot:
            plot(found, args.plot / f"encoder_{part}.png")


if __name__ == "__main__":
    main()
