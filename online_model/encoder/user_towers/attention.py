"""Means of the past, weighed by what goes with the newest item too."""

import torch
from torch import Tensor, nn

from online_model.encoder.past_kernels.mean import MEANS
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.user_towers.mean import MeanUserTower
from online_model.encoder.user_towers.past import Past


class AttentionUserTower(MeanUserTower):
    """The mean tower with v₀ asks_s vⱼ / √d added to log w_sj (past_kernels/attention.py); begins as that tower."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__(settings)
        self.asks = nn.Parameter(torch.zeros(MEANS, settings.dim, settings.dim))

    def logs(self, past: Past) -> Tensor:
        """log w, f32[b, n, MEANS]."""
        query = torch.einsum("bi,sik->bsk", past.vectors[:, 0], self.asks)
        score: Tensor = torch.einsum("bsk,bnk->bns", query, past.vectors) / past.vectors.shape[2] ** 0.5
        return super().logs(past) + score
