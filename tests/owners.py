"""Who owns which partition while workers come and go, and how long nothing happened in it."""

import time
from contextlib import closing
from typing import NamedTuple

from disturbed import Beside, DisturbedShop
from kafka import KafkaAdminClient

from freshet.security.connections import connect_redis

LOOK_S = 0.02  # so often at the watermarks
ASK_S = 0.3  # so often for the owners


class Gap(NamedTuple):
    """Between two moves of a partition's watermark. stayed: both were the same worker's."""

    partition: int
    took_s: float
    stayed: bool


class Owners(Beside):
    """Watches the clicks' partitions while the `with` lasts."""

    def __init__(self, shop: DisturbedShop) -> None:
        super().__init__()
        self._shop = shop
        self.gaps: list[Gap] = []

    def run(self) -> None:
        shop, kafka = self._shop, self._shop.settings.kafka
        keys = [shop.keys.watermark("clicks", p) for p in range(kafka.partitions)]
        marks = [None] * len(keys)
        last: dict[int, tuple[float, str]] = {}  # partition → when it last moved, and whose it was
        owners, asked = dict[int, str](), 0.0
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        with closing(admin), closing(connect_redis(shop.settings.redis)) as redis:
            while not self._over.wait(LOOK_S):
                before, marks, now = marks, redis.mget(keys), time.monotonic()
                moved = [p for p in range(len(keys)) if marks[p] != before[p]]
                if now > asked + ASK_S or any(now > last[p][0] + ASK_S for p in moved if p in last):
                    owners |= self._now(admin)
                    asked = now
                for p in moved:
                    owner = owners.get(p, "")
                    if p in last:
                        self.gaps.append(Gap(p, now - last[p][0], owner == last[p][1]))
                    last[p] = now, owner

    def _now(self, admin: KafkaAdminClient) -> dict[int, str]:
        """Partition → its owner's name in the group; nobody while partitions are dealt out."""
        topic = self._shop.prefix + "clicks"
        (group,) = admin.describe_groups([self._shop.settings.kafka.group]).values()
        return {
            p: member["member_id"]
            for member in group["members"]
            for assigned in (member["member_assignment"] or {}).get("assigned_partitions", ())
            if assigned["topic"] == topic
            for p in assigned["partitions"]
        }

    def longest_s(self, *, stayed: bool) -> float:
        return max((gap.took_s for gap in self.gaps if gap.stayed == stayed), default=0.0)
