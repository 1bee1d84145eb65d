"""An encoder that is half written or damaged: the last good one serves, and a clear word is said."""

import json
import shutil
from pathlib import Path

import numpy as np
from folds import tasks
from shop import Shop, wait_for

from freshet.contract.heads_state import unpack_heads
from freshet.registry import Registry
from online_model.encoder.artifact import HEADS, MANIFEST, TENSORS, Manifest, write_artifact
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.weights import blank, from_named
from online_model.heads import Heads

SETTINGS = EncoderSettings(dim=4, hidden=3, id_buckets=8, category_buckets=4, word_buckets=2)
FIRST, SECOND, THIRD = (f"20260101T00000{n}-0000000{n}" for n in range(3))


def write(shop: Shop, version: str) -> Path:
    """An artifact of random weights, whose heads have learned nothing of the log."""
    rng = np.random.default_rng(int(version[-1], 16))
    arrays = blank(SETTINGS, tasks=len(tasks(shop))).named()
    weights = from_named(
        {k: rng.normal(size=a.shape).astype(np.float32) for k, a in arrays.items()}, SETTINGS
    )
    manifest = Manifest(
        version=version,
        tasks=tuple(task.name for task in tasks(shop)),
        settings=SETTINGS,
        first_offset=0,
        next_offset=0,
        sources=[],
        examples=0,
        created_s=1.0,
        metrics={"loss": 1.0, "live_loss": 2.0},
        sha256={},
    )
    folder = Path(shop.settings.refresh.models_dir) / version
    write_artifact(folder, manifest, weights, Heads(shop.settings.model, tasks(shop)).dump())
    return folder


def cut_tensors(folder: Path) -> None:
    data = (folder / TENSORS).read_bytes()
    (folder / TENSORS).write_bytes(data[: len(data) // 2])


def no_heads(folder: Path) -> None:
    (folder / HEADS).unlink()


def garbled_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes()[:40])


def click(shop: Shop, n: int) -> None:
    value = {"event_id": f"e{n}", "user_id": "u", "ts": 1_700_000_000_000 + 1_000 * n, "item_id": f"i{n % 3}"}
    shop.send("clicks", json.dumps(value).encode(), key="u")


def served_by(shop: Shop, event_ts: int) -> str:
    """The encoder of the shopper's list, once it knows of this event."""
    wait_for("a list", lambda: (found := shop.published("u")) and found.event_ts == event_ts)
    return shop.published("u").encoder


def refused(shop: Shop) -> bool:
    return shop.gauges().total("freshet_refused", what="encoder") == 1


def test_the_last_good_encoder_serves_beside_a_broken_one_and_after_a_start(shop: Shop) -> None:
    registry = Registry(Path(shop.settings.refresh.models_dir), shop.redis, shop.keys)
    shop.overrides.append("worker.flush_s=0.2")  # so often it looks for what is wanted
    folders = [write(shop, version) for version in (FIRST, SECOND, THIRD)]
    whole = shop.log_dir / "whole"
    shutil.copytree(folders[1], whole)
    with shop.worker():
        click(shop, 0)
        for version in (FIRST, SECOND):
            registry.promote(version)
            wait_for(version, lambda version=version: registry.named("live") == version)
        for n, spoil in enumerate((cut_tensors, no_heads, garbled_manifest, shutil.rmtree), 1):
            spoil(folders[2])
            shop.redis.hset(shop.keys.model(), "wanted", THIRD)
            wait_for(spoil.__name__, lambda: refused(shop))
            click(shop, n)
            assert served_by(shop, 1_700_000_000_000 + 1_000 * n) == SECOND
            registry.promote(SECOND)
            wait_for("nothing refused", lambda: not refused(shop))
            if spoil is not shutil.rmtree:
                shutil.rmtree(folders[2])
                write(shop, THIRD)
    cut_tensors(folders[1])
    with shop.worker():
        wait_for("refused at the start", lambda: refused(shop))
        click(shop, 5)
        assert served_by(shop, 1_700_000_005_000) == FIRST
        shutil.rmtree(folders[1])
        shutil.copytree(whole, folders[1])
        wait_for("it is whole again", lambda: not refused(shop))
        click(shop, 6)
        assert served_by(shop, 1_700_000_006_000) == SECOND
        wait_for("all learned", lambda: learned(shop, SECOND) == 7)

    log = (shop.log_dir / "worker.log").read_text()
    for said in (TENSORS, HEADS, MANIFEST, "`freshet models list`"):
        assert said in log
    assert log.count(f"{SECOND} cannot be loaded") == 1


def learned(shop: Shop, version: str) -> int:
    """Examples in the stored heads."""
    stored = unpack_heads(shop.redis.get(shop.keys.heads(version)))
    return Heads.load(stored[0], shop.settings.model, tasks(shop)).learned if stored else 0
