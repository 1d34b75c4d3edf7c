"""Self-pulsation: the limit cycle that a ring settles to under constant light.

A simulation is cut where the carrier density rises through the middle of its range, and where the
temperature does (of bursts, fast pulses that come and go with the heat, only the temperature counts
the periods). The states x_k at these returns, each variable as a share of its largest value,
go to a fixed point of the map x_k → x_{k+m} if every m-th pulse is the same. With q the factor by
which their distance d shrinks from one period to the next, no less than e^(−T/τ) with the longest
lifetime τ, what is left of the way is d q/(1 − q); the cycle counts as reached where that is within
the tolerance.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.devices import RingDevice, RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ConvergenceError, ParameterError, one_number
from photonic.events import longest_lifetime
from photonic.piecewise import signal
from photonic.ring import Ring
from photonic.stability import SteadyState, steady_states
from photonic.trace import Trace

__all__ = ["SelfPulsation", "self_pulsation"]

_MOST_PULSES = 6  # of a period
_WINDOW = 20  # longest lifetimes looked at in one go
_RETURNS = 60  # wanted in one go
_STEPS = 300_000  # of the integrator kept in one go, some 200 MB
_CLOSE = 1e-3  # [1], of a stable steady state that is being approached: it is reached


@dataclass(frozen=True, kw_only=True, eq=False)
class SelfPulsation:
    """A limit cycle under constant light.

    Attributes
    ----------
    period, uncertainty : float
        [s]; the uncertainty is what the cycle may still change, and the error of the integration.
    pulses : int
        Passages through the middle in one period, of what was cut at [1].
    irregularity : float
        Standard deviation of the last three periods over their mean [1].
    waveform : Trace
        One period, its times from 0 [s].
    harmonics : array
        Amplitudes [W] of the output power at k/period, k = 0, 1, …: P_out = Σ harmonics·cos(…).
    settling_time : float
        Simulated until the cycle was reached [s].
    """

    period: float
    uncertainty: float
    pulses: int
    irregularity: float
    waveform: Trace
    harmonics: np.ndarray
    settling_time: float

    @property
    def frequency(self) -> float:
        """1/period [Hz]."""
        return 1 / self.period

    @property
    def frequencies(self) -> np.ndarray:
        """Frequencies of the `harmonics` [Hz]."""
        return np.arange(self.harmonics.size) / self.period

    @property
    def duty_cycle(self) -> float:
        """Share of the period in which the output is above the middle of its range [1]."""
        power = self.waveform.power_out
        middle = (float(power.max()) + float(power.min())) / 2
        one, two = power[:-1] - middle, power[1:] - middle
        with np.errstate(divide="ignore", invalid="ignore"):
            passed = np.where(one != two, one / (one - two), 0.0)  # of the interval, where it crosses
        crossing = (one >= 0) != (two >= 0)
        above = np.where(crossing, np.where(one >= 0, passed, 1 - passed), np.where(one >= 0, 1.0, 0.0))
        return float(np.mean(above))

    @property
    def extinction_ratio(self) -> float:
        """Largest over smallest output power [1]."""
        least = float(self.waveform.power_out.min())
        return float(self.waveform.power_out.max()) / least if least > 0 else math.inf

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping for JSON: numbers, extremes of every quantity, the first 20 harmonics."""
        named = ("energy", "carriers", "temperature", "power_through", "power_drop", "power_out")
        extremes = {q: [float(getattr(self.waveform, q).min()), float(getattr(self.waveform, q).max())]
                    for q in named}  # fmt: skip
        numbers = ("period", "uncertainty", "frequency", "pulses", "irregularity", "duty_cycle",
                   "extinction_ratio", "settling_time")  # fmt: skip
        return {
            **{name: getattr(self, name) for name in numbers},
            "extremes": extremes,
            "harmonics": self.harmonics[:20].tolist(),
        }


def self_pulsation(
    ring: Ring | RingDevice,
    power: float,
    *,
    detuning: float | None = None,
    initial: Mapping[str, Any] | SteadyState | Trace | None = None,
    tolerance: float = 1e-6,
    longest: float | None = None,
    rtol: float = 1e-10,
    progress: Callable[[float], None] | None = None,
) -> SelfPulsation:
    """Period, waveform and spectrum of the oscillation a ring settles to under constant light.

    Parameters
    ----------
    ring : Ring or ring device
    power : float
        Input power [W].
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring.
    initial : mapping, SteadyState or Trace
        Where to start, as for `simulate` (a `Trace`: at its end). Left out: next to each steady
        state that has gone through a Hopf bifurcation, then in the dark at several temperatures
        (carrier densities with frozen heat). Where a cycle and a stable state stand side by side the
        start decides; another start may lead to another cycle.
    tolerance : float
        How near the cycle must be [1]; see `photonic.pulsation`.
    longest : float
        Time after which to give up, for each start [s]; default: 1,000 longest lifetimes, or
        60 times what the slowest small deviation from a steady state takes, if that is longer.
    rtol : float
        Of the integration [1].
    progress : callable
        Called with the share of ``longest`` done [1].

    Returns
    -------
    SelfPulsation

    Raises
    ------
    ConvergenceError
        The ring settles to a steady state from every start (carried as ``partial``), or to nothing
        periodic within ``longest``.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> found = self_pulsation(ring, 0.6e-3, detuning=ring.detuning(62e-12))
    >>> f"{found.period * 1e9:.2f} ns, {found.waveform.temperature.max():.3f} K"
    '78.15 ns, 2.047 K'
    """
    tolerance = one_number("tolerance", tolerance, unit="[1]", above=0.0, at_most=0.1)
    states = steady_states(ring, power, detuning)
    device = ring if isinstance(ring, RingDevice) else RingThrough(ring, detuning)
    device = device.plain()
    slow = longest_lifetime(device.ring)
    if longest is None:
        paces = [abs(v.real) for s in states for v in s.eigenvalues if v.real != 0]
        longest = max(1000 * slow, 60 / min(paces, default=math.inf))
    longest = one_number("longest", longest, unit="s", above=0.0)
    rtol = one_number("rtol", rtol, unit="[1]", at_least=1e-13, at_most=1e-4)
    if isinstance(initial, Trace) and initial.field.ndim > 1:
        raise ParameterError(f"initial must be of one ring, got a batch of shape {initial.field.shape[:-1]}")
    for name, value in initial.items() if isinstance(initial, Mapping) else ():
        if np.ndim(value):
            raise ParameterError(f"initial {name} must be one number, got shape {np.shape(value)}")
    rested: list[SteadyState] = []
    for start in _starts(device, states, initial):
        flow = _Flow(device, power, start, rtol)
        found = _settled(flow, states, tolerance, longest, slow, progress)
        if isinstance(found, SelfPulsation):
            return found
        rested.append(found)
    named = ", ".join(sorted({f"{s.energy:.4g} J ({s.through:.4g} W through)" for s in rested}))
    raise ConvergenceError(
        f"no self-pulsation at power = {power:g} W: the ring settles to a steady state of {named} from "
        f"{'every start tried' if len(rested) > 1 else 'that start'}",
        partial=rested[0],
    )


class _Flow:
    """A ring under constant light: its last state, and how it goes on."""

    def __init__(self, device: RingDevice, power: float, start: Any, rtol: float) -> None:
        self.device, self.power, self.rtol = device, power, rtol
        self.c = device.ring.coefficients()
        self.time, self.end = 0.0, start

    def skip(self, span: float) -> int:
        """Go on for ``span`` [s]; returns the steps it took."""
        return int(self._go(span, False).steps)

    def advance(self, span: float) -> Trace:
        """The next ``span`` [s], with dense output; times of the trace begin at 0."""
        return self._go(span, True)

    def _go(self, span: float, dense: bool) -> Trace:
        drive = Drive.constant(self.power, 0.0, span)
        trace = simulate(
            self.device, drive, [0.0, span], initial=self.end, rtol=self.rtol, method="full", dense=dense
        )
        self.end, self.time = trace, self.time + span
        return trace


def _starts(device: RingDevice, states: tuple[SteadyState, ...], initial: Any) -> Iterator[Any]:
    """Where to look for a cycle."""
    if initial is not None:
        yield initial
        return
    wild = [s for s in states if sum(v.real > 0 for v in s.eigenvalues) >= 2]
    for state in reversed(wild):
        at = simulate(device, state.power, [0, 1e-18], initial=state)
        nudge = np.where(np.arange(at.states.shape[-1]) < 2, 1.0, 1.01)  # carriers and heat, not the field
        yield dataclasses.replace(at, states=at.states[:1] * nudge)
    highest = states[-1]
    if device.ring.heats:
        c = device.ring.coefficients()
        reach = abs(float(device.detuning)) / float(c.thermal) if c.thermal else 0.0
        top = max(highest.temperature, reach)
        yield from ({"temperature": share * top} for share in (0.0, 0.5, 1.0, 1.5))
    else:
        yield from ({"carriers": share * highest.carriers} for share in (0.0, 0.5, 1.5))


def _settled(
    flow: _Flow, states: tuple[SteadyState, ...], tolerance: float, longest: float, slow: float,
    progress: Callable[[float], None] | None,
) -> SelfPulsation | SteadyState:  # fmt: skip
    """The cycle or the stable state to which the ``flow`` goes."""
    sections = ["carriers"] * (flow.c.generation > 0) + ["temperature"] * (flow.c.heating > 0)
    steps = flow.skip(_WINDOW * slow)
    most = _STEPS / max(steps, 1) * _WINDOW * slow
    window, seen = min(_WINDOW * slow, most), ""
    while flow.time < longest:
        trace = flow.advance(window)
        if progress is not None:
            progress(min(flow.time / longest, 1.0))
        rest = _rest(trace, states)
        if rest is not None:
            return rest
        counts, periods = [], []
        for quantity in sections:
            times = _returns(trace, quantity)
            found = _cycle(trace, times, tolerance, slow, flow.rtol) if times.size >= 4 else None
            if found is not None:
                return _measured(trace, flow, *found)
            counts.append(times.size)
            periods.append(float(np.diff(times).mean()) if times.size > 1 else math.inf)
        if min(counts, default=0) >= 4:
            seen = f": pulses come every {max(periods):.4g} s or so, but not alike"
        few = min(counts, default=0)
        if few > 2 * _RETURNS:  # of fast pulses see fewer, and let slow heat go on between
            window = min(window, _RETURNS * max(periods))
        elif few < 12:
            window = min(2 * window, most)
        if window < _WINDOW * slow:
            flow.skip(_WINDOW * slow)
    raise ConvergenceError(
        f"neither a cycle nor a steady state is reached within longest = {longest:g} s to "
        f"tolerance = {tolerance:g}{seen}",
        partial=flow.end,
    )


def _rest(trace: Trace, states: tuple[SteadyState, ...]) -> SteadyState | None:
    """The stable state that is being approached, and is near."""
    seen = trace.at([0.5 * trace.times[-1], trace.times[-1]])
    for state in states:
        if not state.stable:
            continue
        far = np.zeros(2)
        for name in ("energy", "carriers", "temperature"):
            value = getattr(state, name)
            if value != 0.0:
                far = np.maximum(far, np.abs(getattr(seen, name) / value - 1))
        if far[1] < _CLOSE and far[1] <= max(0.9 * far[0], 1e-7):
            return state
    return None


def _returns(trace: Trace, quantity: str) -> np.ndarray:
    """When the quantity rises through the middle of its range in the second half of the trace [s]."""
    found = signal(trace, quantity)
    _, _, value = found.points()
    late = value[value.size // 2 :]
    step, share, rising = found.crossings((float(late.max()) + float(late.min())) / 2)
    return found.times(step[rising], share[rising])


def _cycle(
    trace: Trace, times: np.ndarray, tolerance: float, slow: float, rtol: float
) -> tuple[float, float, float, int, float] | None:
    """(Start, period, uncertainty, pulses, irregularity) of the last cycle, if it has settled."""
    states = trace.steps_of().states(times)
    scale = np.max(np.abs(trace.steps_of().series[:, 0]), axis=0)
    scale[:2] = scale[:2].max()
    scale[3:] = np.where(scale[3:] > 0, scale[3:], 1.0)
    states = states / np.where(scale > 0, scale, 1.0)
    for pulses in range(1, _MOST_PULSES + 1):
        count = (times.size - 1) // pulses  # periods, counted from the last return
        if count < 3:
            return None
        marks = times.size - 1 - pulses * np.arange(count + 1)[::-1]
        lengths, moved = np.diff(times[marks]), np.max(np.abs(np.diff(states[marks], axis=0)), axis=1)
        period, last = float(lengths[-1]), float(moved[-1])
        baseline = min(count - 1, 10)
        shrinks = (last / max(float(moved[-1 - baseline]), 1e-300)) ** (1 / baseline)
        factor = max(shrinks, math.exp(-period / slow))
        quiet = last <= 50 * rtol
        if quiet or (factor < 1 and last * factor / (1 - factor) <= tolerance):
            factor = min(factor, 0.999)
            left = abs(float(lengths[-1] - lengths[-2])) * factor / (1 - factor)
            spread = float(np.std(lengths[-3:]) / np.mean(lengths[-3:]))
            return float(times[-1] - period), period, left + 100 * rtol * period, pulses, spread
    return None


def _measured(
    trace: Trace, flow: _Flow, start: float, period: float, uncertainty: float, pulses: int, spread: float
) -> SelfPulsation:
    photons = 1 / flow.c.linear_loss
    points = 2 ** int(np.clip(math.ceil(math.log2(16 * period / photons)), 10, 16))
    shown = trace.at(start + period * np.arange(points + 1) / points)
    waveform = dataclasses.replace(shown, times=shown.times - start, dense=None, source=None)
    parts = np.abs(np.fft.rfft(waveform.power_out[:-1])) / points
    parts[1:] *= 2
    return SelfPulsation(
        period=period,
        uncertainty=uncertainty,
        pulses=pulses,
        irregularity=spread,
        waveform=waveform,
        harmonics=parts[:-1],
        settling_time=flow.time,
    )
