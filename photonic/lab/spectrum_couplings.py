"""Coupling and loss of a resonance: which rings show this very line, and which of them it can be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from photonic.lab.baselines import Fringes
from photonic.lab.spectrum_lines import LineFit
from photonic.lab.spectrum_quantities import Z95, Quantity, from_samples, normal_points
from photonic.lab.spectrum_shapes import amplitudes

__all__ = ["WIDE", "Candidate", "Rates", "Regime", "State", "candidates"]

Regime = Literal["under", "over", "symmetric"]
State = Literal["under", "over", "critical", "unknown"]

_CHANCE = 0.025  # a ring that is passive in fewer of the possible cases is none
_TOLD = 9.0  # deviance between the mirror images of a split line that decides for one
WIDE = 5.0  # ln: no possible width or drop is further from the best one
_FANO = 3.0  # standard errors beyond which a slant is light that goes around, not noise


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Energy decay rates [1/s] of a ring that shows the line.

    ``drop_coupling`` is None where no drop port is taken into account; whatever leaves by one is then
    part of ``intrinsic``.
    """

    coupling: Quantity
    drop_coupling: Quantity | None
    intrinsic: Quantity
    intrinsic_quality_factor: Quantity


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidate:
    """What the candidates are made of: possible lines, shape (k,), the first of them the best one."""

    width: np.ndarray  # γ/2π [Hz]
    root: np.ndarray  # √T on resonance [1], of a split line (r₁ − r₂a)/(1 − x)
    drop: np.ndarray | None


def candidates(
    fits: list[LineFit],
    free_range: float | None,
    has_drop: bool,
    calibrated: bool,
    fringes: Fringes | None,
) -> tuple[Mapping[Regime, Rates], State, str]:
    """The rings that show this line, its regime, and the reason why it is known or why it is not.

    Parameters
    ----------
    fits : list of LineFit
        The accepted line; a split one with its mirror image, the likelier first.
    free_range : float, optional
        Free spectral range [Hz].
    has_drop, calibrated : bool
        Whether a drop port was fitted, and whether its power counts against the input power.
    fringes : Fringes, optional
        Of an interferometer with the ring in one arm.
    """
    best = fits[0]
    if fringes is not None:
        lines = _in_arm(best, fringes)
        reason = "the phase between the interferometer's arms tells under- from over-coupled"
    elif best.split:
        lines = [_of(fit, free_range) for fit in fits[:2]]
        if len(fits) == 1 or fits[1].deviance - best.deviance > _TOLD:
            lines, reason = lines[:1], "the two dips of a split line tell under- from over-coupled"
        else:
            reason = "the split is too small to tell under- from over-coupled"
    else:
        lines = _mirrored(best)
        reason = "a dip does not change when coupling and the other losses are exchanged"
    free = free_range if free_range is not None else 1e4 * best.width
    found: dict[Regime, Rates] = {}
    for one in lines:
        over = one.root[0] < 0
        if has_drop:
            if not over:
                _add(found, "symmetric", best, one, free, None, symmetric=True)
            if calibrated:
                _add(found, "over" if over else "under", best, one, free, one.drop)
        else:
            _add(found, "over" if over else "under", best, one, free, None)
    if not lines:
        return found, "unknown", "no coupling between none and all of the light makes this line"
    low, high = np.quantile(lines[0].root, [0.025, 0.975])
    if _slanted(best) and low <= 0 <= high:
        return found, "unknown", "light that goes around slants the dip by as much as it is open"
    in_bus = fringes is None and not best.split
    if low <= 0 <= high or (in_bus and _bottom(best) <= 0):
        return found, "critical", "coupling equals the other losses within the interval of the dip's bottom"
    ways = {bool(one.root[0] < 0) for one in lines}
    if len(ways) > 1:
        return found, "unknown", reason
    return found, "over" if ways == {True} else "under", reason


def _slanted(fit: LineFit) -> bool:
    """Whether a single line's asymmetry is more than noise."""
    return not fit.split and abs(float(fit.values[3])) > _FANO * float(fit.covariance[3, 3] ** 0.5)


def _bottom(fit: LineFit) -> float:
    """Lower end [1] of the light that a single line leaves on resonance."""
    return 1 - float(fit.values[2]) - Z95 * float(fit.covariance[2, 2] ** 0.5)


def _points(fit: LineFit) -> np.ndarray:
    """Best line first, then possible ones: columns log width, depth, slant and log drop (0 without)."""
    index = [1, 2, 3] + ([fit.drop_place] if fit.values.size > fit.drop_place else [])
    mean, covariance = fit.values[index], fit.covariance[np.ix_(index, index)]
    rows = np.concatenate([mean[None, :], normal_points(mean, covariance)])
    if len(index) == 3:
        rows = np.column_stack([rows, np.zeros(len(rows))])
    for column in (0, 3):  # logarithms
        best = rows[0, column]
        rows[:, column] = np.clip(rows[:, column], best - WIDE, best + WIDE)
    return rows


def _of(fit: LineFit, free_range: float | None) -> Candidate:
    """A split line: its strength u = (1 − r₁²)/(1 − x) is the coupling itself."""
    rows = _points(fit)
    width = fit.unit * np.exp(rows[:, 0])
    turn = -math.pi * width / (free_range if free_range is not None else 1e4 * fit.width)
    x, lost = np.exp(turn), -np.expm1(turn)
    bus = np.sqrt(np.clip(1 - rows[:, 1] * lost, 1e-12, 1 - 1e-12))
    return Candidate(width=width, root=(bus - x / bus) / lost, drop=np.exp(rows[:, 3]))


def _roots(rows: np.ndarray) -> np.ndarray:
    """√T on resonance [1], T = 1 − A − v², made linear about the best line as its covariance is."""
    depth, slant = rows[0, 1], rows[0, 2]
    change = (rows[:, 1] - depth) + 2 * slant * (rows[:, 2] - slant)
    return np.asarray(np.sqrt(np.maximum(1 - depth - slant**2 - change, 0.0)))


def _mirrored(fit: LineFit) -> list[Candidate]:
    """A single line in a bus: √T on resonance with either sign.

    A slant that is more than noise comes from light that goes around; as it is not known by which way, the
    depth may be wrong by as much.
    """
    rows = _points(fit)
    slant = float(fit.values[3])
    root = _roots(rows)
    if _slanted(fit):
        spread = normal_points(np.zeros(5), np.eye(5), len(rows) - 1)[:, 4]
        root = root + abs(slant) * np.concatenate([[0.0], spread])
    parts = {"width": fit.unit * np.exp(rows[:, 0]), "drop": np.exp(rows[:, 3])}
    return [Candidate(root=way * root, **parts) for way in (1, -1)]


def _in_arm(fit: LineFit, fringes: Fringes) -> list[Candidate]:
    """A line in one arm: the field falls by w = ρ 2γ_c/γ, ρ the share of that arm in the sum of both."""
    rows = _points(fit)
    width = fit.unit * np.exp(rows[:, 0])
    angle = float(fringes.angle(np.array(fit.frequency)))
    half, unsure = fringes.arms
    spread = normal_points(np.zeros(5), np.eye(5), len(rows) - 1)[:, 4]
    share = np.clip(half + unsure * np.concatenate([[0.0], spread]), 0.05, 0.95)
    root = _roots(rows)
    found = []
    for way in (1,) if fit.split else (1, -1):
        fall = (rows[:, 1] if fit.split else 1 - way * root) + 1j * rows[:, 2]
        ways = []
        for sign in (1, -1):
            turn = np.exp(1j * sign * angle)
            ways.append(fall * (1 - share + share * turn) / (share * turn))
        doubled = min(ways, key=lambda w: abs(w[0].imag))  # 2γ_c/γ
        if 0 < doubled[0].real < 2:
            found.append(Candidate(width=width, root=1 - doubled.real, drop=np.exp(rows[:, 3])))
    return found


def _add(
    found: dict[Regime, Rates],
    regime: Regime,
    fit: LineFit,
    line: Candidate,
    free: float,
    drop: np.ndarray | None,
    symmetric: bool = False,
) -> None:
    """Put the rates of a candidate among those ``found`` unless it would need gain."""
    root = np.abs(line.root) if symmetric else line.root  # equal couplers: never over-coupled
    ring = amplitudes(np.exp(-math.pi * line.width / free), root, drop, symmetric)
    bus, other, inner = (-2 * np.log(r) * free for r in ring)
    if float(np.mean(inner >= 0)) < _CHANCE or bus[0] <= 0:
        return
    two = symmetric or drop is not None
    omega = 2 * math.pi * fit.frequency
    with np.errstate(divide="ignore"):
        quality = np.where(inner > 0, omega / inner, math.inf)
    worst = np.quantile(inner, [0.025, 0.975])
    low, high = (omega / v if v > 0 else math.inf for v in worst[::-1])
    found[regime] = Rates(
        coupling=from_samples(float(bus[0]), bus, "1/s"),
        drop_coupling=from_samples(float(other[0]), other, "1/s") if two else None,
        intrinsic=from_samples(float(inner[0]), inner, "1/s"),
        intrinsic_quality_factor=Quantity(
            float(quality[0]), (high - low) / 3.92 if math.isfinite(high) else math.inf, low, high, "1"
        ),
    )
