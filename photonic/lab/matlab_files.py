"""MATLAB 5 files (.mat as saved with -v6 or -v7), read with every length checked.

SciPy's reader trusts lengths in the file, and a damaged one ends the process. The layout is that
of "MAT-File Format" (The MathWorks): elements of a type, a size and data, nested in matrices.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

__all__ = ["matlab_variables"]

_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4
_PLAIN = range(6, 16)  # classes double to uint64
_COMPLEX = 0x0800
_HEADER = 128
_DEEPEST = 16  # nested structures
_LARGEST = 1 << 31  # bytes of one unpacked variable


class _Element(NamedTuple):
    kind: int
    data: memoryview


def matlab_variables(raw: bytes) -> dict[str, Any]:
    """The variables in the bytes of a file, by name: arrays, text, lists (cells) and dictionaries.

    A structure is a dictionary, an array of structures a list of them. Objects, functions and sparse
    matrices are None.

    Raises
    ------
    ValueError
        Not such a file, or a damaged one.
    """
    if len(raw) < _HEADER or raw[126:128] not in (b"IM", b"MI"):
        raise ValueError("no header of MATLAB 5; save it in MATLAB with -v7")
    order = "<" if raw[126:128] == b"IM" else ">"
    found: dict[str, Any] = {}
    for element in _elements(memoryview(raw)[_HEADER:], order):
        inner = element
        if element.kind == _COMPRESSED:
            inner = next(_elements(_unpacked(element.data), order), element)
        if inner.kind != _MATRIX:
            raise ValueError(f"an element of type {inner.kind} where a variable should be")
        name, value = _matrix(inner.data, order, 0)
        if name in found:
            raise ValueError(f"two variables of the name {name!r}")
        if name:
            found[name] = value
    return found


def _unpacked(data: memoryview) -> memoryview:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data, _LARGEST)
    except zlib.error as error:
        raise ValueError(f"a compressed variable is damaged: {error}") from None
    if not unpacker.eof:
        raise ValueError("a compressed variable that is cut off, damaged or too large")
    return memoryview(unpacked)


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ValueError("cut off")
        first, size = struct.unpack_from(f"{order}II", data, at)
        kind, short = first & 0xFFFF, first >> 16
        begin = at + (4 if short else 8)
        size = short or size
        if (short > 4) or begin + size > len(data):
            raise ValueError("an element longer than its place")
        yield _Element(kind, data[begin : begin + size])
        at = at + 8 if short else begin + size
        if not short and kind != _COMPRESSED:
            at += -size % 8


def _matrix(data: memoryview, order: str, depth: int) -> tuple[str, Any]:
    if depth > _DEEPEST:
        raise ValueError("structures nested too deeply")
    if not len(data):
        return "", np.zeros(0)
    parts = _elements(data, order)
    flags = _first(parts, order)
    kind = flags & 0xFF
    if kind not in (_CELL, _STRUCT, _CHAR, *_PLAIN):
        return _some_name(parts), None
    shape = tuple(int(n) for n in _numbers(_next(parts), order))
    count = math.prod(shape)
    if len(shape) < 2 or min(shape) < 0 or count > len(data):
        raise ValueError(f"impossible size {shape}")
    name = bytes(_next(parts).data).decode("latin-1")
    if kind == _CELL:
        return name, [_matrix(_inner(parts), order, depth + 1)[1] for _ in range(count)]
    if kind == _STRUCT:
        return name, _structure(parts, order, depth, count)
    if kind == _CHAR:
        return name, _text(_next(parts), order, shape)
    values = _numbers(_next(parts), order)
    if values.size != count:
        raise ValueError(f"{values.size} numbers in an array of size {shape}")
    if flags & _COMPLEX:
        values = values + 1j * _numbers(_next(parts), order)
    return name, values.reshape(shape, order="F")


def _structure(parts: Iterator[_Element], order: str, depth: int, count: int) -> Any:
    width = _first(parts, order)
    listed = bytes(_next(parts).data)
    if width < 1 or len(listed) % width:
        raise ValueError("impossible names of fields")
    names = [listed[i : i + width].split(b"\0")[0].decode("latin-1") for i in range(0, len(listed), width)]
    if len(set(names)) < len(names):
        raise ValueError("two fields of the same name")
    found = [{n: _matrix(_inner(parts), order, depth + 1)[1] for n in names} for _ in range(count)]
    return found[0] if count == 1 else found


def _text(element: _Element, order: str, shape: tuple[int, ...]) -> Any:
    encoding = _TEXTS.get(element.kind)
    if encoding is None:
        raise ValueError(f"text of type {element.kind}")
    if encoding[-2:] in ("16", "32"):
        encoding += "-le" if order == "<" else "-be"
    letters = bytes(element.data).decode(encoding)
    if shape[0] <= 1:
        return letters
    return [letters[i :: shape[0]].rstrip() for i in range(shape[0])]


def _numbers(element: _Element, order: str) -> np.ndarray:
    kind = _NUMBERS.get(element.kind)
    if kind is None:
        raise ValueError(f"numbers of type {element.kind}")
    values = np.frombuffer(element.data, dtype=np.dtype(order + kind))
    return values.astype(values.dtype.newbyteorder("="))


def _first(parts: Iterator[_Element], order: str) -> int:
    values = _numbers(_next(parts), order)
    if not values.size:
        raise ValueError("an element without its number")
    return int(values[0])


def _next(parts: Iterator[_Element]) -> _Element:
    element = next(parts, None)
    if element is None:
        raise ValueError("cut off")
    return element


def _inner(parts: Iterator[_Element]) -> memoryview:
    element = _next(parts)
    if element.kind != _MATRIX:
        raise ValueError(f"an element of type {element.kind} where a matrix should be")
    return element.data


def _some_name(parts: Iterator[_Element]) -> str:
    """Name of a variable of a class that is not read: the first short text among its parts."""
    texts = (bytes(part.data).decode("latin-1") for part in parts if part.kind == 1 and len(part.data))
    return next(texts, "?")
