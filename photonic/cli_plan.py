"""Command ``photonic plan``: which readings to take next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photonic.console import command, progress_bar, show
from photonic.errors import ParameterError

if TYPE_CHECKING:
    from photonic.fits.plans import Plan

__all__ = ["register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]


def plan(
    file: Annotated[
        Path | None, typer.Argument(help="A fit as saved by 'photonic fit'; or give --device and --free.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Without a fit: a preset (sigmoid), a ring, or a TOML file.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="What a bare ring is used in: cavity-mzi, ring-through or ring-drop.")
    ] = "ring-through",
    free: Annotated[str | None, typer.Option(help="Without a fit: numbers to find, comma-separated.")] = None,
    error: Annotated[
        list[str] | None,
        typer.Option(
            help="'NAME=VALUE', a standard error known besides: 'arm_phase=5 deg'. May be repeated."
        ),
    ] = None,
    powers: Annotated[
        str | None,
        typer.Option(help="Input powers to choose from: '2 mW' (up to it), '0.1 mW..2 mW:20', or a list."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--settings",
            help="'detuning=-60 pm..60 pm:9', 'arm_phase=0 pi,0.5 pi'; may be repeated. 'none': no other.",
        ),
    ] = None,
    noise: Annotated[str | None, typer.Option(help="Of a reading, with unit: '1 uW'.")] = None,
    relative_noise: Annotated[str | None, typer.Option(help="Of a reading, over it: '1 %'.")] = None,
    count: Annotated[int, typer.Option(help="Readings to take.")] = 20,
    curves: Annotated[int | None, typer.Option(help="Most settings to use.")] = None,
    repeats: Annotated[int | None, typer.Option(help="Most readings at one power and setting.")] = None,
    criterion: Annotated[
        str, typer.Option(help="d (volume of uncertainty), a (mean relative variance), or a number.")
    ] = "d",
    save: Annotated[Path | None, typer.Option(help="Write the readings to take as CSV with units.")] = None,
    json: Json = False,
) -> None:
    """Powers and heater settings whose readings reduce the uncertainty of a fit most."""
    from photonic import named, units
    from photonic.fits.design import next_measurement
    from photonic.fits.fitted import Fit
    from photonic.fits.named_values import free_names
    from photonic.lab.noise import NoiseLaw

    if (file is None) == (device is None):
        raise ParameterError("a plan needs a fit (photonic plan fit.json) or --device, one of them")
    if file is not None:
        if free is not None:
            raise ParameterError("--free is for a device: a fit has its free numbers")
        known: Any = Fit.load(file)
        model, names = known.device, None
    else:
        known = model = named.device(str(device), kind)
        names = free_names(free, model)
    law = None
    if relative_noise is not None and noise is None:
        raise ParameterError("--relative-noise needs the floor of the noise: --noise '10 nW'")
    if noise is not None:
        share = 0.0 if relative_noise is None else units.parse(relative_noise, "ratio", "--relative-noise")
        law = NoiseLaw(floor=units.parse(noise, "power", "--noise"), relative=share)
    given = None if powers is None else _powers(powers)
    wanted, errors = _settings(setting, model), _errors(error or [], model)
    with progress_bar("planning") as advance:
        advance(0.1, "searching")
        found = next_measurement(
            known,
            names,
            uncertainty=errors or None,
            powers=given,
            settings=wanted,
            noise=law,
            count=count,
            curves=curves,
            repeats=repeats,
            criterion=criterion.replace("-", "_"),
        )
    if save is not None:
        _write(found, model, save)
    show(json, found.as_dict(), found.table)


def _powers(text: str) -> Any:
    """Powers [W] from text; one alone is the largest."""
    from photonic import units

    values = _values(text, lambda part: units.parse(part, "power", "--powers"), "--powers")
    return values[0] if len(values) == 1 else values


def _settings(texts: Sequence[str] | None, model: Any) -> dict[str, list[float]] | None:
    """Values [SI] of each setting; an empty mapping stays at the present one."""
    from photonic.fits.named_values import assigned, value_of

    if texts is None:
        return None
    if list(texts) == ["none"]:
        return {}
    found = {}
    for name, text in assigned(texts, "--settings").items():
        label = name.replace("-", "_")
        found[label] = _values(text, lambda part, label=label: value_of(label, part, model), "--settings")
    return found


def _errors(texts: Sequence[str], model: Any) -> dict[str, float]:
    """Standard errors [SI] by name; a detuning's in the units of a detuning, or of a wavelength."""
    from photonic.fits.named_values import assigned, value_of

    given = {name.replace("-", "_"): text for name, text in assigned(texts, "--error").items()}
    return {name: abs(value_of(name, text, model)) for name, text in given.items()}


def _values(text: str, value: Any, option: str) -> list[float]:
    """Numbers from "low..high:count" or from a list with commas."""
    import numpy as np

    from photonic.fits.named_values import ends_of
    from photonic.lab.number_text import alike

    span, colon, number = text.partition(":")
    ends = ends_of(span)
    if ends is None and not colon:
        return [value(part) for part in alike([part.strip() for part in text.split(",") if part.strip()])]
    if ends is None or not (number.strip().isdigit() and int(number) >= 2):
        raise ParameterError(f"{option} must be a list or low..high:count with count >= 2, got {text!r}")
    low, high = (value(end) for end in ends)
    return [float(v) for v in np.linspace(low, high, int(number))]


def _write(found: Plan, model: Any, path: Path) -> None:
    """A row for each power of each setting; a detuning also as the wavelength to set beside the resonance."""
    import csv

    from photonic.fits.free_parameters import unit_of

    names = list(found.curves[0].settings)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        columns = [f"{name} [{unit_of(name)}]" for name in names]
        if "detuning" in names:
            columns.append("wavelength offset [pm]")
        rows.writerow([*columns, "power_in [W]", "readings [1]", "expected power_out [W]"])
        for curve in found.curves:
            own = [repr(curve.settings[name]) for name in names]
            if "detuning" in names:
                offset = -curve.settings["detuning"] * model.ring.wavelength / model.ring.angular_frequency
                own.append(f"{1e12 * float(offset):.6g}")
            for p, n, y in zip(curve.power, curve.repeats, curve.expected, strict=True):
                rows.writerow([*own, repr(float(p)), int(n), repr(float(y))])


def register(app: typer.Typer) -> None:
    """Add the command of this module to ``app``."""
    command(app, "plan", plan)
