"""Shipped parameter sets: identities between their figures, and a source for every number."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace

import pytest

from photonic import parameters
from photonic.provenance import references
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT

SETS = sorted(name for name in parameters.__all__ if isinstance(getattr(parameters, name), Ring))


@pytest.mark.parametrize("name", SETS)
def test_identities(name: str) -> None:
    """Q = ω/γ = λ/Δλ, photon lifetime = 1/γ, finesse = FSR/linewidth: nothing is stored twice."""
    ring: Ring = getattr(parameters, name)
    omega = 2 * math.pi * SPEED_OF_LIGHT / ring.wavelength
    assert ring.quality_factor == pytest.approx(omega / ring.linewidth, rel=1e-12)
    width = ring.wavelength**2 * ring.linewidth / (2 * math.pi * SPEED_OF_LIGHT)
    assert ring.quality_factor == pytest.approx(ring.wavelength / width, rel=1e-12)
    assert ring.photon_lifetime == pytest.approx(1 / ring.linewidth, rel=1e-12, abs=0)
    assert ring.intrinsic_quality_factor > ring.quality_factor
    assert ring.finesse == pytest.approx(ring.free_spectral_range / width, rel=1e-2)
    split = ring.coupling_rate + ring.drop_coupling_rate + ring.absorption_rate + ring.scattering_rate
    assert ring.linewidth == pytest.approx(split, rel=1e-14)


@pytest.mark.parametrize("name", parameters.__all__)
def test_every_number_has_a_source(name: str) -> None:
    ring: Ring = getattr(parameters, name)
    for field in dataclasses.fields(ring):
        value = getattr(ring, field.name)
        if field.name in ("effects", "sources") or value is None:
            continue
        known = ring.sources[field.name]
        assert known.value == value
        assert known.unit
        assert known.kind != "published" or known.source.doi
    text = references(ring)
    assert "set by you" not in text
    assert "doi:" in text or "Assumptions" in text or name == "RIB_THERMAL_MODES"


def test_a_changed_number_is_yours() -> None:
    text = references(parameters.VAN_VAERENBERGH_2012)
    assert "doi:10.1364/OE.20.020292" in text
    assert "Assumptions" in text
    assert "set by you (was 5" in references(replace(parameters.VAN_VAERENBERGH_2012, carrier_lifetime=1e-9))


def test_van_vaerenbergh_figures() -> None:
    """Independent arithmetic on the paper's values."""
    ring = parameters.VAN_VAERENBERGH_2012
    assert ring.quality_factor == pytest.approx(62171, abs=1)
    width = ring.wavelength / ring.quality_factor
    assert width == pytest.approx(24.976e-12, rel=1e-4, abs=0)
    assert ring.coupling_rate == pytest.approx(9.7561e9, rel=1e-5)
    assert ring.coupling_regime == "critical"
    assert ring.thermal_resistance == pytest.approx(1.16873e4, rel=1e-5)
    assert ring.free_spectral_range == pytest.approx(27.6e-9, rel=2e-3, abs=0)
    rates = ring.coefficients()
    assert rates.two_photon == pytest.approx(2.4038e22, rel=1e-4)
    assert rates.generation == pytest.approx(4.3829e58, rel=1e-4)
    assert rates.carrier_absorption == pytest.approx(8.6212e-14, rel=1e-4, abs=0)
    assert rates.index * ring.index_per_carrier == pytest.approx(-6.0375e-13, rel=1e-4, abs=0)
    assert rates.thermal == pytest.approx(6.4912e10, rel=1e-4)


def test_giron_castro_figures() -> None:
    """0.8 dB/cm at n = 3.485 is 1.5846e9 1/s; two buses of 54.7 ps; 1.2e-14 kg."""
    ring = parameters.GIRON_CASTRO_2024
    assert ring.absorption_rate + ring.scattering_rate == pytest.approx(1.5846e9, rel=1e-4)
    assert ring.linewidth == pytest.approx(4 / 54.7e-12 + 1.5846e9, rel=1e-5)
    assert ring.density * ring.thermal_volume == pytest.approx(1.2e-14, rel=1e-12, abs=0)
    assert ring.carrier_lifetime == 10e-9


def test_unknown_set() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'NOBODY_1900'"):
        _ = parameters.NOBODY_1900
    assert "GIRON_CASTRO_2024" in dir(parameters)


def test_giron_castro_prints() -> None:
    """The figures that the paper prints, back from the rates."""
    ring = parameters.GIRON_CASTRO_2024
    assert ring.wavelength == 1552.89e-9
    assert ring.group_index == 3.485
    assert ring.circumference == pytest.approx(2 * math.pi * 7.5e-6, rel=1e-14, abs=0)
    assert ring.thermal_lifetime == 50e-9
    assert ring.absorption_rate / (ring.absorption_rate + ring.scattering_rate) == pytest.approx(0.4)
    assert 2 / ring.coupling_rate == pytest.approx(54.7e-12, rel=1e-14, abs=0)
    assert ring.coupling_rate == ring.drop_coupling_rate


def test_van_vaerenbergh_prints() -> None:
    """Field by field, as the paper prints them (energy rates are 2/τ)."""
    ring = parameters.VAN_VAERENBERGH_2012
    printed = {
        "wavelength": 1552.77e-9, "group_index": 3.476, "circumference": 2 * math.pi * 4e-6,
        "absorption_rate": 0.4 * 2 / 205e-12, "scattering_rate": 0.6 * 2 / 205e-12,
        "two_photon_absorption": 8.4e-12, "kerr_index": 0.0, "free_carrier_cross_section": 1e-21,
        "index_per_carrier": -1.73e-27, "thermo_optic": 1.86e-4, "index_confinement": 1.0,
        "tpa_volume": 2.59e-18, "fca_volume": 2.36e-18, "thermal_volume": 3.19e-18,
        "tpa_confinement": 0.9964, "fca_confinement": 0.9996, "thermal_confinement": 0.9355,
        "carrier_lifetime": 5.3e-9, "thermal_lifetime": 65e-9, "density": 2330.0, "heat_capacity": 700.0,
    }  # fmt: skip
    for name, value in printed.items():
        assert getattr(ring, name) == pytest.approx(value, rel=1e-14, abs=0), name


def test_rib_ring_by_hand() -> None:
    """Loaded Q 4.3e4 and absorption Q 3.4e6 as its sources say; heat capacity τ/R of 9.3e-11 J/K;
    carriers by the chord of the power laws to 1e17 cm⁻³."""
    ring = parameters.RIB_RING
    assert ring.quality_factor == pytest.approx(4.30e4, rel=2e-3)
    assert ring.angular_frequency / ring.absorption_rate == pytest.approx(3.43e6, rel=2e-3)
    assert ring.intrinsic_quality_factor == pytest.approx(3.43e5, rel=2e-3)
    assert ring.thermal_resistance == pytest.approx(0.178 / (2 * math.pi * 10e-6), rel=1e-9)
    assert ring.thermal_lifetime / ring.thermal_resistance == pytest.approx(9.26e-11, rel=1e-3, abs=0)
    assert ring.free_carrier_cross_section * 1e23 == pytest.approx(102.924, rel=1e-4)
    assert ring.index_change(1e23) == pytest.approx(-3.5264e-4, rel=1e-4)
    assert ring.fca_volume == pytest.approx(math.sqrt(1.05 * 0.10 * 0.11) * 62.83e-18, rel=1e-3, abs=0)
    assert ring.tpa_volume == ring.kerr_volume == pytest.approx(6.283e-18, rel=1e-3, abs=0)
