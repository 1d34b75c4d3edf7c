"""What heaters draw: weight banks by hand, whole networks, the line of a budget, refusals."""

import dataclasses
import json
import math
import warnings

import numpy as np
import pytest

from nets import (
    BankNetwork,
    CoherentNetwork,
    LightActivation,
    MatrixMesh,
    MZIMesh,
    OpticalNetwork,
    PowerEncoder,
    Readout,
    WeightBank,
    optical_architecture,
    tasks,
)
from nets.optical.budget import PowerBudget, StagePower
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder
from photonic import Heaters, OutsideValidityWarning, ParameterError, presets

SPEED_OF_LIGHT = 299792458.0
EFFICIENT = Heaters(p_pi=10e-3, ring_efficiency=2.4e-7)


def half_linewidth(ring):
    """Half the loaded linewidth [m]: λ²/(2πc) of half the sum of all decay rates of the energy."""
    rate = ring.coupling_rate + ring.drop_coupling_rate + ring.intrinsic_rate
    return ring.wavelength**2 / (2 * math.pi * SPEED_OF_LIGHT) * float(rate) / 2


def test_red_rings_of_a_bank_by_hand():
    """Quality factor 1e4 at 1550 nm: about 77.5 pm to the red for each half-linewidth, 0.12 nm/mW."""
    bank = WeightBank(3, 2, detunings=[[0.0, 1.0, 2.0], [0.5, 0.0, 4.0]])
    each = half_linewidth(bank.optics.channels.ring) / 1.2e-7
    assert each == pytest.approx(77.5e-12 / 1.2e-7, rel=0.02)
    power = bank.heater_power()
    assert power == pytest.approx(each * np.array([[0.0, 1.0, 2.0], [0.5, 0.0, 4.0]]))
    assert bank.heater_power(EFFICIENT) == pytest.approx(power / 2)


def test_blue_rings_go_a_free_spectral_range_round():
    bank = WeightBank(2, 1, detunings=[[-1.0, 1.0]])
    ring = bank.optics.channels.ring
    spacing = ring.wavelength**2 / (ring.group_index * ring.circumference)  # [m]
    width = half_linewidth(ring)
    with pytest.warns(OutsideValidityWarning, match=r"1 of 2 rings stand blue .* range of 0\.15\d? W round"):
        power = bank.heater_power()
    assert power == pytest.approx(np.array([[spacing - width, width]]) / 1.2e-7)
    assert power[0, 0] == pytest.approx(0.15, rel=0.03)  # 18 nm
    # trimmed a linewidth to the blue of its channel, every ring has room on that side
    trimmed = Heaters(detuning_unheated=-float(ring.linewidth))
    assert bank.heater_power(trimmed) == pytest.approx(np.array([[1.0, 3.0]]) * width / 1.2e-7)


def test_round_off_to_the_blue_is_no_way_round():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert WeightBank(1, 1, detunings=[[-1e-12]]).heater_power().tolist() == [[0.0]]


def coherent():
    """Heaters at π, π/2, 0, 0; two neurons; and two meshes of attenuators at π, π/3."""
    return OpticalNetwork(
        [
            FieldEncoder(2, full_scale=1e-3),
            MZIMesh(2, phases=[np.pi, np.pi / 2, 0.0, 0.0]),
            LightActivation(presets.SIGMOID, 2, power_max=2e-3),
            MatrixMesh(2, 2, phases=[0.0] * 4 + [np.pi, np.pi / 3] + [0.0] * 4),
            Detector(2, 1.0),
        ]
    )


def test_a_network_adds_up_its_stages():
    """(1 + 1/2 + 1 + 1/3) P_π of both meshes, and two neurons."""
    network = coherent()
    neurons = 2 * Heaters().power(presets.SIGMOID).total
    assert neurons == pytest.approx(2 * 36.95e-3, rel=0.01)
    assert network.heater_power() == pytest.approx(25e-3 * (17 / 6) + neurons, rel=1e-6)
    neurons = 2 * EFFICIENT.power(presets.SIGMOID).total
    assert network.heater_power(EFFICIENT) == pytest.approx(10e-3 * (17 / 6) + neurons, rel=1e-6)


def test_a_budget_tells_the_heaters_of_every_stage():
    network = coherent()
    budget = network.budget(np.array([[1.0, 0.5], [0.3, 1.0]]))
    neurons = 2 * Heaters().power(presets.SIGMOID).total
    assert [s.heater_power for s in budget.stages] == [
        None,
        pytest.approx(37.5e-3, rel=1e-6),
        pytest.approx(neurons),
        pytest.approx(25e-3 * 4 / 3, rel=1e-6),
        None,
    ]
    assert budget.heater_power == pytest.approx(network.heater_power())
    line = "heaters: 0.145 W in all, 73.9 mW of neurons, 70.8 mW of meshes (assumed: 25 mW for π, 0.12 nm/mW"
    assert line in budget.table()
    told = json.loads(json.dumps(budget.as_dict()))
    assert told["heater_power"] == pytest.approx(0.145, rel=1e-2)
    assert told["stages"][1]["heater_power"] == pytest.approx(37.5e-3, rel=1e-6)


def test_weight_banks_stand_in_the_line_of_the_budget():
    stages = [
        PowerEncoder(2, 1e-3),
        WeightBank(2, 2, detunings=[[1.0, -1.0], [0.0, 1.0]]),
        Readout(2, 1.0),
    ]
    network = OpticalNetwork(stages)
    with pytest.warns(OutsideValidityWarning, match="1 of 4 rings"):
        power = network.heater_power()
    budget = network.budget(np.ones((1, 2)))  # warns of light alone
    assert budget.heater_power == power
    assert f"heaters: {power:.3f} W in all, {power:.3f} W of weight banks" in budget.table()


def test_no_line_without_heaters():
    network = OpticalNetwork([PowerEncoder(2, 1e-3), Detector(2, 1.0, takes="powers")])
    assert network.heater_power() == 0.0
    budget = network.budget(np.ones((1, 2)))
    assert budget.heater_power == 0.0
    assert "heaters" not in budget.table()
    assert PowerBudget((StagePower(name="a", gives="powers", channels=1),), 1).heater_power == 0.0


def test_what_cannot_be_told_is_named():
    curve = presets.SIGMOID.curve(2e-3)
    stages = [
        PowerEncoder(2, 1e-3),
        LightActivation(curve, 2, kind="powers"),
        Detector(2, 1.0, takes="powers"),
    ]
    network = OpticalNetwork(stages)
    with pytest.raises(ParameterError, match=r"stage 2: light: .* measured curve"):
        network.heater_power()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the dark
        budget = network.budget(np.ones((2, 2)))
    assert budget.stages[1].heater_power is None
    assert "measured curve" in (budget.stages[1].heaters_unknown or "")
    assert "heaters: 0 W in all (" in budget.table()
    assert "; not counted: light: " in budget.table()


@pytest.mark.parametrize(
    "part",
    [
        MZIMesh(2),
        MatrixMesh(2, 2),
        WeightBank(2, 2),
        LightActivation(presets.SIGMOID, 2, power_max=1e-3),
        coherent(),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_number_is_not_heaters(part):
    words = (
        r"heaters must be a photonic\.Heaters, got 0\.02: .* at 0\.02 W write photonic\.Heaters\(p_pi=0\.02\)"
    )
    with pytest.raises(ParameterError, match=words):
        part.heater_power(0.02)
    with pytest.raises(ParameterError, match=r"got '20mW', such as photonic\.Heaters\(p_pi=0\.025\)"):
        part.heater_power("20mW")


def test_architectures_of_ones_own_from_the_package():
    """Nine guides of 5 mW: 171 and 190 phase shifters, and nine neurons."""
    digits = tasks.load("digits")
    nine = CoherentNetwork(
        name="nine", neuron="photonic", modes=9, laser_power=5e-3, matrices="any", preset="softplus"
    )
    view = nine.task(digits)
    network = nine.network(view, (9,), seed=0)
    assert network.sizes[1] == 9
    neurons = 9 * Heaters().power(presets.SOFTPLUS).total
    first, second = network.stages[1].phases, network.stages[3].phases
    assert (first.size, second.size) == (81 + 9 + 81, 81 + 9 + 100)
    turns = float(np.sum(np.concatenate([first, second]) % (2 * np.pi))) / (2 * np.pi)
    assert network.heater_power() == pytest.approx(50e-3 * turns + neurons, rel=1e-5)
    assert dataclasses.replace(optical_architecture("bank:photonic"), channels=16) == BankNetwork(
        name="bank:photonic", channels=16
    )
