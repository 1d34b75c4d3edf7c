"""From heater phases to the 2×2 blocks of the interferometers, and gradients back to the heaters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nets.optical.mesh_kernels import reverse, sweep
from nets.optical.mesh_layout import Layout
from nets.optical.part_checks import checked_loss
from nets.optical.untrained import whole_number
from photonic.coupler import coupler
from photonic.errors import ParameterError, one_number, real_numbers

__all__ = ["Chip", "Halves", "Passage", "quantised"]

_MOST_BITS = 52  # steps as fine as a float resolves
_LOST = 60.0  # dB, loss over which fields may be turned back before round-off counts


class Halves(NamedTuple):
    """Blocks of all interferometers, each of shape (M, 2, 2)."""

    enter: np.ndarray  # outer phases, first coupler
    leave: np.ndarray  # inner phases, second coupler, loss
    blocks: np.ndarray  # T = leave · enter
    outputs: np.ndarray  # (N,) phasors of the outputs


class Passage(NamedTuple):
    """What a matrix was built from: enough to go back through the mesh."""

    halves: Halves
    matrix: np.ndarray  # U, shape (N, N)
    marks: list[tuple[int, np.ndarray]]  # interferometers passed, and the fields (2, N, N) behind them


@dataclass(frozen=True, eq=False)
class Chip:
    """A mesh as it was made: its places and imperfections, checked.

    Couplers deviate from 50:50 by an angle ε [rad]: [[cos(π/4 + ε), i sin(π/4 + ε)], ...], so that they
    couple the power k = sin²(π/4 + ε) ≈ ½ + ε.
    """

    places: Layout
    splitter_error: Any = 0.0  # ε [rad], one number or shape (M, 2): first and second coupler
    insertion_loss: Any = 1.0  # P_in/P_out >= 1 of each interferometer, one number or shape (M,)
    crosstalk: float = 0.0  # share of a heater's phase in the guides above and below it [1]
    bits: int | None = None  # heaters are set in steps of 2π/2^bits
    errors: np.ndarray | None = None  # fixed phase error of each of the N² phase shifters [rad]

    def __post_init__(self) -> None:
        count = self.places.interferometers
        quarter = math.pi / 4
        error = real_numbers(
            "splitter_error", self.splitter_error, unit="rad", at_least=-quarter, at_most=quarter
        )
        _check_shape("splitter_error", error, (count, 2))
        loss = checked_loss("insertion_loss", self.insertion_loss)
        _check_shape("insertion_loss", loss, (count,))
        share = one_number("crosstalk", self.crosstalk, unit="[1]", at_least=0.0, below=1.0)
        if self.bits is not None and whole_number("bits", self.bits) > _MOST_BITS:
            raise ParameterError(f"bits must be <= {_MOST_BITS}, got {self.bits}")
        if self.errors is not None:
            errors = real_numbers("errors", self.errors, unit="rad")
            _check_shape("errors", errors, (self.places.modes**2,))
            object.__setattr__(self, "errors", errors)
        for name, value in (("splitter_error", error), ("insertion_loss", loss), ("crosstalk", share)):
            object.__setattr__(self, name, value)

    @property
    def lossless(self) -> bool:
        return bool(np.all(self.insertion_loss == 1.0))

    def sections(self, phases: np.ndarray) -> np.ndarray:
        """Phase [rad] of every section of guide, shape (4 M + N,), from the N² heater phases."""
        places = self.places
        heat = quantised(phases, self.bits)
        own = heat if self.errors is None else heat + self.errors
        out = np.zeros(places.sections)
        out[places.own] = own
        if self.crosstalk:
            warm = np.bincount(places.warmed, heat[places.warming], places.sections)
            out += self.crosstalk * warm
        return out

    def heaters(self, sections: np.ndarray) -> np.ndarray:
        """Gradient by the N² heater phases from that by the sections: the transpose of `sections`.

        Quantisation has the slope of its mean, 1 (straight through).
        """
        places = self.places
        out = sections[places.own]
        if self.crosstalk:
            back = np.bincount(places.warming, sections[places.warmed], places.modes**2)
            out += self.crosstalk * back
        return out

    def halves(self, phases: np.ndarray) -> Halves:
        """Blocks at these heater phases [rad].

        T(θ, φ) = √(P_out/P_in) C diag(e^{iθ}, 1) C diag(e^{iφ}, 1), with C the matrix of a coupler.
        """
        count = self.places.interferometers
        turn = phasors(self.sections(phases))
        inner, outer = turn[: 2 * count].reshape(2, count), turn[2 * count : 4 * count].reshape(2, count)
        error = np.broadcast_to(self.splitter_error, (count, 2))
        first, second = (
            coupler(np.sin(math.pi / 4 + error[:, c]) ** 2).matrix().reshape(count, 2, 2) for c in (0, 1)
        )
        amplitude = np.broadcast_to(self.insertion_loss, (count,)) ** -0.5
        enter = first * outer.T[:, None, :]
        leave = second * (amplitude * inner).T[:, None, :]
        return Halves(enter, leave, product(leave, enter), turn[4 * count :])

    def passage(self, phases: np.ndarray) -> Passage:
        """The matrix at these heater phases, from one sweep through the mesh."""
        places = self.places
        halves = self.halves(phases)
        blocks = parts(halves.blocks)
        fields = np.stack([np.eye(places.modes), np.zeros((places.modes, places.modes))])
        marks = []
        done = 0
        for end in self._stops():
            sweep(places.upper, blocks, done, end, fields[0], fields[1])
            marks.append((end, fields.copy()))
            done = end
        matrix = halves.outputs[:, None] * (fields[0] + 1j * fields[1])
        return Passage(halves, matrix, marks)

    def _stops(self) -> list[int]:
        """Interferometers after which fields are kept, so that going back never undoes much loss.

        What is undone grows, and with it round-off that strong light left on weak guides.
        """
        starts = self.places.starts
        depth = len(starts) - 1
        worst = 10 * math.log10(float(np.max(self.insertion_loss, initial=1.0)))
        stride = depth if worst * depth <= _LOST else max(1, int(_LOST / worst))
        columns = [*range(stride, depth, stride), depth] if depth else [0]
        return [int(starts[c]) for c in columns]

    def gradient(self, passage: Passage, upstream: np.ndarray) -> np.ndarray:
        """dL/d(heater phases), shape (N²,), from dL/dU ``upstream``, shape (N, N)."""
        places, halves = self.places, passage.halves
        count = places.interferometers
        out = np.empty(places.sections)
        out[4 * count :] = np.sum(upstream * passage.matrix.conj(), axis=1).imag
        turned = halves.outputs.conj()[:, None] * upstream
        gradient = np.stack([turned.real, turned.imag])
        blocks = halves.blocks
        loss = np.broadcast_to(self.insertion_loss, (count,))[:, None, None]
        back = blocks.conj().transpose(0, 2, 1)
        adjoint, inverse = parts(back), parts(loss * back)
        behind = np.empty((count, 4, 2))
        for (end, fields), (begin, _) in zip(
            reversed(passage.marks), [*reversed(passage.marks[:-1]), (0, None)], strict=True
        ):
            reverse(places.upper, adjoint, inverse, begin, end, fields.copy(), gradient, behind)
        # Σ g conj(f) behind a block is K; in front of it conj(f) is conj(T⁻¹ f): dL/dT = K (T⁻¹)^H
        of_block = product(loss * _complex(behind), blocks)
        out[: 4 * count] = _by_section(of_block, halves)
        return self.heaters(out)


def quantised(phases: np.ndarray, bits: int | None) -> np.ndarray:
    """``phases`` [rad] rounded to multiples of 2π/2^bits."""
    if bits is None:
        return phases
    step = 2 * math.pi / 2.0**bits
    return step * np.round(phases / step)


def _by_section(of_block: np.ndarray, halves: Halves) -> np.ndarray:
    """Gradient by the 4 M section phases from dL/dT, shape (M, 2, 2).

    T is linear in each phasor e^{ix}: dL/dx = Im Σ_ab (dL/dT)_ab conj(part of T_ab through that section).
    """
    enter, leave = halves.enter, halves.leave
    inner = []
    for arm in (0, 1):
        through = leave[:, :, arm, None] * enter[:, None, arm, :]
        inner.append(np.sum(of_block * through.conj(), axis=(1, 2)).imag)
    outer = np.sum(of_block * halves.blocks.conj(), axis=1).imag.T
    return np.concatenate([*inner, *outer])


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Matrix products of 2×2 blocks, shapes (M, 2, 2); written out, NumPy's are three times slower."""
    out = np.empty(left.shape, dtype=np.complex128)
    for a in (0, 1):
        for b in (0, 1):
            out[:, a, b] = left[:, a, 0] * right[:, 0, b] + left[:, a, 1] * right[:, 1, b]
    return out


def parts(blocks: np.ndarray) -> np.ndarray:
    """Real and imaginary parts of complex blocks (M, 2, 2), as the kernels want them: (M, 4, 2)."""
    return np.ascontiguousarray(blocks).view(np.float64).reshape(-1, 4, 2)


def phasors(phases: np.ndarray) -> np.ndarray:
    """e^{ix}; exactly 1 at x = 0."""
    out = np.ones(phases.shape, dtype=np.complex128)
    some = np.flatnonzero(phases)
    out[some] = np.exp(1j * phases[some])
    return out


def _complex(pairs: np.ndarray) -> np.ndarray:
    return pairs.view(np.complex128).reshape(-1, 2, 2)


def _check_shape(name: str, value: np.ndarray, shape: Sequence[int]) -> None:
    if value.ndim and value.shape != tuple(shape):
        raise ParameterError(f"{name} must be one number or of shape {tuple(shape)}, got shape {value.shape}")
