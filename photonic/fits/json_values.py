"""Numbers, arrays and mappings as strict JSON and back, with errors that name the file and the key."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError, ParameterError

__all__ = ["Keys", "document", "metadata_values", "nulled", "read_metadata", "spelled"]

_ODD = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}  # JSON has no numbers for these
_LARGEST = 2**53  # whole numbers up to here are floats as well
_FLOAT = "$float"  # key under which metadata, where any text may stand, keep them


def spelled(value: Any) -> Any:
    """``value`` in JSON types; numbers that are not finite become "inf", "-inf" and "nan".

    Examples
    --------
    >>> import numpy as np
    >>> spelled({"a": np.array([1.0, np.inf])})
    {'a': [1.0, 'inf']}
    """
    return _plain(value, str)


def nulled(value: Any) -> Any:
    """``value`` in JSON types; numbers that are not finite become None.

    Examples
    --------
    >>> nulled((1, float("nan")))
    [1, None]
    """
    return _plain(value, lambda _: None)


def _plain(value: Any, odd: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else odd(value)
    if isinstance(value, Mapping):
        return {key: _plain(item, odd) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, odd) for item in value]
    return value


def metadata_values(value: Any, place: str) -> Any:
    """Metadata in strict JSON; `read_metadata` turns them back.

    Raises
    ------
    ParameterError
        Something that is no JSON type; ``place`` is what the message calls it.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: str(float(value))}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ParameterError(f"{place} must have text for its keys to be saved, got {key!r}")
        return {key: metadata_values(item, f"{place}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [metadata_values(item, f"{place}[{k}]") for k, item in enumerate(value)]
    raise ParameterError(f"{place} must be of a JSON type to be saved, got {type(value).__name__}")


def read_metadata(value: Any) -> Any:
    """What `metadata_values` wrote."""
    if isinstance(value, dict):
        if list(value) == [_FLOAT] and value[_FLOAT] in _ODD:
            return _ODD[value[_FLOAT]]
        return {key: read_metadata(item) for key, item in value.items()}
    return [read_metadata(item) for item in value] if isinstance(value, list) else value


def document(path: str | Path) -> Keys:
    """The JSON object that a file holds.

    Raises
    ------
    DataError
        The file cannot be read, or is not JSON, or holds something else.
    """
    try:
        entries = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not a JSON file: {error}") from None
    return Keys(path, entries)


class Keys:
    """A JSON object whose keys are read by kind; what does not fit is a `DataError`."""

    def __init__(self, path: str | Path, entries: Any, place: str = "") -> None:
        self.path, self.place = path, place
        if not isinstance(entries, dict):
            raise DataError(f"{self.where()} must be an object, got {_short(entries)}")
        self.entries = entries

    def where(self, key: str = "") -> str:
        """File and key, for messages."""
        place = f"{self.place}.{key}" if self.place and key else self.place or key
        return f"{self.path}: {place}" if place else f"{self.path}:"

    def error(self, key: str, text: str) -> DataError:
        """What to raise where a key does not hold what it must."""
        return DataError(f"{self.where(key)}: {text}")

    def get(self, key: str) -> Any:
        """Whatever stands under ``key``, which must be there."""
        if key not in self.entries:
            raise self.error(key, "is missing")
        return self.entries[key]

    def part(self, key: str) -> Keys:
        """The object under ``key``."""
        place = f"{self.place}.{key}" if self.place else key
        return Keys(self.path, self.get(key), place)

    def parts(self, key: str) -> list[Keys]:
        """The objects in the list under ``key``."""
        place = f"{self.place}.{key}" if self.place else key
        return [Keys(self.path, item, f"{place}[{k}]") for k, item in enumerate(self.items(key))]

    def each(self, key: str) -> Iterator[tuple[str, Keys]]:
        """The objects in the object under ``key``, by name."""
        inside = self.part(key)
        for name in inside.entries:
            yield name, inside.part(name)

    def items(self, key: str) -> list[Any]:
        """The list under ``key``."""
        found = self.get(key)
        if not isinstance(found, list):
            raise self.error(key, f"must be a list, got {_short(found)}")
        return found

    def text(self, key: str) -> str:
        """The text under ``key``."""
        found = self.get(key)
        if not isinstance(found, str):
            raise self.error(key, f"must be text, got {_short(found)}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under ``key``."""
        found = self.items(key)
        if not all(isinstance(item, str) for item in found):
            raise self.error(key, f"must be a list of texts, got {_short(found)}")
        return tuple(found)

    def flag(self, key: str) -> bool:
        """True or false under ``key``."""
        found = self.get(key)
        if not isinstance(found, bool):
            raise self.error(key, f"must be true or false, got {_short(found)}")
        return found

    def number(self, key: str) -> float:
        """The number under ``key``."""
        found = _number(self.get(key))
        if found is None:
            raise self.error(key, f"must be a number, got {_short(self.get(key))}")
        return found

    def numbers(self, key: str, shape: tuple[int | None, ...] = (None,)) -> np.ndarray:
        """The array of numbers under ``key``; None in ``shape`` is any length."""
        array = _array(self.get(key), len(shape))
        if array is None or any(w not in (None, n) for n, w in zip(array.shape, shape, strict=True)):
            size = " × ".join("n" if n is None else str(n) for n in shape)
            raise self.error(key, f"must be {size} numbers, got {_short(self.get(key))}")
        return array

    def whole(self, key: str) -> int:
        """The whole number under ``key``."""
        found = self.get(key)
        if not _is_whole(found):
            raise self.error(key, f"must be a whole number, got {_short(found)}")
        return int(found)

    def wholes(self, key: str) -> tuple[int, ...]:
        """The list of whole numbers under ``key``."""
        found = self.items(key)
        if not all(map(_is_whole, found)):
            raise self.error(key, f"must be whole numbers, got {_short(found)}")
        return tuple(found)

    def pair(self, key: str) -> tuple[float, float]:
        """The two numbers under ``key``."""
        low, high = self.numbers(key, (2,)).tolist()
        return low, high

    def pair_or_none(self, key: str) -> tuple[float, float] | None:
        """The two numbers under ``key``, or None."""
        return None if self.get(key) is None else self.pair(key)

    def by_name(self, key: str) -> dict[str, float]:
        """Numbers by name, in the object under ``key``."""
        inside = self.part(key)
        return {name: inside.number(name) for name in inside.entries}


def _number(found: Any) -> float | None:
    if isinstance(found, str):
        return _ODD.get(found)
    if isinstance(found, int) and not _is_whole(found):
        return None
    return float(found) if isinstance(found, int | float) else None


def _is_whole(found: Any) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST


def _array(found: Any, dimensions: int) -> np.ndarray | None:
    """Nested lists of numbers as an array; None if they are anything else."""
    if not isinstance(found, list):
        return None
    rows: list[Any] = [_array(item, dimensions - 1) if dimensions > 1 else _number(item) for item in found]
    if any(row is None for row in rows) or (dimensions > 1 and len({row.shape for row in rows}) > 1):
        return None
    return np.array(rows, dtype=float).reshape((len(rows), *np.shape(rows[0])) if rows else (0,) * dimensions)


def _short(found: Any) -> str:
    text = repr(found)
    return text if len(text) <= 40 else f"{text[:37]}..."
