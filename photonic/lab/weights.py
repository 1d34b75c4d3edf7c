"""How far a reading may lie from the truth: known, or estimated from what a fit leaves over."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from photonic.errors import ParameterError
from photonic.lab.noise import noise_law

__all__ = ["Kind", "checked_kind", "first_guess", "updated"]

Kind = Literal["sigma", "constant", "proportional", "mixed"]
_FAINT = 1e-3  # of the largest output: below it proportional noise is taken not to fall any more
_NOISELESS = 1e-14  # of the largest output: no reading is surer


def checked_kind(kind: Any, measured: Any, index: int) -> Kind:
    """The noise model of experiment ``index``: as asked, else its sigma if it has one, else constant."""
    if kind is None:
        return "constant" if measured.standard_error is None else "sigma"
    if kind not in get_args(Kind):
        allowed = ", ".join(map(repr, get_args(Kind)))
        raise ParameterError(f"noise must be one of {allowed}, got {kind!r}")
    if kind == "sigma" and measured.standard_error is None:
        raise ParameterError(f"noise='sigma' needs the sigma of experiment {index}, got None")
    found: Kind = kind
    return found


def first_guess(kind: Kind, measured: Any, seen: np.ndarray) -> np.ndarray:
    """Standard deviation of each of the readings ``seen`` [W] before there is a fit."""
    if kind == "sigma":
        return np.asarray(measured.standard_error)
    return _shape(kind, seen) * 0.01 / np.sqrt(measured.repeats)


def updated(kind: Kind, measured: Any, expected: np.ndarray, residual: np.ndarray, dof: float) -> np.ndarray:
    """Standard deviation of each reading, from the ``residual`` [W] at the ``expected`` ones [W].

    ``dof`` are the degrees of freedom that the residuals have left. The variance of "mixed" noise,
    floor² + (relative P)², is the likeliest one.
    """
    if kind == "sigma":
        return np.asarray(measured.standard_error)
    roots = np.sqrt(measured.repeats)
    squares = (residual * roots) ** 2 * (residual.size / max(dof, 1.0))  # of one reading
    if kind == "mixed":
        sigma = noise_law(expected, squares)(expected)
    else:
        shape = _shape(kind, expected)
        sigma = np.sqrt(np.mean(squares / shape**2)) * shape
    return np.maximum(sigma, _NOISELESS * float(np.max(np.abs(expected)) or 1.0)) / roots


def _shape(kind: Kind, power: np.ndarray) -> np.ndarray:
    size = np.abs(power)
    largest = float(size.max()) or 1.0
    return np.maximum(size, _FAINT * largest) if kind == "proportional" else np.full(size.shape, largest)
