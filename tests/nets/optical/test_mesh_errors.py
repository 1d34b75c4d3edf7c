"""Random couplers and the power of the heaters of meshes."""

import numpy as np
import pytest

from nets import MatrixMesh, MZIMesh, fidelity, random_unitary
from photonic.errors import ParameterError
from photonic.heaters import Heaters


@pytest.mark.parametrize("modes", [4, 8])
@pytest.mark.parametrize("kind", ["clements", "reck"])
def test_random_couplers_cost_two_sigma_squared_of_each_column(modes, kind):
    """An error ε turns by exp(iεX), tr X = 0, tr X² = 2: 1 − F = Σ ε² tr X²/N over N(N − 1) couplers."""
    u, sigma, generator = random_unitary(modes, seed=3), 0.02, np.random.default_rng(5)
    mesh = MZIMesh.from_unitary(u, kind)
    lost = [1 - fidelity(mesh.with_splitter_error(sigma, generator), u) for _ in range(300)]
    assert np.mean(lost) == pytest.approx(2 * sigma**2 * (modes - 1), rel=0.08)


def test_random_couplers_are_drawn_about_those_there():
    mesh = MZIMesh(12, splitter_error=0.05)
    errors = mesh.with_splitter_error(0.01, seed=1).splitter_errors
    assert errors.shape == (66, 2)
    assert np.mean(errors) == pytest.approx(0.05, abs=3 * 0.01 / 132**0.5)
    assert np.std(errors) == pytest.approx(0.01, rel=0.25)
    assert np.array_equal(mesh.splitter_errors, np.full((66, 2), 0.05))
    again = mesh.with_splitter_error(0.01, seed=1).with_splitter_error(0.01, seed=2).splitter_errors
    assert np.std(again - errors) == pytest.approx(0.01, rel=0.25)


def test_errors_of_couplers_are_part_of_what_a_mesh_is():
    for mesh in (MZIMesh(4), MatrixMesh(4, 3)):
        one, other = (mesh.with_splitter_error(0.02, seed) for seed in (1, 2))
        assert len({mesh.identity, one.identity, other.identity}) == 3
        assert mesh.with_splitter_error(0.02, 1).identity == one.identity
        assert np.array_equal(one.phases, mesh.phases)


def test_attenuators_have_two_couplers_of_their_own():
    """By hand: 1 × 1 meshes are a phase each, and out = e^{iα} (cos a cos b e^{iψ} − sin a sin b) e^{iβ}."""
    psi, alpha, beta = 0.8, 0.3, -0.4
    mesh = MatrixMesh(1, 1, phases=[beta, psi, alpha], splitter_error=0.01).with_splitter_error(0.1, seed=4)
    drawn = np.random.default_rng(4).standard_normal(2)  # meshes of one guide draw nothing
    a, b = np.pi / 4 + 0.01 + 0.1 * drawn
    wanted = np.exp(1j * (alpha + beta)) * (np.cos(a) * np.cos(b) * np.exp(1j * psi) - np.sin(a) * np.sin(b))
    assert mesh.matrix()[0, 0] == pytest.approx(wanted, abs=1e-14)


def test_gradient_with_random_couplers():
    """Central differences of Re Σ g* z·U^T."""
    generator = np.random.default_rng(0)
    mesh = MatrixMesh(3, 2, phases=generator.uniform(0, 6, 15)).with_splitter_error(0.1, seed=1)
    z = generator.standard_normal((5, 3)) + 1j * generator.standard_normal((5, 3))
    g = generator.standard_normal((5, 2)) + 1j * generator.standard_normal((5, 2))
    phases, gradient = mesh.phases, np.zeros(15)
    mesh.bind(phases, gradient)
    mesh.backward(mesh.forward(z)[1], g, False)
    step, differences = 1e-6, np.zeros(15)
    for k in range(15):
        values = []
        for sign in (1, -1):
            phases[k] += sign * step
            values.append(np.sum((np.conj(g) * mesh.forward(z)[0]).real))
            phases[k] -= sign * step
        differences[k] = (values[0] - values[1]) / (2 * step)
    assert gradient == pytest.approx(differences, rel=1e-6, abs=1e-8)


def test_large_errors_are_refused_by_name():
    with pytest.raises(ParameterError, match=r"sigma = 1 rad draws .* within ±π/4"):
        MZIMesh(6).with_splitter_error(1.0, seed=0)
    with pytest.raises(ParameterError, match=r"sigma must be >= 0 rad, got -0\.1"):
        MZIMesh(2).with_splitter_error(-0.1, seed=0)
    with pytest.raises(ParameterError, match="seed must be a whole number >= 0"):
        MatrixMesh(2, 2).with_splitter_error(0.1, seed=-1)


def test_heaters_give_what_their_phases_need():
    """25 mW for π, the shipped (assumed) value; phases count modulo 2π."""
    assert Heaters().sources["p_pi"].value == 25e-3
    phases = np.array([np.pi / 2, -np.pi / 2, 5 * np.pi, -1e-14])
    mesh = MZIMesh(2, phases=phases)
    assert mesh.heater_power() == pytest.approx([12.5e-3, 37.5e-3, 25e-3, 0.0])
    coarse = MZIMesh(2, phases=phases, bits=1)
    assert coarse.heater_power(Heaters(p_pi=20e-3)) == pytest.approx([0.0, 0.0, 20e-3, 0.0])
    assert mesh.with_phase_error(0.5, seed=1).heater_power() == pytest.approx(mesh.heater_power())


def test_heaters_of_both_meshes_and_attenuators():
    mesh = MatrixMesh.from_matrix([[0.5, 0.0], [0.0, 1.0]])
    power = mesh.heater_power(Heaters(p_pi=20e-3))
    assert power.shape == (4 + 2 + 4,)
    # sin(ψ/2) = 1 and ½, in the order of the singular values: ψ = π and π/3
    assert power[4:6] == pytest.approx([20e-3, 20e-3 / 3])


@pytest.mark.parametrize("mesh", [MZIMesh(4), MatrixMesh(4, 3)])
@pytest.mark.parametrize("change", ["with_phase_error", "with_splitter_error"])
def test_a_new_mesh_with_errors_starts_as_a_new_mesh(mesh, change):
    """Random matrices, and not U = 1; what was set, or trained, stays."""
    found = getattr(mesh, change)(0.01, seed=1)
    mesh.initialise(np.random.default_rng(5))
    found.initialise(np.random.default_rng(5))
    assert np.array_equal(found.phases, mesh.phases)
    assert np.ptp(mesh.phases) > 1
    again = getattr(mesh, change)(0.01, seed=1)  # now it has phases of its own
    again.initialise(np.random.default_rng(6))
    assert np.array_equal(again.phases, mesh.phases)
