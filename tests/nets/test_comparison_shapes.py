"""Neurons that learn their own shape in a comparison: what is kept, counted, shown."""

import json

import numpy as np
import pytest

from nets import tasks
from nets.architecture import learned_shapes
from nets.comparison import compare
from nets.network import Network
from nets.specifications import activation
from nets.training import train

DIGITS = tasks.load("digits").subset(600)
SETTINGS = {"hidden": (6,), "seeds": 2, "epochs": 3, "learning_rates": [1e-2]}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return compare(DIGITS, ["relu", "photonic:trained", "mesh:linear"], same_parameters=True, **SETTINGS)


def test_its_trained_numbers_are_counted(result):
    found = {o.name: o.parameters for o in result.outcomes}
    # dense: 64·6 + 6 + 6·10 + 10; six numbers a neuron besides
    assert found["relu"] == 460
    assert found["photonic:trained"] == 460 + 6 * 6
    # 75 w + 10 >= 496, and 43 w + 10 >= 512 on 32 Fourier features
    assert found["relu as large as photonic:trained"] == 535
    assert found["relu as large as mesh:linear"] == 526


def test_learned_shapes_are_those_of_the_trained_network():
    network = Network((64, 6, 10), activation("photonic:trained"), seed=0)
    train(network, DIGITS, epochs=3, learning_rate=1e-2)
    (told,) = learned_shapes(network)
    z = np.array(told["z"])
    # independent: the outputs of the hidden layer for inputs that make the pre-activation z
    layer = network.layers[0]
    layer.weights[:], layer.bias[:] = 0.0, 0.0
    layer.weights[0] = 1.0
    network.layers[1].weights[:] = 0.0
    network.layers[1].weights[:, :6] = np.eye(6)
    network.layers[1].bias[:] = 0.0
    inputs = np.zeros((len(z), 64))
    inputs[:, 0] = z
    np.testing.assert_allclose(network.scores(inputs)[:, :6].T, told["learned"], rtol=2e-3, atol=1e-5)
    assert np.abs(np.array(told["learned"]) - np.array(told["start"])).max() > 0.01
    assert len(told["heater_power"]) == 6
    assert learned_shapes(Network((64, 6, 10), "prelu")) == []


def test_a_report_shows_shapes_budgets_and_counts(result, tmp_path):
    report = result.report(tmp_path / "out")
    text = report.read_text(encoding="utf-8")
    for words in (
        "Shapes that were learned",
        "Where the watts go",
        "parameters",
        "relu as large as mesh:linear",
        "302 of the 512 trained numbers of mesh:linear change no score",
        "to digital as large",
        "not corrected for their number",
        "1 whole network of light and 2 digital networks as large as others, on the same batches",
    ):
        assert words in text
    figures = {p.name for p in (tmp_path / "out" / "figures").glob("*.svg")}
    assert {"shapes-photonic-trained-1.svg", "budget-mesh-linear.svg", "card-photonic-trained.svg"} <= figures
    assert not any(name.startswith("card-relu-as-large") for name in figures)
    saved = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    entry = saved["activations"][1]
    assert entry["activation"] == "photonic:trained"
    assert len(entry["findings"]["shapes"][0]["learned"]) == 6
