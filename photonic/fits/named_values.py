"""Numbers of a device given as text, "name=value" with units, for the command line."""

from __future__ import annotations

from collections.abc import Sequence

from photonic import named, units
from photonic.device import Device
from photonic.errors import ParameterError
from photonic.fits.free_parameters import full_name, settable, unit_of
from photonic.lab.number_text import alike, parts, typed, value_in

__all__ = ["assigned", "bounds_of", "ends_of", "free_names", "loss_of", "starts_of", "value_of"]

_DIMENSIONS = {
    "rad": "angle",
    "W": "power",
    "s": "time",
    "m": "length",
    "1/m": "attenuation",
    "1/m³": "density",
    "1": "ratio",
}
_DEFAULT = {
    "CavityLoadedMZI": ("detuning", "arm_phase", "input_coupling", "output_coupling"),
    "MachZehnder": ("arm_phase", "input_coupling", "output_coupling"),
}


def free_names(text: str | None, device: Device) -> tuple[str, ...]:
    """Names from a list with commas; without one, the settings that a curve of such a device holds best.

    Examples
    --------
    >>> from photonic import presets
    >>> free_names("arm-phase, detuning[0]", presets.SIGMOID)
    ('arm_phase', 'detuning[0]')
    """
    if text is None:
        return _DEFAULT.get(type(device).__name__, ("detuning", "carrier_lifetime"))
    return tuple(name.strip().replace("-", "_") for name in text.split(",") if name.strip())


def assigned(texts: Sequence[str], option: str) -> dict[str, str]:
    """Texts "name=value" as a mapping; the last "=" parts them.

    Raises
    ------
    ParameterError
        No "=", nothing on one of its sides, or a name twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.rpartition("="))
        if not name or not value:
            raise ParameterError(f"{option} must be name=value, got {text!r}")
        if name in found:
            raise ParameterError(f"{option} names {name!r} twice")
        found[name] = value
    return found


def starts_of(texts: Sequence[str], device: Device) -> dict[str, float]:
    """Starts [SI] from texts such as "carrier_lifetime=1 ns", by name as given."""
    given = assigned(texts, "--start")
    return {_key(name): value_of(_key(name), text, device) for name, text in given.items()}


def bounds_of(texts: Sequence[str], device: Device) -> dict[str, tuple[float, float]]:
    """Bounds [SI] from texts such as "carrier_lifetime=0.5 ns..50 ns", by name as given.

    Raises
    ------
    ParameterError
        No two values with ".." between, besides what `value_of` raises.
    """
    found = {}
    for name, text in assigned(texts, "--bound").items():
        ends = ends_of(text)
        if ends is None:
            raise ParameterError(f"--bound must be name=low..high, got {f'{name}={text}'!r}")
        low, high = (value_of(_key(name), end, device) for end in ends)
        # an offset in wavelength falls where the detuning rises
        turned = full_name(_key(name).partition("[")[0], settable(device)) == "detuning" and low > high
        found[_key(name)] = (high, low) if turned else (low, high)
    return found


def ends_of(text: str) -> tuple[str, str] | None:
    """The two ends of "low..high", a bare first one with the unit of the second; None if there are not two.

    Examples
    --------
    >>> ends_of("1..50 ns"), ends_of("-60 pm … 0.1 nm"), ends_of("5 ns")
    (('1 ns', '50 ns'), ('-60 pm', '0.1 nm'), None)
    """
    ends = [part.strip() for part in text.replace("…", "..").split("..")]
    if len(ends) != 2 or not all(ends):
        return None
    low, high = alike(ends)
    return low, high


def _key(name: str) -> str:
    return name.replace("-", "_")


def loss_of(name: str, text: str) -> float:
    """Loss P_before/P_after [1] from text in dB or as a factor; a bare number may be either and is refused.

    Raises
    ------
    ParameterError
        No number, no unit, or another one.

    Examples
    --------
    >>> round(loss_of("input_loss", "4 dB"), 3), loss_of("input_loss", "2.5x")
    (2.512, 2.5)
    """
    found = parts(text)
    if found is not None and found[1] in ("x", "×"):
        return float(found[0])
    if found is not None and not found[1]:
        hint = f"'{found[0]} dB', or '{found[0]}x' for a factor P_before/P_after"
        raise ParameterError(f"{name} needs a unit: {hint}, got {text!r}")
    return units.parse(typed(text), "ratio", name)


def value_of(label: str, text: str, device: Device) -> float:
    """SI value of a parameter; a detuning as `photonic.named.detuning` takes it.

    Numbers in units of which there is no other spelling ("1/s", "m³") may stand bare or with that unit. What
    a report prints ("−3.5·10⁻²⁷ m³", "34.1 Grad/s") is read back.

    Raises
    ------
    ParameterError
        An unknown name, no number, or another unit.

    Examples
    --------
    >>> from photonic import presets
    >>> value_of("carrier_lifetime", "1 ns", presets.SIGMOID), value_of("dark", "2 nW", presets.SIGMOID)
    (1e-09, 2e-09)
    """
    name = full_name(label.partition("[")[0], settable(device))
    if name == "detuning":
        return named.detuning(text, device.ring)  # type: ignore[attr-defined]
    unit = unit_of(name)
    if unit in _DIMENSIONS:
        return units.parse(typed(text), _DIMENSIONS[unit], label)
    value = value_in(text, unit)
    if value is None:
        raise ParameterError(f"{label} must be a number in {unit}, got {text!r}")
    return value
