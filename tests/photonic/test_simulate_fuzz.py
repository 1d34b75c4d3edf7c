"""Random rings, drives, starts and tolerances over wide ranges: numbers, a clear error, never a hang."""

from __future__ import annotations

import dataclasses
import time
import warnings
from typing import Any

import numpy as np
import pytest

from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import OutsideValidityWarning


def drawn(seed: int, random_extended: Any) -> tuple[Any, dict[str, Any]]:
    """A ring, and the other arguments of `simulate`: up to 1 W, 20 linewidths off, 10 ps to 100 ns."""
    rng = np.random.default_rng(seed)
    ring = random_extended(rng)
    if rng.random() < 0.3:  # Q of 400 to 10 million
        factor = float(10 ** rng.uniform(-2, 2))
        names = ("coupling_rate", "drop_coupling_rate", "absorption_rate", "scattering_rate")
        ring = dataclasses.replace(ring, **{name: getattr(ring, name) * factor for name in names})
    if rng.random() < 0.2:
        ring = dataclasses.replace(ring, carrier_lifetime=float(10 ** rng.uniform(-12, -6)))
    if rng.random() < 0.2 and ring.thermal_modes is None:
        ring = dataclasses.replace(ring, thermal_lifetime=float(10 ** rng.uniform(-9, -3)))
    pieces, span = int(rng.integers(1, 6)), float(10 ** rng.uniform(-11, -7))
    powers = 10 ** rng.uniform(-9, 0, pieces)
    powers[rng.random(pieces) < 0.1] = 0.0
    start: dict[str, Any] = {}
    if rng.random() < 0.3:
        start = {
            "carriers": float(10 ** rng.uniform(18, 25)),
            "temperature": float(rng.uniform(-5, 20)),
            "field": complex(*rng.normal(0, 1e-7, 2)),
        }
    return ring, {
        "power_in": Drive.held(np.linspace(0, span, pieces + 1), powers),
        "times": np.linspace(0, span, 4 * pieces + 1),
        "detuning": float(rng.uniform(-20, 20) * ring.linewidth),
        "initial": start,
        "rtol": float(10 ** rng.uniform(-11, -4)),
    }


def check(seeds: range, random_extended: Any) -> None:
    ring, arguments = drawn(0, random_extended)
    simulate(ring, **arguments)  # compiles
    slowest = (0.0, -1)
    for seed in seeds:
        ring, arguments = drawn(seed, random_extended)
        began = time.process_time()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            trace = simulate(ring, **arguments)
        slowest = max(slowest, (time.process_time() - began, seed))
        assert np.all(np.isfinite(trace.states)), seed
        assert np.all(np.isfinite(trace.power_out)), seed
        assert np.min(trace.carriers) >= -1e-3 * np.max(np.abs(trace.carriers)), seed
        assert all(issubclass(w.category, OutsideValidityWarning) for w in told), seed
        words = " ".join(str(w.message) for w in told)
        assert ("temperature" in words) == (np.max(trace.temperature) > 50), seed
        acts = ring.effects.free_carrier_absorption or ring.effects.free_carrier_dispersion
        dense = np.max(trace.carriers) > 1e26 and acts and ring.two_photon_absorption > 0
        assert ("carrier density" in words) == dense, seed
    assert slowest[0] < 10.0, slowest


def test_a_thousand_rings(random_extended: Any) -> None:
    check(range(1_000), random_extended)


@pytest.mark.slow
def test_ten_thousand_rings(random_extended: Any) -> None:
    """53 s on two cores in use: 10,000 finite traces, none an error, the slowest well below a second."""
    check(range(10_000), random_extended)
