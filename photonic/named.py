"""Devices named in words or files, for the command line."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

from photonic import parameters, units
from photonic.devices import CavityLoadedMZI, RingDevice, RingDrop, RingThrough
from photonic.errors import ParameterError, unknown_name
from photonic.lab.number_text import parts, typed, value_in
from photonic.ring import Ring

__all__ = ["KINDS", "biased", "detuning", "detuning_words", "device", "names", "ring_names"]

KINDS = ("cavity-mzi", "ring-through", "ring-drop")
_HALF_LINEWIDTHS = (
    "",
    "hl",
    "hwhm",
    "half-linewidth",
    "half-linewidths",
    "half linewidth",
    "half linewidths",
)


def ring_names() -> tuple[str, ...]:
    """Rings of `photonic.parameters`, in lower case with hyphens."""
    found = {n.lower().replace("_", "-") for n in dir(parameters) if isinstance(getattr(parameters, n), Ring)}
    return tuple(sorted(found))


def names() -> tuple[str, ...]:
    """Every name that `device` knows: presets and published rings."""
    from photonic import presets

    return ("cavity-mzi", *presets.PRESETS, *ring_names())


def device(name: str, kind: str = "cavity-mzi") -> RingDevice:
    """Device of a preset, a known ring (as a device of ``kind``, unbiased) or a TOML file.

    ``cavity-mzi`` is the default neuron, unbiased.

    Raises
    ------
    ParameterError
        Unknown name; the nearest ones are named.
    """
    if kind not in KINDS:
        raise unknown_name("kind of device", kind, KINDS)
    if name.endswith(".toml"):
        from photonic.storage import load

        return _as_device(load(Path(name)), kind)
    key = name.strip().lower().replace("_", "-")
    if key == "cavity-mzi":
        return _as_device(parameters.RIB_RING, "cavity-mzi")
    if key in ring_names():
        return _as_device(getattr(parameters, key.upper().replace("-", "_")), kind)
    from photonic import presets

    if key not in presets.PRESETS:
        raise unknown_name("device", name, names())
    return presets.preset(key).device


def _as_device(found: Any, kind: str) -> RingDevice:
    if isinstance(found, RingDevice):
        return found
    if not isinstance(found, Ring):
        raise ParameterError(f"a device or a ring is wanted, the file holds a {type(found).__name__}")
    if kind == "ring-through":
        return RingThrough(found, 0.0)
    return RingDrop(found, 0.0) if kind == "ring-drop" else CavityLoadedMZI(found, 0.0, 0.0, port="cross")


def detuning(text: str, ring: Ring) -> float:
    """Laser minus cold resonance [rad/s] from text.

    ``"1.5"``, ``"1.5 hl"`` or ``"1.5 half-linewidths"``: positive = blue; ``"62 pm"``: wavelength
    offset, positive = red; ``"-2 GHz"`` or ``"-12.6 Grad/s"``: frequency, positive = blue.

    Examples
    --------
    >>> from photonic.parameters import RIB_RING
    >>> detuning("−12 Grad/s", RIB_RING), round(detuning("1.5 hl", RIB_RING) / RIB_RING.linewidth, 9)
    (-12000000000.0, 0.75)
    """
    found = parts(text)
    if found is not None:
        digits, unit = found
        if unit.lower() in _HALF_LINEWIDTHS:
            return float(ring.detuning(half_linewidths=float(digits)))
        angular = value_in(text, "rad/s")
        if angular is not None:
            return angular
        for dimension in ("length", "frequency"):
            try:
                value = units.parse(typed(text), dimension)
            except ParameterError:
                continue
            return float(ring.detuning(value)) if dimension == "length" else 2 * math.pi * value
    raise ParameterError(
        "detuning is a number of half-linewidths (1.5 or '1.5 hl'), a wavelength offset ('62 pm', positive: "
        f"red), a frequency ('-2 GHz') or an angular frequency ('-12.6 Grad/s'), got {text!r}"
    )


def detuning_words(value: float, ring: Ring) -> str:
    """A detuning [rad/s] in half-linewidths and as a wavelength offset."""
    offset = -value * float(ring.wavelength) / float(ring.angular_frequency)
    colour = "blue" if value > 0 else "red" if value < 0 else "on resonance"
    half_linewidths = value / (float(ring.linewidth) / 2)
    return f"{half_linewidths:+.4g} half-linewidths ({units.engineering(offset, 'm')}, {colour})"


def biased(
    found: RingDevice,
    *,
    detuning_text: str | None = None,
    arm_phase: str | None = None,
    input_coupling: str | None = None,
    output_coupling: str | None = None,
    port: str | None = None,
    cw: bool | None = None,
) -> RingDevice:
    """``found`` with some settings changed, given as text with units."""
    changes: dict[str, Any] = {}
    if detuning_text is not None:
        changes["detuning"] = detuning(detuning_text, found.ring)
    if arm_phase is not None:
        changes["arm_phase"] = units.parse(arm_phase, "angle", "arm_phase")
    for name, text in (("input_coupling", input_coupling), ("output_coupling", output_coupling)):
        if text is not None:
            changes[name] = units.parse(text, "ratio", name)
    if port is not None:
        changes["port"] = port
    fields = {f.name for f in dataclasses.fields(found)}  # type: ignore[arg-type]
    for name in changes:
        if name not in fields:
            raise ParameterError(f"{name} cannot be set: a {type(found).__name__} has none")
    result: RingDevice = dataclasses.replace(found, **changes)  # type: ignore[type-var]
    if cw is not None:
        result = result.with_effects(heating=cw)
    return result
