"""Meshes of Mach–Zehnder interferometers: any unitary matrix in light."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from nets.optical.decomposition import checked_unitary, phases_of
from nets.optical.haar import random_unitary
from nets.optical.in_situ import measured_gradient
from nets.optical.mesh_errors import drawn_errors, shifter_power
from nets.optical.mesh_layout import Kind, layout
from nets.optical.mesh_optics import Chip, Passage, quantised
from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind as Signal
from nets.optical.untrained import told
from photonic.errors import ParameterError, checked_seed, one_number, real_numbers, unknown_name

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["Gradient", "MZIMesh"]

Gradient = Literal["exact", "in-situ"]


class MZIMesh:
    """A mesh of N(N − 1)/2 interferometers with N² phase shifters: out = U · in for fields.

    Each interferometer is T(θ, φ) = C diag(e^{iθ}, 1) C diag(e^{iφ}, 1), `photonic.coupler.tunable_coupler`
    behind an outer phase, with both shifters on the upper guide; one more phase follows on each output.
    A rectangle (W. R. Clements et al., Optica 3, 1460 (2016)) is N columns deep, a triangle
    (M. Reck et al., Phys. Rev. Lett. 73, 58 (1994)) 2N − 3. Independent errors σ on all shifters
    cost 1 − ⟨|tr U^H U'|²/N²⟩ = σ²(N − 1) to lowest order.

    As a `Stage` it takes and gives fields [√W], rows of a signal going through as ``signal @ U.T``, and
    trains all its phases. It never gives more power than it gets.

    Parameters
    ----------
    modes : int
        Guides N [1].
    kind : {"clements", "reck"}
        Rectangle or triangle.
    phases : array_like, shape (N²,), optional
        Heater phases [rad]: inner θ of all interferometers in the order light meets them, then
        outer φ, then the outputs. They count as they are, not modulo 2π. Left out: U = 1.
    splitter_error : float or array_like, shape (M, 2)
        Deviation ε of the couplers' angle from π/4 [rad], first and second coupler of each of the M
        interferometers; the power k = sin²(π/4 + ε) ≈ ½ + ε crosses. One number is systematic, the same
        for all couplers; `with_splitter_error` draws random ones.
    insertion_loss : float or array_like, shape (M,)
        P_in/P_out >= 1 of each interferometer [1], ``photonic.units.from_db(0.2)`` for 0.2 dB; guides that
        pass beside one lose nothing.
    crosstalk : float
        Share [1] of each heater's phase that the guides directly above and below get at the same place.
    bits : int, optional
        Heaters are set in 2^bits steps over 2π. The gradient takes the slope of the staircase for 1.
    gradient : {"exact", "in-situ"}
        In training: from one reverse sweep, or as the chip would measure it (`in_situ_gradient`).
    reading_noise : float
        Relative noise of each intensity [1] in such training; drawn only where `forward` got a generator.

    Raises
    ------
    ParameterError
        An argument out of bounds, of a wrong shape, or unknown.

    Examples
    --------
    >>> from nets.optical.haar import random_unitary
    >>> u = random_unitary(8, seed=0)
    >>> mesh = MZIMesh.from_unitary(u)
    >>> mesh.interferometers, mesh.depth, mesh.phases.size
    (28, 8, 64)
    >>> bool(np.linalg.norm(mesh.matrix() - u) < 1e-12)
    True
    """

    def __init__(
        self,
        modes: int,
        *,
        kind: Kind = "clements",
        phases: Any = None,
        splitter_error: Any = 0.0,
        insertion_loss: Any = 1.0,
        crosstalk: float = 0.0,
        bits: int | None = None,
        gradient: Gradient = "exact",
        reading_noise: float = 0.0,
    ) -> None:
        places = layout(kind, modes)
        self._chip = Chip(
            places,
            splitter_error=splitter_error,
            insertion_loss=insertion_loss,
            crosstalk=crosstalk,
            bits=bits,
        )
        if gradient not in get_args(Gradient):
            raise unknown_name("gradient", gradient, get_args(Gradient))
        self.gradient: Gradient = gradient
        self.reading_noise = one_number("reading_noise", reading_noise, at_least=0.0)
        self._given = None if phases is None else _checked_phases(phases, self.size)
        start = phases_of(np.eye(self.modes), places) if self._given is None else self._given
        self._parameters = start.copy()
        self._parameters_gradient = np.zeros(self.size)

    @classmethod
    def from_unitary(cls, matrix: Any, kind: Kind = "clements", **imperfections: Any) -> MZIMesh:
        """Mesh whose phases make the unitary ``matrix`` where it is perfect.

        Parameters
        ----------
        matrix : array_like, shape (N, N)
            Row = output, column = input [1].
        kind : {"clements", "reck"}
            Rectangle or triangle.
        **imperfections
            As for the class; the phases do not make up for them.

        Raises
        ------
        ParameterError
            Not a square, finite, unitary matrix (U^H U within 1e-6 of 1).

        Examples
        --------
        >>> mesh = MZIMesh.from_unitary([[0, 1], [1, 0]], kind="reck")
        >>> np.round(np.abs(mesh.matrix()), 12).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        """
        if "phases" in imperfections:
            raise ParameterError("phases are those of the matrix: MZIMesh(modes, phases=...) takes others")
        unitary = checked_unitary(matrix)
        phases = phases_of(unitary, layout(kind, len(unitary)))
        return cls(len(unitary), kind=kind, phases=phases, **imperfections)

    # ------------------------------------------------------------------ what it is

    def __repr__(self) -> str:
        return f"<MZIMesh of {self.modes} guides, {self.kind}: {self.interferometers} interferometers>"

    @property
    def modes(self) -> int:
        """Guides N [1]."""
        return self._chip.places.modes

    @property
    def kind(self) -> Kind:
        """ "clements" or "reck"."""
        return self._chip.places.kind

    @property
    def interferometers(self) -> int:
        """M = N(N − 1)/2 [1]."""
        return self._chip.places.interferometers

    @property
    def depth(self) -> int:
        """Columns of interferometers that light passes [1]."""
        return self._chip.places.depth

    @property
    def upper_guides(self) -> np.ndarray:
        """Upper guide of each interferometer, in the order light meets them, shape (M,)."""
        return self._chip.places.upper.copy()

    @property
    def phases(self) -> np.ndarray:
        """Copy of what the heaters are set to [rad], shape (N²,): inner, outer, outputs."""
        return self._parameters.astype(np.float64)

    @property
    def phase_errors(self) -> np.ndarray:
        """Copy of the fixed error of each phase shifter [rad], shape (N²,)."""
        return np.zeros(self.size) if self._chip.errors is None else self._chip.errors.copy()

    @property
    def splitter_errors(self) -> np.ndarray:
        """Copy of the deviation of each coupler's angle from π/4 [rad], shape (M, 2)."""
        return np.array(np.broadcast_to(self._chip.splitter_error, (self.interferometers, 2)))

    def matrix(self) -> np.ndarray:
        """U with all imperfections, shape (N, N), complex128; row = output, column = input."""
        return self.passage().matrix

    def with_phase_error(self, sigma: float, seed: Any) -> MZIMesh:
        """Copy whose phase shifters each have one more fixed error of deviation ``sigma`` [rad].

        The errors are those of the guides, not of the heaters: ``phases`` stays what it was, and neither
        crosstalk nor quantisation acts on them.

        Examples
        --------
        >>> mesh = MZIMesh(4).with_phase_error(0.01, seed=1)
        >>> bool(0 < np.abs(mesh.matrix() - np.eye(4)).max() < 0.1)
        True
        """
        drawn = drawn_errors(sigma, seed, (self.size,))
        return self._with_chip(replace(self._chip, errors=self.phase_errors + drawn))

    def with_splitter_error(self, sigma: float, seed: Any) -> MZIMesh:
        """Copy whose 2 M couplers each have one more error of deviation ``sigma`` of their angle [rad].

        Independent errors of all couplers cost 1 − ⟨F⟩ = 2 σ²(N − 1) to lowest order, F that of
        `nets.fidelity`.

        Raises
        ------
        ParameterError
            ``sigma`` so large that an angle leaves ±π/4 about 50:50.

        Examples
        --------
        >>> mesh = MZIMesh(4, splitter_error=0.01).with_splitter_error(0.02, seed=1)
        >>> mesh.splitter_errors.shape
        (6, 2)
        """
        drawn = drawn_errors(sigma, seed, (self.interferometers, 2), around=self.splitter_errors)
        return self._with_chip(replace(self._chip, splitter_error=drawn))

    def _with_chip(self, chip: Chip) -> MZIMesh:
        """The same settings on another chip; what was never set still starts as a new mesh does."""
        out = copy.copy(self)
        start = phases_of(np.eye(self.modes), chip.places)
        untouched = self._given is None and np.array_equal(self.phases, start)
        out._chip, out._given = chip, None if untouched else self.phases
        out.bind(self.phases, np.zeros(self.size))
        return out

    def heater_power(self, heaters: Heaters | None = None) -> np.ndarray:
        """Electrical power of each phase shifter [W], shape (N²,), in the order of `phases`.

        P = P_π (φ mod 2π)/π of the phase φ that the heater is set to, quantised where ``bits`` are given.

        Parameters
        ----------
        heaters : photonic.heaters.Heaters, optional
            Of every shifter, of which P_π [W] alone counts here; ``Heaters()`` if left out.

        Examples
        --------
        >>> from photonic.heaters import Heaters
        >>> mesh = MZIMesh(2, phases=[np.pi, -np.pi / 2, 0.0, 2 * np.pi])
        >>> mesh.heater_power(Heaters(p_pi=20e-3)).tolist()
        [0.02, 0.03, 0.0, 0.0]
        """
        return shifter_power(quantised(self.phases, self._chip.bits), heaters)

    def in_situ_gradient(
        self, signal: Any, upstream: Any, *, noise: float = 0.0, seed: Any = 0
    ) -> np.ndarray:
        """dL/d(phases), shape (N²,), from intensities at the phase shifters (`nets.optical.in_situ`).

        Equal to the exact gradient without loss; with loss exact where all light that reaches
        a shifter has lost the same share, else an estimate.

        Parameters
        ----------
        signal : array_like, shape (rows, N)
            Fields at the inputs [√W].
        upstream : array_like, shape (rows, N)
            ∂L/∂(Re out) + i ∂L/∂(Im out).
        noise : float
            Relative standard deviation of each reading [1].
        seed : int or numpy.random.Generator
            What draws it.
        """
        noise = one_number("noise", noise, at_least=0.0)
        pair = [np.atleast_2d(np.asarray(v, dtype=np.complex128)) for v in (signal, upstream)]
        for name, value in zip(("signal", "upstream"), pair, strict=True):
            if value.ndim != 2 or value.shape != (len(pair[0]), self.modes):
                shape = (len(pair[0]), self.modes)
                raise ParameterError(f"{name} must have the shape {shape}, got {value.shape}")
        halves = self._chip.halves(self.phases)
        generator = np.random.default_rng(checked_seed("seed", seed))
        return measured_gradient(self._chip, halves, pair[0], pair[1], noise, generator)

    # ------------------------------------------------------------------ as a stage

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"MZI mesh ({self.kind}, {self.modes})"

    @property
    def inputs(self) -> int:
        """Channels in: N."""
        return self.modes

    @property
    def outputs(self) -> int:
        """Channels out: N."""
        return self.modes

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
        """Trained phases: N²."""
        return self.modes**2

    @property
    def noisy(self) -> bool:
        """Whether training draws noise of its readings where a generator is given."""
        return self.gradient == "in-situ" and self.reading_noise > 0

    @property
    def identity(self) -> str:
        """Text that differs whenever an untrained setting differs."""
        chip = self._chip
        settings = [
            told(v) for v in (chip.splitter_error, chip.insertion_loss, self.phase_errors, self._given)
        ]
        return (
            f"MZIMesh({self.modes}, {self.kind}, splitter_error={settings[0]}, insertion_loss={settings[1]}, "
            f"crosstalk={chip.crosstalk!r}, bits={chip.bits}, phase_errors={settings[2]}, "
            f"start={settings[3]}, gradient={self.gradient}, reading_noise={self.reading_noise!r})"
        )

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let the phases, and their gradient, be views of these two flat arrays of N² numbers."""
        self._parameters, self._parameters_gradient = parameters, gradient

    def initialise(self, generator: np.random.Generator) -> None:
        """Phases the mesh was made with; else those of a Haar-random unitary matrix.

        Uniform phases would not do: they make matrices close to a banded one, the more so the
        larger N is (N. J. Russell et al., New J. Phys. 19, 033007 (2017)).
        """
        start = self._given
        if start is None:
            start = phases_of(random_unitary(self.modes, generator), self._chip.places)
        self._parameters[...] = start

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """``signal @ U.T``, and what `backward` needs; the matrix is built once for all rows."""
        signal = checked_signal(signal, self.modes, "fields", self.name)
        passage = self.passage()
        matrix = passage.matrix.astype(np.complex64 if signal.dtype == np.complex64 else np.complex128)
        return signal @ matrix.T, (signal, matrix, passage, generator)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Set the gradient of the phases; dL/d(in) = g · conj(U) where it is ``wanted``."""
        signal, matrix, passage, generator = kept
        if self.gradient == "in-situ":
            self._parameters_gradient[...] = measured_gradient(
                self._chip, passage.halves, signal, upstream, self.reading_noise, generator
            )
        else:
            self.set_gradient(passage, upstream.T @ signal.conj())
        return upstream @ matrix.conj() if wanted else None

    def passage(self) -> Passage:
        """The matrix at the present phases, and what the way back through the mesh needs."""
        return self._chip.passage(self.phases)

    def set_gradient(self, passage: Passage, upstream: np.ndarray) -> None:
        """Set the bound gradient from dL/dU ``upstream``, shape (N, N): one reverse sweep."""
        self._parameters_gradient[...] = self._chip.gradient(passage, upstream)


def _checked_phases(phases: Any, size: int) -> np.ndarray:
    found = real_numbers("phases", phases, unit="rad")
    if found.shape != (size,):
        raise ParameterError(f"phases must be {size} numbers (modes²) in rad, got shape {found.shape}")
    return found.copy()
