"""Couplers conserve power; the tunable coupler is a coupler between two fixed phases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photonic.coupler import (
    combine,
    coupler,
    coupling_phase,
    tunable_coupler,
    tunable_coupling,
    tunable_global_phase,
)
from photonic.errors import ParameterError

SHARE = st.floats(0, 1)
PHASE = st.floats(-20, 20)


@given(SHARE)
def test_coupler_is_unitary_symmetric_and_moves_its_share(k: float) -> None:
    u = coupler(k).matrix()
    np.testing.assert_allclose(u @ u.conj().T, np.eye(2), atol=1e-15)
    np.testing.assert_array_equal(u, u.T)
    assert abs(u[1, 0]) ** 2 == pytest.approx(k, abs=1e-15)


@given(PHASE)
def test_tunable_coupler_is_unitary(theta: float) -> None:
    u = tunable_coupler(theta)
    np.testing.assert_allclose(u @ u.conj().T, np.eye(2), atol=1e-15)
    assert abs(u[0, 1]) ** 2 == pytest.approx(tunable_coupling(theta), abs=1e-14)


@given(PHASE)
def test_tunable_coupler_is_the_product_of_its_parts(theta: float) -> None:
    half = coupler(0.5).matrix()
    product = half @ np.diag([np.exp(1j * theta), 1]) @ half
    np.testing.assert_allclose(tunable_coupler(theta), product, atol=1e-14)


@given(st.floats(0, math.pi))
def test_global_phase(theta: float) -> None:
    quarter = np.diag([1, -1j])
    inner = quarter @ coupler(tunable_coupling(theta)).matrix() @ quarter
    turned = np.exp(1j * tunable_global_phase(theta)) * inner
    np.testing.assert_allclose(turned, tunable_coupler(theta), atol=2e-8)  # √k at k = 0: half the digits


@given(SHARE)
def test_phase_is_the_inverse_of_coupling(k: float) -> None:
    theta = coupling_phase(k)
    assert 0 <= theta <= math.pi
    assert tunable_coupling(theta) == pytest.approx(k, abs=1e-15)


@given(SHARE, st.complex_numbers(max_magnitude=10), st.complex_numbers(max_magnitude=10))
def test_combining_fields(k: float, a: complex, b: complex) -> None:
    out = combine(coupler(k), a, b)
    np.testing.assert_allclose(out, coupler(k).matrix() @ [a, b], atol=1e-14)
    assert abs(out[0]) ** 2 + abs(out[1]) ** 2 == pytest.approx(
        abs(a) ** 2 + abs(b) ** 2, rel=1e-12, abs=1e-300
    )


def test_complex_step() -> None:
    """d√(1−k)/dk = −1/(2√(1−k)), dk/dθ = −sin(θ)/2 and its inverse."""
    t, c = coupler(0.3 + 1e-30j)
    assert np.imag(t) / 1e-30 == pytest.approx(-0.5 / math.sqrt(0.7), rel=1e-14)
    assert np.imag(c) / 1e-30 == pytest.approx(0.5 / math.sqrt(0.3), rel=1e-14)
    slope = np.imag(tunable_coupling(1.0 + 1e-30j)) / 1e-30
    assert slope == pytest.approx(-math.sin(1.0) / 2, rel=1e-14)
    inverse = np.imag(coupling_phase(tunable_coupling(1.0) + 1e-30j)) / 1e-30
    assert inverse == pytest.approx(1 / slope, rel=1e-13)


def test_arrays() -> None:
    k = np.linspace(0, 1, 5)
    assert coupler(k).matrix().shape == (5, 2, 2)
    assert tunable_coupler(k).shape == (5, 2, 2)
    xp: Any = pytest.importorskip("array_api_strict")
    np.testing.assert_allclose(np.asarray(coupler(xp.asarray(k)).matrix()), coupler(k).matrix())
    np.testing.assert_allclose(np.asarray(tunable_coupler(xp.asarray(k))), tunable_coupler(k))
    np.testing.assert_allclose(np.asarray(coupling_phase(xp.asarray(k))), coupling_phase(k))


def test_torch_gradient() -> None:
    torch: Any = pytest.importorskip("torch")
    theta = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    k = tunable_coupling(theta)
    k.backward()
    assert float(theta.grad) == pytest.approx(-math.sin(1.0) / 2, rel=1e-14)
    assert coupler(k.detach()).matrix().dtype == torch.complex128


@pytest.mark.parametrize("function", [coupler, coupling_phase])
def test_errors(function: Any) -> None:
    with pytest.raises(ParameterError, match=r"coupling must lie in \[0, 1\], got 1.2"):
        function(1.2)
    with pytest.raises(ParameterError, match="coupling must be finite"):
        function(math.nan)
