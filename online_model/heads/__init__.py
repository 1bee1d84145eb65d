"""Online heads: what is learned by each example over features that are given."""

from online_model.heads.together import Heads

__all__ = ["Heads"]
