"""The search itself: costs, noise, starts, and directions to which the readings are blind."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photonic import MachZehnder, RingThrough, presets
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.fits.inverse_problem import Problem, losses
from photonic.fits.problems import problem_of
from photonic.lab.measured import Measured

DEVICE = presets.SIGMOID
POWER = np.linspace(10e-6, 2e-3, 80)
CLEAN = DEVICE.transfer(POWER)
NOISE = 0.01 * CLEAN.max()
CARRIERS = ("carrier_lifetime", "index_per_carrier", "free_carrier_cross_section")


def noisy(seed: int = 0, **more: object) -> Measured:
    return Measured(POWER, CLEAN + NOISE * np.random.default_rng(seed).standard_normal(80), **more)


def problem(*names: str, count: int = 1, noise: object = None, **more: object) -> tuple[Problem, np.ndarray]:
    found, free = problem_of(
        DEVICE,
        [Experiment(noisy(k, **more)) for k in range(count)],
        names,
        {},
        {},
        noise,  # type: ignore[arg-type]
    )
    return found, np.array([f.inner(f.start) for f in free])


def test_losses() -> None:
    """ρ(z²) as tabled for scipy.optimize.least_squares."""
    assert losses(np.array([3.0]), "soft_l1") == pytest.approx([2.0])
    assert losses(np.array([0.25, 4.0]), "huber") == pytest.approx([0.25, 3.0])
    assert losses(np.array([math.e - 1]), "cauchy") == pytest.approx([1.0])
    assert losses(np.array([7.0]), "linear") == pytest.approx([7.0])


def test_residuals_and_their_slopes() -> None:
    found, at = problem("carrier_lifetime", "detuning", "arm_phase", sigma=NOISE)
    assert found.residuals(at) == pytest.approx((CLEAN - found.seen[0]) / NOISE, rel=1e-9)
    assert found.cost(at) == pytest.approx(np.sum((CLEAN - found.seen[0]) ** 2) / NOISE**2, rel=1e-9)
    slopes = found.jacobian(at)
    for k in range(3):
        sides = [found.residuals(at + s * 1e-5 * np.eye(3)[k]) for s in (1, -1)]
        central = (sides[0] - sides[1]) / 2e-5
        assert slopes[:, k] == pytest.approx(central, rel=1e-5, abs=1e-6 * np.abs(central).max())
    found.set_sigma([np.full(80, 2 * NOISE)])
    assert found.residuals(at) == pytest.approx((CLEAN - found.seen[0]) / NOISE / 2, rel=1e-9)


def test_numbers_no_device_can_have_are_rejected() -> None:
    found, at = problem("carrier_lifetime")
    far = at + 12.0  # a factor of 160,000
    assert not found.sound(far)
    assert found.cost(far) > 1e10 * found.cost(at)


@pytest.mark.parametrize(
    ("kinds", "known", "reweighs"),
    [
        (("constant",), False, False),
        (("constant", "constant"), False, True),
        (("mixed",), False, True),
        (("proportional",), False, True),
        (("sigma",), True, False),
        (("sigma", "sigma"), True, False),
        (("sigma", "constant"), True, True),
    ],
)
def test_what_of_the_noise_is_known(kinds: tuple[str, ...], known: bool, reweighs: bool) -> None:
    found, _ = problem("arm_phase", count=len(kinds), noise=kinds, sigma=NOISE)
    assert found.scale_known == known
    assert found.reweighs == reweighs
    assert found.size == 80 * len(kinds)


def test_noise_by_degrees_of_freedom() -> None:
    """Seven readings, two numbers: s² = Σ r²/5, on average that of the noise."""
    power, sizes = np.linspace(0.1e-3, 1e-3, 7), []
    device = MachZehnder(1.0)
    for seed in range(200):
        out = device.transfer(power) + 1e-6 * np.random.default_rng(seed).standard_normal(7)
        data = Measured(power, out)
        found = fit(device, data, ("output_scale", "dark"), starts=0, intervals="wald")
        assert found.sigma == pytest.approx(np.full(7, np.sqrt(np.sum(found.residuals**2) / 5)), rel=1e-6)
        sizes.append(found.sigma[0] ** 2)
    assert np.mean(sizes) == pytest.approx(1e-12, rel=0.15)


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy"])
def test_outliers_do_not_make_the_noise(loss: str) -> None:
    sizes = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        out = np.array(noisy(seed).power_out)
        out[rng.choice(80, 5, replace=False)] += 40 * NOISE
        sizes.append(fit(DEVICE, Measured(POWER, out), ("arm_phase",), loss=loss, intervals="wald").sigma[0])
    assert np.mean(sizes) == pytest.approx(NOISE, rel=0.35)
    clean = [fit(DEVICE, noisy(s), ("arm_phase",), loss=loss, intervals="wald").sigma[0] for s in range(20)]
    assert np.mean(clean) == pytest.approx(NOISE, rel=0.06)


def test_curves_of_unlike_noise_weigh_by_it() -> None:
    """One curve ten times as noisy as the other: the error is that of the two together, noise known."""
    rng = np.random.default_rng(3)
    out = [CLEAN + s * NOISE * rng.standard_normal(80) for s in (1, 10)]
    told = [Measured(POWER, y, sigma=s * NOISE) for y, s in zip(out, (1, 10), strict=True)]
    known = fit(DEVICE, told, ("arm_phase", "detuning")).estimates["arm_phase"]
    found = fit(DEVICE, [Measured(POWER, y) for y in out], ("arm_phase", "detuning"))
    assert found.estimates["arm_phase"].standard_error == pytest.approx(known.standard_error, rel=0.2)
    assert found.sigma[80] / found.sigma[0] == pytest.approx(10, rel=0.25)


def test_blind_directions_are_left_alone_and_the_rest_is_found() -> None:
    """Started off the truth: only the two products move; along the third direction nothing does."""
    ring = dataclasses.replace(
        DEVICE.ring,
        carrier_lifetime=1.3 * DEVICE.ring.carrier_lifetime,
        free_carrier_cross_section=0.8 * DEVICE.ring.free_carrier_cross_section,
    )
    guess = dataclasses.replace(DEVICE, ring=ring, arm_phase=DEVICE.arm_phase + 0.05)
    data = noisy(4, sigma=NOISE)
    found = fit(guess, data, (*CARRIERS, "arm_phase"), starts=0)
    known = fit(guess, data, (*CARRIERS[1:], "arm_phase"), starts=0)
    assert np.sum(found.weighted_residuals**2) == pytest.approx(np.sum(known.weighted_residuals**2), rel=1e-6)
    moved = [math.log(e.value / e.start) for e in found.estimates.values()][:3]
    assert moved[0] - moved[1] - moved[2] == pytest.approx(0.0, abs=1e-6)
    assert max(map(abs, moved)) > 0.05
    (direction,) = found.unidentifiable
    for c in direction.known:
        at = dict.fromkeys(CARRIERS, 1.0) | {n.removeprefix("ring."): v for n, v in c.exponents.items()}
        product = math.prod(
            abs(known.estimates[f"ring.{n}"].value if n != CARRIERS[0] else ring.carrier_lifetime) ** at[n]
            for n in CARRIERS
            if f"ring.{n}" in c.exponents
        )
        assert c.value == pytest.approx(product, rel=1e-4)
        (other,) = (n for n in c.exponents if n != "ring.carrier_lifetime")
        error = known.estimates[other].standard_error / abs(known.estimates[other].value)
        assert c.relative_error == pytest.approx(error, rel=0.01)


def test_starts_are_promising() -> None:
    """As many as asked for, best first, their brightness that of least squares."""
    names = ("detuning", "arm_phase", "output_scale")
    found, _ = problem(*names, sigma=NOISE)
    some = found.starts(8, 3)
    assert len(some) == 8
    costs = [found.cost(s) for s in some]
    assert costs == sorted(costs)
    for point, cost in zip(some, costs, strict=True):
        for step in (-0.02, 0.02):
            assert found.cost(point + np.array([0, 0, step])) > cost
    again = found.starts(8, 3)
    assert np.array_equal(some, again)
    ends = np.array([f.spread() for f in found.free])
    random = np.random.default_rng(0).uniform(ends[:2, 0], ends[:2, 1], (64, 2))
    dull = np.median([found.cost(np.append(p, 0.0)) for p in random])
    assert costs[-1] < 0.5 * dull
    assert np.ptp([s[1] for s in found.starts(64, 3)]) > 0.7 * (2 * math.pi)


def test_minima_are_different_and_in_order() -> None:
    found, at = problem("detuning", "arm_phase", sigma=NOISE)
    minima = found.minima([at, at + 1e-3, at + np.array([0.1, -0.1]), *found.starts(6, 1)])
    costs = [m.cost for m in minima]
    assert costs == sorted(costs)
    assert minima[0].cost == pytest.approx(found.search(at).cost, rel=1e-6)
    for k, one in enumerate(minima):
        assert all(np.max(np.abs(one.inner - other.inner)) > 1e-3 for other in minima[:k])


def test_jumps_count_in_the_cost() -> None:
    """Residuals of two sweeps, and two more of their folds, with their slopes."""
    device = RingThrough(DEVICE.ring, DEVICE.ring.detuning(half_linewidths=4.0))
    power = np.linspace(0.1e-3, 11e-3, 60)
    out = np.concatenate([device.transfer(power, sweep="up"), device.transfer(power, sweep="down")])
    data = Measured(np.tile(power, 2), out, sigma=1e-4, direction=np.repeat([1, -1], 60))
    names = ("detuning", "carrier_lifetime")
    found, free = problem_of(device, [Experiment(data)], names, {}, {}, None)
    truth = np.array([f.inner(f.start) for f in free])
    at = truth + np.array([0.9, -0.4])
    value, slopes = found.hinges(at)
    assert value.shape == (2,)
    assert np.all(value > 0)  # both folds at more power
    assert found.cost(at) == pytest.approx(np.sum(found.residuals(at) ** 2) + np.sum(value**2), rel=1e-12)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        central = (found.hinges(at + step)[0] - found.hinges(at - step)[0]) / 2e-6
        assert slopes[:, k] == pytest.approx(central, rel=1e-4)
    back = found.search(at)
    assert back.inner == pytest.approx(truth, abs=1e-5)
