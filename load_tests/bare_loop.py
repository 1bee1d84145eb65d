"""The bound of bench_stream: a Faust worker that decodes and acknowledges user events, and does nothing else.

Run as `python bare_loop.py BOOTSTRAP PREFIX GROUP WEB_PORT EVENTS`; prints events/s from the first to the last.
"""

import os
import sys
import tempfile
import time
from typing import Any

import faust
import uvloop

from freshet.contract.events import decode
from freshet.contract.topics import USER_TOPICS

BATCH_EVENTS, BATCH_WAIT_S = 500, 0.2


def main(bootstrap: str, prefix: str, group: str, web_port: int, events: int) -> None:
    uvloop.install()
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        datadir=tempfile.mkdtemp(),
        store="memory://",
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        web_enabled=False,
        web_port=web_port,
    )
    topics = app.topic(*(prefix + t.name for t in USER_TOPICS), key_serializer="raw", value_serializer="raw")

    async def loop(stream: Any) -> None:
        seen, began = 0, 0.0
        async for batch in stream.noack_take(BATCH_EVENTS, within=BATCH_WAIT_S):
            began = began or time.monotonic()
            for event in batch:
                decode(event.message.topic.removeprefix(prefix), event.message.value, now_ms=2**60)
                event.ack()
            seen += len(batch)
            if seen >= events:
                print(f"{(seen - BATCH_EVENTS) / (time.monotonic() - began):.0f}", flush=True)
                os._exit(0)

    app.agent(topics, name="bare")(loop)
    faust.Worker(app, loglevel="error", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
