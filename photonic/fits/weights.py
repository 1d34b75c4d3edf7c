"""How far a reading may lie from the truth: known, or estimated from what a fit leaves over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np

from photonic.errors import ParameterError
from photonic.lab.noise import noise_law

__all__ = ["Kind", "checked_kind", "first_guess", "updated"]

Kind = Literal["sigma", "constant", "proportional", "mixed"]
_FAINT = 1e-3  # of the largest output: below it proportional noise is taken not to fall any more
_ENOUGH = 10  # readings from which an experiment tells the size of its own noise
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
    largest = float(np.max(np.abs(seen))) or 1.0
    return 0.01 * _shape(kind, seen, largest) / np.sqrt(measured.repeats)


def updated(
    kinds: Sequence[Kind],
    measured: Sequence[Any],
    expected: Sequence[np.ndarray],
    residuals: Sequence[np.ndarray],
    share: float,
) -> list[np.ndarray]:
    """Standard deviation of each reading, from the ``residuals`` [W] at the ``expected`` ones [W].

    ``share`` is that of the degrees of freedom which the residuals have left. Each experiment has noise of
    its own size, unless it has too few readings to tell: then that of all of its kind.
    """
    found: list[np.ndarray] = []
    for i, (kind, m) in enumerate(zip(kinds, measured, strict=True)):
        if kind == "sigma":
            found.append(np.asarray(m.standard_error))
            continue
        alike = [j for j, other in enumerate(measured) if kinds[j] == kind and type(other) is type(m)]
        many = [j for j in alike if residuals[j].size >= _ENOUGH]
        own = [i] if i in many else many or alike
        one_reading = [residuals[j] * np.sqrt(measured[j].repeats) for j in own]
        squares = np.concatenate(one_reading) ** 2 / share
        law = _law(kind, np.concatenate([expected[j] for j in own]), squares)
        found.append(law(expected[i]) / np.sqrt(m.repeats))
    return found


def _law(kind: Kind, power: np.ndarray, squares: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Standard deviation of one reading [W] as a function of the power read [W].

    The variance of "mixed" noise, floor² + (relative P)², is the likeliest one.
    """
    largest = float(np.max(np.abs(power))) or 1.0
    if kind == "mixed":
        law = noise_law(power, squares)
        return lambda p: np.maximum(law(p), _NOISELESS * largest)
    size = np.sqrt(np.mean(squares / _shape(kind, power, largest) ** 2))
    return lambda p: np.maximum(size, _NOISELESS) * _shape(kind, p, largest)


def _shape(kind: Kind, power: np.ndarray, largest: float) -> np.ndarray:
    size = np.abs(power)
    return np.maximum(size, _FAINT * largest) if kind == "proportional" else np.full(size.shape, largest)
