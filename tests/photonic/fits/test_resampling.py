"""Bootstrap: spreads against closed forms and against the curvature of the fit, whoever does the work."""

from __future__ import annotations

import dataclasses
import json
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from photonic import ConvergenceError, DataError, MachZehnder, ParameterError, presets
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.fits.resampling import bootstrap
from photonic.lab.measured import Measured

LINE = MachZehnder(1.0, input_coupling=0.5, output_coupling=0.5)  # output = gain · share · input


def straight(noise, power, seed=1, **options):
    """Fit of the gain of a linear device: the textbook regression through the origin."""
    share = LINE.transfer(1e-3) / 1e-3
    seen = 1.3 * share * power + noise(np.random.default_rng(seed), power.size)
    return fit(LINE, Measured(power, seen, **options), ["output_scale"], intervals="wald"), share


def ring_fit(points=60, seed=0, **options):
    device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, points)
    noise = 1e-6 * np.random.default_rng(seed).standard_normal(points)
    data = Measured(power, device.transfer(power) + noise)
    return fit(device, data, ["arm_phase", "detuning", "carrier_lifetime"], intervals="wald", **options)


@pytest.fixture(scope="module")
def found():
    return ring_fit()


@pytest.fixture(scope="module")
def spread(found):
    return bootstrap(found, 400, seed=3)


@pytest.mark.parametrize("kind", ["parametric", "residuals", "pairs"])
def test_spread_of_a_regression_is_the_textbook_one(kind):
    power = np.linspace(1e-4, 1e-3, 80)
    result, share = straight(lambda rng, n: 1e-6 * rng.standard_normal(n), power)
    # Var(gain) = σ²/Σ(share P)² with σ² from the residuals of the best gain (closed form).
    gain = np.sum(result.experiments[0].measured.power_out * share * power) / np.sum((share * power) ** 2)
    left = result.experiments[0].measured.power_out - gain * share * power
    expected = math.sqrt(np.sum(left**2) / 79 / np.sum((share * power) ** 2))
    if kind == "pairs":  # White's sandwich, of these very residuals
        expected = math.sqrt(np.sum((share * power * left) ** 2)) / np.sum((share * power) ** 2)
    again = bootstrap(result, 500, kind=kind)
    assert again.standard_errors["output_scale"] == pytest.approx(expected, rel=0.1)
    assert again.fit.estimates["output_scale"].value == pytest.approx(gain, rel=1e-6)
    assert np.mean(again.samples) == pytest.approx(gain, abs=0.2 * expected)


def test_pairs_see_noise_that_the_model_does_not():
    # Heteroscedastic: White's sandwich Σ x² e²/(Σ x²)² is what pairs estimate; the fit assumes one sigma.
    power = np.linspace(1e-4, 1e-3, 100)
    result, share = straight(lambda rng, n: 4e-6 * (power / 1e-3) ** 3 * rng.standard_normal(n), power)
    x = share * power
    left = result.experiments[0].measured.power_out - result.estimates["output_scale"].value * x
    sandwich = math.sqrt(np.sum((x * left) ** 2)) / np.sum(x**2)
    assert sandwich > 1.3 * result.estimates["output_scale"].standard_error
    assert bootstrap(result, 500, kind="pairs").standard_errors["output_scale"] == pytest.approx(
        sandwich, rel=0.12
    )


@pytest.mark.parametrize("kind", ["parametric", "residuals"])
def test_standard_errors_and_correlation_of_a_ring_are_those_of_its_curvature(found, kind):
    again = bootstrap(found, 300, kind=kind, seed=1)
    for name, estimate in found.estimates.items():
        assert again.standard_errors[name] == pytest.approx(estimate.standard_error, rel=0.13)
    errors = np.sqrt(np.diag(again.covariance))
    assert again.covariance / np.outer(errors, errors) == pytest.approx(found.correlation, abs=0.17)
    assert again.failures == 0


def test_intervals_are_those_of_a_normal_spread_where_the_problem_is_nearly_linear(found, spread):
    for name, estimate in found.estimates.items():
        for method in ("bca", "percentile"):
            low, high = spread.interval(name, method=method)
            assert (high - low) / 2 == pytest.approx(1.96 * estimate.standard_error, rel=0.2)
            assert (high + low) / 2 == pytest.approx(estimate.value, abs=0.6 * estimate.standard_error)
        narrow = spread.interval(name, level=0.5)
        assert (narrow[1] - narrow[0]) / 2 == pytest.approx(0.674 * estimate.standard_error, rel=0.2)


def test_bca_is_the_formula_of_efron(found, spread):
    # Bias and acceleration put in by hand: the shares follow from a normal table.
    skewed = dataclasses.replace(spread, acceleration=np.full(3, 0.05))
    column = spread.samples[:, 1]
    value = found.estimates["detuning"].value
    from scipy.stats import norm

    bias = norm.ppf(np.mean(column < value))
    shares = [norm.cdf(bias + (bias + z) / (1 - 0.05 * (bias + z))) for z in (-1.959964, 1.959964)]
    assert skewed.interval("detuning") == pytest.approx(tuple(np.quantile(column, shares)), rel=1e-9)
    assert shares[0] > 0.025
    assert shares[1] > 0.975


def test_acceleration_of_a_mean_is_a_sixth_of_the_skewness_of_its_pulls():
    # A single gain is a weighted mean: a = Σe³/(6 (Σe²)^1.5), e = x (y − gain x), up to leverage.
    power = np.linspace(2e-4, 1e-3, 400)
    result, share = straight(lambda rng, n: 1e-6 * (rng.exponential(size=n) - 1), power)
    x = share * power
    pulls = x * (result.experiments[0].measured.power_out - result.estimates["output_scale"].value * x)
    expected = np.sum(pulls**3) / (6 * np.sum(pulls**2) ** 1.5)
    assert expected > 0.01
    assert bootstrap(result, 50, kind="pairs").acceleration[0] == pytest.approx(expected, rel=0.05)
    assert bootstrap(result, 50).acceleration[0] == 0.0


def test_the_same_numbers_from_any_workers(found):
    alone = bootstrap(found, 60, seed=7)
    with ThreadPoolExecutor(2) as threads:
        assert np.array_equal(bootstrap(found, 60, seed=7, executor=threads).samples, alone.samples)
    with ProcessPoolExecutor(1) as one:
        assert np.array_equal(bootstrap(found, 60, seed=7, executor=one).samples, alone.samples)
    with ProcessPoolExecutor(2) as two:
        assert np.array_equal(bootstrap(found, 60, seed=7, executor=two).samples, alone.samples)
    assert np.array_equal(bootstrap(found, 30, seed=7).samples, alone.samples[:30])
    assert not np.any(np.isin(bootstrap(found, 30, seed=8).samples, alone.samples))


def test_a_map_that_gives_futures_is_waited_for(found):
    class Client:
        """As dask.distributed.Client: its map gives futures."""

        def __init__(self, pool):
            self.pool = pool

        def map(self, function, items):
            return [self.pool.submit(function, item) for item in items]

    with ThreadPoolExecutor(1) as pool:
        assert np.array_equal(
            bootstrap(found, 30, executor=Client(pool)).samples, bootstrap(found, 30).samples
        )


class Killed(BaseException):
    pass


def test_a_killed_run_goes_on(found, tmp_path):
    store = tmp_path / "samples.jsonl"

    def kill(done, total):
        if done >= 50:
            raise Killed

    with pytest.raises(Killed):
        bootstrap(found, 100, seed=2, store=store, progress=kill)
    kept = store.read_text()
    assert len(kept.splitlines()) == 3
    store.write_text(kept + '{"50": [1.0, 2.0')  # killed in the middle of a line
    seen = []
    again = bootstrap(
        found, 100, seed=2, store=store, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(75, 100), (100, 100)]
    assert np.array_equal(again.samples, bootstrap(found, 100, seed=2).samples)
    finished = store.read_text()
    bootstrap(found, 100, seed=2, store=store, progress=lambda done, total: seen.append((done, total)))
    assert len(seen) == 2
    assert store.read_text() == finished


def test_a_store_of_something_else_is_refused(found, tmp_path):
    store = tmp_path / "samples.jsonl"
    bootstrap(found, 5, seed=2, store=store)
    with pytest.raises(DataError, match=r"samples.jsonl: its samples are of another seed \(2, not 3\)"):
        bootstrap(found, 5, seed=3, store=store)
    with pytest.raises(DataError, match="another kind"):
        bootstrap(found, 5, seed=2, kind="pairs", store=store)
    with pytest.raises(DataError, match="another fit"):
        bootstrap(ring_fit(seed=5), 5, seed=2, store=store)
    for text in ("not JSON\n", '{"schema": 1}\n', "[]\n", json.dumps({"schema": 1}) + "\n[1]\n"):
        store.write_text(text)
        with pytest.raises(DataError, match="no samples of a bootstrap"):
            bootstrap(found, 5, seed=2, store=store)


class Stubborn:
    """A prediction that changes its branch again and again at some readings."""

    def __init__(self, prediction, rng):
        self.prediction, self.rng = prediction, rng

    def value(self, values):
        return self.prediction.value(values)

    def both(self, values):
        return self.prediction.both(values)

    def checked(self, values):
        return values[0] < self.rng


def test_fits_that_fail_are_counted(found, monkeypatch):
    problem_of = type(found).problem
    middle = found.estimates["arm_phase"].value

    def stubborn(self):
        problem, inner = problem_of(self)
        problem.predictions = [Stubborn(p, middle) for p in problem.predictions]
        return problem, inner

    monkeypatch.setattr(type(found), "problem", stubborn)
    again = bootstrap(found, 60)
    assert 15 < again.failures < 45
    assert len(again.samples) == 60 - again.failures
    assert np.all(again.samples[:, 0] < middle)
    assert "jumps between branches" in next(iter(again.failed.values()))
    assert "without a solution" in again.table()
    monkeypatch.setattr(Stubborn, "checked", lambda self, values: False)
    with pytest.raises(ConvergenceError, match="5 of 5 fits came to no end"):
        bootstrap(found, 5)


def test_what_the_data_do_not_hold_is_not_made_sure():
    device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 60)
    seen = device.transfer(power) + 1e-6 * np.random.default_rng(0).standard_normal(60)
    found = fit(device, Measured(power, seen), ["detuning", "insertion_loss", "output_scale", "power_scale"])
    lost = [n for n, e in found.estimates.items() if not math.isfinite(e.standard_error)]
    assert lost
    again = bootstrap(found, 50)
    for name in lost:
        assert again.standard_errors[name] == math.inf
        assert again.interval(name) == found.estimates[name].interval
        assert np.all(np.isnan(again.covariance[again.names.index(name)]))
        assert again.as_dict()["estimates"][name]["standard_error"] is None
    assert math.isfinite(again.standard_errors["detuning"])
    json.dumps(again.as_dict(), allow_nan=False)


def test_several_experiments_and_a_known_noise_that_is_too_small():
    power = np.linspace(1e-4, 1e-3, 60)
    share = LINE.transfer(1e-3) / 1e-3
    rng = np.random.default_rng(4)
    parts = [
        Experiment(Measured(power, share * power + 3e-6 * rng.standard_normal(60), sigma=1e-6))
        for _ in range(2)
    ]
    found = fit(LINE, parts, ["output_scale"], intervals="wald")
    expected = 3e-6 / math.sqrt(2 * np.sum((share * power) ** 2))  # the true noise, not the stated one
    for kind in ("parametric", "residuals", "pairs"):
        again = bootstrap(found, 150, kind=kind)
        assert again.standard_errors["output_scale"] == pytest.approx(expected, rel=0.25)


def test_words(spread, found):
    table = spread.table()
    assert "detuning" in table
    assert "400 samples (parametric), 0 without a solution" in table
    assert repr(spread) == "Bootstrap(parametric, 400 samples, 0 failures)"
    stored = spread.as_dict()
    assert stored["estimates"]["detuning"]["standard_error"] == spread.standard_errors["detuning"]


def test_wrong_input(found, spread):
    for options, message in (
        ({"samples": 1}, "samples must be >= 2"),
        ({"samples": 2.5}, "samples must be a whole number"),
        ({"seed": -1}, "seed must be >= 0"),
        ({"kind": "pair"}, "unknown kind 'pair': did you mean 'pairs'"),
        ({"executor": 4}, "executor must have a method map"),
    ):
        with pytest.raises(ParameterError, match=message):
            bootstrap(found, **options)
    with pytest.raises(ParameterError, match="did you mean 'detuning'"):
        spread.interval("detunin")
    with pytest.raises(ParameterError, match="level must lie in"):
        spread.interval("detuning", level=95)
    with pytest.raises(ParameterError, match="unknown method"):
        spread.interval("detuning", method="normal")
    few = dataclasses.replace(spread, samples=spread.samples[:39])
    with pytest.raises(ParameterError, match="95 % needs 40 samples or more, got 39"):
        few.interval("detuning")
    aside = dataclasses.replace(spread, samples=spread.samples + 1.0)
    with pytest.raises(ParameterError, match="use 'percentile'"):
        aside.interval("arm_phase")
