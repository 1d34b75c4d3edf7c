"""Excitability: the pulse of light to which a resting ring answers with all or nothing.

At rest below the onset of self-pulsation a ring lets small disturbances die away; one that is just
large enough sends it once round an excursion of fixed size, whatever its own size (Van Vaerenbergh
et al., Opt. Express 20, 20292 (2012)). Where the onset is a subcritical Hopf bifurcation the ring is
excitable of class II: it resonates with its disturbances, and begins to pulse at a finite frequency.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any

import numpy as np

from photonic.device import check_power
from photonic.devices import RingDevice, RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import TIMES, ConvergenceError, ParameterError, check, one_number
from photonic.events import Spikes, crossings, longest_lifetime, spikes
from photonic.modulation import rest_state
from photonic.piecewise import QUANTITIES, signal
from photonic.ring import Ring
from photonic.stability import SteadyState, steady_states
from photonic.trace import Trace

__all__ = ["Excitability", "excitability_threshold"]

_GRID = 1.1  # between neighbouring pulse powers that are tried
_DECADES = 3  # of them
_SHARP = 5.0  # d ln(answer)/d ln(pulse) from which on it is all or nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Excitability:
    """The threshold of a resting ring for pulses of one duration.

    Attributes
    ----------
    power, duration : float
        Of the light at rest [W], and of the pulse [s].
    threshold_power, threshold_energy : float
        Least pulse that makes a spike, on top of ``power``: [W], and times the duration [J].
    quantity : str
        What spikes: its excursions above rest, after the pulse, are what counts.
    level : float
        Excursion from which on it is a spike, in the unit of ``quantity``.
    answer_below, answer_above : float
        Largest excursions after pulses of 0.95 and 1.05 of the threshold.
    rest : SteadyState
    spike : Spikes
        The spike after 1.05 of the threshold (of several the first is the one that was triggered).
    latency : float
        From the start of that pulse to the top of the spike [s].
    """

    power: float
    duration: float
    threshold_power: float
    threshold_energy: float
    quantity: str
    level: float
    answer_below: float
    answer_above: float
    rest: SteadyState
    spike: Spikes
    latency: float
    _bench: _Bench = _field(repr=False)

    def response(self, pulses: Any, delays: Any = (0.0,), window: float | None = None) -> Trace:
        """Simulation with ``pulses`` of extra power [W] at ``delays`` after the first [s], from rest.

        ``window`` [s] is what it shows after the last pulse; default: ten longest lifetimes. The
        trace begins one pulse duration before the first pulse.
        """
        return self._bench.run(np.atleast_1d(np.asarray(pulses, dtype=float)), np.atleast_1d(delays), window)

    def refractory_time(self, factor: float = 1.5, resolution: float = 0.01) -> float:
        """Time after a first pulse [s] before which a second one makes no spike of its own.

        Both pulses are ``factor`` [1] times the threshold, and the time is from start to start. It
        grows in steps of 5 % until a second spike appears; there the edge is found to ``resolution``
        [1]. A ring of class II rings after its spike: in the trough of that a still later pulse near
        the threshold may fail once more.

        Raises
        ------
        ConvergenceError
            No second pulse makes a second spike within twice the window.
        """
        factor = one_number("factor", factor, unit="[1]", above=1.0)
        resolution = one_number("resolution", resolution, unit="[1]", above=0.0, below=1.0)
        pulse = factor * self.threshold_power
        single = self._bench.spike_count(pulse, None, self.level)

        def fires(delay: float) -> bool:
            return self._bench.spike_count(pulse, delay, self.level) > single

        low = high = self.duration
        while not fires(high):
            low, high = high, high * 1.05
            if high > 2 * self._bench.window:
                raise ConvergenceError(f"a second pulse makes no second spike within {high:.3g} s")
        while high - low > resolution * high:
            middle = (low + high) / 2
            low, high = (low, middle) if fires(middle) else (middle, high)
        return high

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping for JSON."""
        names = ("power", "duration", "threshold_power", "threshold_energy", "quantity", "level",
                 "answer_below", "answer_above", "latency")  # fmt: skip
        return {name: getattr(self, name) for name in names}


def excitability_threshold(
    ring: Ring | RingDevice,
    power: float,
    duration: float,
    *,
    detuning: float | None = None,
    state: SteadyState | None = None,
    quantity: str = "carriers",
    power_max: float | None = None,
    window: float | None = None,
    rtol: float = 1e-9,
    progress: Callable[[float], None] | None = None,
) -> Excitability:
    """The least pulse of light on top of a constant power that triggers an all-or-none spike.

    From rest, square pulses of growing power are tried over three decades, each larger by a tenth
    than the one before. The answer A is the largest excursion of ``quantity`` above its rest after
    the pulse p has ended. There is a threshold if somewhere A grows at least as fast as p⁵ (small
    answers, and those of large excursions once triggered, grow as p or slower); where it grows most, the
    geometric mean of the two answers is the level of a spike, and the threshold is found by
    bisection on "the answer exceeds that level".

    Parameters
    ----------
    ring : Ring or ring device
    power : float
        Constant input power [W], > 0.
    duration : float
        Of the pulse [s].
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring.
    state : SteadyState
        Where the ring rests; left out: in the only stable steady state.
    quantity : str
        As for `photonic.crossings`.
    power_max : float
        Largest extra power tried [W]; default: 4 times ``power``.
    window : float
        Time in which an answer is looked for after the pulse [s]; default: ten longest lifetimes.
    rtol : float
        Of the integration [1].
    progress : callable
        Called with the share of the search done [1].

    Raises
    ------
    ParameterError
        No stable state or several and ``state`` not given; a number is out of bounds.
    ConvergenceError
        The answer grows gradually: there is no threshold.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> found = excitability_threshold(ring, 0.4e-3, 10e-9, detuning=0.0)
    >>> f"{found.threshold_power * 1e6:.0f} µW, {found.threshold_energy * 1e15:.0f} fJ"
    '73 µW, 729 fJ'
    >>> f"{found.answer_above / found.answer_below:.1f} times the answer for a pulse larger by 10 %"
    '5.1 times the answer for a pulse larger by 10 %'
    """
    if not isinstance(quantity, str) or quantity not in QUANTITIES:
        signal_name = ", ".join(QUANTITIES)
        raise ParameterError(f"quantity must be one of {signal_name}, got {quantity!r}")
    duration = one_number("duration", duration, unit="s", above=0.0, plausible=(1e-15, 1.0), scales=TIMES)
    power = one_number("power", power, unit="W", above=0.0)
    check_power("power", power, above=0.0)
    top = 4 * power if power_max is None else one_number("power_max", power_max, unit="W", above=0.0)
    check_power("power_max", top, above=0.0)
    rest = rest_state(steady_states(ring, power, detuning), power, state)
    device = (ring if isinstance(ring, RingDevice) else RingThrough(ring, detuning)).plain()
    window = 10 * longest_lifetime(device.ring) if window is None else window
    window = one_number("window", window, unit="s", above=0.0, plausible=(1e-15, 1.0), scales=TIMES)
    bench = _Bench(device, power, duration, rest, quantity, window, rtol)
    report = progress or (lambda share: None)
    count = math.ceil(_DECADES * math.log(10) / math.log(_GRID))
    tried = top * _GRID ** -np.arange(float(count))[::-1]
    answers = np.empty(tried.size)
    for k, pulse in enumerate(tried):
        answers[k] = bench.answer(pulse)
        report(0.6 * (k + 1) / tried.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(answers[:-1] > 0, np.log(answers[1:] / answers[:-1]), 0.0) / math.log(_GRID)
    k = int(np.argmax(growth))
    if growth[k] < _SHARP:
        raise ConvergenceError(
            f"no threshold at power = {power:g} W: the answer in {quantity} grows gradually with pulses p "
            f"up to {top:g} W, nowhere faster than p^{growth[k]:.2g} (a threshold: p^{_SHARP:g})"
        )
    level = math.sqrt(float(answers[k] * answers[k + 1]))
    low, high = float(tried[k]), float(tried[k + 1])
    for step in range(40):
        middle = (low + high) / 2
        if high - low <= 1e-6 * high:
            break
        low, high = (low, middle) if bench.answer(middle) > level else (middle, high)
        report(0.6 + 0.4 * step / 40)
    above = bench.run(np.array([1.05 * high]), np.zeros(1), None)
    found = spikes(above, quantity, prominence=0.5 * level)
    tops = found.times[found.times > duration]
    return Excitability(
        power=float(power),
        duration=float(duration),
        threshold_power=high,
        threshold_energy=high * duration,
        quantity=quantity,
        level=level,
        answer_below=bench.answer(0.95 * high),
        answer_above=bench.answer(1.05 * high),
        rest=rest,
        spike=found,
        latency=float(tops[0] - duration) if tops.size else math.nan,
        _bench=bench,
    )


@dataclass(frozen=True)
class _Bench:
    """A ring at rest, to which pulses are given; each simulation begins one duration before the first."""

    device: RingDevice
    power: float
    duration: float
    rest: SteadyState
    quantity: str
    window: float
    rtol: float

    @property
    def base(self) -> float:
        """The quantity at rest."""
        named = {"power_in": self.power, "power_through": self.rest.through, "power_drop": self.rest.drop}
        if self.quantity == "power_out":
            return self.rest.through if self.device.first_port else self.rest.drop
        return float(named.get(self.quantity, getattr(self.rest, self.quantity, 0.0)))

    def run(self, pulses: np.ndarray, delays: np.ndarray, window: float | None) -> Trace:
        pulses, delays = np.broadcast_arrays(pulses, delays)
        check("delays", delays, unit="s", at_least=0.0)
        check_power("pulses", self.power + pulses)
        starts = self.duration + delays
        end = float(starts.max()) + self.duration + (self.window if window is None else window)
        edges = np.unique(np.concatenate([[0.0, end], starts, starts + self.duration]))
        middle = (edges[1:] + edges[:-1]) / 2
        on = (middle[:, None] >= starts) & (middle[:, None] < starts + self.duration)
        drive = Drive.held(edges, self.power + on @ pulses)
        times = np.linspace(0.0, end, 2001)
        return simulate(self.device, drive, times, initial=self.rest, rtol=self.rtol, dense=True)

    def answer(self, pulse: float) -> float:
        """Largest excursion above rest from the end of the pulse on."""
        trace = self.run(np.array([pulse]), np.zeros(1), None)
        found = signal(trace, self.quantity)
        step, _, value = found.points()
        later = found.starts[step] >= 2 * self.duration * (1 - 1e-9)  # from its end on, whatever the rounding
        return max(float(np.max(value[later])) - self.base, 0.0)

    def spike_count(self, pulse: float, delay: float | None, level: float) -> int:
        delays = np.zeros(1) if delay is None else np.array([0.0, delay])
        trace = self.run(np.full(delays.size, pulse), delays, None)
        return int(crossings(trace, self.quantity, self.base + level, "rising").size)
