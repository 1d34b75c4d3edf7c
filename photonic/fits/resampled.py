"""What fits of resampled data say: standard errors, covariance, intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.errors import ParameterError, one_number, unknown_name

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["Bootstrap", "Kind"]

Kind = Literal["parametric", "residuals", "pairs"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrap:
    """Fits of resampled data, and what their spread says.

    Attributes
    ----------
    fit : Fit
        The fit that was resampled.
    samples : ndarray, shape (m, k)
        Numbers of each fit that came to an end [SI], in the order of ``fit.estimates``.
    kind : {"parametric", "residuals", "pairs"}
        How the data were made.
    seed : int
        Of the chance.
    failed : mapping
        Number of a sample whose fit came to no end, and why.
    acceleration : ndarray, shape (k,)
        How the standard error of each number changes with it, for the BCa interval [1].
    """

    fit: Fit
    samples: np.ndarray
    kind: Kind
    seed: int
    failed: Mapping[int, str]
    acceleration: np.ndarray

    def __repr__(self) -> str:
        return f"Bootstrap({self.kind}, {len(self.samples)} samples, {self.failures} failures)"

    @property
    def names(self) -> tuple[str, ...]:
        """Free numbers, in the order of the columns of ``samples``."""
        return tuple(self.fit.estimates)

    @property
    def failures(self) -> int:
        """How many fits came to no end; they are not among the ``samples``."""
        return len(self.failed)

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard deviation of each number [SI]; infinite where the data do not hold it."""
        spread = np.std(self.samples, axis=0, ddof=1)
        return {n: float(s) if self._held(n) else math.inf for n, s in zip(self.names, spread, strict=True)}

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the numbers [products of their SI units], (k, k); NaN for one that is not held."""
        found = np.atleast_2d(np.cov(self.samples, rowvar=False))
        lost = [k for k, name in enumerate(self.names) if not self._held(name)]
        found[lost, :] = found[:, lost] = math.nan
        return found

    def interval(
        self, name: str, level: float = 0.95, method: Literal["bca", "percentile"] = "bca"
    ) -> tuple[float, float]:
        """Interval of a number [SI] that holds the truth with probability ``level`` [1].

        Shares of the samples are cut off at both ends: equal ones ("percentile"), or such as correct for
        bias and for an error that changes with the number ("bca": B. Efron, J. Am. Stat. Assoc. 82 (1987)
        171). A number that the data do not hold keeps the interval of the fit.

        Raises
        ------
        ParameterError
            An unknown name or method, a level for which there are too few samples.
        """
        if name not in self.names:
            raise unknown_name("free parameter", name, self.names)
        if method not in ("bca", "percentile"):
            raise unknown_name("method", method, ("bca", "percentile"))
        level = one_number("level", level, above=0.0, below=1.0)
        needed = math.ceil(2 / (1 - level) * (1 - 1e-9))
        if len(self.samples) < needed:
            text = f"an interval of {100 * level:g} % needs {needed} samples or more"
            raise ParameterError(f"{text}, got {len(self.samples)}")
        if not self._held(name):
            return self.fit.estimates[name].interval
        k = self.names.index(name)
        shares = [0.5 - level / 2, 0.5 + level / 2]
        if method == "bca":
            shares = self._corrected(k, shares)
        low, high = np.quantile(self.samples[:, k], shares)
        return float(low), float(high)

    def table(self) -> str:
        """Standard errors beside those of the fit, and 95 % intervals, as text."""
        rows = [("", "value", "std. error", "of the fit", "95 % interval", "unit")]
        for name, error in self.standard_errors.items():
            of_fit = self.fit.estimates[name]
            found = self._ends(name)
            ends = "too few samples" if found is None else f"[{found[0]:.6g}, {found[1]:.6g}]"
            rows.append(
                (
                    name,
                    f"{of_fit.value:.6g}",
                    f"{error:.3g}",
                    f"{of_fit.standard_error:.3g}",
                    ends,
                    of_fit.unit,
                )
            )
        widths = [max(len(row[k]) for row in rows) for k in range(6)]
        lines = ["  ".join(f"{t:<{w}}" for t, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        tail = f"{len(self.samples)} samples ({self.kind}), {self.failures} without a solution"
        return "\n".join([*lines, tail])

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON, without the samples."""
        errors = self.standard_errors
        return {
            "schema": 1,
            "kind": self.kind,
            "seed": self.seed,
            "samples": len(self.samples),
            "failures": self.failures,
            "estimates": {
                name: {
                    "value": self.fit.estimates[name].value,
                    "unit": self.fit.estimates[name].unit,
                    "standard_error": errors[name] if math.isfinite(errors[name]) else None,
                    "interval": ends and [v if math.isfinite(v) else None for v in ends],
                }
                for name, ends in ((n, self._ends(n)) for n in self.names)
            },
        }

    def _held(self, name: str) -> bool:
        return math.isfinite(self.fit.estimates[name].standard_error)

    def _ends(self, name: str) -> tuple[float, float] | None:
        """95 % interval, None where the samples are too few or too one-sided for it."""
        try:
            return self.interval(name)
        except ParameterError:
            return None

    def _corrected(self, k: int, shares: Sequence[float]) -> list[float]:
        from scipy.special import ndtr, ndtri

        column, value = self.samples[:, k], self.fit.estimates[self.names[k]].value
        below = (np.sum(column < value) + 0.5 * np.sum(column == value)) / column.size
        if not 0 < below < 1:
            text = f"all samples of {self.names[k]} lie on one side of its value"
            raise ParameterError(f"method 'bca' has no answer: {text}; use 'percentile'")
        bias, a = float(ndtri(below)), float(self.acceleration[k])
        normal = [bias + float(ndtri(share)) for share in shares]
        return [float(ndtr(bias + z / (1 - a * z))) for z in normal]
