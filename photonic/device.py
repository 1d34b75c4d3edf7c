"""What every device does: response, transfer, gradient; and what its numbers must satisfy."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from photonic.branches import Sweep, check_sweep
from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete
from photonic.namespace import is_foreign, listed, namespace

if TYPE_CHECKING:
    from photonic.curve import Curve

__all__ = ["Device", "check_power", "is_plain", "plain", "same"]

_D = TypeVar("_D", bound="Device")
_MILLIWATTS = {"milliwatts": 1e-3, "microwatts": 1e-6}
POWER_LIMIT = 10.0  # [W]; more than a silicon waveguide survives, so a mistaken unit
FAINTEST_CURVE = 1e-15  # [W], a few thousand photons per second
_SIMPLE = (float, int, str, Mapping, type(None))
BRIGHT = 1.0  # [W]; beyond what such waveguides are known to carry


def check_power(name: str, power: Any, *, above: float | None = None) -> None:
    """Raise unless ``power`` [W] can be in a silicon waveguide; warn above 1 W."""
    at_least = 0.0 if above is None else None
    check(
        name,
        power,
        unit="W",
        above=above,
        at_least=at_least,
        plausible=(0.0 if above is None else FAINTEST_CURVE, POWER_LIMIT),
        scales=_MILLIWATTS,
    )
    highest = float(np.max(concrete(power), initial=0.0))
    if highest > BRIGHT:
        text = f"{name} reaches {highest:g} W: more than a silicon waveguide is known to carry"
        warnings.warn(f"{text}; did you mean {highest * 1e-3:g} W?", OutsideValidityWarning, stacklevel=4)


def listed_power(power: Any) -> Any:
    """``power`` [W], a list of sound powers as an array."""
    if isinstance(power, list | tuple):
        check_power("power", power)
    return listed(power)


def check_points(points: Any, least: int) -> None:
    """Raise unless ``points`` is an integer, ``least`` or more."""
    if isinstance(points, bool) or not isinstance(points, int | float | np.number) or not points >= least:
        raise ParameterError(f"points must be an integer >= {least}, got {points!r}")
    if int(points) != points:
        raise ParameterError(f"points must be an integer >= {least}, got {points!r}")


class Device:
    """Common behaviour of what light goes through from one input to one output."""

    @property
    def regime(self) -> str:
        """``"cw"``, ``"frozen heat"`` or ``"linear"``."""
        raise NotImplementedError

    def output_field(
        self, power: Any, sweep: Sweep = "single", solved: np.ndarray | None = None
    ) -> tuple[Any, Any]:
        """Real and imaginary part of `response`, each fit for a complex step.

        ``solved``: what `solution` gave for the same device and power in plain numbers.
        """
        raise NotImplementedError

    def solution(self, power: Any, sweep: Sweep = "single") -> np.ndarray | None:
        """What has to be solved for at input ``power`` [W], if anything, in plain numbers."""
        return None

    def curve(self, power_max: float, points: int = 401, sweep: Sweep = "single") -> Curve:
        """Transfer curve from 0 to ``power_max`` [W]."""
        raise NotImplementedError

    def response(self, power: Any, sweep: Sweep = "single") -> Any:
        """Complex field transfer [1] at input ``power`` [W] (any shape)."""
        power = listed_power(power)
        re, im = self.output_field(power, sweep)
        if is_foreign(re):
            xp = namespace(re)
            return xp.astype(re, xp.complex128) + 1j * xp.astype(im, xp.complex128)
        return re + 1j * im

    def transfer(self, power: Any, sweep: Sweep = "single") -> Any:
        """Output power [W] at input ``power`` [W] (any shape): |response|² · power."""
        power = listed_power(power)
        re, im = self.output_field(power, sweep)
        return (re * re + im * im) * power

    def gradient(
        self, power: Any, names: Sequence[str] | None = None, sweep: Sweep = "single"
    ) -> dict[str, np.ndarray]:
        """Derivatives of `transfer` by parameters; see `photonic.sensitivity.transfer_gradient`."""
        from photonic.sensitivity import transfer_gradient

        return transfer_gradient(self, power, names, sweep)

    def plain(self: _D) -> _D:
        """The same device in plain NumPy numbers, without gradients."""
        return plain(self)

    def same(self, other: object) -> bool:
        """Whether ``other`` is a device of this kind with equal numbers, arrays by element."""
        return same(self, other)

    def save(self, path: str | Path) -> None:
        """Write a TOML file with units; `load` reads back the same numbers."""
        from photonic.storage import write

        write(self, path)

    @classmethod
    def load(cls: type[_D], path: str | Path) -> _D:
        """Read a device of this kind written by `save`."""
        from photonic.storage import read

        return read(path, cls)

    def _check_curve(self, power_max: Any, points: int, sweep: str) -> None:
        check_sweep(sweep)
        check_power("power_max", power_max, above=0.0)
        if np.ndim(concrete(power_max)):
            raise ParameterError("power_max must be one number [W], got an array")
        check_points(points, 8)
        for name, value in vars(self).items():
            if isinstance(value, str) or dataclasses.is_dataclass(value):
                continue
            if np.ndim(concrete(value)):
                raise ParameterError(f"{name} must be one number for a curve, got an array: loop over it")


def is_plain(obj: Any) -> bool:
    """Whether no number of a dataclass, or of the dataclasses in it, is a tensor or complex."""
    for f in dataclasses.fields(obj):
        value = getattr(obj, f.name)
        if isinstance(value, _SIMPLE):  # most of them: the quick way out
            continue
        if is_foreign(value) or np.iscomplexobj(value):
            return False
        if dataclasses.is_dataclass(value) and not is_plain(value):
            return False
    return True


def plain(obj: Any) -> Any:
    """Copy of a dataclass of numbers, and of the dataclasses in it, in real NumPy numbers."""
    if is_plain(obj):
        return obj
    changed: dict[str, Any] = {}
    for f in dataclasses.fields(obj):
        value = getattr(obj, f.name)
        if is_foreign(value) or np.iscomplexobj(value):
            changed[f.name] = concrete(value)[()]
        elif dataclasses.is_dataclass(value):
            changed[f.name] = plain(value)
    return dataclasses.replace(obj, **changed)


def same(one: Any, other: Any) -> bool:
    """Whether two dataclasses of numbers are equal, arrays compared element by element."""
    if type(one) is not type(other):
        return False
    for f in dataclasses.fields(one):
        if f.name == "sources":
            continue
        a, b = getattr(one, f.name), getattr(other, f.name)
        if hasattr(a, "same"):
            if not a.same(b):
                return False
        elif a is None or b is None or isinstance(a, str):
            if a is not b and a != b:
                return False
        elif isinstance(a, int | float | complex) or hasattr(a, "shape"):
            if not np.array_equal(concrete(a), concrete(b)):
                return False
        elif a != b:
            return False
    return True
