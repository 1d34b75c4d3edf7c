"""Modulators: the transfer of a Mach–Zehnder interferometer, its slope, its bounds."""

import numpy as np
import pytest

from nets.optical.modulator import Modulator
from photonic.errors import ParameterError


def test_the_transfer_is_that_of_two_arms_that_interfere():
    stage = Modulator(1, 2e-3, half_wave_voltage=3.0, bias_voltage=0.7, extinction_ratio=50)
    volts = np.linspace(-5, 5, 41)[:, None]
    # half the light in each arm, opposite phases without voltage: |1 − e^{iπV/V_π}|²/4 of the power
    ideal = np.abs(1 - np.exp(1j * np.pi * (volts + 0.7) / 3.0)) ** 2 / 4
    np.testing.assert_allclose(stage.forward(volts)[0], 2e-3 * (0.02 + 0.98 * ideal), rtol=1e-12)


@pytest.mark.parametrize("trained", [(), ("bias_voltage",)])
def test_gradients_are_central_differences(trained):
    generator = np.random.default_rng(0)
    stage = Modulator(3, 5e-3, half_wave_voltage=2.0, bias_voltage=0.4, trained=trained)
    parameters, gradient = np.zeros(stage.size), np.zeros(stage.size)
    stage.bind(parameters, gradient)
    stage.initialise(generator)
    parameters += 0.1 * generator.standard_normal(stage.size)
    volts, upstream = generator.standard_normal((4, 3)), generator.standard_normal((4, 3))

    def loss(v):
        return float((upstream * stage.forward(v)[0]).sum())

    found = stage.backward(stage.forward(volts)[1], upstream, True)
    step = 1e-6
    for place in np.ndindex(volts.shape):
        moved = np.zeros_like(volts)
        moved[place] = step
        expected = (loss(volts + moved) - loss(volts - moved)) / (2 * step)
        assert found[place] == pytest.approx(expected, rel=1e-6, abs=1e-12)
    for k in range(stage.size):
        start = parameters[k]
        values = []
        for sign in (1, -1):
            parameters[k] = start + sign * step
            values.append(loss(volts))
        parameters[k] = start
        assert gradient[k] == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-6, abs=1e-12)


def test_single_precision_stays_single():
    stage = Modulator(2, 1e-3)
    out, kept = stage.forward(np.zeros((5, 2), np.float32))
    assert out.dtype == np.float32
    assert stage.backward(kept, np.ones((5, 2), np.float32), True).dtype == np.float32


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"laser_power": 30.0}, "laser_power"),
        ({"half_wave_voltage": 0.0}, "half_wave_voltage"),
        ({"extinction_ratio": 0.5}, "extinction_ratio"),
        ({"trained": ("gain",)}, "bias_voltage"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ParameterError, match=message):
        Modulator(2, **{"laser_power": 1e-3, **settings})
    with pytest.raises(ParameterError, match="signal must be finite, got nan in row 0"):
        Modulator(1, 1e-3).forward(np.array([[np.nan]]))
