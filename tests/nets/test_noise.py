"""Noise of a measured curve in a network: its size, its gradient, its switches, and none unless asked for."""

import dataclasses

import numpy as np
import pytest

import nets
from nets import tasks
from photonic import Curve, ParameterError

SIGMA = 0.02  # of the largest output, at full scale


@pytest.fixture(scope="module")
def banded(curve):
    """The synthetic curve with a band: a floor of 1 µW and a part that grows with the input power."""
    x = curve.power_in / curve.domain[1]
    return dataclasses.replace(curve, sigma=1e-6 + SIGMA * x * curve.power_out.max())


@pytest.fixture(scope="module")
def neuron(banded):
    return nets.Photonic(banded, bias=0.5, scale=0.15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z", [-1.0, 0.7, 9.0])
def test_the_spread_of_the_output_is_the_band(banded, neuron, dtype, z):
    """A million outputs: standard deviation σ(P)/P_out,max, mean as without noise; held at the end."""
    x = np.full(1_000_000, z, dtype)
    value = neuron(x)
    ideal = float(value[0])
    neuron.add_noise(x, value, None, np.random.default_rng(1))
    power = min((0.5 + 0.15 * z), 1.0) * banded.domain[1]
    expected = (1e-6 + SIGMA * power / banded.domain[1] * banded.power_out.max()) / banded.power_out.max()
    assert value.dtype == dtype
    assert np.std(value, dtype=float) == pytest.approx(expected, rel=0.01)
    assert np.mean(value, dtype=float) == pytest.approx(ideal, abs=5 * expected / 1000)
    assert float(neuron.noise(z)) == pytest.approx(expected, rel=1e-9)


def test_gain_and_offset_scale_the_noise(banded):
    """y = offset + gain·P_out/P_full: the deviation is |gain|·σ/P_full, whatever the offset."""
    inverted = nets.Photonic(banded, bias=0.5, scale=-0.15, gain=-3.0, offset=2.0)
    sigma = 1e-6 + SIGMA * 0.35 * banded.power_out.max()
    assert float(inverted.noise(1.0)) == pytest.approx(3.0 * sigma / banded.domain[1], rel=1e-9)


def test_same_seed_same_numbers(neuron, digits):
    network = nets.Network((64, 20, 10), neuron, seed=0)
    x = digits.test_inputs
    ideal = network.scores(x)
    assert np.array_equal(network.scores(x), ideal)
    noisy = network.scores(x, noise=3)
    assert np.array_equal(network.scores(x, noise=3), noisy)
    assert np.array_equal(network.scores(x, noise=np.random.default_rng(3)), noisy)
    assert not np.array_equal(network.scores(x, noise=4), noisy)
    assert np.array_equal(network.predict(x, noise=3), noisy.argmax(axis=1))
    assert network.accuracy(x, noisy.argmax(axis=1), noise=3) == 1.0
    # independent: the scores are linear in 20 outputs, each with its own noise
    hidden = x @ network.layers[0].weights + network.layers[0].bias
    variance = neuron.noise(hidden) ** 2 @ network.layers[1].weights.astype(float) ** 2
    draws = np.array([network.scores(x[:50], noise=seed) for seed in range(400)])
    assert np.mean(draws.var(axis=0) / variance[:50]) == pytest.approx(1, rel=0.02)


def test_gradient_is_that_of_the_noisy_loss(neuron):
    """Central differences of the loss with the same draws; the band's own slope takes part."""
    network = nets.Network((3, 5, 4, 2), neuron, seed=2, dtype=np.float64)
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(9, 3)), rng.integers(0, 2, 9)
    network.loss_and_gradient(x, labels, noise=7)
    gradient, h = network.gradient.copy(), 1e-6
    for k in range(network.parameters.size):
        start = network.parameters[k]
        losses = []
        for step in (h, -h):
            network.parameters[k] = start + step
            losses.append(network.loss_and_gradient(x, labels, noise=7)[0])
        network.parameters[k] = start
        assert gradient[k] == pytest.approx((losses[0] - losses[1]) / (2 * h), abs=3e-8), k


def test_a_band_changes_nothing_unless_noise_is_asked_for(curve, neuron, digits):
    bare = nets.Photonic(curve, bias=0.5, scale=0.15)
    assert (bare.noisy, neuron.noisy) == (False, True)
    results = []
    for activation in (bare, neuron):
        network = nets.Network((64, 12, 10), activation, seed=0)
        history = nets.train(network, digits, epochs=1, seed=5)
        results.append((network.parameters.copy(), history))
    assert np.array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]
    assert neuron.identity != bare.identity


def test_train_ideal_and_test_noisy_and_the_reverse(banded, digits):
    """One switch each: test noise leaves the weights alone, training noise the way of testing."""
    loud = dataclasses.replace(banded, sigma=30 * banded.sigma)
    activation = nets.Photonic(loud, bias=0.5, scale=0.15)
    found = {}
    for train_noise in (False, True):
        for test_noise in (False, True):
            network = nets.Network((64, 30, 10), activation, seed=0)
            network.scale_to_unit_variance(digits.train_inputs[:128])
            history = nets.train(
                network, digits, epochs=8, learning_rate=4e-3, train_noise=train_noise, test_noise=test_noise
            )
            found[train_noise, test_noise] = network.parameters.copy(), history.accuracy
    assert np.array_equal(found[False, False][0], found[False, True][0])
    assert np.array_equal(found[True, False][0], found[True, True][0])
    assert not np.array_equal(found[False, False][0], found[True, True][0])
    assert found[False, True][1] < found[False, False][1] - 0.02  # noise costs a network that never met it
    assert found[True, True][1] > found[False, True][1]  # and less one that has


def test_noisy_training_goes_on_where_it_stopped(neuron, digits, tmp_path):
    def network():
        return nets.Network((64, 8, 10), neuron, seed=0)

    whole = nets.train(network(), digits, epochs=3, train_noise=True, test_noise=True)
    path = tmp_path / "c.npz"
    nets.train(network(), digits, epochs=2, train_noise=True, test_noise=True, checkpoint=path)
    with pytest.raises(ParameterError, match=r"was made with test noise True, not None"):
        nets.train(network(), digits, epochs=3, train_noise=True, checkpoint=path, resume=True)
    again = nets.train(
        network(), digits, epochs=3, train_noise=True, test_noise=True, checkpoint=path, resume=True
    )
    assert again == whole


def test_comparison_with_noise(neuron, tmp_path):
    """relu has none: its numbers are those without; the conditions say what was on."""
    settings = {"hidden": (8,), "seeds": 1, "epochs": 2, "learning_rates": [4e-3]}
    task = tasks.load("digits")
    quiet = nets.compare(task, ["relu", neuron], **settings)
    loud = nets.compare(task, ["relu", neuron], **settings, test_noise=True, folder=tmp_path / "c")
    assert loud["relu"].histories == quiet["relu"].histories
    assert loud["photonic"].histories[0].loss == quiet["photonic"].histories[0].loss
    assert "noise in testing of photonic" in loud.table()
    assert "noise" not in quiet.table()
    assert loud.as_dict()["settings"]["test_noise"] is True
    with pytest.raises(ParameterError, match="was made with test noise True, not None"):
        nets.compare(task, ["relu", neuron], **settings, folder=tmp_path / "c", resume=True)


def test_noise_that_is_not_there(curve, neuron):
    network = nets.Network((2, 3, 2), "relu")
    for call in (network.scores, network.predict):
        with pytest.raises(ParameterError, match="noise needs an activation with some"):
            call(np.zeros((1, 2)), noise=0)
    with pytest.raises(ParameterError, match="noise needs a contestant with some: a network of light"):
        nets.compare("xor", ["relu"], train_noise=True)
    with pytest.raises(ParameterError, match=r"noise must be a seed .* got True"):
        nets.Network((2, 3, 2), neuron).scores(np.zeros((1, 2)), noise=True)
    with pytest.raises(ParameterError, match="photonic has no noise: the band of its curve is not known"):
        nets.Photonic(curve, bias=0.5, scale=0.1).noise(0.0)
    with pytest.raises(ParameterError, match="relu has no noise"):
        nets.activations.relu.add_noise(np.zeros(1), np.zeros(1), None, np.random.default_rng(0))


def test_noise_either_side_of_a_jump(jumping_curve):
    sigma = np.array([1, 1, 1, 1, 3, 3, 3, 3]) * 1e-6
    step = Curve(jumping_curve.power_in, jumping_curve.power_out, branch="up", sigma=sigma)
    neuron = nets.Photonic(step, bias=0.0, scale=1.0, allow_jump=True)
    assert neuron.noise([0.4, 0.49999, 0.50001, 0.9]) == pytest.approx(np.array([1, 1, 3, 3]) * 1e-6 / 6.5e-5)
