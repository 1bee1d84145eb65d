"""Whether the live encoder is getting worse at what comes in: ADWIN over its loss on each new choice."""

from collections.abc import Sequence

from online_model.adwin import Adwin
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.judge import judge
from online_model.example import Example

NATS = 8.0  # taken as a loss of 1: the choice given one chance in 3,000; a list has about 230 items


class DriftWatch:
    """Prequential: the encoder was trained before the examples that it is shown here.

    since: choices seen since the loss rose, 0 while it has not. was, now: mean losses in nats, before and after.
    """

    def __init__(self, encoder: CompiledEncoder, delta: float) -> None:
        self._encoder, self._adwin = encoder, Adwin(delta)
        self._rose = False
        self.was = 0.0

    @property
    def now(self) -> float:
        return self._adwin.mean * NATS

    @property
    def since(self) -> int:
        return self._adwin.width if self._rose else 0

    def see(self, examples: Sequence[Example]) -> None:
        """Judge the choices among these."""
        for loss in judge(self._encoder, examples, len(self._encoder.tasks)).loss.tolist():
            before = self.now
            if self._adwin.update(min(loss / NATS, 1.0)):
                if self.now > before and not self._rose:
                    self._rose, self.was = True, before
                elif self.now < self.was:
                    self._rose = False  # it has come back by itself
