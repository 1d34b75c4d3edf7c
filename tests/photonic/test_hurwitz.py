"""The Hurwitz determinant against Orlando's formula on eigenvalues, as a number and as a polynomial."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.effects import Effects
from photonic.extensions import ThermalModes
from photonic.hurwitz import _energy_polynomial, determinant, hopf_test, real_knots, squared_frequency
from photonic.ring import Ring
from photonic.small_signal import jacobian


def orlando(m: np.ndarray) -> float:
    """(−1)^{n(n−1)/2} Π (λ_i + λ_j) of one matrix (Gantmacher, The Theory of Matrices II, ch. XV §7)."""
    values = np.linalg.eigvals(m)
    n = len(values)
    product = np.prod([a + b for a, b in combinations(values, 2)])
    return float((-1) ** (n * (n - 1) // 2) * np.real(product))


@pytest.mark.parametrize("modes", [0, 1, 2], ids=["frozen heat", "heat", "two thermal modes"])
def test_polynomial_in_the_energy(modes: int, random_ring: Callable[..., Ring]) -> None:
    """Of random rings with every effect: its value is the determinant at each energy, in units of γ."""
    rng = np.random.default_rng(7)
    for _ in range(12):
        ring = random_ring(rng)
        ring = dataclasses.replace(
            ring, effects=Effects(heating=modes > 0), kerr_index=4e-18, two_photon_absorption=8e-12,
            absorption_rate=0.3 * ring.coupling_rate, thermo_optic=1.86e-4,
        )  # fmt: skip
        if modes == 2:
            lifetimes = (ring.carrier_lifetime * 3, ring.carrier_lifetime * 40)
            ring = dataclasses.replace(
                ring, thermal_modes=ThermalModes(shares=(0.3, 0.7), lifetimes=lifetimes)
            )
        cavity = Cavity(ring, float(rng.uniform(-5, 5) * ring.linewidth / 2))
        found, unit = _energy_polynomial(cavity)
        n = 3 + modes
        assert found.size == 3 + 6 * (n - 2)  # of degree 2 + 6 (n − 2)
        powers = np.arange(found.size)
        for share in np.geomspace(0.03, 30.0, 9):
            matrix = jacobian(cavity, np.asarray(share * unit))
            assert matrix.shape == (n, n)
            each = found * share**powers
            expected = orlando(matrix / ring.linewidth)
            assert np.sum(each) == pytest.approx(expected, abs=1e-9 * np.sum(np.abs(each)))


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_determinant_of_random_matrices(n: int) -> None:
    """Both the number and the expansion in the a_k have the sign and the value of Orlando's product."""
    rng = np.random.default_rng(n)
    for _ in range(20):
        m = rng.normal(size=(n, n)) - rng.uniform(0, 2) * np.eye(n)
        expected = orlando(m)
        a = np.poly(np.linalg.eigvals(m)).real
        expanded = determinant([np.array([v]) for v in a])
        assert expanded[0] == pytest.approx(expected, rel=1e-6)
        value = float(hopf_test(m))
        assert np.sign(value) == np.sign(expected)
        if n < 5:
            assert value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_positive_where_all_decay_negative_past_one_pair(n: int) -> None:
    rng = np.random.default_rng(n)
    for growth, sign in ((-0.2, 1.0), (0.2, -1.0)):
        m = np.diag(-rng.uniform(0.5, 3.0, n))
        m[:2, :2] = [[growth, -1.7], [1.7, growth]]
        basis = rng.normal(size=(n, n))
        assert np.sign(hopf_test(basis @ m @ np.linalg.inv(basis))) == sign
        m[0, 0] = m[1, 1] = 0.0
        assert squared_frequency(basis @ m @ np.linalg.inv(basis)) == pytest.approx(1.7**2, rel=1e-6)


def test_a_neutral_saddle_has_no_frequency() -> None:
    assert squared_frequency(np.diag([0.8, -0.8, -3.0])) == pytest.approx(-0.64)


def test_knots_are_the_positive_real_parts_of_the_roots() -> None:
    """(u − 1/2)(u − 2)(u + 1)(u² − 6u + 10), complex roots 3 ± i; and a polynomial of lower degree."""
    a = np.polynomial.polynomial.polyfromroots([0.5, 2.0, -1.0, 3 + 1j, 3 - 1j]).real
    assert real_knots(a)[:4] == pytest.approx([0.5, 2.0, 3.0, 3.0])
    assert np.isnan(real_knots(a)[4])
    assert real_knots(np.array([4.0, -2.0, 0.0, 0.0]))[0] == pytest.approx(2.0)
