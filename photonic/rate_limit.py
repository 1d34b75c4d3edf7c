"""The fastest and the slowest symbols for which a static curve holds, measured in time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from photonic.curve import Curve
from photonic.devices import RingDevice
from photonic.dynamics import Method
from photonic.errors import TIMES, ParameterError, one_number
from photonic.regime import SymbolWindow, symbol_error, symbol_window, warn_short_symbol
from photonic.symbol_rates import Cause, Criterion, RateError, SymbolRateLimit
from photonic.symbols import RTOL, Pattern, StreamError, held_at_mean, pattern, settling, stream_error

__all__ = ["symbol_rate_limit"]

_OCTAVE = 2.0  # between the symbol times of the coarse scan
_FURTHEST = 12  # octaves that the scan goes on while the curve still holds
_LOST = 3.0  # times the tolerance: a scan that has found a rate stops where the error is more and rising
_SETTLED = 30.0  # carrier or photon lifetimes, after which few symbols tell the error without heat
_FEW = 50
_CLOSER = 3  # halvings around the best rate where none fits yet
_FACTOR = 2.0  # of error within which the first-order estimate agrees


def symbol_rate_limit(
    device: RingDevice,
    curve: Curve | None = None,
    tolerance: float = 0.05,
    *,
    powers: Any = None,
    criterion: Criterion = "rms",
    duty: float = 1.0,
    window: float = 0.0,
    heating: bool = True,
    streams: int = 8,
    symbols: int = 500,
    seed: int = 0,
    shortest: float | None = None,
    longest: float | None = None,
    resolution: float = 0.05,
    rtol: float = RTOL,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> SymbolRateLimit:
    """Highest and lowest symbol rate at which a static curve is right, measured in time.

    Random symbols go through the device by its rate equations, photons, carriers and heat
    included; the output of each, read as said below, is compared with ``curve``, as a share of
    the curve's range between the lowest and the highest symbol. Symbol times are scanned in octaves
    between a fifth of the carrier lifetime (one photon lifetime where there are no carriers) and the
    thermal one, outwards from a rate that holds until the error is three times the tolerance, and
    on where the curve still holds; then both ends are bisected. All rates see the same symbols.

    Detunings count from the mean-hot resonance (`photonic.regime.mean_heating`): the stream runs
    with heating on whether or not the device has it, its detuning less by the mean heat's offset, and
    starts at the mean temperature.

    Parameters
    ----------
    device : ring device
    curve : Curve, optional
        Static curve; the device's own with heat frozen if left out.
    tolerance : float
        Of the error [1], share of the output range.
    powers : array_like, optional
        Sample [W] from which symbols are drawn; evenly over the domain of ``curve`` if left out.
    criterion : {"rms", "largest"}
        Which error must stay within the tolerance; the largest one is that of the symbols counted.
    duty : float
        Share of a symbol's time [1] in which it is lit: 1 non-return-to-zero, less return-to-zero.
    window : float
        Share of the lit time [1], at its end, over which the output is averaged; 0: read at the end.
    heating : bool
        False leaves the heat standing still.
    streams, symbols : int
        Independent streams, and symbols counted in each.
    seed : int
        Of the draws; the same numbers for any number of ``workers``.
    shortest, longest : float, optional
        Symbol times [s] between which to scan instead.
    resolution : float
        Relative distance [1] between an end and the next scanned rate, which fails.
    rtol : float
        Of the integration [1].
    workers : int, optional
        Threads; default one per core.
    progress : callable, optional
        Called with the share done [1] now and then.

    Returns
    -------
    SymbolRateLimit

    Raises
    ------
    ParameterError
        Neither curve nor powers; the curve is flat or does not reach over the powers; a number is
        out of bounds; the device is a batch, multivalued or self-pulsates with heat frozen.

    Warns
    -----
    OutsideValidityWarning
        The highest rate has symbols shorter than 5 photon lifetimes.

    Examples
    --------
    Without heat only carriers limit the default neuron, and only fast symbols:

    >>> from photonic import presets
    >>> curve = presets.preset("leaky-relu").curve()
    >>> found = symbol_rate_limit(presets.LEAKY_RELU, curve, heating=False, streams=4, symbols=100)
    >>> f"{found.highest:.1e} Bd", found.limited_above_by, found.limited_below_by
    ('2.2e+09 Bd', 'carriers', 'scan')
    """
    tolerance = one_number("tolerance", tolerance, unit="[1]", above=0.0, below=1.0)
    resolution = one_number("resolution", resolution, unit="[1]", at_least=1e-3, at_most=1.0)
    if criterion not in get_args(Criterion):
        raise ParameterError(f"criterion must be 'rms' or 'largest', got {criterion!r}")
    given: dict[str, Any] = {
        "duty": duty, "window": window, "streams": streams, "symbols": symbols, "seed": seed,
    }  # fmt: skip
    sent = pattern(curve, powers, **given)
    run, kelvin = held_at_mean(device, sent, heating)
    curve = device.plain().frozen().curve(sent.ends[1]) if curve is None else curve
    scan = _Scan(run, device, curve, sent, heating, rtol, workers)
    steps = settling(device, curve, sent, tolerance, heating=heating, rtol=rtol, workers=workers)
    report = progress or (lambda share: None)

    def judged(error: RateError) -> float:
        return error.rms if criterion == "rms" else error.largest

    def holds(error: RateError) -> bool:
        return judged(error) <= tolerance

    fast, slow = _span(run, shortest, longest)
    octaves = math.ceil(math.log2(slow / fast) - 1e-9)
    coarse = np.geomspace(fast, slow, octaves + 1)
    middle = octaves // 2
    scan(float(coarse[middle]))
    done = 0
    for way in (-1, 1):  # outwards, until it is far out of tolerance and rising
        open_end = (shortest if way < 0 else longest) is None and (way < 0 or scan.heats)
        for place in range(middle + way, middle + way * (octaves + _FURTHEST), way):
            last = scan.found[0 if way < 0 else -1]
            inner, beyond = scan.next(last, -way), not 0 <= place <= octaves
            lost = judged(last) > _LOST * tolerance and inner is not None and judged(last) > judged(inner)
            lost = lost and any(map(holds, scan.found))
            if lost or (beyond and not (open_end and holds(last))):
                break
            scan(float(last.symbol_time * _OCTAVE**way if beyond else coarse[place]))
            done += 1
            report(min(0.6, 0.6 * done / octaves))
    report(0.6)
    best = min(scan.found, key=judged)
    for _ in range(_CLOSER if tolerance < judged(best) < 2 * tolerance else 0):
        around = [e for e in (scan.next(best, -1), scan.next(best, 1)) if e is not None]
        for other in around:  # it may fit between two octaves
            scan(math.sqrt(best.symbol_time * other.symbol_time))
        best = min(scan.found, key=judged)
    ends: list[RateError] = []
    causes: list[Cause] = []
    for k, way in enumerate((-1, 1)):  # faster, slower
        good, failing = best, scan.next(best, way)
        while failing is not None and holds(failing):
            good, failing = failing, scan.next(failing, way)
        while failing is not None and holds(good) and _apart(good, failing) > resolution:
            found = scan(math.sqrt(good.symbol_time * failing.symbol_time))
            good, failing = (found, failing) if holds(found) else (good, found)
        ends.append(good)
        causes.append("scan" if failing is None else scan.cause(failing))
        report(0.8 + 0.2 * k)
    fits = holds(best)
    best = min(scan.found, key=judged)
    if fits:
        warn_short_symbol(device.ring, ends[0].symbol_time)
    return SymbolRateLimit(
        highest=ends[0].rate if fits else None,
        lowest=ends[1].rate if fits else None,
        tolerance=tolerance,
        criterion=criterion,
        resolution=resolution,
        limited_above_by=causes[0],
        limited_below_by=causes[1],
        best=best,
        scanned=tuple(scan.found),
        settling=steps,
        estimate=scan.window(tolerance),
        agrees=_agree(scan.found, tolerance),
        mean_temperature=kelvin,
        symbols=streams * symbols,
        seed=seed,
    )


def _apart(one: RateError, other: RateError) -> float:
    return abs(math.log(one.symbol_time / other.symbol_time))


def _span(run: RingDevice, shortest: float | None, longest: float | None) -> tuple[float, float]:
    """Symbol times [s] between which the coarse scan goes."""
    ring = run.ring
    photon = float(ring.photon_lifetime)
    carrier = ring.carrier_lifetime
    one = photon if carrier is None or not math.isfinite(carrier) else max(photon, float(carrier) / 5)
    limits: dict[str, Any] = {"unit": "s", "plausible": (1e-14, 1.0), "scales": TIMES}
    fast = one_number("shortest", one if shortest is None else shortest, above=0.0, **limits)
    slow = max(64 * one, float(ring.thermal_lifetime) if ring.heats else 0.0) if longest is None else longest
    return fast, one_number("longest", slow, above=fast, **limits)


def _agree(found: list[RateError], tolerance: float) -> bool | None:
    if any(math.isnan(e.estimate) for e in found):
        return None
    for e in found:  # beyond the first order it says no more than that the tolerance is not met
        said = e.estimate if math.isfinite(e.estimate) else tolerance
        same = (e.rms <= tolerance) == (e.estimate <= tolerance)
        if not same and not 1 / _FACTOR <= said / max(e.rms, 1e-300) <= _FACTOR:
            return False
    return True


class _Scan:
    """Errors at the symbol times looked at so far, fast ones first."""

    def __init__(
        self, run: RingDevice, device: RingDevice, curve: Curve, sent: Pattern, heating: bool, rtol: float,
        workers: int | None,
    ) -> None:  # fmt: skip
        self.device, self.curve, self.sent = device.plain(), curve, sent
        self.heats = heating and run.ring.heats
        self.settings: dict[str, Any] = {"rtol": rtol, "workers": workers}
        self.found: list[RateError] = []
        carriers = run.ring.carrier_lifetime
        self.settling = max(float(run.ring.photon_lifetime), 0.0 if carriers is None else float(carriers))
        ring = self.device.ring
        simple = ring.traps is None and None not in (ring.carrier_lifetime, ring.thermal_lifetime)
        self.estimated = simple and sent.duty == 1.0 and sent.window == 0.0
        if not self.heats and self.estimated:  # the estimate is to leave heat out as well
            still = dataclasses.replace(ring, thermo_optic=0.0 * ring.thermo_optic)
            self.device_estimated: RingDevice = dataclasses.replace(self.device, ring=still)  # type: ignore[type-var]
        else:
            self.device_estimated = self.device

    def error(
        self, time: float, heating: bool, method: Method = "auto", sent: Pattern | None = None
    ) -> StreamError:
        return stream_error(
            self.device, self.curve, sent or self.sent, time, heating=heating, method=method, **self.settings
        )

    def __call__(self, time: float) -> RateError:
        full = self.error(time, self.heats)
        still = full
        if self.heats:
            few = dataclasses.replace(self.sent, symbols=min(_FEW, self.sent.symbols))
            still = self.error(time, False, sent=few if time > _SETTLED * self.settling else self.sent)
        estimate = math.nan
        if self.estimated and time < 5 * float(self.device.ring.photon_lifetime):
            estimate = math.inf  # it takes photons to follow at once
        elif self.estimated:
            estimate = float(symbol_error(self.device_estimated, self.sent.sample, time))
        made = RateError(
            **dataclasses.asdict(full), symbol_time=time, without_heat=still.rms, estimate=estimate
        )
        self.found = sorted([*self.found, made], key=lambda e: e.symbol_time)
        return made

    def next(self, error: RateError, side: int) -> RateError | None:
        place = self.found.index(error) + side
        return self.found[place] if 0 <= place < len(self.found) else None

    def cause(self, error: RateError) -> Cause:
        """What makes the largest part of the mean square: switched off one after the other."""
        still = self.error(error.symbol_time, False).rms  # all symbols, as in the others
        at_once = self.error(error.symbol_time, False, "slaved").rms
        parts: dict[Cause, float] = {
            "heat": error.rms**2 - still**2,
            "photons": still**2 - at_once**2,
            "carriers": at_once**2,
        }
        return max(parts, key=lambda name: parts[name])

    def window(self, tolerance: float) -> SymbolWindow | None:
        return symbol_window(self.device_estimated, self.sent.sample, tolerance) if self.estimated else None
