"""In which regime a curve holds: mean heating, symbol window, and the limits of the model."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import Cavity
from photonic.errors import ParameterError, check, concrete

if TYPE_CHECKING:
    from photonic.devices import RingDevice
    from photonic.ring import Ring

__all__ = [
    "SymbolWindow",
    "absorbed_power",
    "beyond_limits",
    "mean_heating",
    "outside_validity",
    "symbol_error",
    "symbol_window",
]


_FIRST_ORDER = 0.3  # half-linewidths


@dataclass(frozen=True, kw_only=True)
class SymbolWindow:
    """Symbol times [s] between which a frozen-heat curve holds within ``tolerance`` [1] of its range.

    ``best`` is the symbol time [s] with the ``smallest_error`` [1].
    """

    shortest: float
    longest: float
    tolerance: float
    best: float
    smallest_error: float


def absorbed_power(device: RingDevice, powers: Any) -> np.ndarray:
    """Power turned into heat in the ring [W] at input ``powers`` [W], heat frozen."""
    cold = device.frozen()
    cavity = cold.cavity()
    energy = cold.energy(powers, cavity=cavity)
    return cavity.absorbed(energy) * energy


def mean_heating(device: RingDevice, powers: Any, duty: float = 1.0) -> tuple[float, float]:
    """Mean temperature rise [K] and the detuning offset it makes [rad/s], positive.

    ``powers`` [W] is a sample of the input powers that come; ``duty`` the share of time in
    which they do. With frozen heat, detunings count from this mean-hot resonance: the laser
    (or the ring heater) must supply the offset, T_mean = R_th · duty · ⟨P_abs⟩.
    """
    check("duty", duty, unit="[1]", at_least=0.0, at_most=1.0)
    _check_sample(powers, 1)
    mean = float(np.mean(absorbed_power(device, np.asarray(powers, dtype=float))))
    kelvin = float(device.ring.thermal_resistance) * duty * mean
    return kelvin, float(device.ring.coefficients().thermal) * kelvin


def _check_sample(powers: Any, least: int) -> None:
    check("powers", powers, unit="W", at_least=0.0)
    if np.unique(concrete(powers)).size < least:
        raise ParameterError(f"powers must hold {least} or more different powers [W], got {powers!r}")


def _check_lifetimes(device: RingDevice) -> None:
    for name in ("carrier_lifetime", "thermal_lifetime"):
        if getattr(device.ring, name) is None:
            raise ParameterError(f"{name} [s] of the ring is needed for symbols in time, got None")
    if device.ring.traps is not None:
        raise ParameterError(
            "traps must be None for symbols in time: carriers have no one lifetime with them"
        )


def symbol_error(device: RingDevice, powers: Any, symbol_time: Any) -> np.ndarray:
    """Rms error of the frozen-heat curve under random symbols, as a share of its output range [1].

    Symbols are drawn independently from ``powers`` [W] and last ``symbol_time`` [s] (any shape);
    the output is read at the end of each. To first order in the detuning error δ of the ring,

        δ_k = (1 − q)(s_k − s̄) + q w_k + e^{−T/τ_fc} (n_{k−1} − n_k),   q = e^{−T/τ_th},

    with s the settled heat shift of a power, n its carrier shift, and w the wander that the earlier
    symbols leave, of variance var(s)(1 − q)/(1 + q) and of covariance (1 − q) cov(s, n) with n_{k−1};
    with several thermal modes each leaves its share.
    The error is the rms of δ ∂P_out/∂δ; infinite where δ exceeds 0.3 half-linewidths rms, since the
    first order says nothing there.
    """
    check("symbol_time", symbol_time, unit="s", above=0.0)
    _check_sample(powers, 2)
    _check_lifetimes(device)
    power = np.asarray(powers, dtype=float)
    ring, cold = device.ring, device.frozen()
    cavity = cold.cavity()
    energy = cold.energy(power, cavity=cavity)
    c = ring.with_effects(heating=True).coefficients()
    heat = cavity.absorbed(energy) * energy * float(ring.thermal_resistance) * float(c.thermal)
    heat = heat - heat.mean()
    carriers = float(c.index) * cavity.index_change(energy)
    carriers = carriers - carriers.mean()
    step = 1e-20 * float(ring.linewidth)
    moved = dataclasses.replace(cold, detuning=float(cold.detuning) + 1j * step)
    squared = (np.imag(moved.transfer(power)) / step) ** 2

    time = np.asarray(symbol_time, dtype=float)[..., None]
    lag = np.exp(-time / float(ring.carrier_lifetime))
    modes = ring.thermal_modes
    shares = np.array((1.0,) if modes is None else modes.shares)
    q = np.exp(-time / np.array((float(ring.thermal_lifetime),) if modes is None else modes.lifetimes))
    left, new = shares * q * (1 - q), np.sum(shares * (1 - q), axis=-1, keepdims=True)
    wander = left[..., :, None] * left[..., None, :] / (1 - q[..., :, None] * q[..., None, :])
    own = (new * heat - lag * carriers) ** 2
    others = np.var(heat) * np.sum(wander, axis=(-2, -1))[..., None] + np.var(carriers) * lag**2
    both = np.sum(left, axis=-1, keepdims=True) * lag  # left by the symbol before
    others = others + 2 * both * np.mean(heat * carriers)
    out = cold.transfer(power)
    largest = _FIRST_ORDER * float(ring.linewidth) / 2
    error = np.sqrt(np.mean(squared * (own + others), axis=-1)) / np.ptp(out)
    return np.where(np.sqrt(np.mean(own + others, axis=-1)) <= largest, error, np.inf)


def symbol_window(device: RingDevice, powers: Any, tolerance: float = 0.05) -> SymbolWindow | None:
    """Symbol times for which `symbol_error` stays below ``tolerance``, or None where there are none.

    Too short and the carriers do not settle; too long and heat drifts with the symbols. Looked for
    from a tenth of the carrier (or photon) lifetime to a million of them, in steps of 1.2 %; a bound that
    lies outside is 0 or infinite.
    """
    check("tolerance", tolerance, unit="[1]", above=0.0, below=1.0)
    _check_lifetimes(device)
    lifetimes = (float(device.ring.carrier_lifetime), float(device.ring.photon_lifetime))
    times = max(lifetimes) * np.geomspace(0.1, 1e6, 1401)
    error = symbol_error(device, powers, times)
    best = int(np.argmin(error))
    if error[best] > tolerance:
        return None
    bad = np.flatnonzero(error > tolerance)  # the window is the stretch around the best time
    before, after = bad[bad < best], bad[bad > best]
    return SymbolWindow(
        shortest=float(times[before[-1] + 1]) if before.size else 0.0,
        longest=float(times[after[0] - 1]) if after.size else math.inf,
        tolerance=tolerance,
        best=float(times[best]),
        smallest_error=float(error[best]),
    )


def outside_validity(cavity: Cavity, energy: np.ndarray) -> list[str]:
    """Sentences on what the coupled-mode model cannot promise at these energies [J]."""
    if not np.size(energy):
        return []
    highest = energy if cavity.is_batch else np.max(energy)  # heat and carriers rise with the energy
    furthest = float(np.max(np.abs(cavity.offset(energy))))
    return beyond_limits(cavity.ring, cavity.temperature(highest), cavity.carriers(highest), furthest)


def beyond_limits(ring: Ring, temperature: Any, carriers: Any, furthest: float) -> list[str]:
    """Sentences on what the model cannot promise at these temperatures [K] and densities [1/m³].

    ``furthest`` is the largest distance of the laser from the hot resonance [rad/s].
    """
    found = []
    hot, dense = float(np.max(temperature)), float(np.max(carriers))
    if hot > 50:
        found.append(f"temperature rise reaches {hot:.3g} K: the thermo-optic law is linear, good below 50 K")
    c = ring.coefficients()
    if dense > 1e26 and any(np.any(concrete(effect)) for effect in (c.carrier_absorption, c.index)):
        found.append(f"carrier density reaches {dense:.3g} 1/m³: the carrier laws hold below 1e26 1/m³")
    if ring.circumference is not None:
        finesse = float(np.min(ring.finesse))
        if finesse < 20:
            found.append(f"finesse is {finesse:.3g}: coupled-mode theory wants 20 or more")
        spacing = 2 * math.pi / float(np.min(ring.round_trip_time()))
        if furthest > spacing / 10:
            share = furthest / spacing
            found.append(f"the laser is {share:.2g} free spectral ranges off the hot resonance (limit 0.1)")
    return found
