"""Several tasks learned together, offline: what they share, how their losses are weighed, when each is trained.

fitted = fit(Recipe(architecture="mmoe", balancing="uncertainty"), features, tasks, examples)
logits = predict(fitted.model, inputs)

All choices are names of three tables; docs/multitask.md says when to use which.
"""

from online_model.multitask.architectures import ARCHITECTURES, CONTROL, Architecture
from online_model.multitask.balancing import BALANCERS, PLAIN, Balancer, Step
from online_model.multitask.examples import Examples, Problem
from online_model.multitask.gradients import affinity, shared_parameters
from online_model.multitask.inputs import Features, Inputs
from online_model.multitask.layers import Sizes
from online_model.multitask.problem import DataError
from online_model.multitask.schedules import SCHEDULES
from online_model.multitask.training import Fitted, Recipe, build, fit, predict

__all__ = [
    "ARCHITECTURES",
    "BALANCERS",
    "CONTROL",
    "PLAIN",
    "SCHEDULES",
    "Architecture",
    "Balancer",
    "DataError",
    "Examples",
    "Features",
    "Fitted",
    "Inputs",
    "Problem",
    "Recipe",
    "Sizes",
    "Step",
    "affinity",
    "build",
    "fit",
    "predict",
    "shared_parameters",
]
