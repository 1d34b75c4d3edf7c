"""Detunings of a weight bank whose rings are set with finite precision."""

from __future__ import annotations

import numpy as np

from nets.optical.bank_programming import OwnWeight

__all__ = ["noisy_detunings", "quantised_detunings"]


def noisy_detunings(
    detunings: np.ndarray, own: OwnWeight, bits: float, generator: np.random.Generator
) -> np.ndarray:
    """Detunings whose own weights are off by normal errors of σ = range/2^bits.

    A draw that no detuning gives (beyond the weight on the channel, or below that between two
    resonances) is drawn again.
    """
    low, high = own.range
    least = own.base + own.swing / (1 + own.line.sharpness)
    mean, sigma = own.value(detunings), (high - low) * 2.0**-bits
    drawn = mean + sigma * generator.standard_normal(mean.shape)
    while np.any(out := (drawn < least) | (drawn > high)):
        drawn[out] = mean[out] + sigma * generator.standard_normal(int(np.sum(out)))
    return _with_own(detunings, own, (drawn - own.base) / own.swing)


def quantised_detunings(detunings: np.ndarray, own: OwnWeight, bits: int) -> np.ndarray:
    """Detunings whose own weights are the nearest of 2^bits even steps over the range."""
    low, high = own.range
    steps = 2**bits - 1
    level = np.clip(np.rint((own.value(detunings) - low) / (high - low) * steps), 0, steps)
    line = (low + (high - low) * level / steps - own.base) / own.swing
    return _with_own(detunings, own, line)


def _with_own(detunings: np.ndarray, own: OwnWeight, line: np.ndarray) -> np.ndarray:
    """Detunings with those own lineshapes, on the same side of the same resonance as before."""
    period = 2 * np.pi / own.half_linewidth_phase
    order = np.rint(detunings / period)
    side = np.where(detunings - order * period < 0, -1.0, 1.0)
    least = 1 / (1 + own.line.sharpness)
    return order * period + side * own.detunings(np.clip(line, least, 1.0))  # round-off beyond the ends
