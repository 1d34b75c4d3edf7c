"""Where the light of a symbol goes: energies per symbol of a random stream, balanced."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from photonic.devices import RingDevice
from photonic.dynamics import simulate
from photonic.errors import ParameterError, concrete
from photonic.heaters import HeaterPower, Heaters
from photonic.rates import absorption_rate
from photonic.symbols import Pattern, check_symbol_time, held_at_mean, sent_drive, warming
from photonic.trace import Trace

__all__ = ["EnergyPerSymbol", "energy_per_symbol"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2  # on [0, 1]
_CHUNK = 20_000  # steps looked at together
_FLOWS = ("incoming", "absorbed", "scattered", "through", "drop", "elsewhere", "stored")


@dataclass(frozen=True, kw_only=True)
class EnergyPerSymbol:
    """Mean energies of a symbol in a random stream [J].

    ``incoming`` light is ``absorbed`` in the ring (heat), ``scattered`` out of it, leaves ``through``
    and ``drop`` (bar and cross of an interferometer), is lost ``elsewhere`` (insertion, arm 2, a
    second bus that is no port), or adds to what the ring has ``stored`` (the change per symbol, which
    vanishes in long streams). ``balance`` [1] is the largest share of the incoming energy that these
    leave open in a stream, the error of the integration. ``standard_error`` [J] of each mean is that of
    the streams' scatter.

    ``mean_stored`` [J] is the energy in the ring averaged over time, ``mean_temperature`` [K] where
    the heat was held. ``heater_power`` is the static electrical power, None without heaters.
    """

    symbol_time: float
    incoming: float
    absorbed: float
    scattered: float
    through: float
    drop: float
    elsewhere: float
    stored: float
    balance: float
    standard_error: Mapping[str, float]
    mean_stored: float
    mean_temperature: float
    heater_power: HeaterPower | None

    @property
    def heaters(self) -> float:
        """Static electrical energy of the heaters in a symbol's time [J]; 0 without heaters."""
        return 0.0 if self.heater_power is None else self.heater_power.total * self.symbol_time

    @property
    def total(self) -> float:
        """Light in and heaters [J]."""
        return self.incoming + self.heaters


def energy_per_symbol(
    device: RingDevice,
    powers: Any,
    symbol_time: float,
    *,
    duty: float = 1.0,
    heating: bool = True,
    heaters: Heaters | None = None,
    streams: int = 4,
    symbols: int = 200,
    seed: int = 0,
    rtol: float = 1e-9,
    progress: Callable[[float], None] | None = None,
) -> EnergyPerSymbol:
    """Where the light of a random symbol goes, from the rate equations in time.

    Over each step of the integration, by Gauss quadrature of its dense output,

        ∫P_in dt = ∫(P_through + P_drop) dt + ∫(γ_absorption + k_2 U + k_f N) U dt
                 + ∫γ_scattering U dt + ∫P_elsewhere dt + ΔU.

    Parameters
    ----------
    device : ring device
        Its detuning counts from the mean-hot resonance; see `photonic.symbol_rate_limit`.
    powers : array_like
        Sample [W] from which symbols are drawn.
    symbol_time : float
        [s]
    duty : float
        Share of a symbol's time in which it is lit [1].
    heating : bool
        False leaves the heat standing still.
    heaters : Heaters, optional
        Adds the static electrical power that biases the device, less what the mean heat supplies.
    streams, symbols : int
        Independent streams, and symbols counted in each.
    seed : int
        Of the draws.
    rtol : float
        Of the integration [1]; the balance closes to about that.
    progress : callable, optional
        Called with the share done [1].

    Returns
    -------
    EnergyPerSymbol

    Raises
    ------
    ParameterError
        A number is out of bounds; fewer than two different powers; the device is a batch.

    Examples
    --------
    >>> from photonic import presets
    >>> found = energy_per_symbol(presets.SIGMOID, [0.0, 1e-3, 2e-3], 4e-9, streams=2, symbols=50)
    >>> f"{found.incoming * 1e12:.1f} pJ in, {found.absorbed / found.incoming:.1%} absorbed"
    '4.1 pJ in, 4.6% absorbed'
    >>> found.balance < 1e-7
    True
    """
    symbol_time = check_symbol_time(symbol_time)
    if heaters is not None and not isinstance(heaters, Heaters):
        raise ParameterError(f"heaters must be Heaters, got {heaters!r}")
    sent = Pattern(powers=powers, duty=duty, streams=streams, symbols=symbols, seed=seed)
    run, kelvin = held_at_mean(device, sent, heating)
    before = warming(run, heating, symbol_time)
    start, end = before * symbol_time, (before + symbols) * symbol_time
    rows, closures, held = [], [], []
    for k, stream in enumerate(sent.drawn(before)):
        trace = simulate(
            run, sent_drive(stream, duty, symbol_time), np.array([0.0, start, end]),
            initial={"temperature": kelvin}, rtol=rtol, dense=True,
        )  # fmt: skip
        flows, mean = _flows(run, trace, start, end)
        rows.append(flows / symbols)
        closures.append(abs(flows[0] - np.sum(flows[1:])) / flows[0] if flows[0] > 0 else 0.0)
        held.append(mean)
        if progress is not None:
            progress((k + 1) / streams)
    means, scatter = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / math.sqrt(streams)
    frozen = device.plain().frozen()
    offset = frozen.mean_heating(sent.sample, duty)[1] if run.ring.heats else 0.0
    return EnergyPerSymbol(
        symbol_time=symbol_time,
        **dict(zip(_FLOWS, means.tolist(), strict=True)),
        balance=float(max(closures)),
        standard_error=MappingProxyType(dict(zip(_FLOWS, scatter.tolist(), strict=True))),
        mean_stored=float(np.mean(held)),
        mean_temperature=kelvin,
        heater_power=None if heaters is None else heaters.power(frozen, offset),
    )


def _flows(run: RingDevice, trace: Trace, start: float, end: float) -> tuple[np.ndarray, float]:
    """Energies of `_FLOWS` between two times [J], and the mean energy in the ring [J]."""
    steps = trace.steps_of()
    first, length = steps.spans[:, 0], steps.spans[:, 1]
    low, high = np.maximum(first, start), np.minimum(first + length, end)
    low, width = low[high > low], (high - low)[high > low]
    total, filled = np.zeros(len(_FLOWS)), 0.0
    for k in range(0, low.size, _CHUNK):
        times = (low[k : k + _CHUNK, None] + width[k : k + _CHUNK, None] * _NODES).ravel()
        weights = (width[k : k + _CHUNK, None] * _WEIGHTS).ravel()
        part = trace.at(times)
        total += _powers(run, part) @ weights
        filled += float(part.energy @ weights)
    ends = trace.energy
    total[-1] = float(ends[-1] - ends[1])
    return total, filled / (end - start)


def _powers(run: RingDevice, part: Trace) -> np.ndarray:
    """Power [W] of each of `_FLOWS` at the times of ``part``, shape (7, times); 0 for the last."""
    ring, c = run.ring, run.ring.coefficients()
    pairs = part.carriers
    if ring.traps is not None:  # filled traps leave their holes
        pairs = pairs + float(ring.traps.hole_share) * part.states[..., 3]
    absorbed = absorption_rate(part.energy, pairs, c) * part.energy
    loss, arm, k_in = (
        float(concrete(getattr(run, name, default)))
        for name, default in (("insertion_loss", 1.0), ("arm_loss", 1.0), ("input_coupling", 0.0))
    )
    elsewhere = part.power_in * (1 - 1 / loss + k_in / loss * (1 - 1 / arm))
    if hasattr(run, "arm_phase"):  # its ports are not those of the ring
        elsewhere = elsewhere + float(c.drop_coupling) * part.energy
    scattered = float(c.scattering) * part.energy
    rows = (part.power_in, absorbed, scattered, part.power_through, part.power_drop, elsewhere)
    return np.array([*rows, np.zeros_like(scattered)])
