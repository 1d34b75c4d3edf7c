"""What the optical materials share: wavelength checks, Sellmeier sums, tables in ln λ."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete
from photonic.namespace import is_foreign, namespace

__all__ = ["check_wavelength", "interpolate_log", "number", "sellmeier", "warn_outside"]

_SCALES = {"micrometres": 1e-6, "nanometres": 1e-9}


def check_wavelength(wavelength: Any, name: str = "wavelength") -> None:
    """Raise `ParameterError` unless ``wavelength`` is a vacuum wavelength in metres.

    Examples
    --------
    >>> check_wavelength(1.55)
    Traceback (most recent call last):
    photonic.errors.ParameterError: wavelength must lie in [2e-07, 2e-05] m, got 1.55: did you mean 1.55e-06 (micrometres)?
    """  # noqa: E501 (one line of output)
    check(name, wavelength, unit="m", above=0.0, plausible=(2e-7, 2e-5), scales=_SCALES)


def warn_outside(what: str, wavelength: Any, low: float, high: float, margin: float = 0.02) -> None:
    """Say when a law is used outside its wavelengths ``low`` to ``high`` [m].

    Up to ``margin`` (relative) beyond an end nothing is said, up to 10 % it warns, further it raises.

    Raises
    ------
    ParameterError
        A wavelength more than 10 % outside.
    """
    value = np.asarray(concrete(wavelength), dtype=float)
    lowest, highest = float(value.min(initial=np.inf)), float(value.max(initial=0.0))
    text = f"{what} holds from {low:g} m to {high:g} m"
    if lowest < low / 1.1 or highest > high * 1.1:
        raise ParameterError(f"{text}, got wavelength {lowest if lowest < low else highest:g} m")
    if lowest < low * (1 - margin) or highest > high * (1 + margin):
        warnings.warn(
            f"{text}: used at {lowest if lowest < low else highest:g} m",
            OutsideValidityWarning,
            stacklevel=3,
        )


def number(value: Any) -> Any:
    """``value`` as a float or complex NumPy array, or itself if it is a foreign array."""
    if is_foreign(value):
        return value
    array = np.asarray(value)
    return array if array.dtype.kind in "fc" else array.astype(float)


def interpolate_log(wavelength: Any, table: Any, *columns: Any) -> tuple[Any, ...]:
    """Values of ``columns`` at ``wavelength``, linear in ln λ between the rows of ``table`` [m].

    Beyond the ends the outermost interval is continued. Differentiable in ``wavelength``.
    """
    grid = np.log(np.asarray(table, dtype=float))
    place = np.log(np.asarray(concrete(wavelength), dtype=float))
    row = np.clip(np.searchsorted(grid, place, side="right") - 1, 0, grid.size - 2)
    xp = namespace(wavelength)

    def pick(column: Any, at: Any) -> Any:
        values = np.asarray(column, dtype=float)[at]
        return float(values) if place.ndim == 0 else xp.asarray(values)

    low, high = pick(grid, row), pick(grid, row + 1)
    share = (xp.log(wavelength) - low) / (high - low)
    found = []
    for column in columns:
        first = pick(column, row)
        value = first + share * (pick(column, row + 1) - first)
        # Plain scalars: a NumPy scalar would swallow a foreign array that multiplies it.
        found.append(value.item() if isinstance(value, np.generic) else value)
    return tuple(found)


def sellmeier(wavelength: Any, strengths: Sequence[float], resonances: Sequence[float]) -> Any:
    """Refractive index [1] n = sqrt(1 + Σ Bλ²/(λ² − C²)).

    Parameters
    ----------
    wavelength : float or array
        In the unit of ``resonances``.
    strengths, resonances : sequence of float
        B [1] and C.

    Examples
    --------
    >>> round(float(sellmeier(1.0, [3.0], [0.0])), 9)
    2.0
    """
    square = wavelength * wavelength
    total = 1.0
    for strength, resonance in zip(strengths, resonances, strict=True):
        total = total + strength * square / (square - resonance**2)
    return total**0.5
