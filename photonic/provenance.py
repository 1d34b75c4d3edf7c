"""Where every number comes from: papers, sourced values, and the references behind a result."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO, TypeVar, get_args

import numpy as np

from photonic.errors import ParameterError, concrete

__all__ = ["Kind", "Source", "Sourced", "cite", "references", "sourced"]

Kind = Literal["published", "fitted", "derived", "assumed"]

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Source:
    """A paper or a book.

    Examples
    --------
    >>> str(Source("R. A. Soref, B. R. Bennett", 1987, "Electrooptical effects in silicon",
    ...            "IEEE J. Quantum Electron. 23, 123", "10.1109/JQE.1987.1073206"))
    'R. A. Soref, B. R. Bennett, "Electrooptical effects in silicon", IEEE J. Quantum Electron. 23, 123 (1987), doi:10.1109/JQE.1987.1073206'
    """  # noqa: E501 (one line of output)

    authors: str
    year: int
    title: str
    journal: str
    doi: str = ""

    def __str__(self) -> str:
        doi = f", doi:{self.doi}" if self.doi else ""
        return f'{self.authors}, "{self.title}", {self.journal} ({self.year}){doi}'


@dataclass(frozen=True)
class Sourced:
    """A number with its unit and its origin.

    Parameters
    ----------
    value : float or tuple of float
        In ``unit``, which is the unit of the field or argument that it fills (SI).
    unit : str
        ``"1"`` if dimensionless.
    source : Source, optional
        The paper; required for ``"published"``.
    where : str
        Place in the source ("Table 1", "Eq. (3)"), or the reason for an assumption, in words.
    kind : {"published", "fitted", "derived", "assumed"}
        Printed in the source; fitted to its data; computed from other values; taken without
        confirmation.
    printed : str
        The value as the source prints it, where its unit differs.

    Raises
    ------
    ParameterError
        Unknown kind; a published value without a source.

    Examples
    --------
    >>> Sourced(65e-9, "s", None, "typical of an oxide-clad ring", "assumed").value
    6.5e-08
    """

    value: Any
    unit: str
    source: Source | None = None
    where: str = ""
    kind: Kind = "assumed"
    printed: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ParameterError(f"kind must be one of {', '.join(get_args(Kind))}, got {self.kind!r}")
        if self.kind == "published" and self.source is None:
            raise ParameterError("a published value must name its source")


def sourced(**values: Sourced) -> Callable[[_F], _F]:
    """Decorator that attaches the sourced values behind a function, for `references`.

    Examples
    --------
    >>> @sourced(c=Sourced(299792458.0, "m/s", None, "exact by definition", "derived"))
    ... def wavelength(frequency):
    ...     return 299792458.0 / frequency
    >>> wavelength.sources["c"].unit
    'm/s'
    """

    def attach(function: _F) -> _F:
        function.sources = values  # type: ignore[attr-defined]
        return function

    return attach


def references(obj: Any) -> str:
    """Text with every sourced value behind ``obj``: its source, place and kind.

    ``obj`` is anything of this package: a `Sourced` value, a function, a module, a dataclass
    with a ``sources`` mapping (field name -> `Sourced`), or an object that holds such objects.
    A field that differs from its sourced value is marked "set by you". Assumptions are
    repeated in words, and the regime is named if the object has one.

    Returns
    -------
    str
        Several lines: values, assumptions, regime, numbered references.

    Examples
    --------
    >>> book = Source("N. Writer", 2001, "On rings", "J. Rings 1, 2")
    >>> print(references(Sourced(2.0, "s", book, "Table 1", "published")))
    Values
      value  2 s  published, [1] Table 1
    <BLANKLINE>
    References
      [1] N. Writer, "On rings", J. Rings 1, 2 (2001)
    """
    found = list(_entries(obj, "", set()))
    numbers: dict[Source, int] = {}
    for _, _, value in found:
        if value is not None and value.source is not None:
            numbers.setdefault(value.source, len(numbers) + 1)
    if isinstance(obj, Source):
        numbers = {obj: 1}

    rows = []
    for name, present, value in found:
        rows.append((name, *_row(present, value, numbers)))
    sections = []
    if rows:
        wide = [max(len(row[i]) for row in rows) for i in (0, 1)]
        lines = [f"  {n:<{wide[0]}}  {v:<{wide[1]}}  {origin}".rstrip() for n, v, origin in rows]
        sections.append("\n".join(["Values", *lines]))
    words = [
        f"  - {name} = {_show(value.value, value.unit)}: {value.where or 'no source'}"
        for name, present, value in found
        if value is not None and value.kind == "assumed" and _same(present, value.value)
    ]
    words += [f"  - {text}" for text in _assumptions(obj)]
    if words:
        sections.append("\n".join(["Assumptions", *words]))
    regime = getattr(obj, "regime", None)
    if isinstance(regime, str) and regime:
        sections.append(f"Regime\n  {regime}")
    if numbers:
        sections.append("\n".join(["References", *(f"  [{n}] {source}" for source, n in numbers.items())]))
    return "\n\n".join(sections) or f"No sourced value is known behind this {type(obj).__name__}."


def cite(obj: Any, file: TextIO | None = None) -> None:
    """Write `references` of ``obj`` to ``file`` (standard output if left out).

    Examples
    --------
    >>> cite(Source("N. Writer", 2001, "On rings", "J. Rings 1, 2"))
    References
      [1] N. Writer, "On rings", J. Rings 1, 2 (2001)
    """
    (sys.stdout if file is None else file).write(references(obj) + "\n")


_Entry = tuple[str, Any, Sourced | None]


def _entries(obj: Any, prefix: str, seen: set[int]) -> Iterator[_Entry]:
    """(name, present value, sourced value) of everything behind ``obj``, depth first."""
    if id(obj) in seen:
        return
    seen.add(id(obj))
    if isinstance(obj, Sourced):
        yield prefix or "value", obj.value, obj
        return
    if isinstance(obj, types.ModuleType):
        own = {k: v for k, v in vars(obj).items() if not k.startswith("_")}
        for name, member in own.items():
            if isinstance(member, Sourced) or _mapping(member) is not None:
                yield from _entries(member, _join(prefix, name), seen)
        return
    if isinstance(obj, Mapping):
        for name, member in obj.items():
            yield from _entries(member, _join(prefix, str(name)), seen)
        return
    if isinstance(obj, list | tuple):
        for index, member in enumerate(obj):
            yield from _entries(member, f"{prefix}[{index}]", seen)
        return
    values = _mapping(obj)
    known = values or {}
    fields = [f.name for f in dataclasses.fields(obj)] if _is_instance(obj) else []
    for name, value in known.items():
        if not fields and id(value) in seen:  # a function's constant that was listed on its own
            continue
        present = getattr(obj, name, value.value) if _is_instance(obj) else value.value
        yield _join(prefix, name), present, value
    for name in fields:
        member = getattr(obj, name)
        if name in known or name == "sources":
            continue
        if _is_instance(member) or _mapping(member) is not None:
            yield from _entries(member, _join(prefix, name), seen)
        elif values is not None and _is_number(member):
            yield _join(prefix, name), member, None


def _mapping(obj: Any) -> Mapping[str, Sourced] | None:
    if isinstance(obj, type):
        return None
    values = getattr(obj, "sources", None)
    return values if isinstance(values, Mapping) else None


def _assumptions(obj: Any) -> tuple[str, ...]:
    words = getattr(obj, "assumptions", ())
    return (words,) if isinstance(words, str) else tuple(words) if isinstance(words, list | tuple) else ()


def _is_instance(obj: Any) -> bool:
    return dataclasses.is_dataclass(obj) and not isinstance(obj, type | Source)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex) != isinstance(value, bool) or hasattr(value, "shape")


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _row(present: Any, value: Sourced | None, numbers: Mapping[Source, int]) -> tuple[str, str]:
    if value is None:
        return _show(present, ""), "set by you"
    place = f"[{numbers[value.source]}] {value.where}".strip() if value.source is not None else value.where
    printed = f", printed as {value.printed}" if value.printed else ""
    origin = f"{value.kind}{', ' + place if place else ''}{printed}"
    if _same(present, value.value):
        return _show(present, value.unit), origin
    return _show(present, value.unit), f"set by you (was {_show(value.value, value.unit)}: {origin})"


def _same(present: Any, value: Any) -> bool:
    if present is None or value is None or isinstance(present, str) or isinstance(value, str):
        return present is value or present == value
    try:
        return bool(np.all(concrete(present) == concrete(value)))
    except (TypeError, ValueError):
        return bool(present == value)


def _show(value: Any, unit: str) -> str:
    tail = "" if unit in ("", "1") else f" {unit}"
    if isinstance(value, int | float):
        return f"{value:.10g}{tail}"
    if getattr(value, "shape", ()) != ():
        return f"array of shape {tuple(value.shape)}{tail}"
    if hasattr(value, "shape"):
        return f"{float(concrete(value)):.10g}{tail}"
    if isinstance(value, tuple):
        if len(value) > 4:
            return f"{len(value)} values{tail}"
        return f"({', '.join(_show(v, '') for v in value)}){tail}"
    return f"{value}{tail}"
