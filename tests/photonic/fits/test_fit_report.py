"""A fit in words: the right numbers to the right digits, and what the data cannot tell, said plainly."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic import presets
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.fits.derived_figures import derived_figures
from photonic.fits.experiments import Experiment
from photonic.fits.fit_report import WIDTH
from photonic.fits.fitted import Fit
from photonic.fits.fitting import fit
from photonic.fits.identifiability import Direction
from photonic.fits.labels import experiment_names, point_names
from photonic.lab.measured import Measured
from photonic.lab.number_text import decimals, interval_text, number, scale, uncertain
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse
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


def spoilt(count: int = 3, sigma: float | None = 1e-6, size: float = 2e-4) -> Measured:
    """The interferometer with ``count`` of its readings, every sixteenth, far too bright."""
    out = MachZehnder(1.0).transfer(POWER) + 1e-6 * np.random.default_rng(0).standard_normal(50)
    out[5 : 5 + 16 * count : 16] += size
    return Measured(POWER, out, sigma)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_points_too_far_off_are_named_by_their_power() -> None:
    assert 1e6 * POWER[[5, 21]] == pytest.approx([111.02, 434.29], rel=1e-4)
    text = plain(fit(MachZehnder(0.8), spoilt(2, None, 4e-5), ["arm_phase"]).report())
    assert "Read with care: the residuals do not look like noise" in text
    assert "points too far off for noise: at 0.111 mW, 0.4343 mW (a robust loss discounts them)" in text


@pytest.mark.parametrize("sigma", [None, 1e-6])
@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy"])
def test_what_a_robust_loss_discounts_is_told_and_no_reason_for_care(loss: str, sigma: float | None) -> None:
    text = plain(fit(MachZehnder(0.8), spoilt(3, sigma), ["arm_phase"], loss=loss).report())
    assert "All is well: the residuals look like noise, but for 3 discounted readings" in text
    assert f"discounted by loss '{loss}': 3, at 0.111 mW, 0.4343 mW, 0.7576 mW" in text
    assert "a robust loss" not in text
    # what is left is the noise of 1 µW
    assert float(text.split("like noise: rms ")[1].split()[0]) == pytest.approx(1.0, rel=0.2)
    unspoilt = fit(MachZehnder(0.8), spoilt(0, sigma), ["arm_phase"], loss=loss).report()
    assert "discounted" not in unspoilt
    assert unspoilt.splitlines()[1].startswith("All is well: the residuals look like noise and the data")


def test_a_robust_loss_excuses_no_wrong_model() -> None:
    """Waves of 20 µW under a noise of 1 µW: no few outliers."""
    wave = MachZehnder(1.0).transfer(POWER) + 2e-5 * np.sin(POWER / 5e-5)
    text = plain(fit(MachZehnder(0.8), Measured(POWER, wave, 1e-6), ["arm_phase"], loss="cauchy").report())
    assert "Read with care" in text
    count = int(text.split(" of 50 readings are discounted as outliers")[0].split()[-1])
    assert 25 < count < 50
    assert "intervals are widened" not in text


def test_one_start_and_all_well_needs_no_word() -> None:
    found = phase_fit(starts=0)
    assert found.starts == 1
    assert "minim" not in found.report()
    assert "start" not in found.report()


def test_names_of_readings() -> None:
    sweep = Measured(POWER[:3], POWER[:3], metadata={"file": "a.csv"}, direction=[1, 1, -1])
    again = Measured(POWER[:2], POWER[:2], metadata={"file": "a.csv"})
    line = PortSpectrum([1.55e-6, 1.5501e-6], [1.0, 0.5], relative=True)
    step = MeasuredResponse([0.0, 2.5e-9], Drive.constant(1e-3, 0.0, 3e-9), [0.0, 1e-4])
    given = [Experiment(m) for m in (sweep, again, line, step)]
    assert experiment_names(given) == [
        "a.csv, experiment 0", "a.csv, experiment 1", "experiment 2", "experiment 3",
    ]  # fmt: skip
    assert point_names(given, [0, 2, 4, 6, 8]) == [
        "10 µW (up, a.csv, experiment 0)",
        "50.41 µW (down, a.csv, experiment 0)",
        "30.2 µW (a.csv, experiment 1)",
        "1550.1 nm (experiment 2)",
        "2.5 ns (experiment 3)",
    ]
    assert point_names(given[2:3], [0]) == ["1550 nm"]


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
