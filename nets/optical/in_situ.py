"""Gradients that a chip can measure in itself, from intensities only.

T. W. Hughes et al., Optica 5, 864 (2018): three measurements at every phase shifter.

1. Signal x forward: |f|².
2. The conjugate gradient conj(g_out) backward from the outputs: |b|². By reciprocity b = conj(g), with
   g = ∂L/∂(Re f) + i ∂L/∂(Im f) at that place, whatever the losses.
3. What left the inputs backward, turned round in time, together with the signal: |f − i h|², where
   h = S S^H g, and S is the matrix from the inputs to that place.

Without loss S S^H is the identity on the guides passed, h = g, and

    dL/dφ = Im(g conj f) = (|f − i g|² − |f|² − |g|²)/2,                                          (1)

summed over the rows, is exact for any couplers, crosstalk and quantisation. With loss
h = η g + what other guides mix in, η = (S S^H)_kk being known from lighting the inputs one by one:

    dL/dφ ≈ (|f − i h|² − |f|² − η² |b|²)/(2 η),                                                  (2)

exact where all light that reaches the shifter has lost the same share, else an estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nets.optical.mesh_kernels import readings
from nets.optical.mesh_optics import Chip, Halves, parts

__all__ = ["measured_gradient"]


def measured_gradient(
    chip: Chip,
    halves: Halves,
    signal: np.ndarray,
    upstream: np.ndarray,
    noise: float,
    generator: np.random.Generator | None,
) -> np.ndarray:
    """dL/d(heater phases), shape (N²,), from simulated readings.

    Parameters
    ----------
    chip, halves : Chip, Halves
        The mesh and its blocks.
    signal, upstream : ndarray, shape (rows, N)
        Fields at the inputs [√W] and dL/d(fields at the outputs).
    noise : float
        Relative standard deviation of every reading [1].
    generator : Generator or None
        What draws the noise; None: none.
    """
    lit, wanted = _total(signal), _total(upstream)
    if lit == 0 or wanted == 0:
        return np.zeros(chip.places.modes**2)
    scale = (lit / wanted) ** 0.5  # as much light backward as forward: the least noise for the same readings
    forward = np.array(signal.T, dtype=np.complex128)
    backward = scale * np.array(upstream.T, dtype=np.complex128).conj()
    reading = _Readings(chip, halves, noise, generator)
    plain, _ = reading.forward(forward)
    adjoint, returned = reading.backward(backward)
    both, _ = reading.forward(forward - 1j * returned.conj())
    arriving: Any = 1.0
    if not chip.lossless:  # calibration: all inputs lit, one after the other
        calibration = _Readings(chip, halves, 0.0, None)
        arriving, _ = calibration.forward(np.eye(chip.places.modes, dtype=np.complex128))
    sections = (both - plain - arriving**2 * adjoint) / (2 * scale * arriving)  # (2)
    return chip.heaters(sections)


class _Readings:
    """Powers summed over the rows at all 4 M + N sections of guide, as monitors show them."""

    def __init__(
        self, chip: Chip, halves: Halves, noise: float, generator: np.random.Generator | None
    ) -> None:
        self.places, self.halves = chip.places, halves
        self.noise = noise if generator is not None else 0.0
        self.generator = generator

    def forward(self, fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Readings for ``fields`` (N, rows) at the inputs, and the fields at the outputs."""
        count = self.places.interferometers
        order = np.arange(count)
        fields, power, square = self._through(fields, order, self.halves.enter, self.halves.leave)
        out, fourth = _intensities(fields)
        total = np.concatenate([power[1].ravel(), power[0].ravel(), out])
        squares = np.concatenate([square[1].ravel(), square[0].ravel(), fourth])
        return self._shown(total, squares), self.halves.outputs[:, None] * fields

    def backward(self, fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Readings for ``fields`` (N, rows) sent into the outputs, and the fields that leave the inputs."""
        order = np.arange(self.places.interferometers)[::-1].copy()
        enter, leave = (half.transpose(0, 2, 1) for half in (self.halves.leave, self.halves.enter))
        out, fourth = _intensities(fields)
        fields, power, square = self._through(self.halves.outputs[:, None] * fields, order, enter, leave)
        total = np.concatenate([power[1].ravel(), power[2].ravel(), out])
        squares = np.concatenate([square[1].ravel(), square[2].ravel(), fourth])
        return self._shown(total, squares), fields

    def _through(
        self, fields: np.ndarray, order: np.ndarray, enter: np.ndarray, leave: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count = self.places.interferometers
        re, im = fields.real.copy(order="C"), fields.imag.copy(order="C")
        power, square = np.zeros((2, 3, 2, count))
        readings(self.places.upper, order, parts(enter), parts(leave), re, im, power, square)
        return re + 1j * im, power, square

    def _shown(self, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Sum of noisy readings, each I (1 + noise · ξ): its noise has the variance noise² Σ I²."""
        if self.noise == 0.0 or self.generator is None:
            return total
        return total + self.noise * np.sqrt(squares) * self.generator.standard_normal(total.size)


def _total(fields: np.ndarray) -> float:
    return float(np.sum(np.abs(fields.astype(np.complex128)) ** 2))


def _intensities(fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ|f|² and Σ|f|⁴ over the rows, on every guide."""
    power = np.abs(fields) ** 2
    return np.sum(power, axis=1), np.sum(power**2, axis=1)
