"""How much each task's loss counts. A balancer does a step's backward pass; a new one is a file and a line."""

from online_model.multitask.balancing.balancer import Balancer, Step
from online_model.multitask.balancing.dwa import Dwa
from online_model.multitask.balancing.fixed import Fixed
from online_model.multitask.balancing.gradnorm import GradNorm
from online_model.multitask.balancing.meta import Meta
from online_model.multitask.balancing.pcgrad import PcGrad
from online_model.multitask.balancing.uncertainty import Uncertainty

__all__ = ["BALANCERS", "PLAIN", "Balancer", "Step"]

PLAIN = "fixed"  # all there is to say where tasks share nothing

BALANCERS: dict[str, type[Balancer]] = {  # of (number of tasks)
    PLAIN: Fixed,
    "uncertainty": Uncertainty,
    "dwa": Dwa,
    "gradnorm": GradNorm,
    "pcgrad": PcGrad,
    "meta": Meta,
}
