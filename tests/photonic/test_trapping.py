"""Carriers among traps: what settles, in 60-digit arithmetic, and how it decays, by SciPy."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingThrough
from photonic.errors import ConvergenceError, ParameterError
from photonic.extensions import Traps
from photonic.parameters import ALDAYA_2017
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.regime import symbol_window
from photonic.silicon import SOREF_BENNETT_1987
from photonic.stability import folds, steady_states
from photonic.trapping import Balance, settled_carriers

HALF = VV.linewidth / 2


def drawn(rng: np.random.Generator, size: int) -> Balance:
    """Rates over many decades; every third ring has no recombination beside its traps."""
    return Balance(
        generation=10 ** rng.uniform(55, 60, size),
        lifetime=np.where(rng.random(size) < 1 / 3, np.inf, 10 ** rng.uniform(-11, -6, size)),
        density=10 ** rng.uniform(18, 26, size),
        electrons=10 ** rng.uniform(-20, -11, size),
        holes=10 ** rng.uniform(-20, -11, size),
    )


def filled(electrons: Decimal, b: list[Decimal]) -> Decimal:
    """n_t from c_p n_t² + (c_n + c_p) N n_t = c_n N N_t, by the textbook formula."""
    _, _, density, c_n, c_p = b
    linear = (c_n + c_p) * electrons
    return ((linear**2 + 4 * c_p * c_n * electrons * density).sqrt() - linear) / (2 * c_p)


def made(electrons: Decimal, b: list[Decimal]) -> Decimal:
    """Pairs made per time that hold N electrons: c_n N (N_t − n_t) + N/τ."""
    return b[3] * electrons * (b[2] - filled(electrons, b)) + electrons / b[1]


def test_settled_carriers_to_the_last_digits() -> None:
    """N moves by less than 4e-15 until G(N) of 60 digits meets g U²; n_t is its filling."""
    rng = np.random.default_rng(1)
    size = 400
    b = drawn(rng, size)
    energy = 10 ** rng.uniform(-25, -10, size)
    electrons, trapped = settled_carriers(energy, b)
    with localcontext() as context:
        context.prec = 60
        for k in range(size):
            numbers = [Decimal(float(v[k])) for v in b]
            goal = numbers[0] * Decimal(float(energy[k])) ** 2
            n = Decimal(float(electrons[k]))
            # g U² may hardly depend on N, so that N is known less well than g U²: then that is met.
            low, high = (made(n * (1 + Decimal(s)), numbers) for s in ("-4e-15", "4e-15"))
            assert low <= goal <= high or abs(made(n, numbers) / goal - 1) < Decimal("4e-15")
            assert float(filled(n, numbers)) == pytest.approx(float(trapped[k]), rel=1e-14, abs=0.0)


def test_pairs_made_rise_with_the_electrons() -> None:
    """So that every energy has one density: G(N) over 24 decades, in 60 digits."""
    rng = np.random.default_rng(2)
    b = drawn(rng, 40)
    with localcontext() as context:
        context.prec = 60
        for k in range(40):
            numbers = [Decimal(float(v[k])) for v in b]
            rates = [made(Decimal(10) ** (Decimal(n) / 8), numbers) for n in range(8 * 8, 32 * 8)]
            assert all(x < y for x, y in pairwise(rates))
            share = [g / Decimal(10) ** (Decimal(n) / 8) for n, g in enumerate(rates, start=64)]
            assert all(x >= y for x, y in pairwise(share))


def test_no_light_no_carriers() -> None:
    b = Balance(1e58, math.inf, 1e23, 2e-14, 1.4e-14)
    assert [float(v) for v in settled_carriers(0.0, b)] == [0.0, 0.0]
    assert [float(v) for v in settled_carriers(1e-14, b._replace(generation=0.0))] == [0.0, 0.0]
    electrons, trapped = settled_carriers(np.array([0.0, 1e-15]) + 1e-40j, b)
    assert np.all(np.isfinite(electrons))
    assert np.all(np.isfinite(trapped))
    with pytest.raises(ConvergenceError, match="no carrier density settled"):
        settled_carriers(np.nan, b)


def test_complex_steps_carry_derivatives() -> None:
    """By energy and by every coefficient, against differences; at U = 0 dN/dU = 0, dn_t/dU > 0."""
    b, energy = Balance(1e58, 2e-9, 1e23, 2e-14, 1.4e-14), 3e-15
    values: dict[str, Any] = {**b._asdict(), "energy": energy}

    def solved(**changed: Any) -> tuple[Any, Any]:
        numbers = {**values, **changed}
        return settled_carriers(numbers.pop("energy"), Balance(**numbers))

    for name, value in values.items():
        steps = [solved(**{name: value * (1 + s * 1e-4)}) for s in (-2, -1, 1, 2)]
        moved = solved(**{name: value * (1 + 1e-30j)})
        for out in (0, 1):
            a, b_, c, d = (float(step[out]) for step in steps)
            difference = (8 * (c - b_) - (d - a)) / (12 * 1e-4)
            assert np.imag(moved[out]) / 1e-30 == pytest.approx(difference, rel=1e-8, abs=0.0)
    electrons, trapped = (np.imag(v) / 1e-40 for v in settled_carriers(1e-40j, b))
    assert electrons == 0.0
    # low density: N = g U² τ, c_p n_t² = c_n N_t N
    low = math.sqrt(2e-14 * 1e23 / 1.4e-14 * 1e58 / (1 / 2e-9 + 2e-14 * 1e23))
    assert trapped == pytest.approx(low, rel=1e-12, abs=0.0)


# ------------------------------------------------------------------ decay in time
def decay(traps: Traps, electrons: float, until: float, trapped: float = 0.0) -> Any:
    """Free decay by SciPy of the published equations, electrons, holes and filled traps each."""

    def change(_: float, y: np.ndarray) -> list[float]:
        n, p, full = y
        caught = traps.electron_capture * n * (traps.density - full)
        lost = traps.hole_capture * p * full
        return [-caught, -lost, caught - lost]

    start = [electrons, electrons + trapped, trapped]
    return solve_ivp(change, (0, until), start, "LSODA", rtol=1e-11, atol=1e6, dense_output=True).sol


def lifetime(solution: Any, time: float, hole_share: float) -> tuple[float, float]:
    """Absorbing pairs and their momentary lifetime [s], by differences of the solution."""

    def pairs(t: float) -> float:
        n, p, _ = solution(t)
        return float((1 - hole_share) * n + hole_share * p)

    step = 1e-3 * time
    return pairs(time), -pairs(time) * 2 * step / (pairs(time + step) - pairs(time - step))


def test_strip_waveguides_decay_ever_more_slowly() -> None:
    """Aldaya et al. 2017 (abstract): from 1e17 to 1e14 cm⁻³, about 800 ps at first, about 300 ns late."""
    solution = decay(ALDAYA_2017, 1e23, 1e-6)
    _, first = lifetime(solution, 1e-12, ALDAYA_2017.hole_share)
    assert first == pytest.approx(800e-12, rel=0.1)
    times = np.geomspace(1e-9, 0.9e-6, 200)
    found = np.array([lifetime(solution, float(t), ALDAYA_2017.hole_share) for t in times])
    assert np.all(np.diff(found[:, 1]) > 0)
    late = np.exp(np.interp(-math.log(1e20), -np.log(found[:, 0]), np.log(found[:, 1])))
    assert late == pytest.approx(300e-9, rel=0.1)


def test_limits_of_the_lifetime() -> None:
    traps = Traps(density=1e22, electron_capture=5e-14, hole_capture=2e-14, hole_share=0.3)
    few = decay(traps, 1e17, 1e-9)
    slope = math.log(few(0.1e-9)[0] / few(0.2e-9)[0]) / 0.1e-9
    assert traps.electron_lifetime == pytest.approx(1 / slope, rel=1e-4)
    many = decay(traps, 1e26, 20e-9)
    slope = math.log(many(18e-9)[0] / many(20e-9)[0]) / 2e-9
    assert traps.high_density_lifetime == pytest.approx(1 / slope, rel=1e-3)
    full = decay(traps, 1e10, 1e-6, trapped=1e22)
    slope = -math.log(full(1e-12)[1] / 1e22) / 1e-12
    assert traps.hole_lifetime == pytest.approx(1 / slope, rel=1e-3)
    holes, momentary = lifetime(full, 0.5e-6, 1.0)
    assert traps.late_lifetime(holes) == pytest.approx(momentary, rel=1e-4)


def test_the_ring_settles_where_its_cavity_says() -> None:
    """Rate equations of ring, traps and heat, written out here, from the dark to the steady state."""
    ring = dataclasses.replace(VV, traps=ALDAYA_2017, carrier_lifetime=20e-9)
    detuning, power = 0.5 * HALF, 0.2e-3
    c, t = ring.coefficients(), ALDAYA_2017

    def change(_: float, y: np.ndarray) -> np.ndarray:
        x, v, n, full, heat = y * unit
        u, pairs = x * x + v * v, n + t.hole_share * full
        absorbed = c.absorption + c.two_photon * u + c.carrier_absorption * pairs
        half = (c.coupling + c.scattering + absorbed) / 2
        offset = detuning + c.index * ring.index_per_carrier * pairs + c.thermal * heat
        caught = t.electron_capture * n * (t.density - full)
        out = [
            math.sqrt(c.coupling * power) - half * x - offset * v,
            offset * x - half * v,
            c.generation * u * u - n / 20e-9 - caught,
            caught - t.hole_capture * (n + full) * full,
            c.heating * absorbed * u - heat / 65e-9,
        ]
        return np.array(out) / unit

    unit = np.array([1e-7, 1e-7, 1e22, 1e22, 1.0])
    end = solve_ivp(change, (0, 5e-6), np.zeros(5), "LSODA", rtol=1e-9, atol=1e-12).y[:, -1] * unit
    (state,) = steady_states(ring, power, detuning)
    assert state.stable
    assert len(state.eigenvalues) == 5
    assert state.energy == pytest.approx(end[0] ** 2 + end[1] ** 2, rel=1e-6)
    assert state.carriers == pytest.approx(end[2], rel=1e-6)
    assert state.temperature == pytest.approx(end[4], rel=1e-6)
    assert Cavity(ring, detuning).settled(state.energy)[1] == pytest.approx(end[3], rel=1e-6)


# ------------------------------------------------------------------ steady states
def parametric(ring: Any, detuning: float, electrons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(U, P_in) written out along the electron density N, the natural parameter: no inversion."""
    c, t = ring.coefficients(), ring.traps
    linear = (t.electron_capture + t.hole_capture) * electrons
    root = np.sqrt(linear**2 + 4 * t.hole_capture * t.electron_capture * electrons * t.density)
    full = 2 * t.electron_capture * electrons * t.density / (linear + root)
    made_ = t.hole_capture * (electrons + full) * full + electrons / c.carrier_lifetime
    u, pairs = np.sqrt(made_ / c.generation), electrons + t.hole_share * full
    absorbed = c.absorption + c.two_photon * u + c.carrier_absorption * pairs
    if ring.index_law is None:
        index = ring.index_per_carrier * pairs
    else:
        index = ring.index_law.index_change(electrons, electrons + full, ring.wavelength)
    heat = ring.thermal_resistance * absorbed * u if ring.effects.heating else 0.0
    offset = detuning + c.kerr * u + c.index * index + c.thermal * heat
    half = (c.coupling + c.drop_coupling + c.scattering + absorbed) / 2
    return u, u * (half**2 + offset**2) / c.coupling


@pytest.mark.parametrize("law", [None, SOREF_BENNETT_1987])
@pytest.mark.parametrize("capture", [(2e-14, 1.4e-14), (1e-12, 1e-15)])
@pytest.mark.parametrize("detuning", [-3.0, 3.0, 8.0])
def test_all_states_and_folds_along_the_density(
    law: Any, capture: tuple[float, float], detuning: float
) -> None:
    """Against sign changes of P_in − P on 400,000 densities."""
    traps = Traps(density=1e23, electron_capture=capture[0], hole_capture=capture[1], hole_share=0.4)
    ring = dataclasses.replace(VV, traps=traps, carrier_lifetime=None, index_law=law)
    u, power = parametric(ring, detuning * HALF, np.geomspace(1e12, 1e28, 400_000))
    turns = np.flatnonzero(np.diff(np.sign(np.diff(power)))) + 1
    found = folds(ring, detuning * HALF)
    assert [f.energy for f in found] == pytest.approx(list(u[turns]), rel=1e-3)
    assert [f.power for f in found] == pytest.approx(list(power[turns]), rel=1e-6)
    ends = power[turns] if turns.size else np.array([1e-5, 1e-2])
    for wanted in np.geomspace(0.5 * ends.min(), min(2 * ends.max(), 5.0), 7):
        crossing = np.flatnonzero(np.diff(np.sign(power - wanted)))
        states = steady_states(ring, float(wanted), detuning * HALF)
        assert [s.energy for s in states] == pytest.approx(list(u[crossing]), rel=1e-3)
        for s in states:
            lost = (ring.coefficients().scattering + Cavity(ring, 0.0).absorbed(s.energy)) * s.energy
            assert s.through + lost == pytest.approx(wanted, rel=1e-9)


def test_curves_and_batches_with_traps() -> None:
    ring = dataclasses.replace(VV, traps=ALDAYA_2017, carrier_lifetime=None).with_effects(heating=False)
    device = CavityLoadedMZI(ring, 0.5 * HALF, 1.0, 0.3)
    curve = device.curve(0.3e-3)
    powers = np.linspace(0, 0.3e-3, 31)
    assert np.allclose(curve(powers), device.transfer(powers), rtol=1e-6, atol=1e-12)
    assert np.allclose(curve.derivative(powers), device.slope(powers), rtol=1e-3, atol=1e-4)
    densities = np.array([1e21, 1e22, 1e23])
    traps = dataclasses.replace(ALDAYA_2017, density=densities)
    batch = RingThrough(dataclasses.replace(ring, traps=traps), 0.5 * HALF).transfer(0.1e-3)
    for k, density in enumerate(densities):
        one = dataclasses.replace(ring, traps=dataclasses.replace(ALDAYA_2017, density=float(density)))
        assert batch[k] == pytest.approx(float(RingThrough(one, 0.5 * HALF).transfer(0.1e-3)), rel=1e-12)


def test_traps_without_end_are_a_lifetime() -> None:
    """Traps of great density that catch both kinds slowly and alike, N ≪ N_t: τ_n only, few held."""
    traps = Traps(density=1e26, electron_capture=1e-17, hole_capture=1e-12, hole_share=0.5)
    ring = dataclasses.replace(VV, traps=traps, carrier_lifetime=None)
    plain = dataclasses.replace(VV, carrier_lifetime=1e-9)
    few, many = (Cavity(r, 0.0) for r in (ring, plain))
    assert few.carriers(1e-14) == pytest.approx(many.carriers(1e-14), rel=1e-3)
    cavity = Cavity(dataclasses.replace(ring, traps=dataclasses.replace(traps, hole_capture=1e-13)), 0.0)
    assert few.settled(1e-14)[1] < cavity.settled(1e-14)[1]


def test_symbol_windows_want_one_lifetime() -> None:
    device = RingThrough(dataclasses.replace(VV, traps=ALDAYA_2017).with_effects(heating=False), 0.0)
    with pytest.raises(ParameterError, match="traps must be None for symbols in time"):
        symbol_window(device, np.linspace(0, 1e-4, 11))


def test_without_another_way_to_vanish_the_lifetime_is_infinite() -> None:
    ring = dataclasses.replace(VV, carrier_lifetime=None, traps=ALDAYA_2017)
    assert ring.coefficients().carrier_lifetime == math.inf
