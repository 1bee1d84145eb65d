"""What the recurrent towers share: the past as a sequence from the oldest event on, and the state after the newest."""

import torch
from torch import Tensor, nn

from online_model.encoder.past_kernels.ages import AGES, KINDS
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.user_towers.past import Past, between_knots


class RecurrentUserTower(nn.Module):
    """xⱼ = vⱼ + kinds[kindⱼ] + gaps[log₂(1 + gapⱼ)], gapⱼ the seconds until the event after it, or until now.

    A subclass says which network reads the xⱼ.
    """

    def __init__(self, settings: EncoderSettings, cell: nn.GRU | nn.LSTM) -> None:
        super().__init__()
        self.kinds = nn.Parameter(torch.zeros(KINDS, settings.dim))
        self.gaps = nn.Parameter(torch.zeros(AGES, settings.dim))
        self.cell = cell

    def forward(self, past: Past) -> Tensor:
        """f32[b, 1, d]."""
        later = torch.nn.functional.pad(past.ages[:, :-1], (1, 0))
        gaps = between_knots(self.gaps, (past.ages - later).clamp(min=0))
        x = past.vectors + self.kinds[past.kinds] + gaps
        b, n, d = x.shape
        length = past.used.sum(dim=1)
        if not length.any():
            return x.new_zeros(b, 1, d)
        oldest_first = (length[:, None] - 1 - torch.arange(n)[None]).clamp(
            min=0
        )  # then the newest again and again
        states, _ = self.cell(x.gather(1, oldest_first[:, :, None].expand(b, n, d)))
        newest: Tensor = states[torch.arange(b), (length - 1).clamp(min=0)]
        return (newest * (length > 0)[:, None])[:, None]
