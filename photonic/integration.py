"""One ring through time: its equations in units of their own, and the loop around the compiled steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.errors import ConvergenceError
from photonic.rate_equations import Terms, Units, scaled
from photonic.rates import Coefficients
from photonic.rosenbrock import advance
from photonic.stepping import FULL, PAUSED, STALLED
from photonic.taylor import advance_series, order_for

__all__ = ["Problem", "Solution", "integrate", "natural_units", "photon_share", "worth_following"]

_BUDGET = 20_000  # steps between two looks at the clock
_RECORD = 4_096
_WORK = {"series": 1.0, "implicit": 2.0}  # of a step, measured
_MANY = 300_000  # steps, a fraction of a second; with fewer to go another method does not pay its compilation


@dataclass(frozen=True)
class Problem:
    """One ring, its drive and its start, in SI units; ``roots`` are of the drive √γ_c s_in.

    ``state`` has the order of `photonic.rate_equations`. ``slaved`` leaves the field without mass:
    it follows carriers and heat at once.
    """

    c: Coefficients
    terms: Terms
    detuning: float
    breaks: np.ndarray
    roots: np.ndarray
    state: np.ndarray
    slaved: bool = False


@dataclass(frozen=True)
class Solution:
    """States at the wanted times, shape (times, n), and what it took; ``record`` of the steps if wanted.

    ``estimate`` [1] is what following at once may have cost, as a share of the largest values.
    """

    states: np.ndarray
    steps: int
    refused: int
    estimate: float
    record: tuple[np.ndarray, np.ndarray] | None


def natural_units(c: Coefficients, e: Terms) -> Units:
    """Units in which the equations have numbers near 1.

    Time: the amplitude lifetime 2/γ. Temperature and density: what moves the resonance by a
    half-linewidth. Energy: what makes that density, or else moves or widens the resonance by as much.
    """
    rate = c.linear_loss / 2
    typical = 1e23  # [1/m³], where a power law is read
    per_carrier = c.carrier_absorption / 2 + c.index * (
        e.electron_index * typical ** (e.electron_power - 1) + e.hole_index * typical ** (e.hole_power - 1)
    )
    density = rate / per_carrier if per_carrier > 0 else 1e22
    kelvin = rate / abs(c.thermal) if c.thermal else 1.0
    lifetime = c.carrier_lifetime if math.isfinite(c.carrier_lifetime) else 1e-9
    candidates = [
        math.sqrt(density / (c.generation * lifetime)) if c.generation > 0 and per_carrier > 0 else math.inf,
        rate / c.kerr if c.kerr > 0 else math.inf,
        rate / c.two_photon if c.two_photon > 0 else math.inf,
    ]
    energy = min(candidates)
    return Units(1 / rate, energy if math.isfinite(energy) else 1e-15, density, kelvin)


def photon_share(c: Coefficients, e: Terms) -> float:
    """Amplitude lifetime of the field over the shortest lifetime of carriers and heat [1]."""
    return float(2 / c.linear_loss / _shortest(c, e))


def worth_following(problem: Problem, span: float, rtol: float) -> bool:
    """Whether a field without mass may be good to ``rtol`` and saves much in a ``span`` [s]."""
    long = span * problem.c.linear_loss / 2 > _MANY
    return long and photon_share(problem.c, problem.terms) < rtol


def _shortest(c: Coefficients, e: Terms) -> float:
    lifetimes = [c.carrier_lifetime] if c.generation > 0 else []
    if c.generation > 0 and e.traps:
        lifetimes.append(1 / (e.electron_capture * e.trap_density))
    if c.heating > 0:
        lifetimes += [float(np.min(e.heat_lifetimes))]
    return min(lifetimes, default=math.inf)


def integrate(
    problem: Problem,
    times: np.ndarray,
    *,
    rtol: float,
    max_step: float = math.inf,
    method: str = "auto",
    record: bool = False,
    limit: float = math.inf,
    progress: Callable[[float], None] | None = None,
) -> Solution:
    """States at ``times`` [s]; stops early once ``estimate`` exceeds ``limit`` (its states are then NaN).

    ``method``: ``"series"`` (Taylor), ``"implicit"`` (Rosenbrock), or ``"auto"``: series, and where
    these need very many steps whichever of the two gets further with the same work.

    Raises
    ------
    ConvergenceError
        The solution stalls or is not finite; the time is named, the states so far are carried.
    """
    unit = natural_units(problem.c, problem.terms)
    c, e = scaled(problem.c, problem.terms, unit)
    c, e = Coefficients(*(float(v) for v in c)), _plain(e)
    per_state = _state_units(unit, e)
    start = times[0]
    breaks = (problem.breaks - start) / unit.time
    powers = unit.time ** np.arange(1, problem.roots.shape[1] + 1)
    poly = np.ascontiguousarray(problem.roots * powers / math.sqrt(unit.energy))
    y = problem.state / per_state
    wanted = (times - start) / unit.time
    scale = _first_scale(problem.detuning * unit.time, c, e, y, poly, np.diff(breaks), wanted[-1])
    tolerance = 0.1 * rtol  # errors add up over the steps
    order = order_for(tolerance)
    clock = np.zeros(10 + 2 * y.size)
    clock[1] = 0.01
    clock[2] = np.clip(np.searchsorted(breaks, 0.0, side="right") - 1, 0, breaks.size - 2)
    mass, shortest = (0.0 if problem.slaved else 1.0), min(_shortest(c, e), 1e300)
    controls = {
        "series": (advance_series, np.array([tolerance, max_step / unit.time, float(order)])),
        "implicit": (advance, np.array([tolerance, max_step / unit.time, mass, shortest])),
    }
    choice = _Choice("implicit" if problem.slaved else method)
    out = np.full((times.size, y.size), np.nan)
    room = _RECORD if record else 0
    steps, spans = np.zeros((room, order + 1, y.size)), np.zeros((room, 2))
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    detuning = float(problem.detuning * unit.time)
    while True:
        before, made = (clock[0], clock[2]), clock[4] + clock[5]
        kernel, control = controls[choice.method]
        status = kernel(
            y, scale, clock, breaks, poly, detuning, c, e, control, wanted, out, steps, spans, choice.budget
        )
        if record:
            new = spans[:, 1] > 0
            kept.append((steps[new] * per_state, spans[new] * unit.time + [start, 0.0]))
        if status == STALLED or not np.all(np.isfinite(y)):
            at = start + clock[0] * unit.time
            reason = f"no step is short enough for rtol = {rtol:g}"
            if problem.slaved:
                reason = "a field that follows at once would jump there, method='full' knows how"
            raise ConvergenceError(f"the solution stalls at {at:.9g} s: {reason}", partial=out * per_state)
        if progress is not None:
            progress(float(clock[0] / wanted[-1]))
        if status not in (PAUSED, FULL) or clock[7] > limit:
            break
        choice.learn(
            clock[0] - before[0], clock[4] + clock[5] - made, wanted[-1] - clock[0], clock[2] - before[1]
        )
    return Solution(
        states=out * per_state,
        steps=int(clock[4]),
        refused=int(clock[5]),
        estimate=float(clock[7]),
        record=tuple(np.concatenate(part) for part in zip(*kept, strict=True)) if record else None,  # type: ignore[arg-type]
    )


class _Choice:
    """Which method goes next, and for how many steps: the one that got further with the same work."""

    def __init__(self, method: str) -> None:
        self.free = method == "auto"
        self.method = "series" if self.free else method
        self.budget = 2_000 if self.free else _BUDGET
        self._speed: dict[str, float] = {}
        self._blocks = 0

    def learn(self, advanced: float, steps: float, left: float, pieces: float) -> None:
        """Note how far the last block of ``steps`` went, and choose for what is ``left``.

        Where the drive has new ``pieces`` all the time the field rings all the time: series it is.
        """
        if not self.free:
            return
        self._speed[self.method] = advanced / max(steps, 1.0) / _WORK[self.method]
        self._blocks += 1
        other = "implicit" if self.method == "series" else "series"
        few = left < _MANY * advanced / max(steps, 1.0) or pieces > 0.01 * steps
        if self.method == "series" and few:
            self.budget = _BUDGET
            return
        if other not in self._speed or self._blocks % 10 == 0:  # try it, now and then again
            self.method, self.budget = other, 500
            return
        if self._speed[other] > self._speed[self.method]:
            self.method = other
        self.budget = _BUDGET


def _plain(e: Terms) -> Terms:
    """The same terms with floats where floats are meant: one compiled kernel for all rings."""
    numbers: dict[str, Any] = {
        name: float(value)
        for name, value in zip(e._fields, e, strict=True)
        if name not in ("traps", "heat_shares", "heat_lifetimes")
    }
    return e._replace(**numbers)


def _state_units(unit: Units, e: Terms) -> np.ndarray:
    field = math.sqrt(unit.energy)
    modes = len(e.heat_lifetimes)
    return np.array([field, field] + [unit.carriers] * (1 + e.traps) + [unit.temperature] * modes)


def _first_scale(
    detuning: float, c: Coefficients, e: Terms, y: np.ndarray, poly: np.ndarray, widths: np.ndarray,
    span: float,
) -> np.ndarray:  # fmt: skip
    """What counts as large before anything has happened: a millionth of the linear ring's energy.

    The scales rise with the solution, so that its largest values are what counts; starting low costs
    a dozen short steps, and leaves short pulses and strong shifts their accuracy.
    """
    middle = np.abs(np.sum(poly * (widths[:, None] / 2) ** np.arange(poly.shape[1]), axis=1))
    highest = max(float(np.max(np.abs(poly[:, 0]))), float(np.max(middle)))
    first = 3 + e.traps
    energy = max(1e-6 * highest**2 / (1.0 + detuning**2), y[0] ** 2 + y[1] ** 2)
    made = c.generation * min(c.carrier_lifetime, span) * energy**2
    scale = np.empty_like(y)
    scale[:2] = math.sqrt(energy)
    scale[2] = max(made, abs(y[2]))
    if e.traps:
        scale[3] = max(
            abs(y[3]),
            1e-6 * min(e.trap_density, scale[2] * min(1.0, e.electron_capture * e.trap_density * span)),
        )
    absorbed = c.absorption + c.two_photon * energy + c.carrier_absorption * scale[2]
    heat = c.heating * min(c.thermal_lifetime, span) * absorbed * energy
    scale[first:] = max(heat, float(np.sum(np.abs(y[first:]))))
    return scale
