"""Numbers that a fit may move: where they stand in a device, and the scale on which they are searched."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic.device import Device
from photonic.errors import ParameterError, concrete, one_number, unknown_name
from photonic.ring_fields import FIELDS
from photonic.sensitivity import parameter_names
from photonic.units import SPEED_OF_LIGHT

__all__ = [
    "READINGS",
    "FreeParameter",
    "changed",
    "free_parameters",
    "full_name",
    "number",
    "settable",
    "unit_of",
]

# What stands between the readings and the device: P_in = power_scale input_scale P_read,
# P_read,out(t + delay) = output_scale P_out(t)/power_scale + dark.
READINGS = {"power_scale": 1.0, "input_scale": 1.0, "output_scale": 1.0, "dark": 0.0, "delay": 0.0}

_Kind = Literal["log", "linear", "share", "loss"]
_KINDS: dict[_Kind, tuple[str, ...]] = {
    "linear": ("detuning", "arm_phase", "dark", "delay", "ring.thermo_optic", "ring.wavelength"),
    "share": ("input_coupling", "output_coupling"),
    "loss": ("insertion_loss", "arm_loss"),
}
_FARTHEST = 300.0  # factor (or steps) from its start within which a number without bounds is searched
_SIDES = 6.0  # half-linewidths to both sides of the resonance among which detunings are drawn
_CLOSEST = 1e-13  # of the distance of its bounds: no value is taken to lie closer to one of them
_BEYOND = 3.0  # inner units past that which a step may try


@dataclass(frozen=True)
class FreeParameter:
    """One free number: ``name``, the experiment it belongs to (None: all), its scale, start and bounds.

    The search runs in an inner coordinate u: the logarithm of what must be positive, the logit of what
    lies between bounds (of their logarithms if both are positive), else the value over ``step``.
    """

    name: str
    experiment: int | None
    kind: _Kind
    start: float
    step: float  # natural size of a change where the scale is linear
    bounds: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        """The name, with the number of its experiment in brackets if it is that of one only."""
        return self.name if self.experiment is None else f"{self.name}[{self.experiment}]"

    @property
    def positive(self) -> bool:
        """Whether ratios rather than differences of it have a meaning."""
        return self.kind in ("log", "loss")

    @property
    def unit(self) -> str:
        return unit_of(self.name)

    @property
    def ends(self) -> tuple[float, float]:
        """Where its values end, bounds or nature."""
        if self.bounds is not None:
            return self.bounds
        natural = {"share": (0.0, 1.0), "loss": (1.0, math.inf), "linear": (-math.inf, math.inf)}
        if self.kind in natural:
            return natural[self.kind]
        return (0.0, math.inf) if self.start > 0 else (-math.inf, 0.0)

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies strictly between its ends."""
        return self.ends[0] < value < self.ends[1]

    def inner(self, value: float) -> float:
        """Inner coordinate of ``value``."""
        if self.bounds is not None:
            low, high = (self._plain(b) for b in self.bounds)
            at = self._plain(value)
            below, above = (max(abs(d), _CLOSEST * (high - low)) for d in (at - low, high - at))
            return math.log(below) - math.log(above)
        if self.kind == "share":
            return math.log(value) - math.log1p(-value)
        if self.kind == "loss":
            return math.log(value - 1)
        return self._plain(value)

    def value(self, u: float) -> float:
        """Value at the inner coordinate ``u``."""
        if self.bounds is not None:
            low, high = (self._plain(b) for b in self.bounds)
            return self._back(low + (high - low) / (1 + math.exp(-u)))
        if self.kind == "share":
            return 1 / (1 + math.exp(-u))
        if self.kind == "loss":
            return 1 + math.exp(u)
        return self._back(u)

    def slope(self, u: float) -> float:
        """dvalue/du."""
        if self.bounds is not None:
            low, high = (self._plain(b) for b in self.bounds)
            share = 1 / (1 + math.exp(-u))
            return (high - low) * share * (1 - share) * self._back_slope(low + (high - low) * share)
        if self.kind == "share":
            share = self.value(u)
            return share * (1 - share)
        if self.kind == "loss":
            return math.exp(u)
        return self._back_slope(u)

    @functools.cached_property
    def walls(self) -> tuple[float, float]:
        """Inner coordinates between which it is searched."""
        at = self.inner(self.start)
        if self.bounds is not None or self.kind in ("share", "loss"):
            return -30.0, 30.0
        if self.kind == "linear":
            return at - _FARTHEST, at + _FARTHEST
        limits = FIELDS.get(self.name.rpartition(".")[2], ("", {}))[1]
        ends = [limits.get(k) for k in ("at_least", "at_most")] + list(limits.get("plausible", ()))
        known = [self.inner(e) for e in ends if e is not None and e * self.start > 0]
        low = max([at - math.log(_FARTHEST), *(u for u in known if u < at)])
        high = min([at + math.log(_FARTHEST), *(u for u in known if u > at)])
        return low, high

    def within(self, u: float) -> bool:
        """Whether ``u`` may be tried."""
        low, high = self.walls
        return low - _BEYOND < u < high + _BEYOND

    def natural(self, value: float) -> float:
        """dvalue by the coordinate in which degeneracies are named: the logarithm, or steps."""
        return value if self.positive else self.step

    def spread(self) -> tuple[float, float]:
        """Inner coordinates between which starts are drawn."""
        if self.bounds is not None or self.kind in ("share", "loss"):
            return -3.0, 3.0
        at = self.inner(self.start)
        if self.positive:
            width = math.log(2.0) if self.name in READINGS else math.log(10.0)
        else:
            width = {"arm_phase": math.pi, "dark": 0.2}.get(self.name, 4.0)
        if self.name == "detuning":  # either side of the resonance, wherever the start is
            return min(at - width, -_SIDES), max(at + width, _SIDES)
        return at - width, at + width

    def _plain(self, value: float) -> float:
        if self.kind == "log":
            return math.log(abs(value))
        return value if self.kind in ("share", "loss") else value / self.step

    def _back(self, plain: float) -> float:
        if self.kind == "log":
            return math.copysign(math.exp(plain), self.start)
        return plain if self.kind in ("share", "loss") else plain * self.step

    def _back_slope(self, plain: float) -> float:
        if self.kind == "log":
            return self._back(plain)
        return 1.0 if self.kind in ("share", "loss") else self.step


def unit_of(name: str) -> str:
    """SI unit of a parameter, "1" without one."""
    own = {
        "detuning": "rad/s",
        "arm_phase": "rad",
        "dark": "W",
        "delay": "s",
        "loss": "1/m",
        "effective_area": "m²",
    }
    last = name.rpartition(".")[2]
    if ".traps." in name:
        return {"density": "1/m³", "electron_capture": "m³/s", "hole_capture": "m³/s"}.get(last, "1")
    if last in own:
        return own[last]
    return FIELDS[last][0].strip("[]") if last in FIELDS else "m" if last == "arm_length" else "1"


def number(obj: Any, name: str) -> float:
    """The number that a dotted ``name`` stands for in a device."""
    for part in name.split("."):
        obj = getattr(obj, part)
    value = np.asarray(concrete(obj))
    if value.ndim:
        raise ParameterError(f"{name} must be one number in a fit, got an array of shape {value.shape}")
    return float(value)


def changed(obj: Any, changes: Mapping[str, Any]) -> Any:
    """Copy of a device with the numbers of dotted names changed, without checking them again.

    The scale of a `FreeParameter` keeps them sound, and a fit makes hundreds of copies.
    """
    own: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        head, _, rest = name.partition(".")
        if rest:
            parts.setdefault(head, {})[rest] = value
        else:
            own[head] = value
    for head, inner in parts.items():
        own[head] = changed(getattr(obj, head), inner)
    copy = object.__new__(type(obj))
    copy.__dict__.update(obj.__dict__)
    copy.__dict__.update(own)
    return copy


def settable(device: Device) -> list[str]:
    """Names of everything that a fit of ``device`` could free."""
    return [*parameter_names(device), *READINGS]


def free_parameters(
    device: Device,
    free: Sequence[str],
    bounds: Mapping[str, tuple[float, float]],
    start: Mapping[str, float],
    experiments: int,
    brightest: float,
) -> list[FreeParameter]:
    """The free numbers, in the order of their names in ``free``; ``brightest`` output read [W].

    Raises
    ------
    ParameterError
        A name is unknown, given twice, or belongs to an experiment that does not exist; bounds are
        no pair or leave out the start; a start does not fit its scale.
    """
    if isinstance(free, str):
        free = (free,)
    known, found = settable(device), []
    for label in free:
        match = re.fullmatch(r"([\w.]+)(?:\[(\d+)\])?", label) if isinstance(label, str) else None
        if match is None:
            raise ParameterError(f"free must hold names such as 'detuning' or 'detuning[0]', got {label!r}")
        name = full_name(match[1], known)
        where = None if match[2] is None else int(match[2])
        if where is not None and where >= experiments:
            text = f"{label}: there are {experiments} experiments, counted from 0"
            raise ParameterError(f"free names an experiment that does not exist: {text}")
        found.append(_free(device, name, where, bounds, start, label, brightest))
    if not found:
        raise ParameterError("free must name at least one parameter, got none")
    labels = [f.label for f in found]
    for f in found:
        if f.experiment is not None and f.name in labels:
            own = " and ".join(f"'{f.name}[{k}]'" for k in range(min(experiments, 3)))
            text = f"got {f.name!r} (shared by all) and {f.label!r}: write {own}, or {f.name!r} alone"
            raise ParameterError(f"free must name each parameter once, {text}")
        if labels.count(f.label) > 1:
            raise ParameterError(f"free must name each parameter once, got {f.label!r} twice")
    for key in (*bounds, *start):
        if not any(key in (f.label, f.name, f.name.removeprefix("ring.")) for f in found):
            raise unknown_name("free parameter", key, labels)
    return found


def full_name(name: str, known: Sequence[str]) -> str:
    """``name`` as the device has it; "ring." may be left out."""
    if name in known:
        return name
    if f"ring.{name}" in known:
        return f"ring.{name}"
    raise unknown_name("parameter", name, {k.removeprefix("ring.") for k in known})


def _free(
    device: Device,
    name: str,
    where: int | None,
    bounds: Mapping[str, tuple[float, float]],
    start: Mapping[str, float],
    label: str,
    brightest: float,
) -> FreeParameter:
    value = READINGS[name] if name in READINGS else number(device, name)
    keys = (label, name, name.removeprefix("ring."))
    given = next((key for key in keys if key in start), None)
    if given is not None:
        value = _start(f"start[{given!r}]", name, start[given])
    pair = next((bounds[key] for key in keys if key in bounds), None)
    step = 0.1 * brightest if name == "dark" else _step(device, name, value)
    kind: _Kind = next((k for k, names in _KINDS.items() if name in names), "log")
    if pair is not None:
        pair = _checked(label, pair, kind)
        low, high = pair
        if not low < value < high and given is not None:
            unit = unit_of(name)
            text = f"bounds of {label} must hold its start {value:g} {unit}, got [{low:g}, {high:g}] {unit}"
            raise ParameterError(text)
        if not low < value < high:
            value = math.copysign(math.sqrt(low * high), low) if kind == "log" else (low + high) / 2
    elif kind == "share":
        value = min(max(value, 0.01), 0.99)
    elif kind == "loss":
        value = max(value, 1.01)
    if kind == "log" and value == 0:
        raise ParameterError(f"{label} must not start at 0 {unit_of(name)}: its scale is logarithmic")
    return FreeParameter(name, where, kind, value, step, pair)


def _checked(label: str, pair: Any, kind: str) -> tuple[float, float]:
    try:
        low, high = (float(v) for v in pair)
    except (TypeError, ValueError):
        raise ParameterError(f"bounds of {label} must be a pair (low, high), got {pair!r}") from None
    got = f"got ({low:g}, {high:g}) {unit_of(label.partition('[')[0])}"
    if not (low < high and math.isfinite(low) and math.isfinite(high)):
        raise ParameterError(f"bounds of {label} must be finite and rising, {got}")
    if kind == "log" and low * high <= 0:
        raise ParameterError(f"bounds of {label} must have one sign and leave out 0, {got}")
    return low, high


def _start(what: str, name: str, value: Any) -> float:
    """A start that the user gave, checked as the number of a device is."""
    last = name.rpartition(".")[2]
    if name.startswith("ring.") and last in FIELDS:
        unit, limits = FIELDS[last]
        return one_number(what, value, unit=unit, **limits)
    if name in _KINDS["share"]:
        return one_number(what, value, at_least=0.0, at_most=1.0)
    if name in _KINDS["loss"]:
        return one_number(what, value, at_least=1.0)
    limits = {} if name in _KINDS["linear"] else {"above": 0.0}
    return one_number(what, value, unit=unit_of(name), **limits)


def _step(device: Any, name: str, value: float) -> float:
    if name == "detuning":
        return float(concrete(device.ring.linewidth)) / 2
    if name == "delay":
        return float(concrete(device.ring.photon_lifetime)) if hasattr(device, "ring") else 1e-12
    if name == "ring.wavelength":
        ring = device.ring.plain()
        return float(ring.wavelength**2 * ring.linewidth) / (4 * math.pi * SPEED_OF_LIGHT)
    if name == "arm_phase":
        return 1.0
    return abs(value) or 1.0
