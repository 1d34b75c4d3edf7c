"""Two meshes with attenuators in between: any matrix in light."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nets.optical.decomposition import phases_of
from nets.optical.haar import ginibre
from nets.optical.mesh import MZIMesh
from nets.optical.mesh_errors import drawn_errors, shifter_power
from nets.optical.mesh_layout import Kind, layout
from nets.optical.mesh_optics import Passage, quantised
from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind as Signal
from nets.optical.untrained import told
from photonic.coupler import coupler
from photonic.errors import ParameterError, checked_seed, one_number, real_numbers

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["MatrixMesh"]


_ROUND_OFF = 1e-12  # [1] by which the singular values of a unitary matrix may miss 1


class _Kept(NamedTuple):
    """What the way back needs."""

    first: Passage
    second: Passage
    amplitudes: np.ndarray  # (p,) complex transfer of the attenuators
    slopes: np.ndarray  # (p,) their derivative by the phase
    matrix: np.ndarray  # (outputs, inputs)


class MatrixMesh:
    """Any matrix with singular values of at most 1: out = U A V^H · in for fields.

    The singular value decomposition in light (D. A. B. Miller, Photonics Research 1, 1 (2013)): a mesh on
    the n inputs, p = min(m, n) attenuators, a mesh on the m outputs. Each attenuator is an interferometer
    with one phase ψ, entered and left on its upper guide; without imperfections its transfer is
    a = (e^{iψ} − 1)/2 = i e^{iψ/2} sin(ψ/2), |a| from 0 to 1 whatever ψ, so that training keeps it passive.
    Where n > m, what leaves the first mesh below its first m guides is absorbed; where m > n, the guides of
    the second mesh below its first n stay dark.

    As a `Stage` it takes n fields, gives m and trains n² + p + m² phases.

    Parameters
    ----------
    inputs, outputs : int
        n and m [1].
    kind : {"clements", "reck"}
        Shape of both meshes.
    phases : array_like, shape (n² + p + m²,), optional
        Heater phases [rad]: first mesh, attenuators ψ, second mesh. Left out: 1 on the diagonal.
    scale : float
        What the chip's matrix is to be multiplied with [1], > 0; kept for the reader, not done in light.
    splitter_error, insertion_loss, crosstalk, bits
        As for `MZIMesh`, one number each, so that a splitter error is systematic; attenuators are
        interferometers like the others, without crosstalk.

    Raises
    ------
    ParameterError
        An argument out of bounds or of a wrong shape.

    Examples
    --------
    >>> mesh = MatrixMesh.from_matrix([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])
    >>> np.round((mesh.scale * mesh.matrix()).real, 12).tolist()
    [[1.0, 2.0, 0.0], [-0.0, -1.0, 3.0]]
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        kind: Kind = "clements",
        phases: Any = None,
        scale: float = 1.0,
        splitter_error: float = 0.0,
        insertion_loss: float = 1.0,
        crosstalk: float = 0.0,
        bits: int | None = None,
    ) -> None:
        error = one_number("splitter_error", splitter_error, unit="rad")
        loss = one_number("insertion_loss", insertion_loss)
        chip = {"splitter_error": error, "insertion_loss": loss, "crosstalk": crosstalk, "bits": bits}
        self.scale = one_number("scale", scale, above=0.0)
        self._first = MZIMesh(inputs, kind=kind, **chip)  # type: ignore[arg-type]
        self._second = MZIMesh(outputs, kind=kind, **chip)  # type: ignore[arg-type]
        self._loss, self._bits = loss, bits
        self._splits = np.full((self.attenuators, 2), error)
        self._errors = np.zeros(self.attenuators)
        self._given: np.ndarray | None = None
        start = self._untouched()
        if phases is not None:
            start = real_numbers("phases", phases, unit="rad").copy()
            if start.shape != (self.size,):
                raise ParameterError(
                    f"phases must be {self.size} numbers in rad (inputs² + attenuators + outputs²), "
                    f"got shape {start.shape}"
                )
            self._given = start
        self.bind(start.copy(), np.zeros(self.size))

    @classmethod
    def from_matrix(cls, matrix: Any, kind: Kind = "clements", **imperfections: Any) -> MatrixMesh:
        """Mesh with ``scale × matrix() = matrix``, where it is perfect.

        A chip without gain has no singular value above 1: if the largest is more, all are divided by it and
        `scale` is that largest, to be made up for by gain or by counting; else `scale` is 1.

        Parameters
        ----------
        matrix : array_like, shape (m, n)
            Real or complex; row = output, column = input [1].
        kind : {"clements", "reck"}
            Shape of both meshes.
        **imperfections
            As for the class; the phases do not make up for them.

        Raises
        ------
        ParameterError
            Not a finite matrix.

        Examples
        --------
        >>> MatrixMesh.from_matrix([[3.0, 4.0]]).scale
        5.0
        """
        if "phases" in imperfections or "scale" in imperfections:
            raise ParameterError("phases and scale are those of the matrix: MatrixMesh(...) takes others")
        found = _checked_matrix(matrix)
        phases, scale = _programmed(found, kind)
        return cls(found.shape[1], found.shape[0], kind=kind, phases=phases, scale=scale, **imperfections)

    # ------------------------------------------------------------------ what it is

    def __repr__(self) -> str:
        shape = f"{self.inputs} to {self.outputs} guides, {self.kind}"
        return f"<MatrixMesh of {shape}: {self.interferometers} interferometers>"

    @property
    def attenuators(self) -> int:
        """p = min(inputs, outputs) [1]."""
        return min(self.inputs, self.outputs)

    @property
    def interferometers(self) -> int:
        """Those of both meshes, and one per attenuator [1]."""
        return self._first.interferometers + self.attenuators + self._second.interferometers

    @property
    def depth(self) -> int:
        """Columns of interferometers that light passes [1]."""
        return self._first.depth + 1 + self._second.depth

    @property
    def kind(self) -> Kind:
        """ "clements" or "reck"."""
        return self._first.kind

    @property
    def phases(self) -> np.ndarray:
        """Copy of what the heaters are set to [rad], shape (n² + p + m²,)."""
        return self._parameters.astype(np.float64)

    def matrix(self) -> np.ndarray:
        """Matrix of the chip with all imperfections, without `scale`, shape (outputs, inputs)."""
        return self._kept().matrix

    def with_phase_error(self, sigma: float, seed: Any) -> MatrixMesh:
        """Copy whose phase shifters each have one more fixed error of deviation ``sigma`` [rad].

        Examples
        --------
        >>> mesh = MatrixMesh(2, 3).with_phase_error(0.01, seed=1)
        >>> mesh.matrix().shape
        (3, 2)
        """
        generator = np.random.default_rng(checked_seed("seed", seed))
        out = copy.copy(self)
        out._first = self._first.with_phase_error(sigma, generator)
        out._second = self._second.with_phase_error(sigma, generator)
        out._errors = self._errors + drawn_errors(sigma, generator, (self.attenuators,))
        return out._started_at(self.phases)

    def with_splitter_error(self, sigma: float, seed: Any) -> MatrixMesh:
        """Copy whose couplers, those of the attenuators too, each have one more error of their angle.

        ``sigma`` is its deviation [rad]; see `MZIMesh.with_splitter_error`.

        Examples
        --------
        >>> mesh = MatrixMesh(2, 2).with_splitter_error(0.02, seed=1)
        >>> bool(0 < abs(mesh.matrix()[0, 1]) < 0.2)
        True
        """
        generator = np.random.default_rng(checked_seed("seed", seed))
        out = copy.copy(self)
        out._first = self._first.with_splitter_error(sigma, generator)
        out._second = self._second.with_splitter_error(sigma, generator)
        out._splits = drawn_errors(sigma, generator, (self.attenuators, 2), around=self._splits)
        return out._started_at(self.phases)

    def heater_power(self, heaters: Heaters | None = None) -> np.ndarray:
        """Electrical power of each phase shifter [W], shape (n² + p + m²,); see `MZIMesh.heater_power`.

        Examples
        --------
        >>> from photonic.heaters import Heaters
        >>> MatrixMesh(1, 1, phases=[0.0, np.pi, np.pi / 2]).heater_power(Heaters(p_pi=20e-3)).tolist()
        [0.0, 0.02, 0.01]
        """
        return shifter_power(quantised(self.phases, self._bits), heaters)

    def _untouched(self) -> np.ndarray:
        """Phases of a new chip: 1 on the diagonal."""
        first, second = (phases_of(np.eye(n), layout(self.kind, n)) for n in (self.inputs, self.outputs))
        return _joined(first, np.full(self.attenuators, np.pi), second)

    def _started_at(self, phases: np.ndarray) -> MatrixMesh:
        """Itself, with memory of its own and these phases to start from, if ever they were set."""
        untouched = self._given is None and np.array_equal(phases, self._untouched())
        self._given = None if untouched else phases
        self.bind(phases.copy(), np.zeros(self.size))
        return self

    # ------------------------------------------------------------------ as a stage

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"matrix mesh ({self.kind}, {self.outputs} × {self.inputs})"

    @property
    def inputs(self) -> int:
        """Channels in: n."""
        return self._first.modes

    @property
    def outputs(self) -> int:
        """Channels out: m."""
        return self._second.modes

    @property
    def takes(self) -> Signal:
        """Fields."""
        return "fields"

    @property
    def gives(self) -> Signal:
        """Fields."""
        return "fields"

    @property
    def size(self) -> int:
        """Trained phases: n² + p + m²."""
        return self._first.size + self.attenuators + self._second.size

    @property
    def identity(self) -> str:
        """Text that differs whenever an untrained setting differs."""
        meshes = f"{self._first.identity}, {self._second.identity}"
        errors = f"phase_errors={told(self._errors)}, splitter_errors={told(self._splits)}"
        return f"MatrixMesh({meshes}, {errors}, start={told(self._given)}, scale={self.scale!r})"

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let the phases, and their gradient, be views of these two flat arrays of `size` numbers."""
        self._parameters, self._gradient = parameters, gradient
        a, b = self._first.size, self._first.size + self.attenuators
        self._first.bind(parameters[:a], gradient[:a])
        self._second.bind(parameters[b:], gradient[b:])
        self._middle = slice(a, b)

    def initialise(self, generator: np.random.Generator) -> None:
        """Phases the mesh was made with; else those of a matrix of normal numbers.

        The largest singular value of that matrix is scaled to 1.
        """
        start = self._given
        if start is None:
            drawn = ginibre(self.outputs, self.inputs, generator)
            start, _ = _programmed(drawn / np.linalg.norm(drawn, 2), self.kind)
        self._parameters[...] = start

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """``signal @ matrix().T``, and what `backward` needs."""
        signal = checked_signal(signal, self.inputs, "fields", self.name)
        kept = self._kept()
        matrix = kept.matrix.astype(np.complex64 if signal.dtype == np.complex64 else np.complex128)
        return signal @ matrix.T, (signal, matrix, kept)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Set the gradient of all phases; dL/d(in) where it is ``wanted``."""
        signal, matrix, inner = kept
        gradient = (upstream.T @ signal.conj()).astype(np.complex128)
        p = self.attenuators
        back = inner.second.matrix[:, :p].conj().T @ gradient  # dL/d(A V^H), (p, n)
        ahead = gradient @ inner.first.matrix[:p].conj().T  # dL/d(U A), (m, p)
        of_first = np.zeros((self.inputs, self.inputs), dtype=np.complex128)
        of_first[:p] = inner.amplitudes.conj()[:, None] * back
        of_second = np.zeros((self.outputs, self.outputs), dtype=np.complex128)
        of_second[:, :p] = ahead * inner.amplitudes.conj()
        self._first.set_gradient(inner.first, of_first)
        self._second.set_gradient(inner.second, of_second)
        of_amplitude = np.sum(back * inner.first.matrix[:p].conj(), axis=1)
        self._gradient[self._middle] = (of_amplitude.conj() * inner.slopes).real
        return upstream @ matrix.conj() if wanted else None

    def _kept(self) -> _Kept:
        first, second = self._first.passage(), self._second.passage()
        psi = quantised(self._parameters[self._middle].astype(np.float64), self._bits) + self._errors
        t, c = coupler(np.sin(np.pi / 4 + self._splits.T) ** 2)
        stays, crosses = np.prod(t, axis=0), np.prod(c, axis=0)  # of the first and second coupler
        turn = np.exp(1j * psi)
        amplitudes = self._loss**-0.5 * (stays * turn - crosses)  # upper to upper of C diag(e^{iψ}, 1) C
        slopes = 1j * self._loss**-0.5 * stays * turn
        p = self.attenuators
        matrix = (second.matrix[:, :p] * amplitudes) @ first.matrix[:p]
        return _Kept(first, second, amplitudes, slopes, matrix)


def _programmed(matrix: np.ndarray, kind: Kind) -> tuple[np.ndarray, float]:
    """Phases of a perfect chip for ``matrix``, and the scale that is left over."""
    u, values, vh = np.linalg.svd(matrix)
    scale = float(values[0]) if values[0] > 1 + _ROUND_OFF else 1.0
    # |a| = sin(ψ/2); its phase ψ/2 + π/2 is taken back in the first mesh
    psi = 2 * np.arcsin(np.minimum(values / scale, 1.0))
    turned = vh.copy().astype(np.complex128)
    turned[: len(psi)] *= np.exp(-0.5j * (psi + np.pi))[:, None]
    first, second = MZIMesh.from_unitary(turned, kind), MZIMesh.from_unitary(u, kind)
    return _joined(first.phases, psi, second.phases), scale


def _joined(first: np.ndarray, attenuators: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.concatenate([first, attenuators, second])


def _checked_matrix(matrix: Any) -> np.ndarray:
    try:
        found = np.asarray(matrix, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ParameterError("matrix must be a rectangular array of numbers") from None
    if found.ndim != 2 or found.size == 0:
        raise ParameterError(f"matrix must have rows and columns, got shape {found.shape}")
    if not np.all(np.isfinite(found)):
        raise ParameterError("matrix must be finite, got NaN or infinity")
    return found
