"""What the data can tell and what they cannot: directions in which every fit is as good as the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from photonic.fits.free_parameters import FreeParameter
from photonic.fits.symmetries import SYMMETRIES, remedy

__all__ = ["Combination", "Direction", "combinations", "null_space", "unidentifiable"]

EXACT = 1e-8  # smallest over largest singular value of a Jacobian that is exact to round-off
SIMULATED = 1e-6  # the same where some of its rows are differences of simulations
VAGUE = 1.0  # standard error in the logarithm: a factor of e either way
_PIVOTS = ("carrier_lifetime", "power_scale", "thermal_lifetime", "insertion_loss", "input_scale")


@dataclass(frozen=True)
class Combination:
    """What the data do hold of an unidentifiable direction: a product of powers of free numbers."""

    text: str
    exponents: Mapping[str, float]
    value: float
    relative_error: float  # standard error of its logarithm [1]


@dataclass(frozen=True)
class Direction:
    """A change of the free numbers that leaves the readings as they are.

    ``exponents`` maps each name to the power in which it changes (for numbers whose scale is linear, to
    steps). ``kind`` is "exact" where the model has the same curve all along, "practical" where these data
    are too few or too noisy; "silent" where a number does nothing at all.
    """

    exponents: Mapping[str, float]
    kind: Literal["exact", "practical", "silent"]
    text: str
    remedy: str
    known: tuple[Combination, ...] = field(default=())

    def __str__(self) -> str:
        held = "; the data hold " + ", ".join(c.text for c in self.known) if self.known else ""
        return f"{self.text}{held}; what would tell: {self.remedy}"


def null_space(jacobian: np.ndarray, faintest: float = EXACT) -> np.ndarray:
    """Orthonormal directions, shape (d, k), that a Jacobian (n, k) sends to 0 but for its errors.

    Those are a share of ``faintest`` of its largest singular value.
    """
    size = np.linalg.norm(jacobian, axis=0)
    scaled = jacobian / np.where(size > 0, size, 1.0)
    _, values, rows = np.linalg.svd(np.linalg.qr(scaled, mode="r"), full_matrices=True)
    padded = np.zeros(jacobian.shape[1])
    padded[: values.size] = values
    found = rows[padded <= faintest * max(padded[0], 1e-300)] / np.where(size > 0, size, 1.0)
    if not len(found):
        return found
    return np.linalg.svd(found, full_matrices=False)[2]


def unidentifiable(
    free: Sequence[FreeParameter],
    values: Sequence[float],
    jacobian: np.ndarray,
    scale: float,
    blind: bool,
) -> tuple[Direction, ...]:
    """Every direction that the readings do not hold.

    ``jacobian`` (n, k) is that of the weighted residuals by the logarithms (or steps) of the free numbers,
    ``scale`` the standard deviation of a weighted residual [1]. ``blind`` says that slopes are exact only to
    the accuracy of a simulation.
    """
    labels = [f.label for f in free]
    found: list[Direction] = []
    size = np.linalg.norm(jacobian, axis=0)
    silent = size <= (1e-9 if blind else 1e-13) * max(float(size.max(initial=0.0)), 1e-300)
    for k in np.flatnonzero(silent):
        text = f"{labels[k]} does nothing to these readings"
        advice = "leave it out of free, or measure where it acts"
        found.append(Direction({labels[k]: 1.0}, "silent", text, advice))
    acting = [int(k) for k in np.flatnonzero(~silent)]
    if not acting:
        return tuple(found)
    inner = jacobian[:, acting]
    some = [free[k] for k in acting]
    faintest = SIMULATED if blind else EXACT
    exact = null_space(inner, faintest)
    reduced = _echelon(exact, [f.label for f in some], 100 * faintest)
    held = combinations(some, [values[k] for k in acting], inner, scale, reduced, faintest)
    for row in reduced:
        exponents = {f.label: float(v) for f, v in zip(some, row, strict=True) if v}
        known = tuple(c for c in held if set(c.exponents) & set(exponents))
        found.append(_direction(exponents, some, "exact", known))
    if not blind or not len(exact):
        found += _practical(some, inner, scale, exact)
    return tuple(found)


def combinations(
    free: Sequence[FreeParameter],
    values: Sequence[float],
    jacobian: np.ndarray,
    scale: float,
    reduced: np.ndarray,
    faintest: float = EXACT,
) -> list[Combination]:
    """Products of powers that stay the same along every one of the ``reduced`` directions, (d, k)."""
    if not len(reduced):
        return []
    pivots = [int(np.flatnonzero(np.isclose(row, 1.0))[0]) for row in _by_pivot(reduced)]
    covariance = np.linalg.pinv(jacobian.T @ jacobian, rcond=faintest**2, hermitian=True) * scale**2
    found = []
    for k in range(len(free)):
        involved = [(p, row[k]) for p, row in zip(pivots, reduced, strict=True) if row[k]]
        if k in pivots or not involved:
            continue
        members = {free[k].label: 1.0, **{free[p].label: -float(v) for p, v in involved}}
        if not all(f.positive for f in free if f.label in members):
            continue
        weights = np.array([members.get(f.label, 0.0) for f in free])
        value = float(np.prod([abs(v) ** w for v, w in zip(values, weights, strict=True) if w]))
        error = float(np.sqrt(max(weights @ covariance @ weights, 0.0)))
        if error > VAGUE:
            continue
        text = f"{_product(members)} = {value:.4g} ± {100 * error:.2g} %"
        found.append(Combination(text, members, value, error))
    return found


def _by_pivot(reduced: np.ndarray) -> list[np.ndarray]:
    """Rows with everything but their pivot, the entry that no other row has, put aside."""
    rows = []
    for k, row in enumerate(reduced):
        alone = np.all(np.delete(reduced, k, axis=0) == 0, axis=0) & np.isclose(row, 1.0)
        rows.append(np.where(alone, row, 0.0))
    return rows


def _echelon(rows: np.ndarray, labels: Sequence[str], small: float) -> np.ndarray:
    """The same directions with as few names in each as elimination leaves, one pivot in each."""
    rows = rows.copy()
    order = sorted(range(len(labels)), key=lambda k: _rank(labels[k]))
    done = 0
    for column in order:
        if done == len(rows):
            break
        best = done + int(np.argmax(np.abs(rows[done:, column])))
        if abs(rows[best, column]) < small:
            continue
        rows[[done, best]] = rows[[best, done]]
        rows[done] /= rows[done, column]
        for other in range(len(rows)):
            if other != done:
                rows[other] -= rows[other, column] * rows[done]
        done += 1
    halves = np.round(2 * rows) / 2
    tidy = np.where(np.abs(rows - halves) < max(small, 1e-4), halves, rows)
    return np.where(np.abs(tidy) < small, 0.0, tidy)


def _rank(label: str) -> int:
    short = label.rpartition(".")[2].partition("[")[0]
    return _PIVOTS.index(short) if short in _PIVOTS else len(_PIVOTS)


def _practical(
    free: Sequence[FreeParameter], jacobian: np.ndarray, scale: float, exact: np.ndarray
) -> list[Direction]:
    """Directions that the model does tell apart, but these data only within a factor of e or worse."""
    _, values, rows = np.linalg.svd(np.linalg.qr(jacobian, mode="r"))
    found = []
    for value, row in zip(values, rows[: values.size], strict=True):
        part = row - exact.T @ (exact @ row) if len(exact) else row
        if np.linalg.norm(part) < 0.5:
            continue
        error = scale / max(float(value), 1e-300)
        if error > VAGUE:
            strong = np.abs(row) > 0.1 * np.max(np.abs(row))
            leader = row[int(np.argmax(np.abs(row)))]
            exponents = {f.label: float(v / leader) for f, v, s in zip(free, row, strong, strict=True) if s}
            found.append(_direction(exponents, free, "practical", (), error))
    return found


def _direction(
    exponents: Mapping[str, float],
    free: Sequence[FreeParameter],
    kind: Literal["exact", "practical"],
    known: tuple[Combination, ...],
    error: float = 0.0,
) -> Direction:
    by_label = {f.label: f for f in free}
    names = {by_label[label].name for label in exponents}
    ordered = sorted(exponents.items(), key=lambda item: _rank(item[0]))
    moves = [_move(by_label[label], power) for label, power in ordered]
    first, rest = moves[0], moves[1:]
    undone = f" is undone by {' and '.join(rest)}" if rest else " changes nothing"
    why = next((s.why for s in SYMMETRIES if _matches(s.exponents, exponents, by_label)), "")
    if kind == "practical":
        ratio = by_label[ordered[0][0]].positive
        size = f"a factor of {np.exp(error):.3g}" if ratio and error < 5 else ""
        undone = f" is all but undone by {' and '.join(rest)}" if rest else ""
        text = f"{first}{undone}: these data hold it " + (
            f"only within {size}" if size else "next to not at all"
        )
    else:
        text = f"{first}{undone}" + (f": {why}" if why else "")
    return Direction(dict(exponents), kind, text, remedy(names), known)


def _matches(
    known: Mapping[str, float], found: Mapping[str, float], by_label: Mapping[str, FreeParameter]
) -> bool:
    """Whether ``found`` is the known symmetry, or it without numbers that are 0 and so cannot change."""
    named = {by_label[label].name: v for label, v in found.items()}
    shared = set(named) & set(known)
    if not shared or set(named) - set(known):
        return False
    ratio = named[next(iter(shared))] / known[next(iter(shared))]
    return all(abs(named[n] - ratio * known[n]) < 1e-3 * abs(ratio) for n in shared)


def _move(free: FreeParameter, power: float) -> str:
    if free.positive:
        factor = 1.1**power
        return f"{free.label} × {factor:.4g}"
    change = 0.1 * power * free.step
    unit = "" if free.unit == "1" else f" {free.unit}"
    return f"{free.label} {'+' if change > 0 else '−'} {abs(change):.3g}{unit}"


def _product(members: Mapping[str, float]) -> str:
    parts = []
    for label, power in members.items():
        short = label.removeprefix("ring.")
        exact = f"{power:g}" if abs(power * 2 - round(power * 2)) < 1e-9 else f"{power:.3f}"
        parts.append(short if power == 1 else f"{short}^{exact}")
    return " · ".join(parts)


def as_dict(direction: Direction) -> dict[str, Any]:
    """Fit for JSON."""
    return {
        "exponents": dict(direction.exponents),
        "kind": direction.kind,
        "text": direction.text,
        "remedy": direction.remedy,
        "known": [
            {
                "text": c.text,
                "exponents": dict(c.exponents),
                "value": c.value,
                "relative_error": c.relative_error,
            }
            for c in direction.known
        ],
    }
