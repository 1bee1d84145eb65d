"""Begin from an encoder that there is."""

from collections.abc import Sequence

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.weights import Weights


def begun_from(live: CompiledEncoder, fresh: Weights, tasks: Sequence[str]) -> Weights:
    """The live encoder's arrays, with the tasks in this order; new tasks begin as `fresh` has them."""
    old, trunk = live.weights, fresh.trunk
    if _shapes(old) != _shapes(fresh):
        return fresh
    for t, name in enumerate(tasks):
        if name in live.tasks:
            at, was = live.tasks.index(name), old.trunk
            trunk.out[:, t], trunk.out_bias[t], trunk.skip[t] = was.out[:, at], was.out_bias[at], was.skip[at]
    return Weights(old.item, old.user, trunk._replace(into=old.trunk.into, bias=old.trunk.bias))


def _shapes(weights: Weights) -> dict[str, tuple[int, ...]]:
    """Of the arrays that do not depend on the tasks."""
    return {
        name: array.shape
        for name, array in weights.named().items()
        if name not in ("trunk.out", "trunk.out_bias", "trunk.skip")
    }
