"""The learner agent's work: every example once, in log order, through all heads; and the switch to a new encoder."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.examples import unpack_examples
from freshet.contract.heads_state import pack_heads, unpack_heads
from freshet.contract.keys import Keys
from freshet.contract.progress import Progress
from freshet.contract.topics import EXAMPLES
from freshet.settings import Settings
from online_model.encoder.artifact import Artifact, ArtifactError, load_artifact
from online_model.encoder.replay import as_seen_by
from online_model.heads import Heads
from online_model.room import Encoder
from stream.commands import Command, set_fields
from stream.intake import STRANGER, Record
from stream.learning_quality import LearningQuality
from stream.metrics import WorkerMetrics
from stream.patience import until_done
from stream.serving_model import NO_ENCODER, ServingModel
from stream.watermarks import Place, Watermarks

log = logging.getLogger(__name__)

SCORING_FIRST = (
    3.0  # times as long as it works, a catch-up rests: scoring goes on meanwhile, with the old pair
)
NEARER = 0.9  # of what was to catch up with, left after a pass: while it is less, another pass is worth it

ReadExamples = Callable[[int, int], AsyncIterator[Record]]
"""(from offset, up to but without offset) → those records of the examples log, in order."""


class Learner:
    """Weights = fold(examples log): each example counts once, however often the worker was killed (invariant 2).

    The heads of an encoder version begin as its artifact left them, at a place in the log that the artifact names,
    and fold everything after it. So the weights depend on the artifact and the log alone, not on when we switched.
    """

    def __init__(
        self,
        settings: Settings,
        redis: Redis,
        watermarks: Watermarks,
        model: ServingModel,
        read: ReadExamples,
        metrics: WorkerMetrics,
    ) -> None:
        self._settings, self._redis, self._model, self._read, self._metrics = (
            settings,
            redis,
            model,
            read,
            metrics,
        )
        self._keys, self._watermarks = Keys.of(settings), watermarks
        self._quality = LearningQuality(model.core.tasks, metrics)
        self._progress = Progress()
        self._flushed = 0  # the next offset that Redis knows of
        self._mine = False  # whether this worker has the examples log; the others follow
        self._seen: bytes | None = None  # the heads that were followed last
        self._said = ""  # which encoder cannot be loaded, and why
        self._lock = asyncio.Lock()  # a switch, a batch and a flush exclude one another

    def let_go(self) -> None:
        """The examples log is another's, until `resume`."""
        if self._mine:
            self._mine, self._seen = False, None

    async def resume(self, unmoved: set[Place]) -> int:
        """Take over: encoder, heads and place from Redis, unless they are in memory and nobody else has written them.
        The next offset of the examples log to read.
        """
        if self._mine and (EXAMPLES.name, 0) in unmoved:
            return self._progress.next_offset
        self.let_go()
        async with self._lock:
            model = await blobs.get_fields(self._redis, self._keys.model())
            live, previous = _text(model.get(b"live")), _text(model.get(b"previous"))
            version = live or self._model.version  # an emptied Redis does not know what served
            try:
                artifact, heads, self._progress = await self._left(version)
                self._accept()
            except ArtifactError as error:
                version, (artifact, heads, self._progress) = await self._before(version, previous, error)
            self._model.switch(version, artifact.encoder if artifact else None, heads)
            self._flushed, self._mine = self._progress.next_offset, True
            self._show(artifact)
            return self._progress.next_offset

    async def _left(self, version: str) -> tuple[Artifact | None, Heads, Progress]:
        """A version's encoder, and its heads where they stopped: as stored last, or as the artifact has them.

        Raises ArtifactError when the artifact is not whole.
        """
        artifact = None
        if version != NO_ENCODER:
            artifact = load_artifact(Path(self._settings.refresh.models_dir) / version)
        tasks, settings = self._model.core.tasks, self._settings.model
        data = await blobs.get(self._redis, self._keys.heads(version))
        stored = self._metrics.salvage.read("heads", version, partial(unpack_heads, data))
        if stored:  # ValueError of load: they are of other tasks or settings, and so is the log
            return artifact, Heads.load(stored[0], settings, tasks), stored[1]
        if artifact:
            return artifact, Heads.load(artifact.heads, settings, tasks), _begin(artifact)
        return None, Heads(settings, tasks), Progress()

    async def _before(
        self, live: str, previous: str, why: ArtifactError
    ) -> tuple[str, tuple[Artifact | None, Heads, Progress]]:
        """What served before the live encoder, whose artifact is not whole; no encoder where that is not either."""
        self._refuse(f"encoder {live} cannot be loaded: {why}")
        if previous not in ("", live, NO_ENCODER):
            with suppress(ArtifactError):
                return previous, await self._left(previous)
        return NO_ENCODER, await self._left(NO_ENCODER)

    def _refuse(self, why: str) -> None:
        """Said once."""
        self._metrics.refused.labels("encoder").set(1)
        if why != self._said:
            self._said = why
            log.error(
                "%s; put its folder back, or name another: `freshet models list`, `promote`. The last good one serves",
                why,
            )

    def _accept(self) -> None:
        self._metrics.refused.labels("encoder").set(0)
        self._said = ""

    async def learn(self, records: list[Record]) -> None:
        """Fold one batch into the heads, one by one in log order."""
        async with self._lock:
            for record in records:
                if record.offset >= self._progress.next_offset:
                    core = self._model.core
                    self._fold(record, core.heads, self._progress, core.encoder, self._quality)
                    await asyncio.sleep(0)  # where many wait, shoppers do not wait for all of them
            self._quality.show()

    def _fold(
        self,
        record: Record,
        heads: Heads,
        progress: Progress,
        encoder: Encoder | None,
        quality: LearningQuality | None = None,
    ) -> None:
        read = partial(unpack_examples, record.value or b"")
        found = self._metrics.salvage.read("examples", f"offset {record.offset:,}", read, STRANGER)
        for example in found or ():
            if not progress.is_new(example.topic, example.partition, example.ordinal):
                self._metrics.repeated.inc()
                continue
            seen = as_seen_by(encoder, example)
            if quality:
                quality.watch(heads, seen)
            with self._metrics.learn.time():
                heads.learn(seen)
            self._metrics.learned.inc()
        progress.next_offset = record.offset + 1

    async def flush(self) -> None:
        """Heads and place in the log, in one key; other workers and the API read it."""
        async with self._lock:
            if self._mine and self._progress.next_offset != self._flushed:
                await self._store()

    async def _store(self, **names: str) -> None:
        """names: versions by their part, beside the live one."""
        blob = pack_heads(self._model.core.heads.dump(), self._progress)
        key = self._keys.heads(self._model.version)
        names["live"] = self._model.version
        watermark = {self._keys.watermark(EXAMPLES.name, 0): b"%d" % self._progress.next_offset}

        commands: list[Command] = [("SET", key, blob), set_fields(self._keys.model(), names)]
        await until_done(
            "writing heads",
            lambda: self._watermarks.write(watermark, commands),
            self._metrics.rescued.labels("redis").inc,
        )
        self._flushed = self._progress.next_offset

    async def follow_registry(self) -> None:
        """The learner's own worker switches to what is wanted; the others serve what it has stored."""
        if self._mine:
            await self._switch_if_wanted()
        else:
            await self._follow()

    async def _follow(self) -> None:
        live = _text(await blobs.get_field(self._redis, self._keys.model(), "live")) or NO_ENCODER
        stored = await blobs.get(self._redis, self._keys.heads(live))
        if stored == self._seen:
            return
        self._seen = stored
        try:
            artifact, heads, _ = await self._left(live)
        except ArtifactError as error:
            self._refuse(f"encoder {live} cannot be loaded: {error}")
            return
        self._accept()
        self._model.switch(live, artifact.encoder if artifact else None, heads)
        self._show(artifact)

    async def _switch_if_wanted(self) -> None:
        """The wanted encoder's heads catch up with the log, then both serve, in one step."""
        wanted = _text(await blobs.get_field(self._redis, self._keys.model(), "wanted"))
        if not wanted or wanted == self._model.version:
            if wanted:
                self._accept()
            return
        try:
            artifact, heads, progress = await self._left(wanted)
        except ArtifactError as error:
            self._refuse(f"encoder {wanted} cannot be loaded: {error}")
            return
        encoder = artifact.encoder if artifact else None
        behind = math.inf
        while (left := self._progress.next_offset - progress.next_offset) < NEARER * behind:
            behind = left
            await self._catch_up(heads, progress, encoder)
        async with self._lock:  # little has come meanwhile
            await self._store()
            await self._catch_up(heads, progress, encoder)
            previous, self._progress = self._model.version, progress
            self._model.switch(wanted, encoder, heads)
            await self._store(previous=previous)
            self._show(artifact)
        self._accept()
        log.warning("encoder %s serves now, after %s", wanted, previous)

    async def _catch_up(self, heads: Heads, progress: Progress, encoder: Encoder | None) -> None:
        """Fold into these heads what the live ones have folded by now, which go on learning meanwhile."""
        async for record in self._read(progress.next_offset, self._progress.next_offset):
            began = time.perf_counter()
            self._fold(record, heads, progress, encoder)
            await asyncio.sleep(SCORING_FIRST * (time.perf_counter() - began))

    def _show(self, artifact: Artifact | None) -> None:
        self._metrics.encoder.clear()
        self._metrics.encoder.labels(self._model.version).set(1)
        self._metrics.encoder_created.set(artifact.manifest.created_s if artifact else 0)


def _begin(artifact: Artifact) -> Progress:
    """Where the artifact's heads stopped learning."""
    sources = {(topic, partition): offset for topic, partition, offset in artifact.manifest.sources}
    return Progress(artifact.manifest.next_offset, sources)


def _text(value: bytes | None) -> str:
    return value.decode(errors="replace") if value else ""
