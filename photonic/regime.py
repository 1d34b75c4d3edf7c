"""In which regime a curve holds: mean heating, symbol window, and the limits of the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import Cavity
from photonic.errors import check
from photonic.rates import absorption_rate

if TYPE_CHECKING:
    from photonic.devices import RingDevice

__all__ = ["SymbolWindow", "absorbed_power", "mean_heating", "outside_validity", "symbol_window"]


@dataclass(frozen=True, kw_only=True)
class SymbolWindow:
    """Symbol times [s] between which a frozen-heat curve holds, and what bounds them."""

    shortest: float
    longest: float
    tolerance: float


def absorbed_power(device: RingDevice, powers: Any) -> np.ndarray:
    """Power turned into heat in the ring [W] at input ``powers`` [W], heat frozen."""
    cold = device.frozen()
    cavity = cold.cavity()
    energy = cold.energy(powers, cavity=cavity)
    return absorption_rate(energy, cavity.carriers(energy), cavity.c) * energy


def mean_heating(device: RingDevice, powers: Any, duty: float = 1.0) -> tuple[float, float]:
    """Mean temperature rise [K] and the detuning offset it makes [rad/s], positive.

    ``powers`` [W] is a sample of the input powers that come; ``duty`` the share of time in
    which they do. With frozen heat, detunings count from this mean-hot resonance: the laser
    (or the ring heater) must supply the offset, T_mean = R_th · duty · ⟨P_abs⟩.
    """
    check("duty", duty, unit="[1]", at_least=0.0, at_most=1.0)
    mean = float(np.mean(absorbed_power(device, np.asarray(powers, dtype=float))))
    kelvin = float(device.ring.thermal_resistance) * duty * mean
    return kelvin, float(device.ring.coefficients().thermal) * kelvin


def symbol_window(device: RingDevice, powers: Any, tolerance: float = 0.05) -> SymbolWindow | None:
    """Symbol times for which the frozen-heat curve holds, or None where there are none.

    Shortest: 5 carrier lifetimes and 5 photon lifetimes. Longest: for symbols drawn from
    ``powers`` [W] at random, heat must neither drift within one symbol nor wander over
    many by more than ``tolerance`` half-linewidths rms. A one-pole filter of time constant
    τ_th turns independent symbols of settled shift s into a wander σ(s)·√(T/2τ_th).
    """
    check("tolerance", tolerance, unit="[1]", above=0.0, at_most=1.0)
    ring = device.ring
    absorbed = absorbed_power(device, np.asarray(powers, dtype=float))
    settled = absorbed * float(ring.thermal_resistance) * float(ring.coefficients().thermal)
    allowed = tolerance * float(ring.linewidth) / 2
    spread, largest = float(np.std(settled)), float(np.ptp(settled))
    shortest = 5 * max(float(ring.carrier_lifetime), float(ring.photon_lifetime))
    lifetime = float(ring.thermal_lifetime)
    longest = min(
        2 * lifetime * (allowed / spread) ** 2 if spread > 0 else math.inf,
        lifetime * allowed / largest if largest > 0 else math.inf,
    )
    return (
        SymbolWindow(shortest=shortest, longest=longest, tolerance=tolerance) if shortest < longest else None
    )


def outside_validity(cavity: Cavity, energy: np.ndarray) -> list[str]:
    """Sentences on what the coupled-mode model cannot promise at these energies [J]."""
    if not np.size(energy):
        return []
    found = []
    hot, dense = np.max(cavity.temperature(energy)), np.max(cavity.carriers(energy))
    if hot > 50:
        found.append(f"temperature rise reaches {hot:.3g} K: the thermo-optic law is linear, good below 50 K")
    if dense > 1e26:
        found.append(f"carrier density reaches {dense:.3g} 1/m³: the carrier laws hold below 1e26 1/m³")
    if cavity.ring.circumference is not None:
        finesse = float(np.min(cavity.ring.finesse))
        if finesse < 20:
            found.append(f"finesse is {finesse:.3g}: coupled-mode theory wants 20 or more")
        spacing = 2 * math.pi / float(np.min(cavity.ring.round_trip_time()))
        moved = float(np.max(np.abs(cavity.offset(energy))))
        if moved > spacing / 10:
            found.append(
                f"the laser is {moved / spacing:.2g} free spectral ranges off the hot resonance (limit 0.1)"
            )
    return found
