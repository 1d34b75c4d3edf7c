"""What a budget says of neurons with frozen heat: symbols that suit them, heat to be made up for."""

import dataclasses
import json
import math

import numpy as np
import pytest

from nets.optical.detectors import Detector
from nets.optical.encoders import PowerEncoder
from nets.optical.frozen_heat import FrozenHeat, frozen_heat_of
from nets.optical.light_activation import LightActivation
from nets.optical.optical_network import OpticalNetwork
from photonic import presets
from photonic.devices import RingThrough
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import RIB_RING

ROWS = 400


def budget(device, full_scale, **options):
    """Powers from 0 to ``full_scale`` [W], even in the first neuron, less often high in the second."""
    stage = LightActivation(device, 2, kind="powers", power_max=full_scale, name="layer", **options)
    stages = [PowerEncoder(2, full_scale), stage, Detector(2, 1.0, takes="powers")]
    even = (np.arange(ROWS) + 0.5) / ROWS
    return OpticalNetwork(stages, dtype=np.float64).budget(np.column_stack([even, even**3]))


def test_mean_heat_of_each_neuron_and_symbols_of_the_hottest():
    device, full = presets.SIGMOID, 1e-3
    found = budget(device, full)
    layer = found.stages[1]
    even = full * (np.arange(ROWS) + 0.5) / ROWS
    half = device.ring.linewidth / 2
    heats = sorted(float(device.mean_heating(p)[1]) / half for p in (even, full * (even / full) ** 3))
    assert layer.regime == "frozen heat"
    assert layer.mean_heating == pytest.approx(heats, rel=0.01)  # of 33 quantiles in place of 400 powers
    assert heats[0] < 0.7 * heats[1]
    window = device.symbol_window(even)  # more light: the first neuron is the hotter one
    assert layer.symbol_window == pytest.approx((window.shortest, window.longest), rel=0.5)
    cooler = device.symbol_window(full * (even / full) ** 3)
    assert layer.symbol_window[1] != pytest.approx(cooler.longest, rel=0.2)
    entry = json.loads(json.dumps(found.as_dict()))["stages"][1]
    assert entry["idealised"] is False
    assert entry["symbol_window"] == list(layer.symbol_window)
    last = found.table().splitlines()[-1]
    assert last.startswith("stage 2, layer: frozen heat, symbols of ")
    low, high = layer.mean_heating
    assert last.endswith(f"make up for {low:.2g} to {high:.2g} half-linewidths of mean heat")


def test_much_light_leaves_no_symbol_time_at_all():
    """10 mW into the leaky ReLU heat it by many half-linewidths: heat cannot be frozen."""
    device = presets.LEAKY_RELU
    assert device.symbol_window(np.linspace(0, 10e-3, ROWS)) is None
    found = budget(device, 10e-3)
    assert found.stages[1].symbol_window is None
    assert found.stages[1].frozen_heat.is_idealised
    assert found.as_dict()["stages"][1]["idealised"] is True
    assert "layer: frozen heat, an idealisation: no symbol time" in found.table()


def test_settings_learned_by_each_neuron_count():
    stage = LightActivation(presets.SIGMOID, 2, kind="powers", power_max=1e-3, trained=("detuning",))
    parameters = np.zeros(2)
    stage.bind(parameters, np.zeros(2))
    stage.initialise(np.random.default_rng(0))
    powers = np.tile(np.linspace(0, 1e-3, 50)[:, None], (1, 2))
    alike = frozen_heat_of(stage, powers).mean_heating
    assert alike[0] == pytest.approx(alike[1])
    parameters[1] -= 3.0
    low, high = frozen_heat_of(stage, powers).mean_heating
    assert high > 1.2 * low


@pytest.mark.filterwarnings("ignore::nets.optical.budget.DarkLayerWarning")
def test_other_regimes_are_named_without_windows():
    warm = budget(RingThrough(RIB_RING, 0.0), 1e-6).stages[1]
    assert (warm.regime, warm.frozen_heat, warm.mean_heating) == ("cw", None, None)
    assert budget(MachZehnder(1.0), 1e-3).stages[1].regime == "linear"
    assert "layer: linear" in budget(MachZehnder(1.0), 1e-3).table()


def test_what_cannot_be_told_says_why():
    device = presets.SIGMOID
    curve = budget(device.curve(1e-3, 64), 1e-3)
    assert curve.stages[1].frozen_heat.is_idealised is None
    assert "cannot be told: layer stands for a measured curve" in curve.table()
    timeless = dataclasses.replace(device.ring, thermal_lifetime=None, thermal_modes=None)
    layer = budget(dataclasses.replace(device, ring=timeless), 1e-3).stages[1]
    assert layer.mean_heating is None
    assert "thermal_resistance needs thermal_lifetime" in layer.window_unknown
    still = frozen_heat_of(None, np.full((5, 3), 1e-3))
    assert still.unknown == "the powers that arrive do not change"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ((1.234e-9, 45e-9), "symbols of 1.2 ns to 45 ns at"),
        ((0.0, 45e-9), "symbols up to 45 ns at"),
        ((1.2e-9, math.inf), "symbols from 1.2 ns on at"),
        ((0.0, math.inf), "symbols of any length at"),
    ],
)
def test_words_of_a_window(window, words):
    found = FrozenHeat(symbol_window=window, mean_heating=(0.5, 4.2))
    assert words in found.words()
    assert "0.5 to 4.2 half-linewidths" in found.words()
