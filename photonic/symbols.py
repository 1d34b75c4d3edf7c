"""Symbols in time: what a ring device makes of random streams and of steps, against a static curve.

Heat is held at its mean: detunings count from the mean-hot resonance, as a frozen-heat curve has
them, and the temperature starts at the mean of `photonic.regime.mean_heating`. Whatever happens to
it then is in the numbers.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.curve import Curve
from photonic.device import check_power
from photonic.devices import RingDevice
from photonic.drive import Drive
from photonic.dynamics import Method, simulate
from photonic.errors import TIMES, ParameterError, concrete, one_number, shown
from photonic.trace import Trace

__all__ = [
    "Pattern",
    "Settling",
    "StreamError",
    "check_symbol_time",
    "held_at_mean",
    "output_range",
    "pattern",
    "sent_drive",
    "settling",
    "simulated_stream",
    "stream_error",
    "warming",
]

RTOL = 1e-7  # of the integrator: errors of interest are 1e-3 and more
_NODES, _WEIGHTS = (v / 2 for v in np.polynomial.legendre.leggauss(12))
_NODES = _NODES + 0.5  # on [0, 1]
MOST_WARMING = 10_000  # symbols before those that count
_LEVELS = 17  # powers of the steps
_EVEN = (np.arange(400) + 0.5) / 400  # shares of a range, its middle ones


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """Random symbols: what they are drawn from, how they are sent and how they are read.

    Parameters
    ----------
    powers : array
        Sample [W] from which each symbol is drawn; with ``uniform`` only its ends count.
    uniform : bool
        Draw evenly between the lowest and the highest of ``powers``.
    duty : float
        Share of its time [1] in which a symbol is lit: 1 is non-return-to-zero.
    window : float
        Share of the lit time [1], at its end, over which the output is averaged; 0 reads the end.
    streams, symbols : int
        Independent streams, and symbols counted in each, after those that warm it up.
    seed : int
        Of the draws; stream k is the same for any number of streams.
    """

    powers: np.ndarray
    uniform: bool = False
    duty: float = 1.0
    window: float = 0.0
    streams: int = 8
    symbols: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        check_power("powers", self.powers)
        object.__setattr__(self, "powers", np.asarray(concrete(self.powers), dtype=float).ravel())
        if np.unique(self.powers).size < 2:
            raise ParameterError(f"powers must hold 2 or more different powers [W], got {self.powers}")
        one_number("duty", self.duty, unit="[1]", above=0.0, at_most=1.0)
        one_number("window", self.window, unit="[1]", at_least=0.0, at_most=1.0)
        for name, least in (("streams", 2), ("symbols", 2), ("seed", 0)):
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
                raise ParameterError(f"{name} must be an integer >= {least}, got {value!r}")

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest power of a symbol [W]."""
        return float(np.min(self.powers)), float(np.max(self.powers))

    @property
    def sample(self) -> np.ndarray:
        """A sample [W] with the mean of what is drawn, for averages over the symbols."""
        low, high = self.ends
        return low + (high - low) * _EVEN if self.uniform else self.powers

    def drawn(self, before: int) -> np.ndarray:
        """Powers [W], shape (streams, before + symbols); the last ``symbols`` do not depend on ``before``."""
        rows = []
        for child in np.random.SeedSequence(self.seed).spawn(self.streams):
            counted, warming = (np.random.default_rng(s) for s in child.spawn(2))
            rows.append(np.concatenate([self._draw(warming, before), self._draw(counted, self.symbols)]))
        return np.array(rows)

    def _draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return rng.uniform(*self.ends, count) if self.uniform else rng.choice(self.powers, count)


def pattern(curve: Curve | None, powers: Any, **settings: Any) -> Pattern:
    """Symbols drawn from ``powers`` [W], or evenly from the range of a ``curve``."""
    if not isinstance(curve, Curve | None):
        raise ParameterError(f"curve must be a Curve, got {shown(curve)}")
    if powers is not None:
        return Pattern(powers=powers, **settings)
    if curve is None:
        raise ParameterError("powers [W] to draw symbols from, or a curve, are needed: got neither")
    return Pattern(powers=np.array(curve.domain), uniform=True, **settings)


def check_symbol_time(symbol_time: Any) -> float:
    """``symbol_time`` [s] as a float."""
    return one_number("symbol_time", symbol_time, unit="s", above=0.0, plausible=(1e-14, 1.0), scales=TIMES)


def output_range(curve: Curve, symbols: Pattern) -> float:
    """Highest minus lowest output [W] of the curve between the lowest and the highest symbol."""
    low, high = curve.domain
    if symbols.ends[0] < low or symbols.ends[1] > high:
        raise ParameterError(
            f"powers must lie in [{low:g}, {high:g}] W, where the curve is known, got "
            f"{symbols.ends[0]:g} to {symbols.ends[1]:g} W"
        )
    span = float(np.ptp(curve(np.linspace(*symbols.ends, 2001))))
    if span == 0.0:
        raise ParameterError("curve is flat between the lowest and the highest power: errors have no scale")
    return span


def held_at_mean(device: RingDevice, symbols: Pattern, heating: bool = True) -> tuple[RingDevice, float]:
    """One device as it runs, and the temperature [K] that it starts at.

    With heating, its detuning is less by the offset of the mean temperature, so that the mean-hot
    resonance stands where the frozen curve has it.
    """
    if not isinstance(device, RingDevice):
        raise ParameterError(
            f"device must be a ring device, such as RingThrough(ring, detuning), "
            f"got a {type(device).__name__}"
        )
    frozen = device.plain().frozen()
    frozen.cavity().require_one()
    for field in dataclasses.fields(frozen):
        if np.ndim(value := getattr(frozen, field.name)):
            raise ParameterError(
                f"{field.name} must be one number, got shape {np.shape(value)}: loop over it"
            )
    hot = frozen.with_effects(heating=True)
    if not (heating and hot.ring.heats):
        return frozen, 0.0
    kelvin, offset = frozen.mean_heating(symbols.sample, symbols.duty)
    return dataclasses.replace(hot, detuning=float(frozen.detuning) - offset), kelvin


def memory(device: RingDevice, heating: bool) -> float:
    """Time after which a stream has forgotten its start [s].

    10 carrier and 20 photon lifetimes; with heat 3 of the slowest thermal ones and 6 of their
    equivalent, since heat that makes the ring absorb more heat lasts longer than it would alone.
    """
    ring = device.ring
    times = [20 * float(ring.photon_lifetime)]
    if ring.carrier_lifetime is not None and math.isfinite(ring.carrier_lifetime):
        times.append(10 * float(ring.carrier_lifetime))
    if ring.traps is not None:
        times.append(10 * float(ring.traps.high_density_lifetime))
    if heating and ring.heats:
        modes, one = ring.thermal_modes, float(ring.thermal_lifetime)
        times.append(6 * (one if modes is None else modes.equivalent_lifetime))
        times.append(3 * (one if modes is None else max(modes.lifetimes)))
    return max(times)


def warming(run: RingDevice, heating: bool, symbol_time: float) -> int:
    """Symbols to send before those that count: until the start is forgotten, 8 to 10,000."""
    return min(max(8, math.ceil(memory(run, heating) / symbol_time)), MOST_WARMING)


def simulated_stream(
    device: RingDevice, symbols: Pattern, symbol_time: float, *, heating: bool = True,
    method: Method = "auto", rtol: float = RTOL, workers: int | None = None,
) -> tuple[Trace, np.ndarray]:  # fmt: skip
    """The streams in time, at the moments at which they are read, and the symbols sent [W].

    Symbols that nobody counts go before, until the start is forgotten, at most 10,000. The trace has
    the shape (streams, 1 + symbols · nodes): the start, then each reading.
    """
    check_symbol_time(symbol_time)
    run, kelvin = held_at_mean(device, symbols, heating)
    before = warming(run, heating, symbol_time)
    sent = symbols.drawn(before)
    drive = sent_drive(sent, symbols.duty, symbol_time)
    starts = np.arange(before, sent.shape[1])[:, None]
    at = 1 - symbols.window * (1 - _NODES) if symbols.window else np.ones(1)
    reads = ((starts + symbols.duty * at) * symbol_time).ravel()
    times = np.concatenate([[0.0], reads])
    initial = {"temperature": kelvin}
    trace = simulate(run, drive, times, initial=initial, rtol=rtol, method=method, workers=workers)
    return trace, sent[:, before:]


def sent_drive(sent: np.ndarray, duty: float, symbol_time: float) -> Drive:
    """Symbols (..., K) [W], each lit for ``duty`` of its time and dark for the rest."""
    count = np.arange(sent.shape[-1])
    if duty == 1.0:
        return Drive.held(np.arange(sent.shape[-1] + 1) * symbol_time, sent)
    edges = np.stack([count, count + duty], axis=-1).ravel() * symbol_time
    powers = np.stack([sent, np.zeros_like(sent)], axis=-1).reshape(*sent.shape[:-1], -1)
    return Drive.held(np.append(edges, sent.shape[-1] * symbol_time), powers)


@dataclass(frozen=True, kw_only=True)
class StreamError:
    """Error of a static curve under random symbols, as shares of its output range [1].

    ``rms`` with its ``standard_error`` (from the scatter between streams), the ``largest`` of all
    symbols, and the ``mean``, which a fixed correction of the read-out would remove.
    """

    rms: float
    standard_error: float
    largest: float
    mean: float


def stream_error(
    device: RingDevice, curve: Curve, symbols: Pattern, symbol_time: float, *, heating: bool = True,
    method: Method = "auto", rtol: float = RTOL, workers: int | None = None,
) -> StreamError:  # fmt: skip
    """Error of ``curve`` for random ``symbols`` of ``symbol_time`` [s] through ``device``, in time.

    The output P_k of symbol k, read as the pattern says, against curve(p_k): with e_k = (P_k −
    curve(p_k))/range, the rms is √⟨e²⟩ over all streams, and its standard error that of the mean of e²
    over the streams, divided by twice the rms.

    Parameters
    ----------
    device : ring device
        Its detuning counts from the mean-hot resonance, whether or not its heating is on.
    curve : Curve
    symbols : Pattern
    symbol_time : float
        [s]
    heating : bool
        Let heat act, starting from its mean.
    method : {"auto", "full", "slaved"}
        As in `photonic.simulate`; ``"slaved"`` takes the photons to follow at once.
    rtol : float
        Of the integration [1].
    workers : int, optional

    Raises
    ------
    ParameterError
        The curve does not reach over the symbols, or is flat; the device is a batch.

    Examples
    --------
    >>> from photonic import presets
    >>> curve = presets.preset("softplus").curve()
    >>> symbols = pattern(curve, None, streams=4, symbols=50)
    >>> stream_error(presets.SOFTPLUS, curve, symbols, 4e-9).rms < 0.05
    True
    """
    span = output_range(curve, symbols)
    trace, sent = simulated_stream(
        device, symbols, symbol_time, heating=heating, method=method, rtol=rtol, workers=workers
    )
    out = trace.power_out[:, 1:].reshape(*sent.shape, -1)
    read = out @ _WEIGHTS if symbols.window else out[..., 0]
    error = (read - curve(sent)) / span
    squares = np.mean(error**2, axis=-1)
    rms = math.sqrt(float(np.mean(squares)))
    scatter = float(np.std(squares, ddof=1)) / math.sqrt(squares.size)
    return StreamError(
        rms=rms,
        standard_error=scatter / (2 * rms) if rms > 0 else 0.0,
        largest=float(np.max(np.abs(error))),
        mean=float(np.mean(error)),
    )


@dataclass(frozen=True, kw_only=True)
class Settling:
    """How long a single step takes until the output is right within the tolerance for good [s].

    ``from_dark`` and ``from_full`` are the longest times among steps from no light, and from the
    highest power, to powers all over the range, with the heat standing still at its mean;
    infinite where the output does not get there. ``drift`` is the shortest time after which heat,
    starting at its mean, takes a settled output out of the tolerance again: infinite where it never
    does.
    """

    from_dark: float
    from_full: float
    drift: float


def settling(
    device: RingDevice, curve: Curve, symbols: Pattern, tolerance: float = 0.05, *, heating: bool = True,
    rtol: float = RTOL, workers: int | None = None,
) -> Settling:  # fmt: skip
    """`Settling` of ``device`` for steps to 17 powers between those of the ``symbols``.

    Parameters
    ----------
    device : ring device
    curve : Curve
    symbols : Pattern
    tolerance : float
        Largest error [1] of the range of the curve.
    heating : bool
        Look for the drift of heat, too.
    rtol : float
        Of the integration [1].
    workers : int, optional

    Examples
    --------
    >>> from photonic import presets
    >>> curve = presets.preset("sigmoid").curve()
    >>> found = settling(presets.SIGMOID, curve, pattern(curve, None))
    >>> [f"{1e9 * t:.2g} ns" for t in (found.from_dark, found.from_full)]
    ['4.2 ns', '3 ns']
    """
    one_number("tolerance", tolerance, unit="[1]", above=0.0, below=1.0)
    span, levels = output_range(curve, symbols), np.linspace(*symbols.ends, _LEVELS)
    wanted = curve(levels)[:, None]
    found: list[np.ndarray] = []
    frozen, _ = held_at_mean(device, symbols, heating=False)
    hot, kelvin = held_at_mean(device, symbols, heating)
    shortest, longest = 0.02 * float(frozen.ring.photon_lifetime), 4 * memory(frozen, False)
    for first in (0.0, symbols.ends[1]):
        wait = longest if first else shortest  # time to settle at the first power
        step = Drive.held([0.0, wait, wait + longest], np.stack([np.full_like(levels, first), levels], -1))
        times = wait + np.concatenate([[0.0], np.geomspace(shortest, longest, 1500)])
        trace = simulate(frozen, step, np.concatenate([[0.0], times]), rtol=rtol, workers=workers)
        miss = np.abs(trace.power_out[:, 2:] - wanted) / span
        found.append(_last_above(times[1:] - wait, miss, tolerance))
    drift = math.inf
    if hot.ring.heats:
        modes = hot.ring.thermal_modes
        slow = float(hot.ring.thermal_lifetime) if modes is None else max(modes.lifetimes)
        times = np.concatenate([[0.0], np.geomspace(shortest, max(8 * slow, longest), 800)])
        trace = simulate(hot, Drive.constant(levels, 0.0, times[-1]), times, initial={
            "field": trace.field[:, -1], "carriers": trace.carriers[:, -1], "temperature": kelvin,
        }, rtol=rtol, workers=workers)  # fmt: skip
        gone = np.abs(trace.power_out - wanted) > tolerance * span
        drift = min((float(times[np.argmax(row)]) for row in gone if np.any(row)), default=math.inf)
    return Settling(from_dark=float(np.max(found[0])), from_full=float(np.max(found[1])), drift=drift)


def _last_above(times: np.ndarray, values: np.ndarray, level: float) -> np.ndarray:
    """Time from which on each row stays at or below ``level``, between samples by a straight line."""
    ends = []
    for row in values:
        above = np.flatnonzero(row > level)
        if not above.size:
            ends.append(0.0)
        elif above[-1] == row.size - 1:
            ends.append(math.inf)
        else:
            k = above[-1]
            share = (row[k] - level) / (row[k] - row[k + 1])
            ends.append(float(times[k] + share * (times[k + 1] - times[k])))
    return np.array(ends)
