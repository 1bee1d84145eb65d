"""What tasks share in the encoder is what the multi-task library says it is; and it survives refresh and storage."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
import torch
from encoder.made_up import made_up
from encoder.taste_world import SMALL, TASKS, untrained
from encoder.test_artifact import manifest, written
from torch import Tensor, nn

from online_model.encoder.artifact import ArtifactError, load_artifact
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.settings import EncoderSettings, Sharing
from online_model.encoder.sharing import SHARING
from online_model.encoder.sharing_kernels import SHARERS
from online_model.encoder.towers import Towers
from online_model.encoder.warm_start import begun_from
from online_model.multitask import ARCHITECTURES, Features, Inputs, Sizes

WIDTH, HIDDEN = 6, 4
every_way = pytest.mark.parametrize("way", get_args(Sharing))


def settings(way: Any, **more: Any) -> EncoderSettings:
    return msgspec.structs.replace(SMALL, sharing=way, **more)


def linears(model: nn.Module, w: nn.Module, way: str) -> Iterator[tuple[nn.Module, Tensor, Tensor | None]]:
    """The library's linear layers beside our stacked arrays of the same meaning."""
    part: Callable[[str], Any] = model.get_submodule
    if way.startswith("shared-bottom"):
        yield part("weights.0"), w.into, None
        return
    place = {"mmoe": "experts", "aitm": "bottoms", "ple": f"levels.0.experts.{len(TASKS)}"}.get(way)
    for n, (into, bias) in enumerate(zip(w.into, w.bias, strict=True)):
        yield part(f"{place}.{n}.0" if place else f"networks.{n}.layers.0.0"), into, bias
    for t in range(len(TASKS)):
        if way in ("mmoe", "ple"):
            yield part(f"{'levels.0.' if way == 'ple' else ''}gates.{t}"), w.gates[t], None
        if way == "ple":
            for n, (into, bias) in enumerate(zip(w.own_into[t], w.own_bias[t], strict=True)):
                yield part(f"levels.0.experts.{t}.{n}.0"), into, bias
        if way == "aitm" and t:
            for n, name in enumerate(("carry.0", "key", "query", "value")):
                yield part(f"transfers.{t - 1}.{name}"), w.passes[t - 1, n], w.pass_bias[t - 1, n]


@every_way
def test_it_computes_what_the_multi_task_library_computes(way: Any) -> None:
    """The same weights in both; seen is what the library's towers get."""
    model = ARCHITECTURES[way](Features(WIDTH, ()), TASKS, Sizes(hidden=(HIDDEN,), experts=4))
    ours, x = SHARING[way](settings(way, hidden=HIDDEN), WIDTH, len(TASKS)), torch.randn(5, WIDTH)
    seen: list[Tensor] = []
    for parameter in ours.parameters():
        nn.init.normal_(parameter)
    for layer, into, bias in linears(model, ours, way):
        layer.weight = nn.Parameter(into.T.detach())
        if bias is not None:
            layer.bias = nn.Parameter(bias.detach())
    if way.startswith("shared-bottom"):
        model.get_parameter("biases.0").data = ours.get_parameter("bias").data.view(-1, 1, HIDDEN)
    if way == "cross-stitch":
        model.get_parameter("stitches").data = ours.get_parameter("stitches").data[None]
    for name, module in model.named_modules():
        if name.endswith(".tower") or (name.startswith("towers.") and name.count(".") == 1):
            module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))

    model(Inputs(x, torch.zeros(5, 0, dtype=torch.int64)))

    expected = torch.stack(seen, dim=1)
    torch.testing.assert_close(ours(x).expand_as(expected), expected, rtol=1e-5, atol=1e-5)


def test_it_takes_all_of_the_library_that_gives_each_task_a_vector() -> None:
    assert set(get_args(Sharing)) == set(SHARING) == set(SHARERS) == set(ARCHITECTURES) - {"esmm"}


def test_soft_begins_as_one_and_pays_for_every_step_apart() -> None:
    soft = SHARING["soft"](settings("soft", hidden=HIDDEN), WIDTH, 2)

    assert soft.penalty().item() == 0
    with torch.no_grad():
        for parameter in soft.parameters():
            parameter.copy_(torch.tensor([0.0, 2.0]).view(2, *[1] * (parameter.dim() - 1)))
    assert soft.penalty().item() == pytest.approx(1e-3 * (WIDTH + 1) * HIDDEN * (1 + 1))


@every_way
def test_a_warm_start_finds_its_tasks_by_name(way: Any) -> None:
    """What one task learned of another in the chain is about their order, and begins anew in another order."""
    example, chosen = made_up(1, past=20)[0], settings(way)
    live = CompiledEncoder("live", TASKS, chosen, untrained(1, chosen))
    turned = (*TASKS[::-1], "new")
    fresh = Towers(chosen, len(turned)).weights()
    in_order = way in ("cross-stitch", "aitm")

    begun = CompiledEncoder("new", turned, chosen, begun_from(live, fresh, turned))
    again = CompiledEncoder("again", TASKS, chosen, begun_from(live, untrained(2, chosen), TASKS))

    same = np.isclose(begun.logits_of(example)[:, : len(TASKS)][:, ::-1], live.logits_of(example)).all()
    assert same != in_order
    np.testing.assert_array_equal(again.logits_of(example), live.logits_of(example))


def test_a_warm_start_of_another_way_takes_the_towers_alone() -> None:
    live = CompiledEncoder("live", TASKS, SMALL, untrained(1))
    fresh = Towers(settings("mmoe"), len(TASKS)).weights()

    begun = begun_from(live, fresh, TASKS)

    assert begun.item is live.weights.item and begun.user is live.weights.user
    assert begun.shared is fresh.shared and begun.trunk is fresh.trunk


@every_way
def test_an_artifact_says_which_way_and_comes_back_with_it(tmp_path: Path, way: Any) -> None:
    chosen = settings(way)
    said = msgspec.structs.replace(manifest("v"), tasks=TASKS, settings=chosen)

    folder = written(tmp_path, "v", said, untrained(1, chosen))

    loaded = load_artifact(folder)
    example = made_up(1, past=20)[0]
    expected = CompiledEncoder("v", TASKS, chosen, untrained(1, chosen)).logits_of(example)
    assert loaded.manifest.settings.sharing == way
    np.testing.assert_array_equal(
        CompiledEncoder("v", TASKS, chosen, loaded.encoder.weights).logits_of(example), expected
    )


def harmed(folder: Path, **changed: Any) -> None:
    told = msgspec.json.decode((folder / "manifest.json").read_bytes())
    told["settings"] = {name: value for name, value in (told["settings"] | changed).items() if value}
    (folder / "manifest.json").write_bytes(msgspec.json.encode(told))


@pytest.mark.parametrize(
    ("way", "said"), [("esmm", "Invalid enum value 'esmm'"), ("mmoe", "cannot be read.*'gates'")]
)
def test_an_artifact_of_another_way_than_it_says_is_refused(tmp_path: Path, way: str, said: str) -> None:
    folder = written(tmp_path)
    harmed(folder, sharing=way)

    with pytest.raises(ArtifactError, match=said):
        load_artifact(folder)
