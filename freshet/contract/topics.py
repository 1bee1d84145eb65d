"""Every topic Freshet reads or writes: its name, key, partitions, retention."""

from typing import Literal, NamedTuple

Kept = Literal["events", "signals", "examples", "dead_letters", "erasures", "for_ever"]


class Topic(NamedTuple):
    """One topic, without the deployment's prefix.

    keyed_by: what the message key holds; None where the partition is chosen by the writer.
    shared_by: users' topics have kafka.partitions each (one user, one owner), items' kafka.item_partitions (one
    item, one owner); the others have one. kept: which setting says for how long (freshet/contract/admin.py).
    """

    name: str
    keyed_by: str | None
    shared_by: Literal["users", "items"] | None = None
    compacted: bool = False
    kept: Kept = "events"


USER_TOPICS = tuple(
    Topic(name, keyed_by="user_id", shared_by="users")
    for name in ("clicks", "carts", "purchases", "impressions", "ratings", "searches", "feedback")
)
"""In this order: a profile's watermarks and an example's source name a topic by its place here."""

ITEMS = Topic("items", keyed_by="item_id", shared_by="items", compacted=True, kept="for_ever")
ITEM_SIGNALS = Topic("freshet.item-signals", keyed_by=None, shared_by="items", kept="signals")
EXAMPLES = Topic("freshet.examples", keyed_by=None, kept="examples")
"""One partition: the order of this log is the order of learning (invariant 2)."""
DEAD_LETTERS = Topic("freshet.dead-letters", keyed_by=None, kept="dead_letters")
ERASURES = Topic("freshet.erasures", keyed_by="user_id", shared_by="users", compacted=True, kept="erasures")
"""Who asked to be forgotten; kept longer than the events that could bring them back."""

ALL_TOPICS = (*USER_TOPICS, ITEMS, ITEM_SIGNALS, EXAMPLES, DEAD_LETTERS, ERASURES)
USER_TOPIC_INDEX = {topic.name: index for index, topic in enumerate(USER_TOPICS)}
