"""A small form of the MNIST comparison: 8,000 training digits, all 10,000 test digits, 784–100–10.

Expected, from an independent calculation with the same network, data and optimiser (Adam, 20
epochs, 3 seeds): linear 89.8 %, ReLU 94.9 %; photonic activations within a point of ReLU.
"""

import pytest

from nets import compare
from nets.network import Network
from nets.specifications import activation
from nets.training import train

PRESETS = ("photonic:sigmoid", "photonic:radial-basis")


@pytest.fixture(scope="module")
def small(mnist):
    return mnist.subset(8000)


@pytest.fixture(scope="module")
def result(small):
    names = ["linear", "relu", *PRESETS]
    return compare(small, names, hidden=(100,), seeds=3, epochs=20, learning_rates=[2e-3])


def test_linear_and_relu_reach_what_they_should(result):
    assert result["linear"].accuracy.mean == pytest.approx(0.898, abs=0.008)
    assert result["relu"].accuracy.mean == pytest.approx(0.949, abs=0.006)


def test_a_photonic_neuron_is_far_above_linear_and_close_to_relu(result):
    best = max(result[name].accuracy.mean for name in PRESETS)
    assert best - result["linear"].accuracy.mean >= 0.03
    assert abs(best - result["relu"].accuracy.mean) <= 0.015


@pytest.mark.parametrize("name", PRESETS)
def test_every_seed_gains_from_the_photonic_neuron(result, name):
    """Paired, seed by seed: the 95 % interval of the gain over a linear network lies above 2 points."""
    assert result.difference(name, "linear").low > 0.02


def test_permuted_labels_teach_nothing(small):
    """Nothing but the class shares is left to learn: chance is 0.1, its deviation on 10,000 digits 0.003."""
    network = Network((784, 100, 10), activation("photonic:sigmoid"), seed=0)
    network.scale_to_unit_variance(small.train_inputs[:128])
    history = train(network, small.with_permuted_labels(0), epochs=3, learning_rate=2e-3)
    assert history.accuracy < 0.14
