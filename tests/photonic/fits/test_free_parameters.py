"""Scales of free numbers: closed forms, and slopes against central differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from photonic import presets
from photonic.errors import ParameterError
from photonic.fits.free_parameters import FreeParameter, free_parameters

INF = math.inf
RING = presets.SIGMOID.ring
# Scale, its ends, and its value at ln 3 above its middle: e^u, 1 + e^u, or 3/4 of the way.
SCALES = [
    (FreeParameter("ring.carrier_lifetime", None, "log", 2e-9, 1.0), (0, INF), 3.0),
    (FreeParameter("ring.index_per_carrier", None, "log", -2e-27, 1.0), (-INF, 0), -3.0),
    (FreeParameter("detuning", None, "linear", -4.0, 2.5), (-INF, INF), 2.5 * math.log(3)),
    (FreeParameter("input_coupling", None, "share", 0.3, 0.3), (0, 1), 0.75),
    (FreeParameter("insertion_loss", None, "loss", 1.5, 1.5), (1, INF), 4.0),
    (FreeParameter("detuning", None, "linear", 0.5, 2.5, (-1.0, 3.0)), (-1, 3), 2.0),
    (FreeParameter("ring.carrier_lifetime", None, "log", 2.0, 1.0, (1.0, 16.0)), (1, 16), 8.0),
    (FreeParameter("ring.index_per_carrier", None, "log", -2.0, 1.0, (-16.0, -1.0)), (-16, -1), -2.0),
    (FreeParameter("input_coupling", None, "share", 0.3, 0.3, (0.2, 0.6)), (0.2, 0.6), 0.5),
    (FreeParameter("insertion_loss", None, "loss", 1.5, 1.5, (1.0, 5.0)), (1, 5), 4.0),
]


@pytest.mark.parametrize(("free", "ends", "value"), SCALES)
def test_scale(free: FreeParameter, ends: tuple[float, float], value: float) -> None:
    assert free.ends == ends
    assert free.value(math.log(3)) == pytest.approx(value, rel=1e-14)
    for end in ends:
        assert not free.holds(end)
    for u in (-2.0, 0.3, 1.7):
        at = free.value(u)
        assert free.holds(at)
        assert free.inner(at) == pytest.approx(u, rel=1e-12)
        central = (free.value(u + 1e-5) - free.value(u - 1e-5)) / 2e-5
        assert free.slope(u) == pytest.approx(central, rel=1e-8)


def test_natural_changes() -> None:
    """Ratios of what is positive (dx = x d ln x), steps of the rest."""
    assert SCALES[0][0].natural(5.0) == 5.0
    assert SCALES[1][0].natural(-5.0) == -5.0
    assert SCALES[2][0].natural(5.0) == 2.5
    assert SCALES[4][0].natural(5.0) == 5.0


def test_where_a_number_is_searched() -> None:
    """A factor of 300, or as many steps, both ways; physical limits if they are nearer."""
    low, high = SCALES[0][0].walls
    assert (math.exp(low), math.exp(high)) == pytest.approx((2e-9 / 300, 2e-9 * 300))
    assert SCALES[2][0].walls == pytest.approx((-4 / 2.5 - 300, -4 / 2.5 + 300))
    assert SCALES[3][0].walls == SCALES[5][0].walls == (-30, 30)
    near = FreeParameter("ring.two_photon_absorption", None, "log", 1e-9, 1.0)
    assert math.exp(near.walls[1]) == pytest.approx(1e-8)  # ten times that of any semiconductor
    assert math.exp(near.walls[0]) == pytest.approx(1e-9 / 300)
    assert near.within(near.walls[1] + 2.9)
    assert not near.within(near.walls[1] + 3.1)
    assert near.within(near.walls[0] - 2.9)
    assert not near.within(near.walls[0] - 3.1)


@pytest.mark.parametrize(
    ("name", "factor"), [("carrier_lifetime", 10.0), ("power_scale", 2.0), ("output_scale", 2.0)]
)
def test_ratios_among_which_starts_are_drawn(name: str, factor: float) -> None:
    (free,) = free_parameters(presets.SIGMOID, [name], {}, {}, 1, 1e-3)
    low, high = (free.value(u) for u in free.spread())
    assert (low, high) == pytest.approx((free.start / factor, free.start * factor))


def test_differences_among_which_starts_are_drawn() -> None:
    names = ["arm_phase", "dark", "detuning", "delay"]
    phase, dark, detuning, delay = free_parameters(presets.SIGMOID, names, {}, {}, 1, 1e-3)
    assert phase.spread() == pytest.approx((phase.start - math.pi, phase.start + math.pi))
    assert [dark.value(u) for u in dark.spread()] == pytest.approx([-2e-5, 2e-5])  # 2 % of the brightest
    assert (detuning.spread()[0], detuning.spread()[1]) == pytest.approx(
        (-6.0, max(6.0, detuning.start / (RING.linewidth / 2) + 4))
    )
    assert [delay.value(u) for u in delay.spread()] == pytest.approx(
        [-4 * RING.photon_lifetime, 4 * RING.photon_lifetime]
    )


def test_natural_steps() -> None:
    names = ["detuning", "ring.wavelength", "dark", "arm_phase", "ring.thermo_optic"]
    found = free_parameters(presets.SIGMOID, names, {}, {}, 1, 1e-3)
    half = RING.linewidth / 2
    in_wavelength = half * RING.wavelength**2 / (2 * math.pi * 299_792_458.0)
    expected = [half, in_wavelength, 1e-4, 1.0, abs(RING.thermo_optic)]
    assert np.array([f.step for f in found]) / expected == pytest.approx(np.ones(5), rel=1e-12)


def test_starts() -> None:
    device = presets.SIGMOID
    known = {"start": {"carrier_lifetime": 3e-9, "detuning[1]": 5.0}, "bounds": {"arm_phase": (2.0, 3.0)}}
    names = ["ring.carrier_lifetime", "detuning[0]", "detuning[1]", "arm_phase", "insertion_loss"]
    found = free_parameters(device, names, known["bounds"], known["start"], 2, 1e-3)
    assert [f.start for f in found] == [3e-9, device.detuning, 5.0, device.arm_phase, 1.01]
    assert [f.experiment for f in found] == [None, 0, 1, None, None]
    assert [f.bounds for f in found] == [None, None, None, (2.0, 3.0), None]
    assert [f.label for f in found][:2] == ["ring.carrier_lifetime", "detuning[0]"]
    (edge,) = free_parameters(device, ["input_coupling"], {}, {"input_coupling": 1.0}, 1, 1e-3)
    assert edge.start == 0.99


@pytest.mark.parametrize(
    ("bounds", "start"),
    [((1.0, 2.0), 1.0), ((1.0, 2.0), 2.0), ((1.0, math.inf), 1.5), ((2.0, 2.0), 2.0), ((0.0, np.nan), 1.0)],
)
def test_bounds_are_open_and_finite(bounds: tuple[float, float], start: float) -> None:
    with pytest.raises(ParameterError, match="bounds of arm_phase"):
        free_parameters(presets.SIGMOID, ["arm_phase"], {"arm_phase": bounds}, {"arm_phase": start}, 1, 1.0)


def test_bounds_without_a_start_begin_in_their_middle() -> None:
    """The geometric one of what is searched by ratios, whatever its sign."""
    bounds = {
        "index_per_carrier": (-8e-26, -2e-26),
        "carrier_lifetime": (1e-6, 4e-6),
        "arm_phase": (7.0, 8.0),
    }
    found = free_parameters(presets.SIGMOID, list(bounds), bounds, {}, 1, 1e-3)
    assert np.array([f.start for f in found]) / [-4e-26, 2e-6, 7.5] == pytest.approx(np.ones(3))
