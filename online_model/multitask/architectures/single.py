"""One network a task: the control that every way of sharing has to beat."""

from collections.abc import Sequence

from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.architectures.network import Network
from online_model.multitask.inputs import Features, Inputs
from online_model.multitask.layers import Sizes


class Single(Architecture):
    """logit_t = network_t(x), embeddings included."""

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__(features, tasks, sizes)
        self.networks = nn.ModuleList(Network(features, sizes) for _ in tasks)

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        return {task: network(x) for task, network in zip(self.tasks, self.networks, strict=True)}
