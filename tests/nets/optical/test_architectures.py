"""Named networks of light: what they are built of, what they refuse, that they learn."""

import json

import numpy as np
import pytest

from nets import tasks
from nets.comparison import compare
from nets.optical.architectures import NETWORKS, optical_architecture
from nets.optical.coherent_network import CoherentNetwork
from nets.specifications import activation, contestant
from photonic.errors import ParameterError

DIGITS = tasks.load("digits").subset(600)


def parameters(name, task, hidden=(12,)):
    found = NETWORKS[name]
    return found.network(found.task(task), hidden, 0).parameters.size


def test_trained_numbers_are_counted_by_hand():
    # two meshes of 16 guides have 16² phases each
    assert parameters("mesh:linear", DIGITS) == 512
    assert parameters("mesh:electro-optic", DIGITS) == 512
    assert parameters("mesh:photonic", DIGITS) == 512
    # and four settings of each of 2·16 neurons
    assert parameters("mesh:photonic-trained", DIGITS) == 512 + 4 * 32
    # three meshes and the gain of the scores
    assert parameters("cascade:photonic", DIGITS) == 3 * 256 + 1
    # 10 features, 12 hidden, 11 vowels: both meshes of each layer and what is between them, one gain
    svd = (10**2 + 10 + 12**2) + (12**2 + 11 + 11**2) + 1
    assert parameters("svd:saturable", tasks.load("vowel")) == svd
    # rings of two banks, a bias a modulator, gain and offsets of ten scores
    assert parameters("bank:photonic", DIGITS) == 49 * 12 + 12 + 12 * 10 + 1 + 10


def test_images_become_fourier_coefficients_or_fewer_pixels():
    assert NETWORKS["mesh:photonic"].task(DIGITS).name == "digits-fourier-16"
    assert NETWORKS["bank:photonic"].task(DIGITS).features == 49
    vowels = tasks.load("vowel-4")
    assert NETWORKS["svd:saturable"].task(vowels) is vowels
    fourier = tasks.fourier(DIGITS, 16)
    assert NETWORKS["mesh:linear"].task(fourier) is fourier


def test_the_laser_is_what_enters():
    view = NETWORKS["mesh:linear"].task(DIGITS)
    for watts in (5e-3, 20e-3):
        network = optical_architecture("mesh:linear", laser_power=watts).network(view, (), 0)
        stages = network.budget(view.test_inputs[:50]).stages
        # lossless meshes: all of it arrives at the detectors
        assert stages[0].total == pytest.approx(watts, rel=1e-5)
        assert stages[2].total == pytest.approx(watts, rel=1e-5)


def test_the_electro_optic_network_has_the_published_phase():
    """0.05 π a unit of power, one unit being a mean modulus of 1 (Williamson et al. 2020, notebook)."""
    task = tasks.load("mnist-fourier-16")
    units = float((task.train_inputs[:5000].astype(float) ** 2).sum(axis=1).mean())
    found = NETWORKS["mesh:electro-optic"]
    stage = found.network(task, (), 0).stages[2]
    phase = float(stage.settings["gain_phase"][0]) * found.laser_power / units
    assert phase == pytest.approx(0.05 * np.pi, rel=0.01)
    assert float(stage.settings["bias_phase"][0]) == pytest.approx(np.pi)
    assert float(stage.settings["alpha"][0]) == pytest.approx(0.1)


def test_a_mesh_on_images_gives_the_same_scores_whatever_the_laser_without_an_activation():
    view = NETWORKS["mesh:linear"].task(DIGITS)
    one, other = (
        optical_architecture("mesh:linear", laser_power=p).network(view, (), 0) for p in (1e-3, 40e-3)
    )
    x = view.test_inputs[:20]
    # the dark current of 1 nA is all that differs: 1e-9 A against 1e-3 · 0.8/16 A
    np.testing.assert_allclose(one.scores(x), other.scores(x), atol=2e-2)


@pytest.mark.filterwarnings("ignore::nets.optical.budget.DarkLayerWarning")
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_every_network_learns_digits(name):
    result = compare(DIGITS, [name], hidden=(12,), seeds=1, epochs=6, batch_size=32, learning_rates=[1e-2])
    entry = json.loads(result.to_json())["activations"][0]
    assert entry["activation"] == name
    assert entry["accuracy"] > 0.35  # ten classes: chance is 0.1
    assert entry["histories"][0]["loss"][-1] < 0.8 * entry["histories"][0]["loss"][0]
    stages = entry["findings"]["budget"]["stages"]
    assert [s["name"] for s in stages][-1] in ("readout", "scores")
    assert all(s["total"] is None or s["total"] > 0 for s in stages)


def test_a_network_that_cannot_take_a_task_says_so():
    with pytest.raises(ParameterError, match="10 guides for task vowel, fewer than its 11 classes"):
        NETWORKS["mesh:photonic"].task(tasks.load("vowel"))
    with pytest.raises(ParameterError, match="complex amplitudes"):
        NETWORKS["bank:photonic"].task(tasks.fourier(DIGITS, 16))
    with pytest.raises(ParameterError, match="at least one hidden layer"):
        NETWORKS["bank:photonic"].network(NETWORKS["bank:photonic"].task(DIGITS), (), 0)
    with pytest.raises(ParameterError, match="laser_power must be > 0 W"):
        CoherentNetwork(name="x", neuron="none", laser_power=-1.0)
    with pytest.raises(ParameterError, match="layers"):
        CoherentNetwork(name="x", neuron="none", layers=0)


def test_every_vowel_can_be_shown():
    task = tasks.load("vowel")
    for name in ("svd:saturable", "bank:photonic"):
        network = NETWORKS[name].network(task, (5,), 0)
        assert np.isfinite(network.scores(task.test_inputs)).all()


def test_names_in_words():
    assert contestant("mesh:photonic").laser_power == 20e-3
    found = contestant("mesh:photonic@5mW")
    assert (found.name, found.laser_power) == ("mesh:photonic@5mW", 5e-3)
    assert found.identity != contestant("mesh:photonic").identity
    with pytest.raises(ParameterError, match=r"unknown network 'mesh:photonik'.*'mesh:photonic'"):
        contestant("mesh:photonik")
    with pytest.raises(ParameterError, match="whole network, not an activation"):
        activation("mesh:photonic")
    with pytest.raises(ParameterError, match="power"):
        contestant("mesh:photonic@5nm")
