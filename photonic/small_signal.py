"""Small deviations from a steady state of the ring: Jacobian, stability, Hopf points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import concrete
from photonic.hurwitz import bernstein, energy_knots, hopf_test, is_polynomial, squared_frequency
from photonic.rate_equations import slopes
from photonic.scan import bisected, sign_changes

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = [
    "growing",
    "hopf_energies",
    "hopf_table",
    "is_stable",
    "jacobian",
    "unstable_oscillation",
]

_LOOK = 1200  # energies looked at where the Hopf condition is no polynomial


def jacobian(cavity: Cavity, energy: Any) -> np.ndarray:
    """Exact Jacobian of the rate equations at steady states of ``energy`` [J], shape (..., n, n).

    Variables: the field along and across its own phase, in units of √U; the carrier density and
    the temperature, as far as they act, both counted in the rate by which they change the field,
    so that the entries are of one size; eigenvalues [1/s] do not depend on that.
    """
    c, e = cavity.c, cavity.terms
    energy = np.asarray(energy, dtype=float)
    state, known, pull = cavity.linearised(energy)
    first = 3 + e.traps
    m = np.zeros((len(state), *state.shape))
    slopes(state, known, pull, c, e, m)
    units = [np.sqrt(np.where(energy > 0, energy, 1.0))] * 2
    units += [_rate(c.carrier_absorption + np.abs(pull[0] + pull[1]))] * (1 + e.traps)
    units += [_rate(c.thermal)] * (len(state) - first)
    for k, unit in enumerate(units):
        m[:, k] *= unit
        m[k] /= unit
    acting = np.ones(len(state), dtype=bool)
    acting[2:first] = np.any(concrete(c.generation) != 0)
    acting[first:] = np.any(concrete(c.heating) != 0)
    if not np.all(acting):
        m = m[acting][:, acting]
    return np.moveaxis(m, (0, 1), (-2, -1))


def _rate(per_unit: Any) -> Any:
    """Unit of a variable that changes the field at the rate ``per_unit``; 1 where it does not."""
    per_unit = np.abs(per_unit)
    return 1 / np.where(per_unit > 0, per_unit, 1.0)


def growing(cavity: Cavity, energy: Any) -> np.ndarray:
    """Number of eigenvalues that grow at the state of each ``energy`` [J] (any shape)."""
    return np.sum(np.linalg.eigvals(jacobian(cavity, energy)).real > 0, axis=-1)


def is_stable(cavity: Cavity, energy: Any) -> np.ndarray:
    """Whether the state of each ``energy`` [J] is stable (any shape)."""
    return growing(cavity, energy) == 0


def unstable_oscillation(cavity: Cavity, energy: np.ndarray) -> np.ndarray:
    """Whether the state of each ``energy`` [J] has gone through a Hopf bifurcation (any shape)."""
    m = jacobian(cavity, energy)
    if m.shape[-1] > 4:  # room for two pairs, which Δ_{n−1} cannot tell from none
        return np.sum(np.linalg.eigvals(m).real > 0, axis=-1) >= 2
    return hopf_test(m) < 0 if m.shape[-1] > 2 else np.zeros(m.shape[:-2], dtype=bool)


def hopf_energies(cavity: Cavity, top: float) -> list[tuple[float, float]]:
    """(energy [J], frequency [Hz]) of the Hopf points up to the energy ``top`` [J], rising."""
    energies, frequencies = hopf_table(cavity, top)
    return [(float(u), float(f)) for u, f in zip(energies, frequencies, strict=True) if np.isfinite(u)]


def hopf_table(cavity: Cavity, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Energies [J] and frequencies [Hz] of the Hopf points up to the energy ``top`` [J].

    For one ring at detunings of any shape; last axis rising, NaN-padded. With the linear index law
    and without traps the signs of the Hurwitz determinant are looked at between the real parts of
    all its complex roots: two Hopf points are missed only where they are closer to each other
    than round-off moves these roots. Otherwise they are looked at on 1,200 energies over eight decades
    and at each extremum near 0 between them.
    """
    detuning = np.asarray(concrete(cavity.detuning), dtype=float)
    empty = np.empty((*detuning.shape, 0))
    if top <= 0.0 or jacobian(cavity, np.full(detuning.shape, top)).shape[-1] < 3:
        return empty, empty
    if detuning.ndim == 0 and is_polynomial(cavity) and _none_below(cavity, top):
        return empty, empty
    low, high, offset = _brackets(cavity, top)
    some = type(cavity)(cavity.ring, offset)

    def test(energy: np.ndarray) -> np.ndarray:
        return hopf_test(jacobian(some, energy))

    at = bisected(test, low, high)
    squared = squared_frequency(jacobian(some, at)) if at.size else at
    pairs = squared > 0  # else two real eigenvalues of opposite sign: a neutral saddle
    at, offset, frequency = at[pairs], offset[pairs], np.sqrt(squared[pairs]) / (2 * np.pi)
    rows = [np.flatnonzero(offset == value) for value in detuning.ravel()]
    most = max((row.size for row in rows), default=0)
    energies, frequencies = (np.full((len(rows), most), np.nan) for _ in range(2))
    for k, row in enumerate(rows):
        energies[k, : row.size], frequencies[k, : row.size] = at[row], frequency[row]
    shape = (*detuning.shape, most)
    return energies.reshape(shape), frequencies.reshape(shape)


def _none_below(cavity: Cavity, top: float) -> bool:
    """Whether Δ_{n−1}, by its Bernstein coefficients on [0, ``top``] [J], is positive all the way."""
    m = jacobian(cavity, np.asarray(top))
    if m.shape[-1] > 4:  # where `hopf_test` is no polynomial
        return False
    nodes, to_bernstein = bernstein(2 + 6 * (m.shape[-1] - 2))
    values = hopf_test(jacobian(cavity, top * nodes))
    # The margin covers the round-off of the conversion.
    return bool(np.min(to_bernstein @ values) > 1e-6 * np.max(np.abs(values)))


def _brackets(cavity: Cavity, top: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies (low, high) [J] between which Δ_{n−1} changes sign, and the detuning [rad/s] of each."""
    detuning = np.unique(np.asarray(concrete(cavity.detuning), dtype=float))
    column = type(cavity)(cavity.ring, detuning[:, None])
    if is_polynomial(cavity):
        knots = energy_knots(type(cavity)(cavity.ring, detuning))
        knots = np.sort(np.where(knots < top, knots, top), axis=-1)  # NaN, too
        ends = np.full((detuning.size, 1), top)
        looked = np.concatenate(
            [knots[:, :1] / 2, np.sqrt(knots[:, :-1] * knots[:, 1:]), np.sqrt(knots[:, -1:] * ends), ends],
            axis=-1,
        )
        sign = hopf_test(jacobian(column, looked)) >= 0
        row, place = np.nonzero(sign[:, 1:] != sign[:, :-1])
        return looked[row, place], looked[row, place + 1], detuning[row]
    found = []
    grid = top * np.geomspace(1e-8, 1, _LOOK)
    for value in detuning:
        one = type(cavity)(cavity.ring, float(value))
        found.append(sign_changes(_test(one), grid[None])[1:])
    offset = np.concatenate([np.full(low.size, v) for v, (low, _) in zip(detuning, found, strict=True)])
    return np.concatenate([low for low, _ in found]), np.concatenate([high for _, high in found]), offset


def _test(cavity: Cavity) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda _, energy: hopf_test(jacobian(cavity, energy))
