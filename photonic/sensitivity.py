"""First derivatives of a device's output by its power and by every number it is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.branches import Sweep
from photonic.errors import ParameterError, concrete, unknown_name

if TYPE_CHECKING:
    from photonic.device import Device

__all__ = ["field_gradient", "parameter_names", "transfer_gradient"]

_NO_NUMBERS = ("sources", "effects", "index_law", "thermal_modes")


def transfer_gradient(
    device: Device, power: Any, names: Sequence[str] | None = None, sweep: Sweep = "single"
) -> dict[str, np.ndarray]:
    """∂P_out/∂(parameter) at input ``power`` [W], exact to round-off.

    By complex step through the very formulas of `transfer`: f′(x) = Im f(x + ih)/h.

    Parameters
    ----------
    device : Device
    power : array_like
        Input power [W], any shape.
    names : sequence of str, optional
        Fields of the device, dotted for its parts ("arm_phase", "ring.coupling_rate"), and
        "power". All of them if left out.
    sweep : {"single", "up", "down"}

    Returns
    -------
    dict
        Name to derivative [W per unit of the parameter], of the shape of the output; with array
        fields, of each output by its own element.

    Raises
    ------
    ParameterError
        A name that the device does not have, or that is not a number there.

    Examples
    --------
    >>> from photonic.mach_zehnder import MachZehnder
    >>> gradient = MachZehnder(1.0).gradient(1e-3, ["arm_phase", "power"])
    >>> round(float(gradient["arm_phase"]) * 1e3, 6)  # P sin(φ)/2, mW/rad
    0.420735
    """
    return {
        name: np.asarray(np.imag((re * re + im * im) * at) / step)
        for name, (re, im), at, step in _stepped(device, power, names, sweep)
    }


def field_gradient(
    device: Device, power: Any, names: Sequence[str] | None = None, sweep: Sweep = "single"
) -> dict[str, np.ndarray]:
    """∂(response)/∂(parameter) [1 per unit], complex; arguments as for `transfer_gradient`.

    Examples
    --------
    >>> from photonic.mach_zehnder import MachZehnder
    >>> slope = field_gradient(MachZehnder(1.0), 1e-3, ["arm_phase"])["arm_phase"]
    >>> complex(np.round(slope, 6))  # −i e^(iφ)/2
    (0.420735-0.270151j)
    """
    return {
        name: np.asarray(np.imag(re) / step + 1j * np.imag(im) / step)
        for name, (re, im), _, step in _stepped(device, power, names, sweep)
    }


def parameter_names(obj: Any, prefix: str = "") -> Iterator[str]:
    """Names of the finite numbers that a device is made of, dotted for its parts.

    Thermal modes are left out: what is settled does not depend on them.
    """
    for f in dataclasses.fields(obj):
        value = getattr(obj, f.name)
        if isinstance(value, bool | str) or value is None or f.name in _NO_NUMBERS:
            continue
        if dataclasses.is_dataclass(value):
            yield from parameter_names(value, f"{prefix}{f.name}.")
        elif np.all(np.isfinite(concrete(value))):
            yield prefix + f.name


def _stepped(
    device: Device, power: Any, names: Sequence[str] | None, sweep: Sweep
) -> Iterator[tuple[str, tuple[Any, Any], Any, Any]]:
    """(name, output field, power, step) with an imaginary step in one number at a time."""
    device = device.plain()
    power = np.asarray(concrete(power), dtype=float)
    solved = device.solution(power, sweep)
    known = ["power", *parameter_names(device)]
    for name in known if names is None else names:
        if name not in known:
            raise unknown_name("parameter", name, known)
        if name == "power":
            step = _step(power)
            at = power + 1j * step
            yield name, device.output_field(at, sweep, solved), at, step
        else:
            value = _part(device, name)
            step = _step(value)
            moved = _replaced(device, name.split("."), value + 1j * step)
            yield name, moved.output_field(power, sweep, solved), power, step


def _step(value: Any) -> Any:
    """Imaginary step, far below ``value`` and every scale of it that is not 0."""
    return np.where(np.asarray(value) == 0, 1e-60, 1e-30 * np.abs(value))[()]


def _part(obj: Any, name: str) -> Any:
    for part in name.split("."):
        obj = getattr(obj, part)
    if isinstance(obj, bool) or not np.issubdtype(np.asarray(obj).dtype, np.number):
        raise ParameterError(f"{name} is not a number but {obj!r}")
    return np.asarray(obj, dtype=float)[()]


def _replaced(obj: Any, path: Sequence[str], value: Any) -> Any:
    head, *rest = path
    return dataclasses.replace(obj, **{head: _replaced(getattr(obj, head), rest, value) if rest else value})
