"""Networks of weight banks: what one wavelength does to a modulator."""

import numpy as np
import pytest

from nets import tasks
from nets.optical.bank_network import BankNetwork


def test_one_wavelength_of_weight_one_swings_the_modulator():
    """Its full power is its share of the comb in front of bank 1, that of a neuron's laser behind."""
    architecture = BankNetwork(name="b", channels=16, swing=0.7)
    network = architecture.network(architecture.task(tasks.load("digits")), (8,), 0)
    for bank, full in ((network.stages[1], 20e-3 / 16), (network.stages[4], 2e-3)):
        one = np.zeros((1, bank.inputs))
        one[0, 0] = full
        assert bank.forward(one)[0][0] == pytest.approx(0.7 * bank.weights()[:, 0], rel=1e-9)
