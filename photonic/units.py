"""Conversions and parsing at the edges: the only place where units are converted.

Inside the package every quantity is SI. Here text such as ``"0.6 mW"``, ``"-3 dBm"``, ``"62 pm"``
or ``"2 dB/cm"`` becomes an SI number, and numbers become text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from photonic.errors import ParameterError, check, unknown_name
from photonic.namespace import listed, namespace

__all__ = [
    "BOLTZMANN",
    "ELEMENTARY_CHARGE",
    "PLANCK",
    "SPEED_OF_LIGHT",
    "angle",
    "attenuation",
    "db",
    "energy",
    "engineering",
    "frequency",
    "from_db",
    "from_dbm",
    "length",
    "loss_from_db_per_cm",
    "loss_to_db_per_cm",
    "parse",
    "power",
    "ratio",
    "temperature",
    "time",
    "to_dbm",
    "voltage",
]

SPEED_OF_LIGHT = 299792458.0  # [m/s], exact (SI 2019), as are the next three
PLANCK = 6.62607015e-34  # [J s]
ELEMENTARY_CHARGE = 1.602176634e-19  # [C]
BOLTZMANN = 1.380649e-23  # [J/K]

_NEPER = 10 / math.log(10)  # [dB] of a power ratio e


def to_dbm(power: Any) -> Any:
    """Power [W] in dBm: 10 log10(P / 1 mW).

    Raises
    ------
    ParameterError
        A power that is not > 0 W.

    Examples
    --------
    >>> float(to_dbm(1e-3))
    0.0
    """
    check("power", power, unit="W", above=0.0)
    return db(power) + 30.0


def from_dbm(level: Any) -> Any:
    """Power [W] of a level in dBm.

    Examples
    --------
    >>> float(from_dbm(-30.0))
    1e-06
    """
    check("level", level, unit="dBm")
    return from_db(listed(level) - 30.0)


def db(ratio: Any) -> Any:
    """Power ratio [1] in decibels: 10 log10(ratio).

    Examples
    --------
    >>> float(db(100.0))
    20.0
    """
    check("ratio", ratio, above=0.0)
    return 10.0 * namespace(ratio).log10(ratio)


def from_db(level: Any) -> Any:
    """Power ratio [1] of a level in decibels.

    Examples
    --------
    >>> float(from_db(-20.0))
    0.01
    """
    check("level", level, unit="dB")
    return 10.0 ** (listed(level) / 10.0)


def loss_from_db_per_cm(loss: Any) -> Any:
    """Power attenuation [1/m] of a loss in dB/cm.

    Examples
    --------
    >>> round(loss_from_db_per_cm(2.0), 6)
    46.051702
    """
    check("loss", loss, unit="dB/cm", at_least=0.0)
    return listed(loss) * (100.0 / _NEPER)


def loss_to_db_per_cm(loss: Any) -> Any:
    """Loss in dB/cm of a power attenuation [1/m]; inverse of `loss_from_db_per_cm`."""
    check("loss", loss, unit="1/m", at_least=0.0)
    return listed(loss) * (_NEPER / 100.0)


_POWER = {"W": 1.0, "kW": 1e3, "mW": 1e-3, "µW": 1e-6, "nW": 1e-9, "pW": 1e-12}
_LENGTH = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "µm": 1e-6, "nm": 1e-9, "pm": 1e-12}
_TIME = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12, "fs": 1e-15}
_FREQUENCY = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9, "THz": 1e12}
_ENERGY = {"J": 1.0, "mJ": 1e-3, "µJ": 1e-6, "nJ": 1e-9, "pJ": 1e-12, "fJ": 1e-15, "aJ": 1e-18}
_ANGLE = {"rad": 1.0, "mrad": 1e-3, "deg": math.pi / 180, "°": math.pi / 180, "pi": math.pi, "π": math.pi}
_VOLTAGE = {"V": 1.0, "kV": 1e3, "mV": 1e-3, "µV": 1e-6}
_TEMPERATURE = {"K": 1.0, "mK": 1e-3, "µK": 1e-6}
_ATTENUATION = {"1/m": 1.0, "1/cm": 1e2, "dB/cm": 100 / _NEPER, "dB/m": 1 / _NEPER, "dB/mm": 1e3 / _NEPER}
_DENSITY = {"m-3": 1.0, "m⁻³": 1.0, "1/m³": 1.0, "cm-3": 1e6, "cm⁻³": 1e6, "1/cm³": 1e6}
_RATIO = {"": 1.0, "%": 1e-2}
_DIMENSIONS: dict[str, Mapping[str, float]] = {
    "power": _POWER,
    "length": _LENGTH,
    "time": _TIME,
    "frequency": _FREQUENCY,
    "energy": _ENERGY,
    "angle": _ANGLE,
    "voltage": _VOLTAGE,
    "temperature": _TEMPERATURE,
    "attenuation": _ATTENUATION,
    "density": _DENSITY,
    "ratio": _RATIO,
}
_LEVELS = {"power": "dBm", "ratio": "dB"}  # logarithmic units beside the linear ones

_TEXT = re.compile(r"\s*([-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?|[-+−]?(?=pi|π))\s*(.*?)\s*", re.DOTALL)


def parse(text: str, dimension: str, name: str | None = None) -> float:
    """SI value of a number with its unit.

    Parameters
    ----------
    text : str
        ``"0.6 mW"``, ``"0.6mW"``, ``"-3 dBm"``, ``"2 dB/cm"``; ``u`` does for ``µ``.
    dimension : str
        ``"power"``, ``"length"``, ``"time"``, ``"frequency"``, ``"energy"``, ``"angle"``,
        ``"voltage"``, ``"temperature"`` (a difference), ``"attenuation"``, ``"density"`` or
        ``"ratio"``.
    name : str, optional
        What the error messages call the value.

    Raises
    ------
    ParameterError
        Not a number, no unit, or the unit of another dimension.

    Examples
    --------
    >>> parse("62 pm", "length")
    6.2e-11
    >>> parse("3 nm", "power")
    Traceback (most recent call last):
    photonic.errors.ParameterError: power must be in W, kW, mW, µW, nW, pW or dBm, got '3 nm'
    """
    name = name or dimension
    if dimension not in _DIMENSIONS:
        raise unknown_name("dimension", dimension, _DIMENSIONS)
    units, level = _DIMENSIONS[dimension], _LEVELS.get(dimension)
    allowed = [unit for unit in units if unit] + ([level] if level else [])
    words = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ParameterError(f"{name} must be a number with its unit ({words}), got {text!r}")
    digits = found[1].replace("−", "-")
    digits = digits if digits[-1:].isdigit() or digits.endswith(".") else digits + "1"  # "-pi"
    value = float(digits)
    unit = re.sub(r"^[uμ](?=\w)", "µ", found[2])
    if unit == level:
        return float(from_dbm(value) if dimension == "power" else from_db(value))
    if unit in units:
        # Decimal: 5.3 ns is then the same float as 5.3e-9.
        return float(Decimal(digits) * Decimal(repr(units[unit])))
    if not unit:
        raise ParameterError(f"{name} needs a unit ({words}), got {text!r}")
    raise ParameterError(f"{name} must be in {words}, got {text!r}")


def power(text: str) -> float:
    """Power [W] from text in W, mW, µW, nW or dBm.

    Examples
    --------
    >>> power("0.6 mW"), round(power("-3 dBm"), 9)
    (0.0006, 0.000501187)
    """
    return parse(text, "power")


def length(text: str) -> float:
    """Length [m] from text in m, mm, µm, nm or pm; also wavelengths and their differences."""
    return parse(text, "length")


def time(text: str) -> float:
    """Time [s] from text in s, ms, µs, ns, ps or fs."""
    return parse(text, "time")


def frequency(text: str) -> float:
    """Frequency [Hz] from text in Hz to THz."""
    return parse(text, "frequency")


def energy(text: str) -> float:
    """Energy [J] from text in J to aJ."""
    return parse(text, "energy")


def angle(text: str) -> float:
    """Phase [rad] from text in rad, mrad, deg or pi (``"0.5 pi"``)."""
    return parse(text, "angle")


def voltage(text: str) -> float:
    """Voltage [V] from text in V, mV."""
    return parse(text, "voltage")


def temperature(text: str) -> float:
    """Temperature difference [K] from text in K, mK."""
    return parse(text, "temperature")


def attenuation(text: str) -> float:
    """Power attenuation [1/m] from text in dB/cm, dB/m, 1/cm or 1/m.

    Examples
    --------
    >>> round(attenuation("2 dB/cm"), 6)
    46.051702
    """
    return parse(text, "attenuation")


def ratio(text: str) -> float:
    """Power ratio [1] from a bare number, per cent or decibels.

    Examples
    --------
    >>> ratio("50 %"), ratio("-20 dB"), ratio("0.3")
    (0.5, 0.01, 0.3)
    """
    return parse(text, "ratio")


def engineering(value: float, unit: str, digits: int = 4) -> str:
    """Text of an SI value with a prefix that keeps the number between 0.1 and 100.

    Parameters
    ----------
    value : float
        In ``unit``.
    unit : str
        SI unit without prefix: ``"W"``, ``"s"``, ``"m"``, ``"J"``, ``"Hz"``, ...
    digits : int
        Significant digits.

    Examples
    --------
    >>> engineering(0.6e-3, "W"), engineering(5.3e-9, "s"), engineering(0.0, "W")
    ('0.6 mW', '5.3 ns', '0 W')
    """
    value = float(value)
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}".replace("-0 ", "0 ")
    shown = float(f"{value:.{digits}g}")
    power_of_ten = min(max(3 * math.floor((math.log10(abs(shown)) + 1) / 3), -18), 12)
    prefix = {12: "T", 9: "G", 6: "M", 3: "k", 0: "", -3: "m", -6: "µ", -9: "n", -12: "p", -15: "f", -18: "a"}
    scale = 10.0 ** abs(power_of_ten)
    scaled = value * scale if power_of_ten < 0 else value / scale
    return f"{float(f'{scaled:.{digits}g}'):.{digits}g} {prefix[power_of_ten]}{unit}"
