"""A fit in words: the right numbers to the right digits, and what the data cannot tell, said plainly."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic import presets
from photonic.devices import RingThrough
from photonic.lab.derived_figures import derived_figures
from photonic.lab.fit_report import WIDTH
from photonic.lab.fitted import Fit
from photonic.lab.fitting import fit
from photonic.lab.identifiability import Direction
from photonic.lab.measured import Measured
from photonic.lab.number_text import decimals, interval_text, number, scale, uncertain
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import VAN_VAERENBERGH_2012

POWER = np.linspace(1e-5, 1e-3, 50)
RING = VAN_VAERENBERGH_2012.with_effects(heating=False)


def phase_fit(**options: Any) -> Fit:
    """One phase from a plain interferometer, P_out = P (1 − cos φ)/2 up to its sign."""
    noise = 1e-6 * np.random.default_rng(0).standard_normal(50)
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER) + noise, 1e-6, {"file": "sweep.csv"})
    return fit(MachZehnder(0.8), data, ["arm_phase"], **options)


def lost_fit() -> Fit:
    """Carrier lifetime against what each carrier does: no static curve tells them apart."""
    device = RingThrough(RING, RING.detuning(half_linewidths=-1))
    data = Measured(POWER, device.transfer(POWER) + 1e-7 * np.random.default_rng(1).standard_normal(50))
    return fit(device, data, ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"])


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


def test_a_sound_fit_says_so_in_one_line() -> None:
    found = phase_fit()
    lines = found.report().splitlines()
    assert lines[0] == "MachZehnder, linear: 1 number from 50 readings of 1 power curve (sweep.csv)"
    assert lines[1] == "All is well: the residuals look like noise and the data hold every number."
    assert "NOT HELD" not in found.report()
    # dP_out/dφ = P sin(φ)/2 in size, so the error of the phase is σ/√Σ(P sin(φ)/2)²
    error = 1e-6 / math.sqrt(float(np.sum((POWER * math.sin(1.0) / 2) ** 2)))
    value, spread = row(found.report(), "arm_phase").split()[1:4:2]
    assert float(spread) == pytest.approx(error, rel=0.05)
    assert len(spread.removeprefix("0.").lstrip("0")) == 2
    assert abs(float(value) - 1.0) < 3 * error
    assert row(found.report(), "arm_phase").endswith("rad")


def test_the_interval_names_its_origin() -> None:
    assert "95 % interval (profile likelihood)" in phase_fit().report()
    assert "95 % interval (Wald)" in phase_fit(intervals="wald").report()


def test_what_the_data_do_not_hold_stands_out() -> None:
    text = lost_fit().report()
    assert "Read with care: 1 direction is not held by the data" in text
    assert "NOT HELD BY THESE DATA" in text
    assert "carrier_lifetime × 1.1 is undone by" in text
    assert "held all the same:" in text
    assert "what would tell: a time response" in text.replace("\n", " ").replace("   ", " ")
    # σ and dn/dN of the ring as published, with a value but no error
    assert "±" in row(text, "carrier_lifetime")
    assert "∞" in row(text, "carrier_lifetime")
    assert "no limits" in row(text, "carrier_lifetime")
    assert "All is well" not in text


def test_what_was_held_fixed_is_said() -> None:
    device = RingThrough(RING, RING.detuning(half_linewidths=-1))
    data = Measured(POWER, device.transfer(POWER) + 1e-7 * np.random.default_rng(1).standard_normal(50))
    text = fit(device, data, ["carrier_lifetime"]).report()
    assert "held fixed" in text
    assert "carrier_lifetime rests on" in text
    assert row(text, "carrier_lifetime").split()[-1] == "ns"


def test_lines_fit_the_terminal() -> None:
    for found in (phase_fit(), lost_fit()):
        assert max(map(len, found.report().splitlines())) <= WIDTH


def test_residuals_that_are_no_noise() -> None:
    # twice the noise that is claimed: residuals twice as large as they should be
    noise = 2e-6 * np.random.default_rng(0).standard_normal(50)
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER) + noise, 1e-6)
    text = fit(MachZehnder(0.8), data, ["arm_phase"]).report()
    assert "the residuals do not look like noise" in text
    size = float(text.split("residuals are ")[1].split()[0])
    assert size == pytest.approx(2.0, rel=0.25)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("constant", "the same for every reading, 0."),
        ("proportional", "in proportion to the power, "),
        ("mixed", "a floor and a share of the power, "),
        ("sigma", "as given with the data: 1 µW a point"),
    ],
)
def test_noise_in_words(kind: str, words: str) -> None:
    assert words in phase_fit(noise=kind).report()


def test_proportional_noise_is_a_share() -> None:
    noise = 1 + 0.02 * np.random.default_rng(4).standard_normal(50)
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER) * noise)
    text = fit(MachZehnder(0.8), data, ["arm_phase"], noise="proportional").report()
    share = float(text.split("in proportion to the power, ")[1].split()[0])
    assert share == pytest.approx(2.0, rel=0.25)


def test_two_experiments_with_unlike_noise() -> None:
    given = [Measured(POWER, MachZehnder(1.0).transfer(POWER), s) for s in (1e-6, 2e-6)]
    text = fit(MachZehnder(0.8), given, ["arm_phase"]).report()
    assert "2 power curves" in text
    assert "experiment 0: as given with the data: 1 µW" in text
    assert "experiment 1: as given with the data: 2 µW" in text


def test_a_number_at_its_bound() -> None:
    found = phase_fit(bounds={"arm_phase": (0.5, 0.9)})
    assert found.estimates["arm_phase"].at_bound
    text = found.report()
    assert "arm_phase ended at its bound of 0.9 rad" in text
    assert "ended at a limit of the search" in text
    assert "other minima" not in text


def test_close_correlation_and_other_minima() -> None:
    found = phase_fit()
    first = found.estimates["arm_phase"]
    both = {"arm_phase": first, "dark": dataclasses.replace(first, name="dark", value=1e-6, unit="W")}
    problem = fit(MachZehnder(0.8), found.experiments[0], ["arm_phase", "dark"], intervals="wald", starts=0)
    changed = dataclasses.replace(
        problem,
        estimates=both,
        correlation=np.array([[1.0, -0.95], [-0.95, 1.0]]),
        alternatives=(
            {"arm_phase": -1.0, "dark": 1e-6, "cost": 1.0001},
            {"arm_phase": 2.0, "dark": 1e-6, "cost": 7.0},
        ),
    )
    text = changed.report()
    assert "arm_phase and dark −0.950" in text
    assert "another minimum is as good" in text
    assert "as good as the best: arm_phase −1 rad, dark 1 µW" in text
    assert "7 times the sum of squares: arm_phase 2 rad" in text
    told = Direction({"arm_phase": 1.0, "dark": -1.0}, "exact", "they undo each other", "measure")
    assert "−0.950" not in dataclasses.replace(changed, unidentifiable=(told,)).report()


def test_quality_factor_follows_from_the_rate() -> None:
    device = RingThrough(RING, RING.detuning(half_linewidths=-1))
    data = Measured(POWER, device.transfer(POWER) + 1e-6 * np.random.default_rng(1).standard_normal(50))
    found = fit(device, data, ["coupling_rate"])
    figures = {d.name: d for d in derived_figures(found)}
    assert list(figures) == ["quality factor"]  # neither intrinsic losses nor heat depend on the coupler
    quality, rate = figures["quality factor"], found.estimates["ring.coupling_rate"]
    # Q = ω/(γ_c + γ_i): δQ/Q = δγ_c/(γ_c + γ_i)
    total = rate.value + RING.absorption_rate + RING.scattering_rate
    assert quality.value == pytest.approx(2 * math.pi * 299792458 / RING.wavelength / total)
    assert quality.standard_error / quality.value == pytest.approx(rate.standard_error / total, rel=1e-6)
    assert quality.interval[0] < quality.value < quality.interval[1]
    assert f"quality factor {number(quality.value, '1')}" in found.report()
    assert derived_figures(lost_fit()) == ()
    assert derived_figures(phase_fit()) == ()


def test_detuning_in_other_words() -> None:
    device = presets.SIGMOID
    power = np.linspace(1e-5, 1e-3, 40)
    data = Measured(power, device.transfer(power), 1e-6)
    text = fit(device, data, ["detuning"], starts=0).report()
    assert "detuning is +0.7494 half-linewidths" in text  # of the preset
    assert "blue" in text


def test_numbers_with_errors() -> None:
    assert uncertain(1234.5, 12.0) == "1234 ± 12"
    assert uncertain(-0.5, 0.00123) == "−0.5000 ± 0.0012"
    assert uncertain(3.333, 1743532.0) == "3.333 ± 1.7e+06"
    assert decimals(1.0, 0.0) is None
    assert number(0.0, "W") == "0 W"
    assert number(-1.2e-3, "W") == "−1.2 mW"
    assert scale(5e10, "1/s") == (1e-10, "10¹⁰ 1/s")
    assert scale(2e-12, "m/W") == (1e12, "pm/W")
    ends = (0.0, math.inf)
    assert interval_text(1.0, math.inf, ends, 1, False) == "above 1.0"
    assert interval_text(0.0, math.inf, ends, 1, False) == "no limits"
    assert interval_text(1.0, 5.0, (0.5, 5.0), 1, True) == "above 1.0, to the bound"
    assert interval_text(0.5, 5.0, (0.5, 5.0), 1, True) == "all of 0.5 … 5"
