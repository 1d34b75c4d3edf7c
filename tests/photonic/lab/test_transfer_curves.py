"""From readings to a curve: against the functions behind the readings, and against simpler ways."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from photonic import Curve, ParameterError, RingThrough
from photonic.lab.measured import Measured
from photonic.lab.planes import ReferencePlane
from photonic.parameters import VAN_VAERENBERGH_2012

FULL = 1e-3  # [W] full scale
TOP = 0.6e-3  # [W] about the largest output


def threshold(power: Any) -> np.ndarray:
    """Output [W] of a neuron with a threshold at 0.35 mW."""
    return 0.6 * power / (1 + np.exp(-(power - 0.35 * FULL) / (0.05 * FULL)))


def threshold_slope(power: Any) -> np.ndarray:
    s = 1 / (1 + np.exp(-(power - 0.35 * FULL) / (0.05 * FULL)))
    return 0.6 * s + 0.6 * power * s * (1 - s) / (0.05 * FULL)


def bump(power: Any) -> np.ndarray:
    """Output [W] of a radial basis function at 0.4 mW, 0.1 mW wide, on a floor."""
    return TOP * (0.05 + np.exp(-(((power - 0.4 * FULL) / (0.1 * FULL)) ** 2)))


def readings(function: Any, noise: float, seed: int, points: int = 100) -> Measured:
    power = np.linspace(0, FULL, points)
    return Measured(power, function(power) + noise * np.random.default_rng(seed).normal(size=points))


def rms(error: np.ndarray) -> float:
    return float(np.sqrt(np.mean(error**2)))


GRID = np.linspace(0, FULL, 2001)


# ------------------------------------------------------------------ accuracy
@pytest.mark.parametrize("function", [threshold, bump])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.05])
def test_closer_to_the_truth_than_a_reading_and_than_simpler_curves(function: Any, share: float) -> None:
    """Error below half a reading's noise; below that of PCHIP through the readings and of one cubic."""
    noise, ours, pchip, cubic = share * TOP, [], [], []
    for seed in range(6):
        data = readings(function, noise, seed)
        ours.append(rms(data.curve()(GRID) - function(GRID)))
        pchip.append(rms(PchipInterpolator(data.power_in, data.power_out)(GRID) - function(GRID)))
        fitted = np.polynomial.Polynomial.fit(data.power_in, data.power_out, 3)
        cubic.append(rms(fitted(GRID) - function(GRID)))
    assert np.mean(ours) < 0.6 * noise
    assert np.mean(ours) < 0.7 * np.mean(pchip)
    assert np.mean(ours) < 0.7 * np.mean(cubic)


def test_error_is_what_the_curve_says_of_itself() -> None:
    """k degrees of freedom of n readings leave σ √(k/n), the error of any linear fit without bias."""
    errors, claims, expected = [], [], []
    for seed in range(12):
        curve = readings(threshold, 0.01 * TOP, seed, 200).curve()
        found = curve.metadata["curve"]
        errors.append(rms(curve(np.linspace(0, FULL, 200)) - threshold(np.linspace(0, FULL, 200))))
        claims.append(found["standard_error"])
        expected.append(0.01 * TOP * (found["degrees_of_freedom"] / 200) ** 0.5)
    assert np.mean(claims) == pytest.approx(np.mean(expected), rel=0.05)
    assert np.mean(errors) == pytest.approx(np.mean(claims), rel=0.25)


def test_four_times_the_readings_halve_the_error() -> None:
    """Nearly: error ∝ n^(−4/9) for a smoothing spline (C. J. Stone, Ann. Stat. 10, 1040 (1982)): 0.54."""
    error = [
        np.mean([rms(readings(bump, 0.02 * TOP, s, n).curve()(GRID) - bump(GRID)) for s in range(12)])
        for n in (60, 240)
    ]
    assert error[1] / error[0] == pytest.approx(0.54, rel=0.2)


@pytest.mark.parametrize("points", [40, 100, 400])
def test_readings_without_noise_are_reproduced(points: int) -> None:
    """Cubic splines err by 5/384 h⁴ max|f⁗| at most (C. A. Hall, J. Approx. Theory 1, 209 (1968)).

    The fourth derivative of exp(−x²/w²) is 12/w⁴ at its top; h is the distance between knots.
    """
    curve = readings(bump, 0.0, 0, points).curve()
    h = float(np.median(np.diff(curve.power_in)))
    assert h < FULL / min(0.85 * points, 155)
    limit = 5 / 384 * h**4 * 12 / (0.1 * FULL) ** 4 * TOP
    error = np.max(np.abs(curve(GRID) - bump(GRID)))
    assert 0.1 * limit < error < limit
    other = readings(threshold, 0.0, 0, 2 * points).curve()
    assert np.max(np.abs(other(GRID) - threshold(GRID))) < 1e-6 * TOP


def test_slope() -> None:
    """Without noise the slope is that of the function; with 1 % it is better than PCHIP's by far."""
    exact = readings(threshold, 0.0, 0, 200).curve()
    assert np.max(np.abs(exact.derivative(GRID) - threshold_slope(GRID))) < 3e-4
    data = readings(threshold, 0.01 * TOP, 1, 200)
    error = rms(data.curve().derivative(GRID) - threshold_slope(GRID))
    through = PchipInterpolator(data.power_in, data.power_out).derivative()(GRID)
    assert error < 0.15
    assert error < 0.1 * rms(through - threshold_slope(GRID))


def test_the_curve_is_the_fit() -> None:
    """Twice differentiable at its samples: Hermite pieces of a cubic spline lose nothing."""
    curve = readings(bump, 0.01 * TOP, 2).curve()
    assert curve.slope is not None
    x, y, m = curve.power_in, curve.power_out, curve.slope
    h = np.diff(x)
    d = np.diff(y) / h
    left, right = (6 * d - 4 * m[:-1] - 2 * m[1:]) / h, (2 * m[:-1] + 4 * m[1:] - 6 * d) / h
    assert np.allclose(left[1:], right[:-1], rtol=0, atol=1e-8 * np.abs(left).max())
    assert curve.domain == (0.0, FULL)


# ------------------------------------------------------------------ sampling
def test_steps_in_dbm_resolve_every_decade() -> None:
    """A threshold at 2 % of the range, swept from −40 dBm to 0 dBm in steps of 0.5 dB."""
    power = np.logspace(-7, -3, 81)
    truth = 0.6 * power / (1 + (2e-5 / power) ** 2)
    noisy = truth * (1 + 0.01 * np.random.default_rng(0).normal(size=81))
    curve = Measured(power, noisy).curve()
    grid = np.logspace(-7, -3, 400)
    error = curve(grid) - 0.6 * grid / (1 + (2e-5 / grid) ** 2)
    middle = (grid > 1e-5) & (grid < 1e-4)
    assert np.max(np.abs(error / grid)[middle]) < 0.012
    assert curve.metadata["curve"]["noise"]["relative"] == pytest.approx(0.01, rel=0.3)


def test_order_and_repeats_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    power = np.repeat(np.linspace(0, FULL, 40), 5)
    out = threshold(power) + 0.02 * TOP * rng.normal(size=200)
    shuffled = rng.permutation(200)
    curve, other = Measured(power, out).curve(), Measured(power[shuffled], out[shuffled]).curve()
    assert np.allclose(curve(GRID), other(GRID), rtol=0, atol=1e-9 * TOP)
    means = Measured(power[::5], out.reshape(-1, 5).mean(axis=1), repeats=np.full(40, 5)).curve()
    assert rms(means(GRID) - curve(GRID)) < 0.2 * 0.02 * TOP
    assert curve.metadata["curve"]["readings"] == means.metadata["curve"]["readings"] == 200
    assert curve.metadata["curve"]["noise"]["from"] == "readings at the same power and residuals"


def test_readings_with_a_smaller_sigma_count_more() -> None:
    """Half of the readings are ten times worse: told so, the curve is much better than without."""
    better = []
    for seed in range(5):
        power = np.linspace(0, FULL, 120)
        sigma = np.where(np.arange(120) % 2, 0.1, 0.01) * TOP
        out = bump(power) + sigma * np.random.default_rng(seed).normal(size=120)
        error = [rms(Measured(power, out, sigma=s).curve()(GRID) - bump(GRID)) for s in (sigma, None)]
        better.append(error[0] / error[1])
    assert np.mean(better) < 0.4


# ------------------------------------------------------------------ noise band
@pytest.mark.parametrize(("floor", "relative"), [(0.01, 0.0), (0.002, 0.03), (0.0, 0.05)])
def test_noise_band_from_the_residuals(floor: float, relative: float) -> None:
    """The band at a bright and at a middling reading, over seeds, is that of the noise put in."""
    bands = []
    for seed in range(30):
        power = np.linspace(0.1 * FULL, FULL, 100)
        sigma = np.hypot(floor * TOP, relative * bump(power))
        out = bump(power) + sigma * np.random.default_rng(seed).normal(size=100)
        bands.append(Measured(power, out).curve().band([0.4 * FULL, 0.5 * FULL]))
    expected = np.hypot(floor * TOP, relative * bump(np.array([0.4, 0.5]) * FULL))
    assert np.mean(bands, axis=0) == pytest.approx(expected, rel=0.12)
    assert np.all(np.std(bands, axis=0) < 0.35 * expected)


def test_noise_band_of_known_sigma() -> None:
    power = np.linspace(0, FULL, 50)
    even = Measured(power, threshold(power), sigma=2e-6).curve()
    assert even.band(GRID) == pytest.approx(np.full(GRID.size, 2e-6), rel=1e-12)
    law = np.hypot(1e-6, 0.02 * threshold(power))
    assert Measured(power, threshold(power), sigma=law).curve().band(power) == pytest.approx(law, rel=0.03)
    # a band of any other shape is kept; its own scatter, as from 5 repeats, is not
    shape = 2e-6 * (1 + np.sin(6 * power / FULL) ** 2)
    assert Measured(power, threshold(power), sigma=shape).curve().band(power) == pytest.approx(
        shape, rel=0.05
    )
    scatter = np.sqrt(np.random.default_rng(0).chisquare(4, 50) / 4)
    repeats = np.full(50, 5)
    rough = Measured(power, threshold(power), sigma=law * scatter, repeats=repeats).curve().band(power)
    assert rms(np.log(rough / law)) < 0.5 * rms(np.log(scatter))


def test_a_sigma_that_is_too_small_shows() -> None:
    """Residuals three times the stated sigma: a reduced χ² of 9."""
    power = np.linspace(0, FULL, 300)
    out = threshold(power) + 0.03 * TOP * np.random.default_rng(5).normal(size=300)
    found = Measured(power, out, sigma=0.01 * TOP).curve().metadata["curve"]["noise"]
    assert found["reduced_chi_square"] == pytest.approx(9, rel=0.2)


# ------------------------------------------------------------------ constraints
def test_noisy_readings_of_a_rising_curve_rise() -> None:
    rising = 0
    for seed in range(8):
        curve = readings(threshold, 0.02 * TOP, seed).curve(method="monotone")
        assert np.min(np.diff(curve(GRID))) >= -1e-12 * TOP
        chosen = readings(threshold, 0.02 * TOP, seed).curve().metadata["curve"]["constraint"]
        rising += chosen == ["rising"]
        falling = readings(lambda p: TOP - threshold(p) + 1e-4, 0.02 * TOP, seed).curve(method="monotone")
        assert np.max(np.diff(falling(GRID))) <= 1e-12 * TOP
    assert rising >= 5


def test_a_real_dip_is_kept() -> None:
    """A dip of ten standard deviations, ten readings wide, is no noise."""

    def dipped(power: Any) -> np.ndarray:
        return 0.5 * power + 0.2e-3 - 0.12e-3 * np.exp(-(((power - 0.5 * FULL) / (0.05 * FULL)) ** 2))

    for seed in range(5):
        curve = readings(dipped, 0.012e-3, seed).curve()
        assert curve.metadata["curve"]["method"] == ["spline"]
        assert curve(0.5 * FULL) < curve(0.4 * FULL)


def test_never_below_zero() -> None:
    """Dark readings with noise: the curve stands at 0 or above, and says that it was held there."""

    def relu(power: Any) -> np.ndarray:
        return np.maximum(power - 0.4 * FULL, 0.0)

    held = set()
    for seed in range(6):
        for method in ("auto", "spline"):
            curve = readings(relu, 0.02 * TOP, seed).curve(method=method)  # type: ignore[arg-type]
            assert curve(GRID).min() >= -1e-15 * TOP
            held |= set(curve.metadata["curve"]["constraint"])
            assert rms(curve(GRID) - relu(GRID)) < 0.6 * 0.02 * TOP
    assert {"not negative", "rising"} <= held


# ------------------------------------------------------------------ sweeps and jumps
@pytest.fixture(scope="module")
def bistable() -> RingThrough:
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    return RingThrough(ring, ring.detuning(half_linewidths=6))


@pytest.mark.parametrize("sweep", ["up", "down"])
@pytest.mark.parametrize("noise", [0.0, 10e-6])
def test_a_jump_stays_a_jump(bistable: RingThrough, sweep: Any, noise: float) -> None:
    """Both sweeps of a bistable ring: the jump within its gap, the error between as in smooth curves."""
    truth = {s: bistable.curve(2.75e-3, sweep=s) for s in ("up", "down")}
    power = np.linspace(0, 2.75e-3, 150)
    rng = np.random.default_rng(1)
    out = np.concatenate([truth[s](power) + noise * rng.normal(size=150) for s in ("up", "down")])
    both = Measured(np.tile(power, 2), out, direction=np.repeat([1, -1], 150))
    with pytest.raises(ParameterError, match="sweep must be given: the readings hold 'up' and 'down'"):
        both.curve()
    curve = both.curve(sweep)
    ((low, high),) = curve.metadata["curve"]["jumps_between"]
    assert curve.branch == sweep
    assert low < truth[sweep].jumps[0] < high
    assert curve.jumps.tolist() == [0.5 * (low + high)]
    outside = GRID * 2.75
    outside = outside[(outside < low) | (outside > high)]
    assert rms(curve(outside) - truth[sweep](outside)) < 0.5 * noise + 1e-6
    step = truth[sweep](high) - truth[sweep](low)
    assert curve(high) - curve(low) == pytest.approx(step, rel=0.1)


def test_few_readings_behind_a_jump(bistable: RingThrough) -> None:
    truth = bistable.curve(2.75e-3, sweep="up")
    jump = float(truth.jumps[0])
    power = np.concatenate([np.linspace(0, 0.99 * jump, 40), np.linspace(1.01 * jump, 1.1 * jump, 3)])
    curve = Measured(power, truth(power)).swept("up").curve()
    assert curve.metadata["curve"]["method"][1] == "interpolation"
    assert curve(1.05 * jump) == pytest.approx(float(truth(1.05 * jump)), rel=0.01)


@pytest.mark.parametrize("function", [threshold, bump])
def test_a_smooth_sweep_has_no_jump(function: Any) -> None:
    for seed, share in enumerate((0.0, 0.001, 0.01, 0.05, 0.08)):
        data = readings(function, share * TOP, seed, 80)
        clipped = Measured(data.power_in, np.maximum(data.power_out, 0.0)).swept("up")
        assert clipped.curve().jumps.size == 0


# ------------------------------------------------------------------ few readings, records, refusals
def test_few_powers_are_joined_and_say_so() -> None:
    power = np.array([0, 1, 2, 3, 4]) * 1e-4
    out = np.array([0, 1, 4, 5, 5]) * 1e-5
    curve = Measured(power, out).curve()
    assert np.allclose(curve(power), out, rtol=1e-12, atol=1e-20)
    assert curve.sigma is None
    found = curve.metadata["curve"]
    assert (found["method"], found["cross_validated_rms"]) == (["interpolation"], None)
    assert found["noise"] == {"from": "unknown: too few readings"}
    assert Measured(power, out, sigma=1e-6).curve().band(2e-4) == pytest.approx(1e-6)


def test_record_and_file(tmp_path: Any) -> None:
    plane = ReferencePlane(input_loss=2.0)
    data = readings(threshold, 0.01 * TOP, 0)
    curve = Measured(data.power_in, data.power_out, metadata={"chip": "A3"}).at_device(plane).curve()
    assert curve.domain == (0.0, 0.5 * FULL)
    assert curve.metadata["chip"] == "A3"
    assert curve.metadata["plane"]["input_loss"] == 2.0
    assert curve.metadata["curve"]["cross_validated_rms"] == pytest.approx(0.01 * TOP, rel=0.25)
    json.dumps(curve.metadata)
    curve.save(tmp_path / "c.csv")
    again = Curve.load(tmp_path / "c.csv")
    assert np.array_equal(again.band(GRID / 2), curve.band(GRID / 2))
    assert again.metadata == curve.metadata


@pytest.mark.parametrize(
    ("points", "arguments", "message"),
    [
        (3, {}, "power_in must hold at least 4 different powers for a curve, got 3 in sweep 'single'"),
        (7, {"method": "spline"}, "method='spline' needs at least 8 different powers, got 7"),
        (9, {"method": "cubic"}, "method must be 'auto', 'spline' or 'monotone', got 'cubic'"),
        (9, {"sweep": "up"}, r"sweep must be one of the readings', 'single', got 'up'.*\.swept\('up'\)"),
        (9, {"sweep": "left"}, "sweep must be 'single', 'up' or 'down', got 'left'"),
    ],
)
def test_wrong_wishes(points: int, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        readings(threshold, 0.0, 0, points).curve(**arguments)
