"""Where the coupled-mode model says that it is left: just inside nothing, just outside a sentence."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photonic import presets
from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingThrough
from photonic.extensions import ThermalModes
from photonic.parameters import RIB_RING
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.regime import absorbed_power, outside_validity, symbol_error
from photonic.ring import Ring

LINEAR = dataclasses.replace(VV, two_photon_absorption=0.0)


def said(ring: Ring, detuning: float, energy: float) -> str:
    return "; ".join(outside_validity(Cavity(ring, detuning), np.array([0.0, energy])))


def test_temperature() -> None:
    """T = R_th γ_abs U with the linear loss alone; 50 K."""
    per_energy = float(VV.thermal_resistance * VV.absorption_rate)
    ring = dataclasses.replace(LINEAR, thermo_optic=1e-12)
    assert said(ring, 0.0, 49.9 / per_energy) == ""
    assert "temperature rise reaches 50.1 K" in said(ring, 0.0, 50.1 / per_energy)
    assert said(ring.with_effects(heating=False), 0.0, 50.1 / per_energy) == ""


def test_carrier_density() -> None:
    """N = g τ U²; 1e26 1/m³, and only where carriers act."""
    ring = dataclasses.replace(VV, circumference=None).with_effects(heating=False)
    c = ring.coefficients()
    unit = math.sqrt(1e26 / (c.generation * c.carrier_lifetime))
    assert said(ring, 0.0, 0.999 * unit) == ""
    assert "carrier density reaches 1e+26" in said(ring, 0.0, 1.001 * unit)
    idle = ring.with_effects(free_carrier_absorption=False, free_carrier_dispersion=False)
    assert said(idle, 0.0, 1.001 * unit) == ""


def test_finesse() -> None:
    """π√x/(1−x) = 20 at x = 0.8550."""
    assert math.pi * math.sqrt(0.8550) / (1 - 0.8550) == pytest.approx(20, rel=2e-3)
    turn = float(VV.round_trip_time())
    for x, sentence in ((0.86, False), (0.85, True)):
        rate = -2 * math.log(x) / turn - float(VV.intrinsic_rate)
        ring = dataclasses.replace(LINEAR, coupling_rate=rate)
        assert ("finesse is" in said(ring, 0.0, 1e-18)) is sentence


def test_distance_from_the_resonance() -> None:
    """A tenth of the free spectral range 2πc/(n_g L), on either side."""
    spacing = 2 * math.pi * 299_792_458 / (3.476 * 2 * math.pi * 4e-6)
    for sign in (-1, 1):
        assert said(LINEAR, sign * 0.0999 * spacing, 0.0) == ""
        assert "free spectral ranges off" in said(LINEAR, sign * 0.1001 * spacing, 0.0)


def test_absorbed_power_is_what_is_missing_and_not_scattered() -> None:
    """Light in minus light out minus scattered, heat frozen."""
    from photonic.devices import RingThrough

    device = RingThrough(VV, 0.0)
    power = np.array([1e-6, 1e-4, 5e-4])
    energy = device.frozen().energy(power)
    missing = power - device.frozen().transfer(power) - VV.scattering_rate * energy
    assert absorbed_power(device, power) == pytest.approx(missing, rel=1e-9, abs=0)


@pytest.mark.parametrize("modes", [None, ThermalModes(shares=(0.3, 0.7), lifetimes=(20e-9, 400e-9))])
@pytest.mark.parametrize("symbol_time", [0.7e-9, 3e-9, 30e-9, 150e-9])
def test_symbol_error_is_that_of_a_random_stream(symbol_time: float, modes: ThermalModes | None) -> None:
    """200,000 random symbols by Runge–Kutta steps; heat and carriers answer the detuning error.

    Derivatives by central differences; what the heat pulls along, and how fast carriers settle that are
    pulled along, is in the stream as it is in words in the docstring.
    """
    ring = dataclasses.replace(RIB_RING, thermal_modes=modes).with_effects(heating=False)
    device = CavityLoadedMZI(ring, 2e10, 1.0, 0.5, 0.5, "cross")
    powers = np.linspace(0, 1e-3, 16)
    step = 1e-4 * ring.linewidth
    pull = ring.angular_frequency * ring.index_confinement / ring.group_index

    def settled(detuning: float) -> np.ndarray:
        moved = dataclasses.replace(device, detuning=detuning)
        carriers = pull * ring.index_per_carrier * moved.cavity().carriers(moved.energy(powers))
        heat = pull * ring.thermo_optic * ring.thermal_resistance * absorbed_power(moved, powers)
        return np.array([heat, carriers, moved.transfer(powers)])

    heat, carriers, out = settled(2e10)
    heat_slope, carrier_slope, slope = (settled(2e10 + step) - settled(2e10 - step)) / (2 * step)
    heat, carriers, follow = heat - heat.mean(), carriers - carriers.mean(), 1 + carrier_slope
    shares, lifetimes = (
        (np.array([1.0]), np.array([ring.thermal_lifetime]))
        if modes is None
        else map(np.array, (modes.shares, modes.lifetimes))
    )
    rng = np.random.default_rng(4)
    drawn = rng.integers(0, powers.size, (400, 500))
    warm, squares = np.zeros((2 if modes else 1, 400)), []
    n = 4 if symbol_time < 10e-9 else 40
    for k in range(1, 500):
        now = drawn[:, k]

        def change(y: np.ndarray, now: np.ndarray = now) -> np.ndarray:
            driven = heat[now] + heat_slope[now] * y.sum(0)
            return (shares[:, None] * driven - y) / lifetimes[:, None]

        for _ in range(n):
            h = symbol_time / n
            k1 = change(warm)
            k2 = change(warm + h / 2 * k1)
            k3 = change(warm + h / 2 * k2)
            warm = warm + h / 6 * (k1 + 2 * k2 + 2 * k3 + change(warm + h * k3))
        lag = np.exp(-symbol_time / (follow[now] * ring.carrier_lifetime)) / follow[now]
        error = warm.sum(0) + lag * (carriers[drawn[:, k - 1]] - carriers[now])
        if k > min(6 * lifetimes.max() / symbol_time, 350):
            squares.append((error * slope[now]) ** 2)
    expected = math.sqrt(np.mean(squares)) / np.ptp(out)
    assert symbol_error(device, powers, symbol_time) == pytest.approx(expected, rel=0.02)


def test_symbol_error_of_a_runaway_is_infinite() -> None:
    """A heat that pulls itself along by more than it loses grows from symbol to symbol: no error is small."""
    device = presets.CLAMPED_RELU
    powers = np.linspace(0, presets.POWER_MAX, 101)
    assert np.isfinite(symbol_error(device, powers, 4e-9))
    assert np.isinf(symbol_error(device, powers, 1.0))


def test_first_order_ends_at_three_tenths_of_a_half_linewidth() -> None:
    """Heat alone, at long symbols: the rms of the detuning error is the spread of the settled heat."""
    ring = dataclasses.replace(LINEAR, effects=dataclasses.replace(VV.effects, heating=False))
    device = CavityLoadedMZI(ring, 0.0, 1.0)
    powers = np.linspace(0, 1e-6, 11)
    shift = VV.coefficients().thermal * VV.thermal_resistance * absorbed_power(device, powers)
    scale = 0.3 * float(VV.linewidth) / 2 / float(np.std(shift))
    assert np.isfinite(symbol_error(device, 0.999 * scale * powers, 1e-3))
    assert np.isinf(symbol_error(device, 1.001 * scale * powers, 1e-3))


def test_a_ring_without_thermal_numbers_has_its_heat_frozen():
    """Heat that the ring does not describe cannot settle: the curve is not called cw."""
    plain = Ring(
        wavelength=1.55e-6, group_index=4.2, coupling_rate=1e10, scattering_rate=1e10, kerr_index=4.5e-18,
        kerr_volume=5e-18,
    )  # fmt: skip
    assert plain.effects.heating
    assert RingThrough(plain, 0.0).regime == "frozen heat"
    assert RingThrough(VV, 0.0).regime == "cw"
    assert RingThrough(VV, 0.0).frozen().regime == "frozen heat"
