"""How sure the numbers of a solution are, from its curvature."""

from __future__ import annotations

import numpy as np

from photonic.fits.inverse_problem import Loss, Problem

__all__ = ["covariances"]

_LEAST = 0.1  # share of the curvature that outliers leave


def covariances(
    problem: Problem, residuals: np.ndarray, jacobian: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of the inner coordinates for residuals of standard deviation 1, and as they are.

    Along directions that the data do not hold, the pseudo-inverse says 0. With a robust loss the second is
    the sandwich A⁻¹ B A⁻¹ of the slopes A of the score and its spread B.
    """
    if problem.loss == "linear":
        unit = _inverse(jacobian, problem.faintest)
        return unit, unit * scale**2
    z = residuals
    weight, curvature = _score(z, problem.loss)
    bread = _inverse(jacobian * np.sqrt(curvature)[:, None], problem.faintest)
    pulls = jacobian * (weight * z)[:, None]
    return bread, bread @ (pulls.T @ pulls) @ bread


def _inverse(jacobian: np.ndarray, faintest: float) -> np.ndarray:
    """(JᵀJ)⁻¹ by singular values, of columns brought to one size."""
    size = np.linalg.norm(jacobian, axis=0)
    size = np.where(size > 0, size, 1.0)
    _, values, rows = np.linalg.svd(np.linalg.qr(jacobian / size, mode="r"))
    keep = values > faintest * max(float(values[0]), 1e-300)
    scaled = rows[keep] / values[keep, None]
    return (scaled.T @ scaled) / np.outer(size, size)


def _score(z: np.ndarray, loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """ρ′(z²), and half the second derivative of ρ(z²) by z, kept positive but as large in the mean."""
    s = z * z
    if loss == "soft_l1":
        first, second = (1 + s) ** -0.5, -0.5 * (1 + s) ** -1.5
    elif loss == "huber":
        inside = s <= 1
        first = np.where(inside, 1.0, np.maximum(s, 1.0) ** -0.5)
        second = np.where(inside, 0.0, -0.5 * np.maximum(s, 1.0) ** -1.5)
    else:
        first, second = 1 / (1 + s), -1 / (1 + s) ** 2
    curvature = first + 2 * second * s
    kept = np.maximum(curvature, 0.0)
    share = float(curvature.sum()) / max(float(kept.sum()), 1e-300)
    return first, kept * max(share, _LEAST)
