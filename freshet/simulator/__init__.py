"""A simulated shop, deterministic by its seed, whose true probabilities are known."""

from freshet.simulator.settings import ShopSettings, load_shop
from freshet.simulator.shop import Oracle, simulate

__all__ = ["Oracle", "ShopSettings", "load_shop", "simulate"]
