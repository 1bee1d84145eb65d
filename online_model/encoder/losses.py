"""What training minimizes: the choice among its rivals, and the choice among everything.

Both are sampled softmax losses with logQ correction: a row that stands in the sample with probability q counts as
1/q, so the sum over the sample estimates the sum over all. Bengio & Senécal, IEEE Trans. Neural Networks 2008;
in batches: Yi et al., "Sampling-bias-corrected neural modeling", RecSys 2019.
"""

import torch
from torch import Tensor


def among_rivals(logits: Tensor, log_odds: Tensor) -> Tensor:
    """−log exp(s₀) / Σᵢ exp(sᵢ − log πᵢ), f32[b], for logits and log odds f32[b, r], the chosen first."""
    return torch.logsumexp(logits - log_odds, dim=1) - logits[:, 0]


def among_all(users: Tensor, items: Tensor, which: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor]:
    """The same with the batch's other chosen items for rivals; and log Σ, the logarithm of the estimated sum.

    users: f32[b, d], of each choice's task. items: f32[b, d], chosen. which: i64[b], equal for equal items: these
    are no rivals. log_q: f32[b], log of the chosen item's share of all choices.
    """
    b = len(users)
    logits = users @ items.T
    own = logits.diagonal()
    corrected = logits - log_q[None] - torch.log(torch.tensor(float(b - 1)))
    same = which[None] == which[:, None]
    corrected = corrected.masked_fill(same, -torch.inf) + torch.diag_embed(torch.zeros(b))
    log_sum = torch.logaddexp(torch.logsumexp(corrected, dim=1), own)
    return log_sum - own, log_sum
