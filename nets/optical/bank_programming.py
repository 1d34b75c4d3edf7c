"""Ring detunings that realise wanted weights, the light that neighbouring rings take included."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nets.optical.bank_channels import Channels
from nets.optical.bank_ports import Lineshape, lineshape
from photonic.errors import ParameterError

__all__ = ["OwnWeight", "check_reached", "own_weight", "programmed_detunings"]

_TOLERANCE = 1e-9  # of a weight [1]
_STEPS = 60


class OwnWeight(NamedTuple):
    """Weight of a ring without neighbours, w = base + swing Λ(δ), and its way back to a detuning."""

    base: float
    swing: float
    line: Lineshape
    half_linewidth_phase: float
    span: float

    @property
    def lowest_line(self) -> float:
        """Λ halfway to the next channel [1]."""
        return float(self.line.value(self.span * self.half_linewidth_phase))

    @property
    def range(self) -> tuple[float, float]:
        """Weights [1] halfway to the next channel and on the channel."""
        return self.base + self.swing * self.lowest_line, self.base + self.swing

    def value(self, detunings: np.ndarray) -> np.ndarray:
        """Weights [1] at detunings [half-linewidths]."""
        return self.base + self.swing * self.line.value(detunings * self.half_linewidth_phase)

    def detunings(self, line: np.ndarray) -> np.ndarray:
        """Detunings >= 0 [half-linewidths] at which Λ has those values [1]."""
        return self.line.phase(line) / self.half_linewidth_phase

    def clipped_line(self, weights: np.ndarray) -> np.ndarray:
        """Λ [1] that gives ``weights`` without neighbours, or the nearest within reach."""
        return np.clip((weights - self.base) / self.swing, self.lowest_line, 1.0)


def own_weight(channels: Channels, balanced: bool) -> OwnWeight:
    """Weight of one ring on its own: drop minus through power where ``balanced``, else drop power.

    Examples
    --------
    >>> from nets.optical.bank_channels import wavelength_channels
    >>> [round(w, 3) for w in own_weight(wavelength_channels(4), True).range]
    [-0.998, 0.947]
    """
    line = lineshape(channels.ring)
    base, swing = (-1.0, line.drop_peak + line.through_depth) if balanced else (0.0, line.drop_peak)
    return OwnWeight(base, swing, line, channels.half_linewidth_phase, channels.span)


def programmed_detunings(
    wanted: np.ndarray,
    own: OwnWeight,
    weights: Callable[[np.ndarray, np.ndarray], np.ndarray],
    slopes: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Detunings between 0 and halfway to the next channel that give the ``wanted`` weights.

    Every ring is first corrected for what its neighbours do, over and over. Where that does not
    settle (channels a few half-linewidths apart, or weights out of reach) bounded least squares go on.

    Parameters
    ----------
    wanted : array
        Weights [1], shape (banks, channels).
    own : OwnWeight
        Of each ring on its own.
    weights, slopes : callable
        Of detunings, shape (n, channels) [half-linewidths], and which n banks they belong to: the weights of
        the same shape, and their slopes [1 per half-linewidth], shape (n, channels, channels),
        rings last.

    Raises
    ------
    ParameterError
        Weights out of reach.
    """
    line, banks = own.clipped_line(wanted), np.arange(len(wanted))
    for _ in range(_STEPS):
        detunings = own.detunings(line)
        error = wanted - weights(detunings, banks)
        if np.max(np.abs(error)) < 1e-3 * _TOLERANCE:
            return detunings
        line = np.clip(line + error / own.swing, own.lowest_line, 1.0)
    for bank in np.flatnonzero(np.max(np.abs(error), axis=1) > 1e-3 * _TOLERANCE):
        detunings[bank] = _least_squares(wanted[bank], own, weights, slopes, banks[bank : bank + 1])
    check_reached(wanted, weights(detunings, banks), own)
    return detunings


def _least_squares(
    wanted: np.ndarray,
    own: OwnWeight,
    weights: Callable[[np.ndarray, np.ndarray], np.ndarray],
    slopes: Callable[[np.ndarray, np.ndarray], np.ndarray],
    bank: np.ndarray,
) -> np.ndarray:
    """Detunings of one bank whose weights are nearest to those ``wanted``, shape (channels,)."""
    from scipy.optimize import least_squares

    start = np.clip(own.detunings(own.clipped_line(wanted)), 1e-3 * own.span, (1 - 1e-3) * own.span)
    found = least_squares(
        lambda x: weights(x[None], bank)[0] - wanted,
        start,
        jac=lambda x: slopes(x[None], bank)[0],
        bounds=(0.0, own.span * (1 + 1e-12)),
        xtol=1e-14,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=300,
    )
    return found.x


def check_reached(wanted: np.ndarray, reached: np.ndarray, own: OwnWeight) -> None:
    """Raise `ParameterError` for the weight furthest from what is ``wanted``, if any is."""
    error = np.abs(reached - wanted)
    if np.max(error) <= _TOLERANCE:
        return
    i, j = np.unravel_index(int(np.argmax(error)), error.shape)
    low, high = own.range
    raise ParameterError(
        f"weights[{i}, {j}] = {wanted[i, j]:.6g} is out of reach: the nearest found is {reached[i, j]:.6g}."
        f" A ring alone reaches from {low:.6g} (detuned by half a channel spacing, {own.span:.3g}"
        f" half-linewidths) to {high:.6g} (on its channel, limited by its loss and unequal couplers);"
        " what the neighbouring rings take narrows that"
    )
