"""Every digital activation against its textbook formula, written again here for complex numbers."""

import numpy as np
import pytest

from nets import activations
from photonic import ParameterError

# textbook formulas, valid for complex x, so that Im f(x + ih)/h is the exact slope
FORMULAS = {
    "identity": lambda x: x,
    "ramp": lambda x: np.where(x.real <= 0, 0, np.where(x.real > 1, 1, x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "relu": lambda x: np.where(x.real > 0, x, 0),
    "leaky_relu": lambda x: np.where(x.real > 0, x, 0.01 * x),
    "prelu": lambda x: np.where(x.real > 0, x, 0.25 * x),
    "elu": lambda x: np.where(x.real > 0, x, np.exp(x) - 1),
    "relu6": lambda x: np.where(x.real <= 0, 0, np.where(x.real > 6, 6, x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "swish": lambda x: x / (1 + np.exp(-x)),
    "softsign": lambda x: np.where(x.real > 0, x / (1 + x), x / (1 - x)),
    "tanhre": lambda x: np.where(x.real > 0, x, np.tanh(x)),
    "adaptive_sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "multistate": lambda x: sum(1 / (1 + np.exp(-(x - c) / 0.2)) for c in (-2, 0, 2)) / 3,
}
POINTS = np.concatenate([np.linspace(-9, 9, 121) + 0.013, [-25.0, 25.0]])
ELEMENTWISE = [n for n in activations.names() if n != "softmax"]


def test_the_list_is_complete():
    assert set(FORMULAS) == set(ELEMENTWISE) - {"step", "bipolar_step"}


@pytest.mark.parametrize("name", FORMULAS)
def test_value_and_slope_agree_with_the_textbook(name):
    f, x = activations.get(name), POINTS
    exact = FORMULAS[name](x + 1e-30j)
    np.testing.assert_allclose(f.value(x), exact.real, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(f.derivative(x), exact.imag / 1e-30, rtol=1e-9, atol=1e-13)
    assert np.array_equal(f(x), f.value(x))


@pytest.mark.parametrize("name", FORMULAS)
def test_slope_agrees_with_central_differences(name):
    f, h = activations.get(name), 1e-5
    difference = (f.value(POINTS + h) - f.value(POINTS - h)) / (2 * h)
    np.testing.assert_allclose(f.derivative(POINTS), difference, atol=2e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_large_inputs_neither_overflow_nor_change_the_dtype(name, dtype):
    f = activations.get(name)
    x = np.array([-1e3, -100, -88.8, -1, 0, 1, 88.8, 100, 1e3], dtype)
    value, slope = f.value_and_derivative(x)
    for array in (f.value(x), f.derivative(x), value, slope):
        assert array.dtype == dtype
        assert array.shape == x.shape
        assert np.all(np.isfinite(array))
    assert np.array_equal(f.value(x), value)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_results_are_written_into_the_arrays_given(name):
    f = activations.get(name)
    x = POINTS.reshape(3, -1).copy()
    value, slope = np.full_like(x, 7), np.full_like(x, 7)
    out = f.value_and_derivative(x, value, slope)
    assert out[0] is value
    assert out[1] is slope
    assert np.array_equal(value, f.value(x))
    assert np.array_equal(slope, f.derivative(x))
    assert np.array_equal(x, POINTS.reshape(3, -1))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_numbers_and_lists_are_taken(name):
    f = activations.get(name)
    assert np.ndim(f(2)) == 0
    assert f.derivative([1, 2]).shape == (2,)
    assert np.isnan(f(np.nan))


def test_float32_agrees_with_float64():
    for name in ELEMENTWISE:
        f = activations.get(name)
        x = POINTS.astype(np.float32)
        np.testing.assert_allclose(f(x), f(x.astype(float)), rtol=1e-5, atol=1e-6)


def test_steps():
    x = np.array([-2.0, 0.0, 3.0])
    assert activations.step(x).tolist() == [0, 1, 1]
    assert activations.bipolar_step(x).tolist() == [-1, 1, 1]
    assert not activations.step.derivative(x).any()
    surrogate = activations.step.with_surrogate("sigmoid")
    np.testing.assert_array_equal(surrogate.derivative(x), activations.sigmoid.derivative(x))
    assert surrogate(x).tolist() == [0, 1, 1]
    assert not surrogate.refusal
    with pytest.raises(ParameterError, match="surrogate must have a slope"):
        activations.step.with_surrogate("bipolar_step")


@pytest.mark.parametrize("name", ["prelu", "adaptive_sigmoid"])
def test_gradient_of_the_trained_parameter(name):
    f = activations.get(name)
    generator = np.random.default_rng(3)
    x, upstream = generator.normal(size=(2, 5, 7))
    a, h = f.parameters, 1e-6

    def total(a):
        return np.vdot(f.value_and_derivative(x, parameters=a)[0], upstream)

    difference = (total(a + h) - total(a - h)) / (2 * h)
    np.testing.assert_allclose(f.parameter_gradient(x, upstream, a)[0], difference, rtol=1e-8)


def test_softmax_is_an_output():
    p = activations.softmax(np.array([[1e3, 0, -1e3], [1, 1, 1]], np.float32))
    assert p.dtype == np.float32
    np.testing.assert_allclose(p, [[1, 0, 0], [1 / 3] * 3], atol=1e-6)
    with pytest.raises(ParameterError, match="no elementwise derivative"):
        activations.softmax.derivative(np.zeros(3))


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(ParameterError, match=r"unknown activation 'sigmod'.*'sigmoid'"):
        activations.get("sigmod")
    with pytest.raises(ParameterError, match=r"specifications.activation\('photonic:sigmoid'\) reads"):
        activations.get("photonic:sigmoid")
    assert activations.get("Leaky-ReLU") is activations.leaky_relu


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: activations.LeakyRelu(slope=np.nan), "slope must be finite"),
        (lambda: activations.Multistate(states=1), "states must be >= 2"),
        (lambda: activations.Multistate(width=0), "width must be > 0"),
    ],
)
def test_wrong_numbers(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
