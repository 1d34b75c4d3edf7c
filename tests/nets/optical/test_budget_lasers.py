"""Lasers and amplifiers in a power budget."""

import numpy as np
import pytest

from nets import tasks
from nets.optical.amplifier import Amplifier
from nets.optical.architectures import optical_architecture
from nets.optical.bank_network import BankNetwork
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder, PowerEncoder
from nets.optical.optical_network import OpticalNetwork
from nets.optical.passive import Attenuator

VOWELS = tasks.load("vowel-4")


def test_the_laser_stands_in_front_of_its_modulators():
    """20 mW shared by four guides, each of which passes (x/m)² of its 5 mW, m = 1.25."""
    found = optical_architecture("mesh:linear", laser_power=20e-3)
    x = VOWELS.test_inputs[:50].astype(float)
    budget = found.network(found.task(VOWELS), (), 0).budget(x)
    passed = 5e-3 * float((x**2).sum(axis=1).mean()) / 1.25**2
    assert budget.laser_power == pytest.approx(20e-3)
    assert budget.amplified == 0
    assert budget.stages[0].total == pytest.approx(passed, rel=1e-5)
    assert budget.stages[0].loss_db == pytest.approx(10 * np.log10(20e-3 / passed), abs=1e-4)
    lines = budget.table().splitlines()
    assert lines[1].split()[:7] == ["lasers", "of", "field", "encoder", "fields", "4", "20"]
    assert "all lasers together: 20 mW" in lines


def test_every_modulator_of_a_bank_network_brings_a_laser():
    """20 mW of the comb and 3 + 5 neurons of 2 mW."""
    found = BankNetwork(name="banks", channels=16)
    view = found.task(tasks.load("digits"))
    budget = found.network(view, (3, 5), 0).budget(view.test_inputs[:20])
    assert [s.supply for s in budget.stages if s.supply] == pytest.approx([20e-3, 6e-3, 10e-3])
    assert budget.as_dict()["laser_power"] == pytest.approx(36e-3)
    assert "all lasers together: 36 mW" in budget.table()


@pytest.mark.parametrize("encoder", [PowerEncoder, FieldEncoder])
def test_a_shared_laser_is_counted_once(encoder):
    assert encoder(4, total_power=1e-3).supply == 1e-3
    assert encoder(4, 1e-3).supply == pytest.approx(4e-3)


def test_what_amplifiers_add_is_told_beside_the_lasers():
    """Two guides of 1 mW, half of it lost, 0.5 mW each made 2 mW: 3 mW more."""
    stages = [
        PowerEncoder(2, 1e-3),
        Attenuator(2, 2.0, kind="powers"),
        Amplifier(2, 4.0, noise_figure=4.0, bandwidth=1e9, kind="powers"),
        Detector(2, 1.0, takes="powers"),
    ]
    budget = OpticalNetwork(stages).budget(np.ones((1, 2)))
    assert budget.amplified == pytest.approx(3e-3, rel=1e-5)
    assert "all lasers together: 2 mW, amplifiers add 3 mW" in budget.table()
