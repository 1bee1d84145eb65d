"""What the examples in the reference tell of: one shopper, two items, one moment."""

from serving.answers import ModelVersion, Scored

TS = 1_764_000_000_000
MODEL = ModelVersion("none", 12_480)
REQUEST_ID = "1f3a-19ab5c3d2e1-4d"
BEST = Scored(
    "i-204", 0.4912, {"click": 0.211, "cart": 0.0508, "purchase": 0.0213}, "co_visits", because="i-17"
)
NEXT = Scored("i-17", 0.3305, {"click": 0.18, "cart": 0.0315, "purchase": 0.0093}, "own_history")
