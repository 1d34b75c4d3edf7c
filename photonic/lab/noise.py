"""Noise of power readings: a floor and a part in proportion to the power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["NoiseLaw", "noise_law"]

_RATIOS = np.geomspace(1e-4, 1e12, 65)  # of the proportional part to the floor, at the brightest reading


@dataclass(frozen=True, kw_only=True)
class NoiseLaw:
    """Standard deviation of one reading: σ² = floor² + (relative·P)².

    Parameters
    ----------
    floor : float
        In the dark [W].
    relative : float
        Of a bright reading, over the reading [1].
    """

    floor: float
    relative: float

    def __call__(self, power: Any) -> np.ndarray:
        """Standard deviation [W] at the output ``power`` [W]."""
        return np.hypot(self.floor, self.relative * np.asarray(power, dtype=float))


def noise_law(power: np.ndarray, squares: np.ndarray, freedom: Any = 1.0) -> NoiseLaw:
    """Likeliest law behind squared deviations that are Gaussian.

    Minimises Σ freedom (s²/σ² + ln σ²), the likelihood of variances s² with so many degrees of
    freedom, over the ratio relative²/floor²; the size then follows in closed form. A floor alone
    is kept unless the second number pays by Akaike's criterion.

    Parameters
    ----------
    power : ndarray, shape (n,)
        Output powers [W].
    squares : ndarray, shape (n,)
        Estimates of the variance at each [W²], unbiased, >= 0.
    freedom : float or ndarray
        Degrees of freedom behind each [1].

    Examples
    --------
    >>> import numpy as np
    >>> power = np.linspace(0, 1e-3, 9)
    >>> found = noise_law(power, 1e-6**2 + (0.01 * power) ** 2)
    >>> round(found.floor * 1e6, 6), round(found.relative, 6)
    (1.0, 0.01)
    """
    z = np.asarray(power, dtype=float) ** 2
    count = np.broadcast_to(np.asarray(freedom, dtype=float), z.shape)
    top, mean = float(z.max()), float(np.average(squares, weights=count))
    if mean <= 0.0:
        return NoiseLaw(floor=0.0, relative=0.0)
    if top <= 0.0:
        return NoiseLaw(floor=mean**0.5, relative=0.0)
    ratios, even = _RATIOS, float(count.sum() * np.log(mean))
    for _ in range(4):  # each round looks closer, between the neighbours of the best so far
        shapes = 1.0 + ratios[:, None] * (z / top)
        sizes = (count * squares / shapes).sum(axis=1) / count.sum()
        costs = count.sum() * np.log(sizes) + np.log(shapes) @ count
        best = int(np.argmin(costs))
        ratio, size, cost = float(ratios[best]), float(sizes[best]), float(costs[best])
        ratios = np.geomspace(ratios[max(best - 1, 0)], ratios[min(best + 1, ratios.size - 1)], 17)
    if cost > even - 2.0:
        return NoiseLaw(floor=mean**0.5, relative=0.0)
    return NoiseLaw(floor=size**0.5, relative=(ratio * size / top) ** 0.5)
