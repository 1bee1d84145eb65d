"""`make demo`, from an empty machine to a list that changes after a click."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.live import Live

from freshet.contract.admin import ensure_topics
from freshet.demo.gauges import NOTHING, Gauges, read
from freshet.demo.screen import RANKERS, Moment, Window, before_and_after, millis, picture
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.services import Service, answers
from freshet.settings import Settings

WINDOW_CLICKS = 5_000  # enough for a recall with a standard error of .006
QUIET_S = 120.0  # the longest the end of the stream may take to be learned


class Source(NamedTuple):
    """What is streamed: the arguments of `freshet produce`, and the number of messages it will send."""

    arguments: list[str]
    messages: int
    said: str


class Demo:
    """The running parts, and what the story asks of them."""

    def __init__(self, settings: Settings, overrides: list[str], work_dir: Path, console: Console) -> None:
        self.settings, self.overrides, self.console = settings, overrides, console
        self.logs = work_dir / "logs"
        self.api = f"http://127.0.0.1:{settings.api.port}"
        self.worker_metrics = f"http://127.0.0.1:{settings.worker.metrics_port}/metrics"

    def service(self, name: str, arguments: list[str] | None = None) -> Service:
        return Service(name, arguments=arguments or [], overrides=self.overrides, log_dir=self.logs)

    def get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.api + path, timeout=5) as answer:  # noqa: S310 - our own API
            return dict(json.load(answer))

    def post_event(self, topic: str, value: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own API
            self.api + "/v1/events",
            data=json.dumps({"topic": topic, "value": value}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own API
            pass

    def recommendations(self, user: str) -> dict[str, Any]:
        return self.get(f"/v1/users/{urllib.parse.quote(user, safe='')}/recommendations?k=10&objective=click")
