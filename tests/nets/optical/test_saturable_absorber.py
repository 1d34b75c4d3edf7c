"""The saturable absorber against its differential equation, Lambert's W and its limits."""

import math

import numpy as np
import pytest

from nets import SaturableAbsorber
from nets.optical.saturable_absorber import absorbed_depth
from photonic.errors import ParameterError


@pytest.mark.parametrize("power", [1e-5, 4e-4, 3e-3])
def test_it_solves_the_equation_of_propagation(power) -> None:
    from scipy.integrate import solve_ivp

    depth, saturation = 2.5, 4e-4
    found = solve_ivp(lambda _, p: -depth * p / (1 + p / saturation), (0, 1), [power], rtol=1e-10, atol=1e-18)
    stage = SaturableAbsorber(1, optical_depth=depth, saturation_power=saturation, kind="powers")
    assert stage.forward(np.array([[power]]))[0][0, 0] == pytest.approx(found.y[0, -1], rel=1e-8)


def test_transmission_is_lamberts_function() -> None:
    """T = W(s T₀ e^s)/s, s = P/P_sat."""
    from scipy.special import lambertw

    strength = np.geomspace(1e-3, 300, 40)
    for depth in (0.1, 2.0, 20.0):
        expected = np.real(lambertw(strength * np.exp(strength - depth))) / strength
        assert np.exp(-absorbed_depth(strength, depth)) == pytest.approx(expected, rel=1e-10)


def test_the_law_as_shen_and_others_write_it() -> None:
    """Y. Shen et al., Nature Photonics 11, 441 (2017): σ τ_s I₀ = ½ ln(T/T₀)/(1 − T), I_sat = 1/(2στ_s)."""
    dark, saturation, transmission = 0.1, 2e-3, 0.4
    intensity = 0.5 * math.log(transmission / dark) / (1 - transmission)  # in units of 1/(σ τ_s)
    power = 2 * saturation * intensity
    stage = SaturableAbsorber(1, optical_depth=-math.log(dark), saturation_power=saturation)
    out = stage.forward(np.array([[1j * math.sqrt(power)]]))[0]
    assert abs(out[0, 0]) ** 2 == pytest.approx(transmission * power, rel=1e-12)
    assert out[0, 0].real == 0.0  # and no change of phase


def test_faint_and_bright_light() -> None:
    stage = SaturableAbsorber(2, optical_depth=3.0, saturation_power=1e-3, kind="powers")
    power = np.array([[1e-12, 10.0]])
    passed = stage.forward(power)[0] / power
    assert passed[0, 0] == pytest.approx(math.exp(-3.0), rel=1e-6)
    assert 10.0 * (1 - passed[0, 1]) == pytest.approx(3.0 * 1e-3, rel=1e-3)  # P_sat times the depth is lost


def test_extreme_inputs_are_solved() -> None:
    strength = np.array([0.0, 1e-300, 1e-9, 1.0, 99.9, 100.1, 1e6, 1e15])
    depth = absorbed_depth(strength, 100.0)
    assert depth - 100.0 == pytest.approx(strength * np.expm1(-depth), rel=1e-9, abs=1e-9)
    assert np.all(np.diff(depth) <= 0)


def test_slope_by_power_is_that_of_richardson() -> None:
    stage = SaturableAbsorber(1, optical_depth=2.0, saturation_power=1e-3, kind="powers")
    power = np.array([[1e-4], [1e-3], [5e-3]])
    _, kept = stage.forward(power)

    def rise(h: float) -> np.ndarray:
        return (stage.forward(power * (1 + h))[0] - stage.forward(power * (1 - h))[0]) / (2 * h * power)

    found = (4 * rise(1e-3) - rise(2e-3)) / 3
    assert stage.backward(kept, np.ones_like(power), True) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"optical_depth": 0.0, "saturation_power": 1e-3}, "optical_depth must"),
        ({"optical_depth": 1.0, "saturation_power": -1.0}, "saturation_power must be > 0 W"),
        ({"optical_depth": 1.0, "saturation_power": 50.0}, "did you mean 0.05 .milliwatts."),
    ],
)
def test_wrong_numbers_are_named(wrong, words) -> None:
    with pytest.raises(ParameterError, match=words):
        SaturableAbsorber(2, **wrong)
