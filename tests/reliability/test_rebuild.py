"""`freshet rebuild`: says what it deletes, asks, and the workers make the same state from the log again."""

import subprocess
import sys

from disturbed import Customers, DisturbedShop, Onlooker
from shop import wait_for

from freshet.services import set_arguments
from serving.refill import LOOK_S


def rebuild(shop: DisturbedShop, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "freshet.cli", "rebuild", *set_arguments(shop.overrides), *more]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_the_state_is_made_anew_under_load(shop: DisturbedShop) -> None:
    shop.redis.set("somebody else's", b"kept")
    with shop.api(), shop.worker(), Onlooker(shop) as onlooker:
        with Customers(shop, 60) as customers:
            wait_for("some events", lambda: len(customers.sent) > 200)
            asked = rebuild(shop)
            again_before = shop.gauges().total("freshet_begun_again_total")
            told = rebuild(shop, "--yes")
            wait_for("more events", lambda: len(customers.sent) > 400)
        shop.assert_as_undisturbed(customers)
        again = shop.gauges().total("freshet_begun_again_total")

    assert asked.returncode == 2
    assert "nobody is here to ask; say --yes to delete" in asked.stderr
    assert again_before == 0
    assert told.returncode == 0, told.stdout + told.stderr
    assert "40  shoppers' profiles" in told.stdout
    assert "the state is as the log says" in told.stdout
    assert again >= 1
    assert onlooker.statuses() == {200}
    back = [at for at, *_ in onlooker.went_back()]
    assert not back or back[-1] - back[0] < LOOK_S + 0.5  # until the API has looked whether data is missing
    assert shop.redis.get("somebody else's") == b"kept"
