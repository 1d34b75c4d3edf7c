"""What the residuals of a fit say about it: do they look like noise?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Diagnostics", "diagnostics", "without_outliers"]

_ROUNDING = 0.5  # of the noise that was estimated: smaller residuals are those of exact readings
_NAMED = 8  # outliers that are named one by one
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

    def words(self, places: Sequence[str] | None = None, loss: str = "linear") -> list[str]:
        """What is wrong, if anything, a sentence each.

        ``places`` are names for the outliers instead of their numbers, ``loss`` that of the fit.
        """
        found, squares = [], loss == "linear"
        if self.probability < ODD:
            widened = " (intervals are widened by that factor)" if squares else ""
            found.append(
                f"residuals are {self.reduced_chi_squared**0.5:.3g} times as large as the noise: the model "
                f"misses something, or the noise is larger than stated{widened}"
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
            notes = ["counted from 0"] if places is None else []
            notes += ["a robust loss discounts them"] if squares else []
            told = f" ({'; '.join(notes)})" if notes else ""
            found.append(f"points too far off for noise: {_listed(self.outliers, places)}{told}")
        return found


def _listed(points: Sequence[int], places: Sequence[str] | None) -> str:
    names = [str(k) for k in points] if places is None else places
    more = ", ..." if len(names) > _NAMED else ""
    return f"{'' if places is None else 'at '}{', '.join(names[:_NAMED])}{more}"


def diagnostics(
    residuals: np.ndarray, orders: list[np.ndarray], known: bool, dof: int, raw: list[np.ndarray]
) -> Diagnostics:
    """Judge weighted ``residuals`` [1]; ``orders`` sort the points of each experiment, ``raw`` are in [W]."""
    from scipy.special import chdtrc, erfc

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
    limit = _limit(n)
    outliers = tuple(int(k) for k in np.flatnonzero(np.abs(z) > limit)) if dof > 0 else ()
    rms = tuple(float(np.sqrt(np.mean(part**2))) for part in raw)
    return Diagnostics(reduced if known else 1.0, probability, correlation, chance, outliers, rms)


def without_outliers(
    residuals: np.ndarray, orders: list[np.ndarray], known: bool, dof: int, raw: list[np.ndarray]
) -> tuple[Diagnostics, tuple[int, ...]]:
    """`diagnostics` of the readings that a robust loss leaves, and which ones it discounts.

    Those are left out one after the other until chance explains the rest; their own size does not hide them.
    """
    size = 1.0 if known else max(1.4826 * float(np.median(np.abs(residuals))), _ROUNDING)
    kept = np.abs(residuals) <= _limit(residuals.size) * size
    ends = np.cumsum([part.size for part in raw])[:-1]
    while True:
        masks = np.split(kept, ends)
        left = [_among(order, mask) for order, mask in zip(orders, masks, strict=True) if mask.any()]
        parts = [part[mask] if mask.any() else part for part, mask in zip(raw, masks, strict=True)]
        judged = diagnostics(residuals[kept], left, known, dof - int(np.sum(~kept)), parts)
        if not judged.outliers:
            return judged, tuple(int(k) for k in np.flatnonzero(~kept))
        kept[np.flatnonzero(kept)[list(judged.outliers)]] = False


def _among(order: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The order of those points that are kept, counted among themselves."""
    return np.asarray((np.cumsum(mask) - 1)[order[mask[order]]])


def _limit(count: int) -> float:
    """Standard deviations that the largest of ``count`` exceeds once in a hundred times, on either side."""
    from scipy.special import ndtri

    return -float(ndtri(0.5 * 0.01 / max(count, 1)))
