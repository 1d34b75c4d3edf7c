"""Whole networks of light: what fits together, exact gradients, training, noise, interruption."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import nets
from nets import tasks
from nets.optical.amplifier import Amplifier
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder, PowerEncoder
from nets.optical.light_activation import LightActivation
from nets.optical.mesh import MZIMesh
from nets.optical.modulator import Modulator
from nets.optical.optical_network import OpticalNetwork
from nets.optical.passive import Attenuator, Combiner, Splitter
from nets.optical.readout import Readout
from nets.optical.saturable_absorber import SaturableAbsorber
from nets.optical.weight_bank import WeightBank
from nets.trainable import Trainable
from photonic import ConvergenceError, ParameterError, presets

NOISE = {"noise_figure": 4.0, "bandwidth": 10e9}
TRAINED = ("gain", "offset")


def cascade(features=2, modes=4, outputs=2, power=1e-3, seed=0, dtype=np.float64, amplifier=True, **detector):
    """Numbers, fields, mesh, absorber, gain and loss, mesh, absorber, currents, scores."""
    middle = [Amplifier(modes, 3.0, **NOISE), Attenuator(modes, 1.5)] if amplifier else []
    stages = [
        FieldEncoder(features, power),
        Splitter(features, modes // features),
        MZIMesh(modes),
        SaturableAbsorber(modes, optical_depth=2.0, saturation_power=power / 10),
        *middle,
        MZIMesh(modes),
        SaturableAbsorber(modes, optical_depth=1.0, saturation_power=power / 10),
        Detector(modes, 1.0, **detector),
        Readout(modes, 5 / power, outputs=outputs, trained=TRAINED),
    ]
    return OpticalNetwork(stages, seed=seed, dtype=dtype)


@pytest.fixture(scope="module")
def moons():
    return tasks.load("two-moons").subset(300)


def test_network_does_what_training_needs(moons):
    network = cascade()
    assert isinstance(network, Trainable)
    assert isinstance(nets.Network((2, 3, 2), "tanh"), Trainable)
    assert network.sizes == (2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 2)
    assert network.parameters.size == 16 + 16 + 1 + 2  # N² phases a mesh, gain and two offsets
    assert network.scores(moons.test_inputs[:7]).shape == (7, 2)
    assert np.array_equal(network.predict(moons.test_inputs), network.scores(moons.test_inputs).argmax(1))


@pytest.mark.parametrize("noise", [None, 4])
@pytest.mark.parametrize("outputs", [1, 2])
def test_gradient_of_a_whole_chain_against_central_differences(moons, noise, outputs):
    network = cascade(outputs=outputs, bandwidth=10e9, load_resistance=50.0)
    x, labels = moons.train_inputs[:12], moons.train_labels[:12]
    network.loss_and_gradient(x, labels, noise)
    found = network.gradient.copy()
    expected = np.empty_like(found)
    for k in range(found.size):
        here = network.parameters[k]
        losses = []
        for step in (1e-5, -1e-5):
            network.parameters[k] = here + step
            losses.append(network.loss_and_gradient(x, labels, noise)[0])
        network.parameters[k] = here
        expected[k] = (losses[0] - losses[1]) / 2e-5
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-8 * np.abs(expected).max())
    assert np.count_nonzero(found) > 25


def test_loss_is_the_mean_cross_entropy_of_the_scores(moons):
    network = cascade()
    scores = network.scores(moons.train_inputs)
    loss, right = network.loss_and_gradient(moons.train_inputs, moons.train_labels)
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    assert loss == pytest.approx(-np.mean(logs[np.arange(300), moons.train_labels]))
    assert right == round(300 * network.accuracy(moons.train_inputs, moons.train_labels))


def test_power_is_handed_on_from_stage_to_stage(moons):
    """Energy by hand through a linear chain: 3 dB loss, split in two, combined out of phase or in phase."""
    x = np.array([[0.6, 0.8]])
    stages = [FieldEncoder(2, 1e-3), Attenuator(2, 2.0), Splitter(2, 2), Combiner(2, 2), Detector(2, 0.5)]
    network = OpticalNetwork(stages, dtype=np.float64)
    assert network.scores(x) == pytest.approx(0.5 * 1e-3 * x**2 / 2)
    totals = [np.sum(np.abs(out) ** 2) for stage, _, out in network.signals(x) if stage.gives == "fields"]
    assert totals == pytest.approx([1e-3, 0.5e-3, 0.5e-3, 0.5e-3])


def test_without_amplifiers_no_stage_gains_power(moons):
    powers = [
        np.sum(np.abs(out) ** 2, axis=1)
        for stage, _, out in cascade(amplifier=False, seed=4).signals(moons.test_inputs)
        if stage.gives == "fields"
    ]
    assert len(powers) == 6
    for before, after in pairwise(powers):
        assert np.all(after <= before * (1 + 1e-12))
    assert np.all(powers[-1] < 0.95 * powers[0])  # absorbers absorb


def test_a_linear_network_of_fields_superposes_and_only_the_detector_squares():
    network = OpticalNetwork(
        [FieldEncoder(3, 1e-3, largest=9.0), MZIMesh(3), Detector(3, 1.0)], seed=3, dtype=float
    )
    one, other = np.array([[0.3, -0.2, 0.5]]), np.array([[0.1, 0.4, -0.6]])

    def fields(x):
        return next(out for stage, _, out in network.signals(x) if isinstance(stage, MZIMesh))

    assert fields(one + other) == pytest.approx(fields(one) + fields(other))
    assert network.scores(2 * one) == pytest.approx(4 * network.scores(one))
    assert np.sum(network.scores(one)) == pytest.approx(1e-3 * np.sum(one**2) / 81)  # a mesh loses nothing


def test_float32_agrees_with_float64_and_starts_alike(moons):
    single, double = cascade(dtype=np.float32), cascade(dtype=np.float64)
    assert single.parameters == pytest.approx(double.parameters, rel=1e-6)
    x, labels = moons.train_inputs[:64], moons.train_labels[:64]
    assert single.scores(x).dtype == np.float32
    assert single.scores(x) == pytest.approx(double.scores(x), rel=2e-4, abs=2e-4)
    single.loss_and_gradient(x, labels)
    double.loss_and_gradient(x, labels)
    assert single.gradient == pytest.approx(double.gradient, abs=2e-4 * np.abs(double.gradient).max())


def test_training_learns_and_repeats_to_the_bit(moons):
    settings = {"epochs": 30, "learning_rate": 0.03, "batch_size": 50}
    first, second = cascade(dtype=np.float32), cascade(dtype=np.float32)
    swapped = replace(moons, train_labels=1 - moons.train_labels, test_labels=1 - moons.test_labels)
    assert nets.train(cascade(), swapped, **settings).accuracy > 0.84  # whatever the start is good at
    history = nets.train(first, moons, **settings)
    assert history.accuracy > 0.84
    assert history.loss[-1] < 0.85 * history.loss[0]
    assert history.scale_factors == ()
    assert nets.train(second, moons, **settings) == history
    assert np.array_equal(first.parameters, second.parameters)
    permuted = nets.train(cascade(), moons.with_permuted_labels(1), **settings)
    assert permuted.accuracy < 0.65


def test_interrupted_training_goes_on_to_the_bit(moons, tmp_path):
    settings = {"learning_rate": 0.03, "batch_size": 50, "train_noise": True, "test_noise": True}
    whole, part = cascade(), cascade()
    expected = nets.train(whole, moons, epochs=4, **settings)
    nets.train(part, moons, epochs=2, checkpoint=tmp_path / "c.npz", **settings)
    fresh = cascade()
    found = nets.train(fresh, moons, epochs=4, checkpoint=tmp_path / "c.npz", resume=True, **settings)
    assert found == expected
    assert np.array_equal(fresh.parameters, whole.parameters)
    with pytest.raises(ParameterError, match=r"made with stages\[0\] 'Field.*, not 'Field[^']*'$"):
        nets.train(
            cascade(power=2e-3), moons, epochs=4, checkpoint=tmp_path / "c.npz", resume=True, **settings
        )


def test_noise_is_drawn_from_the_seed_and_only_when_asked(moons):
    x = moons.test_inputs[:40]
    network = cascade(power=1e-7)
    quiet = network.scores(x)
    assert np.array_equal(network.scores(x), quiet)
    noisy = network.scores(x, noise=1)
    assert np.array_equal(noisy, network.scores(x, noise=1))
    assert not np.array_equal(noisy, network.scores(x, noise=2))
    # mean square of the amplifier's emission in each channel: n_sp h ν (G − 1) B, n_sp = (F G − 1)/2(G − 1)
    emitted = 6.626e-34 * 2.998e8 / 1.55e-6 * 10e9 * (4.0 * 3.0 - 1) / 2
    clean, loud = (
        next(out for stage, _, out in network.signals(x, n) if isinstance(stage, Amplifier))
        for n in (None, 5)
    )
    assert np.mean(np.abs(loud - clean) ** 2) == pytest.approx(emitted, rel=0.25)  # 160 draws: 8 %


def test_noise_without_a_source_of_it_is_refused(moons):
    with pytest.raises(ParameterError, match="noise needs a stage with some"):
        cascade(amplifier=False).scores(moons.test_inputs, noise=1)
    with pytest.raises(ParameterError, match="noise must be a seed"):
        cascade().scores(moons.test_inputs, noise=True)


def test_hidden_gives_powers_and_slopes_of_activations(moons):
    """Slopes against a difference quotient of the absorber on its own, also without any light."""
    network = cascade()
    x = np.vstack([moons.test_inputs[:20], np.zeros((1, 2))])
    network.loss_and_gradient(moons.train_inputs, moons.train_labels)
    before = network.gradient.copy()
    layers = list(network.hidden(x))
    assert np.array_equal(network.gradient, before)
    assert len(layers) == 2
    for stage, power, slope in layers:
        absorber = SaturableAbsorber(
            4, optical_depth=2.0 if stage is layers[0][0] else 1.0, saturation_power=1e-4, kind="powers"
        )
        h = 1e-10
        quotient = (absorber.forward(power + h)[0] - absorber.forward(power)[0]) / h
        assert slope == pytest.approx(quotient, rel=1e-4)
    assert np.all(layers[0][1][-1] == 0)


def test_hidden_leaves_the_gradient_of_trained_activations():
    stages = [
        FieldEncoder(2, 1e-3),
        LightActivation(presets.SIGMOID, 2, power_max=2e-3, trained=("detuning", "arm_phase")),
        Detector(2, 1.0),
    ]
    network = OpticalNetwork(stages, dtype=np.float64)
    x = np.array([[0.3, 0.9], [1.0, 0.1]])
    network.loss_and_gradient(x, np.array([0, 1]))
    before = network.gradient.copy()
    assert np.all(before != 0)
    list(network.hidden(x[::-1] * 0.5))
    assert np.array_equal(network.gradient, before)


def test_training_tells_of_activations_in_the_dark(moons):
    """No encoder light, no slope: the absorber's is its transmission e^−2 at every faint power."""
    history = nets.train(cascade(), moons, epochs=1)
    assert history.dead == (0.0,)
    assert 0.1 < history.mean_slope[0] < 3


def test_a_diverging_loss_is_an_error(moons):
    network = cascade()
    network.parameters[-3] = 800.0  # ln of the gain
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ConvergenceError, match="epoch 1, batch 1"),
    ):
        nets.train(network, moons, epochs=1)


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ([], "at least an encoder"),
        ([FieldEncoder(2, 1e-3), "relu"], "must hold stages of nets.optical, got 'relu'"),
        ([Attenuator(2, 2.0), Detector(2, 1.0)], "first stage, loss, takes fields: begin with an encoder"),
        ([FieldEncoder(2, 1e-3)], "last stage, field encoder, gives fields: end with a detector"),
        (
            [PowerEncoder(2, 1e-3), Attenuator(2, 2.0), Detector(2, 1.0)],
            r"stage 1 \(power encoder\) gives powers, but stage 2 \(loss\) takes fields",
        ),
        (
            [FieldEncoder(2, 1e-3), Splitter(2, 2), Detector(2, 1.0)],
            r"stage 2 \(splitter\) has 4 channels out, but stage 3 \(detector\) has 2 in",
        ),
    ],
)
def test_stages_that_do_not_fit_are_named(stages, words):
    with pytest.raises(ParameterError, match=words):
        OpticalNetwork(stages)


def test_one_stage_cannot_stand_in_two_places():
    loss = Attenuator(2, 2.0)
    with pytest.raises(ParameterError, match="stands twice"):
        OpticalNetwork([FieldEncoder(2, 1e-3), loss, loss, Detector(2, 1.0)])


def test_inputs_and_dtype_are_checked(moons):
    with pytest.raises(ParameterError, match=r"inputs must have shape \(rows, 2\), got \(3, 5\)"):
        cascade().scores(np.zeros((3, 5)))
    with pytest.raises(ParameterError, match="dtype must be float32 or float64"):
        cascade(dtype=np.int32)
    with pytest.raises(ParameterError, match="does not fit task digits"):
        nets.train(cascade(), tasks.load("digits"), epochs=1)


ABSORBER = {"optical_depth": 1.0, "saturation_power": 1e-4, "kind": "powers"}


def resonance(channels):
    return LightActivation(presets.SIGMOID, channels, kind="powers", power_max=1e-3)


@pytest.mark.parametrize(
    ("middle", "words"),
    [
        (
            [WeightBank(4, 2, detection="drop"), resonance(2)],
            r"stage 2 \(weight bank\) carries many wavelengths, and stage 3 \(light: CavityLoadedMZI\)",
        ),
        (
            [
                WeightBank(4, 2, detection="drop"),
                Attenuator(2, 2.0, kind="powers"),
                SaturableAbsorber(2, **ABSORBER),
                resonance(2),
            ],
            r"behind stage 2 \(weight bank\) .* stage 5",
        ),
        ([WeightBank(4, 2, detection="drop"), WeightBank(2, 2)], r"stage 3 \(weight bank\) answers to one"),
        ([Combiner(2, 2, kind="powers"), resonance(2)], r"behind stage 2 \(combiner\)"),
    ],
)
def test_a_resonance_is_not_driven_by_many_wavelengths(middle, words):
    last = middle[-1]
    with pytest.raises(ParameterError, match=words):
        OpticalNetwork([PowerEncoder(4, 1e-3), *middle, Detector(last.outputs, 1.0, takes="powers")])


def test_what_answers_to_power_alone_takes_many_wavelengths():
    bank = WeightBank(4, 2, detection="drop")
    curve = presets.SIGMOID.curve(1e-3)
    for neuron in (
        SaturableAbsorber(2, **ABSORBER),
        LightActivation(curve, 2, kind="powers"),  # whatever was in the light when it was measured
    ):
        OpticalNetwork([PowerEncoder(4, 1e-3), bank, neuron, Detector(2, 1.0, takes="powers")])
    # a laser of its own for each neuron ends it
    OpticalNetwork(
        [
            PowerEncoder(4, 1e-3), bank, Detector(2, 1.0, takes="powers"), Modulator(2, 1e-3), resonance(2),
            Detector(2, 1.0, takes="powers"),
        ]
    )  # fmt: skip


def test_parameters_gone_astray_have_no_loss(moons):
    network = cascade()
    network.parameters[0] = np.nan
    loss, right = network.loss_and_gradient(moons.train_inputs, moons.train_labels)
    assert np.isnan(loss)
    assert right == 0


def test_stages_are_a_list():
    with pytest.raises(ParameterError, match="stages must be a list of stages, got MZIMesh"):
        OpticalNetwork(MZIMesh(4))


def test_a_network_is_shown_line_by_line():
    stages = [PowerEncoder(2, 1e-3), WeightBank(2, 3)]
    assert repr(OpticalNetwork(stages)).splitlines() == [
        "OpticalNetwork of 2 stages, 6 numbers trained",
        "  power encoder: 2 numbers to 2 powers",
        "  weight bank: 2 powers to 3 numbers",
    ]
    assert repr(MZIMesh(8)) == "<MZIMesh of 8 guides, clements: 28 interferometers>"
    assert repr(stages[1]) == "<WeightBank of 2 wavelengths to 3 banks, balanced>"
    assert repr(Attenuator(2, 2.0)) == "<loss: Attenuator(2, 2.0, fields)>"


def test_too_much_light_in_training_tells_the_epoch_and_leaves_the_checkpoint(moons, tmp_path):
    def network():
        neurons = LightActivation(presets.SIGMOID, 2, power_max=65.5e-6)  # the mesh learns to give more
        stages = [FieldEncoder(2, 1e-3, largest=4.0), MZIMesh(2), neurons, Detector(2, 1.0), Readout(2, 1e4)]
        return OpticalNetwork(stages, seed=2, dtype=np.float64)

    path = tmp_path / "run.npz"
    settings = {"learning_rate": 0.02, "batch_size": 16, "checkpoint": path}
    with pytest.raises(ParameterError, match=r"^stage 3: .* W arrives at a channel of light") as stopped:
        nets.train(network(), moons, epochs=60, **settings)
    found = re.search(
        r"\(in epoch (\d+); the checkpoint (.*) holds all epochs before it\)", str(stopped.value)
    )
    epochs = int(found[1]) - 1
    assert epochs >= 1
    assert found[2] == str(path)
    kept = network()
    assert nets.train(kept, moons, epochs=epochs, resume=True, **settings).epochs == epochs
    with pytest.raises(ParameterError, match=rf"\(in epoch {epochs + 1}\)$"):
        nets.train(network(), moons, epochs=60, learning_rate=0.02, batch_size=16)
