"""Numbers with their errors as text, in a unit in which they read well; and such text as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from photonic import units

__all__ = [
    "alike",
    "decimals",
    "interval_text",
    "number",
    "parts",
    "scale",
    "short",
    "typed",
    "uncertain",
    "value_in",
]

_PREFIXED = ("W", "s", "m", "rad/s", "Hz", "K", "J", "m/W")  # elsewhere a prefix would be raised to a power
_PLAIN = (1e-3, 1e4)  # sizes that need no power of ten
_COUNTED = 1e7  # the same for plain numbers such as quality factors
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_TIMES_TEN = re.compile(r"(?<=[\d.])(?:\s*[·×]\s*|\s+)10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_PARTS = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)
_PREFIXES = {"T": 12, "G": 9, "M": 6, "k": 3, "": 0, "m": -3, "µ": -6, "u": -6, "n": -9, "p": -12, "f": -15}
_RATES = {"1/ms": 3, "1/µs": 6, "1/us": 6, "1/ns": 9, "1/ps": 12}


def scale(size: float, unit: str) -> tuple[float, str]:
    """Factor from ``unit`` and name of the unit in which numbers of about this ``size`` read best.

    Examples
    --------
    >>> scale(2e-9, "s"), scale(3e-27, "m³"), scale(0.3, "1")
    ((1000000000.0, 'ns'), (1e+27, '10⁻²⁷ m³'), (1.0, ''))
    """
    own = "" if unit == "1" else unit
    size = abs(size)
    if size == 0 or not math.isfinite(size):
        return 1.0, own
    if unit in _PREFIXED:
        shown, text = units.engineering(size, unit, 3).split(" ", 1)
        return 10.0 ** (3 * round(math.log10(float(shown) / size) / 3)), text
    if _PLAIN[0] <= size < (_COUNTED if unit == "1" else _PLAIN[1]):
        return 1.0, own
    power = math.floor(math.log10(size) + 1e-9)
    return 10.0**-power, f"10{str(power).translate(_RAISED)} {own}".rstrip()


def short(label: str) -> str:
    """A parameter as people call it: without the part of the device that everyone knows."""
    return label.removeprefix("ring.")


def number(value: float, unit: str, digits: int = 4) -> str:
    """``value`` [``unit``] with its unit.

    Examples
    --------
    >>> number(-3.5264e-27, "m³"), number(2.5e-9, "s"), number(40582.0, "1")
    ('−3.526·10⁻²⁷ m³', '2.5 ns', '40580')
    """
    factor, name = scale(value, unit)
    between = "·" if name.startswith("10") else " " if name else ""
    rounded = float(f"{value * factor:.{digits}g}")
    return f"{rounded:.8g}{between}{name}".replace("-", "−")


def typed(text: str) -> str:
    """Text of a number as a keyboard has it, without the signs that reports are written with.

    Examples
    --------
    >>> typed("−3.526·10⁻²⁷ m³"), typed("1.28 10¹⁰ 1/s")
    ('-3.526e-27 m³', '1.28e10 1/s')
    """
    plain = text.strip().replace("−", "-")
    return _TIMES_TEN.sub(lambda found: "e" + found[1].translate(_LOWERED), plain)


def parts(text: str) -> tuple[str, str] | None:
    """Digits and unit of a number; None if it is none.

    Examples
    --------
    >>> parts("−34.1 Grad/s"), parts("far")
    (('-34.1', 'Grad/s'), None)
    """
    found = _PARTS.fullmatch(typed(text))
    return (found[1], found[2].strip()) if found else None


def alike(texts: Sequence[str]) -> list[str]:
    """Numbers as text, those without a unit with that of the last.

    Examples
    --------
    >>> alike(["-60", "0", "60 pm"]), alike(["1 µm", "2"])
    (['-60 pm', '0 pm', '60 pm'], ['1 µm', '2'])
    """
    found = [parts(text) for text in texts]
    unit = found[-1][1] if found and found[-1] is not None else ""
    return [
        f"{one[0]} {unit}".strip() if one is not None and not one[1] else text
        for one, text in zip(found, texts, strict=True)
    ]


def value_in(text: str, unit: str) -> float | None:
    """``text`` as a number in ``unit``, bare or with a unit that `number` would write; None if it is not.

    Examples
    --------
    >>> value_in("34.1 Grad/s", "rad/s"), value_in("12.8 1/ns", "1/s"), value_in("10 GHz", "1/s")
    (34100000000.0, 12800000000.0, None)
    """
    found = parts(text)
    if found is None:
        return None
    digits, given = found
    powers = {unit: 0, "": 0}
    if unit in _PREFIXED:
        powers |= {f"{prefix}{unit}": power for prefix, power in _PREFIXES.items()}
    if unit == "1/s":
        powers |= _RATES
    return None if given not in powers else float(Decimal(digits).scaleb(powers[given]))


def decimals(value: float, error: float) -> int | None:
    """Places behind the point for two digits of ``error``; None where a fixed number makes no sense."""
    if not (math.isfinite(error) and error > 0) or error > 10 * abs(value):
        return None
    return max(0, 1 - math.floor(math.log10(error)))


def _fixed(value: float, places: int | None) -> str:
    wide = places is None or abs(value) >= 1e7 or places > 12
    return (f"{value:.4g}" if wide else f"{value:.{places}f}").replace("-", "−")


def uncertain(value: float, error: float) -> str:
    """``value`` ± ``error``, to two digits of the error.

    Examples
    --------
    >>> uncertain(12.3456, 0.0123), uncertain(3.0, float("inf"))
    ('12.346 ± 0.012', '3 ± ∞')
    """
    if not math.isfinite(error):
        return f"{_fixed(value, None)} ± ∞"
    places = decimals(value, error)
    return f"{_fixed(value, places)} ± {_fixed(float(f'{error:.2g}'), places)}"


def interval_text(
    low: float, high: float, ends: tuple[float, float], places: int | None, bounded: bool
) -> str:
    """An interval in words, its ends that are those of nature or of the bounds left open.

    Examples
    --------
    >>> interval_text(1.0, 2.0, (0.0, math.inf), 1, False), interval_text(0.0, 2.0, (0.0, math.inf), 1, False)
    ('1.0 … 2.0', 'below 2.0')
    """
    no_low, no_high = low <= ends[0], high >= ends[1]
    if no_low and no_high:
        return f"all of {_fixed(low, None)} … {_fixed(high, None)}" if bounded else "no limits"
    if no_low or no_high:
        text = f"below {_fixed(high, places)}" if no_low else f"above {_fixed(low, places)}"
        return f"{text}, to the bound" if bounded else text
    return f"{_fixed(low, places)} … {_fixed(high, places)}"
