"""The truth: how likely each shown item is clicked, put in the cart and bought. Nothing else decides.

p(click)    = σ(−4.9 + place − 0.08 · position + keenness + 2.6 · fit + mission + 0.35 · appeal + trend + known)
p(cart)     = p(click) · σ(−3.0 + 1.5 · fit + mission/2 + mood + purse + known)
p(purchase) = p(cart) · σ(−0.9 + 1.0 · fit + mood + keenness + purse)
fit = taste · item. mission: 1.4 in the mission's category, 0.5 in its department. mood: +0.8 on a visit to buy,
−0.8 to browse. purse = −0.5 · (log price − what one is used to)², at least −2. known: looked at lately.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.simulator.catalogue import Catalogue
from freshet.simulator.shoppers import Shoppers

Floats = NDArray[np.float64]
PLACES = {"home": 0.0, "category": 0.3, "search": 0.8, "similar": 0.3, "ad": -0.7}
"""Slots of the page, and the logit that each adds to a click."""
_PLACE_LOGIT = np.array(list(PLACES.values()))


class Look(NamedTuple):
    """Shoppers who look at a page now. who, mission: int[s]. mood: float[s]. place: int[s], into PLACES."""

    who: NDArray[np.int64]
    mission: NDArray[np.int64]
    mood: Floats
    place: NDArray[np.int64]


def sigmoid(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


def truth(look: Look, shown: NDArray[np.int64], shop: Catalogue, shoppers: Shoppers, trend: Floats) -> Floats:
    """float64[3, s, page]: probabilities of click, cart and purchase of shown[s, page]."""
    who = look.who[:, None]
    category = shop.category[shown]
    fit = np.einsum("sd,spd->sp", shoppers.taste[look.who], shop.vectors[shown])
    near = shop.departments[category] == shop.departments[look.mission][:, None]
    mission = np.where(category == look.mission[:, None], 1.4, np.where(near, 0.5, 0.0))
    known = (shown[:, :, None] == shoppers.recent[look.who][:, None, :]).any(axis=2)
    purse = np.maximum(-0.5 * (shop.log_price[shown] - shoppers.purse[who]) ** 2, -2.0)
    keen, mood = shoppers.keenness[who], look.mood[:, None]
    position = np.arange(shown.shape[1])
    click = sigmoid(
        -4.9
        + _PLACE_LOGIT[look.place][:, None]
        - 0.08 * position
        + keen
        + 2.6 * fit
        + mission
        + 0.35 * shop.appeal[shown]
        + 0.4 * trend[category]
        + 0.7 * known
    )
    cart = click * sigmoid(-3.0 + 1.5 * fit + mission / 2 + mood + purse + 0.6 * known)
    return np.stack([click, cart, cart * sigmoid(-0.9 + 1.0 * fit + mood + keen + purse)])
