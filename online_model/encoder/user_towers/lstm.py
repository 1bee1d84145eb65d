"""A long short-term memory over the past."""

from torch import nn

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.user_towers.steps import RecurrentUserTower


class LstmUserTower(RecurrentUserTower):
    """Its output after the newest event (past_kernels/lstm.py)."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__(settings, nn.LSTM(settings.dim, settings.dim, batch_first=True))
