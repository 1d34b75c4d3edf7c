"""Electrical heater powers against the settings of a device, crosstalk included."""

from __future__ import annotations

import dataclasses
import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from photonic.coupler import coupling_phase, tunable_coupling
from photonic.device import Device, same
from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete, shown
from photonic.provenance import Sourced
from photonic.units import SPEED_OF_LIGHT

__all__ = ["HeaterPower", "Heaters"]

_MILLIWATTS = {"milliwatts": 1e-3}
_SOURCES = {
    "p_pi": Sourced(
        25e-3, "W", None, "plain metal heater on a strip, 20 to 30 mW, recalled, not confirmed", "assumed"
    ),
    "ring_efficiency": Sourced(
        1.2e-7, "m/W", None, "plain metal heater on a ring, 0.12 nm/mW; paper not confirmed", "assumed"
    ),
    "crosstalk": Sourced(0.0, "1", None, "well insulated heaters", "assumed"),
}
_ROUND_OFF = 1e-10  # [1] of P_π; what is less below 0 is taken for 0, not for a whole turn
_MOST_TURNS = 50_000  # combinations of turns looked at for the least power
_HEADROOM = 5.0  # linewidths by which an untuned ring is taken to lie blue of the laser


@dataclass(frozen=True, kw_only=True)
class HeaterPower:
    """Electrical power [W] of each heater; ``turns`` counts free spectral ranges gone round."""

    ring: float = 0.0
    arm: float = 0.0
    input_coupler: float = 0.0
    output_coupler: float = 0.0
    turns: int = 0

    @property
    def total(self) -> float:
        """Sum of the four [W]."""
        return self.ring + self.arm + self.input_coupler + self.output_coupler


@dataclass(frozen=True, kw_only=True, eq=False)
class Heaters:
    """Heaters on ring, arm 2 and the two tunable couplers of a device.

    With the powers P as they arrive, E = X P (X the ``crosstalk``),

        detuning = detuning_unheated + (ω_0/λ_0) η E_ring,   φ = arm_offset + π E_arm/P_π      (1)
        k = cos²(θ/2),   θ = offset + π E/P_π                                                  (2)

    Heat only moves the resonance red, so E_ring >= 0; what lies blue of the unheated ring is reached
    one free spectral range round. Phases count modulo 2π. A tunable Mach–Zehnder coupler with
    sin θ < 0 turns the sign of arm 2: π more in φ.

    Parameters
    ----------
    p_pi : float
        Power for a phase of π, P_π [W], of the arm and of both couplers.
    ring_efficiency : float
        Red shift of the resonance wavelength per power, η [m/W].
    detuning_unheated : float, optional
        ω_laser − ω_cold with all heaters off [rad/s]; −5 linewidths if left out (assumed: the
        ring is trimmed to lie that far blue of the laser).
    crosstalk : float or array_like, shape (4, 4)
        Share of each heater's effect that reaches each other element [1]; or the whole matrix X,
        rows = elements, columns = heaters, in the order ring, arm, input and output coupler, with
        1 on the diagonal.
    arm_offset, input_offset, output_offset : float
        Phases without power [rad].
    sources : mapping
        Field name to `Sourced`.

    Examples
    --------
    >>> from math import pi
    >>> from photonic.mach_zehnder import MachZehnder
    >>> Heaters(p_pi=0.02).power(MachZehnder(pi / 2, input_coupling=1.0, output_coupling=1.0)).arm
    0.01
    """

    p_pi: float = 25e-3
    ring_efficiency: float = 1.2e-7
    detuning_unheated: float | None = None
    crosstalk: Any = 0.0
    arm_offset: float = 0.0
    input_offset: float = 0.0
    output_offset: float = 0.0
    sources: Mapping[str, Sourced] = field(default_factory=lambda: dict(_SOURCES), repr=False)

    def __post_init__(self) -> None:
        check("p_pi", self.p_pi, unit="W", above=0.0, plausible=(1e-9, 1.0), scales=_MILLIWATTS)
        scales = {"nanometres per milliwatt": 1e-6, "picometres per milliwatt": 1e-9}
        check(
            "ring_efficiency",
            self.ring_efficiency,
            unit="m/W",
            above=0.0,
            plausible=(1e-11, 1e-4),
            scales=scales,
        )
        if self.detuning_unheated is not None:
            check("detuning_unheated", self.detuning_unheated, unit="rad/s")
        for name in ("arm_offset", "input_offset", "output_offset"):
            check(name, getattr(self, name), unit="rad")
        for f in dataclasses.fields(self):
            if f.name not in ("crosstalk", "sources") and np.ndim(getattr(self, f.name)):
                raise ParameterError(f"{f.name} must be one number, got {getattr(self, f.name)!r}")
        check("crosstalk", self.crosstalk, unit="[1]", at_least=0.0, at_most=1.0)
        matrix = self.matrix()
        if np.any(np.diag(matrix) != 1):
            raise ParameterError("crosstalk must have 1 on its diagonal, each heater on its own element")
        if np.any(np.linalg.eigvals(matrix).real < 1e-3):
            raise ParameterError("crosstalk is so large that the heaters cannot be told apart")
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return _heaters, ({**values, "sources": dict(self.sources)},)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is taken for granted, in words."""
        if self.detuning_unheated is not None:
            return ()
        return ("without heat the ring lies 5 linewidths blue of the laser (trimmed)",)

    def matrix(self) -> np.ndarray:
        """Crosstalk matrix X [1], shape (4, 4): effect at each element of each heater's power."""
        given = np.asarray(self.crosstalk, dtype=float)
        if given.ndim == 0:
            return np.where(np.eye(4) == 1, 1.0, given)
        if given.shape != (4, 4):
            raise ParameterError(f"crosstalk must be a number or of shape (4, 4), got shape {given.shape}")
        return given

    def ring_tuning(self, ring: Any) -> tuple[float, float]:
        """Detuning of ``ring`` with all heaters off [rad/s], and its change per power [rad/(s W)]."""
        return self._unheated(ring), self._slope(ring)

    # ----------------------------------------------------------------- powers from settings
    def power(self, device: Any, mean_offset: float = 0.0) -> HeaterPower:
        """Least total heater power that gives the settings of ``device``.

        Parameters
        ----------
        device : CavityLoadedMZI, MachZehnder, RingThrough or RingDrop
        mean_offset : float
            Detuning offset made by the mean optical heating [rad/s], second result of
            ``device.mean_heating``; the ring heater supplies that much less.

        Returns
        -------
        HeaterPower

        Raises
        ------
        ParameterError
            The ring must go round but has no circumference; crosstalk leaves no way.

        Warns
        -----
        OutsideValidityWarning
            The setting is blue of the unheated ring: the heater goes a free spectral range round.
        """
        _check_device(device)
        check("mean_offset", mean_offset, unit="rad/s")
        best: tuple[float, np.ndarray, np.ndarray] | None = None
        for first, second in itertools.product((1, -1), repeat=2):
            wanted = self._wanted(device, mean_offset, (first, second))
            if wanted is None:
                continue
            found = self._solved(*wanted)
            if found is not None and (best is None or found[0].sum() < best[0] - 1e-15):
                best = (float(found[0].sum()), *found)
        if best is None:
            raise ParameterError("crosstalk is so large that no heater powers >= 0 give these settings")
        _, powers, turns = best
        if turns[0] > 0:
            text = (
                f"the heater cannot move the resonance blue: it goes {turns[0]:.0f} free spectral range(s) "
                f"round, with {powers[0]:.4g} W"
            )
            warnings.warn(text, OutsideValidityWarning, stacklevel=2)
        names = ("ring", "arm", "input_coupler", "output_coupler")
        each = {name: float(p) for name, p in zip(names, powers, strict=True)}
        return HeaterPower(**each, turns=int(turns[0]))

    def _wanted(
        self, device: Any, mean_offset: float, signs: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Powers E that must arrive, each the least >= 0, and the period [W] of each element.

        ``signs``: which of the two phases of each coupler, ±θ; None where both are the same.
        A period of 0 marks an element that the device does not have.
        """
        period = np.array([0.0, 0.0, 0.0, 0.0])
        need = np.zeros(4)
        if hasattr(device, "ring"):
            slope = self._slope(device.ring)
            need[0] = (_one("detuning", device.detuning) - mean_offset - self._unheated(device.ring)) / slope
            period[0] = math.inf if (spacing := _spacing(device.ring)) is None else spacing / slope
        if hasattr(device, "arm_phase"):
            phase = _one("arm_phase", device.arm_phase) - self.arm_offset
            couplings = (("input_coupling", self.input_offset), ("output_coupling", self.output_offset))
            for i, (name, offset) in enumerate(couplings):
                theta = float(coupling_phase(_one(name, getattr(device, name))))
                if signs[i] < 0:
                    if theta in (0.0, math.pi):
                        return None
                    phase -= math.pi
                need[2 + i] = (signs[i] * theta - offset) * self.p_pi / math.pi
            need[1] = phase * self.p_pi / math.pi
            period[1:] = 2 * self.p_pi
        if hasattr(device, "arm_phase"):
            need[1:] %= 2 * self.p_pi
            need[1:][need[1:] > 2 * self.p_pi * (1 - _ROUND_OFF)] = 0.0  # a whole turn is none
        return need, period

    def _solved(self, need: np.ndarray, period: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Least powers P >= 0 with X P = need + turns·period, and the turns."""
        used = np.flatnonzero(period > 0)
        matrix, step = self.matrix()[np.ix_(used, used)], np.where(np.isfinite(period), period, 0.0)[used]
        inverse, turns = np.linalg.inv(matrix), np.zeros(used.size)
        smallest = -_ROUND_OFF * self.p_pi
        for _ in range(1000):  # some powers that do
            powers = inverse @ (need[used] + turns * step)
            negative = powers < smallest
            if not np.any(negative):
                break
            if np.any(negative & ~np.isfinite(period[used])):
                raise ParameterError(
                    "the detuning lies blue of what the ring heater reaches: set detuning_unheated, or "
                    "the ring's circumference [m] so that it can go a free spectral range round"
                )
            turns = turns + negative
        else:
            return None
        if np.any(matrix != np.eye(used.size)):  # crosstalk: more turns of one can spare another some
            most = matrix.max(axis=1) * powers.sum() - need[used]
            ranges = [
                range(int(m // s) + 1 if s > 0 and m > 0 else 1) for m, s in zip(most, step, strict=True)
            ]
            if math.prod(map(len, ranges)) <= _MOST_TURNS:
                every = np.array(list(itertools.product(*ranges)))
                each = (need[used] + every * step) @ inverse.T
                total = np.where(np.all(each >= smallest, axis=1), each.sum(axis=1), np.inf)
                best = int(np.argmin(total))
                if total[best] < powers.sum():
                    powers, turns = each[best], every[best]
        found, gone = np.zeros(4), np.zeros(4)
        found[used], gone[used] = np.maximum(powers, 0.0), turns
        return found, gone

    # ----------------------------------------------------------------- settings from powers
    def apply(self, device: Any, power: HeaterPower | Sequence[float], mean_offset: float = 0.0) -> Any:
        """The device with the settings that heater powers [W] give it; the inverse of `power`.

        Parameters
        ----------
        device : CavityLoadedMZI, MachZehnder, RingThrough or RingDrop
        power : HeaterPower, or four numbers [W]
            Ring, arm, input coupler, output coupler; each >= 0.
        mean_offset : float
            As for `power` [rad/s].

        Returns
        -------
        The same kind of device; ``detuning`` counts from the nearest resonance, ``arm_phase``
        lies in [0, 2π).
        """
        _check_device(device)
        check("mean_offset", mean_offset, unit="rad/s")
        if isinstance(power, HeaterPower):
            power = (power.ring, power.arm, power.input_coupler, power.output_coupler)
        given = np.asarray(power, dtype=float)
        if given.shape != (4,):
            raise ParameterError(f"power must be a HeaterPower or four numbers, got shape {given.shape}")
        check("power", given, unit="W", at_least=0.0, plausible=(0.0, 10.0), scales=_MILLIWATTS)
        changed: dict[str, float] = {}
        has_ring, has_arm = hasattr(device, "ring"), hasattr(device, "arm_phase")
        present = np.array([has_ring, has_arm, has_arm, has_arm])
        if np.any(given[~present] != 0):
            raise ParameterError(f"a {type(device).__name__} does not have every heater that is given power")
        arriving = self.matrix() @ given
        if has_ring:
            detuning = self._unheated(device.ring) + mean_offset + self._slope(device.ring) * arriving[0]
            if (spacing := _spacing(device.ring)) is not None:
                detuning -= spacing * round(detuning / spacing)
            changed["detuning"] = float(detuning)
        if has_arm:
            phase = self.arm_offset + math.pi * arriving[1] / self.p_pi
            for name, offset, at in (
                ("input_coupling", self.input_offset, arriving[2]),
                ("output_coupling", self.output_offset, arriving[3]),
            ):
                theta = offset + math.pi * at / self.p_pi
                changed[name] = float(tunable_coupling(theta))
                phase += math.pi if math.sin(theta) < -1e-9 else 0.0  # at 0 and π one arm is dark
            changed["arm_phase"] = float(phase % (2 * math.pi))
        return dataclasses.replace(device, **changed)

    def same(self, other: object) -> bool:
        """Whether ``other`` are heaters with equal numbers."""
        return same(self, other)

    def save(self, path: str | Path) -> None:
        """Write a TOML file with units; `load` reads back the same numbers."""
        from photonic.storage import write

        write(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Heaters:
        """Read heaters written by `save`."""
        from photonic.storage import read

        found: Heaters = read(path, cls)
        return found

    def _slope(self, ring: Any) -> float:
        """Detuning per power ω_0 η/λ_0 [rad/(s W)]."""
        wavelength = _one("ring.wavelength", ring.wavelength)
        return 2 * math.pi * SPEED_OF_LIGHT / wavelength**2 * self.ring_efficiency

    def _unheated(self, ring: Any) -> float:
        if self.detuning_unheated is not None:
            return float(self.detuning_unheated)
        return -_HEADROOM * _one("ring.linewidth", ring.linewidth)


def _check_device(device: Any) -> None:
    if not isinstance(device, Device):
        raise ParameterError(f"device must be one with heaters (CavityLoadedMZI, ...), got {shown(device)}")


def _spacing(ring: Any) -> float | None:
    """Free spectral range [rad/s] of a ring that has a circumference."""
    if ring.circumference is None:
        return None
    return 2 * math.pi / _one("ring.round_trip_time", ring.round_trip_time())


def _one(name: str, value: Any) -> float:
    if np.ndim(concrete(value)):
        raise ParameterError(f"{name} must be one number to be set by a heater, got an array")
    return float(concrete(value))


def _heaters(values: dict[str, Any]) -> Heaters:
    return Heaters(**values)
