"""Fidelity against the trace written out, and what it does not count."""

import numpy as np
import pytest

from nets import MZIMesh, fidelity, random_unitary
from photonic import ParameterError


def test_two_unitary_matrices():
    u, v = random_unitary(5, 0), random_unitary(5, 1)
    trace = sum(np.conj(u[i, j]) * v[i, j] for i in range(5) for j in range(5))
    assert fidelity(v, u) == pytest.approx(abs(trace) ** 2 / 25, rel=1e-12)
    assert 0 < fidelity(v, u) < 0.5


def test_a_common_factor_does_not_count_and_an_uneven_loss_does():
    u = random_unitary(3, 0)
    assert fidelity(0.4 * np.exp(0.7j) * u, u) == pytest.approx(1, rel=1e-12)
    # one of three paths dark: |1 + 1|²/(3 · 2)
    assert fidelity(np.diag([1.0, 1.0, 0.0]), np.eye(3)) == pytest.approx(2 / 3, rel=1e-12)


def test_law_of_small_phase_errors():
    """1 − F = σ²(N − 1), independent errors σ on all N² shifters."""
    u = random_unitary(8, 0)
    mesh = MZIMesh.from_unitary(u)
    lost = np.mean([1 - fidelity(mesh.with_phase_error(0.01, seed), u) for seed in range(300)])
    assert lost == pytest.approx(7e-4, rel=0.08)


@pytest.mark.parametrize(
    ("mesh", "wanted", "text"),
    [
        (np.eye(3), np.eye(2), r"wanted must be of shape \(3, 3\)"),
        (np.zeros((2, 2)), np.eye(2), "must not be zero everywhere"),
        (np.full((2, 2), np.nan), np.eye(2), "mesh must be finite"),
        (np.eye(2), "u", "wanted must be a matrix of numbers"),
        (np.ones(3), np.ones(3), "mesh must be a matrix, got shape"),
    ],
)
def test_wrong_matrices(mesh, wanted, text):
    with pytest.raises(ParameterError, match=text):
        fidelity(mesh, wanted)
