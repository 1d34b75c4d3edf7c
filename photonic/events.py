"""What happens in a simulation, and when: crossings of a level, spikes, jumps between branches.

Everything is located on the dense output of the integrator (`photonic.piecewise`), so that times do
not depend on where the `Trace` was sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic.errors import ParameterError, one_number
from photonic.piecewise import Signal, signal
from photonic.trace import Trace

__all__ = ["Jump", "Spikes", "crossings", "jumps", "spikes"]

Direction = Literal["both", "rising", "falling"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Spikes:
    """Peaks of a quantity, by time; arrays of one length, in [s] and in the unit of ``quantity``.

    ``heights`` are its values at the peaks. On each side of a peak stands a lowest point, between it
    and the next higher value or the end of the simulation; ``prominences`` are the heights above the
    higher of the two (of dips everything upside down). ``starts`` and ``ends`` are where the quantity
    passes the middle of that prominence.
    """

    quantity: str
    times: np.ndarray
    heights: np.ndarray
    prominences: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @property
    def widths(self) -> np.ndarray:
        """Full widths at half prominence [s]."""
        return self.ends - self.starts

    def __len__(self) -> int:
        return int(self.times.size)


@dataclass(frozen=True, kw_only=True)
class Jump:
    """A switch of the ring to another branch, as `jumps` defines it.

    Attributes
    ----------
    time, start, end : float
        Of the fastest change in its first stroke (before the energy slows down or turns for the
        first time), of the first change too fast for the drive and of the last [s].
    power : float
        Input power at ``time`` [W].
    energy_before, energy_after : float
        Stored energy at ``start`` and ``end`` [J].
    """

    time: float
    start: float
    end: float
    power: float
    energy_before: float
    energy_after: float

    @property
    def up(self) -> bool:
        """Whether the energy is larger after it."""
        return self.energy_after > self.energy_before


def crossings(trace: Trace, quantity: str, level: float, direction: Direction = "both") -> np.ndarray:
    """Times [s] at which a quantity passes through a level, located to round-off.

    What only touches the level is no crossing; a jump of the drive that takes the quantity over it
    is one. No crossing is missed: see `photonic.piecewise`.

    Parameters
    ----------
    trace : Trace
        Of `simulate(..., dense=True)`.
    quantity : str
        ``"power_in"``, ``"energy"``, ``"carriers"``, ``"temperature"``, ``"power_through"``,
        ``"power_drop"`` or ``"power_out"``.
    level : float
        In the unit of the quantity.
    direction : {"both", "rising", "falling"}

    Raises
    ------
    ParameterError
        No dense output, an unknown quantity or direction, a level that is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import simulate
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> start = {"temperature": 0.7}
    >>> trace = simulate(
    ...     ring, 0.6e-3, np.array([0, 1e-6]), detuning=ring.detuning(62e-12), initial=start, dense=True
    ... )
    >>> times = crossings(trace, "temperature", 1.5, "rising")
    >>> f"{1e9 * np.diff(times)[-1]:.2f} ns"  # the period
    '78.15 ns'
    """
    level = one_number("level", level)
    if direction not in ("both", "rising", "falling"):
        raise ParameterError(f"direction must be both, rising or falling, got {direction!r}")
    found = signal(trace, quantity)
    step, share, rising = found.crossings(level)
    if direction != "both":
        keep = rising if direction == "rising" else ~rising
        step, share = step[keep], share[keep]
    return found.times(step, share)


def spikes(
    trace: Trace,
    quantity: str,
    *,
    prominence: float | None = None,
    height: float | None = None,
    dips: bool = False,
) -> Spikes:
    """Peaks of a quantity in time, located to round-off, with heights and widths.

    A peak is a local maximum (of a plateau its middle, of a fall with the drive its edge), the ends
    of the simulation left out. It is a spike if its prominence is at least ``prominence`` and its
    height at least ``height``.

    Parameters
    ----------
    trace : Trace
        Of `simulate(..., dense=True)`.
    quantity : str
        As for `crossings`.
    prominence : float
        Least prominence, > 0, in the unit of the quantity. Left out: half of the range of the
        quantity over the trace, so that one spike among ripples is found, and every one of a train
        of equal spikes.
    height : float
        Least height; left out: any. Of dips: the greatest value.
    dips : bool
        Look for minima.

    Raises
    ------
    ParameterError
        No dense output, an unknown quantity, a prominence that is not > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import simulate
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> start = {"temperature": 0.7}
    >>> trace = simulate(
    ...     ring, 0.6e-3, np.array([0, 0.3e-6]), detuning=ring.detuning(62e-12), initial=start, dense=True
    ... )
    >>> found = spikes(trace, "carriers")
    >>> [f"{1e9 * t:.1f} ns" for t in found.times], [f"{1e9 * w:.1f} ns" for w in found.widths]
    (['102.9 ns', '181.0 ns', '259.2 ns'], ['38.9 ns', '35.1 ns', '35.1 ns'])
    """
    found = signal(trace, quantity)
    sign = -1.0 if dips else 1.0
    step, share, value = found.points()
    value = sign * value
    if height is not None:
        height = one_number("height", height)
    half_range = 0.5 * float(np.ptp(value))
    least = half_range if prominence is None else one_number("prominence", prominence, above=0.0)
    at, edges, prominences = _peaks(value, max(least, np.finfo(float).tiny))
    if height is not None:
        keep = value[at] >= sign * height
        at, edges, prominences = at[keep], edges[:, keep], prominences[keep]
    times = found.times(step, share)
    half = value[at] - prominences / 2
    points = (step, share, value)
    starts, ends = (
        np.array([_side(found, sign, points, int(k), float(h), way) for k, h in zip(at, half, strict=True)])
        for way in (-1, 1)
    )
    return Spikes(
        quantity=quantity,
        times=(times[edges[0]] + times[edges[1]]) / 2,
        heights=sign * value[at],
        prominences=prominences,
        starts=starts,
        ends=ends,
    )


def jumps(
    trace: Trace, *, ratio: float = 20.0, least: float = 0.05, lull: float | None = None
) -> tuple[Jump, ...]:
    """Switches between branches: the stored energy moves much faster than the light that drives it.

    On a branch the energy follows the drive and their rates, each as a share of its range in the
    simulation, are of one size; where a branch ends at a fold the ring goes over to another one at
    its own pace. A jump is therefore a time at which |dU/dt|/range(U) exceeds ``ratio`` times the
    fastest |dP/dt|/range(P) of the drive (for a constant drive: 1/duration), together with all such
    times that follow within a ``lull`` (the ringing after it), if the energy changes by more than
    ``least`` of its range from its start to its end. Next to a fold the branch itself is steep: it
    exceeds the ratio within about 1/ratio² of the range of the power, so sharp is the definition.
    A drive in steps has no rate between them, so that what follows each large step is a jump;
    self-pulsation, fast all the time, is one long jump.

    Parameters
    ----------
    trace : Trace
        Of `simulate(..., dense=True)`.
    ratio : float
        > 1 [1].
    least : float
        In (0, 1] [1].
    lull : float
        [s]; default: ten times the longest lifetime among photons, carriers and heat, if they act.

    Raises
    ------
    ParameterError
        No dense output, or a number is out of bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import folds, simulate
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> detuning = ring.detuning(half_linewidths=5)
    >>> ramp = simulate(ring, lambda t: 3e-3 * t / 20e-6, [0, 20e-6], detuning=detuning, dense=True)
    >>> [f"{1e3 * jump.power:.2f} mW" for jump in jumps(ramp)]
    ['1.42 mW']
    >>> f"{1e3 * folds(ring, detuning)[0].power:.2f} mW"
    '1.40 mW'
    """
    ratio = one_number("ratio", ratio, unit="[1]", above=1.0)
    least = one_number("least", least, unit="[1]", above=0.0, at_most=1.0)
    stored, light = signal(trace, "energy"), signal(trace, "power_in")
    span = stored.end - float(stored.starts[0])
    if lull is None:
        lull = 10 * longest_lifetime(trace.source.device.ring)
    lull = one_number("lull", lull, unit="s", at_least=0.0)
    range_u, range_p = (float(np.ptp(s.points()[2])) for s in (stored, light))
    pace = 1 / span
    if range_p > 0:
        mean = np.abs(light.series.sum(axis=1) - light.series[:, 0]) / light.lengths
        pace = max(pace, float(np.max(mean)) / range_p)
    if range_u <= 1e-9 * float(np.max(np.abs(stored.series[:, 0]))):
        return ()
    rate = stored.rate()
    found = [_jump(*stretch, stored, rate, light) for stretch in _fast(rate, ratio * pace * range_u, lull)]
    return tuple(jump for jump in found if abs(jump.energy_after - jump.energy_before) > least * range_u)


def longest_lifetime(ring: Any) -> float:
    """The longest lifetime among photons, and carriers and heat as far as they act on the light [s].

    That of carriers among traps is τ_n + τ_p, of pairs that far outnumber these; the last holes take longer.
    """
    c = ring.coefficients()
    lifetimes = [1 / float(c.linear_loss)]
    if float(c.generation) > 0 and np.isfinite(c.carrier_lifetime):
        lifetimes.append(float(c.carrier_lifetime))
    if float(c.generation) > 0 and ring.traps is not None:
        lifetimes.append(float(ring.traps.high_density_lifetime))
    if float(c.heating) > 0:
        modes = ring.thermal_modes
        lifetimes += [float(c.thermal_lifetime)] if modes is None else [float(t) for t in modes.lifetimes]
    return max(lifetimes)


def _fast(rate: Signal, limit: float, lull: float) -> list[tuple[float, float, float]]:
    """Stretches of time with |rate| > ``limit``, joined over gaps shorter than ``lull``.

    Start, end of the first stretch, and end of the last [s].
    """
    edges = []
    for sign in (1.0, -1.0):
        mirrored = rate if sign > 0 else Signal(rate.quantity, rate.starts, rate.lengths, -rate.series)
        step, share, rising = mirrored.crossings(limit)
        times = list(mirrored.times(step, share))
        if (rising.size and not rising[0]) or (not rising.size and mirrored.series[0, 0] >= limit):
            times.insert(0, float(rate.starts[0]))
        if len(times) % 2:
            times.append(rate.end)
        edges += list(zip(times[::2], times[1::2], strict=True))
    joined: list[tuple[float, float, float]] = []
    for start, stop in sorted(edges):
        if joined and start - joined[-1][2] <= lull:
            joined[-1] = (*joined[-1][:2], max(stop, joined[-1][2]))
        else:
            joined.append((start, stop, stop))
    return joined


def _jump(start: float, stroke: float, end: float, stored: Signal, rate: Signal, light: Signal) -> Jump:
    before, after = (float(v) for v in stored.at(np.array([start, end])))
    first, last = np.clip(np.searchsorted(rate.starts, [start, stroke], side="right") - 1, 0, None)
    some = slice(int(first), int(last) + 1)
    part = Signal(rate.quantity, rate.starts[some], rate.lengths[some], rate.series[some])
    times = part.times(*part.points()[:2])
    inside = (times > start) & (times < stroke)
    places = np.concatenate([[start], times[inside], [stroke]])
    time = float(places[np.argmax(np.abs(rate.at(places)))])
    return Jump(
        time=time,
        start=start,
        end=end,
        power=float(light.at(np.array([time]))[0]),
        energy_before=before,
        energy_after=after,
    )


def _peaks(value: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the peaks, edges (2, ·) of their plateaus, and prominences of at least ``least``."""
    from scipy.signal import find_peaks

    grain = 1e-12 * float(np.ptp(value))  # round-off makes no peaks of its own
    level = np.round(value / grain) * grain if grain > 0 else value
    at, more = find_peaks(level, plateau_size=1, prominence=least)
    edges = np.array([more["left_edges"], more["right_edges"]])
    for k, (left, right) in enumerate(edges.T):
        if value[left] != value[right]:
            edges[:, k] = at[k] = left + int(np.argmax(value[left : right + 1]))
    return at, edges, more["prominences"]


def _side(
    found: Signal, sign: float, points: tuple[np.ndarray, np.ndarray, np.ndarray], peak: int, level: float,
    way: int,
) -> float:  # fmt: skip
    """Time [s] at which the quantity first passes ``level`` on one side of a ``peak``."""
    step, share, value = points
    k, ends = peak, (0, value.size - 1)
    while value[k] > level and k != ends[way > 0]:
        k += way
    before, after = min(k, k - way), max(k, k - way)
    if step[before] != step[after] and share[before] == 1.0:  # a jump of the drive
        return float(found.times(step[before], share[before]))
    stop = float(share[after]) if step[before] == step[after] else 1.0
    return found.passage(sign * level, int(step[before]), float(share[before]), stop)
