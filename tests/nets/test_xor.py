"""Exclusive or, which no straight line separates, with every preset of the default neuron.

Expected: all four rows right in at least 18 of 20 seeds with four hidden neurons or fewer; a single
neuron with a peak is enough (A. Jha, C. Huang, P. R. Prucnal, Opt. Lett. 45, 4819 (2020), learn
it with programmed cavity-loaded interferometers).
"""

import numpy as np
import pytest

import nets
from nets import specifications, tasks
from photonic.presets import PRESETS

SEEDS = range(20)


def solved(activation, hidden, learning_rate, epochs=400, positive=False):
    """In how many of the seeds all four rows are right after the last epoch."""
    task = tasks.load("xor")
    count = 0
    for seed in SEEDS:
        network = nets.Network((2, hidden, 1), activation, seed=seed)
        if positive:
            np.abs(network.parameters, out=network.parameters)
        network.scale_to_unit_variance(task.train_inputs)
        history = nets.train(network, task, epochs=epochs, learning_rate=learning_rate, seed=seed)
        count += history.accuracy == 1.0
    return count


@pytest.mark.parametrize("shape", PRESETS)
def test_four_neurons_of_every_preset_learn_it(shape):
    assert solved(specifications.activation(f"photonic:{shape}"), 4, learning_rate=0.03) >= 18


def test_one_radial_neuron_learns_it():
    """Light on exactly one input meets the peak: sum 0 stays dark below it, sum 2 goes past it.

    The starting weights are non-negative, as where powers add: then both inputs push the neuron
    the same way, and from the rising side of its curve training finds the peak.
    """
    radial = specifications.activation("photonic:radial-basis")
    assert solved(radial, 1, learning_rate=0.03, epochs=300, positive=True) >= 18


@pytest.mark.parametrize("activation", ["identity", "relu", "photonic:sigmoid"])
def test_one_neuron_that_only_rises_cannot(activation):
    """Its decision is a threshold on one weighted sum, which is a straight line."""
    f = specifications.activation(activation)
    assert solved(f, 1, learning_rate=0.03, epochs=100, positive=True) == 0


def test_four_linear_neurons_cannot():
    assert solved("identity", 4, learning_rate=0.03, epochs=200) == 0
