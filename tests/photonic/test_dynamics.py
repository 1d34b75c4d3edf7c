"""What `simulate` makes of its problem: late starts, method chosen, limits of the model."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

from photonic.dynamics import simulate
from photonic.errors import OutsideValidityWarning
from photonic.extensions import ThermalModes, Traps
from photonic.integration import photon_share
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rate_equations import terms

RED = VV.detuning(62e-12)


def test_share_of_the_photons() -> None:
    """2/γ over the shortest of τ_fc, the traps' 1/(c_n N_t) and the τ_k of heat that acts."""
    rate = float(VV.linewidth)
    trapped = dataclasses.replace(VV, traps=Traps(density=1e23, electron_capture=2e-14, hole_capture=1e-14))
    modes = dataclasses.replace(VV, thermal_modes=ThermalModes(shares=(0.5, 0.5), lifetimes=(3e-9, 90e-9)))
    without = dataclasses.replace(VV, two_photon_absorption=0.0)
    for ring, shortest in ((VV, 5.3e-9), (trapped, 0.5e-9), (modes, 3e-9), (without, 65e-9)):
        assert photon_share(ring.coefficients(), terms(ring)) == pytest.approx(2 / rate / shortest, rel=1e-12)
    dark = without.with_effects(heating=False)
    assert photon_share(dark.coefficients(), terms(dark)) == 0.0


@pytest.mark.parametrize("kind", ["constant", "smooth"])
def test_a_late_start_is_only_another_clock(kind: str) -> None:
    """The same light 3 µs later: the same states, at the samples and between them."""
    late, times = 3e-6, np.linspace(0.0, 6e-9, 25)
    start = {"temperature": 0.4, "carriers": 2e22}

    def swing(t: np.ndarray) -> np.ndarray:
        return 1e-3 * (1 + np.sin(2 * np.pi * t / 4e-9))

    traces = []
    for shift in (0.0, late):
        power = 1e-3 if kind == "constant" else lambda t, s=shift: swing(t - s)
        traces.append(simulate(VV, power, times + shift, detuning=RED, initial=start, dense=True))
    between = (times[1:] + times[:-1]) / 2
    for first, second in (
        (traces[0].states, traces[1].states),
        (traces[0].at(between).states, traces[1].at(between + late).states),
        (traces[1].states, traces[1].at(times + late).states),
    ):
        size = np.max(np.abs(first), axis=0)
        assert np.max(np.abs(first - second) / size) < 1e-7


def test_a_field_seen_while_it_rings_is_not_left_without_mass() -> None:
    """Long and slow, so that following at once is tried; but a sample stands half a lifetime after a jump.

    The light is faint: there the field is a_2 + (a_1 − a_2) exp((iδ − γ/2)(t − t_jump)).
    """
    rate, detuning = 1e12, 0.35e12
    ring = dataclasses.replace(VV, coupling_rate=rate / 2, scattering_rate=rate / 2, absorption_rate=0.0)
    middle, after = 1e-6, 1 / rate
    times = np.array([0.0, middle, middle + after, 2 * middle])
    settings = {"detuning": detuning, "rtol": 1e-3}
    power = np.array([1e-9, 4e-9, 4e-9, 4e-9])
    found = simulate(ring, power, times, **settings)
    before, beyond = (np.sqrt(rate / 2 * p) / complex(rate / 2, -detuning) for p in (1e-9, 4e-9))
    exact = beyond + (before - beyond) * np.exp(complex(-rate / 2, detuning) * after)
    assert found.method == "full"
    assert abs(found.field[2] - exact) < 1e-3 * abs(exact)
    slaved = simulate(ring, power[[0, 1, 3]], times[[0, 1, 3]], **settings)
    assert slaved.method == "slaved"
    assert abs(slaved.field[2] - beyond) < 1e-3 * abs(beyond)


@pytest.mark.parametrize(("side", "told"), [(1, True), (-1, False)])
def test_distance_from_the_hot_resonance(side: int, told: bool) -> None:
    """Heat moves the resonance red: a laser on the blue side gets further than FSR/10, one on the red nearer.

    FSR = 2πc/(n_g L); the start is warm enough to move it by 0.04 FSR, the laser stands at ±0.08.
    """
    ring = dataclasses.replace(VV, circumference=25e-6)
    spacing = 2 * np.pi * 299_792_458.0 / (ring.group_index * 25e-6)
    # ω_0 (dn/dT) T/n_g of the published ring
    omega = 2 * np.pi * 299_792_458.0 / ring.wavelength
    kelvin = 0.04 * spacing * ring.group_index / (omega * 1.86e-4)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        simulate(ring, 1e-9, [0.0, 1e-12], detuning=side * 0.08 * spacing, initial={"temperature": kelvin})
    said = [str(w.message) for w in found if w.category is OutsideValidityWarning]
    assert any("0.12 free spectral ranges off" in text for text in said) == told
