"""Measurements as JSON objects: one line of a table for each kind of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from photonic.drive import Drive
from photonic.errors import ParameterError, unknown_name
from photonic.fits.experiments import Experiment
from photonic.fits.json_values import Keys, metadata_values, read_metadata, spelled
from photonic.lab.measured import Measured
from photonic.lab.measured_spectrum import MeasuredSpectrum
from photonic.lab.planes import ReferencePlane
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse

__all__ = ["experiment", "experiment_record"]


def _plane(keys: Keys, key: str) -> ReferencePlane:
    part = keys.part(key)
    tap = None if part.get("tap_ratio") is None else part.number("tap_ratio")
    losses = {name: part.number(name) for name in ("input_loss", "output_loss")}
    try:
        return ReferencePlane(**losses, tap_ratio=tap)
    except ParameterError as error:
        raise keys.error(key, str(error)) from None


def _metadata(keys: Keys, key: str) -> Any:
    return read_metadata(keys.part(key).entries)


def _table(keys: Keys, key: str) -> np.ndarray:
    return keys.numbers(key, (None, None))


def _numbers_or_none(keys: Keys, key: str) -> np.ndarray | None:
    return None if keys.get(key) is None else keys.numbers(key)


def _number_or_none(keys: Keys, key: str) -> float | None:
    return None if keys.get(key) is None else keys.number(key)


def _text_or_none(keys: Keys, key: str) -> str | None:
    return None if keys.get(key) is None else keys.text(key)


def _drive(keys: Keys, key: str) -> Drive:
    part = keys.part(key)
    try:
        return Drive(part.numbers("breaks"), part.numbers("roots", (None, None)))
    except ParameterError as error:
        raise keys.error(key, str(error)) from None


# How each field of a measurement is read; `_written` writes them all.
_FIELDS: Mapping[type, Mapping[str, Callable[[Keys, str], Any]]] = {
    Measured: {
        "power_in": Keys.numbers,
        "power_out": Keys.numbers,
        "sigma": _numbers_or_none,
        "repeats": Keys.wholes,
        "direction": Keys.wholes,
        "plane": _plane,
        "metadata": _metadata,
    },
    MeasuredSpectrum: {
        "wavelength": Keys.numbers,
        "power": _table,
        "channels": Keys.texts,
        "relative": Keys.flag,
        "metadata": _metadata,
    },
    PortSpectrum: {
        "wavelength": Keys.numbers,
        "power_out": Keys.numbers,
        "sigma": _numbers_or_none,
        "repeats": Keys.wholes,
        "port": _text_or_none,
        "laser_power": _number_or_none,
        "relative": Keys.flag,
        "metadata": _metadata,
    },
    MeasuredResponse: {
        "times": Keys.numbers,
        "power_in": Keys.numbers,
        "power_out": Keys.numbers,
        "sigma": _numbers_or_none,
        "repeats": Keys.wholes,
        "bandwidth": _number_or_none,
        "initial": Keys.text,
        "drive": _drive,
        "metadata": _metadata,
    },
}


def experiment_record(experiment: Experiment) -> dict[str, Any]:
    """An experiment with its data in JSON types; `experiment` reads it back, bit by bit.

    Raises
    ------
    ParameterError
        Its measurement is of no kind that can be saved, or has metadata that are not of JSON types.
    """
    measured = experiment.measured
    fields = _FIELDS.get(type(measured))
    if fields is None:
        known = ", ".join(kind.__name__ for kind in _FIELDS)
        raise ParameterError(f"cannot save a {type(measured).__name__}: known measurements are {known}")
    return {
        "kind": type(measured).__name__,
        "at": spelled(experiment.at),
        "shift": spelled(experiment.shift),
        "measured": {name: _written(name, getattr(measured, name)) for name in fields},
    }


def _written(name: str, value: Any) -> Any:
    if name == "metadata":
        return metadata_values(value, "metadata")
    if isinstance(value, Drive):
        return spelled({"breaks": value.breaks, "roots": value.roots})
    return spelled(value.as_dict() if isinstance(value, ReferencePlane) else value)


def experiment(keys: Keys) -> Experiment:
    """What `experiment_record` wrote.

    Raises
    ------
    DataError
        A key is missing or does not hold what it must.
    """
    kinds = {kind.__name__: kind for kind in _FIELDS}
    name = keys.text("kind")
    if name not in kinds:
        raise keys.error("kind", str(unknown_name("measurement", name, kinds)))
    part = keys.part("measured")
    values = {key: read(part, key) for key, read in _FIELDS[kinds[name]].items()}
    at, shift = keys.by_name("at"), keys.by_name("shift")
    try:
        return Experiment(kinds[name](**values), at, shift)
    except ParameterError as error:
        raise keys.error("measured", str(error)) from None
