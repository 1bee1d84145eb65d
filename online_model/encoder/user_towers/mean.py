"""Weighted means of the past's vectors."""

import torch
from torch import Tensor, nn

from online_model.encoder.past_kernels.ages import AGES, KINDS
from online_model.encoder.past_kernels.mean import MEANS
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.user_towers.past import Past, between_knots

HALF_LIFE_KNOTS = (2.0, 0.5)  # e-foldings of the first weights for each 8 knots: 2⁸ times the age


class MeanUserTower(nn.Module):
    """m_s = Σⱼ w_sj vⱼ / Σⱼ w_sj with log w = kinds[s, kind] + ages[s, log₂(1 + age)], linear between knots."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__()
        self.kinds = nn.Parameter(torch.zeros(MEANS, KINDS))
        self.ages = nn.Parameter(-torch.tensor(HALF_LIFE_KNOTS)[:, None] * (torch.arange(AGES) / 8)[None])

    def logs(self, past: Past) -> Tensor:
        """log w, f32[b, n, MEANS]."""
        return between_knots(self.ages.T, past.ages) + self.kinds.T[past.kinds]

    def forward(self, past: Past) -> Tensor:
        """f32[b, MEANS, d]."""
        logs = self.logs(past).masked_fill(~past.used[:, :, None], -torch.inf)
        weights = torch.softmax(logs, dim=1).nan_to_num(0.0)  # NaN: nothing to weigh
        return torch.einsum("bns,bnd->bsd", weights, past.vectors)
