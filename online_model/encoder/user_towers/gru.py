"""A gated recurrent unit over the past."""

from torch import nn

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.user_towers.steps import RecurrentUserTower


class GruUserTower(RecurrentUserTower):
    """Its state after the newest event (past_kernels/gru.py)."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__(settings, nn.GRU(settings.dim, settings.dim, batch_first=True))
