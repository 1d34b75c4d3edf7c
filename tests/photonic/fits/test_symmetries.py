"""Each change that no static curve shows, made by a factor of 1.7: the readings stay to round-off."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest

from photonic import RingThrough, Traps, presets
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.fits.free_parameters import READINGS, changed, number
from photonic.fits.predictions import CurvePrediction
from photonic.fits.symmetries import SYMMETRIES, Symmetry, remedy
from photonic.lab.measured import Measured
from photonic.parameters import VAN_VAERENBERGH_2012

POWER = np.linspace(5e-6, 0.4e-3, 25)
HOT = presets.SIGMOID.with_effects(heating=True)
HOT = dataclasses.replace(HOT, insertion_loss=1.4, detuning=HOT.ring.detuning(half_linewidths=0.2))


def readings(exponents: Mapping[str, float], factor: float) -> np.ndarray:
    """Of a device in which every effect acts, its numbers changed in their powers."""
    at = {n: factor**v for n, v in exponents.items() if n in READINGS}
    moved = {n: number(HOT, n) * factor**v for n, v in exponents.items() if n not in READINGS}
    data = Experiment(Measured(POWER, POWER), at=at)
    return CurvePrediction(changed(HOT, moved), data, [], 0).value([])


def test_every_effect_acts() -> None:
    for switches in ({"heating": False}, {"kerr": False}, {"two_photon_loss": False}):
        less = HOT.with_effects(**switches).transfer(POWER)
        assert np.max(np.abs(less / HOT.transfer(POWER) - 1)) > 1e-5


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=lambda s: "+".join(s.exponents))
def test_symmetry(symmetry: Symmetry) -> None:
    same = readings({}, 1.0)
    assert readings(symmetry.exponents, 1.7) == pytest.approx(same, rel=1e-12)
    for name in symmetry.exponents:  # with any of them left behind the readings change
        fewer = {n: v for n, v in symmetry.exponents.items() if n != name}
        assert np.max(np.abs(readings(fewer, 1.7) / same - 1)) > 1e-6


def test_remedies() -> None:
    assert "time response" in remedy({"ring.carrier_lifetime", "ring.index_per_carrier"})
    assert "temperature of the chip" in remedy({"ring.thermal_lifetime", "ring.thermo_optic"})
    assert "straight guide" in remedy({"insertion_loss", "output_scale"})
    assert "calibration of the power" in remedy({"power_scale", "detuning"})
    assert "mode solver" in remedy({"ring.kerr_volume", "ring.kerr_index"})
    assert "tables of the material" in remedy({"ring.density"})
    assert "another setting" in remedy({"arm_phase", "dark"})
    assert "fixing one" in remedy({"dark", "delay"})


def test_conditions_name_what_acts_and_was_held() -> None:
    """The ring has no heat here: the thermal lifetime is no condition of the power scale."""
    cold = dataclasses.replace(presets.SIGMOID, insertion_loss=1.4)
    clean = cold.transfer(5 * POWER)
    data = Measured(5 * POWER, clean + 1e-3 * clean.max() * np.random.default_rng(0).standard_normal(25))
    found = fit(cold, data, ("power_scale", "arm_phase"), intervals="wald").conditions
    (text,) = found  # scales of the readings and their losses are no guesses of the material
    assert text.startswith("power_scale rests on two_photon_absorption")
    assert "thermal_lifetime" not in text
    assert "kerr_index" in text
    assert not any("arm_phase" in t for t in found)
    # Held in the experiment itself, the lifetime is a setting and no guess.
    lifetime = {"ring.carrier_lifetime": cold.ring.carrier_lifetime}
    held = fit(cold, Experiment(data, at=lifetime), ("index_per_carrier",), intervals="wald").conditions
    assert not any("carrier lifetime" in t for t in held)


def test_conditions_count_only_where_the_readings_are_blind() -> None:
    """Traps hold carriers in proportion to no product of the lifetime: the condition is gone."""
    ring = VAN_VAERENBERGH_2012
    plain = RingThrough(ring, ring.detuning(half_linewidths=-1.0))
    traps = Traps(density=1e21, electron_capture=1e-13, hole_capture=1e-14)
    trapped = dataclasses.replace(plain, ring=dataclasses.replace(ring, traps=traps))
    power = np.linspace(5e-6, 0.1e-3, 25)
    for device, blind in ((plain, True), (trapped, False)):
        found = fit(device, Measured(power, device.transfer(power)), ("index_per_carrier",), intervals="wald")
        assert any("carrier lifetime" in t for t in found.conditions) == blind
