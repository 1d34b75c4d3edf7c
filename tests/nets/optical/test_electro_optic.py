"""The electro-optic activation against its circuit, part by part."""

import math

import numpy as np
import pytest

from nets import Detector, ElectroOptic, FieldEncoder, MZIMesh, OpticalNetwork, Readout, tasks, train
from photonic.coupler import tunable_coupler
from photonic.errors import ParameterError


def circuit(z: complex, alpha: float, gain_phase: float, bias_phase: float) -> complex:
    """Tap, then two arms between 50:50 couplers, the phase θ in one of them; the cross port."""
    kept = math.sqrt(1 - alpha) * z
    theta = gain_phase * abs(z) ** 2 + bias_phase
    half = np.array([[1, 1j], [1j, 1]]) / math.sqrt(2)
    arms = half @ np.diag([np.exp(1j * theta), 1.0]) @ half
    return complex((arms @ [kept, 0.0])[1])


@pytest.mark.parametrize(("alpha", "bias"), [(0.1, math.pi), (0.3, 0.0), (0.05, 0.4)])
def test_it_is_a_tap_and_an_interferometer(alpha, bias) -> None:
    gain = 0.05 * math.pi / 1e-4
    stage = ElectroOptic(3, gain_phase=gain, bias_phase=bias, alpha=alpha)
    z = np.array([[1e-2 + 2e-2j, -3e-2j, 5e-2]])
    expected = [circuit(v, alpha, gain, bias) for v in z[0]]
    assert stage.forward(z)[0][0] == pytest.approx(expected, rel=1e-12)


def test_the_formula_of_the_paper() -> None:
    """I. A. D. Williamson et al., JSTQE 26, 7700412 (2020): i√(1−α) e^(−iθ/2) cos(θ/2) z.

    In the paper time runs as exp(+iωt): its fields are the conjugates of ours, up to a constant sign.
    """
    alpha, gain, bias, z = 0.1, 0.05 * math.pi, math.pi, 1.7 - 0.9j
    half = (gain * abs(z) ** 2 + bias) / 2
    paper = 1j * math.sqrt(1 - alpha) * np.exp(-1j * half) * math.cos(half) * np.conj(z)
    stage = ElectroOptic(1, gain_phase=gain, bias_phase=bias, alpha=alpha)
    assert stage.forward(np.array([[z]]))[0][0, 0] == pytest.approx(-np.conj(paper), rel=1e-12)


def test_a_longer_path_has_a_positive_phase_as_in_the_meshes() -> None:
    stage = ElectroOptic(1, gain_phase=2e3, bias_phase=0.4, alpha=0.2)
    out = stage.forward(np.array([[0.02 + 0j]]))[0][0, 0]  # 0.4 mW turns by 0.8 rad
    cross = tunable_coupler(1.2)[1, 0]
    assert out == pytest.approx(0.8**0.5 * cross * 0.02, rel=1e-12)


def test_tapped_power_counts_once_as_power() -> None:
    """At θ = 2π all that is left passes: 1 − α of the power, √(1 − α) of the field."""
    settings = {"gain_phase": math.pi / 1e-3, "bias_phase": math.pi, "alpha": 0.36}
    field = ElectroOptic(1, **settings).forward(np.array([[1e-3**0.5 + 0j]]))[0]
    power = ElectroOptic(1, kind="powers", **settings).forward(np.array([[1e-3]]))[0]
    assert abs(field[0, 0]) == pytest.approx(0.8 * 1e-3**0.5, rel=1e-12)
    assert power[0, 0] == pytest.approx(0.64e-3, rel=1e-12)


def test_gain_phase_from_the_parts() -> None:
    # 1 mW in, a tenth tapped: 0.1 mW · 0.8 A/W = 80 µA, · 5 kΩ = 0.4 V, at V_π = 8 V a phase of π/20
    stage = ElectroOptic.from_circuit(
        2, half_wave_voltage=8.0, transimpedance=5e3, alpha=0.1, bias_voltage=4.0, kind="powers"
    )
    assert 1e-3 * float(stage.settings["gain_phase"][0]) == pytest.approx(math.pi / 20, rel=1e-12)
    assert float(stage.settings["bias_phase"][0]) == pytest.approx(math.pi / 2, rel=1e-12)
    unbiased = ElectroOptic.from_circuit(2, half_wave_voltage=8.0, transimpedance=5e3)
    assert float(unbiased.settings["bias_phase"][0]) == pytest.approx(math.pi, rel=1e-12)


def test_slope_by_power_is_that_of_a_complex_step() -> None:
    stage = ElectroOptic(1, gain_phase=2e3, bias_phase=0.8, alpha=0.2, kind="powers")
    power = np.linspace(0, 3e-3, 7)[:, None]
    stepped = power + 1e-30j
    found = np.imag(0.8 * np.cos((2e3 * stepped + 0.8) / 2) ** 2 * stepped) / 1e-30
    _, kept = stage.forward(power)
    assert stage.backward(kept, np.ones_like(power), True) == pytest.approx(found, rel=1e-12)


def test_trained_settings_stay_where_they_make_sense() -> None:
    stage = ElectroOptic(2, gain_phase=2e3, trained=("gain_phase", "alpha"))
    parameters = np.zeros(stage.size)
    stage.bind(parameters, np.zeros(stage.size))
    stage.initialise(np.random.default_rng(0))
    assert stage.settings["gain_phase"] == pytest.approx([2e3, 2e3])
    assert stage.settings["alpha"] == pytest.approx([0.1, 0.1])
    parameters[:] = [-30.0, 5.0, -30.0, 30.0]
    assert np.all(stage.settings["gain_phase"] > 0)
    assert np.all((stage.settings["alpha"] > 0) & (stage.settings["alpha"] < 1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"gain_phase": 0.0}, "gain_phase must be > 0 rad/W"),
        ({"gain_phase": 1.0, "alpha": 1.0}, "alpha must lie in"),
        ({"gain_phase": 1.0, "bias_phase": math.inf}, "bias_phase must be finite"),
    ],
)
def test_wrong_numbers_are_named(wrong, words) -> None:
    with pytest.raises(ParameterError, match=words):
        ElectroOptic(2, **wrong)


def test_a_responsivity_in_milliamperes_per_watt_is_recognised() -> None:
    with pytest.raises(ParameterError, match=r"did you mean 0\.8 A/W"):
        ElectroOptic.from_circuit(2, half_wave_voltage=5.0, transimpedance=1e3, responsivity=800.0)


def test_two_meshes_learn_more_with_it_than_without() -> None:
    """Short form of Williamson et al. 2020: 82 % without and 91 % with it after 200 epochs of all digits."""
    task = tasks.fourier(tasks.load("mnist").subset(4000), 16)

    def accuracy(gain_phase: float) -> float:
        stages = [FieldEncoder(32, 256.0 * 1e-4, largest=16.0, pairs=True)]  # modulus 1 gets 0.1 mW
        for _ in range(2):
            stages += [MZIMesh(16)] + ([ElectroOptic(16, gain_phase=gain_phase)] if gain_phase else [])
        stages += [Detector(16, 0.8), Readout(16, 1.0, outputs=10, law="log-share", trained=())]
        history = train(OpticalNetwork(stages, seed=0), task, epochs=20, batch_size=128, learning_rate=5e-3)
        return history.accuracy

    linear, nonlinear = accuracy(0.0), accuracy(0.05 * math.pi / 1e-4)
    assert 0.70 < linear < 0.83  # no training of two meshes is better than one mesh can be
    assert nonlinear > linear + 0.03
