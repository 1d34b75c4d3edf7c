"""Power budgets: every number by hand, layers in the dark, the table and the figure."""

import json
import re
import warnings

import numpy as np
import pytest

from nets import plot_optics
from nets.optical.amplifier import Amplifier
from nets.optical.budget import DarkLayerWarning, PowerBudget, StagePower, power_budget
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder, PowerEncoder
from nets.optical.light_activation import LightActivation
from nets.optical.mesh import MZIMesh
from nets.optical.optical_network import OpticalNetwork
from nets.optical.passing import Passing
from nets.optical.passive import Attenuator, Splitter
from nets.optical.untrained import Untrained
from photonic import presets
from photonic.devices import RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.parameters import RIB_RING
from photonic.stability import folds


def opened(power):
    """P (½ + (P/0.2 mW)²): a line for faint light."""
    return power * (0.5 + (power / 0.2e-3) ** 2)


class Opening(Untrained):
    """`opened` in every channel, which works from ``working_power`` on."""

    takes = gives = "powers"
    name = "opening"
    identity = "opening"
    power_max = 1e-3

    def __init__(self, channels, working_power):
        self.inputs = self.outputs = channels
        self.working = working_power

    @property
    def working_power(self):
        return self.working

    def forward(self, signal, generator=None):
        return opened(signal), signal

    def backward(self, kept, upstream, wanted):
        raise NotImplementedError  # a budget sends nothing back


POWERS = np.array([[1.0, 0.0], [0.5, 0.5], [0.2, 1.0], [0.8, 0.3]])


def network(full_scale=1e-3, working_power=0.05e-3, gain=None):
    amplifier = []
    if gain:
        amplifier = [Amplifier(4, gain, noise_figure=4.0, bandwidth=1e9, kind="powers")]
    return OpticalNetwork(
        [
            PowerEncoder(2, full_scale),
            Attenuator(2, 2.0, kind="powers"),
            Splitter(2, 2, kind="powers"),
            *amplifier,
            Opening(4, working_power),
            Detector(4, 1.0, takes="powers"),
        ],
        dtype=np.float64,
    )


def test_budget_by_hand():
    budget = network().budget(POWERS)
    encoder, loss, splitter, opening, detector = budget.stages
    assert budget.rows == 4
    mean = 1e-3 * (1.0 + 1.0 + 1.2 + 1.1) / 4
    assert encoder.total == pytest.approx(mean)
    assert encoder.dbm == pytest.approx(10 * np.log10(mean / 1e-3))
    assert (encoder.smallest, encoder.largest) == pytest.approx((0.0, 1e-3))
    assert encoder.mean == pytest.approx(mean / 2)
    # two lasers of 1 mW, of which the modulators pass the mean
    assert encoder.loss_db == pytest.approx(10 * np.log10(2e-3 / mean))
    assert loss.total == pytest.approx(mean / 2)
    assert loss.loss_db == pytest.approx(3.0103, abs=1e-4)
    assert splitter.total == pytest.approx(mean / 2)
    assert splitter.loss_db == pytest.approx(0.0, abs=1e-12)
    assert splitter.largest == pytest.approx(0.25e-3)
    arriving = np.tile(POWERS, (1, 2)) * 0.25e-3
    assert opening.total == pytest.approx(np.sum(opened(arriving)) / 4)
    assert opening.lit == pytest.approx(7 / 8)  # 0 alone lies below 0.05 mW
    assert opening.outside == 0.0
    assert (opening.working_power, opening.power_max) == (0.05e-3, 1e-3)
    assert opening.arriving == pytest.approx(0.25e-3)
    assert detector.total is None
    assert detector.dbm is None
    assert budget.dark == ()


def test_nonlinearity_is_what_the_best_straight_line_through_nothing_leaves():
    opening = network().budget(POWERS).stages[3]
    left = whole = 0.0
    for column in 0.25e-3 * np.tile(POWERS, (1, 2)).T:
        slope = np.linalg.lstsq(column[:, None], opened(column), rcond=None)[0]
        left += np.sum((opened(column) - slope * column) ** 2)
        whole += np.sum(opened(column) ** 2)
    assert opening.nonlinearity == pytest.approx(left / whole)
    assert opening.nonlinearity > 0.01


def test_a_linear_layer_has_no_nonlinearity_even_with_phases():
    class Turned(Opening):
        takes = gives = "fields"
        power_max = np.inf

        def forward(self, signal, generator=None):
            return signal * np.array([1j, -0.3, 0.2 + 0.1j, 2.0]), None

    generator = np.random.default_rng(0)
    z = generator.standard_normal((20, 4)) + 1j * generator.standard_normal((20, 4))
    stage = Turned(4, 1e-9)
    line = power_budget([Passing(stage, z, stage.forward(z)[0])]).stages[0]
    assert line.nonlinearity < 1e-30


def test_dark_layers_are_named_with_what_they_would_need():
    words = (
        r"stage 4 \(opening\) is dark: .* less than 25 µW, it needs 50 µW, 2 times as much, .* is \d\.\de-05"
    )
    with pytest.warns(DarkLayerWarning, match=words):
        budget = network(full_scale=0.1e-3).budget(POWERS)
    assert [stage.name for stage in budget.dark] == ["opening"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert network(full_scale=0.1e-3, gain=10.0).budget(POWERS).dark == ()  # gain brings it back
        network(full_scale=0.1e-3).scores(POWERS)  # nothing but a budget warns


def test_a_layer_that_few_inputs_bend_is_not_dark():
    """No input reaches the working power it claims, and yet it is far from linear."""
    opening = network(working_power=0.3e-3).budget(POWERS).stages[3]
    assert opening.lit == 0
    assert opening.nonlinearity > 0.01
    assert not opening.is_dark


def test_no_power_is_enough_for_what_never_works():
    with pytest.warns(DarkLayerWarning, match="no power within its range makes it work"):
        budget = network(full_scale=0.1e-3, working_power=np.inf).budget(POWERS)
    assert budget.as_dict()["stages"][3]["working_power"] is None
    assert "never" in budget.table()


def test_darkness_itself_is_told():
    with pytest.warns(DarkLayerWarning, match=r"95 % of its inputs get no light, it needs 50 µW$"):
        budget = network().budget(np.zeros((3, 2)))
    assert budget.stages[0].total == 0
    assert budget.stages[3].nonlinearity is None
    assert plot_optics.plot_budget(budget).axes


def test_rounding_is_not_a_power():
    """0.0134 aW is what single precision leaves where no light goes."""
    cells = re.split("  +", PowerBudget((layer(smallest=1.34e-20, mean=2e-18),), 4).table().splitlines()[1])
    assert cells[5:8] == ["2 aW", "< 1 aW", "0.9 mW"]
    faint = PowerBudget((layer(arriving=3e-20),), 4)
    assert [words.split(", ")[0] for _, words in faint.warnings] == [
        "stage 1 (neurons) is dark: 95 % of its inputs get less than 1 aW"
    ]


def test_warnings_can_be_kept_instead_of_given():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        budget = network(full_scale=0.1e-3).budget(POWERS, warn=False)
    assert [category for category, _ in budget.warnings] == [DarkLayerWarning]
    told = json.loads(json.dumps(budget.as_dict()))["warnings"]
    assert told == [{"category": "DarkLayerWarning", "words": budget.warnings[0][1]}]
    assert network().budget(POWERS).as_dict()["warnings"] == []


def test_inputs_beyond_the_range_are_counted():
    with pytest.warns(OutsideValidityWarning, match=r"stage 4 \(opening\): 38% .* power_max = 1 mW"):
        opening = network(full_scale=8e-3).budget(POWERS).stages[3]
    assert opening.outside == pytest.approx(3 / 8)  # copies of 2 mW · u, above 1 mW for 1.0, 1.0 and 0.8


def test_gain_is_a_negative_loss():
    stages = network(full_scale=0.2e-3, gain=10.0).budget(POWERS).stages
    assert stages[3].loss_db == pytest.approx(-10.0)


def test_table_and_dictionary():
    budget = network().budget(POWERS)
    lines = budget.table().splitlines()
    assert len(lines) == 8  # headings, lasers, five stages, what all lasers give
    assert re.search(r"loss +powers +2 +0\.53[78] mW +-2\.70 +3\.01", lines[3])
    assert lines[5].startswith("opening")
    entry = json.loads(json.dumps(budget.as_dict()))
    assert entry["stages"][1]["loss_db"] == pytest.approx(3.0103, abs=1e-4)
    assert entry["stages"][4]["total"] is None
    assert entry["rows"] == 4


def labels_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_figure_shows_stages_and_what_they_need():
    with pytest.warns(DarkLayerWarning):
        dark = network(full_scale=0.1e-3).budget(POWERS)
    for budget, label in (
        (network().budget(POWERS), "working power, reached"),
        (dark, "working power, not reached: dark"),
    ):
        figure = plot_optics.plot_budget(budget)
        axes = figure.axes[0]
        assert [t.get_text() for t in axes.get_xticklabels()] == [
            "power encoder",
            "loss",
            "splitter",
            "opening",
        ]
        assert label in labels_of(figure)
        step = next(line for line in axes.lines if line.get_label() == "all channels")
        assert list(step.get_ydata()) == [s.total for s in budget.stages[:4]]
        figure.canvas.draw()


def layer(**changes):
    settings = {
        "name": "neurons", "gives": "powers", "channels": 2, "total": 1e-3, "mean": 5e-4, "smallest": 1e-4,
        "largest": 9e-4, "working_power": 1e-3, "power_max": 1e-2, "arriving": 8e-4, "lit": 0.0,
        "nonlinearity": 0.0,
    }  # fmt: skip
    return StagePower(**{**settings, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lit": 0.06, "nonlinearity": 1e-4}, "reached"),
        ({"lit": 0.04, "nonlinearity": 0.02}, "not reached, but nonlinear"),
        ({"lit": 0.04, "nonlinearity": 1e-4}, "not reached: dark"),
    ],
)
def test_a_layer_stands_in_one_of_three_states(changes, words):
    labels = labels_of(plot_optics.plot_budget(PowerBudget((layer(**changes),), 4)))
    assert [text for text in labels if text.startswith("working power")] == [f"working power, {words}"]


def test_bars_say_where_they_go_on():
    """60 dB below 0.9 mW is 0.9 nW."""
    for smallest, goes_on in ((1e-9, False), (0.8e-9, True), (0.0, True)):
        figure = plot_optics.plot_budget(PowerBudget((layer(smallest=smallest),), 4))
        assert ("that goes on further down" in labels_of(figure)) == goes_on
        bar = next(line for line in figure.axes[0].lines if line.get_label().startswith("one channel"))
        assert list(bar.get_ydata()) == pytest.approx([max(smallest, 0.9e-9), 0.9e-3])


def test_the_legend_is_inside_the_figure():
    stages = (layer(lit=1.0), layer(nonlinearity=0.5), layer(smallest=0.0))
    figure = plot_optics.plot_budget(PowerBudget(stages, 4))
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y0 >= 0


def test_without_light_there_is_nothing_to_draw():
    figure = plot_optics.plot_budget(PowerBudget((layer(total=0.0),), 4))
    assert [text.get_text() for text in figure.axes[0].texts] == ["no light behind any stage"]
    assert not figure.legends


def neurons_of_light(device, power_max, full_scale):
    """Two channels, `POWERS` times full scale, half of it lost before the neurons."""
    stages = [
        PowerEncoder(2, full_scale),
        Attenuator(2, 2.0, kind="powers"),
        LightActivation(device, 2, kind="powers", power_max=power_max),
        Attenuator(2, 3.0, kind="powers"),
        Detector(2, 1.0, takes="powers"),
    ]
    return OpticalNetwork(stages, dtype=np.float64)


def test_too_much_light_is_counted_and_followed_further():
    network = neurons_of_light(presets.SIGMOID, 1e-3, 4e-3)
    with pytest.raises(ParameterError, match=r"^stage 3: 0.002 W arrives at a channel of light"):
        network.scores(POWERS)
    with pytest.warns(OutsideValidityWarning, match=r"stage 3 \(light.*\): 38% of its inputs") as told:
        stages = network.budget(POWERS).stages
    assert len(told) == 1
    assert stages[2].outside == pytest.approx(3 / 8)  # 2 mW · u above 1 mW: 1.0, 1.0, 0.8
    through = presets.SIGMOID.transfer(2e-3 * POWERS)
    assert stages[2].total == pytest.approx(through.sum(axis=1).mean())
    assert stages[3].total == pytest.approx(through.sum(axis=1).mean() / 3)
    with pytest.raises(ParameterError, match=r"^stage 3: .* arrives"):  # the network is as it was
        network.scores(POWERS)


def test_where_there_are_several_states_nothing_is_known_behind():
    frozen = RIB_RING.with_effects(heating=False)
    device = RingThrough(frozen, frozen.detuning(half_linewidths=2.0))
    limit = min(point.power for point in folds(frozen, device.detuning))
    network = neurons_of_light(device, 0.9 * limit, 4 * limit)
    with pytest.warns(
        OutsideValidityWarning, match=r"62% .*multivalued above .*: nothing is known behind it"
    ):
        budget = network.budget(POWERS)
    encoder, loss, neurons, behind, detector = budget.stages
    assert loss.total == pytest.approx(encoder.total / 2)
    assert neurons.outside == pytest.approx(5 / 8)  # 2 u above 0.9
    assert neurons.arriving > limit
    assert (neurons.total, neurons.nonlinearity, behind.total, detector.total) == (None,) * 4
    assert "nothing is known behind it" in budget.table().splitlines()[-1]
    assert "multivalued" in budget.as_dict()["stages"][2]["refused"]
    plot_optics.plot_budget(budget).canvas.draw()


def test_a_curve_ends_where_it_was_measured():
    network = neurons_of_light(presets.SIGMOID.curve(1e-3), 1e-3, 4e-3)
    with pytest.warns(OutsideValidityWarning, match="nothing is known behind it"):
        assert network.budget(POWERS).stages[2].outside == pytest.approx(3 / 8)


def test_single_precision_is_not_outside():
    network = neurons_of_light(presets.SIGMOID, 1e-3, 2e-3)
    network.dtype = np.dtype(np.float32)
    power = np.nextafter(np.float32(1.0), np.float32(2.0))
    signal = np.full((3, 2), power * np.float32(1e-3))
    line = power_budget([Passing(network.stages[2], signal, network.stages[2].forward(signal)[0])]).stages[0]
    assert line.arriving > 1e-3
    assert line.outside == 0


def test_small_shares_are_not_none():
    layer = StagePower(name="a", gives="powers", channels=1, lit=0.001, outside=0.02, nonlinearity=0.5)
    row = PowerBudget((layer,), 1).table().splitlines()[1]
    assert row.split()[-3:] == ["<1%", "2%", "5.0e-01"]


def test_other_errors_remain_errors():
    network = neurons_of_light(presets.SIGMOID, 1e-3, 1e-3)
    with pytest.raises(ParameterError, match="inputs must have at least one row, got none"):
        network.budget(np.zeros((0, 2)))
    with pytest.raises(ParameterError, match=r"^stage 1: "):
        network.budget([[0.5, np.nan]])
    with pytest.raises(ParameterError, match=r"^stage 1: "):
        network.budget([[0.5, 2.0]])


def test_rounding_is_no_amplifier():
    """Lossless meshes in single precision leave the power as it is but for 1e-7 of it."""
    for seed in range(8):
        stages = [FieldEncoder(6, 1e-3), MZIMesh(6), MZIMesh(6), Detector(6, 1.0)]
        rows = np.random.default_rng(seed).uniform(-1, 1, (50, 6))
        budget = OpticalNetwork(stages, seed=seed).budget(rows)
        assert budget.amplified == 0
        assert [stage.loss_db for stage in budget.stages[1:3]] == pytest.approx([0, 0], abs=1e-5)
