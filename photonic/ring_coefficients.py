"""From the numbers of a ring to the coefficients of its rate equations."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from photonic.errors import OutsideValidityWarning, ParameterError, concrete
from photonic.rates import Coefficients
from photonic.units import PLANCK, SPEED_OF_LIGHT

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["ring_coefficients"]


def ring_coefficients(ring: Ring) -> Coefficients:
    """Coefficients of equations (1)–(5) of `photonic.rates`; switched-off effects are 0.

    Without any recombination beside that of its traps, τ_fc is infinite.
    """
    _check_backscatter(ring)
    on, n_g, c = ring.effects, ring.group_index, SPEED_OF_LIGHT
    pull = ring.angular_frequency / n_g  # ω_0/n_g, the frequency change per −Δn
    absorbed = two_photon = generation = 0.0
    if ring.tpa_volume is not None and ring.fca_volume is not None:
        rate = ring.two_photon_absorption * c**2 / n_g**2
        two_photon = ring.tpa_confinement * rate / ring.tpa_volume
        photons = PLANCK * ring.angular_frequency / math.pi  # 2ħω
        generation = ring.fca_confinement * rate / (photons * ring.fca_volume**2)
        absorbed = ring.fca_confinement * ring.free_carrier_cross_section * c / n_g
    kerr = heating = 0.0
    if ring.kerr_volume is not None and on.kerr:
        kerr = pull * ring.kerr_index * c / (n_g * ring.kerr_volume)
    if on.heating and ring.thermal_lifetime is not None:
        heating = ring.thermal_resistance / ring.thermal_lifetime
    lifetime = ring.carrier_lifetime
    if lifetime is None:
        lifetime = 1.0 if ring.traps is None else math.inf
    return Coefficients(
        coupling=ring.coupling_rate,
        drop_coupling=ring.drop_coupling_rate,
        scattering=ring.scattering_rate,
        absorption=ring.absorption_rate,
        two_photon=two_photon if on.two_photon_loss else 0.0,
        carrier_absorption=absorbed if on.free_carrier_absorption else 0.0,
        generation=generation,
        kerr=kerr,
        index=pull * ring.index_confinement if on.free_carrier_dispersion else 0.0,
        thermal=pull * ring.index_confinement * ring.thermo_optic,
        heating=heating,
        carrier_lifetime=lifetime,
        thermal_lifetime=1.0 if ring.thermal_lifetime is None else ring.thermal_lifetime,
    )


def _check_backscatter(ring: Ring) -> None:
    ratio = float(np.max(concrete(ring.backscatter_rate) / concrete(ring.linewidth)))
    if ratio > 1:
        raise ParameterError(
            f"backscatter_rate must be <= 1 linewidth in the nonlinear model, got {ratio:.3g}"
        )
    if ratio > 0.2:
        text = f"backscatter_rate is {ratio:.3g} linewidths: the nonlinear model leaves it out"
        warnings.warn(text, OutsideValidityWarning, stacklevel=5)
