"""Gradients of meshes: against differences, and as a chip would measure them."""

import math

import numpy as np
import pytest

from nets import Detector, FieldEncoder, MZIMesh, OpticalNetwork, Readout, random_unitary
from nets.optical import decomposition, mesh_kernels
from nets.optical.mesh_layout import layout
from nets.optical.stage import Stage
from photonic.errors import ParameterError

KINDS = ("clements", "reck")
IMPERFECT = {"splitter_error": 0.1, "insertion_loss": 1.2, "crosstalk": 0.08}


def bound(mesh, dtype=np.float64):
    """The mesh with arrays of its own for phases and gradient."""
    parameters, gradient = mesh.phases.astype(dtype), np.full(mesh.size, np.nan, dtype)
    mesh.bind(parameters, gradient)
    return parameters, gradient


def fields(rows, n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((rows, n)) + 1j * rng.standard_normal((rows, n))


def loss(out):
    """A loss that sees phases and powers, and dL/d(Re out) + i dL/d(Im out)."""
    weights = fields(*out.shape, seed=9)
    value = np.sum((weights.conj() * out).real) + 0.3 * np.sum(np.abs(out) ** 4)
    return value, weights + 1.2 * np.abs(out) ** 2 * out


def differences(function, x, step=1e-5):
    """Central differences of ``function`` by each entry of the real array ``x``, changed in place."""
    out = np.zeros(x.size)
    for i in range(x.size):
        kept = x[i]
        x[i] = kept + step
        ahead = function()
        x[i] = kept - step
        out[i] = (ahead - function()) / (2 * step)
        x[i] = kept
    return out


def swept(mesh, signal):
    """Exact gradient of `loss`, whatever the mesh is set to use."""
    out, kept = mesh.forward(signal)
    mesh.backward(kept, loss(out)[1], True)
    return out


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [{}, IMPERFECT, {"insertion_loss": 1e4}], ids=["ideal", "real", "dark"])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_gradient_against_differences(kind, settings, n):
    phases = np.random.default_rng(n).uniform(0, 6, n * n)
    mesh = MZIMesh(n, kind=kind, phases=phases, **settings).with_phase_error(0.1, seed=2)
    parameters, gradient = bound(mesh)
    x = fields(4, n)
    swept(mesh, x)
    wanted = differences(lambda: loss(mesh.forward(x)[0])[0], parameters)
    assert gradient == pytest.approx(wanted, abs=2e-8 * np.abs(wanted).max())


def test_gradient_of_different_losses_and_couplers():
    rng = np.random.default_rng(4)
    n = 6
    settings = {
        "splitter_error": rng.uniform(-0.3, 0.3, (15, 2)),
        "insertion_loss": 1 + rng.uniform(0, 9, 15),
    }
    mesh = MZIMesh(n, phases=rng.uniform(0, 6, 36), crosstalk=0.2, **settings)
    parameters, gradient = bound(mesh)
    x = fields(3, n)
    swept(mesh, x)
    wanted = differences(lambda: loss(mesh.forward(x)[0])[0], parameters)
    assert gradient == pytest.approx(wanted, abs=2e-8 * np.abs(wanted).max())


def test_gradient_of_the_signal():
    mesh = MZIMesh(4, phases=np.arange(16.0), **IMPERFECT)
    x = fields(2, 4)
    out, kept = mesh.forward(x)
    downstream = mesh.backward(kept, loss(out)[1], True)
    parts = np.stack([x.real, x.imag]).ravel()

    def value():
        re, im = parts.reshape(2, 2, 4)
        return loss(mesh.forward(re + 1j * im)[0])[0]

    re, im = differences(value, parts).reshape(2, 2, 4)
    assert downstream == pytest.approx(re + 1j * im, rel=1e-7)
    assert mesh.backward(kept, out, False) is None


@pytest.mark.parametrize("kind", KINDS)
def test_deep_mesh_of_much_and_unequal_loss_keeps_its_digits(kind):
    """Weak light beside strong: fields turned back through the whole mesh at once would not do.

    U is linear in each e^{iφ}, so dU/dφ = (U(φ + π/2) − U(φ − π/2))/2 exactly.
    """
    n = 20
    dark = np.random.default_rng(3).random(n * (n - 1) // 2) < 0.1
    mesh = MZIMesh.from_unitary(random_unitary(n, 0), kind=kind, insertion_loss=np.where(dark, 1e4, 1.0))
    parameters, gradient = bound(mesh)
    upstream = fields(n, n)
    mesh.set_gradient(mesh.passage(), upstream)
    expected = np.empty(mesh.size)
    for k, here in enumerate(parameters.copy()):
        ahead, behind = (_matrix_at(mesh, parameters, k, here + turn) for turn in (math.pi / 2, -math.pi / 2))
        parameters[k] = here
        expected[k] = np.sum((upstream.conj() * (ahead - behind) / 2).real)
    assert gradient == pytest.approx(expected, abs=1e-11 * np.abs(expected).max())


def _matrix_at(mesh, parameters, k, phase):
    parameters[k] = phase
    return mesh.matrix()


def test_quantised_heaters_have_the_slope_of_the_staircase():
    phases = np.random.default_rng(1).uniform(0, 6, 16)
    step = 2 * math.pi / 2**5
    coarse, fine = (
        MZIMesh(4, phases=phases, bits=5),
        MZIMesh(4, phases=step * np.round(phases / step)),
    )
    x = fields(3, 4)
    gradients = [bound(mesh)[1] for mesh in (coarse, fine)]
    outs = [swept(mesh, x) for mesh in (coarse, fine)]
    assert np.array_equal(outs[0], outs[1])
    assert np.array_equal(gradients[0], gradients[1])


def test_stage():
    mesh = MZIMesh(3, kind="reck")
    assert isinstance(mesh, Stage)
    assert (mesh.inputs, mesh.outputs, mesh.size) == (3, 3, 9)
    assert (mesh.takes, mesh.gives) == ("fields", "fields")
    x = fields(5, 3)
    before = x.copy()
    out, _ = mesh.forward(x)
    assert out == pytest.approx(x @ mesh.matrix().T)
    assert np.array_equal(x, before)


def test_single_precision():
    phases = np.random.default_rng(1).uniform(0, 6, 64)
    double, single = MZIMesh(8, phases=phases), MZIMesh(8, phases=phases)
    gradients = bound(double)[1], bound(single, np.float32)[1]
    x = fields(16, 8)
    out, kept = single.forward(x.astype(np.complex64))
    downstream = single.backward(kept, loss(out)[1].astype(np.complex64), True)
    exact = swept(double, x)
    assert (out.dtype, downstream.dtype, gradients[1].dtype) == (np.complex64, np.complex64, np.float32)
    assert np.abs(out - exact).max() < 1e-5 * np.abs(exact).max()
    assert np.abs(gradients[1] - gradients[0]).max() < 1e-5 * np.abs(gradients[0]).max()


def test_start_is_uniform_over_unitary_matrices():
    """N = 2: |U_00|² = sin²(θ/2) is uniform in [0, 1]; uniform θ would give it the variance 1/8."""
    mesh = MZIMesh(2)
    parameters, _ = bound(mesh)
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(3000):
        mesh.initialise(rng)
        shares.append(np.sin(parameters[0] / 2) ** 2)
    assert np.mean(shares) == pytest.approx(1 / 2, rel=0.03)
    assert np.var(shares) == pytest.approx(1 / 12, rel=0.06)


def test_start_is_the_same_in_both_precisions_and_keeps_given_phases():
    single, double = MZIMesh(4), MZIMesh(4)
    starts = [bound(single, np.float32)[0], bound(double)[0]]
    for mesh in (single, double):
        mesh.initialise(np.random.default_rng(3))
    assert np.array_equal(starts[0], starts[1].astype(np.float32))
    u = random_unitary(4, 1)
    programmed = MZIMesh.from_unitary(u)
    programmed.bind(np.zeros(16), np.zeros(16))
    programmed.initialise(np.random.default_rng(3))
    assert programmed.matrix() == pytest.approx(u)


def test_identity_differs_with_every_setting():
    made = [
        MZIMesh(3),
        MZIMesh(4),
        MZIMesh(3, kind="reck"),
        MZIMesh(3, phases=np.ones(9)),
        MZIMesh(3, splitter_error=0.1),
        MZIMesh(3, splitter_error=np.full((3, 2), 0.1)),
        MZIMesh(3, splitter_error=np.full((3, 2), 0.2)),
        MZIMesh(3, insertion_loss=1.1),
        MZIMesh(3, crosstalk=0.1),
        MZIMesh(3, bits=4),
        MZIMesh(3, gradient="in-situ"),
        MZIMesh(3, reading_noise=0.1),
        MZIMesh(3).with_phase_error(0.1, seed=1),
        MZIMesh(3).with_phase_error(0.1, seed=2),
    ]
    assert len({mesh.identity for mesh in made}) == len(made)
    assert MZIMesh(3).identity == MZIMesh(3).identity


# ---------------------------------------------------------------------- in situ


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_measured_gradient_is_exact_without_loss(kind, n):
    phases = np.random.default_rng(n).uniform(0, 6, n * n)
    settings = {"splitter_error": 0.2, "crosstalk": 0.08, "bits": 6}
    mesh = MZIMesh(n, kind=kind, phases=phases, **settings).with_phase_error(0.2, seed=1)
    _, gradient = bound(mesh)
    x = 1e-3 * fields(7, n)  # milliwatts and less
    out = swept(mesh, x)
    measured = mesh.in_situ_gradient(x, loss(out)[1])
    assert measured == pytest.approx(gradient, abs=1e-12 * np.abs(gradient).max())


def test_measured_gradient_is_exact_where_all_paths_lose_the_same():
    """Two guides and one interferometer: nothing passes beside it."""
    mesh = MZIMesh(2, phases=[0.4, 1.0, 2.0, 3.0], insertion_loss=1.8, splitter_error=0.1)
    _, gradient = bound(mesh)
    x = fields(3, 2)
    out = swept(mesh, x)
    assert mesh.in_situ_gradient(x, loss(out)[1]) == pytest.approx(gradient)


@pytest.mark.parametrize(("share", "apart"), [(1.01, 0.02), (1.05, 0.1)])
def test_measured_gradient_with_loss_is_an_estimate(share, apart):
    """Guides that pass beside interferometers lose less: the error is of the order of that difference."""
    mesh = MZIMesh.from_unitary(random_unitary(8, 0), insertion_loss=share)
    _, gradient = bound(mesh)
    x = fields(20, 8)
    out = swept(mesh, x)
    error = np.linalg.norm(mesh.in_situ_gradient(x, loss(out)[1]) - gradient) / np.linalg.norm(gradient)
    assert 1e-4 < error < apart


def test_noise_of_the_readings():
    """One guide: the variance of (|f − i g|² − |f|² − |g|²)/2 is the sum of those of three readings."""
    mesh = MZIMesh(1)
    x, g = np.array([[3.0 + 1j]]), np.array([[0.5 - 2j]])
    scale = (10 / 4.25) ** 0.5  # as much light backward as forward
    both = abs(x[0, 0] - 1j * scale * g[0, 0]) ** 2
    deviation = 0.02 * math.sqrt(both**2 + 10**2 + 10**2) / (2 * scale)
    exact = (g[0, 0] * x[0, 0].conjugate()).imag
    draws = np.array([mesh.in_situ_gradient(x, g, noise=0.02, seed=s)[0] for s in range(1500)])
    assert draws.std() == pytest.approx(deviation, rel=0.07)
    assert draws.mean() == pytest.approx(exact, abs=4 * deviation / 1500**0.5)
    assert mesh.in_situ_gradient(x, g, noise=0.02, seed=7)[0] == draws[7]


def test_noise_of_many_rows_averages_out():
    """Equal rows: the sum grows with their number, its noise with the root."""
    mesh = MZIMesh.from_unitary(random_unitary(4, 0))
    x, g = fields(1, 4, 1), fields(1, 4, 2)

    def spread(rows):
        pair = np.repeat(x, rows, axis=0), np.repeat(g, rows, axis=0)
        return np.std([mesh.in_situ_gradient(*pair, noise=0.1, seed=s) / rows for s in range(300)], axis=0)

    assert spread(1) / spread(25) == pytest.approx(5 * np.ones(16), rel=0.25)


def test_training_in_situ_reaches_the_target():
    """Gradient descent from measured gradients only, on a chip with wrong couplers."""
    wanted = random_unitary(3, 4)
    mesh = MZIMesh(3, splitter_error=0.03, gradient="in-situ", reading_noise=1e-3)
    parameters, gradient = bound(mesh)
    mesh.initialise(np.random.default_rng(2))
    rng = np.random.default_rng(1)
    x = np.eye(3, dtype=complex)
    costs = []
    for _ in range(800):
        out, kept = mesh.forward(x, rng)
        error = out - x @ wanted.T
        costs.append(np.sum(np.abs(error) ** 2))
        mesh.backward(kept, 2 * error, False)
        parameters -= 0.1 * gradient
    assert costs[0] > 1
    assert costs[-1] < 1e-2


def test_readings_are_noisy_only_with_a_generator():
    mesh = MZIMesh(3, phases=np.arange(9.0), gradient="in-situ", reading_noise=0.1)
    exact = MZIMesh(3, phases=np.arange(9.0))
    _, gradient = bound(mesh)
    _, wanted = bound(exact)
    x = fields(2, 3)
    out, kept = exact.forward(x)
    exact.backward(kept, out - 1, False)
    out, kept = mesh.forward(x)
    mesh.backward(kept, out - 1, False)
    assert gradient == pytest.approx(wanted, abs=1e-13)
    out, kept = mesh.forward(x, np.random.default_rng(0))
    mesh.backward(kept, out - 1, False)
    assert not np.allclose(gradient, wanted, rtol=1e-3)


def test_noise_of_each_shifter_is_that_of_its_three_readings():
    """σ² = noise² Σ I²/4 of |f|², |h|² and |f − ih|², by hand for one interferometer."""
    theta, phi, upper, lower = 0.7, 0.2, 0.1, 0.4
    mesh = MZIMesh(2, phases=[theta, phi, upper, lower])
    x, g, noise = np.array([[1.0 + 0j, 0.2]]), np.array([[0.1j, 1.0]]), 1e-3
    draws = np.array([mesh.in_situ_gradient(x, g, noise=noise, seed=s) for s in range(4000)])
    scale = (np.sum(abs(x) ** 2) / np.sum(abs(g) ** 2)) ** 0.5
    c = np.array([[1, 1j], [1j, 1]]) / 2**0.5
    outer = np.diag([np.exp(1j * phi), 1])
    whole = np.diag(np.exp(1j * np.array([upper, lower]))) @ c @ np.diag([np.exp(1j * theta), 1]) @ c @ outer
    rows = np.array([(c @ outer)[0], outer[0], *whole])  # inputs to each shifter: θ, φ, both outputs
    f, h = rows @ x[0], rows @ (whole.conj().T @ g[0]) * scale
    intensities = np.array([abs(f) ** 2, abs(h) ** 2, abs(f - 1j * h) ** 2])
    expected = noise * np.sqrt(np.sum(intensities**2, axis=0)) / (2 * scale)
    assert draws.std(axis=0) == pytest.approx(expected, rel=0.06)  # 4000 draws: 1.1 %


def test_calibration_is_without_noise():
    """The noise of readings averages out over rows; that of one calibration for all would not."""
    mesh = MZIMesh(2, insertion_loss=2.0)
    x, g = np.random.default_rng(1).standard_normal((2, 400, 2)) + 0j

    def deviation(rows):
        draws = [mesh.in_situ_gradient(x[:rows], g[:rows], noise=0.05, seed=s) for s in range(300)]
        return np.std(draws, axis=0)

    assert deviation(400) / deviation(100) == pytest.approx(2.0, rel=0.25)  # a sum of 4 times as many


def test_no_light_no_gradient():
    mesh = MZIMesh(3)
    assert np.array_equal(mesh.in_situ_gradient(np.zeros((2, 3)), np.ones((2, 3))), np.zeros(9))
    with pytest.raises(ValueError, match=r"upstream must have the shape \(2, 3\)"):
        mesh.in_situ_gradient(np.zeros((2, 3)), np.ones((2, 4)))


# ---------------------------------------------------------------------- compiled loops


def test_compiled_sweeps_are_their_source():
    places = layout("clements", 5)
    rng = np.random.default_rng(0)
    block, other = rng.standard_normal((2, 10, 4, 2))
    start = rng.standard_normal((2, 5, 6))
    results = []
    for choose in (lambda kernel: kernel, lambda kernel: kernel.py_func):
        there, back, gradient = start.copy(), start.copy(), 2 * start
        choose(mesh_kernels.sweep)(places.upper, block, 2, 9, there[0], there[1])
        product = np.zeros((10, 4, 2))
        choose(mesh_kernels.reverse)(places.upper, block, other, 1, 10, back, gradient, product)
        read = start.copy()
        power, square = np.zeros((2, 3, 2, 10))
        order = np.arange(10)[::-1].copy()
        choose(mesh_kernels.readings)(places.upper, order, block, other, read[0], read[1], power, square)
        results.append([there, back, gradient, product, read, power, square])
    for compiled, source in zip(*results, strict=True):
        assert compiled == pytest.approx(source, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_decomposition_is_its_source(kind):
    null = getattr(decomposition, "null_both_sides" if kind == "clements" else "null_from_inputs")
    places = layout(kind, 5)
    results = []
    for call in (null, null.py_func):
        rest, theta, phi = random_unitary(5, 1), np.zeros(10), np.zeros(10)
        call(np.ascontiguousarray(rest), places.places, theta, phi)
        results.append(np.exp(1j * np.concatenate([theta, phi])))
    assert results[0] == pytest.approx(results[1], abs=1e-12)


def test_a_network_draws_the_noise_of_its_readings():
    """The loss has none: it is the gradient that is read from the chip."""
    x, labels = np.random.default_rng(0).uniform(0.1, 1.0, (5, 3)), np.arange(5) % 3

    def learned(noise, **mesh):
        stages = [FieldEncoder(3, 1e-3), MZIMesh(3, **mesh), Detector(3, 1.0), Readout(3, 1e3)]
        network = OpticalNetwork(stages, seed=0, dtype=np.float64)
        value = network.loss_and_gradient(x, labels, noise)[0]
        return value, network.gradient.copy()

    exact, quiet = learned(None), learned(None, gradient="in-situ", reading_noise=0.1)
    noisy, again = (learned(3, gradient="in-situ", reading_noise=0.1) for _ in range(2))
    assert noisy[0] == quiet[0] == exact[0]
    assert quiet[1] == pytest.approx(exact[1], rel=1e-10)
    assert not np.allclose(noisy[1], exact[1], rtol=1e-3)
    assert np.array_equal(noisy[1], again[1])
    with pytest.raises(ParameterError, match="noise needs a stage with some"):
        learned(3)
