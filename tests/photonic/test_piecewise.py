"""Quantities as piecewise polynomials against the trace that they are read from."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.dynamics import simulate
from photonic.extensions import ThermalModes
from photonic.parameters import ALDAYA_2017
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.piecewise import QUANTITIES, signal

RING = dataclasses.replace(
    VV,
    drop_coupling_rate=4e9,
    traps=ALDAYA_2017,
    thermal_modes=ThermalModes(shares=(0.3, 0.7), lifetimes=(5e-9, 80e-9)),
)
RED = float(VV.detuning(62e-12))
DEVICES = [
    RingThrough(RING, RED),
    RingDrop(RING, RED),
    CavityLoadedMZI(RING, RED, 0.9, 0.3, 0.6, port="bar", insertion_loss=1.2, arm_loss=1.1),
    CavityLoadedMZI(RING, RED, 0.9, 0.3, 0.6, port="cross"),
]


@pytest.mark.parametrize("device", DEVICES, ids=["through", "drop", "bar", "cross"])
def test_every_quantity_is_that_of_the_trace(device: Any) -> None:
    """Values between the samples and slopes, under a smooth drive: the polynomials and the field do not share
    the way from the state to the ports."""
    start = {"temperature": 0.4, "carriers": 3e22}
    trace = simulate(
        device, lambda t: 1e-3 * (1.2 + np.sin(2 * np.pi * t / 7e-9)), np.linspace(0, 20e-9, 3),
        initial=start, dense=True,
    )  # fmt: skip
    times, step = np.linspace(0.3e-9, 19.7e-9, 301), 1e-13
    at, after, before = (trace.at(t) for t in (times, times + step, times - step))
    for name in QUANTITIES:
        found, size = signal(trace, name), np.max(np.abs(getattr(at, name)))
        assert np.max(np.abs(found.at(times) - getattr(at, name))) < 1e-12 * size
        slope = (getattr(after, name) - getattr(before, name)) / (2 * step)
        assert np.max(np.abs(found.rate().at(times) - slope)) < 1e-3 * np.max(np.abs(slope))
