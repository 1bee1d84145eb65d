"""`make demo`, from an empty machine to a list that changes after a click."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.live import Live

from freshet.contract.admin import ensure_topics
from freshet.contract.keys import Keys, owner_of
from freshet.contract.topics import USER_TOPICS
from freshet.demo.gauges import Gauges, read
from freshet.demo.screen import RANKERS, Moment, Window, before_and_after, picture, summary
from freshet.security.connections import connect_redis
from freshet.services import Service, answers
from freshet.settings import Settings

WINDOW_CLICKS = 5_000  # a recall over fewer has a standard error above .006
SETTLE_S = 180.0  # the longest the end of the stream may take to be learned, on a slow machine
REFRESH_AT = 0.4  # of the stream: early enough that the second half is served by the encoder
LOOK_S = 0.5


class Stream(NamedTuple):
    """What is streamed: the arguments of `freshet produce` for it, its user events, and its name for people."""

    arguments: list[str]
    events: int
    said: str


class Story:
    """Kafka and Redis run; this starts the rest, streams, watches, and shows one shopper's list change."""

    def __init__(self, settings: Settings, overrides: list[str], log_dir: Path, console: Console) -> None:
        self.settings, self.console = settings, console
        self._overrides, self._log_dir = overrides, log_dir
        self.api_url = f"http://{settings.api.host}:{settings.api.port}"
        self.metrics_url = f"http://127.0.0.1:{settings.worker.metrics_port}/metrics"
        self._redis = connect_redis(settings.redis)
        self._windows: list[Window] = []
        self._news: list[str] = []
        self._began = time.monotonic()

    def tell(self, stream: Stream, running: ExitStack) -> None:
        """The whole story. The processes it starts end with `running`."""
        self._start(running)
        self._watch(stream)
        self._show_a_click()
        self._sum_up(stream)

    def _start(self, running: ExitStack) -> None:
        """Topics, worker, refresh and API."""
        ensure_topics(self.settings.kafka)
        self.console.print("starting worker, refresh and API (the first start compiles the kernels) …")
        for name, ready in (
            ("worker", lambda: answers(self.metrics_url)),
            ("api", lambda: answers(self.api_url + "/healthz")),
            ("refresh", lambda: True),
        ):
            running.enter_context(self._service(name, ready=ready))

    def _service(
        self, name: str, *, arguments: list[str] | None = None, ready: Callable[[], bool]
    ) -> Service:
        return Service(
            name, arguments=arguments or [], overrides=self._overrides, log_dir=self._log_dir, ready=ready
        )

    def _watch(self, stream: Stream) -> None:
        producer = self._service("produce", arguments=stream.arguments, ready=lambda: True)
        start, asked, deadline = read(self.metrics_url), False, time.monotonic() + SETTLE_S
        window_start, last, last_at = start, start, time.monotonic()
        encoder = start.label("freshet_encoder_info", "version")
        with producer, Live(console=self.console, refresh_per_second=4) as live:
            while True:
                time.sleep(LOOK_S)
                now, now_at = read(self.metrics_url), time.monotonic()
                moment = self._moment(stream, now.since(start), now.since(last), now_at - last_at, now)
                live.update(picture(moment))
                last, last_at = now, now_at
                window_start = self._close_window(window_start, now, moment.applied)
                if not asked and moment.applied > REFRESH_AT * stream.events:
                    asked = True
                    self._redis.hset(Keys.of(self.settings).model(), "refresh_asked", "1")
                    self._news.append(
                        f"after {moment.applied:,} events: a refresh of the encoder is asked for"
                    )
                if moment.encoder != encoder:
                    encoder = moment.encoder
                    self._news.append(
                        f"after {moment.applied:,} events: encoder {encoder} serves, with its heads"
                    )
                if producer.running:
                    deadline = now_at + SETTLE_S
                elif (moment.lag == 0 and moment.applied >= stream.events) or now_at > deadline:
                    break
            live.update(picture(moment))
        self.console.print()

    def _moment(self, stream: Stream, since: Gauges, step: Gauges, step_s: float, now: Gauges) -> Moment:
        applied = int(
            sum(since.total("freshet_events_total", topic=t.name, outcome="applied") for t in USER_TOPICS)
        )
        rate = sum(step.total("freshet_events_total", topic=t.name) for t in USER_TOPICS) / step_s
        return Moment(
            total=stream.events,
            applied=applied,
            rate=rate,
            lag=int(now.total("freshet_lag_events")),
            visible_p50=since.quantile("freshet_event_visible_seconds", 0.5),
            visible_p99=since.quantile("freshet_event_visible_seconds", 0.99),
            learned=int(since.total("freshet_examples_learned_total")),
            encoder=now.label("freshet_encoder_info", "version"),
            windows=self._windows,
            news=self._news,
        )

    def _close_window(self, start: Gauges, now: Gauges, applied: int) -> Gauges:
        """Add a window once it has enough clicks; where the next one starts."""
        done = now.since(start)
        clicks = done.total("freshet_prequential_events_total", task="click")
        if clicks < WINDOW_CLICKS:
            return start
        hits = {
            r: done.total("freshet_prequential_hits_total", task="click", ranker=r) / clicks for r in RANKERS
        }
        self._windows.append(Window(applied, hits))
        return now

    def _show_a_click(self) -> None:
        """One shopper's list over HTTP, a click through the API, and the list again as soon as it has changed."""
        user = self._a_shopper()
        before = self._recommendations(user)
        known = {item["item_id"] for item in before["items"]}
        trending = [item["item_id"] for item in self._get("/v1/trending?k=50")["items"]]
        clicked = next(item for item in trending if item not in known)
        event = {
            "event_id": f"demo-{time.time_ns()}",
            "user_id": user,
            "ts": before["event_ts"] + 5_000,
            "item_id": clicked,
        }
        clicked_at = time.monotonic()
        self._post_event("clicks", event)
        after = before
        while after["event_ts"] < event["ts"] and time.monotonic() < clicked_at + 30:
            after = self._recommendations(user)
        self.console.print(before_and_after(user, clicked, before, after, time.monotonic() - clicked_at))

    def _a_shopper(self) -> str:
        """The shopper of the newest example of a list in Redis: any with a list of ten will do."""
        for key in self._redis.scan_iter(match=Keys.of(self.settings).every("p"), count=1000):
            user = owner_of(key.decode())
            if len(self._recommendations(user)["items"]) == 10:
                return user
        raise RuntimeError("no shopper has a list yet")

    def _sum_up(self, stream: Stream) -> None:
        self.console.print(summary(stream.said, read(self.metrics_url), time.monotonic() - self._began))

    def _recommendations(self, user: str) -> dict[str, Any]:
        return self._get(
            f"/v1/users/{urllib.parse.quote(user, safe='')}/recommendations?k=10&objective=click"
        )

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.api_url + path, timeout=5) as answer:  # noqa: S310 - our own API
            return dict(json.load(answer))

    def _post_event(self, topic: str, value: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own API
            self.api_url + "/v1/events",
            data=json.dumps({"topic": topic, "value": value}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own API
            pass
