"""The exact shape of a resonance in a spectrum, and what coupling and loss a shape stands for.

With x = r₁r₂a = e^{−γt/2} the round-trip amplitude and φ = (ω − ω₀)t the round-trip phase, the line is

    Λ = (1 − x)/(1 − x e^{iφ}),   |t|² = 1 − A|Λ|²,   |d|² = D|Λ|²,

with A = 1 − (r₁ − r₂a)²/(1 − x)² and D = (1 − r₁²)(1 − r₂²)a/(1 − x)²: `photonic.transfer_matrix` in
other words.
The through port knows r₁ and r₂a only by the square of their difference: exchanging them changes nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

__all__ = ["Amplitudes", "SlopedLine", "amplitudes", "line", "sloped_line", "split_through", "through"]


class Amplitudes(NamedTuple):
    """Round-trip amplitudes of a ring [1], arrays: self-coupling of both buses, and loss a (> 1 is gain)."""

    bus: np.ndarray
    drop: np.ndarray
    loss: np.ndarray


class SlopedLine(NamedTuple):
    """Λ [1], and its slopes by offset [1/Hz], logarithm of the width [1] and splitting [1/Hz]."""

    field: np.ndarray
    by_offset: np.ndarray
    by_log_width: np.ndarray
    by_split: np.ndarray


def line(
    offset: np.ndarray, width: np.ndarray, free_range: float | None, split: np.ndarray | float = 0.0
) -> np.ndarray:
    """Λ [1] at ``offset`` [Hz] from the resonance, for a full ``width`` at half maximum γ/2π [Hz].

    Without a ``free_range`` [Hz] it is Lorentz's 1/(1 − 2iδ/γ). Backscattering makes two standing waves
    ``split`` [Hz] apart, which share the light equally.
    """
    if np.any(split):
        return (line(offset - split / 2, width, free_range) + line(offset + split / 2, width, free_range)) / 2
    if free_range is None:
        return np.asarray(1 / (1 - 2j * offset / width))
    x = np.exp(-math.pi * width / free_range)
    return np.asarray((1 - x) / (1 - x * np.exp(2j * math.pi * offset / free_range)))


def sloped_line(offset: np.ndarray, width: float, free_range: float | None, split: float) -> SlopedLine:
    """`line` with its slopes."""
    if split:
        one, two = (sloped_line(offset + way * split / 2, width, free_range, 0.0) for way in (-1, 1))
        return SlopedLine(
            (one.field + two.field) / 2,
            (one.by_offset + two.by_offset) / 2,
            (one.by_log_width + two.by_log_width) / 2,
            (two.by_offset - one.by_offset) / 4,
        )
    field: np.ndarray
    by_offset: np.ndarray
    by_log_width: np.ndarray
    if free_range is None:
        field = 1 / (1 - 2j * offset / width)
        by_offset, by_log_width = 2j / width * field**2, field * (1 - field)
    else:
        turn = math.pi * width / free_range
        x = math.exp(-turn)
        once = x * np.exp(2j * math.pi / free_range * offset)
        field = (1 - x) / (1 - once)
        by_offset = 2j * math.pi / free_range * field * once / (1 - once)
        by_log_width = turn * (x - once) / (1 - once) ** 2
    return SlopedLine(field, by_offset, by_log_width, np.zeros_like(field))


def through(shape: np.ndarray, depth: np.ndarray | float, slant: np.ndarray | float) -> np.ndarray:
    """|t|² [1] = 1 − A|Λ|² + 2v Im Λ of a single line; v is Fano's asymmetry by light that goes around."""
    return np.asarray(1 - depth * (shape.real**2 + shape.imag**2) + 2 * slant * shape.imag)


def split_through(
    shape: np.ndarray,
    strength: np.ndarray | float,
    slant: np.ndarray | float,
    width: np.ndarray | float,
    free_range: float | None,
) -> np.ndarray:
    """|t|² [1] = |1 − (u + iv)Λ|²/r₁² of a split line; u = (1 − r₁²)/(1 − x) is 2γ_c/γ for small rates.

    Re Λ is no longer a straight line in |Λ|², so that u and its mirror image can be told apart.
    """
    real = 1 - strength * shape.real + slant * shape.imag
    imag = -strength * shape.imag - slant * shape.real
    bus = 1.0 if free_range is None else 1 - strength * (1 - np.exp(-math.pi * width / free_range))
    return np.asarray((real**2 + imag**2) / bus)


def amplitudes(
    x: np.ndarray, root: np.ndarray, drop: np.ndarray | None = None, symmetric: bool = False
) -> Amplitudes:
    """The ring whose through port falls to ``root``² at resonance.

    Parameters
    ----------
    x : ndarray
        Round-trip amplitude r₁r₂a [1].
    root : ndarray
        (r₁ − r₂a)/(1 − x) [1]: positive when under-coupled, negative when over-coupled.
    drop : ndarray, optional
        Power D at the drop port on resonance over the input power [1]; without it there is no drop port.
    symmetric : bool
        Take r₂ = r₁ instead, whatever the drop port shows.
    """
    x = np.maximum(x, 1e-12)  # a ring of which nothing is left after one turn
    step = root * (1 - x)
    size = np.abs(step) + np.sqrt(step * step + 4 * x)
    bus = np.where(step < 0, 2 * x / size, size / 2)
    inner = x / bus  # r₂a
    if symmetric:
        return Amplitudes(bus, bus, inner / bus)
    if drop is None:
        return Amplitudes(bus, np.ones_like(bus), inner)
    k = drop * (1 - x) ** 2 / np.maximum(1 - bus * bus, 1e-15)  # (1 − r₂²)a
    other = 2 * inner / (np.sqrt(k * k + 4 * inner * inner) + k)
    return Amplitudes(bus, other, inner / other)
