"""The linear ring exactly: transfer-matrix spectrum, and couplers against decay rates.

Power coupling κ² and waveguide loss α [1/m] correspond one to one to energy decay rates,

    γ_c = −ln(1 − κ²) v_g/L,   γ_i = α v_g,   v_g = c/n_g,

so that the coupled-mode model and the transfer matrix describe the same ring; their spectra
agree to second order in 1/finesse near a resonance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from photonic.errors import ParameterError, check, concrete
from photonic.namespace import listed, namespace
from photonic.ring_fields import LENGTHS
from photonic.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from photonic.ring import Ring
    from photonic.waveguide import Waveguide

__all__ = ["Spectrum", "coupling_decay", "elementwise", "geometry", "ring_spectrum", "round_trip_amplitudes"]


class Spectrum(NamedTuple):
    """Linear spectrum of a ring: complex field transfer to both ports."""

    wavelength: Any  # [m]
    through_field: Any
    drop_field: Any

    @property
    def through(self) -> Any:
        """Power transmission to the through port [1]."""
        return self.through_field.real**2 + self.through_field.imag**2

    @property
    def drop(self) -> Any:
        """Power transmission to the drop port [1]."""
        return self.drop_field.real**2 + self.drop_field.imag**2


def elementwise(function: str, value: Any) -> Any:
    """A function of the array library that ``value`` belongs to; plain numbers stay plain numbers."""
    result = getattr(namespace(value), function)(value)
    return result.item() if isinstance(result, np.generic) else result


def coupling_decay(power_coupling: Any, round_trip_time: Any) -> Any:
    """Energy decay rate γ_c = −ln(1 − κ²)/t_r [1/s] of a coupler with power coupling κ² [1].

    Examples
    --------
    >>> round(coupling_decay(0.02, 1e-12) / 1e9, 4)  # 1/ns
    20.2027
    """
    return (0.0 - elementwise("log", 1 - power_coupling)) / round_trip_time  # 0, not −0, at κ = 0


def round_trip_amplitudes(ring: Ring) -> tuple[Any, Any, Any]:
    """Field self-coupling of the two couplers and field loss per turn, (r_1, r_2, a) [1].

    r_1² = exp(−γ_c t_r), so that γ_c = −ln(1 − κ²)/t_r exactly; a² = exp(−γ_i t_r).
    """
    time = ring.round_trip_time()
    rates = (ring.coupling_rate, ring.drop_coupling_rate, ring.intrinsic_rate)
    r1, r2, a = (elementwise("exp", -rate * time / 2) for rate in rates)
    return r1, r2, a


def ring_spectrum(ring: Ring, wavelength: Any) -> Spectrum:
    """Exact linear spectrum at ``wavelength`` [m], any shape.

    t = (r_1 − r_2 a e^{iφ})/(1 − r_1 r_2 a e^{iφ}), d = −κ_1 κ_2 √a e^{iφ/2}/(1 − r_1 r_2 a e^{iφ})
    with φ = (ω − ω_0) n_g L/c: Bogaerts et al., Laser Photonics Rev. 6, 47 (2012), eqs. 2–6.
    Backscattering splits the resonance into two standing waves that share the light equally.
    """
    check("wavelength", wavelength, unit="m", above=0.0, plausible=(0.4e-6, 20e-6), scales=LENGTHS)
    wavelength = listed(wavelength)
    r1, r2, a = round_trip_amplitudes(ring)
    offset = 2 * math.pi * SPEED_OF_LIGHT / wavelength - ring.angular_frequency
    time = ring.round_trip_time()

    def ports(detuning: Any) -> tuple[Any, Any]:
        phase = detuning * time
        turn, half_turn = elementwise("exp", 1j * phase), elementwise("exp", 0.5j * phase)
        bottom = 1 - r1 * r2 * a * turn
        kappa = ((1 - r1 * r1) * (1 - r2 * r2)) ** 0.5
        return (r1 - r2 * a * turn) / bottom, -kappa * a**0.5 * half_turn / bottom

    if not np.any(concrete(ring.backscatter_rate)):
        return Spectrum(wavelength, *ports(offset))
    (t1, d1), (t2, d2) = (ports(offset + s * ring.backscatter_rate / 2) for s in (-1, 1))
    return Spectrum(wavelength, (t1 + t2) / 2, (d1 + d2) / 2)


def geometry(
    *,
    radius: Any,
    waveguide: Waveguide,
    coupling: Any,
    group_index: Any,
    core_area: Any,
    drop_coupling: Any,
    absorbed_fraction: Any,
    index_confinement: Any,
) -> dict[str, Any]:
    """Fields of the `Ring` made of a bent waveguide; the arguments are those of `Ring.from_geometry`."""
    if not hasattr(waveguide, "effective_area"):
        raise ParameterError(f"waveguide must be a Waveguide, got {waveguide!r}")
    check("radius", radius, unit="m", above=0.0, plausible=(0.5e-6, 0.05), scales=LENGTHS)
    for name, value in (("coupling", coupling), ("drop_coupling", drop_coupling)):
        check(name, value, at_least=0.0, at_most=1.0)
        check(name, value, below=1.0)
    check("coupling", coupling, above=0.0)
    check("absorbed_fraction", absorbed_fraction, at_least=0.0, at_most=1.0)
    check("core_area", core_area, unit="m²", above=0.0, at_most=1e-9)
    check("group_index", group_index, unit="[1]", at_least=1.0)
    length = 2 * math.pi * radius
    velocity = SPEED_OF_LIGHT / group_index
    loss, volume = waveguide.loss * velocity, waveguide.effective_area * length
    return {
        "wavelength": waveguide.wavelength,
        "group_index": group_index,
        "circumference": length,
        "coupling_rate": coupling_decay(coupling, length / velocity),
        "drop_coupling_rate": coupling_decay(drop_coupling, length / velocity),
        "absorption_rate": absorbed_fraction * loss,
        "scattering_rate": (1 - absorbed_fraction) * loss,
        "two_photon_absorption": waveguide.two_photon_absorption,
        "kerr_index": waveguide.kerr_index,
        "free_carrier_cross_section": waveguide.free_carrier_cross_section,
        "index_per_carrier": waveguide.index_per_carrier,
        "index_confinement": index_confinement,
        "kerr_volume": volume,
        "tpa_volume": volume,
        "fca_volume": (index_confinement * waveguide.effective_area * core_area) ** 0.5 * length,
        "fca_confinement": index_confinement,
        "carrier_lifetime": waveguide.carrier_lifetime,
    }
