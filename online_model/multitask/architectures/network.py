"""A whole network of one task: nothing in it is anybody else's."""

from itertools import pairwise
from typing import cast

from torch import Tensor, nn

from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, mlp, tower


class Network(nn.Module):
    """inputs → hidden layers → tower."""

    def __init__(self, features: Features, sizes: Sizes) -> None:
        super().__init__()
        self.inputs = InputLayer(features, sizes.embedding)
        widths = (self.inputs.width, *sizes.hidden)
        self.layers = nn.ModuleList(mlp(*pair) for pair in pairwise(widths))
        self.tower = tower(sizes)

    def forward(self, x: Inputs) -> Tensor:
        h = self.inputs(x)
        for layer in self.layers:
            h = layer(h)
        return cast(Tensor, self.tower(h))
