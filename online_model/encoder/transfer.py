"""What another domain's log teaches this one, where there is too little of its own to learn from.

    J = J_T + λ J_S,    J the losses summed over the target's and the source's choices

(J_S + λ′ J_T is the same with λ′ = 1/λ). What the two share is learned from both: words, brands, price and category
levels of the item tower, how a past is read, the trunk. Or in two stages: `warm_start` from an encoder trained on
the source, with all of it tuned on the target or some parts frozen. Pan & Yang, "A survey on transfer learning",
IEEE TKDE 2010.
"""

from typing import Literal, NamedTuple

from online_model.encoder.choices import Choices

Part = Literal["item", "user", "trunk"]
"""Parts of the encoder that can be frozen. With a frozen item tower, ids that the source did not have say nothing."""


class Source(NamedTuple):
    """choices: the other domain's. weight: λ."""

    choices: Choices
    weight: float
