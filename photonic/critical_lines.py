"""Lines in the plane of power and detuning at which folds and Hopf points lie, explicit in the energy.

At one energy U carriers and heat are known whatever the detuning, and that enters through
δ = ω_L − ω_r(U) alone, with P_in = U (γ²/4 + δ²)/γ_c. So both conditions are polynomials in δ:

    folds:        δ² + 2 U δ' δ + γ²/4 + U γ γ'/2 = 0,   δ' = dδ/dU                     (L1)
    Hopf points:  Δ_{n−1}(δ) = 0, of degree 2(n − 2)      (`photonic.hurwitz`)

and every line is drawn by running through U and joining the roots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import STEP, Cavity
from photonic.criticality import onset
from photonic.hurwitz import MOST, characteristic, determinant, squared_frequency
from photonic.scan import bisected, sign_changes
from photonic.small_signal import jacobian

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["CriticalLine", "fold_lines", "hopf_lines"]

_ENERGIES = 600  # through which a line is followed, per refinement
_Roots = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class CriticalLine:
    """Points along one line: detuning [rad/s], input power [W], energy [J].

    On a Hopf line also the frequency [Hz] and the cubic coefficient ``lyapunov`` [1/s] of
    `photonic.OperatingPoint`, below 0 where the onset is supercritical; 0 and NaN on a fold line.
    """

    detuning: np.ndarray
    power: np.ndarray
    energy: np.ndarray
    frequency: np.ndarray
    lyapunov: np.ndarray

    def at_input(self, fraction: float) -> CriticalLine:
        """The same line with powers at a device of whose light this ``fraction`` [1] drives the ring."""
        return CriticalLine(**{**vars(self), "power": self.power / fraction})

    def below(self, power_max: float) -> list[CriticalLine]:
        """The stretches of the line up to ``power_max`` [W]."""
        pieces = _runs(self.power <= power_max)
        return [CriticalLine(**{k: v[piece] for k, v in vars(self).items()}) for piece in pieces]

    def as_dict(self) -> dict[str, list[float | None]]:
        """Lists by name; NaN is None."""
        return {k: [None if np.isnan(x) else float(x) for x in v] for k, v in vars(self).items()}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> CriticalLine:
        """Inverse of `as_dict`."""
        return cls(**{k: np.array(given[k], dtype=float) for k in cls.__dataclass_fields__})


def fold_lines(ring: Ring, detunings: tuple[float, float], power_max: float) -> list[CriticalLine]:
    """Lines of folds between two ``detunings`` [rad/s], up to what energy ``power_max`` [W] can hold."""
    centre = Cavity(ring, 0.0)

    def roots(energy: np.ndarray) -> np.ndarray:
        half, offset = centre.widths(energy + 1j * STEP)
        per_energy, loss_slope = np.imag(offset) / STEP, np.imag(half) / STEP
        middle = -energy * per_energy
        under = middle**2 - half.real**2 - 2 * energy * half.real * loss_slope
        width = np.sqrt(np.where(under >= 0, under, np.nan))
        return np.stack([middle - width, middle + width], axis=-1)  # (L1)

    return [_line(ring, *path, hopf=False) for path in _paths(centre, roots, detunings, power_max)]


def hopf_lines(ring: Ring, detunings: tuple[float, float], power_max: float) -> list[CriticalLine]:
    """Lines of Hopf points between two ``detunings`` [rad/s], as `fold_lines`."""
    centre = Cavity(ring, 0.0)
    if jacobian(centre, np.asarray(1e-15)).shape[-1] < 3:
        return []

    def at(energy: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Jacobian at that energy [J] and that δ, both counted in the decay rate γ(U)."""
        energy, offset = np.broadcast_arrays(energy, offset)
        loss = centre.loss(energy)
        detuning = offset * loss - centre.offset(energy)
        return jacobian(Cavity(ring, detuning), energy) / loss[..., None, None]

    if jacobian(centre, np.asarray(1e-15)).shape[-1] > MOST:

        def roots(energy: np.ndarray) -> np.ndarray:
            return _by_frequency(at(energy, np.zeros(()))) * centre.loss(energy)[:, None]

        return [_line(ring, *path, hopf=True) for path in _paths(centre, roots, detunings, power_max)]

    def few(energy: np.ndarray) -> np.ndarray:
        # A parabola in δ through three values is each coefficient a_k, exactly.
        left, mid, right = (characteristic(at(energy, np.asarray(x))) for x in (-1.0, 0.0, 1.0))
        a = [
            np.stack([m, (r - x) / 2, (r + x) / 2 - m], axis=-1)
            for x, m, r in zip(left, mid, right, strict=True)
        ]
        polynomial = determinant(a)[..., : 2 * len(a) - 5]
        found = _real_roots(polynomial)
        good = np.isfinite(found)
        squared = squared_frequency(at(energy[:, None], np.where(good, found, 0.0)))
        return np.sort(np.where(good & (squared > 0), found, np.nan), axis=-1) * centre.loss(energy)[:, None]

    return [_line(ring, *path, hopf=True) for path in _paths(centre, few, detunings, power_max)]


def _real_roots(a: np.ndarray) -> np.ndarray:
    """Real roots of Σ a_k x^k, shape (..., degree), NaN where complex."""
    degree = a.shape[-1] - 1
    usual = np.abs(a[..., -1:]) > 1e-200 * np.max(np.abs(a), axis=-1, keepdims=True)
    companion = np.zeros((*a.shape[:-1], degree, degree))
    companion[..., np.arange(1, degree), np.arange(degree - 1)] = 1.0
    companion[..., :, -1] = np.where(usual, -a[..., :-1] / np.where(usual, a[..., -1:], 1.0), 0.0)
    roots = np.where(usual, np.linalg.eigvals(companion), np.nan)
    return np.sort(np.where(roots.imag == 0, roots.real, np.nan), axis=-1)


def _by_frequency(m: np.ndarray) -> np.ndarray:
    """The δ of Hopf points, rising, NaN-padded, from Jacobians ``m`` (rows, n, n) at δ = 0.

    For many slow variables, where Δ_{n−1} is out of reach. Without these the field has the 2×2
    matrix S(λ) = λ − A_ff − A_fs (λ − A_ss)⁻¹ A_sf, and λ = iω is an eigenvalue at δ where

        δ² + B δ + A = 0,   A = det S(iω),   B = S_01 − S_10                            (L2)

    The imaginary part gives δ(ω), the real part is looked at on 240 frequencies.
    """
    rates, vectors = np.linalg.eig(m[:, 2:, 2:])
    left = m[:, :2, 2:] @ vectors
    right = np.linalg.solve(vectors, m[:, 2:, :2].astype(complex))

    def parts(row: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        field = -m[row, :2, :2] + 1j * turn[..., None, None] * np.eye(2)
        slow = 1 / (1j * turn[..., None] - rates[row])
        s = field - np.einsum("...ak,...k,...kb->...ab", left[row], slow, right[row])
        return s[..., 0, 0] * s[..., 1, 1] - s[..., 0, 1] * s[..., 1, 0], s[..., 0, 1] - s[..., 1, 0]

    def test(row: np.ndarray, turn: np.ndarray) -> np.ndarray:
        a, b = parts(row, turn)  # the real part of (L2) times (Im B)²
        return np.asarray(a.imag**2 - a.imag * b.imag * b.real + a.real * b.imag**2)

    slowest = 0.1 * float(np.min(np.abs(rates)))
    turn = np.broadcast_to(np.geomspace(slowest, 30.0, 240), (len(m), 240))
    row, low, high = sign_changes(test, turn)
    at = bisected(lambda w: test(row, w), low, high)
    a, b = parts(row, at)
    counts = np.bincount(row, minlength=len(m))
    found = np.full((len(m), max(int(np.max(counts, initial=0)), 1)), np.nan)
    found[row, np.concatenate([np.arange(n) for n in counts])] = -a.imag / b.imag
    return np.sort(found, axis=-1)


# --------------------------------------------------------------------------- joining
def _paths(
    centre: Cavity, roots: _Roots, detunings: tuple[float, float], power_max: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(energies, δ) along each line, cut at the edges of the window."""
    top = float(centre.largest_energy(power_max))
    if top <= 0.0:
        return []
    energy = np.geomspace(top * 1e-8, top, _ENERGIES)
    shown = np.flatnonzero(np.any(_inside(centre, energy, roots(energy), detunings), axis=-1))
    if not shown.size:
        return []
    low, high = energy[max(shown[0] - 1, 0)], energy[min(shown[-1] + 1, energy.size - 1)]
    energy = np.geomspace(low, high, _ENERGIES)
    energy = np.unique(np.concatenate([energy, *_turns(roots, energy)]))
    found = roots(energy)
    inside = _inside(centre, energy, found, detunings)
    lines = []
    for path in _joined(found):
        rows, columns = np.array(path).T
        lines += [
            (energy[rows[piece]], found[rows[piece], columns[piece]])
            for piece in _runs(inside[rows, columns])
        ]
    return lines


def _runs(inside: np.ndarray) -> list[np.ndarray]:
    """Indices of the stretches that are ``inside``, and one more point at their ends to reach the edge."""
    near = inside.copy()
    near[1:] |= inside[:-1]
    near[:-1] |= inside[1:]
    edges = np.flatnonzero(near[1:] != near[:-1]) + 1
    return [k for k in np.split(np.arange(near.size), edges) if k.size > 1 and near[k[0]]]


def _inside(
    centre: Cavity, energy: np.ndarray, found: np.ndarray, detunings: tuple[float, float]
) -> np.ndarray:
    """Which roots lie in the window, and are numbers."""
    detuning = found - centre.offset(energy)[:, None]  # which is minus the shift of the resonance
    return (detuning >= detunings[0]) & (detuning <= detunings[1])


def _turns(roots: _Roots, energy: np.ndarray) -> list[np.ndarray]:
    """More energies where roots appear or vanish: two of them merge there, as a square root."""
    count = np.sum(np.isfinite(roots(energy)), axis=-1)
    k = np.flatnonzero(count[1:] != count[:-1])
    if not k.size:
        return []
    low, high, before = energy[k], energy[k + 1], count[k]
    for _ in range(50):
        middle = (low + high) / 2
        same = np.sum(np.isfinite(roots(middle)), axis=-1) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    near = np.linspace(0, 1, 16)[:-1] ** 2
    return [
        *(a + (b - a) * near for a, b in zip(low, energy[k], strict=True)),
        *(a + (b - a) * near for a, b in zip(high, energy[k + 1], strict=True)),
    ]


def _joined(found: np.ndarray) -> list[list[tuple[int, int]]]:
    """Paths through the roots ``found`` (rows of rising energy, sorted, NaN last): lists of (row, column)."""
    counts = np.sum(np.isfinite(found), axis=-1)
    links: dict[tuple[int, int], list[tuple[int, int]]] = {
        (i, j): [] for i, n in enumerate(counts) for j in range(n)
    }

    def link(a: tuple[int, int], b: tuple[int, int]) -> None:
        links[a].append(b)
        links[b].append(a)

    for i, (here, there) in enumerate(pairwise(counts)):
        long, short = (i, i + 1) if here >= there else (i + 1, i)
        more, kept = abs(int(here) - int(there)), list(range(max(here, there)))
        values = found[long, : len(kept)]
        if more == 2:  # the two nearest have merged
            k = int(np.argmin(np.diff(values)))
            link((long, k), (long, k + 1))
            kept = kept[:k] + kept[k + 2 :]
        elif more == 1:  # one has become a neutral saddle
            others = found[short, : len(kept) - 1]
            kept.pop(int(np.argmin([np.sum(np.abs(np.delete(values, k) - others)) for k in kept])))
        elif more:
            continue
        for column, k in enumerate(kept):
            link((long, k), (short, column))
    paths, seen = [], set()
    for start in sorted(links, key=lambda node: len(links[node])):  # open ends first, then closed lines
        if start in seen:
            continue
        path, node = [], start
        while node not in seen:
            seen.add(node)
            path.append(node)
            node = next((other for other in links[node] if other not in seen), node)
        if len(path) > 2 and start in links[path[-1]]:
            path.append(start)
        paths.append(path)
    return paths


def _line(ring: Ring, energy: np.ndarray, offset: np.ndarray, *, hopf: bool) -> CriticalLine:
    detuning = offset - Cavity(ring, 0.0).offset(energy)
    cavity = Cavity(ring, detuning)
    frequency, lyapunov = np.zeros_like(energy), np.full_like(energy, np.nan)
    if hopf:
        frequency = np.sqrt(np.maximum(squared_frequency(jacobian(cavity, energy)), 0.0)) / (2 * np.pi)
        lyapunov = onset(cavity, energy).lyapunov
    return CriticalLine(
        detuning=detuning,
        power=np.asarray(cavity.input_power(energy)),
        energy=energy,
        frequency=frequency,
        lyapunov=lyapunov,
    )
