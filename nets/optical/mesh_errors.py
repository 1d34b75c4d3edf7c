"""Random errors of the parts of a mesh, and the power of its heaters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nets.optical.heater_bill import checked_heaters
from photonic.errors import ParameterError, checked_seed, one_number

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["drawn_errors", "shifter_power"]

_MOST = math.pi / 4  # [rad], error of a coupler that couples nothing, or all
_ROUND_OFF = 1e-10  # [1] of a turn; a phase so little below 0 is taken for 0, not for a whole turn


def drawn_errors(sigma: float, seed: Any, shape: tuple[int, ...], around: Any = None) -> np.ndarray:
    """Independent normal errors [rad] of deviation ``sigma``, added to those ``around`` which are there.

    Parameters
    ----------
    sigma : float
        [rad].
    seed : int or numpy.random.Generator
        What draws them.
    shape : tuple of int
    around : array_like, optional
        Errors of the angles of couplers [rad]; the sums must lie within ±π/4, where the power that
        crosses is 0 or all. Phases, which have no such bound, leave it out.

    Raises
    ------
    ParameterError
        ``sigma`` below 0, a wrong seed, a sum beyond its bound.

    Examples
    --------
    >>> drawn_errors(0.0, 1, (2,), around=0.01).tolist()
    [0.01, 0.01]
    """
    sigma = one_number("sigma", sigma, unit="rad", at_least=0.0)
    errors = sigma * np.random.default_rng(checked_seed("seed", seed)).standard_normal(shape)
    if around is None:
        return errors
    errors += around
    if np.max(np.abs(errors), initial=0.0) > _MOST:
        raise ParameterError(
            f"sigma = {sigma:g} rad draws an error of {np.max(np.abs(errors)):.3g} rad, and that of "
            "a coupler lies within ±π/4 = 0.785 rad: choose a smaller sigma"
        )
    return errors


def shifter_power(phases: np.ndarray, heaters: Heaters | None) -> np.ndarray:
    """P = P_π (φ mod 2π)/π [W] of heaters that make the ``phases`` φ [rad].

    Parameters
    ----------
    phases : ndarray
        [rad].
    heaters : Heaters or None
        With P_π [W]; None: ``Heaters()``.

    Raises
    ------
    ParameterError
        No heaters but a number.

    Examples
    --------
    >>> from photonic.heaters import Heaters
    >>> shifter_power(np.array([0.0, np.pi / 2, 3 * np.pi]), Heaters(p_pi=20e-3)).tolist()
    [0.0, 0.01, 0.02]
    """
    turns = (phases / (2 * math.pi)) % 1.0
    turns[turns > 1.0 - _ROUND_OFF] = 0.0
    return 2 * checked_heaters(heaters).p_pi * turns
