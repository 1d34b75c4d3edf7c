"""A ring or a ring device in time: light, carriers and heat by their rate equations.

Equations (1)–(5) of `photonic.rates` with the terms of `photonic.rate_equations`, integrated by
Taylor series or, where these need too many steps, by a stiff method, to a tolerance.
"""

from __future__ import annotations

import dataclasses
import math
import os
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, get_args

import numpy as np

from photonic.devices import RingDevice, RingThrough
from photonic.drive import Drive, check_span, check_times, warn_coarse
from photonic.errors import (
    ConvergenceError,
    OutsideValidityWarning,
    ParameterError,
    check,
    concrete,
    one_number,
    shown,
)
from photonic.integration import Problem, Solution, integrate, worth_following
from photonic.rate_equations import Terms, terms
from photonic.rates import Coefficients, resonance_shift
from photonic.regime import beyond_limits
from photonic.ring import Ring
from photonic.ring_fields import FIELDS
from photonic.stability import SteadyState
from photonic.trace import Steps, Trace

__all__ = ["Method", "Trace", "simulate"]

Method = Literal["auto", "full", "slaved"]
_INITIAL = ("field", "carriers", "temperature")
_LISTED = ("traps", "heat_shares", "heat_lifetimes")


def simulate(
    ring: Ring | RingDevice,
    power_in: Any,
    times: Any,
    *,
    detuning: Any = None,
    initial: Mapping[str, Any] | SteadyState | Trace | None = None,
    rtol: float = 1e-9,
    method: Method = "auto",
    max_step: float = math.inf,
    dense: bool = False,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Light, carriers and heat of a ring in time, at any speed of the drive.

    Parameters
    ----------
    ring : Ring or ring device
        A ring of arrays is a batch: its rings are solved side by side on the cores of the machine.
    power_in : float, array, callable or Drive
        Power at the input [W]: constant; one value per time (last axis), held until the next; a
        function of time [s], whose jumps are found; or a `Drive`, whose pieces need not meet ``times``.
    times : array (m,)
        When the result is wanted [s], increasing; the first is when it starts.
    detuning : float or array
        Laser minus cold resonance [rad/s]; only for a bare ring.
    initial : mapping, SteadyState or Trace
        ``field`` [√J], ``carriers`` [1/m³] and ``temperature`` [K] at the start; 0 where not given. After
        a `Trace` it goes on from its last state, filled traps and thermal modes included.
    rtol : float
        Error aimed at [1], of each variable against its largest value so far.
    method : {"auto", "full", "slaved"}
        ``"slaved"`` lets the field follow carriers and heat at once; ``"auto"`` does so where the
        photon lifetime is so short that its estimated error stays below ``rtol`` and the time is long,
        else ``"full"``.
    max_step : float
        Longest step of the integrator [s].
    dense : bool
        Keep every step, so that the `Trace` can be read at any time and searched for events (one ring).
    workers : int
        Threads for a batch; default: one per core.
    progress : callable
        Called with the share done [1] now and then.

    Returns
    -------
    Trace

    Raises
    ------
    ParameterError
        Times do not increase, the drive is shorter than they are, a number is out of bounds.
    ConvergenceError
        The solution stalls; names the time, carries the states so far.

    Examples
    --------
    Self-pulsation of Van Vaerenbergh's ring, from a slightly warm start:

    >>> import numpy as np
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> times = np.linspace(0, 400e-9, 2001)
    >>> trace = simulate(ring, 0.6e-3, times, detuning=ring.detuning(62e-12), initial={"temperature": 0.7})
    >>> f"{trace.temperature[1000:].min():.2f} to {trace.temperature[1000:].max():.2f} K"
    '1.17 to 2.05 K'
    """
    times = check_span(check_times("times", times))
    rtol = _check_options(rtol, method, max_step, workers)
    device = _device(ring, detuning)
    drive = _drive(power_in, times, rtol, 2 / float(np.max(concrete(device.ring.linewidth))))
    shape, problems = _problems(device, drive, initial)
    if dense and shape:
        raise ParameterError("dense=True is for one ring, got a batch: loop over the rings")

    def solve(problem: Problem, report: Callable[[float], None] | None = None) -> tuple[Solution, str]:
        return _solved(problem, times, rtol, max_step, method, dense, report)

    solved = _side_by_side(solve, problems, workers, progress) if shape else [solve(problems[0], progress)]
    states = np.array([s.states for s, _ in solved]).reshape(*shape, times.size, -1)
    methods = {name for _, name in solved}
    source = _Source(device, drive)
    record = solved[0][0].record
    trace = dataclasses.replace(
        source(times, states),
        method=methods.pop() if len(methods) == 1 else "mixed",
        steps=_each([s.steps for s, _ in solved], shape),
        estimate=_each([s.estimate if name == "slaved" else 0.0 for s, name in solved], shape),
        dense=None if record is None else Steps(*record),
        source=source,
    )
    for text in beyond_limits(device.ring, trace.temperature, trace.carriers, source.furthest(states)):
        warnings.warn(text, OutsideValidityWarning, stacklevel=2)
    return trace


class _Source:
    """How states become a `Trace`: the ports of the device and the light that came in."""

    def __init__(self, device: RingDevice, drive: Drive) -> None:
        self.device, self.drive = device, drive
        self.wide = _last(device)
        self.e = terms(device.ring)

    def __call__(self, times: np.ndarray, states: np.ndarray) -> Trace:
        device, first = self.device, 3 + self.e.traps
        power = np.broadcast_to(self.drive(times), states.shape[:-1])
        field = states[..., 0] + 1j * states[..., 1]
        through, drop = (np.abs(v) ** 2 for v in self.wide.amplitudes(np.sqrt(power), field))
        return Trace(
            times=times,
            power_in=power,
            field=field,
            carriers=states[..., 2],
            temperature=np.sum(states[..., first:], axis=-1),
            power_through=through,
            power_drop=np.broadcast_to(drop, through.shape),
            power_out=through if device.first_port else drop,
            states=states,
        )

    def furthest(self, states: np.ndarray) -> float:
        """Largest distance of the laser from the hot resonance on the way [rad/s]."""
        device = self.wide
        c, first = device.ring.coefficients(), 3 + self.e.traps
        trapped = states[..., 3] if self.e.traps else None
        energy = states[..., 0] ** 2 + states[..., 1] ** 2
        index = device.ring.index_change(np.maximum(states[..., 2], 0.0), trapped)
        moved = resonance_shift(energy, index, np.sum(states[..., first:], axis=-1), c)
        return float(np.max(np.abs(device.detuning - moved)))


def _last(device: Any) -> Any:
    """The same device with a last axis of length 1 on every array, for the times."""
    ring = _widened(device.ring, FIELDS)
    names = [f.name for f in dataclasses.fields(device) if f.name not in ("ring", "port")]
    wide = _widened(device, names)
    return wide if ring is device.ring else dataclasses.replace(wide, ring=ring)


def _widened(obj: Any, names: Any) -> Any:
    wide = {name: np.asarray(v)[..., None] for name in names if np.ndim(v := getattr(obj, name))}
    return dataclasses.replace(obj, **wide) if wide else obj


def _check_options(rtol: Any, method: Any, max_step: Any, workers: Any) -> float:
    """``rtol`` as a float, everything sound."""
    rtol = one_number("rtol", rtol, unit="[1]", at_least=1e-14, at_most=1e-2)
    if method not in get_args(Method):
        raise ParameterError(f"method must be one of {', '.join(get_args(Method))}, got {method!r}")
    if not (isinstance(max_step, float) and max_step == math.inf):
        one_number("max_step", max_step, unit="s", above=0.0)
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise ParameterError(f"workers must be an integer >= 1, got {workers!r}")
    return rtol


def _device(ring: Any, detuning: Any) -> RingDevice:
    """A device in plain numbers, its detuning in bounds: a bare ring is its through port."""
    device = _plain_device(ring, detuning)
    highest = float(np.min(device.ring.angular_frequency))  # else the laser has no frequency
    check("detuning", device.detuning, unit="rad/s", above=-highest, below=highest)
    return device


def _plain_device(ring: Any, detuning: Any) -> RingDevice:
    if isinstance(ring, Ring):
        if detuning is None:
            raise ParameterError("detuning [rad/s] is needed for a bare ring; ring.detuning(...) converts")
        return RingThrough(ring, detuning).plain()
    if not isinstance(ring, RingDevice):
        raise ParameterError(f"ring must be a Ring or a ring device, got {shown(ring)}")
    if detuning is not None:
        raise ParameterError("detuning is only for a bare ring: a device has its own")
    return ring.plain()


def _drive(power_in: Any, times: np.ndarray, rtol: float, response: float) -> Drive:
    """The light that comes in, from what the user gave; ``response`` [s] is how fast the ring follows."""
    start, end = float(times[0]), float(times[-1])
    if isinstance(power_in, Drive):
        low, high = power_in.span
        if low > start or high < end:
            raise ParameterError(
                f"power_in lasts from {low:g} to {high:g} s, shorter than times, {start:g} to {end:g} s"
            )
        return power_in
    if callable(power_in):
        return Drive.sampled(power_in, start, end, known=times, tolerance=max(0.1 * rtol, 1e-12))
    if np.iscomplexobj(power_in):
        raise ParameterError("power_in must be a power [W], got complex numbers")
    check("power_in", power_in, unit="W", at_least=0.0)
    power = concrete(power_in).astype(float)
    if power.ndim == 0:
        return Drive.constant(float(power), start, end)
    if power.shape[-1] == 1:
        return Drive.constant(power[..., 0], start, end)
    if power.shape[-1] != times.size:
        raise ParameterError(
            f"power_in must have one value per time, {times.size}, got {power.shape[-1]}: "
            f"it is {'shorter' if power.shape[-1] < times.size else 'longer'} than times"
        )
    warn_coarse(times, power, response)
    return Drive.held(times, power[..., :-1])


def _problems(device: RingDevice, drive: Drive, initial: Any) -> tuple[tuple[int, ...], list[Problem]]:
    """Shape of the batch, and the problem of each ring in it."""
    c, e = device.ring.coefficients(), terms(device.ring)
    modes, own = len(e.heat_lifetimes), [name for name in Terms._fields if name not in _LISTED]
    state = _initial(device, initial, e)
    numbers = [
        *c, *(getattr(e, name) for name in own), *e.heat_shares, *e.heat_lifetimes,
        device.detuning, device.ring_fraction, *state,
    ]  # fmt: skip
    others = [np.shape(getattr(device, f.name)) for f in dataclasses.fields(device)[1:]]  # type: ignore[arg-type]
    shapes = [drive.roots.shape[:-2], *(np.shape(v) for v in numbers), *others]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(str(s) for s in sorted(set(shapes) - {()}))
        raise ParameterError(
            f"power_in, initial and the arrays of the ring do not go together: {listed}"
        ) from None
    if 0 in shape:
        raise ParameterError(f"a batch must hold one ring or more, got arrays of shape {shape}")
    flat: list[Any] = [[v] for v in numbers]
    if shape:
        flat = [np.broadcast_to(np.asarray(v, dtype=float), shape).reshape(-1) for v in numbers]
    roots = np.broadcast_to(drive.roots, (*shape, *drive.roots.shape[-2:]))
    roots = roots.reshape(-1, *drive.roots.shape[-2:])
    problems = []
    for k in range(math.prod(shape)):
        values = iter([float(column[k]) for column in flat])
        rates = Coefficients(*(next(values) for _ in c))
        scalars: dict[str, Any] = {name: next(values) for name in own}
        shares, lifetimes = (np.array([next(values) for _ in range(modes)]) for _ in range(2))
        offset, fraction = next(values), next(values)
        problems.append(
            Problem(
                c=rates,
                terms=Terms(**scalars, traps=e.traps, heat_shares=shares, heat_lifetimes=lifetimes),
                detuning=offset,
                breaks=drive.breaks,
                roots=roots[k] * math.sqrt(rates.coupling * fraction),
                state=np.array(list(values)),
            )
        )
    return shape, problems


def _initial(device: RingDevice, initial: Any, e: Terms) -> list[Any]:
    """The state at the start [SI], in the order of the rate equations; each a number or an array."""
    modes = len(e.heat_lifetimes)
    if isinstance(initial, SteadyState):
        cavity = device.cavity()
        cavity.require_one()
        state = [float(v) for v in cavity.state(np.asarray(initial.energy))]
        half, offset = (float(v) for v in cavity.widths(initial.energy))
        turned = state[0] * (half + 1j * offset) / math.hypot(half, offset)
        return [turned.real, turned.imag, *state[2:]]
    if isinstance(initial, Trace):
        last = initial.states[..., -1, :]
        if last.shape[-1] != 3 + e.traps + modes:
            raise ParameterError(
                f"initial must be of the same kind of ring, with {3 + e.traps + modes} variables, "
                f"got a trace of {last.shape[-1]}"
            )
        return list(np.moveaxis(last, -1, 0))
    if not isinstance(initial, Mapping | None):
        raise ParameterError(f"initial must be a mapping, a SteadyState or a Trace, got {initial!r}")
    given = dict(initial or {})
    for name in given:
        if name not in _INITIAL:
            raise ParameterError(f"initial may name {', '.join(_INITIAL)}, got {name!r}")
    field = _amplitude(given.get("field", 0.0))
    carriers = concrete(given.get("carriers", 0.0))
    temperature = concrete(given.get("temperature", 0.0))
    check("initial field", np.abs(field), unit="√J", at_most=1e-3)
    check("initial carriers", carriers, unit="1/m³", at_least=0.0, at_most=1e30)
    check("initial temperature", temperature, unit="K", at_least=-1e3, at_most=1e4)
    settled = np.array([w * t for w, t in zip(e.heat_shares, e.heat_lifetimes, strict=True)])
    parts = [temperature * share / np.sum(settled, axis=0) for share in settled]
    return [field.real, field.imag, carriers, *([0.0] * e.traps), *parts[:modes]]


def _amplitude(field: Any) -> np.ndarray:
    """A complex amplitude [√J], of one number or of arrays."""
    try:
        return np.asarray(field, dtype=complex)
    except (TypeError, ValueError):
        raise ParameterError(f"initial field must be a complex number in √J, got {field!r}") from None


def _solved(
    problem: Problem, times: np.ndarray, rtol: float, max_step: float, method: Method, dense: bool,
    progress: Callable[[float], None] | None,
) -> tuple[Solution, str]:  # fmt: skip
    """The solution and the name of the method that gave it."""
    settings: dict[str, Any] = {
        "rtol": rtol, "max_step": max_step, "record": dense, "progress": progress,
    }  # fmt: skip
    quick = method == "slaved" or worth_following(problem, float(times[-1] - times[0]), rtol)
    if method != "full" and quick:
        limit = math.inf if method == "slaved" else rtol
        try:
            slaved = integrate(dataclasses.replace(problem, slaved=True), times, limit=limit, **settings)
            if slaved.estimate <= limit:
                return slaved, "slaved"
        except ConvergenceError:  # a field without mass can come to an edge, one with mass goes over it
            if method == "slaved":
                raise
    return integrate(problem, times, **settings), "full"


def _side_by_side(
    solve: Callable[[Problem], tuple[Solution, str]], problems: list[Problem], workers: int | None,
    progress: Callable[[float], None] | None,
) -> list[tuple[Solution, str]]:  # fmt: skip
    """Every problem solved, on as many threads as there are cores; the same numbers on any number."""
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        found = []
        for k, result in enumerate(pool.map(solve, problems)):
            found.append(result)
            if progress is not None:
                progress((k + 1) / len(problems))
    return found


def _each(values: list[Any], shape: tuple[int, ...]) -> Any:
    return np.array(values).reshape(shape) if shape else values[0]
