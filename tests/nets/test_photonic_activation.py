"""The table against the curve, and what happens outside it."""

import numpy as np
import pytest

import nets
from nets import activations
from nets.photonic_activation import look_up
from photonic import Curve, ParameterError


@pytest.fixture(scope="module")
def neuron(curve):
    return nets.Photonic(curve, bias=0.5, scale=0.15)


def test_value_and_slope_follow_the_formula(neuron, curve, formula):
    """Expected values: the analytic formula behind the curve, in the stated encoding."""
    z = np.linspace(-3.3, 3.3, 997)
    full_scale, power_of = formula
    power, slope = power_of(full_scale * (0.5 + 0.15 * z))
    top = curve.power_out.max()
    np.testing.assert_allclose(neuron(z), power / top, atol=1e-6)
    np.testing.assert_allclose(neuron.derivative(z), 0.15 * full_scale * slope / top, atol=1e-4)


def test_slope_agrees_with_central_differences(neuron):
    z, h = np.linspace(-3.2, 3.2, 301), 1e-5
    difference = (neuron(z + h) - neuron(z - h)) / (2 * h)
    np.testing.assert_allclose(neuron.derivative(z), difference, atol=1e-8)


@pytest.mark.parametrize("spacing", ["uneven", "logarithmic"])
def test_errors_stay_within_the_tolerances(spacing):
    generator = np.random.default_rng(1)
    x = np.geomspace(1e-3, 1, 60) if spacing == "logarithmic" else np.sort(generator.uniform(size=80))
    rough = Curve(1e-3 * x, 1e-3 * x**2 / (0.1 + x))
    neuron = nets.Photonic(rough, bias=0.0, scale=1.0, tolerance=1e-6, slope_tolerance=1e-3)
    z = generator.uniform(x[0] / x[-1], 1, 20011)
    power = np.clip(z * rough.domain[1], *rough.domain)
    swing, top = np.ptp(rough(power)), np.abs(rough.derivative(power)).max()
    unit = neuron.full_scale / neuron.gain
    value_error = np.abs(neuron(z) * unit - rough(power)).max() / swing
    assert value_error <= 2e-6
    slope_error = np.abs(neuron.derivative(z) * unit / rough.domain[1] - rough.derivative(power)).max() / top
    assert slope_error <= 2e-3
    assert neuron.value_error <= 1e-6
    assert neuron.slope_error <= 1e-3


def test_a_curve_too_rough_is_refused():
    x = np.array([0, 0.5, 0.5 + 1e-7, 0.7, 1.0])
    cliff = Curve(1e-3 * x, 1e-3 * np.array([0, 0.1, 0.9, 0.95, 1]))
    with pytest.raises(ParameterError, match="too rough for a table"):
        nets.Photonic(cliff, bias=0.5, scale=0.1)


def test_saturates_with_slope_zero(neuron, curve):
    low, high = neuron.input_range
    z = np.array([-1e3, low - 0.1, 0, high + 0.1, 1e3, np.inf, -np.inf])
    value, slope = neuron.value_and_derivative(z)
    ends = curve.power_out[[0, -1]] / curve.power_out.max()
    np.testing.assert_allclose(value[[0, 1, 3, 4, 5, 6]], ends[[0, 0, 1, 1, 1, 0]], rtol=1e-12)
    assert (slope != 0).tolist() == [False, False, True, False, False, False, False]
    assert neuron.saturated(z).sum() == 6
    assert neuron.derivative(np.array(neuron.input_range)).all()  # the ends themselves are inside


def test_nan_stays_nan(neuron):
    value, slope = neuron.value_and_derivative(np.array([0.0, np.nan]))
    assert np.isnan(value).tolist() == [False, True]
    assert np.isnan(slope[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_raises_outside_when_told(curve, dtype):
    neuron = nets.Photonic(curve, bias=0.5, scale=0.15, outside="raise")
    neuron(np.array(neuron.input_range, dtype))
    with pytest.raises(ParameterError, match="2 of 3 inputs of photonic lie outside"):
        neuron(np.array([-5, 0, 5], dtype))


def test_float32_and_any_shape(neuron):
    z = np.random.default_rng(0).normal(size=(4, 5, 6))
    single = neuron(z.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, neuron(z), atol=2e-6)
    assert np.array_equal(neuron(z[:, ::2]), neuron(z)[:, ::2])
    value, slope = np.empty((6, 4, 5)).transpose(1, 2, 0), np.empty((6, 4, 5)).transpose(1, 2, 0)
    neuron.value_and_derivative(z, value, slope)  # arrays that are not contiguous
    assert np.array_equal(value, neuron(z))
    assert np.array_equal(slope, neuron.derivative(z))
    assert np.ndim(neuron(0.0)) == 0


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_compiled_kernel_equals_its_source(neuron, dtype):
    x = np.random.default_rng(0).normal(0, 3, 500).astype(dtype)
    arguments = neuron._tables[np.dtype(dtype)]
    results = []
    for kernel in (look_up, look_up.py_func):
        value, slope = np.empty_like(x), np.empty_like(x)
        outside = kernel(x, value, slope, *arguments)
        results.append((value, slope, int(outside)))
    tolerance = 1e-5 if dtype == "f4" else 1e-12
    np.testing.assert_allclose(results[0][0], results[1][0], atol=tolerance)
    np.testing.assert_allclose(results[0][1], results[1][1], atol=tolerance)
    assert results[0][2] == results[1][2] > 0


def test_jump_is_refused_unless_allowed(jumping_curve):
    with pytest.raises(ParameterError, match=r"jumps at 0\.0003 W"):
        nets.Photonic(jumping_curve, bias=0.5, scale=0.1)
    neuron = nets.Photonic(jumping_curve, bias=0.0, scale=1.0, allow_jump=True)
    z = np.array([0.49, 0.4999, 0.5001, 0.6])
    expected = jumping_curve(z * 6e-4) / 6.5e-5
    np.testing.assert_allclose(neuron(z), expected, atol=1e-6)


def test_encoding_says_what_is_done(curve):
    neuron = nets.Photonic(curve, bias=0.25, scale=-0.1, gain=2.0, offset=-1.0, outside="raise")
    assert neuron.encoding == (
        "x = 0.25 + -0.1 z of full scale 0.002 W, an error outside [0, 1]; "
        "y = -1 + P_out / 0.001 W; frozen heat curve"
    )
    z = np.array([-1.0, 2.0])
    np.testing.assert_allclose(neuron(z), curve(2e-3 * (0.25 - 0.1 * z)) / 1e-3 - 1, atol=1e-6)
    assert neuron.input_range == pytest.approx((-7.5, 2.5))
    assert neuron.encoding in repr(neuron)
    assert activations.Photonic is nets.Photonic


def test_identity_differs_between_curves(curve, neuron):
    other = Curve(curve.power_in, curve.power_out**2 / curve.power_out.max())
    assert nets.Photonic(other, bias=0.5, scale=0.15).identity != neuron.identity
    assert nets.Photonic(curve, bias=0.5, scale=0.15).identity == neuron.identity


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 0}, "scale must not be 0"),
        ({"bias": np.nan}, "bias must be finite"),
        ({"outside": "wrap"}, "outside must be 'saturate' or 'raise', got 'wrap'"),
        ({"tolerance": 0}, "tolerance must be > 0"),
    ],
)
def test_wrong_arguments(curve, arguments, message):
    with pytest.raises(ParameterError, match=message) as caught:
        nets.Photonic(curve, **{"bias": 0.5, "scale": 0.1, **arguments})
    assert "\n" not in str(caught.value)


def test_wrong_curves():
    with pytest.raises(ParameterError, match="curve must be a transfer curve"):
        nets.Photonic("sigmoid", bias=0.5, scale=0.1)
    dark = Curve(np.linspace(0, 1e-3, 5), np.zeros(5))
    with pytest.raises(ParameterError, match="lets no light out"):
        nets.Photonic(dark, bias=0.5, scale=0.1)
