"""Which readings to take: rows of information chosen for what they do to a covariance."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from photonic.fits.identifiability import EXACT
from photonic.fits.knowledge import standard_errors

__all__ = ["Choice", "choice"]

_RIDGE = 1e-10  # information on everything to begin with, as a share of that of all candidates
_PASSES = 100
_ROUNDS = 300
_WORTH = 1e-9  # relative improvement for which a reading is exchanged


@dataclass(frozen=True, eq=False)
class Choice:
    """How often each candidate is taken, and how near that is to the best.

    ``efficiency`` [1] is a lower bound: no choice of as many readings from the same groups, shares of
    readings included, leaves a covariance whose mean variance ("a", or that of one number) or k-th root of
    the determinant ("d") is smaller than this times that of the choice.
    """

    counts: np.ndarray
    efficiency: float


class _Design:
    """Candidates u (n, r) in coordinates in which all of them together tell 1 of everything."""

    def __init__(self, rows: np.ndarray, known: np.ndarray, target: int | str, faintest: float) -> None:
        every = np.concatenate([rows, known])
        size = np.linalg.norm(every, axis=0)
        size = np.where(size > 0, size, 1.0)
        left, values, axes = np.linalg.svd(every / size, full_matrices=False)
        held = values > faintest * max(float(values[0]), 1e-300)
        self.u = left[: len(rows), held]
        before = left[len(rows) :, held]
        self.start = before.T @ before
        back = (axes[held] / values[held, None]).T / size[:, None]  # numbers from coordinates, (k, r)
        sound = np.isfinite(standard_errors(every, faintest))
        self.weights: np.ndarray | None = None
        if target == "a":
            self.weights = back[sound] if np.any(sound) else back
        elif target != "d":
            self.weights = back[[target]]

    def gains(self, covariance: np.ndarray) -> np.ndarray:
        """Fall of the criterion by one more of each candidate: of log det, or of the variance."""
        moved = self.u @ covariance
        own = np.sum(moved * self.u, axis=1)
        if self.weights is None:
            return np.log1p(own)
        return np.sum((moved @ self.weights.T) ** 2, axis=1) / (1 + own)

    def covariance(self, counts: np.ndarray) -> np.ndarray:
        taken = np.flatnonzero(counts)
        some = self.u[taken]
        ridge = _RIDGE * np.eye(self.u.shape[1])
        return np.linalg.inv(self.start + ridge + (some * counts[taken, None]).T @ some)

    def value(self, covariance: np.ndarray) -> float:
        """The criterion: −log det of the information, or the variance."""
        if self.weights is None:
            return float(np.linalg.slogdet(covariance)[1])
        return float(np.sum((self.weights @ covariance) * self.weights))

    def among(self, allowed: np.ndarray) -> _Design:
        """The same with some of the candidates only."""
        found = copy.copy(self)
        found.u = self.u[allowed]
        return found

    def shares(self, count: int) -> tuple[np.ndarray, float]:
        """Readings in fractions that are next to the best, and what no ``count`` of them can get below.

        Shares are multiplied by their own slopes (D. M. Titterington, Applied Statistics 27 (1978) 227). The
        criterion is convex, so that its tangent anywhere is a bound.
        """
        found = np.full(len(self.u), count / len(self.u))
        bound = -np.inf
        for _ in range(_ROUNDS):
            covariance = self.covariance(found)
            moved = self.u @ covariance
            if self.weights is None:
                slopes = np.sum(moved * self.u, axis=1)
            else:
                slopes = np.sum((moved @ self.weights.T) ** 2, axis=1)
            mean = float(found @ slopes)
            if mean <= 0:  # nothing to gain
                return found, self.value(covariance)
            bound = max(bound, self.value(covariance) - (count * float(slopes.max()) - mean))
            found = found * np.sqrt(count * slopes / mean)
            found *= count / found.sum()
        return found, bound

    def efficiency(self, value: float, bound: float) -> float:
        """Of a choice with the criterion ``value``, when none can get below ``bound``."""
        if self.weights is None:
            return float(np.exp(min(bound - value, 0.0) / self.u.shape[1]))
        return min(max(bound / value, 0.0), 1.0)


def choice(
    rows: np.ndarray,
    known: np.ndarray,
    count: int,
    target: int | str,
    *,
    groups: np.ndarray | None = None,
    most_groups: int | None = None,
    most_repeats: int | None = None,
    faintest: float = EXACT,
) -> Choice:
    """``count`` of the ``rows`` (n, k) to add to those that are ``known`` (m, k), repeats allowed.

    Added one by one, to none and to the whole parts of the best fractions, then exchanged one by one as long
    as that pays (V. V. Fedorov, Theory of Optimal Experiments, 1972). ``target`` is "d", "a" or the column
    whose variance counts. At most ``most_groups`` of the ``groups`` (n,) are used, chosen likewise, and each
    row at most ``most_repeats`` times.
    """
    design = _Design(rows, known, target, faintest)
    cap = count if most_repeats is None else most_repeats
    where = np.arange(len(rows))
    if groups is not None and most_groups is not None and np.unique(groups).size > most_groups:
        where = np.flatnonzero(np.isin(groups, _grouped(design, count, cap, groups, most_groups)))
    own = design.among(where)
    shares, bound = own.shares(count)
    starts = (np.zeros(len(where), dtype=int), np.minimum(shares.astype(int), cap))
    found = [_exchanged(own, _greedy(own, count, cap, start), cap) for start in starts]
    taken = min(found, key=lambda counts: own.value(own.covariance(counts)))
    counts = np.zeros(len(rows), dtype=int)
    counts[where] = taken
    return Choice(counts, own.efficiency(own.value(own.covariance(taken)), bound))


def _grouped(design: _Design, count: int, cap: int, groups: np.ndarray, most: int) -> list[int]:
    """Groups to choose from: added one by one, then each exchanged for a better one if there is one."""
    every = [int(g) for g in np.unique(groups)]

    def value(used: list[int]) -> float:
        own = design.among(np.isin(groups, used))
        return own.value(own.covariance(_greedy(own, count, cap, np.zeros(len(own.u), dtype=int))))

    used: list[int] = []
    while len(used) < most:
        used.append(min((g for g in every if g not in used), key=lambda g: value([*used, g])))
    for place in range(most if most > 1 else 0):
        rest = used[:place] + used[place + 1 :]
        used = [*used[:place], min((g for g in every if g not in rest), key=lambda g: value([*rest, g]))]
        used += rest[place:]
    return used


def _greedy(design: _Design, count: int, cap: int, start: np.ndarray) -> np.ndarray:
    """``start``, filled up with the best next reading again and again."""
    counts = start.copy()
    for _ in range(count - int(start.sum())):
        gains = np.where(counts < cap, design.gains(design.covariance(counts)), -np.inf)
        best = int(np.argmax(gains))
        if gains[best] == -np.inf:
            break
        counts[best] += 1
    return counts


def _exchanged(design: _Design, counts: np.ndarray, cap: int) -> np.ndarray:
    """The same number of readings, one swapped for another while that pays."""
    value = design.value(design.covariance(counts))
    for _ in range(_PASSES):
        before = value
        for taken in np.flatnonzero(counts):
            fewer = counts.copy()
            fewer[taken] -= 1
            gains = np.where(fewer < cap, design.gains(design.covariance(fewer)), -np.inf)
            fewer[int(np.argmax(gains))] += 1
            new = design.value(design.covariance(fewer))
            if new < value - _WORTH * (1.0 if design.weights is None else value):
                counts, value = fewer, new
                break
        if value >= before:
            break
    return counts
