"""Free numbers from measurements by weighted least squares, from one start or many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic.errors import ConvergenceError
from photonic.fits import weights
from photonic.fits.free_parameters import FreeParameter
from photonic.fits.identifiability import EXACT, SIMULATED, null_space

__all__ = ["DISTINCT", "Loss", "Problem", "Solution", "losses"]

Loss = Literal["linear", "soft_l1", "huber", "cauchy"]
_REJECTED = 1e9  # residual of numbers no device can have, so that a step to them is taken back
_WALL = 10.0  # residual per inner unit past the walls of a free number
DISTINCT = 1e-3  # inner units by which two solutions differ


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a search ended: inner coordinates, and the weighted sum of squares (or of its robust loss)."""

    inner: np.ndarray
    cost: float


class Problem:
    """Residuals of all experiments, each over its noise, as functions of the inner coordinates."""

    def __init__(
        self,
        free: Sequence[FreeParameter],
        predictions: Sequence[Any],
        measured: Sequence[Any],
        kinds: Sequence[weights.Kind],
        loss: Loss = "linear",
    ) -> None:
        self.free, self.predictions, self.measured, self.kinds, self.loss = (
            free, predictions, measured, kinds, loss,
        )  # fmt: skip
        self.seen = [np.asarray(m.power_out) for m in measured]
        self.sigma = [
            weights.first_guess(k, m, y) for k, m, y in zip(kinds, measured, self.seen, strict=True)
        ]
        self.evaluations = 0
        self.starts_tried = 1
        self._last: tuple[bytes, np.ndarray, np.ndarray] | None = None
        self._blind: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Number of readings."""
        return sum(y.size for y in self.seen)

    @property
    def scale_known(self) -> bool:
        """Whether the noise of any experiment is known beforehand, so that the rest can be held to it."""
        return any(kind == "sigma" for kind in self.kinds)

    @property
    def simulated(self) -> bool:
        """Whether some slopes are exact only to the accuracy of a simulation."""
        return any(getattr(p, "simulated", False) for p in self.predictions)

    @property
    def faintest(self) -> float:
        """Share of its largest singular value below which those of the Jacobian mean nothing [1]."""
        return SIMULATED if self.simulated else EXACT

    def values(self, inner: Any) -> list[float]:
        """Free numbers [SI] at inner coordinates."""
        return [f.value(float(u)) for f, u in zip(self.free, inner, strict=True)]

    def sound(self, inner: Any) -> bool:
        """Whether ``inner`` are numbers that a device can have."""
        return all(f.within(float(u)) for f, u in zip(self.free, inner, strict=True))

    # ------------------------------------------------------------------- residuals
    def expected(self, inner: Any) -> list[np.ndarray]:
        """Readings that the device would have given, one array per experiment [W]."""
        values = self.values(inner)
        return [p.value(values) for p in self.predictions]

    def residuals(self, inner: np.ndarray) -> np.ndarray:
        """(Expected − seen)/sigma of all readings [1]."""
        if not self.sound(inner):
            return np.full(self.size, _REJECTED)
        return self._both(inner)[0]

    def jacobian(self, inner: np.ndarray) -> np.ndarray:
        """Slopes of `residuals` by the inner coordinates, shape (readings, free numbers)."""
        return self._both(inner)[1]

    def _both(self, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        key = np.asarray(inner).tobytes()
        if self._last is None or self._last[0] != key:
            self.evaluations += 1
            values = self.values(inner)
            slopes = np.array([f.slope(float(u)) for f, u in zip(self.free, inner, strict=True)])
            parts = [p.both(values) for p in self.predictions]
            residual = np.concatenate(
                [(f - y) / s for (f, _), y, s in zip(parts, self.seen, self.sigma, strict=True)]
            )
            jacobian = np.concatenate([j / s[:, None] for (_, j), s in zip(parts, self.sigma, strict=True)])
            self._last = (key, residual, jacobian * slopes)
        return self._last[1], self._last[2]

    def hinges(self, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals that hold the jumps of bistable responses where the data have them, and their slopes."""
        count = sum(len(b.jumps) for p in self.predictions if (b := getattr(p, "branches", None)))
        if not count:
            return np.zeros(0), np.zeros((0, inner.size))
        if not self.sound(inner):
            return np.full(count, _REJECTED), np.zeros((count, inner.size))
        values = self.values(inner)
        slopes = np.array([f.slope(float(u)) for f, u in zip(self.free, inner, strict=True)])
        parts = [p.hinges(values) for p in self.predictions if getattr(p, "branches", None)]
        return np.concatenate([v for v, _ in parts]), np.concatenate([j for _, j in parts]) * slopes

    def set_sigma(self, sigma: Sequence[np.ndarray]) -> None:
        """Weigh the readings by other standard deviations [W]."""
        self.sigma, self._last = list(sigma), None

    # ------------------------------------------------------------------- search
    def search(self, start: np.ndarray, held: int | None = None, tolerance: float = 1e-9) -> Solution:
        """Least squares from ``start``, all numbers free but the one that is ``held``.

        Levenberg–Marquardt (MINPACK) for squares; a trust region for robust losses. Nothing moves along
        directions that the readings are blind to.
        """
        from scipy.optimize import least_squares, leastsq

        start = np.array(start, dtype=float)
        basis = self._basis(start, held)
        if not basis.shape[1]:
            return Solution(start, self.cost(start))

        low, high = np.array([f.walls for f in self.free]).T

        def residuals(part: np.ndarray) -> np.ndarray:
            at = start + basis @ part
            past = _WALL * (at - np.clip(at, low, high))
            return np.concatenate([self.residuals(at), past, self.hinges(at)[0]])

        def jacobian(part: np.ndarray) -> np.ndarray:
            at = start + basis @ part
            past = np.diag(_WALL * ((at < low) | (at > high)))
            return np.concatenate([self.jacobian(at), past, self.hinges(at)[1]]) @ basis

        origin = np.zeros(basis.shape[1])
        if self.loss == "linear":
            options = {"ftol": tolerance, "xtol": tolerance, "maxfev": 200, "full_output": True}
            found = leastsq(residuals, origin, Dfun=jacobian, **options)[0]
        else:
            limits = {"ftol": tolerance, "xtol": tolerance, "gtol": tolerance, "max_nfev": 200}
            found = least_squares(residuals, origin, jacobian, loss=self.loss, **limits).x
        end = start + basis @ found
        return Solution(end, self.cost(end))

    def _basis(self, start: np.ndarray, held: int | None) -> np.ndarray:
        """Orthonormal directions, as columns, in which a search may move.

        Left out are those that the first start was blind to: they are straight lines, being products
        of powers in logarithmic coordinates.
        """
        if self._blind is None:
            self._blind = null_space(self.jacobian(start), self.faintest)
        still = self._blind if held is None else np.vstack([self._blind, np.eye(start.size)[held]])
        if not len(still):
            return np.eye(start.size)
        if held is not None and not len(self._blind):
            return np.delete(np.eye(start.size), held, axis=1)
        rank = len(still)
        return np.linalg.qr(still.T, mode="complete")[0][:, rank:]

    def cost(self, inner: np.ndarray) -> float:
        """Sum of squared residuals, or of their robust losses, twice scipy's cost [1]."""
        held = self.hinges(np.asarray(inner))[0]
        return float(np.sum(losses(self.residuals(inner) ** 2, self.loss)) + held @ held)

    def solve(self, start: np.ndarray) -> Solution:
        """`search`, with the noise brought up to date between its rounds."""
        found = self.search(start, tolerance=1e-6 if self.reweighs else 1e-9)
        for _ in range(6):
            before = [s.copy() for s in self.sigma]
            self.reweigh(found.inner)
            found = Solution(found.inner, self.cost(found.inner))
            if not self.reweighs and self.loss == "linear":
                break
            found = self.search(found.inner)
            moved = max(float(np.max(np.abs(a / b - 1))) for a, b in zip(self.sigma, before, strict=True))
            if moved < 1e-3:
                break
        return found

    @property
    def reweighs(self) -> bool:
        """Whether the estimate of the noise has a say in the solution."""
        shapes = {kind for kind in self.kinds if kind != "sigma"}
        return bool(shapes - {"constant"}) or (bool(shapes) and len(self.kinds) > 1)

    def reweigh(self, inner: np.ndarray) -> None:
        """Bring the estimated noise up to date."""
        share = 1 - len(self.free) / max(self.size, len(self.free) + 1)
        expected = self.expected(inner)
        residuals = [f - y for f, y in zip(expected, self.seen, strict=True)]
        if self.loss != "linear":
            residuals = [_without_outliers(r) for r in residuals]
        self.set_sigma(weights.updated(self.kinds, self.measured, expected, residuals, share))

    def checked(self, solution: Solution) -> Solution:
        """The same, searched again wherever the sweeps lead to other states than those in use."""
        for _ in range(8):
            values = self.values(solution.inner)
            same = [p.checked(values) for p in self.predictions]
            if all(same):
                return solution
            self._last = None
            solution = self.solve(solution.inner)
        text = "the fit jumps between branches of the response: give a nearer start, or the sweep directions"
        raise ConvergenceError(text, partial=self.values(solution.inner))

    # ------------------------------------------------------------------- many starts
    def starts(self, count: int, seed: int) -> list[np.ndarray]:
        """The most promising of 16 ``count`` quasi-random starts (Sobol), best first.

        Half of them lie within an eighth of the spread to either side of the start. The brightness of the
        readings, in which they are linear, is that of least squares where it is free. Nothing moves along
        directions that the first start was blind to.
        """
        from scipy.stats import qmc

        total = 1 << math.ceil(math.log2(16 * count))
        ends = np.array([f.spread() for f in self.free])
        points = qmc.Sobol(len(self.free), rng=np.random.default_rng(seed)).random(total) - 0.5
        first = np.array([f.inner(f.start) for f in self.free])
        middle = np.tile(ends.mean(axis=1), (total, 1))
        points[: total // 2] *= 0.25
        middle[: total // 2] = first
        points = np.clip(middle + np.diff(ends, axis=1)[:, 0] * points, ends[:, 0], ends[:, 1])
        if self._blind is not None and len(self._blind):
            points -= (points - first) @ self._blind.T @ self._blind
        costs = np.array([self._glance(point) for point in points])
        best = np.argsort(costs, kind="stable")[:count]
        return [points[k] for k in best if np.isfinite(costs[k])]

    def _glance(self, inner: np.ndarray) -> float:
        """Sum of squares at ``inner``, where the brightness is set in place."""
        self._forget()
        with np.errstate(all="ignore"):
            try:
                expected = self.expected(inner)
            except ConvergenceError:
                return math.inf
            for k, f in enumerate(self.free):
                if f.name == "output_scale" and f.bounds is None:
                    own = range(len(expected)) if f.experiment is None else [f.experiment]
                    gain = _gain([(expected[i], self.seen[i], self.sigma[i]) for i in own])
                    inner[k] = np.clip(inner[k] + math.log(gain), *f.walls)
                    for i in own:
                        expected[i] = expected[i] * gain
            parts = zip(expected, self.seen, self.sigma, strict=True)
            return float(sum(np.sum(((f - y) / s) ** 2) for f, y, s in parts))

    def minima(self, starts: Sequence[np.ndarray]) -> list[Solution]:
        """Different solutions that ``starts`` lead to, best first; those that fail are left out."""
        found: list[Solution] = []
        self.starts_tried += len(starts)
        for start in starts:
            self._forget()
            try:
                found.append(self.search(start, tolerance=1e-6))
            except ConvergenceError:
                continue
        distinct: list[Solution] = []
        for one in sorted(found, key=lambda s: s.cost):
            if all(np.max(np.abs(one.inner - other.inner)) > DISTINCT for other in distinct):
                distinct.append(one)
        return distinct

    def ranked(self, solutions: Sequence[Solution]) -> list[Solution]:
        """Solutions, best first, with their costs under the noise as it is now."""
        found = []
        for one in solutions:
            self._forget()
            found.append(Solution(one.inner, self.cost(one.inner)))
        return sorted(found, key=lambda s: s.cost)

    def _forget(self) -> None:
        """Take states from nowhere but the sweeps."""
        self._last = None
        for prediction in self.predictions:
            prediction.energy = None


def _gain(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> float:
    """Factor by which expected readings fit those seen best, kept positive."""
    above = sum(float(np.sum(f * y / s**2)) for f, y, s in parts)
    below = sum(float(np.sum(f * f / s**2)) for f, _, s in parts)
    return max(above / below, 1e-3) if below > 0 else 1.0


def losses(squares: np.ndarray, loss: Loss) -> np.ndarray:
    """ρ(z²) of scipy.optimize.least_squares."""
    if loss == "soft_l1":
        return 2 * (np.sqrt(1 + squares) - 1)
    if loss == "huber":
        return np.where(squares <= 1, squares, 2 * np.sqrt(squares) - 1)
    return np.log1p(squares) if loss == "cauchy" else squares


def _without_outliers(residual: np.ndarray) -> np.ndarray:
    """Residuals cut at three robust standard deviations, so that outliers do not make the noise."""
    limit = 3 * 1.4826 * float(np.median(np.abs(residual)))
    return np.clip(residual, -limit, limit)
