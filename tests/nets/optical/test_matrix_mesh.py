"""Any matrix in two meshes and a row of attenuators."""

import math

import numpy as np
import pytest

from nets import MatrixMesh
from nets.optical.stage import Stage
from photonic import ParameterError

RNG = np.random.default_rng(0)
MATRICES = {
    "square": RNG.standard_normal((4, 4)) + 1j * RNG.standard_normal((4, 4)),
    "real": RNG.standard_normal((5, 5)),
    "tall": RNG.standard_normal((6, 2)) + 1j * RNG.standard_normal((6, 2)),
    "wide": RNG.standard_normal((3, 7)),
    "row": np.array([[3.0, 4.0]]),
    "column": np.array([[1j], [2.0], [0.0]]),
    "one": np.array([[-0.3]]),
    "zero": np.zeros((2, 3)),
    "rank one": np.outer(np.arange(1, 5), np.arange(1, 4)).astype(float),
    "integers": np.array([[1, 2], [3, 4]]),
}


@pytest.mark.parametrize("kind", ["clements", "reck"])
@pytest.mark.parametrize("name", MATRICES)
def test_matrices_are_rebuilt(kind, name):
    m = MATRICES[name]
    mesh = MatrixMesh.from_matrix(m, kind)
    assert mesh.scale == pytest.approx(max(1.0, np.linalg.norm(m, 2)))
    assert mesh.scale * mesh.matrix() == pytest.approx(m, abs=1e-12 * max(1.0, np.linalg.norm(m, 2)))
    assert (mesh.outputs, mesh.inputs) == m.shape
    p = min(m.shape)
    assert mesh.attenuators == p
    assert mesh.interferometers == sum(n * (n - 1) // 2 for n in m.shape) + p
    assert mesh.size == mesh.phases.size == m.shape[0] ** 2 + m.shape[1] ** 2 + p


def test_matrices_of_small_singular_values_need_no_scale():
    assert MatrixMesh.from_matrix(0.5 * np.eye(3)).scale == 1.0
    assert MatrixMesh.from_matrix(np.linalg.qr(MATRICES["real"])[0]).scale == 1.0


def test_one_guide():
    """e^{iα} (e^{iψ} − 1)/2 e^{iβ}, and half the power where the attenuator loses half."""
    wanted = np.exp(0.3j) * (np.exp(1.1j) - 1) / 2 * np.exp(0.5j)
    assert MatrixMesh(1, 1, phases=[0.3, 1.1, 0.5]).matrix()[0, 0] == pytest.approx(wanted)
    lossy = MatrixMesh(1, 1, phases=[0.3, 1.1, 0.5], insertion_loss=2.0)
    assert lossy.matrix()[0, 0] == pytest.approx(wanted / math.sqrt(2))
    unlike = MatrixMesh(1, 1, phases=[0.0, 0.0, 0.0], splitter_error=0.1)  # cos²(π/4 + ε) − sin²(π/4 + ε)
    assert unlike.matrix()[0, 0] == pytest.approx(math.cos(math.pi / 2 + 0.2))
    coarse = MatrixMesh(1, 1, phases=[0.0, 1.1, 0.0], bits=2)  # steps of π/2
    assert coarse.matrix()[0, 0] == pytest.approx((1j - 1) / 2)


def test_light_that_has_nowhere_to_go_is_absorbed():
    mesh = MatrixMesh(3, 1, phases=np.arange(11.0))
    assert np.linalg.norm(mesh.matrix()) == pytest.approx(abs(math.sin(9 / 2)))  # ψ = 9 rad


def test_start_lets_everything_through():
    assert np.abs(MatrixMesh(3, 4).matrix()) == pytest.approx(np.eye(4, 3), abs=1e-14)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
@pytest.mark.parametrize("settings", [{}, {"splitter_error": 0.1, "insertion_loss": 1.3, "crosstalk": 0.1}])
def test_gradient_against_differences(shape, settings):
    m, n = shape
    rng = np.random.default_rng(1)
    size = n * n + m * m + min(m, n)
    mesh = MatrixMesh(n, m, phases=rng.uniform(0, 6, size), **settings).with_phase_error(0.1, seed=1)
    parameters, gradient = mesh.phases, np.zeros(size)
    mesh.bind(parameters, gradient)
    x, weights = (rng.standard_normal((5, k)) + 1j * rng.standard_normal((5, k)) for k in (n, m))

    def value():
        return np.sum((weights.conj() * mesh.forward(x)[0]).real)

    _, kept = mesh.forward(x)
    downstream = mesh.backward(kept, weights, True)
    wanted = np.zeros(size)
    for i in range(size):
        start = parameters[i]
        parameters[i] = start + 1e-5
        ahead = value()
        parameters[i] = start - 1e-5
        wanted[i] = (ahead - value()) / 2e-5
        parameters[i] = start
    assert gradient == pytest.approx(wanted, abs=1e-8 * np.abs(wanted).max())
    assert downstream == pytest.approx(weights @ mesh.matrix().conj())
    assert mesh.backward(kept, weights, False) is None


def test_training_keeps_the_chip_passive():
    rng = np.random.default_rng(5)
    for draw in range(20):
        mesh = MatrixMesh(4, 3, phases=rng.uniform(-20, 20, 28), crosstalk=0.2, splitter_error=0.3)
        noisy = mesh.with_phase_error(0.5, seed=draw)
        assert np.linalg.norm(noisy.matrix(), 2) <= 1 + 1e-13


def test_phase_errors_act_on_all_shifters():
    mesh = MatrixMesh(1, 1, phases=[0.0, math.pi, 0.0])
    draws = np.array([mesh.with_phase_error(0.01, seed=s).matrix()[0, 0] for s in range(2000)])
    # phase of a: α + ψ/2 + β, so that its variance is σ² (1 + 1/4 + 1)
    assert np.std(np.angle(draws / mesh.matrix()[0, 0])) == pytest.approx(0.015, rel=0.06)
    assert np.array_equal(mesh.with_phase_error(0.1, seed=1).phases, mesh.phases)


def test_errors_of_attenuators_are_errors_of_their_phases():
    """|a|² = sin²(ψ/2) is moved by ψ alone: by σ/2 at ψ = π/2."""
    mesh = MatrixMesh(1, 1, phases=[0.0, 0.5 * math.pi, 0.0])
    powers = [abs(mesh.with_phase_error(0.01, seed=s).matrix()[0, 0]) ** 2 for s in range(2000)]
    assert np.mean(powers) == pytest.approx(0.5, rel=1e-3)
    assert np.std(powers) == pytest.approx(0.005, rel=0.06)


def test_stage():
    mesh = MatrixMesh(3, 2)
    assert isinstance(mesh, Stage)
    assert (mesh.takes, mesh.gives, mesh.inputs, mesh.outputs) == ("fields", "fields", 3, 2)
    mesh.bind(np.zeros(mesh.size, np.float32), np.zeros(mesh.size, np.float32))
    mesh.initialise(np.random.default_rng(0))
    assert np.linalg.norm(mesh.matrix(), 2) == pytest.approx(1.0, abs=1e-6)
    x = np.ones((4, 3), np.complex64)
    out, kept = mesh.forward(x)
    assert out.dtype == np.complex64
    assert np.abs(out - x @ mesh.matrix().T).max() < 1e-6
    assert mesh.backward(kept, out, True).dtype == np.complex64


def test_given_phases_are_the_start():
    mesh = MatrixMesh.from_matrix(MATRICES["square"])
    mesh.bind(np.zeros(mesh.size), np.zeros(mesh.size))
    mesh.initialise(np.random.default_rng(0))
    assert mesh.scale * mesh.matrix() == pytest.approx(MATRICES["square"])


def test_identity_differs_with_every_setting():
    made = [
        MatrixMesh(2, 3),
        MatrixMesh(3, 2),
        MatrixMesh(2, 3, kind="reck"),
        MatrixMesh(2, 3, scale=2.0),
        MatrixMesh(2, 3, bits=4),
        MatrixMesh(2, 3, insertion_loss=1.1),
        MatrixMesh(2, 3, phases=np.zeros(15)),
        MatrixMesh(2, 3).with_phase_error(0.1, seed=1),
    ]
    assert len({mesh.identity for mesh in made}) == len(made)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MatrixMesh.from_matrix([1.0, 2.0]), "rows and columns"),
        (lambda: MatrixMesh.from_matrix([[math.inf]]), "finite"),
        (lambda: MatrixMesh.from_matrix([["x"]]), "array of numbers"),
        (lambda: MatrixMesh(2, 3, phases=np.zeros(13)), "15 numbers"),
        (lambda: MatrixMesh(2, 3, scale=0.0), "scale must be > 0"),
        (lambda: MatrixMesh(2, 3, insertion_loss=0.5), "1.122 .0.5 dB. or 2 .a transmission"),
        (lambda: MatrixMesh(2, 3, splitter_error=2.0), "splitter_error"),
        (lambda: MatrixMesh(0, 3), "modes must be a whole number"),
        (lambda: MatrixMesh(2, 3).with_phase_error(-1.0, seed=0), "sigma"),
        (lambda: MatrixMesh(2, 3).with_phase_error(0.1, seed=-1), "seed must be a whole number >= 0"),
        (lambda: MatrixMesh.from_matrix([[1.0]], scale=2.0), "scale are those of the matrix"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
