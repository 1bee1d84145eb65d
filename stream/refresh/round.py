"""One round: read the window, train, judge, write the artifact, ask the learner to switch."""

import hashlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import redis

from freshet.contract.heads_state import unpack_heads
from freshet.contract.keys import Keys
from freshet.contract.torn import TornState
from freshet.registry import NO_ENCODER, Registry
from freshet.settings import Settings
from online_model.encoder.artifact import ArtifactError, Manifest, load_artifact, write_artifact
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import beside, keys_in
from online_model.encoder.refresh import heads_over, refresh
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.training import Epoch
from online_model.encoder.weights import Weights
from online_model.heads import Heads
from stream.refresh.catalogue import read_catalogue
from stream.refresh.other_shop import OtherShop
from stream.refresh.window import read_window

log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """kind: promoted, refused (worse than what serves) or skipped (too little to learn from). said: why."""

    kind: str
    said: str
    manifest: Manifest | None = None


def one_round(
    settings: Settings,
    client: redis.Redis,
    *,
    force: bool = False,
    window_examples: int | None = None,
    other: OtherShop | None = None,
    progress: Callable[[Epoch], None] = lambda epoch: None,
    clock: Callable[[], float] = time.time,
) -> Outcome:
    """Train once. force: promote whatever the judge says. window_examples: instead of the setting.
    other: a shop whose log is learned from beside our own."""
    keys, tasks = Keys.of(settings), [task.task() for task in settings.pair_tasks]
    registry = Registry(Path(settings.refresh.models_dir), client, keys)
    live = registry.named("live") or NO_ENCODER
    blob = client.get(keys.heads(live))
    try:
        state = unpack_heads(blob if isinstance(blob, bytes) else None)
    except TornState as error:
        return Outcome("skipped", f"the heads of {live} cannot be read: {error}")
    if state is None:
        return Outcome("skipped", "the learner has stored no heads yet: nothing has been learned from")
    heads_blob, place = state
    most = window_examples or settings.refresh.window_examples
    first, examples = read_window(settings.kafka, place.next_offset, most)
    if len(examples) < settings.refresh.min_examples:
        least = settings.refresh.min_examples
        return Outcome("skipped", f"{len(examples):,} examples are too few, refresh.min_examples = {least:,}")
    names = [task.name for task in tasks]
    encoder_settings = EncoderSettings(
        dim=settings.refresh.dim,
        epochs=settings.refresh.epochs,
        user_tower=settings.refresh.user_tower,
        sharing=settings.refresh.sharing,
    )
    try:
        known = read_catalogue(settings.kafka, keys_in(examples))
        serving = _live(registry, live)
        trained = refresh(
            examples,
            names,
            encoder_settings,
            serving,
            known=beside(known, other.known) if other else known,
            source=other.source if other else None,
            progress=progress,
        )
    except ValueError as error:
        return Outcome("skipped", str(error))
    said = (
        f"log loss {trained.metrics['loss']} on the newest slice, {trained.metrics['live_loss']} with {live}"
    )
    if not trained.better and not force:
        return Outcome("refused", f"the new encoder is worse: {said}")
    metrics = trained.metrics
    if other:
        choices, weight = other.source
        metrics |= {"source": {"log": other.name, "choices": len(choices.task), "weight": weight}}
    now = clock()
    version = _version(now, trained.weights)
    encoder = CompiledEncoder(version, tuple(names), encoder_settings, trained.weights, known)
    heads = heads_over(encoder, serving, Heads.load(heads_blob, settings.model, tasks), examples)
    manifest = Manifest(
        version=version,
        tasks=tuple(names),
        settings=encoder_settings,
        first_offset=first,
        next_offset=place.next_offset,
        sources=[(topic, partition, offset) for (topic, partition), offset in sorted(place.sources.items())],
        examples=len(examples),
        created_s=now,
        metrics=metrics,
        sha256={},
    )
    write_artifact(registry.folder(version), manifest, trained.weights, heads.dump(), known)
    registry.promote(version)
    registry.prune(settings.refresh.keep)
    return Outcome("promoted", f"{version}: {said}", manifest)


def _live(registry: Registry, version: str) -> CompiledEncoder | None:
    if version == NO_ENCODER:
        return None
    try:
        return load_artifact(registry.folder(version)).encoder
    except ArtifactError as error:
        log.warning("training starts from nothing, the live encoder cannot be loaded: %s", error)
        return None


def _version(now_s: float, weights: Weights) -> str:
    digest = hashlib.sha256()
    for array in weights.named().values():
        digest.update(array.tobytes())
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now_s))}-{digest.hexdigest()[:8]}"
