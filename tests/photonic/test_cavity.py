"""Steady states of the nonlinear ring: thresholds, folds, completeness, balance of powers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.errors import ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rates import carrier_change, temperature_change
from photonic.ring import Effects, Ring
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987
from photonic.stability import folds, steady_states

HALF = VV.linewidth / 2


def only(ring: Ring, **switches: bool) -> Ring:
    """The ring with the named effects only."""
    off = dict.fromkeys([f.name for f in dataclasses.fields(Effects)], False)
    return dataclasses.replace(ring, effects=Effects(**{**off, **switches}))


def threshold(ring: Ring, low: float, high: float) -> float:
    """Detuning [half-linewidths] between ``low`` (no folds) and ``high`` at which folds appear."""
    assert not folds(ring, low * ring.linewidth / 2)
    assert folds(ring, high * ring.linewidth / 2)
    for _ in range(45):
        middle = (low + high) / 2
        if folds(ring, middle * ring.linewidth / 2):
            high = middle
        else:
            low = middle
    return high


# ------------------------------------------------------------------ published and analytic thresholds
def test_kerr_folds_and_critical_power(kerr_ring: Ring) -> None:
    """A6; independent reference solver, to 1e-3."""
    assert not folds(kerr_ring, -1.70 * HALF)
    assert len(folds(kerr_ring, -1.76 * HALF)) == 2
    upper, lower = (f.power for f in folds(kerr_ring, -3 * HALF))
    assert upper == pytest.approx(9.26165e-3, rel=1e-3, abs=0.0)
    assert lower == pytest.approx(5.29880e-3, rel=1e-3, abs=0.0)
    at = threshold(kerr_ring, -1.70, -1.76)
    assert at == pytest.approx(-math.sqrt(3), rel=1e-9, abs=0.0)
    critical = folds(kerr_ring, at * HALF)[0].power
    assert critical == pytest.approx(2.80216e-3, rel=1e-3, abs=0.0)
    # P_crit = γ³/(3√3 k_K γ_c), k_K = ω n₂ c/(n_g² V): physics.md §7.5
    k = kerr_ring.angular_frequency * 4.5e-18 * 299792458 / (3.476**2 * 2.59e-18)
    formula = kerr_ring.linewidth**3 / (3 * math.sqrt(3) * k * kerr_ring.coupling_rate)
    assert critical == pytest.approx(formula, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("detuning", [1.8, 3.0, 20.0])
def test_kerr_fold_energies(kerr_ring: Ring, detuning: float) -> None:
    """X± = (2Δ ± √(Δ²−3))/3 in units of (γ/2)/k_K: §7.5."""
    unit = HALF / kerr_ring.coefficients().kerr
    found = [f.energy / unit for f in folds(kerr_ring, -detuning * HALF)]
    root = math.sqrt(detuning**2 - 3)
    assert found == pytest.approx([(2 * detuning - root) / 3, (2 * detuning + root) / 3], rel=1e-10, abs=0.0)


@pytest.mark.parametrize("r", [0.05, 0.2, 0.4])
def test_kerr_with_two_photon_loss(kerr_ring: Ring, r: float) -> None:
    """§7.6: Δ_c = (4r + √3(1+r²))/(1−3r²) with r = βλ/(4πn₂)."""
    beta = r * 4 * math.pi * 4.5e-18 / VV.wavelength
    ring = dataclasses.replace(kerr_ring, two_photon_absorption=beta, tpa_confinement=1.0)
    ring = only(ring, kerr=True, two_photon_loss=True)
    expected = (4 * r + math.sqrt(3) * (1 + r * r)) / (1 - 3 * r * r)
    assert threshold(ring, -0.9 * expected, -1.1 * expected) == pytest.approx(-expected, rel=1e-7, abs=0.0)


def test_two_photon_loss_forbids_kerr_bistability(kerr_ring: Ring) -> None:
    """§7.6: none for r >= 1/√3."""
    beta = 0.6 * 4 * math.pi * 4.5e-18 / VV.wavelength
    ring = dataclasses.replace(kerr_ring, two_photon_absorption=beta, tpa_confinement=1.0)
    ring = only(ring, kerr=True, two_photon_loss=True)
    assert not any(folds(ring, -x * HALF) for x in (1, 3, 10, 100, 1000))


def test_carrier_dispersion_alone() -> None:
    """§7.7: bistable for D > √5/2 on the blue side; X_c = √(0.3√5), Y_c = 0.982844."""
    ring = only(VV, free_carrier_dispersion=True)
    at = threshold(ring, 1.0, 1.3)
    assert at == pytest.approx(math.sqrt(5) / 2, rel=1e-7, abs=0.0)
    assert not folds(ring, -5 * HALF)
    c = ring.coefficients()
    square = -c.index * ring.index_per_carrier * c.generation * c.carrier_lifetime  # shift = square·U²
    unit = math.sqrt(HALF / square)
    point = folds(ring, at * HALF)[0]
    assert point.energy / unit == pytest.approx(math.sqrt(0.3 * math.sqrt(5)), rel=1e-3, abs=0.0)
    assert point.energy / unit == pytest.approx(0.819036, rel=1e-3, abs=0.0)
    assert point.power * ring.coupling_rate / (unit * HALF**2) == pytest.approx(0.982844, rel=1e-5, abs=0.0)


@pytest.mark.parametrize("f", [0.02, 0.3, 0.8])
def test_carrier_dispersion_with_absorption(f: float) -> None:
    """§7.8: |Δ_c| = (9f + 2√5(1+f²))/(4−5f²) with f = Γσc/(2ω|dn/dN|)."""
    cross_section = f * 2 * VV.angular_frequency * 1.73e-27 / (VV.fca_confinement * 299792458)
    ring = dataclasses.replace(VV, free_carrier_cross_section=cross_section)
    ring = only(ring, free_carrier_dispersion=True, free_carrier_absorption=True)
    expected = (9 * f + 2 * math.sqrt(5) * (1 + f * f)) / (4 - 5 * f * f)
    assert threshold(ring, 0.9 * expected, 1.1 * expected) == pytest.approx(expected, rel=1e-6, abs=0.0)


def test_carrier_absorption_forbids_bistability() -> None:
    """§7.8: none for f >= 2/√5."""
    cross_section = 0.95 * 2 * VV.angular_frequency * 1.73e-27 / (VV.fca_confinement * 299792458)
    ring = dataclasses.replace(VV, free_carrier_cross_section=cross_section)
    ring = only(ring, free_carrier_dispersion=True, free_carrier_absorption=True)
    assert not any(folds(ring, x * HALF) for x in (1, 3, 10, 100))


def test_linear_heat_is_like_kerr() -> None:
    """§7.9: k_th = ω (dn/dT) R_th γ_abs/n_g."""
    ring = only(dataclasses.replace(VV, two_photon_absorption=0.0), heating=True)
    resistance = 65e-9 * 0.9355 / (2330 * 700 * 3.19e-18)
    k = VV.angular_frequency * 1.86e-4 * resistance * VV.absorption_rate / 3.476
    found = [f.energy * k / HALF for f in folds(ring, -3 * HALF)]
    assert found == pytest.approx([(6 - math.sqrt(6)) / 3, (6 + math.sqrt(6)) / 3], rel=1e-9, abs=0.0)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (62e-12, (0.68565e-3, 0.16928e-3)),
        (40e-12, (0.21299e-3, 0.11378e-3)),
        (0.0, ()),
        (20e-12, ()),
        (-20e-12, ()),
    ],
)
def test_folds_of_the_published_ring(offset: float, expected: tuple[float, ...]) -> None:
    """A11; independent reference solver, to 1 %."""
    found = [f.power for f in folds(VV, VV.detuning(offset))]
    assert found == pytest.approx(list(expected), rel=0.01, abs=0.0)


# ------------------------------------------------------------------ completeness
def states_of(ring: Ring, power: float, detuning: float) -> list[float]:
    return [state.energy for state in steady_states(ring, power, detuning)]


def random_power(rng: np.random.Generator, ring: Ring, detuning: float) -> float:
    """Between folds where there are some, else anywhere from 1 µW to 0.1 W."""
    ends = [f.power for f in folds(ring, detuning) if f.power < 1.0]
    low, high = (min(ends), max(ends)) if len(ends) > 1 else (1e-6, 0.1)
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def test_states_agree_with_a_dense_scan(model: Any, random_ring: Callable[..., Ring]) -> None:
    """300 random rings: sign changes of an independent P_in(U) − P on 20,000 energies."""
    rng = np.random.default_rng(11)
    several = 0
    for _ in range(300):
        ring = random_ring(rng)
        detuning = float(rng.uniform(-8, 8) * ring.linewidth / 2)
        independent = model(ring, detuning)
        power = random_power(rng, ring, detuning)
        top = 4 * ring.coupling_rate * power / ring.linewidth**2
        energy = top * np.geomspace(1e-8, 1.001, 20_000)
        above = independent.power(energy) > power
        crossings = energy[1:][above[1:] != above[:-1]]
        found = states_of(ring, power, detuning)
        near = [abs(f.power / power - 1) < 1e-4 for f in folds(ring, detuning)]
        if not any(near):
            assert len(found) == crossings.size
            assert np.allclose(found, crossings, rtol=2e-3)
            several += len(found) > 1
        for u in found:
            assert independent.power(u) == pytest.approx(power, rel=1e-9, abs=0)
    assert several > 20


def test_states_agree_with_the_roots_of_the_polynomial(model: Any, random_ring: Callable[..., Ring]) -> None:
    """The degree-7 polynomial is sampled from the independent P_in at 8 energies, then `numpy.roots`."""
    rng = np.random.default_rng(12)
    compared = 0
    for _ in range(300):
        ring = random_ring(rng)
        detuning = float(rng.uniform(-5, 5) * ring.linewidth / 2)
        independent = model(ring, detuning)
        power = random_power(rng, ring, detuning)
        found = np.array(states_of(ring, power, detuning))
        unit = found.max()
        half, offset = np.zeros(3), np.zeros(4)
        nodes = np.linspace(0.1, 1, 4)
        loss, _, moved = independent.parts(nodes * unit, *independent.settled(nodes * unit))
        half = np.polyfit(nodes, loss / 2 / HALF, 3)
        offset = np.polyfit(nodes, moved / HALF, 3)
        square = np.polyadd(np.polymul(half, half), np.polymul(offset, offset))
        wanted = np.polymul(square, [unit * HALF**2 / (ring.coupling_rate * power), 0.0])
        roots = np.roots(np.polysub(wanted, [1.0]))
        real = np.sort(roots[(np.abs(roots.imag) < 1e-6 * np.abs(roots)) & (roots.real > 0)].real) * unit
        near = [abs(f.power / power - 1) < 1e-3 for f in folds(ring, detuning)]
        if not any(near):
            assert real.size == found.size
            assert np.allclose(real, found, rtol=1e-6)
            compared += found.size > 1
    assert compared > 20


def test_states_are_fixed_points_of_the_rate_equations(model: Any, random_ring: Callable[..., Ring]) -> None:
    rng = np.random.default_rng(13)
    for _ in range(100):
        ring = random_ring(rng)
        detuning = float(rng.uniform(-5, 5) * ring.linewidth / 2)
        independent = model(ring, detuning)
        for state in steady_states(ring, float(10 ** rng.uniform(-6, -2)), detuning):
            vector = independent.state(state.energy)
            rates = independent.rhs(vector, state.power)
            size = np.abs(vector) * [
                ring.linewidth,
                ring.linewidth,
                1 / ring.carrier_lifetime,
                1 / ring.thermal_lifetime,
            ]
            field = math.hypot(size[0], size[1])
            spread = max(1.0, abs(independent.parts(state.energy, *vector[2:])[2]) / ring.linewidth)
            assert math.hypot(rates[0], rates[1]) < 1e-9 * field * spread
            assert abs(rates[2]) <= 1e-12 * size[2]
            assert abs(rates[3]) <= 1e-12 * size[3]
            assert state.carriers == pytest.approx(vector[2], rel=1e-12, abs=0)
            assert state.temperature == pytest.approx(vector[3], rel=1e-12, abs=0)


def test_rates_of_carriers_and_heat_away_from_the_steady_state(
    model: Any, random_ring: Callable[..., Ring]
) -> None:
    """Equations (4) and (5) against the independent right-hand side, on random states."""
    rng = np.random.default_rng(14)
    for _ in range(50):
        ring = random_ring(rng)
        c = ring.coefficients()
        u, n, t = 10 ** rng.uniform([-16, 21, -2], [-13, 24, 1])
        expected = model(ring, 0.0).rhs(np.array([math.sqrt(u), 0.0, n, t]), 1e-3)
        assert carrier_change(u, n, c) == pytest.approx(
            expected[2], rel=1e-9, abs=1e-9 * n / ring.carrier_lifetime
        )
        decay = t / ring.thermal_lifetime
        assert temperature_change(u, n, t, c) == pytest.approx(expected[3], rel=1e-9, abs=1e-9 * decay)


# ------------------------------------------------------------------ balance of powers
@pytest.mark.parametrize("drop", [0.0, 4e9])
def test_power_balance_on_every_branch(effects: Effects, drop: float) -> None:
    """A7: P_in = P_through + P_drop + heat + scattering, for every combination of effects."""
    ring = dataclasses.replace(VV, effects=effects, drop_coupling_rate=drop, kerr_index=4.5e-18)
    for offset in (62e-12, 40e-12, 0.0, -60e-12):
        cavity = Cavity(ring, ring.detuning(offset))
        ends = [f.power for f in folds(ring, ring.detuning(offset))]
        for power in (1e-6, 0.15e-3, 3e-3, *([sum(ends) / 2] if ends else [])):
            states = steady_states(ring, power, ring.detuning(offset))
            assert len(states) == 3 or power in (1e-6, 0.15e-3, 3e-3)
            for s in states:
                lost = (cavity.loss(s.energy) - ring.coupling_rate - drop) * s.energy
                assert abs(power - s.through - s.drop - lost) < 1e-12 * power


def test_heat_is_what_is_absorbed(model: Any, effects: Effects) -> None:
    """A loss switched off leaves loss and heat: T = R_th (γ − γ_couplers − γ_scattering) U."""
    ring = dataclasses.replace(VV, effects=effects)
    cavity = Cavity(ring, 0.0)
    energy = np.array([1e-15, 1e-14, 5e-14])
    absorbed = cavity.loss(energy) - ring.coupling_rate - ring.scattering_rate
    expected = ring.thermal_resistance * absorbed * energy * effects.heating
    assert np.allclose(cavity.temperature(energy), expected, rtol=1e-12)
    loss, heating, offset = model(ring, 0.0).parts(energy, *model(ring, 0.0).settled(energy))
    assert np.allclose(cavity.loss(energy), loss, rtol=1e-12)
    assert np.allclose(cavity.offset(energy), offset, rtol=1e-9, atol=1e3)
    assert np.allclose(absorbed, heating, rtol=1e-9)


# ------------------------------------------------------------------ numerical edges
def test_no_nonlinearity_at_all() -> None:
    ring = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10, scattering_rate=1e10)
    for detuning in (0.0, 1e12):
        assert folds(ring, detuning) == ()
        (state,) = steady_states(ring, 1.0, detuning)
        assert state.energy == pytest.approx(1e10 / (1e20 + detuning**2), rel=1e-14, abs=0)
        assert state.stable
        assert state.carriers == state.temperature == 0.0


def test_slope_is_the_derivative_of_the_input_power() -> None:
    cavity = Cavity(VV, VV.detuning(62e-12))
    energy = np.geomspace(1e-17, 1e-13, 50)
    step = 1e-6 * energy
    difference = (cavity.input_power(energy + step) - cavity.input_power(energy - step)) / (2 * step)
    assert np.allclose(cavity.power_slope(energy), difference, rtol=1e-6, atol=1e-6 * VV.linewidth)


@pytest.mark.parametrize("law", [NEDELJKOVIC_2011, SOREF_BENNETT_1987])
def test_folds_with_a_carrier_law(law: Any) -> None:
    """The searched folds are zeros of the slope, and every sign change of it is found."""
    ring = dataclasses.replace(VV, index_law=law)
    cavity = Cavity(ring, ring.detuning(62e-12))
    found = cavity.fold_energies()
    assert found.size == 2
    assert np.all(np.abs(cavity.power_slope(found)) < 1e-9 * VV.linewidth)
    energy = np.geomspace(1e-19, 1e-11, 30_000)
    rising = cavity.power_slope(energy) > 0
    assert np.allclose(energy[1:][rising[1:] != rising[:-1]], found, rtol=1e-3)
    batch = Cavity(ring, np.array([ring.detuning(62e-12), 0.0, ring.detuning(40e-12)]))
    rows = batch.fold_energies()
    assert np.allclose(rows[0], found, rtol=1e-12)
    assert np.sum(np.isfinite(rows), axis=-1).tolist() == [2, Cavity(ring, 0.0).fold_energies().size, 2]
    assert np.isfinite(cavity.power_slope(np.array(0.0)))


def test_linear_law_gives_the_folds_of_the_polynomial() -> None:
    """The search and the polynomial agree where both hold."""

    class Linear:
        def index_change(self, electrons: Any, holes: Any, wavelength: Any) -> Any:
            return -1.73e-27 * electrons

    searched = Cavity(dataclasses.replace(VV, index_law=Linear()), VV.detuning(62e-12)).fold_energies()
    assert np.allclose(searched, Cavity(VV, VV.detuning(62e-12)).fold_energies(), rtol=1e-12)


def test_inversion_returns_the_energy_it_came_from() -> None:
    cavity = Cavity(VV.with_effects(heating=False), 0.0)
    energy = np.geomspace(1e-22, 1e-13, 200)
    power = cavity.input_power(energy)
    top = float(cavity.largest_energy(power.max()))
    assert np.allclose(cavity.invert(power, 0.0, top), energy, rtol=1e-12)
    assert np.allclose(cavity.invert(power, 0.0, np.full(200, top)), energy, rtol=1e-12)


def test_arrays_are_refused_where_one_ring_is_wanted() -> None:
    with pytest.raises(ParameterError, match="one ring at one detuning is wanted"):
        folds(VV, np.array([0.0, 1e9]))  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"detuning \[rad/s\] is needed for a bare ring"):
        folds(VV)
    with pytest.raises(ParameterError, match="detuning must be finite"):
        folds(VV, math.nan)


def test_onset_of_nonlinearity(kerr_ring: Ring) -> None:
    """Kerr: the shift is a linewidth at U = γ/k_K. Two-photon loss: γ has doubled at U = γ/k_2. To 13 %."""
    kerr = kerr_ring.coefficients().kerr
    found = Cavity(kerr_ring, 0.0).onset_energy()
    assert 1.0 <= float(found) * kerr / kerr_ring.linewidth <= 1.13
    lossy = only(VV, two_photon_loss=True)
    found = Cavity(lossy, 0.0).onset_energy()
    assert 1.0 <= float(found) * lossy.coefficients().two_photon / lossy.linewidth <= 1.13
    linear = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10)
    assert float(Cavity(linear, 0.0).onset_energy()) == pytest.approx(1e-3, rel=1e-12, abs=0.0)
