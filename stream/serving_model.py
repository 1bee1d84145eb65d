"""The encoder and heads that serve in this process, and how they change: always both at once."""

from online_model.heads import Heads
from online_model.recommender import Recommender
from online_model.room import Encoder

NO_ENCODER = "none"


class ServingModel:
    """One process's model. version: the encoder's, NO_ENCODER before the first refresh."""

    def __init__(self, core: Recommender) -> None:
        self.core = core
        self.version = NO_ENCODER

    def switch(self, version: str, encoder: Encoder | None, heads: Heads) -> None:
        """From the next scoring on, this encoder with these heads; nothing is ever scored by one of each."""
        self.core.encoder, self.core.heads, self.version = encoder, heads, version
