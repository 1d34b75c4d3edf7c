"""The loss of a classifier: cross-entropy of its scores, and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from nets import activations
from photonic.compiled import compiled
from photonic.errors import ParameterError

__all__ = ["checked_labels", "cross_entropy"]


def checked_labels(labels: Any, rows: int, classes: int) -> np.ndarray:
    """``labels`` as whole numbers, one a row, from 0 to ``classes`` − 1.

    Raises
    ------
    ParameterError
        Another number of labels, a label that is no class.
    """
    found = np.asarray(labels)
    if found.shape != (rows,):
        raise ParameterError(f"labels must have shape ({rows},), one a row of inputs, got {found.shape}")
    if found.dtype.kind not in "iu":
        raise ParameterError(f"labels must be whole numbers, got {found.dtype}")
    if rows and (found.min() < 0 or found.max() >= classes):
        wrong = found[(found < 0) | (found >= classes)][0]
        raise ParameterError(
            f"labels must lie in [0, {classes - 1}], the classes of the network, got {wrong}"
        )
    return found


@compiled
def below_largest(scores: Any, shifted: Any) -> None:
    """Each row of ``scores`` less its largest number; −inf where that is below −40.

    Such an answer has a probability below 1e-17; kept, its gradient would soon be a denormal number,
    and matrix products with denormals take ten times longer.
    """
    for r in range(scores.shape[0]):
        top = scores[r, 0]
        for c in range(1, scores.shape[1]):
            top = max(top, scores[r, c])
        for c in range(scores.shape[1]):
            below = scores[r, c] - top
            shifted[r, c] = -np.inf if below < -40 else below  # NaN stays NaN


@compiled
def softmax_loss(scores: Any, labels: Any, gradient: Any, per_row: Any) -> tuple[float, int]:
    """As `cross_entropy`; ``gradient`` comes in as exp(score − largest score of the row)."""
    loss, right, product = 0.0, 0, 1.0
    for r in range(scores.shape[0]):
        label, best, top = labels[r], 0, scores[r, 0]
        total = per_row - per_row
        for c in range(scores.shape[1]):
            total += gradient[r, c]
            if scores[r, c] > top:
                best, top = c, scores[r, c]
        product *= float(total)  # one logarithm of many totals costs less than one of each
        if product > 1e200:
            loss, product = loss + np.log(product), 1.0
        loss += top - scores[r, label]
        right += best == label
        share = per_row / total
        for c in range(scores.shape[1]):
            gradient[r, c] *= share
        gradient[r, label] -= per_row
    return loss + np.log(product), right


def cross_entropy(
    scores: np.ndarray, labels: np.ndarray, gradient: np.ndarray, per_row: Any
) -> tuple[float, int]:
    """Sum of the cross-entropies of the rows of ``scores`` and the number of right answers.

    Several columns: softmax, L = ln Σ exp s_j − s_label. One column: logistic, label 0 or 1.
    ``gradient`` receives dL/ds times ``per_row``; ``labels`` are those of `checked_labels`.
    """
    if scores.shape[1] > 1:
        below_largest(scores, gradient)
        np.exp(gradient, out=gradient)  # NumPy's runs on vectors, a compiled loop's does not
        return softmax_loss(scores, labels, gradient, per_row)
    s = scores[:, 0]
    gradient[:, 0] = (activations.sigmoid(s) - labels) * per_row
    loss = np.sum(activations.softplus(s) - s * labels, dtype=np.float64)
    return float(loss), int(np.count_nonzero((s > 0) == (labels == 1)))
