"""Whether the topics are still as they must be, from what the consumer knows of the cluster anyway."""

import logging
from typing import Any

from freshet.contract.admin import other_number, partitions_of
from freshet.contract.topics import ALL_TOPICS, DEAD_LETTERS
from freshet.settings import Kafka
from stream.metrics import WorkerMetrics

log = logging.getLogger(__name__)

LOOKS = 3  # in a row that must find the same: a broker that starts names its topics one by one


class TopicsWatch:
    """Tells of a topic that was deleted or has other partitions. The worker goes on with what there is: events in a
    partition too many are sent on to their owners, and what was stored last goes on serving.
    """

    def __init__(self, settings: Kafka, metrics: WorkerMetrics) -> None:
        self._metrics = metrics
        read = [topic for topic in ALL_TOPICS if topic != DEAD_LETTERS]
        self._wanted = {settings.prefix + topic.name: partitions_of(topic, settings) for topic in read}
        self._found, self._said, self._looks = "", "", 0

    def look(self, consumer: Any) -> None:
        """consumer: Faust's."""
        client = consumer._thread._consumer  # Faust has no call for it
        if client is None:
            return  # it has not begun
        cluster = client._client.cluster
        found = "; ".join(
            f"topic {name} is not there any more: nobody can send to it. Restore it; or start a worker, which makes "
            "it anew, and then make the state anew: `freshet rebuild`"
            if not partitions
            else other_number(name, len(partitions), expected)
            for name, expected in self._wanted.items()
            if len(partitions := cluster.partitions_for_topic(name) or ()) != expected
        )
        self._looks = self._looks + 1 if found == self._found else 1
        self._found = found
        if self._looks == LOOKS and found != self._said:
            self._said = found
            self._metrics.refused.labels("topics").set(bool(found))
            log.error("%s", found or "the topics are as they must be again")
