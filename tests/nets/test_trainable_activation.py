"""Neurons that learn their shape: values of single devices, gradients of finite differences, training."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from nets import Network, tasks, train
from nets.neuron_loops import encode, read_out
from nets.neuron_settings import NAMES
from nets.plot_shapes import learned_curves
from nets.trainable_activation import TrainableActivation, trained
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.heaters import Heaters
from photonic.parameters import RIB_RING
from photonic.presets import LEAKY_RELU, RADIAL_BASIS, SIGMOID, SOFTPLUS
from photonic.stability import folds, hopf_points
from photonic.stable_region import stable_detunings

RNG = np.random.default_rng(3)
Z = RNG.normal(0.0, 1.5, (40, 3))
KINDS = {
    "neuron": {"start": [SOFTPLUS, RADIAL_BASIS], "spread": 0.3, "seed": 4, "rate": 0.5},
    "layer": {"start": SIGMOID, "per": "layer"},
}


def activation(kind: str, **more) -> TrainableActivation:
    return trained(**{"power_max": 2e-3, "bias": 0.3, "scale": 0.15, **KINDS[kind], **more}).for_width(3)


@pytest.mark.parametrize("kind", KINDS)
def test_value_is_that_of_each_device_at_its_power(kind: str) -> None:
    neurons = activation(kind)
    devices, (_, scale, bias) = neurons.devices(), neurons.neurons()
    value = neurons.value(Z)
    for j in range(3):
        k = j if kind == "neuron" else 0
        power = np.clip(bias[k] + scale[k] * Z[:, j], 0.0, 1.0) * 2e-3
        wanted = neurons.gain * devices[k].transfer(power) / 2e-3
        assert value[:, j] == pytest.approx(wanted, rel=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_derivative_is_that_of_central_differences(kind: str) -> None:
    neurons, step = activation(kind), 1e-5
    found = neurons.derivative(Z)
    slope = (neurons.value(Z + step) - neurons.value(Z - step)) / (2 * step)
    assert np.max(np.abs(found - slope)) < 1e-7


@pytest.mark.parametrize("kind", KINDS)
def test_parameter_gradient_is_that_of_central_differences(kind: str) -> None:
    neurons, step = activation(kind), 1e-5
    upstream = RNG.normal(size=Z.shape)

    def total(parameters: np.ndarray) -> float:
        value, slope = np.empty_like(Z), np.empty_like(Z)
        neurons.fill(Z, value, slope, parameters)
        return float(np.vdot(value, upstream))

    start = neurons.parameters.copy()
    assert start.size == (18 if kind == "neuron" else 6)
    found = neurons.parameter_gradient(Z, upstream, start)
    moves = step * np.eye(start.size)
    wanted = [(total(start + move) - total(start - move)) / (2 * step) for move in moves]
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-7)
    assert neurons.parameter_gradient(Z, upstream, start).tolist() == found.tolist()


def test_gradient_is_that_of_what_it_is_asked_about_whatever_was_filled_last() -> None:
    neurons, upstream = activation("neuron"), np.ones_like(Z)
    wanted = neurons.parameter_gradient(Z, upstream, neurons.parameters)
    neurons.value(Z + 1.0)
    assert neurons.parameter_gradient(Z, upstream, neurons.parameters).tolist() == wanted.tolist()
    z = Z.copy()
    neurons.value(z)
    z += 1.0
    assert neurons.parameter_gradient(z, upstream, neurons.parameters).tolist() != wanted.tolist()


def test_powers_outside_the_range_are_held_with_slope_0_and_counted() -> None:
    neurons = activation("layer")
    z = np.array([[-2.1, 0.0, 4.7], [-9.0, 4.6, 90.0]])
    assert neurons.saturated(z).tolist() == [[True, False, True], [True, False, True]]
    slope = neurons.derivative(z)
    assert np.all((slope == 0) == neurons.saturated(z))
    value = neurons.value(z)
    assert value[0, 0] == value[1, 0] == 0.0
    assert value[0, 2] == value[1, 2] > 0.0


def test_not_a_number_stays_one() -> None:
    neurons = activation("layer")
    value = neurons.value(np.array([[np.nan, 0.0, 1.0]]))
    assert np.isnan(value[0, 0])
    assert np.all(np.isfinite(value[0, 1:]))


def test_loops_are_their_python_source(monkeypatch: pytest.MonkeyPatch) -> None:
    neurons = activation("neuron")
    fast = neurons.value_and_derivative(Z[:6])
    for loop in (encode, read_out):
        monkeypatch.setattr(f"nets.trainable_activation.{loop.__name__}", loop.py_func)
    slow = neurons.value_and_derivative(Z[:6])
    for a, b in zip(fast, slow, strict=True):
        assert a == pytest.approx(b, rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_gradient_of_a_network_is_that_of_central_differences(kind: str, dtype) -> None:
    """Of every parameter, the price of the heaters included."""
    neurons = trained(**{**KINDS[kind], "heater_penalty": 3.0})
    network = Network((4, 3, 2, 3), neurons, seed=1, dtype=dtype)
    x, labels = RNG.uniform(0, 1, (20, 4)), RNG.integers(0, 3, 20)
    network.loss_and_gradient(x, labels)
    found = network.gradient.copy()
    exact = Network((4, 3, 2, 3), neurons, seed=1, dtype=np.float64)
    exact.parameters[:] = network.parameters
    wanted, step = np.empty(found.size), 1e-5
    for k in range(found.size):
        losses = []
        for side in (step, -step):
            exact.parameters[k] += side
            losses.append(exact.loss_and_gradient(x, labels)[0])
            exact.parameters[k] -= side
        wanted[k] = (losses[0] - losses[1]) / (2 * step)
    tolerance = 1e-6 if dtype == np.float64 else 2e-5
    assert np.max(np.abs(found - wanted)) < tolerance * np.max(np.abs(wanted))


def test_training_keeps_every_ring_single_valued_and_stable() -> None:
    """However large the steps: the maps end where stability does."""
    network = Network((2, 6, 2), trained(spread=1.0, rate=30.0), seed=0)
    train(network, tasks.load("two-moons").subset(200), epochs=5, learning_rate=0.1)
    neurons, now = network.activations[0], network.activation_parameters[0]
    assert np.max(np.abs(now - neurons.parameters)) > 0.1
    for device in neurons.devices(now):
        device.curve(neurons.power_max)  # raises where multivalued or self-pulsating


def test_shapes_are_learned_and_the_chip_can_be_programmed_with_them() -> None:
    task = tasks.load("xor")
    network = Network((2, 4, 2), trained(rate=1.0), seed=0)
    network.scale_to_unit_variance(task.train_inputs)
    assert train(network, task, epochs=300, learning_rate=0.02).accuracy == 1.0
    neurons, now = network.activations[0], network.activation_parameters[0]
    before, after = (np.array([[getattr(d, n) for n in ("detuning", "arm_phase")] for d in devices])
                     for devices in (neurons.devices(), neurons.devices(now)))  # fmt: skip
    assert np.all(np.ptp(before, axis=0) == 0)
    assert np.all(np.ptp(after, axis=0) > 0)
    inside = network.activations[0].at(now)
    z = np.zeros((1, 4))
    assert inside.value(z)[0] == pytest.approx(
        [
            neurons.gain * float(curve(np.clip(bias, 0, 1) * neurons.power_max)) / neurons.power_max
            for curve, bias in zip(inside.curves(points=4001), inside.neurons().bias, strict=True)
        ],
        rel=1e-5,
    )


def test_heater_power_is_that_of_the_heaters_and_its_price_lowers_it() -> None:
    heaters = Heaters(p_pi=20e-3)
    neurons = activation("neuron", heaters=heaters)
    wanted = [heaters.power(device).total for device in neurons.devices()]
    assert neurons.heater_power() == pytest.approx(wanted)
    spent = []
    for price in (0.0, 20.0):
        network = Network((2, 4, 2), trained(heater_penalty=price, rate=1.0), seed=0)
        train(network, tasks.load("xor"), epochs=150, learning_rate=0.02)
        spent.append(network.activations[0].heater_power(network.activation_parameters[0]).sum())
    assert spent[1] < 0.8 * spent[0]


def test_the_price_is_that_of_the_chip_with_crosstalk() -> None:
    """Of the heaters' own least power, a free spectral range round where crosstalk heats the ring too far."""
    heaters = Heaters(crosstalk=0.1, arm_offset=0.4)
    neurons = activation("neuron", heaters=heaters, heater_penalty=2.0)
    with pytest.warns(OutsideValidityWarning, match="free spectral range"):
        wanted = neurons.heater_power()
    assert np.all(wanted > 0.1)
    gradient = np.zeros(neurons.parameters.size)
    assert neurons.penalty(neurons.parameters, gradient) == pytest.approx(2.0 * wanted.sum(), rel=1e-9)


def test_a_layer_pays_for_all_its_neurons() -> None:
    one = trained(width=1, heater_penalty=2.0)
    layer = trained(width=5, per="layer", heater_penalty=2.0)
    alone, together = np.zeros(6), np.zeros(6)
    price = one.penalty(one.parameters, alone)
    assert layer.penalty(layer.parameters, together) == pytest.approx(5 * price)
    assert together == pytest.approx(5 * alone)


def test_priced_detunings_are_within_reach_of_the_heater() -> None:
    """Heat moves the resonance red only; round a free spectral range where there is one."""
    unknown = dataclasses.replace(RIB_RING.with_effects(heating=False), circumference=None)
    start, heaters = dataclasses.replace(SIGMOID, ring=unknown), Heaters(detuning_unheated=0.0)
    with pytest.raises(ParameterError, match=r"the ring heater reaches 0 rad/s and above"):
        trained(start=start, heaters=heaters, heater_penalty=1.0)
    trained(start=start, heaters=heaters)
    for neurons in (
        trained(start=start, heaters=heaters, heater_penalty=1.0, detunings=(0.0, 1.5e10)),
        trained(start=SIGMOID, heaters=heaters, heater_penalty=1.0),
    ):
        free, gradient = neurons.parameters.copy(), np.zeros(6)
        for free[0] in (-60.0, 60.0):
            assert 0 < neurons.penalty(free, gradient) < 1.0
        assert np.all(np.isfinite(gradient))


def test_losses_of_the_device_count() -> None:
    device = dataclasses.replace(SOFTPLUS, insertion_loss=1.5, arm_loss=1.3)
    neurons = trained(start=device, gain=1.0)
    z = np.linspace(-1.0, 4.0, 7)
    power = neurons.power_max * np.clip(0.3 + 0.15 * z, 0, 1)
    assert neurons.value(z) == pytest.approx(np.asarray(device.transfer(power)) / neurons.power_max, rel=1e-9)


@pytest.mark.parametrize("rate", [0.5, 3.0])
def test_neurons_start_at_the_devices_in_turn_whatever_the_rate(rate: float) -> None:
    starts = [SOFTPLUS, LEAKY_RELU]
    neurons = trained(start=starts, width=3, rate=rate)
    for device, wanted in zip(neurons.devices(), [*starts, starts[0]], strict=True):
        for name in NAMES[:4]:
            assert getattr(device, name) == pytest.approx(getattr(wanted, name), rel=1e-9)
    assert neurons.neurons().scale == pytest.approx(0.15)
    assert neurons.neurons().bias == pytest.approx(0.3)
    tops = [d.curve(neurons.power_max, 101).power_out.max() for d in starts]
    assert neurons.gain == pytest.approx(neurons.power_max / np.mean(tops))


def test_spread_is_in_units_of_the_maps_whatever_the_rate() -> None:
    plain, fast = (trained(width=400, spread=0.5, seed=1, rate=rate) for rate in (1.0, 4.0))
    assert fast.neurons().settings == pytest.approx(plain.neurons().settings, rel=1e-9)
    phases = plain.neurons().settings[:, 1]
    assert np.std(phases) == pytest.approx(0.5, rel=0.12)  # rad; a unit of the phase is 1 rad


def test_couplings_reach_their_ends() -> None:
    free = np.array(trained(rate=1.0).parameters)
    free[2:4] = 50.0, -50.0
    device = trained(rate=1.0).devices(free)[0]
    assert (device.input_coupling, device.output_coupling) == pytest.approx((0.98, 0.02))


def test_detunings_are_those_around_the_start() -> None:
    """Blue of the self-pulsation of the hot ring, behind the loss before it."""
    half = float(RIB_RING.linewidth) / 2
    device = dataclasses.replace(SIGMOID, ring=RIB_RING, detuning=2.7 * half, insertion_loss=1.5)
    neurons = trained(start=device, power_max=1e-3)
    low, high = neurons.detunings
    assert 0.5 * half < low < 2.7 * half < high
    assert low == stable_detunings(RIB_RING, 1e-3 / 1.5, around=2.7 * half)[0]
    for detuning in np.linspace(low, high, 5):
        found = [p.power for f in (folds, hopf_points) for p in f(RIB_RING, float(detuning))]
        assert min(found, default=1.0) > 1e-3 / 1.5


def test_what_decides_its_numbers_is_in_the_identity() -> None:
    plain = trained()
    assert trained().identity == plain.identity
    others = [
        trained(start=SIGMOID), trained(power_max=3e-3), trained(bias=0.4), trained(scale=0.1),
        trained(per="layer"), trained(spread=0.1), trained(rate=0.5), trained(gain=3.0),
        trained(heater_penalty=1.0), trained(heater_penalty=1.0, heaters=Heaters(p_pi=10e-3)),
        trained(detunings=(-1e10, 1e10)), trained(spread=0.1, seed=1),
    ]  # fmt: skip
    texts = [a.for_width(5).identity for a in (plain, *others)]
    assert len(set(texts)) == len(texts)


def test_an_interrupted_training_goes_on_to_the_same_numbers(tmp_path) -> None:
    task, kept = tasks.load("two-moons").subset(200), tmp_path / "kept.npz"

    def network(seed: int = 0, **more) -> Network:
        return Network((2, 5, 2), trained(spread=0.3, **more), seed=seed)

    whole, first, second = network(), network(), network()
    train(whole, task, epochs=4)
    train(first, task, epochs=2, checkpoint=kept)
    train(second, task, epochs=4, checkpoint=kept, resume=True)
    assert second.parameters.tolist() == whole.parameters.tolist()
    with pytest.raises(ParameterError, match="was made with activations"):
        train(network(rate=0.2), task, epochs=4, checkpoint=kept, resume=True)


def test_it_survives_being_sent_to_another_process() -> None:
    neurons = activation("neuron")
    sent = pickle.loads(pickle.dumps(neurons))
    assert sent.identity == neurons.identity
    assert sent.value(Z).tolist() == neurons.value(Z).tolist()


def test_figure_shows_every_neuron_at_the_start_and_as_learned() -> None:
    neurons = activation("neuron")
    figure = learned_curves(neurons, neurons.parameters + 0.5)
    for axes, parameters in zip(figure.axes, (neurons.parameters, neurons.parameters + 0.5), strict=True):
        assert len(axes.lines) == 2 * 3  # the curve, and the part of it that is used
        wanted = neurons.devices(parameters)[1].transfer(2e-3)
        assert axes.lines[2].get_ydata()[-1] == pytest.approx(1e3 * wanted)


def test_the_statement_says_what_is_what() -> None:
    text = trained(heater_penalty=2.0, spread=0.5).statement()
    for word in (
        "Random: ",
        "Frozen: ",
        "frozen heat",
        "Trained: ",
        "Back-propagated: ",
        "2 per watt",
        "0.5 apart",
    ):
        assert word in text
    assert "held at the ends of [0, 1] with slope 0" in trained().encoding
    assert len(NAMES) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": RIB_RING}, "start must be a CavityLoadedMZI, or several, got a Ring$"),
        ({"width": 0}, "width must be a whole number >= 1, got 0"),
        ({"start": [SIGMOID, dataclasses.replace(SIGMOID, port="bar")]}, "must share ring, port and losses"),
        (
            {"start": dataclasses.replace(SIGMOID, detuning=2e10)},
            "at 2e.10 rad/s the ring has several states",
        ),
        ({"start": [SIGMOID, dataclasses.replace(SIGMOID, detuning=2e10)]}, "of a start device must lie in"),
        ({"detunings": (-1e10, 2e10)}, r"one stable state up to 0.004 W: .* is stable"),
        ({"detunings": (1e10, -1e10)}, "detunings must be two rising numbers"),
        ({"detunings": (-1e10, 0.0)}, "detuning of a start device must lie in"),
        ({"power_max": -1e-3}, "power_max must be > 0"),
        ({"scale": 0.0}, "scale must be > 0"),
        ({"rate": 0.0}, "rate must be > 0"),
        ({"spread": -1.0}, "spread must be >= 0"),
        ({"per": "chip"}, "per must be 'neuron' or 'layer'"),
        ({"heater_penalty": -1.0}, "heater_penalty must be >= 0"),
        ({"gain": 0.0}, "gain must be > 0"),
        ({"learned": np.zeros(5)}, "learned must hold 6 numbers, got 5"),
    ],
)
def test_wrong_input_is_refused(change, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        trained(**change)


def test_a_layer_of_another_width_is_refused() -> None:
    with pytest.raises(ParameterError, match="has 3 neurons, the layer 4"):
        activation("neuron").for_width(4)
    with pytest.raises(ParameterError, match=r"inputs must have shape \(..., 3\)"):
        activation("neuron").value(np.zeros((2, 4)))
