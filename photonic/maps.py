"""Where in power and detuning a ring is stable, bistable or pulses by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import Cavity
from photonic.critical_lines import CriticalLine, fold_lines, hopf_lines
from photonic.device import check_power
from photonic.errors import DataError, ParameterError, real_numbers
from photonic.hurwitz import hopf_test, is_polynomial
from photonic.scan import bisected
from photonic.small_signal import growing, hopf_table, jacobian
from photonic.stability import plain_ring

if TYPE_CHECKING:
    from photonic.devices import RingDevice
    from photonic.ring import Ring

__all__ = ["StabilityMap", "stability_map"]

SCHEMA = 1
_TABLES = ("states", "stable_states", "oscillating")


@dataclass(frozen=True, kw_only=True, eq=False)
class StabilityMap:
    """Number and stability of the steady states on a grid; arrays of shape (detunings, powers).

    Attributes
    ----------
    powers : array
        Input powers [W], of the device if one was given.
    detunings : array
        Laser minus cold resonance [rad/s].
    states, stable_states : int arrays
        Number of steady states, and of those of which every small deviation decays.
    oscillating : int array
        Number of steady states with two or more growing eigenvalues: states that have gone through
        a Hopf bifurcation. The state between two folds, with its one growing eigenvalue, is not
        counted: it drifts away without oscillating.
    folds, hopf : tuple of CriticalLine
        Lines at which the number of states and of growing pairs changes, as far as they cross the
        map.
    linewidth, wavelength : float
        Of the cold, loaded ring, [rad/s] and [m], for axes in their units.
    """

    powers: np.ndarray
    detunings: np.ndarray
    states: np.ndarray
    stable_states: np.ndarray
    oscillating: np.ndarray
    folds: tuple[CriticalLine, ...]
    hopf: tuple[CriticalLine, ...]
    linewidth: float
    wavelength: float

    @property
    def bistable(self) -> np.ndarray:
        """Where two or more states are stable: what is seen depends on the past."""
        return self.stable_states >= 2

    @property
    def self_pulsing(self) -> np.ndarray:
        """Where no steady state is stable: energy, carriers and heat stay bounded, so the ring must
        oscillate whatever it started from."""
        return self.stable_states == 0

    @property
    def may_pulse(self) -> np.ndarray:
        """Where a stable state stands beside one that has gone through a Hopf bifurcation: whether
        the ring pulses depends on where it starts (as in the published pulsation at +62 pm). Along a
        subcritical Hopf line it may pulse on the stable side, too: no count of states tells how far."""
        return (self.stable_states > 0) & (self.oscillating > 0)

    def rows(self) -> list[dict[str, Any]]:
        """One plain mapping for each point of the map, detuning by detuning."""
        return [
            {
                "detuning": float(self.detunings[i]),
                "power": float(self.powers[j]),
                **{name: int(getattr(self, name)[i, j]) for name in _TABLES},
                "self_pulsing": bool(self.stable_states[i, j] == 0),
            }
            for i, j in np.ndindex(self.states.shape)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping with a ``schema`` number; NaN is None."""
        arrays = ("powers", "detunings", *_TABLES)
        return {
            "schema": SCHEMA,
            "kind": "StabilityMap",
            "units": {"power": "W", "detuning": "rad/s", "energy": "J", "frequency": "Hz", "lyapunov": "1/s"},
            "linewidth": self.linewidth,
            "wavelength": self.wavelength,
            **{name: getattr(self, name).tolist() for name in arrays},
            "self_pulsing": self.self_pulsing.tolist(),
            "folds": [line.as_dict() for line in self.folds],
            "hopf": [line.as_dict() for line in self.hopf],
        }

    def to_json(self) -> str:
        """JSON text of `as_dict`."""
        return json.dumps(self.as_dict()) + "\n"

    def save(self, path: str | Path) -> None:
        """Write `to_json` to ``path``; `load` reads back the same numbers.

        Raises
        ------
        DataError
            The file cannot be written.
        """
        try:
            Path(path).write_text(self.to_json(), encoding="utf-8")
        except OSError as reason:
            raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None

    @classmethod
    def load(cls, path: str | Path) -> StabilityMap:
        """Read a map written by `save`.

        Raises
        ------
        DataError
            The file cannot be read or holds no map of this schema.
        """
        try:
            given = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as reason:
            raise DataError(f"{path}: cannot be read ({reason.strerror or reason})") from None
        except ValueError as reason:
            raise DataError(f"{path}: not JSON: {reason}") from None
        if not isinstance(given, dict) or given.get("kind") != "StabilityMap":
            raise DataError(f"{path}: kind must be 'StabilityMap': not a map saved by this package")
        if given.get("schema") != SCHEMA:
            raise DataError(f"{path}: schema must be {SCHEMA}, got {given.get('schema')!r}")
        try:
            lines: dict[str, Any] = {
                k: tuple(CriticalLine.from_dict(v) for v in given[k]) for k in ("folds", "hopf")
            }
            read: dict[str, Any] = {k: np.array(given[k], dtype=float) for k in ("powers", "detunings")}
            read |= {k: np.array(given[k], dtype=int) for k in _TABLES}
            read |= {k: float(given[k]) for k in ("linewidth", "wavelength")}
        except (KeyError, TypeError, ValueError) as reason:
            raise DataError(f"{path}: {reason!r}: not a map saved by this package") from None
        shape = (read["detunings"].size, read["powers"].size)
        if any(read[k].shape != shape for k in _TABLES):
            raise DataError(f"{path}: every table must have shape {shape}")
        return cls(**read, **lines)


def stability_map(ring: Ring | RingDevice, powers: Any, detunings: Any) -> StabilityMap:
    """Steady states and their stability at every pair of a power and a detuning.

    Nothing is solved for on the grid. At one detuning the states lie on the curve P_in(U), on which
    their number changes at folds only and their stability at folds and Hopf points only: between
    two such energies one look at the eigenvalues is enough, and a state is at a power where that
    lies between the powers of the two ends. As complete as the folds (`photonic.folds`) and the
    Hopf points (`photonic.hopf_points`).

    Parameters
    ----------
    ring : Ring or ring device
        For a device, ``powers`` are at its input and ``detunings`` replace its own.
    powers : array
        Input powers [W], >= 0, rising.
    detunings : array
        Laser minus cold resonance [rad/s], rising; ``ring.detuning(...)`` converts.

    Raises
    ------
    ParameterError
        Powers or detunings are not finite, negative or not rising; or the ring is a batch.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> found = stability_map(ring, [0.1e-3, 0.4e-3], ring.detuning(half_linewidths=[-5.0, 0.0]))
    >>> found.states
    array([[1, 3],
           [1, 1]])
    >>> found.stable_states
    array([[1, 1],
           [1, 1]])
    >>> found.oscillating  # red of the resonance a pulsing state stands beside the stable one
    array([[0, 1],
           [0, 0]])
    """
    bare, fraction = plain_ring(ring)
    powers, detunings = _axis("powers", powers, "W"), _axis("detunings", detunings, "rad/s")
    check_power("powers", powers)
    Cavity(bare, 0.0).require_one()
    column = Cavity(bare, detunings[:, None])
    inside = powers * fraction
    top = float(column.largest_energy(max(inside[-1], 1e-30))) * (1 + 1e-6)
    flat = Cavity(bare, detunings)
    window = (float(detunings[0]), float(detunings[-1])), float(inside[-1])
    # Between neighbouring knots P_in is monotone and no eigenvalue crosses the imaginary axis.
    folds = flat.fold_energies().reshape(detunings.size, -1)
    hopf = hopf_lines(bare, *window)
    crossed = _crossed(hopf, bare, detunings) if _is_wide(flat) else hopf_table(flat, top)[0]
    knots = np.concatenate([folds, crossed], axis=-1)
    knots = np.sort(np.where(knots < top, knots, np.nan), axis=-1)
    knots = np.where(np.isnan(knots), top, knots)
    knots = np.concatenate([np.zeros((detunings.size, 1)), knots, np.full((detunings.size, 1), top)], axis=-1)
    low, high = knots[:, :-1], knots[:, 1:]
    grow = growing(column, np.where(low > 0, np.sqrt(low * high), high / 2))
    ends = column.input_power(knots)
    start, stop = ends[:, :-1, None], ends[:, 1:, None]
    # An end belongs to the stretch that begins there, so that no state counts twice.
    here = ((start <= inside) & (inside < stop)) | ((stop < inside) & (inside <= start))
    here &= (low < high)[..., None]
    states, stable, oscillating = (
        np.sum(here & flag[..., None], axis=1) for flag in (grow >= 0, grow == 0, grow >= 2)
    )
    return StabilityMap(
        powers=powers,
        detunings=detunings,
        states=states,
        stable_states=stable,
        oscillating=oscillating,
        folds=_shown(fold_lines(bare, *window), powers[-1], fraction),
        hopf=_shown(hopf, powers[-1], fraction),
        linewidth=float(bare.linewidth),
        wavelength=float(bare.wavelength),
    )


def _shown(lines: list[CriticalLine], power_max: float, fraction: float) -> tuple[CriticalLine, ...]:
    """What of the ``lines`` lies on the map, in powers at the input."""
    return tuple(piece for line in lines for piece in line.at_input(fraction).below(power_max))


def _is_wide(cavity: Cavity) -> bool:
    """Whether lines across the map give its Hopf points sooner than a search at every detuning."""
    return not is_polynomial(cavity) and np.size(cavity.detuning) > 8


def _crossed(lines: list[CriticalLine], ring: Ring, detunings: np.ndarray) -> np.ndarray:
    """Energies [J] at which the Hopf ``lines`` cross each detuning, NaN-padded."""
    rows, low, high = [], [], []
    for line in lines:
        side = line.detuning[:, None] >= detunings
        k, row = np.nonzero(side[1:] != side[:-1])
        rows.append(row)
        low.append(np.minimum(line.energy[k], line.energy[k + 1]))
        high.append(np.maximum(line.energy[k], line.energy[k + 1]))
    if not rows:
        return np.empty((detunings.size, 0))
    row, start, stop = (np.concatenate(v) for v in (rows, low, high))
    some = Cavity(ring, detunings[row])
    at = bisected(lambda u: hopf_test(jacobian(some, u)), start, stop)
    counts = np.bincount(row, minlength=detunings.size)
    order = np.argsort(row, kind="stable")
    found = np.full((detunings.size, int(np.max(counts, initial=0))), np.nan)
    found[row[order], np.concatenate([np.arange(n) for n in counts])] = at[order]
    return found


def _axis(name: str, values: Any, unit: str) -> np.ndarray:
    axis = np.atleast_1d(real_numbers(name, values, unit=unit))
    if axis.ndim != 1 or axis.size == 0 or np.any(np.diff(axis) <= 0):
        raise ParameterError(f"{name} must be a rising sequence [{unit}], got shape {np.shape(values)}")
    return axis
