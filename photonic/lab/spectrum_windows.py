"""The samples of one port about a line, and what is known of their errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from photonic.lab.baselines import Baseline, LocalRipple
from photonic.lab.resonances import Line
from photonic.lab.spectrum_channels import Channel, variance_stabilised
from photonic.units import SPEED_OF_LIGHT

__all__ = ["CORE", "WINDOW", "Window", "window"]

WINDOW = 6.0  # linewidths on either side that are fitted
CORE = 0.75  # linewidths on either side where samples are kept one by one
_MOST = 80  # samples in the core, and as many in the wings
_FEWEST = 12  # samples: a window with less is taken wider


@dataclass(frozen=True, eq=False, kw_only=True)
class Window:
    """Samples of one port about a line, or means of ``count`` of them, shape (n,).

    ``offset`` [Hz] from where the line was found at ``wavelength`` [m]; ``power`` and its baseline ``base``
    [W or relative].
    """

    channel: Channel
    ripple: LocalRipple
    offset: np.ndarray
    wavelength: np.ndarray
    power: np.ndarray
    base: np.ndarray
    count: np.ndarray
    drops: bool  # a drop port: peaks

    @cached_property
    def seen(self) -> np.ndarray:
        """The samples, variance stabilised [1]."""
        return self.stabilised(self.power)

    @cached_property
    def rippled(self) -> np.ndarray:
        """Covariance of ln P by ripple [1], shape (n, n)."""
        return self.ripple.covariance(self.wavelength, self.wavelength)

    def stabilised(self, power: np.ndarray) -> np.ndarray:
        """Power as it is compared [1]."""
        return variance_stabilised(power, self.channel.corner)

    def slope(self, power: np.ndarray) -> np.ndarray:
        """d(stabilised)/d(ln P) [1]."""
        return power / np.hypot(power, self.channel.corner)

    def noise(self, power: np.ndarray) -> np.ndarray:
        """Variance of the samples [1] by white noise and the laser's jitter, shape (n,)."""
        steep = np.gradient(self.stabilised(power), self.wavelength)
        return (self.channel.variance(power) + (steep * self.channel.jitter) ** 2) / self.count

    def covariance(self, power: np.ndarray) -> np.ndarray:
        """Of ripple and noise [1], shape (n, n)."""
        slope = self.slope(power)
        whole = slope[:, None] * self.rippled * slope[None, :]
        least = 1e-6 * max(self.ripple.variance, 1e-12)
        whole[np.diag_indices_from(whole)] += self.noise(power) + least
        return whole

    def discrepancy(self, power: np.ndarray, width: float) -> np.ndarray:
        """Covariance [1] of a unit error of the model in ln P; it forgets in half a ``width`` [Hz]."""
        slope = self.slope(power)
        apart = np.abs(self.offset[:, None] - self.offset[None, :])
        return np.asarray(slope[:, None] * np.exp(-2 * apart / width) * slope[None, :])


def window(
    channel: Channel,
    base: Baseline,
    ripple: LocalRipple,
    start: Line,
    linewidths: float,
    room: tuple[float, float],
    *,
    drops: bool,
    thin: bool = True,
) -> Window:
    """Samples within ``linewidths`` and the ``room`` [m] on either side of a line.

    If ``thin``, no more than 80 of them in the core and 80 in the wings, by taking means.
    """
    x = channel.wavelength
    below, above = (min(linewidths * start.width + start.split / 2, side) for side in room)
    inside = np.flatnonzero((x >= start.wavelength - below) & (x <= start.wavelength + above))
    if inside.size < _FEWEST:
        middle = int(np.argmin(np.abs(x - start.wavelength)))
        inside = np.arange(max(middle - 8, 0), min(middle + 9, x.size))
    core = np.abs(x[inside] - start.wavelength) < CORE * start.width + start.split / 2
    most = _MOST if thin else inside.size
    edges = np.concatenate([_edges(inside[core], most), _edges(inside[~core], most), [inside[-1] + 1]])
    edges = np.unique(edges)
    index, count = edges[:-1], np.diff(edges)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.add.reduceat(values[: inside[-1] + 1], index) / count)

    wavelength = mean(x)
    return Window(
        channel=channel,
        ripple=ripple,
        offset=SPEED_OF_LIGHT / wavelength - start.frequency,
        wavelength=wavelength,
        power=mean(channel.power),
        base=mean(base.power),
        count=count,
        drops=drops,
    )


def _edges(index: np.ndarray, most: int) -> np.ndarray:
    return index[:: max(1, -(-index.size // most))]
