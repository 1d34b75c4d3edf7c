"""All steady states along a line of powers or of detunings, without following anything.

At one detuning P_in(U) is explicit; at one power P the detuning is,

    ω_L − ω_0 = (ω_r(U) − ω_0) ± √(γ_c P/U − γ(U)²/4)                                (K1)

from equation (7) of `photonic.cavity`. So the branch is drawn by running through U, once in power
and twice, red and blue of the hot resonance, in detuning. The two halves meet at the tip, where the
root is 0. The loss γ rises with U, so there is one tip and one branch: no isolas.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.cavity import Cavity
from photonic.device import check_power
from photonic.devices import CavityLoadedMZI, RingThrough
from photonic.errors import ParameterError, check, concrete
from photonic.hurwitz import hopf_test, squared_frequency
from photonic.scan import bisected, sign_changes
from photonic.small_signal import growing, jacobian
from photonic.stability import OperatingPoint, driven, folds, hopf_point, hopf_points, plain_ring, point_at

if TYPE_CHECKING:
    from photonic.ring import Ring
    from photonic.ring_device import RingDevice

__all__ = ["Continuation", "continuation"]

SCHEMA = 1
_POINTS = 1601  # of a branch, before special points and the edges are put in


@dataclass(frozen=True, kw_only=True, eq=False)
class Continuation:
    """A branch of steady states, point by point along it; arrays of shape (points,).

    Attributes
    ----------
    along : {"power", "detuning"}
        What changes along the branch.
    energy, power, detuning, carriers, temperature : arrays
        [J], [W] at the input, [rad/s], [1/m³], [K].
    through, drop : arrays
        Powers at the two ports [W]: through and drop of a ring, bar and cross of an interferometer.
    stable : bool array
        Whether every small deviation decays.
    growing : int array
        Number of growing eigenvalues: 1 between folds, 2 past a Hopf point.
    piece : int array
        Number of the stretch, from 0: within the range that was asked for, a branch can leave and
        come back.
    folds, hopf : tuple of OperatingPoint
        On the branch, in its order. ``fold_detunings``, ``hopf_detunings`` [rad/s] belong to them.
    ports : tuple of str
        Names of the two ports.
    """

    along: Literal["power", "detuning"]
    energy: np.ndarray
    power: np.ndarray
    detuning: np.ndarray
    carriers: np.ndarray
    temperature: np.ndarray
    through: np.ndarray
    drop: np.ndarray
    stable: np.ndarray
    growing: np.ndarray
    piece: np.ndarray
    folds: tuple[OperatingPoint, ...]
    hopf: tuple[OperatingPoint, ...]
    fold_detunings: tuple[float, ...]
    hopf_detunings: tuple[float, ...]
    ports: tuple[str, str]
    linewidth: float
    wavelength: float

    def rows(self) -> list[dict[str, Any]]:
        """One plain mapping for each point of the branch."""
        columns = {k: v.tolist() for k, v in vars(self).items() if isinstance(v, np.ndarray)}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping with a ``schema`` number; NaN is None."""
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        points = {
            name: [
                {**p.as_dict(), "detuning": detuning}
                for p, detuning in zip(
                    plain[name], plain.pop(f"{name.removesuffix('s')}_detunings"), strict=True
                )
            ]
            for name in ("folds", "hopf")
        }
        return {"schema": SCHEMA, "kind": "Continuation", **plain, **points}

    def to_json(self) -> str:
        """JSON text of `as_dict`."""
        return json.dumps(self.as_dict()) + "\n"


def continuation(
    ring: Ring | RingDevice,
    *,
    power_max: float | None = None,
    detuning: float | None = None,
    power: float | None = None,
    detunings: tuple[float, float] | None = None,
) -> Continuation:
    """All steady states along a line of powers (to ``power_max``), or of ``detunings`` at one ``power``.

    Parameters
    ----------
    ring : Ring or ring device
    power_max : float
        Largest input power [W]; the branch begins in the dark. For a bare ring with ``detuning``.
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring (a device has its own).
    power, detunings : float, (float, float)
        Input power [W] and the range of detunings [rad/s], which replace a device's own.

    Returns
    -------
    Continuation
        Its points lie dense enough to be drawn as a line; folds and Hopf points are found to round-off.

    Raises
    ------
    ParameterError
        Not one of the two pairs was given, or a value is out of bounds.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> up = continuation(ring, power_max=1e-3, detuning=ring.detuning(62e-12))
    >>> [f"{1e3 * p.power:.4f} mW" for p in (*up.folds, *up.hopf)]
    ['0.6857 mW', '0.1693 mW', '0.1906 mW']
    >>> across = continuation(ring, power=0.6e-3, detunings=ring.detuning(half_linewidths=[-8.0, 4.0]))
    >>> [f"{d / ring.linewidth * 2:.2f} half-linewidths" for d in across.fold_detunings]
    ['-4.73 half-linewidths']
    """
    if power_max is not None and power is None and detunings is None:
        return _in_power(ring, power_max, detuning)
    if power is not None and detunings is not None and power_max is None and detuning is None:
        return _in_detuning(ring, power, detunings)
    raise ParameterError(
        "continuation takes power_max [W] (with detuning [rad/s] for a bare ring), "
        "or power [W] with detunings [rad/s] (low, high)"
    )


def _in_power(ring: Any, power_max: float, detuning: float | None) -> Continuation:
    cavity, fraction = driven(ring, detuning)
    check_power("power_max", power_max, above=0.0)
    top = float(cavity.largest_energy(power_max * fraction))
    turns = tuple(p for p in folds(ring, detuning) if p.power <= power_max)
    births = hopf_points(ring, detuning, power_max)
    # Even in the energy and in the power: a branch bends where one of them moves slowly.
    even = np.linspace(0, 1, _POINTS // 2)
    pilot = top * even**2
    power = np.minimum(cavity.input_power(pilot), power_max * fraction)
    passed = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(power)))])
    spread = np.interp(even * passed[-1], passed, pilot)
    energy = np.unique(np.concatenate([pilot, spread, [p.energy for p in (*turns, *births)]]))
    energy = _with_edges(energy, lambda u: np.asarray(cavity.input_power(u)) - power_max * fraction)
    inside = cavity.input_power(energy) <= power_max * fraction * (1 + 1e-12)
    here = float(concrete(cavity.detuning))
    return _collected(
        ring, "power", energy, cavity.input_power(energy) / fraction, np.full(energy.shape, here), inside,
        turns, births, (here,) * len(turns), (here,) * len(births),
    )  # fmt: skip


def _in_detuning(ring: Any, power: float, detunings: Any) -> Continuation:
    bare, fraction = plain_ring(ring)
    check_power("power", power, above=0.0)
    low, high = _range(detunings)
    centre = Cavity(bare, 0.0)
    centre.require_one()
    coupling, inside_power = float(concrete(centre.c.coupling)), power * fraction
    top = float(centre.largest_energy(inside_power))

    def left(u: np.ndarray) -> np.ndarray:  # the radicand of (K1) times U, falling
        return np.asarray(coupling * inside_power - u * (centre.loss(u) / 2) ** 2)

    tip = float(bisected(left, np.asarray(0.0), np.asarray(top)))

    def at(s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Energy [J], detuning and offset [rad/s] at −1 < s < 1: red half, tip at 0, blue half."""
        energy = tip * np.maximum(1 - s * s, 1e-300)
        offset = np.sign(s) * np.sqrt(np.maximum(left(energy), 0.0) / energy)
        return energy, offset - centre.offset(energy), offset

    def turning(_: Any, s: np.ndarray) -> np.ndarray:  # dP_in/dU, whose roots are the folds
        energy, detuning, _offset = at(s)
        return Cavity(bare, detuning).power_slope(energy)

    def growth(_: Any, s: np.ndarray) -> np.ndarray:
        energy, detuning, _offset = at(s)
        return hopf_test(jacobian(Cavity(bare, detuning), energy))

    # Far from resonance U = γ_c P/δ²: s goes to the ends as fast as that.
    shift = float(np.max(np.abs(centre.offset(tip * np.linspace(0, 1, 201)))))
    edge = min(coupling * inside_power / (2 * max(abs(low), abs(high)) + shift) ** 2 / tip, 0.5)
    even = np.linspace(0, 1, _POINTS // 4)
    half = np.sqrt(1 - np.concatenate([edge**even, 1 - (1 - edge) * even**2]))
    s = np.unique(np.concatenate([-half, half]))
    found = {"folds": _roots(turning, s), "hopf": np.empty(0)}
    if jacobian(centre, np.asarray(tip)).shape[-1] > 2:
        found["hopf"] = _roots(growth, s)
    s = np.unique(np.concatenate([s, *found.values()]))
    s = _with_edges(_with_edges(s, lambda x: at(x)[1] - low), lambda x: at(x)[1] - high)
    energy, detuning, _ = at(s)
    margin = 1e-9 * (high - low)
    inside = (detuning >= low - margin) & (detuning <= high + margin)
    points: dict[str, list[Any]] = {"folds": [], "hopf": []}
    for name, places in found.items():
        for u, d in zip(*at(places)[:2], strict=True):
            if not low <= d <= high:
                continue
            cavity = Cavity(bare, float(d))
            if name == "folds":
                points[name].append((point_at(cavity, float(u), fraction), float(d)))
            elif float(squared_frequency(jacobian(cavity, np.asarray(u)))) > 0:  # else a neutral saddle
                points[name].append((hopf_point(cavity, float(u), fraction), float(d)))
    return _collected(
        ring, "detuning", energy, np.full(energy.shape, float(power)), detuning, inside,
        *(tuple(p for p, _ in points[name]) for name in ("folds", "hopf")),
        *(tuple(d for _, d in points[name]) for name in ("folds", "hopf")),
    )  # fmt: skip


def _roots(function: Callable[[Any, np.ndarray], np.ndarray], s: np.ndarray) -> np.ndarray:
    _, low, high = sign_changes(function, s[None])
    return bisected(lambda x: function(None, x), low, high)


def _with_edges(grid: np.ndarray, excess: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """``grid`` and the points between at which ``excess`` changes sign: where a branch leaves its range."""
    outside = excess(grid) > 0
    k = np.flatnonzero(outside[1:] != outside[:-1])
    return np.unique(np.concatenate([grid, bisected(excess, grid[k], grid[k + 1])])) if k.size else grid


def _range(detunings: Any) -> tuple[float, float]:
    check("detunings", detunings, unit="rad/s")
    ends = np.asarray(detunings, dtype=float)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ParameterError(f"detunings must be (low, high) [rad/s], low < high, got {detunings!r}")
    return float(ends[0]), float(ends[1])


def _collected(
    ring: Any, along: Literal["power", "detuning"],
    energy: np.ndarray, power: np.ndarray, detuning: np.ndarray, inside: np.ndarray,
    *points: Any,
) -> Continuation:  # fmt: skip
    """The points ``inside`` the range with everything that is known of them."""
    bare, fraction = plain_ring(ring)
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    pieces = [k for k in np.split(np.arange(inside.size), edges) if inside[k[0]]]
    kept = np.concatenate([np.empty(0, dtype=int), *pieces])
    number = np.concatenate([np.empty(0, dtype=int), *(np.full(p.size, k) for k, p in enumerate(pieces))])
    energy, power, detuning = energy[kept], power[kept], detuning[kept]
    cavity = Cavity(bare, detuning)
    half, offset = cavity.widths(energy)
    stored = np.sqrt(cavity.c.coupling * power * fraction) / (half - 1j * offset)
    device = ring.plain() if hasattr(ring, "ring") else RingThrough(bare, 0.0)
    first, second = (np.abs(v) ** 2 for v in device.amplitudes(np.sqrt(power), stored))
    grow = growing(cavity, energy)
    return Continuation(
        along=along, energy=energy, power=power, detuning=detuning,
        carriers=np.asarray(cavity.carriers(energy)), temperature=np.asarray(cavity.temperature(energy)),
        through=first, drop=second, stable=grow == 0, growing=grow, piece=number,
        folds=points[0], hopf=points[1], fold_detunings=points[2], hopf_detunings=points[3],
        ports=("bar", "cross") if isinstance(device, CavityLoadedMZI) else ("through", "drop"),
        linewidth=float(bare.linewidth), wavelength=float(bare.wavelength),
    )  # fmt: skip
