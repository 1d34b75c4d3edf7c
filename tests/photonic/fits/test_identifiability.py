"""What no static curve can tell is said every time, and nothing of the kind where the data hold all."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import RingThrough, presets
from photonic.fits.fitting import fit
from photonic.fits.identifiability import null_space
from photonic.lab.measured import Measured
from photonic.parameters import VAN_VAERENBERGH_2012

RIB = presets.SIGMOID.ring
DEVICES = {
    "sigmoid": presets.SIGMOID,
    "radial": presets.RADIAL_BASIS,
    "relu": presets.CLAMPED_RELU,
    "softplus": presets.SOFTPLUS,
    "through": RingThrough(RIB, RIB.detuning(half_linewidths=1.0)),
    "hot": RingThrough(VAN_VAERENBERGH_2012, VAN_VAERENBERGH_2012.detuning(half_linewidths=-1.0)),
}
CARRIERS = ("carrier_lifetime", "index_per_carrier", "free_carrier_cross_section")
POWERS = (
    "power_scale", "two_photon_absorption", "kerr_index", "index_per_carrier", "free_carrier_cross_section",
)  # fmt: skip
HEATED = (*(n for n in POWERS if n != "kerr_index"), "thermal_lifetime")  # that ring has no Kerr index
DEGENERATE = [
    ("sigmoid", CARRIERS),
    ("radial", CARRIERS),
    ("relu", CARRIERS),
    ("softplus", CARRIERS),
    ("through", CARRIERS),
    ("sigmoid", (*CARRIERS, "detuning")),
    ("through", (*CARRIERS, "coupling_rate")),
    ("relu", (*CARRIERS, "arm_phase", "detuning")),
    ("sigmoid", POWERS),
    ("radial", POWERS),
    ("softplus", POWERS),
    ("through", POWERS),
    ("sigmoid", (*POWERS, "detuning")),
    ("sigmoid", ("insertion_loss", "power_scale", "output_scale")),
    ("radial", ("power_scale", "input_scale", "output_scale")),
    ("hot", ("thermal_lifetime", "thermo_optic", "detuning")),
    ("hot", ("thermal_lifetime", "density", "coupling_rate")),
    ("hot", HEATED),
    ("through", ("tpa_volume", "two_photon_absorption", "fca_volume")),
    ("through", ("kerr_volume", "kerr_index", "detuning")),
    ("sigmoid", ("absorption_rate", "scattering_rate", "detuning")),
    ("sigmoid", (*CARRIERS, *POWERS[:3])),
    ("sigmoid", ("thermal_lifetime", "detuning")),  # frozen heat: silent
]
WELL_POSED = [
    ("sigmoid", ("carrier_lifetime", "coupling_rate", "detuning", "arm_phase")),
    ("radial", ("detuning", "arm_phase", "input_coupling", "output_coupling")),
    ("relu", ("detuning", "arm_phase", "output_scale", "power_scale")),
    ("softplus", ("detuning", "arm_phase", "output_scale")),
    ("through", ("coupling_rate", "scattering_rate", "detuning", "index_per_carrier")),
    ("hot", ("thermal_lifetime", "detuning", "coupling_rate")),
    ("sigmoid", ("detuning",)),
    ("radial", ("arm_phase", "power_scale")),
    ("relu", ("detuning", "arm_phase")),
    ("softplus", ("carrier_lifetime", "detuning", "arm_phase")),
    ("through", ("carrier_lifetime", "detuning")),
    ("through", ("coupling_rate", "scattering_rate", "detuning")),
    ("sigmoid", ("index_per_carrier", "free_carrier_cross_section", "arm_phase")),
    ("relu", ("carrier_lifetime", "coupling_rate", "arm_phase")),
    ("radial", ("detuning", "arm_phase", "coupling_rate", "scattering_rate")),
    ("softplus", ("coupling_rate", "arm_phase", "power_scale")),
    ("sigmoid", ("detuning", "arm_phase", "dark")),
    ("relu", ("detuning", "arm_phase", "input_coupling")),
    ("through", ("detuning", "power_scale", "output_scale")),
    ("hot", ("thermal_lifetime", "detuning", "output_scale")),
]


def readings(name: str, seed: int) -> Measured:
    """200 readings with noise of 1 % of the largest."""
    device = DEVICES[name]
    high = 0.1e-3 if name == "hot" else 2e-3
    power = np.linspace(high / 200, high, 200)
    clean = device.transfer(power)
    return Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(seed).standard_normal(200))


@pytest.mark.parametrize("case", range(len(DEGENERATE)))
def test_a_degenerate_fit_says_so(case: int) -> None:
    name, free = DEGENERATE[case]
    found = fit(DEVICES[name], readings(name, 300 + case), free)
    exact = [d for d in found.unidentifiable if d.kind != "practical"]
    assert exact
    for direction in exact:
        assert direction.text
        assert direction.remedy
        for label in direction.exponents:
            assert found.estimates[label].standard_error == np.inf


@pytest.mark.parametrize("case", range(len(WELL_POSED)))
def test_a_well_posed_fit_does_not(case: int) -> None:
    name, free = WELL_POSED[case]
    found = fit(DEVICES[name], readings(name, 400 + case), free)
    assert found.unidentifiable == ()
    assert all(np.isfinite(e.standard_error) for e in found.estimates.values())
    assert found.singular_values.size == len(free)


def test_the_carrier_lifetime_is_named_with_what_hides_it() -> None:
    found = fit(DEVICES["sigmoid"], readings("sigmoid", 1), (*CARRIERS, "detuning"))
    (direction,) = found.unidentifiable
    ring = {name.removeprefix("ring."): power for name, power in direction.exponents.items()}
    # From the rate equations: N = g τ U², Δn = N dn/dN, γ_fca = σ N.
    assert ring == {"carrier_lifetime": 1.0, "index_per_carrier": -1.0, "free_carrier_cross_section": -1.0}
    assert "τ with dn/dN and with the cross-section σ" in direction.text
    assert "time response" in direction.remedy
    held = {frozenset(c.exponents): c for c in direction.known}
    product = held[frozenset({"ring.carrier_lifetime", "ring.index_per_carrier"})]
    truth = RIB.carrier_lifetime * abs(RIB.index_per_carrier)
    assert product.value == pytest.approx(truth, rel=4 * product.relative_error)
    assert product.relative_error < 0.05
    # No number moved along the direction: the product of the ratios to the start is 1 in its powers.
    ratios = [
        np.log(found.estimates[n].value / found.estimates[n].start) * p
        for n, p in direction.exponents.items()
    ]
    assert sum(ratios) == pytest.approx(0.0, abs=1e-6)


def test_a_power_scale_is_named_with_what_it_maps() -> None:
    found = fit(DEVICES["through"], readings("through", 2), POWERS)
    direction = found.unidentifiable[0]
    assert direction.kind == "exact"
    powers = {name.removeprefix("ring."): power for name, power in direction.exponents.items()}
    assert powers.pop("power_scale") == 1.0
    assert powers == dict.fromkeys(POWERS[1:], -1.0)
    assert "each by its inverse" in direction.text
    assert "calibration of the power" in direction.remedy


def test_thermal_resistance_is_mapped_too() -> None:
    found = fit(DEVICES["hot"], readings("hot", 2), HEATED)
    exact = next(d for d in found.unidentifiable if d.kind == "exact" and "power_scale" in d.exponents)
    assert exact.exponents["ring.thermal_lifetime"] == -1.0


def test_what_was_held_is_a_condition() -> None:
    found = fit(DEVICES["sigmoid"], readings("sigmoid", 3), ("carrier_lifetime", "detuning"))
    (text,) = found.conditions
    assert text.startswith("carrier_lifetime rests on index_per_carrier and free_carrier_cross_section")
    assert "time response" in text
    assert not fit(DEVICES["sigmoid"], readings("sigmoid", 3), ("detuning", "arm_phase")).conditions
    scaled = fit(DEVICES["through"], readings("through", 3), ("two_photon_absorption", "detuning"))
    assert any("power_scale" in text for text in scaled.conditions)


def test_weak_data_are_called_weak() -> None:
    """A faint sweep, where nothing is nonlinear, holds the lifetime only within a large factor."""
    device = DEVICES["through"]
    power = np.linspace(1e-7, 2e-5, 50)
    clean = device.transfer(power)
    data = Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(0).standard_normal(50))
    found = fit(device, data, ("carrier_lifetime", "detuning"))
    (direction,) = found.unidentifiable
    assert direction.kind == "practical"
    assert "ring.carrier_lifetime" in direction.exponents
    low, high = found.estimates["ring.carrier_lifetime"].interval
    assert low == 0.0 or high == np.inf or high / low > 10


def test_null_space_of_a_known_matrix() -> None:
    rng = np.random.default_rng(0)
    basis = rng.standard_normal((30, 3))
    matrix = np.column_stack([basis, basis @ [1.0, -2.0, 0.5]]) * [1e-6, 1.0, 1e8, 1.0]
    (row,) = null_space(matrix)
    assert matrix @ row == pytest.approx(np.zeros(30), abs=1e-7)
    assert np.linalg.norm(row) == pytest.approx(1.0)
    assert len(null_space(rng.standard_normal((30, 4)))) == 0
    assert len(null_space(np.zeros((5, 2)))) == 2


def test_other_starts_leave_alone_what_the_readings_do_not_hold() -> None:
    """A guess so far off that other starts are tried: a number that does nothing stays where it was."""
    device = DEVICES["relu"]
    start = {"detuning": device.detuning + 1.6 * RIB.linewidth, "arm_phase": device.arm_phase - 1.5}
    found = fit(device, readings("relu", 5), ("circumference", "detuning", "arm_phase"), start=start)
    assert found.starts > 1
    assert found.estimates["circumference"].value == pytest.approx(RIB.circumference, rel=1e-12)
    assert found.estimates["detuning"].value == pytest.approx(device.detuning, rel=0.1)
