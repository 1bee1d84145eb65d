"""Demand: how many units of an item will go in the next window, learned from the shop's events as they come.

An item's events excite more of them (Hawkes, "Spectra of some self-exciting and mutually exciting point processes",
Biometrika 1971): at time t units of kind k go at the rate

    λ_k(t) = s(t) · (β_k0 + Σ_c Σ_h β_kch · A_ch(t)),

s the shop's week (week.py), A_ch the item's units of kind c (clicks, carts, purchases) decayed by half-life h
(levels.py). The β ≥ 0 are the shop's, shared by its items, and learned by online EM (effects.py); a forecast is the
mean and the variance of the process over the window, and a negative binomial of these (forecast.py).
"""

from online_model.demand.forecast import Forecast
from online_model.demand.shop import ShopDemand

__all__ = ["Forecast", "ShopDemand"]
