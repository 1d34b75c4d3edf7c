"""What can go wrong, and the checks that say so at the edges of the package."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = [
    "TIMES",
    "ConvergenceError",
    "DataError",
    "DataWarning",
    "OutsideValidityWarning",
    "ParameterError",
    "check",
    "checked_seed",
    "concrete",
    "one_number",
    "real_numbers",
    "shown",
    "unknown_name",
]

TIMES = {"nanoseconds": 1e-9, "picoseconds": 1e-12}  # for `check`: what was meant where seconds are wanted


class ParameterError(ValueError):
    """An argument is out of bounds, not finite, or in the wrong unit."""


class DataError(ValueError):
    """A file or a data set cannot be used as it is; names file, row and column."""


class DataWarning(UserWarning):
    """Data were read, but something about them is odd; names file, row and column."""


class ConvergenceError(RuntimeError):
    """A solver did not reach its tolerance; ``partial`` holds what it had."""

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


class OutsideValidityWarning(UserWarning):
    """A model is used outside the range in which it is known to hold."""


def concrete(value: Any) -> np.ndarray:
    """Real NumPy copy of a float, an array or a tensor, for looking at values only."""
    if isinstance(value, float):  # most of them: the quick way out
        return np.asarray(value)
    if hasattr(value, "detach"):  # a torch tensor that may carry a gradient
        value = value.detach().cpu()
    return np.real(np.asarray(value))


def check(
    name: str,
    value: Any,
    *,
    unit: str = "",
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    plausible: tuple[float, float] | None = None,
    scales: Mapping[str, float] | None = None,
) -> None:
    """Raise `ParameterError` unless every element of ``value`` is finite and in bounds.

    ``plausible`` is a closed range outside which the value is taken for a mistake; if one of
    the ``scales`` (unit name -> factor) brings it inside, the message says so.
    """
    try:
        array = np.asarray(concrete(value))
        if array.dtype.kind not in "biufO" or _holds_none(array):
            raise TypeError
        whole = array.dtype.kind in "iu" and not unit  # a count
        array = array.astype(float, copy=False)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a number{_in(unit)}, got {value!r}") from None
    lower = above if above is not None else at_least
    upper = below if below is not None else at_most
    if array.size == 0:
        return
    least, most = float(array.min()), float(array.max())  # NaN if one is
    if (
        -math.inf < least
        and most < math.inf
        and (lower is None or least > lower or (least == lower and above is None))
        and (upper is None or most < upper or (most == upper and below is None))
        and (plausible is None or (plausible[0] <= least and most <= plausible[1]))
    ):
        return
    if not np.all(np.isfinite(array)):
        raise ParameterError(f"{name} must be finite{_in(unit)}, got {_first(array, ~np.isfinite(array))}")
    bad = np.zeros(array.shape, dtype=bool)
    if lower is not None:
        bad |= array <= lower if above is not None else array < lower
    if upper is not None:
        bad |= array >= upper if below is not None else array > upper
    wrong = bad if plausible is None else bad | (array < plausible[0]) | (array > plausible[1])
    if np.any(wrong):
        got = _first(array, wrong)
        said = repr(int(got)) if whole else repr(got)
        if np.any(bad) or plausible is None:
            bound = _bound(lower, upper, above is not None, below is not None)
        else:
            bound = f"lie in [{plausible[0]:g}, {plausible[1]:g}]"
        raise ParameterError(f"{name} must {bound}{_after(unit)}, got {said}{_hint(got, plausible, scales)}")


def one_number(name: str, value: Any, **limits: Any) -> float:
    """``value`` as a float, after `check` with the ``limits``; arrays and complex numbers are refused."""
    array = real_numbers(name, value, **limits)
    if array.ndim:
        unit = "" if limits.get("unit") == "[1]" else limits.get("unit", "")
        raise ParameterError(f"{name} must be one number{_in(unit)}, got shape {array.shape}")
    return float(array)


def real_numbers(name: str, value: Any, **limits: Any) -> np.ndarray:
    """``value`` as an array of floats, after `check` with the ``limits``; complex numbers are refused."""
    check(name, value, **limits)
    if np.iscomplexobj(value):
        raise ParameterError(f"{name} must be real{_in(limits.get('unit', ''))}, got complex numbers")
    return np.asarray(concrete(value), dtype=float)


def checked_seed(name: str, seed: Any) -> Any:
    """``seed`` as a whole number >= 0, or the `numpy.random.Generator` that it is.

    Raises
    ------
    ParameterError
        Anything else.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ParameterError(
            f"{name} must be a seed (a whole number >= 0) or a numpy.random.Generator, got {seed!r}"
        )
    if seed < 0:
        raise ParameterError(f"{name} must be a whole number >= 0, got {seed}")
    return int(seed)


def shown(value: Any) -> str:
    """``value`` as an error shows it: its repr, or of what would fill the screen only the type.

    Examples
    --------
    >>> shown("relu"), shown(list(range(100)))
    ("'relu'", 'a list')
    """
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else f"a {type(value).__name__}"


def unknown_name(kind: str, name: object, known: Iterable[str]) -> ParameterError:
    """Error for a name that does not exist, with the nearest ones that do."""
    names = sorted(set(known))
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    tail = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(names)}"
    return ParameterError(f"unknown {kind} {name!r}: {tail}")


def _bound(lower: float | None, upper: float | None, open_below: bool, open_above: bool) -> str:
    if lower is not None and upper is not None:
        left, right = "(" if open_below else "[", ")" if open_above else "]"
        return f"lie in {left}{lower:g}, {upper:g}{right}"
    if lower is not None:
        return f"be {'>' if open_below else '>='} {lower:g}"
    return f"be {'<' if open_above else '<='} {upper:g}"


def _holds_none(array: np.ndarray) -> bool:
    return array.dtype.kind == "O" and any(v is None or isinstance(v, str) for v in array.flat)


def _first(array: np.ndarray, where: np.ndarray) -> float:
    return float(array[where].ravel()[0])


def _in(unit: str) -> str:
    return f" in {unit}" if unit else ""


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""


def _hint(got: float, plausible: tuple[float, float] | None, scales: Mapping[str, float] | None) -> str:
    if plausible is None or not scales:
        return ""
    fitting = [(label, got * f) for label, f in scales.items() if plausible[0] <= got * f <= plausible[1]]
    listed = " or ".join(f"{value:g} ({label})" for label, value in fitting)
    return f": did you mean {listed}?" if fitting else ""
