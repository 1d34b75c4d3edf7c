"""Numbers of a device from its curves: found, and with honest errors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import linregress, t

from photonic import CavityLoadedMZI, MachZehnder, RingDrop, RingThrough, presets
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured
from photonic.parameters import GIRON_CASTRO_2024, VAN_VAERENBERGH_2012
from photonic.waveguide import Waveguide

RIB = presets.SIGMOID.ring
POWER = np.linspace(10e-6, 2e-3, 200)
FREE = ("carrier_lifetime", "coupling_rate", "detuning", "arm_phase")


def noisy(device: object, power: np.ndarray = POWER, level: float = 0.01, seed: int = 0) -> Measured:
    """Readings with noise of ``level`` of the largest output."""
    clean = device.transfer(power)  # type: ignore[attr-defined]
    return Measured(
        power, clean + level * clean.max() * np.random.default_rng(seed).standard_normal(power.size)
    )


def off(device: object, **factors: float) -> object:
    """The same device with some numbers of its ring off by factors."""
    ring = dataclasses.replace(
        device.ring,  # type: ignore[attr-defined]
        **{name: getattr(device.ring, name) * factor for name, factor in factors.items()},  # type: ignore[attr-defined]
    )
    return dataclasses.replace(device, ring=ring)  # type: ignore[type-var]


CASES = {
    "sigmoid": (presets.SIGMOID, FREE),
    "radial basis": (presets.RADIAL_BASIS, ("detuning", "arm_phase", "input_coupling", "output_coupling")),
    "through": (
        RingThrough(RIB, RIB.detuning(half_linewidths=1.0)),
        ("coupling_rate", "scattering_rate", "detuning", "index_per_carrier"),
    ),
    "drop": (
        RingDrop(GIRON_CASTRO_2024.with_effects(heating=False), 2e9),
        ("coupling_rate", "drop_coupling_rate", "detuning"),
    ),
    "hot ring": (
        RingThrough(VAN_VAERENBERGH_2012, VAN_VAERENBERGH_2012.detuning(half_linewidths=-1.0)),
        ("thermal_lifetime", "detuning", "coupling_rate"),
    ),
    "plain interferometer": (MachZehnder(1.2, 0.4), ("arm_phase",)),
    "nonlinear guide": (
        MachZehnder(
            1.0,
            waveguide=Waveguide(
                loss=23.0, effective_area=1e-13, two_photon_absorption=8e-12, kerr_index=4e-18,
                free_carrier_cross_section=1.45e-21, index_per_carrier=-1.35e-27, carrier_lifetime=1e-9,
                wavelength=1.55e-6,
            ),
            arm_length=0.01,
        ),
        ("arm_phase", "waveguide.carrier_lifetime"),
    ),
}  # fmt: skip


def fields(device: object, names: tuple[str, ...]) -> list[float]:
    """Numbers of a device by name, "ring." left out."""
    found = []
    for name in names:
        part = device
        whole = name if "." in name or hasattr(device, name) else f"ring.{name}"
        for step in whole.split("."):
            part = getattr(part, step)
        found.append(float(part))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("name", CASES)
def test_truth_comes_back_from_clean_data(name: str) -> None:
    device, free = CASES[name]
    truth = fields(device, free)
    high = 0.1e-3 if name == "hot ring" else 0.2 if name == "nonlinear guide" else 2e-3
    power = np.linspace(high / 150, high, 150)
    step = device.ring.linewidth / 8 if hasattr(device, "ring") else 0.0
    start = {
        n: v + step if n == "detuning" else v + 0.1 if n == "arm_phase" else 0.9 * v
        for n, v in zip(free, truth, strict=True)
    }
    found = fit(device, Measured(power, device.transfer(power)), free, start=start)
    values = [e.value for e in found.estimates.values()]
    assert values == pytest.approx(truth, rel=1e-5)
    assert not found.unidentifiable
    assert [e.start for e in found.estimates.values()] == pytest.approx(list(start.values()))


def test_standard_errors_are_those_of_an_independent_fit() -> None:
    device = presets.SIGMOID
    data = noisy(device)
    found = fit(device, data, ("detuning", "arm_phase"), intervals="wald")

    def model(power: np.ndarray, half_linewidths: float, phase: float) -> np.ndarray:
        moved = dataclasses.replace(
            device, detuning=half_linewidths * device.ring.linewidth / 2, arm_phase=phase
        )
        return moved.transfer(power)

    unit = device.ring.linewidth / 2
    values, covariance = curve_fit(model, POWER, data.power_out, [device.detuning / unit, device.arm_phase])
    estimates = found.estimates
    assert estimates["detuning"].value / unit == pytest.approx(values[0], abs=1e-4)
    assert estimates["arm_phase"].value == pytest.approx(values[1], abs=1e-4)
    errors = np.sqrt(np.diag(covariance))  # by finite differences
    assert estimates["detuning"].standard_error / unit == pytest.approx(errors[0], rel=1e-3)
    assert estimates["arm_phase"].standard_error == pytest.approx(errors[1], rel=1e-3)
    assert found.correlation[0, 1] == pytest.approx(covariance[0, 1] / errors[0] / errors[1], rel=1e-3)
    half = t.ppf(0.975, 198) * errors[1]
    assert estimates["arm_phase"].interval == pytest.approx((values[1] - half, values[1] + half), rel=1e-4)


def test_intervals_of_a_straight_line_are_exact() -> None:
    """Output scale and dark level of a linear device: ordinary regression, closed form."""
    device = MachZehnder(1.0)
    power = np.linspace(0.1e-3, 1e-3, 30)
    data = noisy(device, power, 0.02, 3)
    found = fit(device, data, ("output_scale", "dark"))
    line = linregress(device.transfer(power), data.power_out)
    quantile = t.ppf(0.975, 28)
    for name, value, error in (
        ("output_scale", line.slope, line.stderr),
        ("dark", line.intercept, line.intercept_stderr),
    ):
        estimate = found.estimates[name]
        assert estimate.value == pytest.approx(value, rel=1e-7)
        assert estimate.standard_error == pytest.approx(error, rel=1e-6)
    low, high = found.estimates["dark"].interval
    assert low == pytest.approx(line.intercept - quantile * line.intercept_stderr, rel=2e-3)
    assert high == pytest.approx(line.intercept + quantile * line.intercept_stderr, rel=2e-3)
    assert found.residuals == pytest.approx(
        line.intercept + line.slope * device.transfer(power) - data.power_out, abs=1e-9 * data.power_out.max()
    )


@pytest.mark.parametrize(
    ("name", "factor"), [("carrier_lifetime", 2.0), ("index_per_carrier", 2.0), ("coupling_rate", 2.0)]
)
def test_a_factor_of_two_is_seen(name: str, factor: float) -> None:
    truth = off(presets.SIGMOID, **{name: factor})
    found = fit(presets.SIGMOID, noisy(truth), (name, "detuning"))
    estimate = found.estimates[f"ring.{name}"]
    assert estimate.value == pytest.approx(factor * getattr(RIB, name), rel=0.05)
    low, high = sorted(abs(v) for v in estimate.interval)
    assert not low < abs(getattr(RIB, name)) < high


# ------------------------------------------------------------------------------ noise
def test_noise_is_estimated() -> None:
    device = presets.SIGMOID
    level = 0.01 * device.transfer(POWER).max()
    sizes = [
        fit(device, noisy(device, seed=s), ("arm_phase",), intervals="wald").sigma[0] / level
        for s in range(40)
    ]
    assert np.mean(np.square(sizes)) == pytest.approx(1.0, abs=4 * np.sqrt(2 / 199 / 40))


@pytest.mark.parametrize("kind", ["proportional", "mixed"])
def test_noise_in_proportion_to_the_power(kind: str) -> None:
    device = presets.SIGMOID
    clean, floor, share = device.transfer(POWER), 0.5e-6, 0.02
    sigma = np.hypot(floor if kind == "mixed" else 0.0, share * clean)
    data = Measured(POWER, clean + sigma * np.random.default_rng(4).standard_normal(200))
    found = fit(device, data, ("arm_phase", "detuning"), noise=kind)
    assert found.sigma == pytest.approx(sigma, rel=0.35)
    weighed = found.estimates["arm_phase"].standard_error
    plain = fit(device, data, ("arm_phase", "detuning")).estimates["arm_phase"].standard_error
    exact = fit(device, dataclasses.replace(data, sigma=sigma), ("arm_phase", "detuning"))
    assert weighed == pytest.approx(exact.estimates["arm_phase"].standard_error, rel=0.2)
    assert plain > 1.1 * weighed


def test_known_noise_counts_as_it_is() -> None:
    device = presets.SIGMOID
    data = noisy(device)
    sigma = 0.01 * device.transfer(POWER).max()
    known = fit(device, dataclasses.replace(data, sigma=sigma), ("arm_phase",))
    halved = fit(
        device,
        dataclasses.replace(data, sigma=sigma, repeats=np.full(200, 4)),
        ("arm_phase",),
        intervals="wald",
    )
    assert known.diagnostics.reduced_chi_squared == pytest.approx(1.0, abs=0.3)
    assert known.diagnostics.sound
    # Four readings a point promise half the noise; residuals twice as large as that widen the errors again.
    assert halved.diagnostics.reduced_chi_squared == pytest.approx(
        4 * known.diagnostics.reduced_chi_squared, rel=1e-6
    )
    assert "times as large as the noise" in halved.diagnostics.words()[0]
    ratio = halved.estimates["arm_phase"].standard_error / known.estimates["arm_phase"].standard_error
    assert ratio == pytest.approx(known.diagnostics.reduced_chi_squared**0.5, rel=1e-6)


def test_a_model_that_misses_something_is_told() -> None:
    found = fit(presets.SIGMOID, noisy(presets.CLAMPED_RELU, level=0.002), ("arm_phase",), starts=0)
    assert found.diagnostics.correlation > 0.5
    assert not found.diagnostics.sound
    assert any("go together" in text for text in found.diagnostics.words())


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy"])
def test_outliers_weigh_little_in_a_robust_loss(loss: str) -> None:
    device, misses = presets.SIGMOID, {"linear": 0, loss: 0}
    for seed in range(8):
        data = noisy(device, seed=seed)
        rng = np.random.default_rng(100 + seed)
        out = np.array(data.power_out)
        out[rng.choice(200, 12, replace=False)] += 0.4 * out.max() * rng.random(12)
        for kind in misses:
            found = fit(device, Measured(POWER, out), ("arm_phase", "detuning"), loss=kind)
            low, high = found.estimates["arm_phase"].interval
            off_by = abs(found.estimates["arm_phase"].value - device.arm_phase)
            misses[kind] += off_by > 0.02 if kind == "linear" else not low < device.arm_phase < high
    assert misses["linear"] >= 4
    assert misses[loss] <= 2


def test_robust_errors_are_as_large_as_the_scatter() -> None:
    device = presets.SIGMOID
    found = [
        fit(device, noisy(device, seed=s), ("arm_phase", "detuning"), loss="huber", intervals="wald")
        for s in range(60)
    ]
    values = np.array([f.estimates["arm_phase"].value for f in found])
    errors = np.array([f.estimates["arm_phase"].standard_error for f in found])
    assert values.std(ddof=1) == pytest.approx(errors.mean(), rel=0.3)


# ------------------------------------------------------------------------------ several curves
def test_two_curves_hold_what_one_does_not() -> None:
    """At two laser settings a known step apart, the scale of the powers comes apart from the shape."""
    device, step = presets.SIGMOID, -0.5 * RIB.linewidth
    moved = dataclasses.replace(device, detuning=device.detuning + step)
    curves = [
        Experiment(noisy(device, seed=1)),
        Experiment(noisy(moved, seed=2), shift={"detuning": step}),
    ]
    free = ("detuning", "arm_phase", "carrier_lifetime", "power_scale")
    alone, both = fit(device, curves[:1], free), fit(device, curves, free)
    for name in alone.estimates:
        assert both.estimates[name].standard_error < alone.estimates[name].standard_error
    truth = dict(zip(free, [device.detuning, device.arm_phase, RIB.carrier_lifetime, 1.0], strict=True))
    for name, value in truth.items():
        estimate = both.estimates[name if name in both.estimates else f"ring.{name}"]
        assert abs(estimate.value - value) < 3.5 * estimate.standard_error
    assert both.device_of(1)[0].detuning == pytest.approx(both.estimates["detuning"].value + step)


def test_a_number_of_its_own_for_each_curve() -> None:
    device = presets.SIGMOID
    other = dataclasses.replace(device, arm_phase=device.arm_phase + 0.4)
    found = fit(
        device, [noisy(device, seed=1), noisy(other, seed=2)], ("arm_phase[0]", "arm_phase[1]", "detuning")
    )
    first, second = (found.estimates[f"arm_phase[{k}]"].value for k in (0, 1))
    assert first == pytest.approx(device.arm_phase, abs=0.03)
    assert second == pytest.approx(device.arm_phase + 0.4, abs=0.03)
    assert found.device_of(1)[0].arm_phase == second
    assert found.curve_of(1)(1e-3) == pytest.approx(found.device_of(1)[0].transfer(1e-3), rel=1e-6)
    set_to = Experiment(noisy(other, seed=2), at={"arm_phase": other.arm_phase})
    again = fit(device, [noisy(device, seed=1), set_to], ("detuning",))
    assert again.estimates["detuning"].value == pytest.approx(device.detuning, rel=0.05)


def test_readings_are_scaled_as_they_say() -> None:
    """Powers read at another plane: true input 0.7 × read; output read 1.6 × true, and 2 µW of dark."""
    device = presets.SIGMOID
    read_in = POWER / 0.7
    data = Measured(read_in, 1.6 * device.transfer(POWER) + 2e-6)
    found = fit(device, data, ("input_scale", "output_scale", "dark"))
    values = {name: e.value for name, e in found.estimates.items()}
    assert values == pytest.approx({"input_scale": 0.7, "output_scale": 1.6, "dark": 2e-6}, rel=1e-5)
    assert found.curve(read_in[100]) == pytest.approx(1.6 * device.transfer(POWER[100]), rel=1e-6)
    both = fit(device, Measured(POWER / 0.7, device.transfer(POWER) / 0.7), ("power_scale",))
    assert both.estimates["power_scale"].value == pytest.approx(0.7, rel=1e-6)


# ------------------------------------------------------------------------------ bounds and starts
def test_bounds_hold_and_are_told() -> None:
    device = presets.SIGMOID
    found = fit(
        device, noisy(device), ("carrier_lifetime", "arm_phase"),
        bounds={"carrier_lifetime": (0.5e-9, 0.8e-9)}, start={"carrier_lifetime": 0.7e-9}, starts=0,
    )  # fmt: skip
    estimate = found.estimates["ring.carrier_lifetime"]
    assert 0.5e-9 < estimate.value <= 0.8e-9
    assert estimate.value == pytest.approx(0.8e-9, rel=1e-3)
    assert estimate.bounds == (0.5e-9, 0.8e-9)
    inside = fit(
        device, noisy(device), ("carrier_lifetime", "arm_phase"), bounds={"carrier_lifetime": (0.2e-9, 5e-9)}
    )
    free = fit(device, noisy(device), ("carrier_lifetime", "arm_phase"))
    name = "ring.carrier_lifetime"
    assert inside.estimates[name].value == pytest.approx(free.estimates[name].value, rel=1e-6)
    assert inside.estimates[name].interval == pytest.approx(free.estimates[name].interval, rel=2e-3)
    assert not inside.estimates[name].at_bound


def test_far_starts_are_found_by_many() -> None:
    device = presets.CLAMPED_RELU
    start = {"detuning": device.detuning + 1.6 * RIB.linewidth, "arm_phase": device.arm_phase - 1.5}
    found = fit(device, noisy(device), ("detuning", "arm_phase"), start=start)
    assert found.estimates["detuning"].value == pytest.approx(device.detuning, rel=0.1)
    again = fit(device, noisy(device), ("detuning", "arm_phase"), start=start)
    assert [e.value for e in found.estimates.values()] == [e.value for e in again.estimates.values()]
    more = fit(device, noisy(device), ("detuning", "arm_phase"), starts=6, seed=3)
    assert all(a["cost"] >= 1 for a in more.alternatives)
    assert more.estimates["detuning"].value == pytest.approx(found.estimates["detuning"].value, rel=1e-5)


def test_a_device_with_two_couplers_open_has_bounded_shares() -> None:
    device = CavityLoadedMZI(RIB, presets.SIGMOID.detuning, 1.0, 0.5, 0.02)
    found = fit(device, noisy(device), ("output_coupling", "arm_phase"))
    low, high = found.estimates["output_coupling"].interval
    assert 0 <= low < 0.02 < high <= 1


def test_a_curve_of_few_points_takes_the_noise_of_the_others() -> None:
    """One power read eleven times says nothing of the noise by itself: one point, one residual."""
    device = presets.SIGMOID
    first = noisy(device)
    level = 0.01 * device.transfer(POWER).max()
    error = level / np.sqrt(11) * np.random.default_rng(5).standard_normal()
    point = Measured([1.4e-3], device.transfer(np.array([1.4e-3])) + error, repeats=[11])
    alone, both = fit(device, first, FREE), fit(device, [first, point], FREE)
    assert both.unidentifiable == ()
    assert both.sigma[-1] == pytest.approx(both.sigma[0] / np.sqrt(11), rel=1e-9)
    for name, estimate in both.estimates.items():
        # A point as sure as eleven readings adds to 200 of them; it cannot be worth more than 11 of 211.
        assert 0.7 < estimate.standard_error / alone.estimates[name].standard_error < 1.02


def test_the_interval_of_a_number_at_its_bound_is_set_by_the_data_on_the_other_side() -> None:
    device = MachZehnder(1.0)
    data = noisy(device, np.linspace(0.1e-3, 1e-3, 50))
    free = fit(device, data, ("arm_phase",))
    bounded = fit(device, data, ("arm_phase",), bounds={"arm_phase": (0.5, 0.99)}, start={"arm_phase": 0.8})
    low, high = bounded.estimates["arm_phase"].interval
    assert bounded.estimates["arm_phase"].at_bound or high == pytest.approx(0.99)
    assert free.estimates["arm_phase"].interval[0] - 0.02 < low < 0.99


def test_bounds_that_leave_the_guess_out_start_in_their_middle() -> None:
    truth = off(presets.SIGMOID, carrier_lifetime=3.0)
    found = fit(truth, noisy(truth), ("carrier_lifetime",), bounds={"carrier_lifetime": (2e-9, 8e-9)})
    other = fit(
        presets.SIGMOID, noisy(truth), ("carrier_lifetime",), bounds={"carrier_lifetime": (2e-9, 8e-9)}
    )
    assert other.estimates["carrier_lifetime"].start == pytest.approx(4e-9)
    assert other.estimates["carrier_lifetime"].value == pytest.approx(
        found.estimates["carrier_lifetime"].value, rel=1e-5
    )
