"""Fits as JSON files, the data included: read back bit by bit."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from photonic import storage
from photonic.device import Device
from photonic.errors import DataError, unknown_name
from photonic.fits import identifiability
from photonic.fits.diagnostics import Diagnostics
from photonic.fits.estimates import Estimate, Estimates
from photonic.fits.identifiability import Combination, Direction
from photonic.fits.inverse_problem import Loss
from photonic.fits.json_values import Keys, document, nulled, spelled
from photonic.fits.measurement_records import experiment, experiment_record
from photonic.fits.weights import Kind

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["as_dict", "read", "write"]

SCHEMA = 1
_DIRECTIONS = ("exact", "practical", "silent")


def as_dict(fit: Fit) -> dict[str, Any]:
    """Everything about a fit but its data, in strict JSON; numbers that are not finite are None."""
    judged = fit.diagnostics
    return {
        "schema": SCHEMA,
        "device": type(fit.device).__name__,
        "regime": fit.device.regime,
        "device_toml": storage.dumps(fit.device),
        "free": list(fit.estimates),
        "readings": int(fit.residuals.size),
        "experiments": [
            {
                "kind": type(e.measured).__name__,
                "readings": int(fit.part(fit.residuals, k).size),
                "file": e.measured.metadata.get("file"),
                "at": dict(e.at),
                "shift": dict(e.shift),
            }
            for k, e in enumerate(fit.experiments)
        ],
        "estimates": {name: e.as_dict() for name, e in fit.estimates.items()},
        "correlation": nulled(fit.correlation),
        "unidentifiable": [nulled(identifiability.as_dict(d)) for d in fit.unidentifiable],
        "singular_values": nulled(fit.singular_values),
        "noise": list(fit.noise),
        "loss": fit.loss,
        "seed": fit.seed,
        "starts": fit.starts,
        "diagnostics": {
            **nulled(dataclasses.asdict(judged)),
            "sound": judged.sound,
            "words": judged.words(loss=fit.loss),
        },
        "conditions": list(fit.conditions),
        "alternatives": [nulled(one) for one in fit.alternatives],
    }


def write(fit: Fit, path: str | Path) -> None:
    """Write a fit and its data to a JSON file, either wholly or not at all; `read` reads it back.

    Raises
    ------
    ParameterError
        Its device or a measurement is of no kind that can be saved.
    DataError
        The file cannot be written.
    """
    path = Path(path)
    text = json.dumps(_record(fit), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as reason:
        raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _record(fit: Fit) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": "Fit",
        "estimates": {name: _without_name(e) for name, e in fit.estimates.items()},
        "correlation": spelled(fit.correlation),
        "unidentifiable": [spelled(identifiability.as_dict(d)) for d in fit.unidentifiable],
        "singular_values": spelled(fit.singular_values),
        "diagnostics": spelled(dataclasses.asdict(fit.diagnostics)),
        "noise": list(fit.noise),
        "loss": fit.loss,
        "seed": int(fit.seed),
        "starts": int(fit.starts),
        "alternatives": [spelled(one) for one in fit.alternatives],
        "device": storage.dumps(fit.device),
        "guess": storage.dumps(fit.guess),
        "profiles": {name: spelled(tried) for name, tried in fit.profiles.items()},
        "residuals": spelled(fit.residuals),
        "weighted_residuals": spelled(fit.weighted_residuals),
        "sigma": spelled(fit.sigma),
        "experiments": [experiment_record(e) for e in fit.experiments],
    }


def _without_name(estimate: Estimate) -> dict[str, Any]:
    stored = dataclasses.asdict(estimate)
    del stored["name"]
    return dict(spelled(stored))


def read(path: str | Path) -> Fit:
    """Fit from a file written by `write`.

    Raises
    ------
    DataError
        The file cannot be read, is not a fit of this schema, or a key is missing or does not hold what
        it must; the message names file and key.
    """
    keys = document(path)
    if keys.entries.get("schema") != SCHEMA or keys.entries.get("kind") != "Fit":
        raise DataError(f"{path}: schema must be {SCHEMA} and kind 'Fit': not a fit saved by this package")
    estimates = Estimates({name: _estimate(name, part) for name, part in keys.each("estimates")})
    experiments = tuple(experiment(part) for part in keys.parts("experiments"))
    if not estimates or not experiments:
        raise keys.error("estimates" if not estimates else "experiments", "must not be empty")
    k, n = len(estimates), sum(e.measured.power_out.size for e in experiments)
    noise = keys.texts("noise")
    for kind in noise:
        _known(keys, "noise", kind, get_args(Kind))
    if len(noise) != len(experiments):
        raise keys.error("noise", f"must name {len(experiments)} models, got {len(noise)}")
    profiles = keys.part("profiles")
    made: Fit = importlib.import_module("photonic.fits.fitted").Fit(  # which knows this module
        device=_device(keys, "device"),
        estimates=estimates,
        correlation=keys.numbers("correlation", (k, k)),
        unidentifiable=tuple(_direction(part) for part in keys.parts("unidentifiable")),
        singular_values=keys.numbers("singular_values", (k,)),
        residuals=keys.numbers("residuals", (n,)),
        weighted_residuals=keys.numbers("weighted_residuals", (n,)),
        sigma=keys.numbers("sigma", (n,)),
        diagnostics=_diagnostics(keys.part("diagnostics")),
        experiments=experiments,
        guess=_device(keys, "guess"),
        noise=noise,
        loss=_known(keys, "loss", keys.text("loss"), get_args(Loss)),
        seed=keys.whole("seed"),
        starts=keys.whole("starts") if "starts" in keys.entries else 1,
        alternatives=tuple(_all_numbers(part) for part in keys.parts("alternatives")),
        profiles={name: profiles.numbers(name, (None, 2)) for name in profiles.entries},
    )
    return made


def _known(keys: Keys, key: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise keys.error(key, str(unknown_name(key, name, known)))
    return name


def _all_numbers(keys: Keys) -> dict[str, float]:
    return {name: keys.number(name) for name in keys.entries}


def _device(keys: Keys, key: str) -> Device:
    found = storage.loads(keys.text(key), keys.where(key))
    if not isinstance(found, Device):
        raise keys.error(key, f"must be a device, got a {type(found).__name__}")
    return found


def _estimate(name: str, keys: Keys) -> Estimate:
    return Estimate(
        name=name,
        value=keys.number("value"),
        unit=keys.text("unit"),
        standard_error=keys.number("standard_error"),
        wald_interval=keys.pair("wald_interval"),
        profile_interval=keys.pair_or_none("profile_interval"),
        start=keys.number("start"),
        bounds=keys.pair_or_none("bounds"),
        at_bound=keys.flag("at_bound"),
    )


def _diagnostics(keys: Keys) -> Diagnostics:
    names = ("reduced_chi_squared", "probability", "correlation", "correlation_probability")
    numbers: Mapping[str, float] = {name: keys.number(name) for name in names}
    rms = tuple(keys.numbers("rms").tolist())
    return Diagnostics(**numbers, outliers=keys.wholes("outliers"), rms=rms)


def _direction(keys: Keys) -> Direction:
    return Direction(
        exponents=keys.by_name("exponents"),
        kind=_known(keys, "kind", keys.text("kind"), _DIRECTIONS),  # type: ignore[arg-type]
        text=keys.text("text"),
        remedy=keys.text("remedy"),
        known=tuple(
            Combination(
                part.text("text"),
                part.by_name("exponents"),
                part.number("value"),
                part.number("relative_error"),
            )
            for part in keys.parts("known")
        ),
    )
