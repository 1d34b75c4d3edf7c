"""What a field without mass leaves out, to first order: against matrix exponentials and quadrature."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from photonic.dynamics import simulate
from photonic.lag import follow, note, passed, ringing
from photonic.ring import Ring

# A field that decays at 1 beside carriers and heat a hundred times slower, all of them coupled.
JACOBIAN = np.array(
    [
        [-1.0, 0.7, 0.004, -0.003],
        [-0.6, -1.2, -0.002, 0.005],
        [0.03, 0.01, -0.02, 0.0],
        [0.02, -0.01, 0.004, -0.01],
    ]
)


def carried(q: np.ndarray, leap: np.ndarray, moved: tuple[float, float], h: float, **rates: Any) -> None:
    """One step of `follow` from a_0 = 0.8 + 0.3i, in place; the rates of the ring are 0 where not given."""
    c = SimpleNamespace(**{"two_photon": 0.0, "generation": 0.0, "heating": 0.0, **rates})
    e = SimpleNamespace(traps=0, heat_shares=np.ones(1))
    y = np.array([0.8, 0.3, 0.0, 0.0])
    known = np.array([0.73, 0.0, rates.get("absorbed", 0.0), 0.0, 0.0])
    room = np.zeros((4, 4)), np.zeros(4, dtype=np.int64), np.zeros(4), np.zeros(4)
    follow(q, leap, *moved, h, y, known, JACOBIAN, *room, c, e)


def test_the_rest_is_followed_with_order_two() -> None:
    """q' = J q − (da_0/dt, 0) with a_0 moving evenly: q(t) = e^{Jt} q_0 + J⁻¹ (e^{Jt} − 1) u."""
    end, drift, start = 40.0, np.array([0.02, -0.01, 0.0, 0.0]), np.array([0.0, 0.0, 0.3, -0.2])
    grown = expm(JACOBIAN * end)
    exact = grown @ start - np.linalg.solve(JACOBIAN, (grown - np.eye(4)) @ drift)
    errors = []
    for steps in (10, 20):
        q, h = start.copy(), end / steps
        for _ in range(steps):
            carried(q, np.zeros(2), (float(drift[0] * h), float(drift[1] * h)), h)
        errors.append(np.max(np.abs(q - exact)))
    assert errors[1] < 2e-3 * np.max(np.abs(exact))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.3)


def test_a_short_step_leaps() -> None:
    """A step too short for the field to follow: a stays, a_0 moves, and what is between rings down."""
    rate, q, leap = ringing(JACOBIAN), np.zeros(4), np.zeros(2)
    carried(q, leap, (0.05, -0.02), 0.1)
    expected = -complex(0.05, -0.02) * np.exp(rate * 0.1)
    assert complex(*leap) == pytest.approx(expected, rel=1e-12)
    assert np.all(q == 0.0)


def test_what_a_leap_does_to_carriers_and_heat() -> None:
    """∫(U² − U_0²) g and ∫ h (γ_abs (U − U_0) + k_2 (U² − U_0²)) over a long step, U = |a_0 + p e^{λt}|²."""
    g, h, two_photon, absorbed = 0.7, 0.4, 0.05, 0.09
    p, start, rate = 0.5 - 0.9j, 0.8 + 0.3j, ringing(JACOBIAN)

    def more(t: float, power: int) -> float:
        return float(abs(start + p * np.exp(rate * t)) ** (2 * power) - abs(start) ** (2 * power))

    span = 3.0
    light, squared = (quad(more, 0.0, span, args=(k,), epsabs=1e-12)[0] for k in (1, 2))
    linear = absorbed - two_photon * 0.73  # known[2] holds the two-photon absorption of a_0
    q, leap = np.zeros(4), np.array([p.real, p.imag])
    gained = np.array([0.0, 0.0, g * squared, h * (linear * light + two_photon * squared)])
    carried(q, leap, (0.0, 0.0), span, generation=g, heating=h, two_photon=two_photon, absorbed=absorbed)
    assert complex(*leap) == pytest.approx(p * np.exp(rate * span), rel=1e-12)
    # the same gain spread over the step, by the method whose order is tried above
    m, gamma = JACOBIAN * span, 1 - math.sqrt(0.5)
    first = np.linalg.solve(np.eye(4) - gamma * m, gamma * gained)
    once = np.linalg.solve(np.eye(4) - gamma * m, (1 / gamma - 1) * first + gamma * gained)
    assert q == pytest.approx(once, rel=1e-9)


def test_rates_of_ringing() -> None:
    """The eigenvalue of the field's block that turns like m_10 − m_01; ∫ e^{λt}."""
    for matrix in (JACOBIAN, JACOBIAN.T):
        rate = ringing(matrix)
        assert rate.imag * (matrix[1, 0] - matrix[0, 1]) > 0
        assert np.min(np.abs(np.linalg.eigvals(matrix[:2, :2]) - rate)) < 1e-14
    real = np.diag([-3.0, -1.0, 0.0, 0.0])
    assert ringing(real) == pytest.approx(-1.0)
    assert passed(-0.7 + 2j, 1.3) == pytest.approx(
        quad(lambda t: math.exp(-0.7 * t) * math.cos(2 * t), 0, 1.3)[0]
        + 1j * quad(lambda t: math.exp(-0.7 * t) * math.sin(2 * t), 0, 1.3)[0]
    )
    worst = np.array([0.1, 0.0, 3.0])
    note(np.array([0.3, 0.1, -2.0]), np.array([0.0, 0.3]), worst)
    assert worst == pytest.approx([0.5, 0.0, 3.0])


def test_a_field_that_may_have_gone_elsewhere_is_told(kerr_ring: Ring) -> None:
    """Light leaps to between the folds (5.3 and 9.26 mW): with mass the field overshoots and may stay up;
    long after the leap nothing but the estimate can tell."""
    times, powers = np.array([0.0, 1e-9, 30e-9, 40e-9]), np.array([1e-6, 7e-3, 7e-3, 7e-3])
    settings: dict[str, Any] = {"detuning": kerr_ring.detuning(half_linewidths=-3.0), "method": "slaved"}
    assert simulate(kerr_ring, powers, times, **settings).estimate >= 1.0
    below = simulate(kerr_ring, powers / 7, times, **settings)
    assert below.estimate < 1e-3
