"""`freshet refresh --source`: a shop that has just opened learns from another's log as well."""

from pathlib import Path

import pytest
import redis
from encoder.taste_world import TASKS, TASTES, World

import stream.refresh.round as rounds
from freshet.cli import main
from freshet.contract.heads_state import pack_heads
from freshet.contract.keys import Keys
from freshet.contract.progress import Progress
from freshet.registry import NO_ENCODER, Registry
from freshet.settings import Settings
from online_model import Description
from online_model.encoder.artifact import Manifest, load_artifact
from online_model.encoder.described import NOTHING, beside, described
from online_model.encoder.judge import judge

EVENTS = 4_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Of other shoppers and other items, in categories that both shops have."""
    lines = [
        f"{1_000 + n % 90},{50_000 + (n % 90 % TASTES) + TASTES * (n * n % 20)},taste-{n % 90 % TASTES},pv,"
        f"{1_500_000_000 + 60 * n}"
        for n in range(EVENTS)
    ]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_cold_shop_is_better_off_with_it(
    tmp_path: Path, log: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same 900 examples of its own, with the other log and without; judged on later ones."""
    world = World(seed=4)
    own, later = world.live(900), world.live(400)
    settings = [f"redis.url={redis_url}", f"refresh.models_dir={tmp_path / 'models'}", "model.influence_ms=0"]
    arguments = [f"--set={one}" for one in [*settings, "refresh.min_examples=100", "refresh.dim=16"]]
    monkeypatch.setattr(rounds, "read_window", lambda *_: (0, own))
    monkeypatch.setattr(rounds, "read_catalogue", lambda *_: NOTHING)
    found: list[tuple[Manifest, float]] = []
    with redis.Redis.from_url(redis_url) as client:
        keys = Keys.of(Settings())
        client.set(keys.heads(NO_ENCODER), pack_heads(world.recommender.heads.dump(), Progress()))
        registry = Registry(tmp_path / "models", client, keys)
        for more in [], ["--source", f"taobao:{log}", "--source-weight", "0.5"]:
            assert main(["refresh", "--once", "--force", *more, *arguments]) == 0
            artifact = load_artifact(registry.folder(str(registry.named("wanted"))))
            loss = float(judge(artifact.encoder, later, len(TASKS)).loss.mean())
            found.append((artifact.manifest, loss))

    (alone, without), (joint, with_it) = found
    assert with_it < without - 0.05
    assert "source" not in alone.metrics
    assert joint.metrics["source"] == {"log": f"taobao:{log}", "choices": EVENTS, "weight": 0.5}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "taobao"], "--source takes FORMAT:PATH of a file that exists"),
        (["--source", "taobao:no-such-file"], "--source takes FORMAT:PATH of a file that exists"),
        (["--source", f"nonsense:{__file__}"], "--source: no format 'nonsense'; formats: taobao"),
        (["--source", f"taobao:{__file__}", "--source-weight", "0"], "takes a number above 0; got 0.0"),
    ],
)
def test_a_source_that_cannot_be_used_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refresh", "--once", *arguments]) != 0
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_log_without_a_choice_for_the_tasks_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "u.data"
    path.write_text("1\t2\t5\t880000000\n")

    assert main(["refresh", "--once", "--source", f"movielens:{path}"]) != 0
    assert "holds no choice for the tasks click, cart, purchase" in " ".join(capsys.readouterr().err.split())


def test_of_an_item_that_both_describe_our_own_word_counts() -> None:
    own = described([Description("a", brand="ours"), Description("b", brand="ours")])
    other = described([Description("b", brand="theirs"), Description("c", brand="theirs")])

    both = beside(own, other)

    expected = described([*(Description(i, brand="ours") for i in "ab"), Description("c", brand="theirs")])
    assert both.keys.tolist() == expected.keys.tolist()
    assert both.facts.tokens.tolist() == expected.facts.tokens.tolist()
