"""One answer of each call, for the reference."""

from serving import answers

_TS = 1_764_000_000_000
_MODEL = answers.ModelVersion("none", 12_480)
_ID = "1f3a-19ab5c3d2e1-4d"

_BEST = answers.Scored(
    "i-204", 0.4912, {"click": 0.211, "cart": 0.0508, "purchase": 0.0213}, "co_visits", because="i-17"
)
_NEXT = answers.Scored("i-17", 0.3305, {"click": 0.18, "cart": 0.0315, "purchase": 0.0093}, "own_history")

RECOMMENDATIONS = answers.Recommendations("u-1", [_BEST, _NEXT], "personal", _MODEL, _TS, _TS + 42, _ID)
SCORES = answers.Ranked("u-1", [_BEST], "published", _MODEL, _TS, _TS + 42, _ID)
RANKED = answers.Ranked("u-1", [_BEST, _NEXT], "fresh", _MODEL, _TS, _TS + 42, _ID)
SIMILAR = answers.Similar(
    "i-17", [answers.ListedItem("i-204", 1.0), answers.ListedItem("i-9", 0.41)], "co_visits", _TS, _ID
)
TRENDING = answers.TrendingItems(
    "shoes", [answers.ListedItem("i-9", 1.0), answers.ListedItem("i-204", 0.8)], "trending", _TS, _ID
)
SHOPPER = answers.Shopper(
    user_id="u-1",
    history=[
        answers.Remembered("i-17", "cart", 2, 1, 0, 0, basket=True, first_ts=_TS - 60_000, last_ts=_TS),
    ],
    hidden=[answers.Hidden("i-3", _TS - 86_400_000)],
    categories=[answers.Interest("shoes/running", 1.0)],
    brands=[],
    segment=None,
    published=50,
    event_ts=_TS,
    offsets={"clicks": 5120, "carts": 310},
    request_id=_ID,
)
ACCEPTED = answers.Accepted(1, _ID)
