"""What the API computes now is what the worker's core says, from nothing but what the worker left in Redis."""

from typing import Any

from morning import leave_in_redis, live_through_a_morning

NEVER_SEEN = "never seen"


def test_a_ranking_is_the_core_s_own(own_api: Any) -> None:
    api, worker = own_api, live_through_a_morning()
    leave_in_redis(worker, api)
    items = [*(f"i{n}" for n in range(0, 60, 3)), NEVER_SEEN]

    for user in ("w/0", "w/5", "w/11"):
        answer = api.ask("/v1/rank", "POST", {"user_id": user, "items": items}).json
        del answer["request_id"], answer["computed_ts"]

        assert answer == {
            "user_id": user,
            "items": worker.expected(user, items),
            "source": "fresh",
            "model": {"encoder": "none", "heads": worker.core.heads.learned},
            "event_ts": worker.newest[user],
        }
