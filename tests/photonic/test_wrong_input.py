"""What a new user gets wrong: units, kinds and shapes; every refusal names the argument."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photonic import (
    CavityLoadedMZI,
    Effects,
    Heaters,
    MachZehnder,
    ParameterError,
    Ring,
    RingThrough,
    Waveguide,
    coupler,
    folds,
    hopf_points,
    program,
    silicon,
    steady_states,
    units,
)
from photonic.errors import check
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.programming import _Search
from photonic.regime import symbol_error, symbol_window
from photonic.targets import TARGETS

COLD = VV.with_effects(heating=False)
MZI = CavityLoadedMZI(COLD, 0.0, 1.0)
GUIDE = Waveguide(loss=50.0, effective_area=0.1e-12, two_photon_absorption=5e-12, carrier_lifetime=1e-9)
LINEAR = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10, absorption_rate=1e9)
GEOMETRY = {"radius": 1e-5, "waveguide": GUIDE, "coupling": 0.02, "group_index": 4.2, "core_area": 1e-13}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MZI.transfer(None), "power must be a number in W, got None"),
        (lambda: MZI.transfer(["a", 1e-3]), r"power must be a number in W, got \['a', 0\.001\]"),
        (lambda: MZI.transfer([1e-3, -1e-3]), r"power must be >= 0 W, got -0\.001"),
        (lambda: MZI.transfer([1e-3, 20.0]), r"did you mean 0\.02 \(milliwatts\)"),
        (lambda: MZI.curve("1 mW"), "power_max must be a number in W, got '1 mW'"),
        (lambda: MZI.curve(1e-4, points=None), "points must be an integer >= 8, got None"),
        (lambda: MZI.curve(1e-4, points=math.nan), "points must be an integer >= 8, got nan"),
        (lambda: MZI.curve(1e-4, points=-5), "points must be an integer >= 8, got -5"),
        (lambda: GUIDE.curve(1e-2, 0.1, points=4.5), r"points must be an integer >= 4, got 4\.5"),
        (lambda: GUIDE.curve(1e-2, np.array([0.1, 0.2])), "power_max must be one number"),
        (lambda: RingThrough(None, 0.0), "ring must be a Ring, got None"),
        (lambda: CavityLoadedMZI("ring", 0.0, 0.0), "ring must be a Ring, got 'ring'"),
        (lambda: RingThrough(COLD, None), "detuning must be a number in rad/s, got None"),
        (lambda: RingThrough(COLD, "1e9"), "detuning must be a number in rad/s, got '1e9'"),
        (lambda: VV.detuning(half_linewidths="1"), r"half_linewidths must be a number in \[1\], got '1'"),
        (lambda: VV.detuning(62), r"did you mean 6\.2e-11 \(picometres\) or 6\.2e-08 \(nanometres\)\?"),
        (lambda: VV.detuning(0.062), r"or 6\.2e-11 \(nanometres\)\?"),
        (lambda: VV.with_effects(heating="no"), "effect heating must be True or False, got 'no'"),
        (lambda: Effects(kerr=0.5), r"effect kerr must be True or False, got 0\.5"),
        (lambda: dataclasses.replace(VV, index_law="soref"), "index_law must be a carrier law, got 'soref'"),
        (lambda: dataclasses.replace(VV, thermo_optic=186.0), r"did you mean 0\.000186 \(1e-6/K\)"),
        (
            lambda: dataclasses.replace(VV, coupling_rate=np.array([1e10, 2e10])).coupling_regime,
            "coupling_regime is that of one ring",
        ),
        (lambda: Ring.from_geometry(**{**GEOMETRY, "waveguide": None}), "waveguide must be a Waveguide"),
        (lambda: Ring.from_geometry(**{**GEOMETRY, "core_area": 0.11}), r"core_area must lie in .* m²"),
        (
            lambda: CavityLoadedMZI(COLD, 0.0, np.array([0.2, 0.4])).curve(1e-4),
            "arm_phase must be one number for a curve, got an array",
        ),
        (
            lambda: CavityLoadedMZI(COLD, 0.0, 1.0, [0.2, 0.4]).curve(1e-4),
            "input_coupling must be one number for a curve",
        ),
        (lambda: MachZehnder([0.2, 0.4]).curve(1e-4), "arm_phase must be one number for a curve"),
        (lambda: steady_states(VV, np.array([1e-3, 2e-3]), 0.0), "power must be one number"),
        (lambda: steady_states(None, 1e-3, 0.0), "ring must be a Ring or a ring device, got None"),
        (lambda: folds("vv", 0.0), "ring must be a Ring or a ring device, got 'vv'"),
        (lambda: hopf_points(VV, 0.0, power_max=100.0), r"power_max .* did you mean 0\.1 \(milliwatts\)"),
        (lambda: silicon.index_change(1e22, 1e22, law="soref"), "law must be a CarrierLaw, .* got 'soref'"),
        (lambda: Heaters().power(VV), "device must be one with heaters"),
        (lambda: Heaters().apply("mzi", (0.0, 0.0, 0.0, 0.0)), "device must be one with heaters"),
        (lambda: program(VV, "relu", 1e-4), "device must hold a ring"),
        (lambda: program(MachZehnder(0.0), "relu", 1e-4), "device must hold a ring"),
        (lambda: program(MZI, "relu", 1e-4, free="phase"), "cannot program 'phase'"),
        (lambda: program(MZI, "relu", 1e-4, bounds={"detuning": (1.0,)}), "bounds of detuning must be"),
        (lambda: program(MZI, "relu", 1e-4, bounds={"detuning": (math.nan, 1.0)}), "bounds of detuning"),
        (lambda: MZI.mean_heating([]), "powers must hold 1 or more different powers"),
        (lambda: MZI.mean_heating([1e-4], duty=50), r"duty must lie in \[0, 1\]"),
        (lambda: RingThrough(LINEAR, 0.0).mean_heating([1e-4]), "thermal_resistance needs"),
        (lambda: symbol_window(MZI, [1e-4]), "powers must hold 2 or more different powers"),
        (lambda: symbol_window(MZI, [1e-4, 1e-4]), "powers must hold 2 or more different powers"),
        (lambda: Heaters(detuning_unheated=[1.0, 2.0]), r"detuning_unheated must be one number, got \[1"),
        (lambda: program(MZI, "relu", [1e-4, 2e-4]), "power_max must be one number"),
        (
            lambda: program(CavityLoadedMZI(COLD, 0.0, [1.0, 2.0]), "relu", 1e-4, free=("detuning",)),
            "arm_phase must be one number",
        ),
        (lambda: symbol_window(RingThrough(LINEAR, 0.0), [0.0, 1e-4]), r"carrier_lifetime \[s\] of the ring"),
        (lambda: symbol_error(RingThrough(LINEAR, 0.0), [0.0, 1e-4], 1e-9), "carrier_lifetime"),
    ],
)
def test_refusals_name_the_argument(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_lists_do_for_arrays() -> None:
    powers = [0.0, 1e-4, 2e-4]
    array = np.array(powers)
    for device in (MZI, RingThrough(COLD, 0.0), MachZehnder(1.0, waveguide=GUIDE, arm_length=1e-2)):
        assert np.array_equal(device.transfer(powers), device.transfer(array))
        assert np.array_equal(device.response(tuple(powers)), device.response(array))
    assert np.array_equal(MZI.energy(powers), MZI.energy(array))
    assert np.array_equal(MZI.slope(powers), MZI.slope(array))
    listed = dataclasses.replace(COLD, coupling_rate=[1e10, 2e10])
    assert np.array_equal(listed.linewidth, np.array([1e10, 2e10]) + COLD.intrinsic_rate)
    wavelengths = [1.5527e-6, 1.5528e-6]
    assert np.array_equal(VV.spectrum(wavelengths).through, VV.spectrum(np.array(wavelengths)).through)
    assert coupler.coupler([0.36, 1.0]).through.tolist() == [0.8, 0.0]
    both = CavityLoadedMZI(COLD, [0.0, 1e9], [0.2, 0.4]).transfer(1e-4)
    assert both[1] == pytest.approx(float(CavityLoadedMZI(COLD, 1e9, 0.4).transfer(1e-4)), rel=1e-12, abs=0)
    assert VV.detuning(half_linewidths=[1.0, 2.0]).tolist() == [VV.linewidth / 2, VV.linewidth]
    assert VV.detuning([62e-12])[0] == VV.detuning(62e-12)
    assert units.from_dbm([0.0, -30.0]) == pytest.approx([1e-3, 1e-6], rel=1e-12, abs=0)
    assert units.loss_to_db_per_cm(units.loss_from_db_per_cm([1.0, 2.0])) == pytest.approx([1.0, 2.0])
    assert GUIDE.transmission(0.1, [0.0, 1e-2])[1] == GUIDE.transmission(0.1, 1e-2)
    guide = dataclasses.replace(GUIDE, loss=[10.0, 50.0])
    assert guide.transmission(0.1, 1e-2)[1] == GUIDE.transmission(0.1, 1e-2)


def test_linear_ring_on_resonance_takes_any_power() -> None:
    """U = 4 γ_c P/γ² is exactly the upper bound of the energy: round-off must not put it out of reach."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        rate, loss, power = 10 ** rng.uniform((9, 8, -7), (11, 10, -1))
        device = RingThrough(dataclasses.replace(LINEAR, coupling_rate=rate, absorption_rate=loss), 0.0)
        expected = power * ((rate - loss) / (rate + loss)) ** 2
        assert float(device.transfer(power)) == pytest.approx(expected, rel=1e-6, abs=1e-12 * power)
        assert device.curve(power).domain == (0.0, power)
        assert float(device.energy(power)) == pytest.approx(
            4 * rate * power / (rate + loss) ** 2, rel=1e-12, abs=0
        )


def test_a_ring_without_loss_of_its_own() -> None:
    ring = dataclasses.replace(LINEAR, absorption_rate=0.0)
    assert ring.intrinsic_quality_factor == math.inf
    assert ring.coupling_regime == "over"
    no_carriers = dataclasses.replace(ring, tpa_volume=1e-18)
    assert no_carriers.coefficients().generation == 0.0


def test_bounds_of_the_power_are_watts() -> None:
    """The search is logarithmic in the power, the bounds that a user gives are not."""
    search = _Search(MZI, TARGETS["square"], 1e-3, ("power",), "free", {"power": (1e-4, 4e-4)})
    _, power, _ = search.settings(np.array([[0.0], [0.5], [1.0]]))
    assert power.ravel() == pytest.approx([1e-4, 2e-4, 4e-4], rel=1e-12, abs=0)
    _, power, _ = _Search(MZI, TARGETS["square"], 1e-3, ("power",), "free", None).settings(np.array([[0.5]]))
    assert float(power.item()) == pytest.approx(1e-4, rel=1e-12, abs=0)  # 1 % of 1 mW to 1 mW


def test_what_is_a_number() -> None:
    for value in (1, 1.0, np.float32(1), np.array([1, 2]), [1, 2.5], True, 1 + 1e-30j):
        check("x", value, at_least=0.0)
    for value in (None, "1", [None, 1.0], ["1"], {}, object()):
        with pytest.raises(ParameterError, match="x must be a number, got"):
            check("x", value)


def test_a_batch_that_self_pulsates_is_refused() -> None:
    first = min(hopf_points(VV, VV.linewidth / 2), key=lambda p: p.energy)
    batch = RingThrough(VV, np.array([1.0, 1.0]) * VV.linewidth / 2)
    batch.transfer(0.99 * first.power)
    with pytest.raises(ParameterError, match="a ring of the batch self-pulsates at one of the powers"):
        batch.transfer(1.01 * first.power)
