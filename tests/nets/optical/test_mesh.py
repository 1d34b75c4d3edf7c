"""Meshes: decompositions of all kinds of unitary matrices, and imperfections against an explicit model."""

import math

import numpy as np
import pytest
from scipy.linalg import block_diag, dft, expm
from scipy.stats import unitary_group

from nets import MZIMesh, random_unitary
from photonic import ParameterError
from photonic.coupler import tunable_coupler

KINDS = ("clements", "reck")
DEPTH = {"clements": lambda n: n if n > 2 else n - 1, "reck": lambda n: max(2 * n - 3, 0)}


def haar(n, seed=0):
    """From SciPy, not from us."""
    if n == 1:
        return np.array([[np.exp(1.3j)]])
    return unitary_group.rvs(n, random_state=seed)


def columns(kind, n):
    """Upper guides of each column, from the drawings in the papers."""
    if kind == "clements":
        return [list(range(c % 2, n - 1, 2)) for c in range(n)][: DEPTH[kind](n)]
    return [
        [k for k in range(n - 1) if (c - k) % 2 == 0 and k <= c <= 2 * n - 4 - k] for c in range(2 * n - 3)
    ]


def explicit(kind, n, phases, splitter_error=None, loss=1.0, crosstalk=0.0):
    """The same chip guide by guide: heat spread on a grid of guides, then column after column."""
    places = columns(kind, n)
    count = sum(map(len, places))
    errors = np.zeros((count, 2)) if splitter_error is None else np.broadcast_to(splitter_error, (count, 2))
    heat = np.zeros((2 * len(places) + 1, n))
    m = 0
    for c, column in enumerate(places):
        for k in column:
            heat[2 * c + 1, k], heat[2 * c, k] = phases[m], phases[count + m]
            m += 1
    heat[-1] = phases[2 * count :]
    spread = heat.copy()
    spread[:, 1:] += crosstalk * heat[:, :-1]
    spread[:, :-1] += crosstalk * heat[:, 1:]

    def couplers(column, start, side):
        out = np.eye(n, dtype=complex)
        for i, k in enumerate(column):
            angle = math.pi / 4 + errors[start + i, side]
            out[k : k + 2, k : k + 2] = expm(1j * angle * np.array([[0, 1], [1, 0]]))
        return out

    u = np.eye(n, dtype=complex)
    m = 0
    for c, column in enumerate(places):
        passed = np.ones(n)
        passed[[k + d for k in column for d in (0, 1)]] = loss**-0.5
        u = couplers(column, m, 0) @ (np.exp(1j * spread[2 * c])[:, None] * u)
        u = couplers(column, m, 1) @ (np.exp(1j * spread[2 * c + 1])[:, None] * u)
        u = passed[:, None] * u
        m += len(column)
    return np.exp(1j * spread[-1])[:, None] * u


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 13, 64])
def test_haar_matrices_are_rebuilt(kind, n):
    u = haar(n)
    mesh = MZIMesh.from_unitary(u, kind)
    assert np.linalg.norm(mesh.matrix() - u) < 1e-10
    assert mesh.interferometers == n * (n - 1) // 2
    assert mesh.depth == DEPTH[kind](n)
    assert mesh.phases.shape == (n * n,)
    assert np.all((mesh.phases >= 0) & (mesh.phases <= 2 * math.pi))


@pytest.mark.parametrize("kind", KINDS)
def test_acceptance_of_eight_guides(kind):
    """A16; the counts of Clements et al. 2016 and Reck et al. 1994."""
    mesh = MZIMesh.from_unitary(haar(8, 5), kind)
    assert np.linalg.norm(mesh.matrix() - haar(8, 5)) < 1e-10
    assert mesh.interferometers == 28
    assert mesh.depth == {"clements": 8, "reck": 13}[kind]


SPECIAL = {
    "identity": np.eye(6),
    "minus one": -np.eye(5),
    "reversal": np.eye(6)[::-1],
    "cycle": np.roll(np.eye(7), 1, axis=0),
    "permutation": np.eye(8)[[3, 0, 7, 1, 6, 2, 5, 4]],
    "diagonal": np.diag(np.exp(1j * np.arange(6))),
    "orthogonal": np.linalg.qr(np.random.default_rng(1).standard_normal((7, 7)))[0],
    "hadamard": block_diag(*[np.array([[1, 1], [1, -1]]) / 2**0.5] * 3),
    "fourier": dft(8, scale="sqrtn"),
    "blocks": block_diag(haar(3, 2), np.eye(2), haar(4, 3)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SPECIAL)
def test_matrices_full_of_zeros_are_rebuilt(kind, name):
    u = SPECIAL[name]
    assert np.linalg.norm(MZIMesh.from_unitary(u, kind).matrix() - u) < 1e-12


def test_one_interferometer_is_the_tunable_coupler():
    mesh = MZIMesh(2, phases=[0.7, 1.9, 0.0, 0.0])
    assert mesh.matrix() == pytest.approx(tunable_coupler(0.7) @ np.diag([np.exp(1.9j), 1]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_imperfect_chip_against_the_explicit_model(kind, n):
    rng = np.random.default_rng(n)
    phases = rng.uniform(-3, 7, n * n)
    error = 0.1 * rng.standard_normal((n * (n - 1) // 2, 2))
    mesh = MZIMesh(n, kind=kind, phases=phases, splitter_error=error, insertion_loss=1.3, crosstalk=0.07)
    assert mesh.matrix() == pytest.approx(explicit(kind, n, phases, error, 1.3, 0.07), abs=1e-13)


def test_mesh_without_phases_lets_everything_through():
    assert MZIMesh(5).matrix() == pytest.approx(np.eye(5), abs=1e-14)


def test_splitter_error_is_the_share_that_crosses_too_much():
    """To first order k = 1/2 + ε: of the power of one coupler, then one at k = 1 (ε = π/4)."""
    mesh = MZIMesh(2, phases=np.zeros(4), splitter_error=np.array([[0.01, math.pi / 4]]))
    assert abs(mesh.matrix()[0, 0]) ** 2 == pytest.approx(0.5 + 0.01, abs=1e-5)


def test_loss_counts_per_interferometer():
    """Three guides, bar states: guides 0, 1, 2 of the rectangle pass 2, 3 and 1 interferometers."""
    powers = np.abs(np.diag(MZIMesh(3, insertion_loss=1.1).matrix())) ** 2
    assert powers == pytest.approx([1.1**-2, 1.1**-3, 1.1**-1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_chip_never_amplifies(kind):
    rng = np.random.default_rng(3)
    for draw in range(20):
        mesh = MZIMesh(
            6,
            kind=kind,
            phases=rng.uniform(0, 7, 36),
            splitter_error=rng.uniform(-0.7, 0.7, (15, 2)),
            insertion_loss=1.0 if draw % 2 else 1 + rng.uniform(0, 1, 15),
            crosstalk=rng.uniform(0, 0.5),
            bits=4,
        ).with_phase_error(0.3, seed=draw)
        values = np.linalg.svd(mesh.matrix(), compute_uv=False)
        if draw % 2:
            assert values == pytest.approx(np.ones(6), abs=1e-13)
        else:
            assert values.max() < 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [4, 8, 16])
def test_loss_of_fidelity_by_phase_errors(kind, n):
    """1 − ⟨|tr U^H U'|²/N²⟩ = σ²(N − 1) for independent errors on all N² shifters."""
    u, sigma = haar(n), 0.01
    mesh = MZIMesh.from_unitary(u, kind)
    rng = np.random.default_rng(n)
    overlap = [
        abs(np.trace(u.conj().T @ mesh.with_phase_error(sigma, seed=rng).matrix())) ** 2 / n**2
        for _ in range(500)
    ]
    assert 1 - np.mean(overlap) == pytest.approx(sigma**2 * (n - 1), rel=0.08)


def test_phase_errors_stay_when_phases_are_quantised():
    mesh = MZIMesh.from_unitary(haar(4), bits=3).with_phase_error(0.05, seed=7)
    step = math.pi / 4
    set_to = step * np.round(mesh.phases / step)
    wanted = explicit("clements", 4, set_to + mesh.phase_errors)
    assert np.std(mesh.phase_errors) == pytest.approx(0.05, rel=0.5)
    assert mesh.matrix() == pytest.approx(wanted, abs=1e-13)


def test_fixed_errors_have_no_crosstalk():
    mesh = MZIMesh(3, phases=np.zeros(9), crosstalk=0.3).with_phase_error(0.4, seed=2)
    same = MZIMesh(3, phases=mesh.phase_errors)  # no heat, so nothing to leak
    assert mesh.matrix() == pytest.approx(same.matrix(), abs=1e-14)


def test_errors_add_up():
    once = MZIMesh(3).with_phase_error(0.1, seed=1)
    twice = once.with_phase_error(0.2, seed=5)
    second = 0.2 * np.random.default_rng(5).standard_normal(9)
    assert twice.phase_errors == pytest.approx(once.phase_errors + second)


def test_a_mesh_is_noisy_only_where_readings_have_noise():
    assert not MZIMesh(2, reading_noise=1e-3).noisy
    assert not MZIMesh(2, gradient="in-situ").noisy
    assert MZIMesh(2, gradient="in-situ", reading_noise=1e-3).noisy


def test_same_seed_same_errors():
    mesh = MZIMesh(4)
    draws = [mesh.with_phase_error(0.1, seed=s).matrix() for s in (1, 1, 2)]
    assert np.array_equal(draws[0], draws[1])
    assert not np.allclose(draws[0], draws[2])
    assert mesh.matrix() == pytest.approx(np.eye(4), abs=1e-14)
    assert np.array_equal(mesh.with_phase_error(0.0, seed=1).matrix(), mesh.matrix())


def test_random_unitary_matrices_are_uniform():
    """⟨|tr U^k|²⟩ = k for k <= N over the Haar measure (Diaconis and Shahshahani 1994)."""
    rng = np.random.default_rng(0)
    draws = np.array([random_unitary(3, rng) for _ in range(8000)])
    squares = draws @ draws
    for power, matrices in ((1, draws), (2, squares)):
        mean = np.mean(np.abs(np.trace(matrices, axis1=1, axis2=2)) ** 2)
        assert mean == pytest.approx(power, rel=0.06)
    assert np.array_equal(random_unitary(4, 5), random_unitary(4, 5))


BAD = [
    ({"matrix": np.ones((3, 3))}, "U.H U differs from 1 by up to 3.*MatrixMesh"),
    ({"matrix": 1.001 * np.eye(3)}, "up to 0.002"),
    ({"matrix": np.ones((2, 3))}, "square.*MatrixMesh"),
    ({"matrix": np.full((2, 2), np.nan)}, "finite"),
    ({"matrix": [["a", "b"], ["c", "d"]]}, "square array of numbers"),
    ({"matrix": np.zeros((0, 0))}, "square"),
    ({"matrix": np.eye(2), "kind": "clement"}, "did you mean 'clements'"),
    ({"modes": 3, "phases": np.zeros(8)}, r"9 numbers.*\(8,\)"),
    ({"modes": 3, "phases": np.full(9, np.nan)}, "finite"),
    ({"modes": 2, "phases": np.full(4, 1j)}, "real"),
    ({"modes": 0}, "modes must be a whole number >= 1, got 0"),
    ({"modes": 2.5}, "whole number"),
    ({"modes": 3, "insertion_loss": 0.9}, "1.111 .a transmission of 0.9"),
    ({"modes": 3, "insertion_loss": 0.3}, "1.072 .0.3 dB"),
    ({"modes": 3, "insertion_loss": -0.3}, "1.072 .0.3 dB"),
    ({"modes": 3, "insertion_loss": [1.1, 1.2]}, r"\(3,\), got shape \(2,\)"),
    ({"modes": 3, "splitter_error": 1.0}, "splitter_error must lie in"),
    ({"modes": 3, "splitter_error": [0.1, 0.1, 0.1]}, r"\(3, 2\)"),
    ({"modes": 3, "crosstalk": -0.1}, "crosstalk"),
    ({"modes": 3, "crosstalk": 1.0}, "crosstalk"),
    ({"modes": 3, "bits": 0}, "bits must be a whole number >= 1"),
    ({"modes": 3, "bits": 2.5}, "bits"),
    ({"modes": 3, "bits": 1000}, "bits must be <= 52"),
    ({"modes": 3, "insertion_loss": 1e9}, "insertion_loss must be <= 1e.06"),
    ({"modes": 3, "gradient": "insitu"}, "did you mean 'in-situ'"),
    ({"modes": 3, "reading_noise": -1.0}, "reading_noise"),
    ({"matrix": np.eye(2), "phases": np.zeros(4)}, "phases are those of the matrix"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_errors_name_what_is_wrong(arguments, message):
    make = MZIMesh.from_unitary if "matrix" in arguments else MZIMesh
    with pytest.raises(ParameterError, match=message):
        make(**arguments)


def test_negative_sigma_is_refused():
    with pytest.raises(ParameterError, match="sigma must be >= 0 rad"):
        MZIMesh(2).with_phase_error(-0.1, seed=0)
    with pytest.raises(ParameterError, match="modes must be a whole number"):
        random_unitary(0, seed=1)


@pytest.mark.parametrize("seed", [-1, "a", 1.5, None])
def test_what_is_no_seed_is_refused(seed):
    fields = np.ones((1, 2), complex)
    for draw in (
        lambda: random_unitary(2, seed),
        lambda: MZIMesh(2).with_phase_error(0.1, seed),
        lambda: MZIMesh(2).in_situ_gradient(fields, fields, noise=0.1, seed=seed),
    ):
        with pytest.raises(ParameterError, match="seed must be a"):
            draw()


def test_matrices_of_single_precision_are_taken():
    u = haar(16).astype(np.complex64)
    assert np.abs(MZIMesh.from_unitary(u).matrix() - u).max() < 1e-5
