"""Price of heater power: against the least powers of the heaters, closed forms and central differences."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError
from photonic.heater_slopes import least_detuning, smooth_heater_power
from photonic.heaters import Heaters
from photonic.parameters import RIB_RING
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.presets import LEAKY_RELU

UNEVEN = np.eye(4)
UNEVEN[0, 1], UNEVEN[2, 1], UNEVEN[3, 2] = 0.01, 0.06, 0.03  # not symmetric
LARGE = np.where(np.eye(4) == 1, 1.0, np.random.default_rng(1).uniform(0, 0.3, (4, 4)))
OFFSETS = {"arm_offset": 0.4, "input_offset": -1.2, "output_offset": 0.1}
KINDS = {
    "plain": Heaters(),
    "offsets": Heaters(**OFFSETS),
    "crosstalk": Heaters(crosstalk=0.02),
    "much crosstalk": Heaters(crosstalk=0.1, p_pi=20e-3, **OFFSETS),
    "uneven crosstalk": Heaters(crosstalk=UNEVEN, **OFFSETS),
    "large uneven crosstalk": Heaters(crosstalk=LARGE, **OFFSETS),
    "trimmed further": Heaters(crosstalk=0.05, detuning_unheated=-3e11, **OFFSETS),
}
ROUND = "ignore:the heater cannot move the resonance blue"


def settings_of(ring, n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    detuning = rng.uniform(-11, 2, n) * float(ring.linewidth) / 2  # some blue of the unheated ring
    return np.column_stack([detuning, rng.uniform(-9, 9, n), rng.uniform(0.02, 0.98, (n, 2))])


@pytest.mark.filterwarnings(ROUND)
@pytest.mark.parametrize("ring", [RIB_RING, VV], ids=["rib ring", "VV"])
@pytest.mark.parametrize("kind", KINDS)
def test_price_is_the_least_power_of_the_heaters_but_for_the_walls(kind: str, ring) -> None:
    heaters, settings = KINDS[kind], settings_of(ring, 60)
    price = smooth_heater_power(heaters, ring, settings)[0]
    least = [heaters.power(CavityLoadedMZI(ring, *map(float, row))) for row in settings]
    total = np.array([power.total for power in least])
    phases = np.array([min(p.arm, p.input_coupler, p.output_coupler) for p in least])
    half = math.pi * 299792458.0 * heaters.ring_efficiency / float(ring.wavelength) ** 2  # of ω_0 η/λ_0
    shift = 2 * half * np.array([power.ring for power in least])
    far = (phases >= 0.02 * heaters.p_pi) & (shift >= 0.05 * float(ring.linewidth) / 2)
    assert np.count_nonzero(far) > 20
    assert price[far] == pytest.approx(total[far], rel=1e-10)
    assert np.all(price > total * (1 - 1e-10))


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_are_those_of_central_differences(kind: str) -> None:
    settings = settings_of(RIB_RING, 100, seed=1)
    slopes = smooth_heater_power(KINDS[kind], RIB_RING, settings)[1]
    for k, step in enumerate((1e-5 * RIB_RING.linewidth, 1e-6, 1e-7, 1e-7)):
        move = step * np.eye(4)[k]
        up, down = (smooth_heater_power(KINDS[kind], RIB_RING, settings + s * move)[0] for s in (1, -1))
        error = np.abs((up - down) / (2 * step) - slopes[:, k])
        assert np.max(error) < 1e-6 * np.max(np.abs(slopes[:, k]))


@pytest.mark.parametrize("kind", ["plain", "uneven crosstalk"])
@pytest.mark.parametrize("setting", range(4))
def test_price_does_not_jump(kind: str, setting: int) -> None:
    """Along a line its steps are those of its slopes, also where a heater goes a whole turn further."""
    low, high = [(-6 * float(RIB_RING.linewidth), 0.0), (-7.0, 7.0), (0.02, 0.98), (0.02, 0.98)][setting]
    line = np.repeat(settings_of(RIB_RING, 1, seed=2), 6001, axis=0)
    line[:, setting] = np.linspace(low, high, len(line))
    price, slopes = smooth_heater_power(KINDS[kind], RIB_RING, line)
    steepest = np.maximum(np.abs(slopes[1:, setting]), np.abs(slopes[:-1, setting]))
    assert np.all(np.abs(np.diff(price)) < 1.5 * steepest * (high - low) / 6000 + 1e-12)
    assert np.ptp(price) > 5e-3


@pytest.mark.filterwarnings(ROUND)
def test_no_heater_is_thought_to_cool() -> None:
    """Crosstalk heats this ring beyond its setting: it must go a free spectral range round."""
    device = dataclasses.replace(LEAKY_RELU, arm_phase=1.0, input_coupling=0.5, output_coupling=0.5)
    heaters = Heaters(crosstalk=0.1)
    price = smooth_heater_power(heaters, device.ring, [[float(device.detuning), 1.0, 0.5, 0.5]])[0]
    spacing = 299792458.0 / (float(device.ring.group_index) * float(device.ring.circumference))  # [Hz]
    shift = spacing + (5 * float(device.ring.linewidth) + float(device.detuning)) / (2 * math.pi)
    ring = shift * float(device.ring.wavelength) ** 2 / 299792458.0 / 1.2e-7
    # arm 2 takes π more where one of the couplers works at 3π/2 instead of π/2
    quarters = [(1.0, 0.5, 0.5), (1.0 + math.pi, 1.5, 0.5), (1.0 + math.pi, 0.5, 1.5), (1.0, 1.5, 1.5)]
    phases = [(arm, math.pi * first, math.pi * last) for arm, first, last in quarters]
    turns = itertools.product((0.0, 2 * math.pi), repeat=3)
    ways = [np.add(phase, turn) * 25e-3 / math.pi for phase, turn in itertools.product(phases, turns)]
    sent = [np.linalg.solve(heaters.matrix(), [ring, *way]) for way in ways]
    assert price[0] == pytest.approx(min(p.sum() for p in sent if np.all(p >= 0)), rel=1e-6)


def test_a_ring_of_unknown_circumference_has_a_least_detuning() -> None:
    ring = dataclasses.replace(RIB_RING, circumference=None)
    heaters = Heaters(detuning_unheated=-2e10, crosstalk=0.05)
    least = least_detuning(heaters, ring)
    per_watt = 2 * math.pi * 299792458.0 / float(ring.wavelength) ** 2 * 1.2e-7
    assert least == pytest.approx(-2e10 + per_watt * 0.05 * 3 * 50e-3, rel=0.05)
    settings = settings_of(ring, 400)
    settings[:, 0] = least
    assert np.all(smooth_heater_power(heaters, ring, settings)[0] > 0)
    settings[:, 0] = -2.1e10
    with pytest.raises(ParameterError, match="blue of what the ring heater reaches"):
        smooth_heater_power(heaters, ring, settings)
    assert least_detuning(Heaters(detuning_unheated=0.0), ring) == 0.0
    assert least_detuning(Heaters(detuning_unheated=0.0), RIB_RING) == -math.inf


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (np.zeros((2, 3)), r"must have shape \(devices, 4\)"),
        ([[0.0, 0.0, 0.0, 0.5]], "couplings must lie in"),
        ([[np.nan, 0.0, 0.5, 0.5]], "settings must be"),
    ],
)
def test_wrong_settings_are_refused(settings, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        smooth_heater_power(Heaters(), RIB_RING, settings)
