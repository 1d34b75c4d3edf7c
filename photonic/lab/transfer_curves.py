"""From readings to a transfer curve, without a model of the device."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.blas import single_threaded_blas
from photonic.branches import Sweep, check_sweep
from photonic.curve import Curve
from photonic.errors import ParameterError
from photonic.lab.noise import NoiseLaw, noise_law
from photonic.lab.smoothing import (
    Constraint,
    Smooth,
    constrained,
    foretold,
    least_value,
    slope_range,
    smooth,
)
from photonic.lab.sweep_points import SweepPoints, jump_places, points_in_order

if TYPE_CHECKING:
    from photonic.lab.measured import Measured

__all__ = ["Method", "transfer_curve"]

Method = Literal["auto", "spline", "monotone"]

_FEWEST = 4  # powers
_FEWEST_SMOOTHED = 8  # with fewer the readings cannot say how smooth the curve is
_FOLDS = 5
_EVEN = 1.5  # noise that varies by less than this factor counts as even when readings are weighed
_Stretch = tuple[slice, tuple[float, float]]
_DIRECTIONS = {"single": 0, "up": 1, "down": -1}


@dataclass(frozen=True, eq=False, kw_only=True)
class _Piece:
    """A stretch of curve between two jumps: samples, and the points ``here`` that it belongs to."""

    here: slice
    power_in: np.ndarray
    power_out: np.ndarray
    slope: np.ndarray
    fitted: np.ndarray
    leverage: np.ndarray
    method: str
    constraint: str
    smoothing: float | None = None


def transfer_curve(measured: Measured, sweep: Sweep | None = None, method: Method = "auto") -> Curve:
    """`Curve` through the readings of one sweep; see `Measured.curve`."""
    if method not in ("auto", "spline", "monotone"):
        raise ParameterError(f"method must be 'auto', 'spline' or 'monotone', got {method!r}")
    branch = _branch(measured, sweep)
    points = points_in_order(measured.take(measured.direction == _DIRECTIONS[branch]))
    if points.x.size < _FEWEST:
        raise ParameterError(
            f"power_in must hold at least {_FEWEST} different powers for a curve, got {points.x.size} "
            f"in sweep {branch!r}"
        )
    if method == "spline" and points.x.size < _FEWEST_SMOOTHED:
        raise ParameterError(
            f"method='spline' needs at least {_FEWEST_SMOOTHED} different powers, got {points.x.size}: "
            "'auto' draws a curve through the readings"
        )
    with single_threaded_blas():  # matrices of at most 160: more threads only get into each other's way
        pieces, known, law = _fitted(points, branch, method)
    x, y, slope = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("power_in", "power_out", "slope")
    )
    sigma = np.interp(x, points.x, known) if known is not None else law(y) if law is not None else None
    metadata = {
        **measured.metadata,
        "plane": measured.plane.as_dict(),
        "curve": _record(points, pieces, known, law),
    }
    return Curve(x, y, slope=slope, branch=branch, metadata=metadata, sigma=sigma)


def _fitted(
    points: SweepPoints, branch: Sweep, method: Method
) -> tuple[list[_Piece], np.ndarray | None, NoiseLaw | None]:
    """Pieces, and the noise of one reading: at each point if it came with the data, else its law."""
    stretches = _stretches(points.x, [] if branch == "single" else jump_places(points.x, points.y))
    known, law, weights = points.band(), None, points.count
    if known is not None:
        weights = weights / _floored(known) ** 2
    fits = _fits(points, stretches, weights)
    if known is None:
        law = _law(points, _pieces(points, stretches, fits, "spline"))
        band = _floored(law(np.maximum(points.y, 0.0))) if law is not None else np.ones(1)
        if band.max() > _EVEN * band.min():
            fits = _fits(points, stretches, weights / band**2)
    pieces = _pieces(points, stretches, fits, method)
    if known is None:
        law = _law(points, pieces)
    return pieces, known, law


def _branch(measured: Measured, sweep: Sweep | None) -> Sweep:
    present = measured.sweeps
    named = " and ".join(map(repr, present))
    if sweep is None:
        if len(present) > 1:
            raise ParameterError(f"sweep must be given: the readings hold {named} (--sweep)")
        return present[0]
    check_sweep(sweep)
    if sweep not in present:
        raise ParameterError(
            f"sweep must be one of the readings', {named}, got {sweep!r}; if it is not in the file how "
            f"they were taken, say it with .swept({sweep!r})"
        )
    return sweep


def _floored(band: np.ndarray) -> np.ndarray:
    """The band, nowhere below a hundredth of its rms: a dark reading does not outweigh all others."""
    return np.maximum(band, 0.01 * float(np.sqrt(np.mean(band**2))) or 1.0)


# ------------------------------------------------------------------ pieces
def _stretches(x: np.ndarray, breaks: list[int]) -> list[_Stretch]:
    """Points and domain of each piece; a jump stands half way between the points on its two sides."""
    edges = [0, *(i + 1 for i in breaks), x.size]
    ends = [float(x[0]), *(float(0.5 * (x[i] + x[i + 1])) for i in breaks), float(x[-1])]
    return [(slice(a, b), domain) for a, b, domain in zip(edges, edges[1:], pairwise(ends), strict=False)]


def _fits(points: SweepPoints, stretches: list[_Stretch], weights: np.ndarray) -> list[Smooth | None]:
    """Free fit of each piece, in units of its scales; None where the points are too few."""
    found: list[Smooth | None] = []
    for here, domain in stretches:
        if here.stop - here.start < _FEWEST_SMOOTHED:
            found.append(None)
            continue
        per_x, per_y = _scales(points, here, domain)
        x, y, w = points.x[here] / per_x, points.y[here] / per_y, weights[here]
        found.append(smooth(x, y, w / w.max(), (domain[0] / per_x, domain[1] / per_x)))
    return found


def _pieces(
    points: SweepPoints, stretches: list[_Stretch], fits: list[Smooth | None], method: Method
) -> list[_Piece]:
    return [
        _through(points, here, domain) if fit is None else _smoothed(points, here, domain, fit, method)
        for (here, domain), fit in zip(stretches, fits, strict=True)
    ]


def _through(points: SweepPoints, here: slice, domain: tuple[float, float]) -> _Piece:
    """Shape-preserving cubics through the points (PCHIP), prolonged to a jump in a straight line."""
    from scipy.interpolate import PchipInterpolator

    nodes = x = points.x[here]
    values = y = np.maximum(points.y[here], 0.0)
    if domain[0] < x[0]:
        level = y[0] + (y[1] - y[0]) / (x[1] - x[0]) * (domain[0] - x[0])
        nodes, values = np.insert(nodes, 0, domain[0]), np.insert(values, 0, max(level, 0.0))
    if domain[1] > x[-1]:
        level = y[-1] + (y[-1] - y[-2]) / (x[-1] - x[-2]) * (domain[1] - x[-1])
        nodes, values = np.append(nodes, domain[1]), np.append(values, max(level, 0.0))
    return _Piece(
        here=here,
        power_in=nodes,
        power_out=values,
        slope=PchipInterpolator(nodes, values).derivative()(nodes),
        fitted=y,
        leverage=np.ones(y.size),
        method="interpolation",
        constraint="not negative" if points.y[here].min() < 0 else "none",
    )


def _smoothed(
    points: SweepPoints, here: slice, domain: tuple[float, float], fit: Smooth, method: Method
) -> _Piece:
    per_x, per_y = _scales(points, here, domain)
    constraint = _constraint(fit, method)
    if constraint != "none":
        fit = constrained(fit, constraint)
    return _Piece(
        here=here,
        power_in=fit.knots * per_x,
        power_out=np.maximum(fit.values, 0.0) * per_y,
        slope=fit.slopes * (per_y / per_x),
        fitted=fit.fitted * per_y,
        leverage=fit.leverage,
        method="monotone spline" if constraint in ("rising", "falling") else "spline",
        constraint=constraint,
        smoothing=fit.strength,
    )


def _scales(points: SweepPoints, here: slice, domain: tuple[float, float]) -> tuple[float, float]:
    """Units of power in and out near the largest [W], powers of two: dividing by them rounds nothing."""
    sizes = domain[1], float(np.abs(points.y[here]).max())
    per_x, per_y = (float(2.0 ** np.round(np.log2(size))) if size > 0 else 1.0 for size in sizes)
    return per_x, per_y


def _constraint(fit: Smooth, method: Method) -> Constraint:
    """What the curve is held to: one direction if that foretells unseen readings at least as well.

    Every fifth point is left out in turn, since the curve is used between points; the two at the
    ends are not judged, as they would be extrapolated.
    """
    negative = least_value(fit) < -1e-12 * float(np.abs(fit.values).max())
    least, most = slope_range(fit)
    slack = 1e-9 * max(-least, most, 0.0)
    one_way = least >= -slack or most <= slack
    way: Constraint = "rising" if fit.values[-1] >= fit.values[0] else "falling"
    if method == "spline" or (one_way and not negative):
        return "not negative" if negative else "none"
    if one_way or method == "monotone" or _unseen(fit, way) <= _unseen(fit, "none"):
        return way
    return "not negative" if negative else "none"


def _unseen(fit: Smooth, constraint: Constraint) -> float:
    p = fit.problem
    errors = (p.y - foretold(fit, constraint, _FOLDS))[1:-1]
    return float(p.weights[1:-1] @ errors**2)


# ------------------------------------------------------------------ noise and record
def _law(points: SweepPoints, pieces: list[_Piece]) -> NoiseLaw | None:
    """Noise of one reading, from what is left over and from readings at the same power.

    None if curve and readings leave fewer than two degrees of freedom.
    """
    power, squares, freedom = [points.y], [points.scatter], [points.freedom]
    for piece in pieces:
        left = np.maximum(1.0 - piece.leverage, 0.0)
        rest = points.y[piece.here] - piece.fitted
        power.append(piece.fitted)
        squares.append(points.count[piece.here] * rest**2 / np.maximum(left, 1e-12))
        freedom.append(left)
    counted = np.concatenate(freedom)
    if counted.sum() < 2.0:
        return None
    used = counted > 0
    levels = np.maximum(np.concatenate(power), 0.0)
    return noise_law(levels[used], np.concatenate(squares)[used], counted[used])


def _record(
    points: SweepPoints, pieces: list[_Piece], known: np.ndarray | None, law: NoiseLaw | None
) -> dict[str, Any]:
    """How the curve was made, in JSON types; powers in [W]."""
    leverage = np.concatenate([piece.leverage for piece in pieces])
    rest = points.y - np.concatenate([piece.fitted for piece in pieces])
    judged = leverage < 1.0 - 1e-12
    unseen = rest[judged] / (1.0 - leverage[judged])
    left = float(points.x.size - leverage.sum())
    noise: dict[str, Any] = {"from": "unknown: too few readings"}
    band = known
    if known is not None:
        noise = {"from": "sigma of the readings"}
        if left >= 2.0:
            noise["reduced_chi_square"] = float(np.sum(points.count * (rest / _floored(known)) ** 2) / left)
    elif law is not None:
        repeated = "readings at the same power and " if points.freedom.any() else ""
        noise = {"from": f"{repeated}residuals", "floor": law.floor, "relative": law.relative}
        band = law(np.maximum(points.y - rest, 0.0))
    error = None if band is None else float(np.sqrt(np.mean(band**2 * leverage / points.count)))
    return {
        "points": int(points.x.size),
        "readings": int(points.count.sum()),
        "method": [piece.method for piece in pieces],
        "constraint": [piece.constraint for piece in pieces],
        "smoothing": [piece.smoothing for piece in pieces],
        "degrees_of_freedom": float(leverage.sum()),
        "cross_validated_rms": float(np.sqrt(np.mean(unseen**2))) if judged.any() else None,
        "standard_error": error,
        "jumps_between": [points.x[p.here.stop - 1 : p.here.stop + 1].tolist() for p in pieces[:-1]],
        "noise": noise,
    }
