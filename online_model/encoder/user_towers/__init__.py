"""The user towers as torch trains them; past_kernels/ has the same formulas without torch, a test holds them equal.

Each takes settings, and a Past to f32[b, views, d]: zeros for a shopper without a past.
"""

from torch import nn

from online_model.encoder.user_towers.attention import AttentionUserTower
from online_model.encoder.user_towers.gru import GruUserTower
from online_model.encoder.user_towers.lstm import LstmUserTower
from online_model.encoder.user_towers.mean import MeanUserTower

USER_TOWERS: dict[str, type[nn.Module]] = {
    "mean": MeanUserTower,
    "gru": GruUserTower,
    "lstm": LstmUserTower,
    "attention": AttentionUserTower,
}
