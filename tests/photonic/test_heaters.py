"""Heater powers and settings are inverses, and the powers are the least ones."""

from __future__ import annotations

import dataclasses
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.heaters import HeaterPower, Heaters
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.provenance import references

HALF = float(VV.linewidth) / 2
SPACING = 2 * math.pi / float(VV.round_trip_time())
DEVICE = CavityLoadedMZI(VV, HALF, 2.0, 0.3, 0.6)


@st.composite
def heaters(draw: st.DrawFn) -> Heaters:
    off = st.floats(0, 0.12)
    matrix = [[1.0 if i == j else draw(off) for j in range(4)] for i in range(4)]
    return Heaters(
        p_pi=draw(st.floats(1e-3, 0.1)),
        ring_efficiency=draw(st.floats(1e-8, 1e-6)),
        detuning_unheated=draw(st.floats(-1e12, 1e12)),
        crosstalk=draw(st.sampled_from([0.0, 0.05])) if draw(st.booleans()) else matrix,
        arm_offset=draw(st.floats(-7, 7)),
        input_offset=draw(st.floats(-7, 7)),
        output_offset=draw(st.floats(-7, 7)),
    )


def assert_same_settings(one: Any, other: Any) -> None:
    assert one.detuning == pytest.approx(other.detuning, abs=1e-6 * HALF)
    assert math.cos(one.arm_phase - other.arm_phase) == pytest.approx(1, abs=1e-10)
    assert one.input_coupling == pytest.approx(other.input_coupling, abs=1e-9)
    assert one.output_coupling == pytest.approx(other.output_coupling, abs=1e-9)


@pytest.mark.parametrize(("k_in", "k_out"), [(0.0, 0.0), (0.0, 1.0), (0.5, 0.0), (0.5, 1.0)])
def test_couplers_at_their_ends(k_in: float, k_out: float) -> None:
    h = Heaters(arm_offset=0.3)
    device = CavityLoadedMZI(VV, HALF, 1.0, k_in, k_out)
    assert_same_settings(h.apply(device, h.power(device)), device)


@settings(deadline=None, max_examples=200)
@given(heaters(), st.floats(-9, 9), st.floats(-9, 9), st.floats(1e-6, 0.999), st.floats(1e-6, 0.999))
def test_apply_undoes_power(h: Heaters, offset: float, phase: float, k_in: float, k_out: float) -> None:
    device = CavityLoadedMZI(VV, offset * HALF, phase, k_in, k_out)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)
        power = h.power(device)
        again = h.apply(device, power)
        assert_same_settings(again, device)
        assert h.power(again).total == pytest.approx(power.total, rel=1e-6, abs=1e-9)
    assert min(power.ring, power.arm, power.input_coupler, power.output_coupler) >= 0


@settings(deadline=None, max_examples=100)
@given(heaters(), st.lists(st.floats(0, 0.05), min_size=4, max_size=4))
def test_no_powers_give_the_same_settings_for_less(h: Heaters, given_power: list[float]) -> None:
    device = h.apply(MachZehnder(0.0), [0.0, *given_power[1:]])
    couplings = np.array([device.input_coupling, device.output_coupling])
    if np.all((couplings > 1e-6) & (couplings < 1 - 1e-6)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideValidityWarning)
            assert h.power(device).total <= sum(given_power[1:]) * (1 + 1e-9) + 1e-9


def test_powers_by_hand() -> None:
    """P = P_π (φ mod 2π)/π; k = cos²(θ/2); detuning = unheated + (2πc/λ²) η P."""
    h = Heaters(p_pi=20e-3, ring_efficiency=1e-7, detuning_unheated=-2 * HALF)
    power = h.power(CavityLoadedMZI(VV, HALF, -math.pi / 2, 0.5, 1.0))
    assert power.arm == pytest.approx(20e-3 * 1.5, rel=1e-12, abs=0.0)
    assert power.input_coupler == pytest.approx(10e-3, rel=1e-12, abs=0.0)
    assert power.output_coupler == 0.0
    slope = 2 * math.pi * 299792458 / VV.wavelength**2 * 1e-7
    assert power.ring == pytest.approx(3 * HALF / slope, rel=1e-12, abs=0)
    assert power.turns == 0
    assert power.total == pytest.approx(power.ring + 40e-3, rel=1e-12, abs=0.0)


def test_a_coupler_beyond_pi_turns_the_arm() -> None:
    """θ in (π, 2π): cos(θ/2) < 0, so the light that crosses changes sign: π more in φ."""
    h = Heaters(p_pi=20e-3)
    device = MachZehnder(0.0, 0.5, 0.5)
    before = h.apply(device, (0.0, 0.0, 10e-3, 10e-3))
    beyond = h.apply(device, (0.0, 0.0, 30e-3, 10e-3))
    assert beyond.input_coupling == pytest.approx(before.input_coupling, abs=1e-12)
    assert beyond.arm_phase == pytest.approx(before.arm_phase + math.pi, abs=1e-12)


def test_ring_goes_round_a_free_spectral_range() -> None:
    """Heat only moves the resonance red: what lies blue costs a free spectral range."""
    h = Heaters(detuning_unheated=0.0)
    slope = 2 * math.pi * 299792458 / VV.wavelength**2 * h.ring_efficiency
    with pytest.warns(OutsideValidityWarning, match="it goes 1 free spectral range"):
        power = h.power(RingThrough(VV, -HALF))
    assert power.turns == 1
    assert power.ring == pytest.approx((SPACING - HALF) / slope, rel=1e-12, abs=0.0)
    assert h.apply(RingThrough(VV, 0.0), power).detuning == pytest.approx(-HALF, rel=1e-6, abs=0.0)
    with pytest.raises(ParameterError, match="set detuning_unheated, or the ring's circumference"):
        h.power(RingThrough(dataclasses.replace(VV, circumference=None), -HALF))


def test_mean_heating_is_taken_off_the_ring_heater() -> None:
    h = Heaters()
    slope = 2 * math.pi * 299792458 / VV.wavelength**2 * h.ring_efficiency
    device = RingThrough(VV.with_effects(heating=False), HALF)
    _, offset = device.mean_heating(np.linspace(0, 1e-3, 11))
    assert offset > 0
    half_kelvin, half_offset = device.mean_heating(np.linspace(0, 1e-3, 11), duty=0.5)
    assert half_offset == pytest.approx(offset / 2, rel=1e-12, abs=0.0)
    assert half_offset == pytest.approx(6.4912e10 * half_kelvin, rel=1e-4, abs=0.0)  # physics of the ring
    plain, less = h.power(device), h.power(device, mean_offset=offset)
    assert plain.ring - less.ring == pytest.approx(offset / slope, rel=1e-9, abs=0.0)
    assert h.apply(device, less, mean_offset=offset).detuning == pytest.approx(HALF, rel=1e-9, abs=0.0)
    with pytest.warns(OutsideValidityWarning, match="free spectral range"):
        assert h.power(device, mean_offset=20 * HALF).turns == 1


def test_crosstalk_is_solved_for() -> None:
    """Two heaters by hand: E_arm = P_arm + x P_in, E_in = P_in + x P_arm."""
    x = 0.1
    device = MachZehnder(1.0, 0.4, 1.0)
    ideal = Heaters().power(device)
    h = Heaters(crosstalk=[[1, 0, 0, 0], [0, 1, x, 0], [0, x, 1, 0], [0, 0, 0, 1]])
    real = h.power(device)
    assert real.arm == pytest.approx((ideal.arm - x * ideal.input_coupler) / (1 - x * x), rel=1e-12, abs=0.0)
    assert real.input_coupler == pytest.approx(
        (ideal.input_coupler - x * ideal.arm) / (1 - x * x), rel=1e-12, abs=0.0
    )


def test_other_devices() -> None:
    ring = dataclasses.replace(VV, drop_coupling_rate=1e9)
    power = Heaters().power(RingDrop(ring, 0.0))
    assert power.ring > 0
    assert power.arm == power.input_coupler == power.output_coupler == 0
    with pytest.raises(ParameterError, match="a RingDrop does not have every heater"):
        Heaters().apply(RingDrop(ring, 0.0), (0.0, 1e-3, 0.0, 0.0))
    with pytest.raises(ParameterError, match="a MachZehnder does not have every heater"):
        Heaters().apply(MachZehnder(0.0), HeaterPower(ring=1e-3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p_pi": 25.0}, r"p_pi must .* W, got 25\.0: did you mean 0\.025 \(milliwatts\)"),
        ({"p_pi": 0.0}, "p_pi must be > 0"),
        ({"ring_efficiency": 0.12}, r"did you mean 1\.2e-07 \(nanometres per milliwatt\)"),
        ({"crosstalk": 1.5}, r"crosstalk must lie in \[0, 1\]"),
        ({"crosstalk": 1.0}, "cannot be told apart"),
        ({"crosstalk": np.zeros((4, 4))}, "1 on its diagonal"),
        ({"crosstalk": np.eye(3)}, r"shape \(4, 4\), got shape \(3, 3\)"),
        ({"arm_offset": math.nan}, "arm_offset must be finite"),
    ],
)
def test_wrong_heaters_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Heaters(**change)


def test_wrong_powers_are_refused() -> None:
    with pytest.raises(ParameterError, match="four numbers, got shape"):
        Heaters().apply(DEVICE, (1e-3, 1e-3))
    with pytest.raises(ParameterError, match="power must be >= 0 W"):
        Heaters().apply(DEVICE, (1e-3, -1e-3, 0.0, 0.0))
    with pytest.raises(ParameterError, match=r"did you mean 0\.03 \(milliwatts\)"):
        Heaters().apply(DEVICE, (30.0, 0.0, 0.0, 0.0))
    with pytest.raises(ParameterError, match="detuning must be one number"):
        Heaters().power(RingThrough(VV, np.array([0.0, 1.0])))


def test_defaults_say_what_they_assume() -> None:
    text = references(Heaters())
    assert "25 mW" in text or "0.025 W" in text
    assert "assumed" in text
    assert "5 linewidths blue" in text
    assert "5 linewidths blue" not in references(Heaters(detuning_unheated=0.0))
    assert "set by you (was 0.025 W" in references(Heaters(p_pi=0.03))
    assert pickle.loads(pickle.dumps(Heaters(p_pi=0.03))).same(Heaters(p_pi=0.03))


def test_defaults_are_their_sources() -> None:
    """25 mW for π (plain metal, 20–30 mW) and 0.12 nm/mW; what is printed as a source is what is used."""
    h = Heaters()
    for name, source in h.sources.items():
        assert getattr(h, name) == source.value
    assert (h.p_pi, h.ring_efficiency, h.crosstalk) == (25e-3, 0.12e-9 / 1e-3, 0.0)
    assert HeaterPower(ring=1.0, arm=2.0, input_coupler=4.0, output_coupler=8.0).total == 15.0
