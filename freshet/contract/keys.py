"""Every Redis key Freshet uses: its type, its writer, its reader, its life.

The one module that `stream` and `serving` share about Redis. All values are strings of bytes whose first byte
is a version; a reader that meets another version treats the key as missing, never as something else. Each blob
carries the offsets it reflects and so guards itself: no transaction spans keys, which lets them lie on a cluster.
"""

from collections.abc import Callable
from typing import NamedTuple


class Keys(NamedTuple):
    """Key names of one deployment. prefix: short, since every user and item pays for it.

    stored: the id under which a user is kept; another one than is asked for where there are pseudonyms.
    """

    prefix: str = "fr"
    stored: Callable[[str], str] = str

    def profile(self, user_id: str) -> str:
        """State of one user, with its watermarks. Writer: shoppers. Readers: shoppers, API. Life: user_ttl_s."""
        return f"{self.prefix}:u:{self.stored(user_id)}"

    def published(self, user_id: str) -> str:
        """The best items of one user, every task's probability. Writer: shoppers. Reader: API. Life: user_ttl_s."""
        return f"{self.prefix}:p:{self.stored(user_id)}"

    def due(self, partition: int) -> str:
        """Users of one partition whose list is older than their profile, since the worker was behind. Set.

        Writer: shoppers. Reader: the partition's next owner. Life: until their lists are made."""
        return f"{self.prefix}:l:{partition}"

    def row(self, item_id: str) -> str:
        """Counts and neighbours of one item. Writer: items. Readers: workers, API.

        Life: item_ttl_s after its last event, or until its tombstone."""
        return f"{self.prefix}:r:{item_id}"

    def description(self, item_id: str) -> str:
        """An item's catalogue message, as JSON. Writer: catalogue. Readers: workers, API. Life: until its tombstone."""
        return f"{self.prefix}:d:{item_id}"

    def tops(self, partition: int) -> str:
        """Trending items of one item partition, overall and by category. Hash: category → list. Writer: items.

        Readers: workers, API. Life: item_ttl_s."""
        return f"{self.prefix}:t:{partition}"

    def demand(self, partition: int) -> str:
        """What the events of one item partition teach about demand in general (online_model.demand). Writer: items.

        Readers: workers, API. Life: for ever."""
        return f"{self.prefix}:q:{partition}"

    def segments(self) -> str:
        """Shopper segments: centre and what trends in each. Hash: number → segment. Writer: items, of partition 0.

        Readers: workers, API. Life: for ever."""
        return f"{self.prefix}:s"

    def watermark(self, topic: str, partition: int) -> str:
        """How far a partition has been folded. Writer: its owner. Reader: its next owner. Life: for ever."""
        return f"{self.prefix}:w:{topic}:{partition}"

    def heads(self, version: str) -> str:
        """Online heads over one encoder version, with their place in the examples log. Writer: learner.

        Readers: workers, API. Life: for ever; old versions go with their artifact."""
        return f"{self.prefix}:h:{version}"

    def model(self) -> str:
        """Which encoder and heads serve (live) and which the learner shall switch to (wanted). Hash.

        Writers: learner (live), refresh and `freshet models` (wanted). Readers: all. Life: for ever."""
        return f"{self.prefix}:model"
