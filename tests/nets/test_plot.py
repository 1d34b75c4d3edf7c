"""Figures of comparisons: contestants told apart, nothing beyond what can be, nothing cut off."""

import dataclasses

import pytest
from matplotlib import rcParams

from nets import LightActivation, Network, plot
from nets.optical.architectures import NETWORKS
from nets.outcomes import Comparison, Outcome, Settings
from nets.plot_bank import spectra_and_weights
from nets.plot_optics import plot_budget
from nets.plot_shapes import learned_curves
from nets.specifications import activation
from nets.trainable_activation import trained
from nets.training import History
from photonic import presets
from photonic.errors import ParameterError
from photonic.plot import save, svg

DENSE = ("relu", "sigmoid", "photonic:sigmoid", "photonic:trained", "photonic:softplus")


def outcome(name, accuracies=(0.2, 0.9), as_large_as="", between=None, epochs=2):
    histories = tuple(
        History(
            loss=(2.0, 1.0)[-epochs:], train_accuracy=(0.1, a)[-epochs:], test_accuracy=(0.1, a)[-epochs:]
        )
        for a in accuracies
    )
    return Outcome(
        name=name, encoding="", activation=between, learning_rate=0.01, tried=(), histories=histories,
        parameters=10, hidden=(), task="digits", as_large_as=as_large_as,
    )  # fmt: skip


def comparison(*outcomes):
    settings = Settings(
        hidden=(), seeds=(0, 1), epochs=2, batch_size=8, learning_rates=(0.01,), held_out=0, choice_epochs=1
    )
    return Comparison(
        task="digits", source="", train_examples=1, test_examples=1, settings=settings, outcomes=outcomes
    )


def test_no_two_contestants_have_one_colour():
    dense = [outcome(name, between=object()) for name in DENSE]
    light = [outcome(name) for name in NETWORKS]
    own = [outcome(f"own {k}") for k in range(4)]
    colours = [mark.colour for mark in plot.marks([*own, *dense, *light])]
    assert len(set(colours)) == len(colours)
    # as in every figure, whoever else takes part
    assert [mark.colour for mark in plot.marks(light)] == colours[-len(light) :]


def test_a_digital_network_has_the_colour_of_what_it_is_as_large_as():
    entries = [
        outcome("mesh:photonic"),
        outcome("relu as large as mesh:photonic", as_large_as="mesh:photonic"),
    ]
    light, digital = plot.marks(entries)
    assert digital.colour == light.colour
    assert (digital.line, digital.marker) != (light.line, light.marker)


def test_axes_end_where_accuracies_do():
    """Two seeds of 20 and 90 %: the interval of Student's t is 12.7 · 35 % to both sides."""
    drawn = comparison(outcome("relu", (0.9, 0.2)), outcome("mesh:photonic"))
    left, right = plot.accuracies(drawn).axes
    assert [round(end) for end in left.get_xlim()] == [-2, 102]
    assert [round(end) for end in right.get_xlim()] == [-104, 104]
    narrow = comparison(outcome("relu", (0.90, 0.91)), outcome("mesh:photonic", (0.91, 0.92)))
    left, _ = plot.accuracies(narrow).axes
    assert left.get_xlim()[0] > 75


def test_the_legend_of_many_contestants_is_inside_the_figure():
    light = [outcome(name) for name in NETWORKS]
    digital = [outcome(f"relu as large as {o.name}", as_large_as=o.name) for o in light]
    figure = plot.training(comparison(outcome("relu"), *light, *digital))
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y0 >= 0
    assert len(figure.legends[0].get_texts()) == 15
    for axes in figure.axes:
        assert axes.get_window_extent().height > 0.4 * 3.0 * figure.dpi  # of the 3 inches it had


def test_a_learned_shape_is_drawn_through_all_of_its_points():
    layer = {"layer": 1, "z": [-1.0, 0.0, 1.0], "start": [[0.0, 0.5, 1.0]], "learned": [[0.0, 0.2, 1.0]]}
    lines = plot.shapes(layer).axes[0].lines
    assert [list(line.get_ydata()) for line in lines] == [[0.0, 0.2, 1.0], [0.0, 0.5, 1.0]]


def test_what_is_saved_has_the_style_of_what_is_shown(tmp_path, monkeypatch):
    """Matplotlib chooses ticks by the font size at the time of drawing, not at that of building."""
    figure, sizes = plot.activation_card(activation("relu")), []
    draw = figure.savefig

    def spy(*args, **kwargs):
        sizes.append(rcParams["ytick.labelsize"])
        draw(*args, **kwargs)

    monkeypatch.setattr(figure, "savefig", spy)
    svg(figure)
    save(figure, tmp_path / "figure.png")
    assert sizes == [8.0, 8.0]


def test_a_single_epoch_is_seen():
    one = comparison(outcome("relu", epochs=1), outcome("mesh:linear", epochs=1))
    figure = plot.training(dataclasses.replace(one, settings=dataclasses.replace(one.settings, epochs=1)))
    loss, accuracy = figure.axes
    assert [line.get_marker() for line in accuracy.lines] == ["D", "D"]  # both outcomes are whole networks
    assert [list(line.get_ydata()) for line in accuracy.lines] == [pytest.approx([55.0])] * 2
    seeds = accuracy.collections[0].get_segments()[0]
    assert list(seeds[:, 1]) == pytest.approx([20, 90])
    assert [0.6 < line.get_xdata()[0] < 1.4 for line in loss.lines] == [True, True]
    assert loss.lines[0].get_xdata()[0] != loss.lines[1].get_xdata()[0]
    assert list(loss.get_xticks()) == [1]
    several = plot.training(comparison(outcome("relu"))).axes[1].lines[0]
    assert several.get_marker() == "None"


def test_figures_refuse_what_they_cannot_draw():
    network = Network((2, 3, 2), trained(per="layer"))
    neurons, learned = network.activations[0], network.activation_parameters[0]
    light = LightActivation(presets.SIGMOID, 2, power_max=1e-3)
    for draw, words in (
        (lambda: plot_budget(network), r"budget must be a PowerBudget, got Network: network\.budget"),
        (lambda: learned_curves(1, 2), "activation must be a TrainableActivation, got int"),
        (lambda: learned_curves(light, learned), "a TrainableActivation, got LightActivation"),
        (lambda: learned_curves(neurons, learned[:-1]), r"parameters must be of shape \(\d+,\), got \("),
        (lambda: spectra_and_weights(light, [[0.5]], {}), "bank must be a WeightBank, got LightActivation"),
        (lambda: plot.training(network), "comparison must be a Comparison, got Network"),
        (lambda: plot.accuracies([outcome("relu")]), "comparison must be a Comparison, got list"),
        (lambda: plot.activation_card("relu"), "activation must be an Activation, got str"),
        (lambda: plot.shapes(neurons), "layer must be a Mapping, got TrainableActivation"),
    ):
        with pytest.raises(ParameterError, match=words):
            draw()
