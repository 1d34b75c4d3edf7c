"""Rates of the nonlinear ring: what light, carriers and heat do to its loss and its resonance.

The model is the coupled-mode theory of Johnson, Borselli and Painter, Opt. Express 14, 817
(2006), in the form of Van Vaerenbergh et al., Opt. Express 20, 20292 (2012), with the Kerr
effect added:

    da/dt = [i(ω_L − ω_r) − γ/2] a + √γ_c s_in                                         (1)
    ω_r = ω_0 − k_K U − k_n Δn(N) − k_T T                                              (2)
    γ   = γ_c + γ_d + γ_scattering + γ_absorption + k_2 U + k_f N                      (3)
    dN/dt = g U² − N/τ_fc                                                              (4)
    dT/dt = h (γ_absorption + k_2 U + k_f N) U − T/τ_th                                (5)

Fields go as exp(−iωt); U = |a|² is the stored energy [J], |s|² a power [W], every γ an energy
decay rate [1/s]. The formulas use operators only, so that floats, arrays, tensors, complex
steps and compiled loops all run the same lines.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "Coefficients",
    "absorption_rate",
    "carrier_change",
    "coupled_power",
    "heating_rate",
    "held_power",
    "loss_rate",
    "resonance_shift",
    "settled_pairs",
    "settled_temperature",
    "temperature_change",
    "through_transfer",
    "total_rate",
]


class Coefficients(NamedTuple):
    """Coefficients of equations (1)–(5) of one ring; an effect switched off is a zero here."""

    coupling: Any  # γ_c [1/s]
    drop_coupling: Any  # γ_d [1/s]
    scattering: Any  # [1/s]
    absorption: Any  # [1/s]
    two_photon: Any  # k_2 [1/(s J)]
    carrier_absorption: Any  # k_f [m³/s]
    generation: Any  # g [1/(m³ s J²)]
    kerr: Any  # k_K [rad/(s J)]
    index: Any  # k_n [rad/s per unit of Δn]
    thermal: Any  # k_T [rad/(s K)]
    heating: Any  # h [K/J]
    carrier_lifetime: Any  # τ_fc [s]
    thermal_lifetime: Any  # τ_th [s]

    @property
    def linear_loss(self) -> Any:
        """Loaded linewidth without light [rad/s]."""
        return self.coupling + self.drop_coupling + self.scattering + self.absorption


def absorption_rate(energy: Any, carriers: Any, c: Coefficients) -> Any:
    """Rate at which stored energy turns into heat [1/s]; the bracket of equation (5)."""
    return c.absorption + c.two_photon * energy + c.carrier_absorption * carriers


def total_rate(absorbed: Any, c: Coefficients) -> Any:
    """Total energy decay rate γ [1/s] beside the rate ``absorbed`` [1/s]; equation (3)."""
    return c.coupling + c.drop_coupling + c.scattering + absorbed


def loss_rate(energy: Any, carriers: Any, c: Coefficients) -> Any:
    """Total energy decay rate γ [1/s]; equation (3)."""
    return total_rate(absorption_rate(energy, carriers, c), c)


def resonance_shift(energy: Any, index_change: Any, temperature: Any, c: Coefficients) -> Any:
    """Shift of the resonance ω_r − ω_0 [rad/s], positive = blue; equation (2)."""
    return -(c.kerr * energy + c.index * index_change + c.thermal * temperature)


def carrier_change(energy: Any, carriers: Any, c: Coefficients) -> Any:
    """dN/dt [1/(m³ s)]; equation (4)."""
    return c.generation * energy * energy - carriers / c.carrier_lifetime


def heating_rate(energy: Any, absorbed: Any, c: Coefficients) -> Any:
    """Heating [K/s] at the rate of absorption ``absorbed`` [1/s]; the first term of equation (5)."""
    return c.heating * absorbed * energy


def temperature_change(energy: Any, carriers: Any, temperature: Any, c: Coefficients) -> Any:
    """dT/dt [K/s]; equation (5)."""
    return heating_rate(energy, absorption_rate(energy, carriers, c), c) - temperature / c.thermal_lifetime


# --- the steady state, explicit in the stored energy (`photonic.cavity`) -----------------------------


def settled_pairs(energy: Any, c: Coefficients) -> Any:
    """Electron–hole pairs g τ_fc U² [1/m³] that settle without traps; equation (4) at rest."""
    return c.generation * c.carrier_lifetime * energy * energy


def settled_temperature(energy: Any, absorbed: Any, c: Coefficients) -> Any:
    """Temperature rise [K] that settles, 0 with frozen heat; equation (5) at rest."""
    return c.heating * c.thermal_lifetime * absorbed * energy


def coupled_power(energy: Any, half: Any, offset: Any) -> Any:
    """γ_c P_in [W/s] that holds U at γ/2 = ``half`` and δ = ``offset``; equation (1) at rest."""
    return energy * (half * half + offset * offset)


def held_power(energy: Any, half: Any, offset: Any, c: Coefficients) -> Any:
    """Power in the bus [W] that holds U at γ/2 = ``half`` and δ = ``offset``."""
    return coupled_power(energy, half, offset) / c.coupling


def through_transfer(half: Any, offset: Any, c: Coefficients) -> tuple[Any, Any]:
    """Real and imaginary part of t = 1 − γ_c/(γ/2 − iδ) [1], of the ring's through port."""
    factor = c.coupling / (half * half + offset * offset)
    return 1 - factor * half, -factor * offset
