"""The numbers of docs/dynamics.md about fast self-pulsation without heat, up to 100 mW."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.small_signal import growing
from photonic.stability import hopf_points


def onsets(lifetime: float, quality: float = 1.0) -> list[float]:
    """Frequencies [Hz] of the Hopf points at which a stable state begins to oscillate."""
    rates = {
        name: getattr(VV, name) / quality for name in ("coupling_rate", "absorption_rate", "scattering_rate")
    }
    ring = dataclasses.replace(VV.with_effects(heating=False), carrier_lifetime=lifetime, **rates)
    found = []
    for half_linewidths in np.linspace(-2, 30, 65):
        detuning = ring.detuning(half_linewidths=half_linewidths)
        found += [
            point.frequency
            for point in hopf_points(ring, detuning, 0.1)
            if 0 in growing(Cavity(ring, detuning), point.energy * np.array([0.999, 1.001]))
        ]
    return found


@pytest.mark.parametrize(
    ("quality", "inside", "outside"),
    [(1.0, (12e-12, 185e-12), (10e-12, 205e-12)), (2.0, (13e-12, 370e-12), (11e-12, 410e-12))],
)
def test_the_window_of_lifetimes(
    quality: float, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    assert all(onsets(lifetime, quality) for lifetime in inside)
    assert not any(onsets(lifetime, quality) for lifetime in outside)


def test_a_ring_of_low_quality_has_none() -> None:
    assert not any(onsets(lifetime, 0.2) for lifetime in np.geomspace(2e-12, 1e-9, 10))


def test_its_frequencies() -> None:
    found = [f for lifetime in (14e-12, 30e-12, 100e-12, 180e-12) for f in onsets(lifetime)]
    assert min(found) == pytest.approx(5.4e9, rel=0.02)
    assert max(found) == pytest.approx(15.8e9, rel=0.02)
