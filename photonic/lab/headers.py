"""Headers of columns: the name, the unit and the part that a column plays."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic import units
from photonic.errors import ParameterError

__all__ = ["WAY_WORDS", "Header", "Role", "Unit", "header", "role", "unit", "way", "words"]

Role = Literal["input", "output", "sigma", "direction", "wavelength"]

_DIMENSIONS = ("power", "length", "frequency", "ratio")
_SPELLINGS = {
    **{unit.lower(): unit for unit in ("W", "mW", "µW", "nW", "pW", "dBm", "dB", "GHz", "THz", "Hz", "MHz")},
    **{"uw": "µW", "um": "µm", "DBM": "dBm", "DB": "dB", "NM": "nm", "GHZ": "GHz", "THZ": "THz"},
    **{"watt": "W", "watts": "W", "milliwatt": "mW", "milliwatts": "mW", "microwatt": "µW"},
    **{"microwatts": "µW", "nanowatts": "nW", "micron": "µm", "microns": "µm", "nanometers": "nm"},
}
# Units of other things, which round brackets may hold: such a column is no power.
_OTHERS = {
    "A",
    "mA",
    "µA",
    "uA",
    "V",
    "mV",
    "K",
    "mK",
    "°C",
    "C",
    "degC",
    "s",
    "ms",
    "µs",
    "us",
    "ns",
    "ps",
    "fs",
    "min",
    "h",
    "rad",
    "deg",
}
_SCALED = re.compile(r"(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s+(\S.*)")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|\{([^{}]*)\}")
_TAIL = re.compile(r"(?:^|[\s_.,:/])\s*([A-Za-zµ%]+)\s*$")

_INPUT = {"in", "input", "inputs", "pin", "x", "incident", "injected"} | {
    *("launched", "launch", "laser", "source", "pump", "eingang", "eingangsleistung", "ein"),
}
_OUTPUT = {"out", "output", "outputs", "pout", "y", "transmitted", "transmission", "received"} | {
    *("detector", "detected", "det", "through", "thru", "drop", "bar", "cross", "pd", "photodiode"),
    *("ausgang", "ausgangsleistung", "aus"),
}
_SIGMA = {"std", "stdev", "stddev", "sd", "sigma", "σ", "deviation", "uncertainty", "noise", "sem"}
_ERROR = {"error", "err"}
_DIRECTION = {"direction", "dir", "sweep"}
WAY_WORDS = {
    **dict.fromkeys(("up", "upward", "upwards", "upsweep", "rising", "increasing", "ascending", "↑"), 1),
    **dict.fromkeys(("forward", "forwards", "fwd"), 1),
    **dict.fromkeys(("down", "downward", "downwards", "downsweep", "falling", "decreasing"), -1),
    **dict.fromkeys(("descending", "↓", "backward", "backwards", "bwd", "reverse"), -1),
}
_WAVELENGTH = {"wavelength", "wavelengths", "lambda", "λ", "wl", "wvl", "frequency", "freq", "nu", "ν"} | {
    *("wellenlänge", "frequenz"),
}


@dataclass(frozen=True)
class Unit:
    """A unit of the laboratory.

    ``size`` is what 1 stands for in the SI unit of the ``dimension``, or in dBm or dB if ``level``.
    """

    dimension: str
    size: float
    level: bool = False

    def si(self, values: Any) -> np.ndarray:
        """``values`` in this unit as W, m, Hz or a ratio [1]."""
        scaled = np.asarray(values, dtype=float) * self.size
        if not self.level:
            return scaled
        return np.asarray(units.from_dbm(scaled) if self.dimension == "power" else units.from_db(scaled))


@dataclass(frozen=True)
class Header:
    """``text`` as it stands in the file, the ``name`` without its unit, and the ``unit`` or None."""

    text: str
    name: str
    unit: str | None


@functools.cache
def unit(text: str) -> Unit | None:
    """The unit that ``text`` stands for, None if there is none; ``"0.01 dBm"`` is a unit too.

    Examples
    --------
    >>> unit("mW"), unit("MW")
    (Unit(dimension='power', size=0.001, level=False), None)
    """
    text = text.strip().replace("μ", "µ")
    if text == "1":
        return Unit("ratio", 1.0)
    scaled = _SCALED.fullmatch(text)
    if scaled:
        base, factor = unit(scaled[2]), float(scaled[1])
        return Unit(base.dimension, base.size * factor, base.level) if base and factor > 0 else None
    text = _SPELLINGS.get(text, text)
    if text in ("dBm", "dB"):
        return Unit("power" if text == "dBm" else "ratio", 1.0, level=True)
    for dimension in _DIMENSIONS if text else ():
        try:
            return Unit(dimension, units.parse(f"1 {text}", dimension))
        except ParameterError:
            continue
    return None


def header(text: str) -> Header:
    """Name and unit of a header: ``in [mW]``, ``in (mW)``, ``in / mW``, ``in, mW``, ``in_mW``, ``in mW``.

    Two different units in one header make a unit that does not exist, so that neither is taken.

    Examples
    --------
    >>> header("Input power (bar) [µW]")
    Header(text='Input power (bar) [µW]', name='Input power (bar)', unit='µW')
    >>> header("P_out_dBm").unit, header("P out").unit
    ('dBm', None)
    """
    text = text.strip().strip("\"'").strip()
    found: list[str] = []
    rest = text
    for match in _BRACKETS.finditer(text):
        inside = next(group for group in match.groups() if group is not None).strip()
        # Square brackets hold units: a word there that is none is an unknown unit, not a name.
        if unit(inside) or inside in _OTHERS or (match[1] is not None and inside):
            found.append(inside)
            rest = rest.replace(match[0], " ")
    rest = re.sub(r"\s+", " ", rest).strip()
    tails = []
    while (tail := _TAIL.search(rest)) and unit(tail[1]):
        tails.append(tail[1])
        rest = rest[: tail.start()].rstrip(" _.,:/")
    if len(tails) > 1:  # W/W, dBm/nm, or a muddle
        return Header(text, rest, "/".join(reversed(tails)))
    if tails:
        rest = re.sub(r"\s+in$", "", rest)  # "power in mW" says nothing of an input
    found += tails
    if len({unit(word) or word for word in found}) > 1:
        return Header(text, rest, " and ".join(found))
    return Header(text, rest, found[0] if found else None)


def words(name: str) -> list[str]:
    """The words and numbers of a name in small letters: ``inputPower_1`` holds input, power and 1."""
    return [word.lower() for word in re.findall(r"[^\W\d_]?[^\W\d_A-Z]+|[A-Z]+|\d+", name)]


def role(column: Header) -> Role | None:
    """The part that a column plays by the words of its name; None if they say none or two.

    Examples
    --------
    >>> role(header("Laser power [dBm]")), role(header("Temperature [K]"))
    ('input', None)
    """
    said = set(words(column.name))
    measure = unit(column.unit) if column.unit else None
    if said & _SIGMA or (said & _ERROR and measure and measure.dimension == "power"):
        return "sigma"
    if said & _DIRECTION and measure is None:
        return "direction"
    if said & _WAVELENGTH or (measure and measure.dimension in ("length", "frequency")):
        return "wavelength"
    if said & _INPUT and not said & _OUTPUT:
        return "input"
    if said & _OUTPUT and not said & _INPUT:
        return "output"
    return None


def way(column: Header) -> int:
    """The sweep that a column belongs to by the words of its name: +1 up, −1 down, 0 if they say none or two.

    Examples
    --------
    >>> way(header("Pout up [mW]")), way(header("P_out_falling_mW")), way(header("P out [mW]"))
    (1, -1, 0)
    """
    said = {*words(column.name), *column.name} & set(WAY_WORDS)
    ways = {WAY_WORDS[word] for word in said}
    return ways.pop() if len(ways) == 1 else 0
