"""Coherent networks: how the laser is shared, what is lost, which trained numbers act."""

import dataclasses

import numpy as np
import pytest

from nets import tasks
from nets.optical.coherent_network import CoherentNetwork
from nets.optical.optical_network import OpticalNetwork
from photonic import ParameterError

VOWELS = tasks.load("vowel-4")


@pytest.fixture(scope="module")
def three_classes():
    """Six features and three classes: half of the guides of a mesh are not read."""
    task = tasks.load("vowel")
    return dataclasses.replace(
        task, classes=3, train_inputs=task.train_inputs[:, :6], test_inputs=task.test_inputs[:, :6],
        train_labels=task.train_labels % 3, test_labels=task.test_labels % 3,
    )  # fmt: skip


def test_the_laser_is_shared_out_by_guides():
    architecture = CoherentNetwork(name="a", neuron="none", matrices="any", laser_power=4e-3)
    network = architecture.network(architecture.task(VOWELS), (4,), 0)
    x = np.full((1, 4), 1.25, np.float32)  # the largest number in every guide: all of the laser
    assert network.budget(x).stages[0].total == pytest.approx(4e-3, rel=1e-6)


@pytest.mark.parametrize("matrices", ["unitary", "any"])
def test_interferometers_lose_what_was_asked(matrices):
    def passed(loss):
        a = CoherentNetwork(name="a", neuron="none", matrices=matrices, layers=1, interferometer_loss=loss)
        mesh = a.network(a.task(VOWELS), (4,), 0).stages[1]
        return np.abs(np.linalg.det(mesh.matrix()))

    # |det| of a lossy interferometer: 1/loss; 6 of them in a mesh of 4; an attenuator passes one of its
    # two guides, √(1/loss)
    count = 6 if matrices == "unitary" else 6 + 6 + 4 / 2
    assert passed(1.2) / passed(1.0) == pytest.approx(1.2**-count, rel=1e-6)


def acting(architecture, task, hidden):
    """Rank of the derivatives of scores by everything trained, and how much that is; float64."""
    stages = architecture.network(architecture.task(task), hidden, 0).stages
    network = OpticalNetwork(stages, seed=0, dtype=np.float64)
    network.parameters += 0.1 * np.random.default_rng(1).standard_normal(network.parameters.size)
    kept, rows = [], []
    signal = task.train_inputs[::7].astype(float)
    for stage in stages:
        signal, keep = stage.forward(signal)
        kept.append(keep)
    for place in np.ndindex(signal.shape):
        upstream = np.zeros(signal.shape)
        upstream[place] = 1.0
        for stage, keep in zip(stages[:0:-1], kept[:0:-1], strict=True):
            upstream = stage.backward(keep, upstream, True)
        rows.append(network.gradient.copy())
    singular = np.linalg.svd(np.array(rows), compute_uv=False)
    # the weakest one that acts, all light of the last matrix, shows by the dark current of 1 nA only
    return int(np.count_nonzero(singular > 1e-12 * singular[0])), network.parameters.size


@pytest.mark.parametrize(
    ("settings", "hidden", "idle"),
    [
        # 6 phases behind each mesh, and the mixing of the 3 guides that are not read: 3·2
        ({"neuron": "electro-optic"}, (), 2 * 6 + 6),
        ({"neuron": "photonic"}, (), 2 * 6 + 6),
        ({"neuron": "saturable", "layers": 3}, (), 3 * 6 + 6),
        # besides, both settings of the neurons in those guides
        ({"neuron": "photonic", "trained": ("detuning", "arm_phase")}, (), 2 * 6 + 6 + 2 * 3),
        # two meshes with nothing between are one: 36 of 72, less its 6 phases and the mixing
        ({"neuron": "none"}, (), 36 + 6 + 6),
        # 2·6·4 − 4 and 2·4·3 − 3 of (36 + 4 + 16) + (16 + 3 + 9), and the gain of the scores acts
        ({"neuron": "saturable", "matrices": "any", "trained_gain": True}, (4,), 56 - 44 + 28 - 21),
        # more outputs than inputs: 2·6·7 − 7 and 2·7·3 − 3 of (36 + 6 + 49) + (49 + 3 + 9)
        ({"neuron": "saturable", "matrices": "any"}, (7,), 91 - 77 + 61 - 39),
    ],
)
def test_as_many_trained_numbers_act_as_is_said(three_classes, settings, hidden, idle):
    architecture = CoherentNetwork(name="a", **settings)
    assert architecture.idle(three_classes, hidden) == idle
    rank, size = acting(architecture, three_classes, hidden)
    assert size - rank == idle


@pytest.mark.parametrize(
    ("settings", "hidden"),
    [({"neuron": "electro-optic"}, ()), ({"neuron": "saturable", "matrices": "any"}, (4,))],
)
def test_with_loss_at_least_that_many_do_not_act(three_classes, settings, hidden):
    architecture = CoherentNetwork(name="a", interferometer_loss=1.1, **settings)
    rank, size = acting(architecture, three_classes, hidden)
    lossless = dataclasses.replace(architecture, interferometer_loss=1.0).idle(three_classes, hidden)
    assert architecture.idle(three_classes, hidden) <= size - rank <= lossless


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"neuron": "foton"}, "unknown neuron 'foton'.*photonic"),
        ({"neuron": "none", "matrices": "all"}, "unknown matrices 'all'"),
        ({"neuron": "none", "trained": ("detuning",)}, "trained settings are those of photonic neurons"),
        ({"neuron": "none", "modes": 9.5}, "modes must be a whole number >= 1, got 9.5"),
        ({"neuron": "none", "layers": "two"}, "layers must be a whole number >= 1, got 'two'"),
        ({"neuron": "photonic", "preset": "sigmoidal"}, "unknown preset 'sigmoidal'.*sigmoid"),
    ],
)
def test_settings_that_are_unknown(settings, text):
    with pytest.raises(ParameterError, match=text):
        CoherentNetwork(name="own", **settings)
