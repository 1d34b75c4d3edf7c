"""What the residuals of a fit say about it: do they look like noise?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Diagnostics", "diagnostics"]

_ROUNDING = 0.5  # of the noise that was estimated: smaller residuals are those of exact readings
ODD = 0.01  # probability below which residuals are called something else than noise


@dataclass(frozen=True)
class Diagnostics:
    """Of the weighted residuals, in the order of the input power of each experiment.

    ``reduced_chi_squared`` and its ``probability`` [1] where the noise was known (else 1 and NaN);
    ``correlation`` of neighbours [1] and the probability of one so large by chance; ``outliers`` are points
    further out than noise alone would put one in a hundred such fits; ``rms`` [W] of each experiment.
    """

    reduced_chi_squared: float
    probability: float
    correlation: float
    correlation_probability: float
    outliers: tuple[int, ...]
    rms: tuple[float, ...]

    @property
    def sound(self) -> bool:
        """Whether the residuals look like noise."""
        odd = self.probability < ODD or self.correlation_probability < ODD
        return not odd and not self.outliers

    def words(self) -> list[str]:
        """What is wrong, if anything, a sentence each."""
        found = []
        if self.probability < ODD:
            found.append(
                f"residuals are {self.reduced_chi_squared**0.5:.3g} times as large as the noise: the model "
                "misses something, or the noise is larger than stated (intervals are widened by that factor)"
            )
        if self.correlation_probability < ODD and self.correlation < 0:
            found.append(
                f"neighbouring residuals alternate (correlation {self.correlation:.2f}): readings of two "
                "branches under one curve (give the sweep directions), or a leap between two samples in time?"
            )
        elif self.correlation_probability < ODD:
            found.append(
                f"neighbouring residuals go together (correlation {self.correlation:.2f}): the model misses "
                "something, and intervals are too narrow"
            )
        if self.outliers:
            points = ", ".join(map(str, self.outliers[:8])) + (", ..." if len(self.outliers) > 8 else "")
            found.append(f"points too far off for noise: {points} (a robust loss discounts them)")
        return found


def diagnostics(
    residuals: np.ndarray, orders: list[np.ndarray], known: bool, dof: int, raw: list[np.ndarray]
) -> Diagnostics:
    """Judge weighted ``residuals`` [1]; ``orders`` sort the points of each experiment, ``raw`` are in [W]."""
    from scipy.special import chdtrc, erfc, ndtri

    squares = float(residuals @ residuals)
    reduced = squares / max(dof, 1)
    probability = float(chdtrc(dof, squares)) if known and dof > 0 else float("nan")
    scale = 1.0 if known else max(float(np.sqrt(reduced)), _ROUNDING)
    z = residuals / scale
    pairs, norm, start = 0.0, 0.0, 0
    for order in orders:
        part = z[start : start + order.size][order]
        part = part - part.mean()
        pairs += float(part[1:] @ part[:-1])
        norm += float(part @ part)
        start += order.size
    correlation = pairs / norm if norm > 0 else 0.0
    n = max(z.size, 1)  # of so many independent residuals it is Gaussian with mean −1/n and variance 1/n
    chance = float(erfc(abs(correlation + 1 / n) * np.sqrt(n / 2))) if n > 4 else 1.0
    limit = -float(ndtri(0.5 * 0.01 / n))
    outliers = tuple(int(k) for k in np.flatnonzero(np.abs(z) > limit)) if dof > 0 else ()
    rms = tuple(float(np.sqrt(np.mean(part**2))) for part in raw)
    return Diagnostics(reduced if known else 1.0, probability, correlation, chance, outliers, rms)
