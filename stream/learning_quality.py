"""Whether the heads are any good, told to Prometheus while they learn."""

from collections.abc import Sequence

from online_model.example import CHOICE, Example
from online_model.heads import Heads
from online_model.progressive import Progressive
from online_model.tasks import Task
from stream.metrics import WorkerMetrics

ONE_IN = (
    4  # choices are predicted before they are learned: it costs as much as learning, and this many suffice
)


class LearningQuality:
    """AUC, log loss and calibration of each task over the newest examples."""

    def __init__(self, tasks: Sequence[Task], metrics: WorkerMetrics) -> None:
        self._tasks, self._metrics = tasks, metrics
        self._progressive = Progressive(tasks)
        self._seen = 0

    def watch(self, heads: Heads, example: Example) -> None:
        """Call before `heads.learn(example)`."""
        self._seen += example.kind == CHOICE
        if example.kind != CHOICE or self._seen % ONE_IN == 0:
            self._progressive.watch(heads, example)

    def show(self) -> None:
        """Set the gauges of the tasks that have been seen."""
        for index, task in enumerate(self._tasks):
            value = self._progressive.value_quality(index)
            if value:
                self._metrics.mae.labels(task.name).set(value.mae)
                self._metrics.calibration.labels(task.name).set(value.calibration)
                continue
            quality = self._progressive.quality(index)
            if quality:
                self._metrics.auc.labels(task.name).set(quality.auc)
                self._metrics.log_loss.labels(task.name).set(quality.log_loss)
                self._metrics.calibration.labels(task.name).set(quality.calibration)
