"""The coefficients of Rodas5P against the conditions that define it (Hairer & Wanner II, IV.7), its steps,
and the field without mass."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photonic.drive import Drive
from photonic.dynamics import _device, _problems
from photonic.integration import integrate
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rate_equations import terms
from photonic.rates import Coefficients
from photonic.rosenbrock import _A, _C, _D, _GAMMA, _H, _TIMES, settle_field

# The solved-for stages are u = Γ k: C = 1/γ − Γ⁻¹, A = α Γ⁻¹, and y_1 = y + Σ m_j u_j.
GAMMA = np.linalg.inv(np.eye(8) / _GAMMA - _C)
ALPHA = _A @ GAMMA
BETA = ALPHA + GAMMA
LAST = np.eye(8)[7]
WEIGHTS = (_A[7] + LAST) @ GAMMA
EMBEDDED = _A[7] @ GAMMA
a, b = ALPHA.sum(axis=1), BETA.sum(axis=1)

# Trees up to order 4 and what their elementary weights make of Σ weights·tree: order, denominator.
TREES = {
    "k": (np.ones(8), 1, 1),
    "k(k)": (b, 2, 2),
    "k(k,k)": (a**2, 3, 3),
    "k(k(k))": (BETA @ b, 3, 6),
    "k(k,k,k)": (a**3, 4, 4),
    "k(k,k(k))": (a * (ALPHA @ b), 4, 8),
    "k(k(k,k))": (BETA @ a**2, 4, 12),
    "k(k(k(k)))": (BETA @ BETA @ b, 4, 24),
}
FIFTH = {
    "k(k,k,k,k)": (a**4, 5),
    "k(k,k,k(k))": (a**2 * (ALPHA @ b), 10),
    "k(k(k),k(k))": ((ALPHA @ b) ** 2, 20),
    "k(k,k(k,k))": (a * (ALPHA @ a**2), 15),
    "k(k,k(k(k)))": (a * (ALPHA @ BETA @ b), 30),
    "k(k(k,k,k))": (BETA @ a**3, 20),
    "k(k(k,k(k)))": (BETA @ (a * (ALPHA @ b)), 40),
    "k(k(k(k,k)))": (BETA @ BETA @ a**2, 60),
    "k(k(k(k(k))))": (BETA @ BETA @ BETA @ b, 120),
}


def test_times_and_slopes_of_the_stages() -> None:
    """c_i = Σ α_ij and d_i = Σ γ_ij."""
    assert a == pytest.approx(_TIMES, abs=1e-12)
    assert GAMMA.sum(axis=1) == pytest.approx(_D, abs=1e-12)


@pytest.mark.parametrize("tree", TREES)
def test_orders_to_four(tree: str) -> None:
    """Of the step, its embedded companion, and the dense output at every share θ: θ^order/denominator."""
    values, order, denominator = TREES[tree]
    assert WEIGHTS @ values == pytest.approx(1 / denominator, abs=1e-12)
    assert EMBEDDED @ values == pytest.approx(1 / denominator, abs=1e-12)
    for share in (0.2, 0.5, 0.9):
        inner = _H[0] + share * (_H[1] + share * _H[2])
        dense = share * (WEIGHTS + (1 - share) * (inner @ GAMMA))
        assert dense @ values == pytest.approx(share**order / denominator, abs=1e-11)


@pytest.mark.parametrize("tree", FIFTH)
def test_order_five(tree: str) -> None:
    values, denominator = FIFTH[tree]
    assert WEIGHTS @ values == pytest.approx(1 / denominator, abs=1e-12)


def test_stiffly_accurate() -> None:
    """b_j = α_8j + γ_8j, and the companion likewise with its seven stages: R(∞) = 0 for both."""
    assert BETA[7] == pytest.approx(WEIGHTS, abs=1e-11)
    assert BETA[6] == pytest.approx(EMBEDDED, abs=1e-11)
    for weights in (WEIGHTS, EMBEDDED):
        for z in (-1e3, -1e5):
            growth = 1 + z * weights @ np.linalg.solve(np.eye(8) - z * BETA, np.ones(8))
            assert abs(growth) < 20 / abs(z)


@pytest.mark.parametrize("slaved", [False, True])
def test_few_steps_are_made_twice(slaved: bool) -> None:
    """Self-pulsation, with its sharp edges: one step in a hundred refused at most."""
    drive = Drive.constant(0.6e-3, 0.0, 0.4e-6)
    problem = _problems(_device(VV, VV.detuning(62e-12)), drive, {"temperature": 0.7})[1][0]
    found = integrate(
        dataclasses.replace(problem, slaved=slaved), np.array([0.0, 0.4e-6]), rtol=1e-6, method="implicit"
    )
    assert found.refused <= 0.01 * found.steps


# --------------------------------------------------------------------------- field without mass
def settled(drive: float, detuning: float, energy: float, **effects: float) -> tuple[complex, bool]:
    """The field that `settle_field` finds from one of that ``energy``, in units of half the linewidth."""
    zeros = dict.fromkeys(Coefficients._fields, 0.0)
    c = Coefficients(
        **{**zeros, "coupling": 2.0, "carrier_lifetime": 1.0, "thermal_lifetime": 1.0, **effects}
    )
    state = np.array([0.6 * math.sqrt(energy), -0.8 * math.sqrt(energy), 0.0, 0.0])
    single = settle_field(state, drive, detuning, c, terms(VV), np.zeros(4), np.zeros(5))
    return complex(state[0], state[1]), single


@pytest.mark.parametrize(
    ("energy", "root"),
    [
        (0.1, -1),
        (1.0, -1),
        (1.19, -1),
        (1.5, -1),
        (1.99, -1),
        (2.01, 1),
        (2.5, 1),
        (3.0, 1),
        (3.5, 1),
        (9.0, 1),
    ],
)
def test_of_three_fields_the_first_on_the_way(energy: float, root: int) -> None:
    """Kerr effect, Δ = 3 (`physics.md` §7.5): U (1 + (U − 3)²) = 4 at 2 − √2, 2 and 2 + √2. The energy grows
    where less than 4 holds it, and falls where more is needed."""
    field, single = settled(2.0, -3.0, energy, kerr=1.0)
    assert not single
    expected = 2 + root * math.sqrt(2)
    assert field == pytest.approx(2 / complex(1, 3 - expected), rel=1e-12)


@pytest.mark.parametrize("kerr", [0.0, 1.0])
@pytest.mark.parametrize("two_photon", [0.0, 0.3])
@pytest.mark.parametrize("drive", [1.2, 3.1])
@pytest.mark.parametrize("energy", [0.0, 2.0, 9.0])
def test_one_field(kerr: float, two_photon: float, drive: float, energy: float) -> None:
    """Its energy is the one positive root of U ((1 + k_2 U/2)² + (δ + k_K U)²) = drive²."""
    field, single = settled(drive, -3.0, energy, kerr=kerr, two_photon=two_photon)
    half, offset = np.polynomial.Polynomial([1, two_photon / 2]), np.polynomial.Polynomial([-3, kerr])
    roots = (np.polynomial.Polynomial([0, 1]) * (half**2 + offset**2) - drive**2).roots()
    (light,) = (v.real for v in roots if abs(v.imag) < 1e-9 and v.real > 0)
    assert single
    assert field == pytest.approx(drive / complex(half(light), -offset(light)), rel=1e-9)
