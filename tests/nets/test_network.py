"""Gradients against finite differences in float64; one buffer; scaling."""

import numpy as np
import pytest

import nets
from nets import activations
from nets.classification_loss import below_largest, cross_entropy, softmax_loss
from nets.layers import add_bias
from photonic import ParameterError

TRAINABLE = [n for n in activations.names() if n not in ("step", "bipolar_step", "softmax")]


def loss(network, x, labels):
    """Mean cross-entropy from the scores, written without the kernel."""
    s = network.scores(x)
    if s.shape[1] == 1:
        s = np.hstack([np.zeros_like(s), s])
    return float(np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(s)), labels]))


@pytest.mark.parametrize("outputs", [3, 1])
@pytest.mark.parametrize("name", [*TRAINABLE, "photonic"])
def test_gradient(name, outputs, curve):
    """Independent: central differences of a loss that the kernel has no part in."""
    f = nets.Photonic(curve, bias=0.5, scale=0.15) if name == "photonic" else name
    network = nets.Network((5, 7, 6, outputs), f, seed=4, dtype=np.float64)
    generator = np.random.default_rng(5)
    x, labels = generator.normal(size=(11, 5)), generator.integers(0, max(outputs, 2), 11)
    network.parameters += 0.05 * generator.normal(size=network.parameters.size)  # biases too
    value, _ = network.loss_and_gradient(x, labels)
    assert value == pytest.approx(loss(network, x, labels), rel=1e-12)
    network.loss_and_gradient(x, labels)
    gradient, h = network.gradient.copy(), 1e-6
    for k in range(network.parameters.size):
        start = network.parameters[k]
        network.parameters[k] = start + h
        above = loss(network, x, labels)
        network.parameters[k] = start - h
        below = loss(network, x, labels)
        network.parameters[k] = start
        assert gradient[k] == pytest.approx((above - below) / (2 * h), abs=2e-8), k


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_kernels_equal_their_sources(dtype):
    generator = np.random.default_rng(0)
    scores = generator.normal(0, 30, (50, 4)).astype(dtype)
    labels = generator.integers(0, 4, 50)
    fast, slow = np.empty_like(scores), np.empty_like(scores)
    below_largest(scores, fast)
    below_largest.py_func(scores, slow)
    assert np.array_equal(fast, slow)
    expected = scores - scores.max(axis=1, keepdims=True)
    assert (expected < -40).any()
    np.testing.assert_array_equal(fast, np.where(expected < -40, -np.inf, expected))
    np.exp(fast, out=fast)
    np.exp(slow, out=slow)
    results = [
        softmax_loss(scores, labels, fast, dtype(0.02)),
        softmax_loss.py_func(scores, labels, slow, dtype(0.02)),
    ]
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-5)
    assert results[0][1] == results[1][1]
    np.testing.assert_allclose(fast, slow, atol=1e-7)
    bias, expected = scores[0].copy(), fast + scores[0]
    add_bias(fast, bias)
    add_bias.py_func(slow := expected - bias, bias)
    np.testing.assert_allclose(fast, expected, rtol=1e-6)
    np.testing.assert_allclose(slow, expected, rtol=1e-6)


def test_cross_entropy_at_extremes():
    gradient = np.empty((2, 2), np.float32)
    total, right = cross_entropy(
        np.array([[1e3, -1e3]] * 2, np.float32), np.array([0, 1]), gradient, np.float32(1)
    )
    assert (total, right) == (pytest.approx(2000), 1)
    np.testing.assert_array_equal(gradient, [[0, 0], [1, -1]])


def test_gradient_has_no_denormal_numbers():
    """They would make matrix products ten times slower; exp(−100) is one in float32."""
    gradient = np.empty((1, 3), np.float32)
    cross_entropy(np.array([[0, -30, -100]], np.float32), np.array([0]), gradient, np.float32(1 / 128))
    assert gradient[0, 1] == pytest.approx(np.exp(-30) / 128, rel=1e-5, abs=0)
    assert gradient[0, 2] == 0
    cross_entropy(np.array([[np.nan, 0, 0]], np.float32), np.array([0]), gradient, np.float32(1))
    assert np.isnan(gradient).any()


def test_parameters_lie_in_one_buffer():
    network = nets.Network((3, 4, 2), "prelu", seed=0)
    assert network.parameters.size == 3 * 4 + 4 + 4 * 2 + 2 + 1
    network.parameters[:] = np.arange(network.parameters.size)
    assert network.layers[0].weights[0].tolist() == [0, 1, 2, 3]
    assert network.layers[1].bias.tolist() == [24, 25]
    assert network.activation_parameters[0].tolist() == [26]


def test_same_seed_same_weights_whatever_the_activation():
    relu, photonic = (nets.Network((8, 5, 3), a, seed=7) for a in ("relu", "sigmoid"))
    assert np.array_equal(relu.parameters, photonic.parameters)
    double = nets.Network((8, 5, 3), "relu", seed=7, dtype=np.float64)
    np.testing.assert_allclose(double.parameters, relu.parameters, rtol=1e-7)
    assert not np.array_equal(relu.parameters, nets.Network((8, 5, 3), "relu", seed=8).parameters)


@pytest.mark.parametrize("name", ["relu", "photonic"])
def test_unit_variance_in_every_layer(name, curve, digits):
    f = nets.Photonic(curve, bias=0.5, scale=0.15) if name == "photonic" else name
    network = nets.Network((64, 30, 20, 10), f, seed=1)
    batch = digits.train_inputs[:128]
    before = [layer.weights.copy() for layer in network.layers]
    factors = network.scale_to_unit_variance(batch)
    assert factors == network.scale_factors
    for k, layer in enumerate(network.layers):
        np.testing.assert_allclose(layer.weights, before[k] * np.float32(factors[k]), rtol=1e-6)
    x = batch
    for k, layer in enumerate(network.layers):
        z = x @ layer.weights + layer.bias
        assert np.var(z) == pytest.approx(1, rel=1e-4)
        x = network.activations[k](z) if k < 2 else z
    with pytest.raises(ParameterError, match="layer 0 gives one number everywhere"):
        network.scale_to_unit_variance(np.zeros((4, 64)))


def test_prediction_in_pieces_equals_prediction_at_once(digits):
    network = nets.Network((64, 12, 10), "tanh", seed=0, dtype=np.float64)
    x = digits.test_inputs[:1500].astype(float)
    hidden = np.tanh(x @ network.layers[0].weights)
    np.testing.assert_allclose(network.scores(x), hidden @ network.layers[1].weights, atol=1e-12)
    assert network.accuracy(x, network.predict(x)) == 1.0


def test_any_object_with_value_and_derivative_will_do():
    class Square:
        name = "square"

        def value(self, x):
            return np.asarray(x) ** 2

        __call__ = value

        def derivative(self, x):
            return 2 * np.asarray(x)

    network = nets.Network((2, 3, 2), Square(), seed=0, dtype=np.float64)
    z = np.ones((1, 2)) @ network.layers[0].weights
    np.testing.assert_allclose(network.scores(np.ones((1, 2))), z**2 @ network.layers[1].weights)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3,), "relu"), "sizes must name at least"),
        (((3, 0, 2), "relu"), "outputs must be a whole number >= 1, got 0"),
        (((3, 4, 2), "rleu"), "unknown activation 'rleu'.*'relu'"),
        (((3, 2), "nothing"), "unknown activation 'nothing'"),
        (((3, 4, 2), "step"), "step has slope 0 everywhere.*surrogate"),
        (((3, 4, 2), "softmax"), "softmax is an output"),
        (((3, 4, 2), ["relu", "tanh"]), "one for each of 1 hidden layers, got 2"),
        (((3, 4, 2), "relu", 0, np.float16), "dtype must be float32 or float64"),
    ],
)
def test_wrong_networks(arguments, message):
    with pytest.raises(ParameterError, match=message):
        nets.Network(*arguments)


def test_wrong_inputs():
    with pytest.raises(ParameterError, match=r"inputs must have shape \(rows, 3\), got \(2, 4\)"):
        nets.Network((3, 2), "relu").scores(np.zeros((2, 4)))


def test_hidden_neurons_are_looked_at_as_they_have_learned():
    """Saturation counted with the trained scale and bias of each neuron, not with those of the start."""
    from nets.neuron_settings import NAMES
    from nets.trainable_activation import trained

    network = nets.Network((2, 3, 2), trained(rate=1.0), seed=0, dtype=np.float64)
    x = np.random.default_rng(0).uniform(-1, 1, (400, 2))
    assert not any(a.saturated(z).any() for a, z, _ in network.hidden(x))  # at the start, all light fits
    free = network.activation_parameters[0].reshape(3, -1)
    free[0, NAMES.index("bias")] += 50.0
    ((neurons, z, _),) = list(network.hidden(x))
    # far above full scale for the first neuron, whatever z
    assert neurons.saturated(z).mean(axis=0).tolist() == [1.0, 0.0, 0.0]
