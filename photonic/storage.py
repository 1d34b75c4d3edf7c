"""Rings and devices as TOML files: every number with its unit and its origin, read back exactly.

    schema = 1
    kind = "RingThrough"
    detuning = { value = -1.2e10, unit = "rad/s" }

    [ring]
    wavelength = { value = 1.55e-06, unit = "m", kind = "assumed", where = "a guess" }

A number may also stand bare (``detuning = -1.2e10``), in the SI unit of its field.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError, ParameterError, concrete, unknown_name
from photonic.provenance import Source, Sourced
from photonic.ring_fields import FIELDS

__all__ = ["dumps", "load", "loads", "read", "save", "write"]

SCHEMA = 1
# Public names of what can be saved, looked up when needed: those modules know this one.
_KINDS = ("CavityLoadedMZI", "Heaters", "MachZehnder", "Ring", "RingDrop", "RingThrough", "Waveguide")
_PARTS = {"ring": "Ring", "waveguide": "Waveguide", "traps": "Traps", "thermal_modes": "ThermalModes"}
_UNITS = {
    **{name: unit.strip("[]") for name, (unit, _) in FIELDS.items()},
    **dict.fromkeys(("input_coupling", "output_coupling", "insertion_loss", "arm_loss"), "1"),
    "detuning": "rad/s",
    "arm_phase": "rad",
    "arm_length": "m",
    "loss": "1/m",
    "effective_area": "m²",
    "p_pi": "W",
    "ring_efficiency": "m/W",
    "detuning_unheated": "rad/s",
    "arm_offset": "rad",
    "input_offset": "rad",
    "output_offset": "rad",
    "crosstalk": "1",
}
# Units of kinds whose fields have names of their own.
_OWN_UNITS = {
    "Traps": {"density": "1/m³", "electron_capture": "m³/s", "hole_capture": "m³/s", "hole_share": "1"},
    "ThermalModes": {"shares": "1", "lifetimes": "s"},
}


def save(obj: Any, path: str | Path) -> None:
    """Write a ring or a device to a TOML file; `load` reads back the same numbers, bit by bit.

    Raises
    ------
    ParameterError
        ``obj`` is of no kind that can be saved, or holds a carrier law that is not one of
        `photonic.silicon`.

    Examples
    --------
    >>> import tempfile
    >>> from photonic.mach_zehnder import MachZehnder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(MachZehnder(0.1), Path(folder) / "device.toml")
    ...     load(Path(folder) / "device.toml").arm_phase
    0.1
    """
    Path(path).write_text(dumps(obj), encoding="utf-8")


def dumps(obj: Any) -> str:
    """Text of the TOML file that `save` writes; `loads` reads it.

    Raises
    ------
    ParameterError
        As for `save`.

    Examples
    --------
    >>> from photonic.mach_zehnder import MachZehnder
    >>> loads(dumps(MachZehnder(0.1))).arm_phase
    0.1
    """
    kind = type(obj).__name__
    if kind not in _KINDS or _kind(kind) is not type(obj):
        raise ParameterError(f"cannot save a {kind}: known kinds are {', '.join(_KINDS)}")
    references: list[Source] = []
    lines = [f"schema = {SCHEMA}", f'kind = "{kind}"', *_table(obj, "", references)]
    for source in references:
        lines += ["", "[[references]]"]
        lines += [f"{f.name} = {_toml(getattr(source, f.name))}" for f in dataclasses.fields(source)]
    return "\n".join(lines) + "\n"


def load(path: str | Path) -> Any:
    """Ring or device from a TOML file written by `save` or by hand.

    Raises
    ------
    DataError
        The file cannot be read, is not of this schema, or a key is unknown, missing, in another
        unit or out of bounds; the message names file and key.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a TOML file: {error}") from None
    return loads(text, path)


def loads(text: str, path: str | Path = "text") -> Any:
    """Ring or device from text as `dumps` writes it; ``path`` is what errors call its place.

    Raises
    ------
    DataError
        As for `load`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: not a TOML file: {error}") from None
    if document.pop("schema", None) != SCHEMA:
        raise DataError(f"{path}: schema must be {SCHEMA}: not a file saved by this package")
    kind = document.pop("kind", None)
    if kind not in _KINDS:
        raise DataError(f"{path}: kind: {unknown_name('kind', kind, _KINDS)}")
    try:
        known = {f.name for f in dataclasses.fields(Source)}
        references = [
            Source(**{k: v for k, v in entry.items() if k in known})
            for entry in document.pop("references", [])
        ]
    except (TypeError, AttributeError) as error:
        raise DataError(f"{path}: references: {error}") from None
    return _Reader(path, references).read(_kind(kind), document, "")


def write(obj: Any, path: str | Path) -> None:
    """`save`, for the methods of that name."""
    save(obj, path)


def read(path: str | Path, kind: type) -> Any:
    """`load`, with a `DataError` unless the file holds a ``kind``."""
    found = load(path)
    if not isinstance(found, kind):
        raise DataError(f"{path}: kind must be {kind.__name__}, got {type(found).__name__}")
    return found


# --------------------------------------------------------------------------- writing
def _table(obj: Any, name: str, references: list[Source]) -> Iterator[str]:
    """Lines of the fields of ``obj``: simple ones first, then tables, as TOML wants."""
    parts = []
    sources: Mapping[str, Sourced] = getattr(obj, "sources", {})
    for f in dataclasses.fields(obj):
        value = getattr(obj, f.name)
        if value is None or f.name == "sources":
            continue
        if f.name in (*_PARTS, "effects"):
            parts.append((f.name, value))
        elif f.name == "index_law":
            yield f"index_law = {_toml(_law_name(value))}"
        elif isinstance(value, str):
            yield f"{f.name} = {_toml(value)}"
        else:
            unit = _unit(type(obj).__name__, f.name)
            yield f"{f.name} = {_number(unit, value, sources.get(f.name), references)}"
    for part, value in parts:
        heading = f"{name}.{part}" if name else part
        yield ""
        yield f"[{heading}]"
        if part == "effects":
            yield from (f"{key} = {_toml(on)}" for key, on in dataclasses.asdict(value).items())
        else:
            yield from _table(value, heading, references)


def _unit(kind: str, name: str) -> str:
    return _OWN_UNITS.get(kind, _UNITS)[name]


def _number(unit: str, value: Any, origin: Sourced | None, references: list[Source]) -> str:
    number = np.asarray(concrete(value), dtype=float).tolist()
    entry: dict[str, Any] = {"value": number, "unit": unit}
    if isinstance(origin, Sourced):
        entry["kind"] = origin.kind
        if origin.source is not None:
            if origin.source not in references:
                references.append(origin.source)
            entry["source"] = references.index(origin.source) + 1
        entry |= {key: text for key in ("where", "printed") if (text := getattr(origin, key))}
        known = np.asarray(concrete(origin.value), dtype=float).tolist()
        if known != number:
            entry["sourced_value"] = known
        if origin.unit != entry["unit"]:
            entry["sourced_unit"] = origin.unit
    return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in entry.items()) + " }"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _kind(name: str) -> Any:
    return getattr(importlib.import_module("photonic"), name)


def _laws() -> dict[str, Any]:
    silicon = importlib.import_module("photonic.silicon")
    return {k: v for k, v in vars(silicon).items() if isinstance(v, silicon.CarrierLaw)}


def _law_name(law: Any) -> str:
    for name, known in _laws().items():
        if known is law:
            return name
    raise ParameterError(f"index_law can be saved only if it is one of photonic.silicon, got {law!r}")


# --------------------------------------------------------------------------- reading
class _Reader:
    """Objects from the tables of one document, with errors that name the file and the key."""

    def __init__(self, path: str | Path, references: list[Source]) -> None:
        self.path = path
        self.references = references

    def read(self, kind: type, table: Any, name: str) -> Any:
        if not isinstance(table, dict):
            raise self.error(name, "must be a table")
        fields = {f.name: f for f in dataclasses.fields(kind) if f.name != "sources"}
        values: dict[str, Any] = {}
        sources: dict[str, Sourced] = {}
        for key, entry in table.items():
            place = f"{name}.{key}" if name else key
            if key not in fields:
                raise self.error(place, str(unknown_name("key", key, fields)))
            if key in _PARTS:
                values[key] = self.read(_kind(_PARTS[key]), entry, place)
            elif key == "effects":
                values[key] = self.effects(entry, place)
            elif key == "index_law":
                if entry not in _laws():
                    raise self.error(place, str(unknown_name("carrier law", entry, _laws())))
                values[key] = _laws()[entry]
            elif isinstance(entry, str):
                values[key] = entry
            else:
                values[key], origin = self.number(_unit(kind.__name__, key), entry, place)
                if origin is not None:
                    sources[key] = origin
        if sources:
            if "sources" not in {f.name for f in dataclasses.fields(kind)}:
                raise self.error(name or kind.__name__, "takes no origin of its numbers")
            values["sources"] = sources
        try:
            return kind(**values)
        except (ParameterError, TypeError) as error:
            text = str(error).replace(f"{kind.__name__}.__init__() ", "")
            raise self.error(name or kind.__name__, text) from None

    def effects(self, entry: Any, place: str) -> Any:
        kind = _kind("Effects")
        known = [f.name for f in dataclasses.fields(kind)]
        if not isinstance(entry, dict):
            raise self.error(place, "must be a table")
        for key, value in entry.items():
            if key not in known:
                raise self.error(f"{place}.{key}", str(unknown_name("effect", key, known)))
            if not isinstance(value, bool):
                raise self.error(f"{place}.{key}", f"must be true or false, got {value!r}")
        return kind(**entry)

    def number(self, own: str, entry: Any, place: str) -> tuple[Any, Sourced | None]:
        if not isinstance(entry, dict):
            return self.value(entry, place), None
        known = ("value", "unit", "kind", "source", "where", "printed", "sourced_value", "sourced_unit")
        for part in entry:
            if part not in known:
                raise self.error(f"{place}.{part}", str(unknown_name("key", part, known)))
        if "value" not in entry:
            raise self.error(place, "has no value")
        unit = entry.get("unit", own)
        if unit != own:
            raise self.error(place, f"must be in {own}, got {unit!r}")
        value = self.value(entry["value"], place)
        if "kind" not in entry:
            return value, None
        number = entry.get("source")
        if number is not None and (type(number) is not int or not 1 <= number <= len(self.references)):
            raise self.error(f"{place}.source", f"no reference number {number!r}")
        try:
            origin = Sourced(
                _tuples(self.value(entry.get("sourced_value", entry["value"]), place)),
                str(entry.get("sourced_unit", unit)),
                None if number is None else self.references[number - 1],
                entry.get("where", ""),
                entry["kind"],
                entry.get("printed", ""),
            )
        except ParameterError as error:
            raise self.error(place, str(error)) from None
        return value, origin

    def value(self, entry: Any, place: str) -> Any:
        if isinstance(entry, list):
            try:
                return np.array(entry, dtype=float)
            except (TypeError, ValueError):
                raise self.error(place, f"must be a number or a list of numbers, got {entry!r}") from None
        if isinstance(entry, bool) or not isinstance(entry, int | float):
            raise self.error(place, f"must be a number, got {entry!r}")
        return float(entry)

    def error(self, place: str, text: str) -> DataError:
        return DataError(f"{self.path}: {place}: {text}")


def _tuples(value: Any) -> Any:
    """A number, or an array as (nested) tuples: what a `Sourced` holds."""
    return tuple(_tuples(v) for v in value) if np.ndim(value) else float(value)
