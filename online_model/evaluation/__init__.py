"""Prequential evaluation: every event is ranked before it is learned, by the very calls the stream makes."""

from online_model.evaluation.averages import averaged
from online_model.evaluation.places import K
from online_model.evaluation.prequential import Evaluation, Record, evaluate
from online_model.evaluation.snapshot import Snapshot

__all__ = ["Evaluation", "K", "Record", "Snapshot", "averaged", "evaluate"]
