"""Command ``photonic rate``: up to which symbol rate, and from which on, a static curve holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photonic.console import command, progress_bar, show

__all__ = ["register"]


def rate(
    device: Annotated[
        str,
        typer.Option("--device", help="A preset (sigmoid), a ring (van-vaerenbergh-2012) or a TOML file."),
    ] = "sigmoid",
    kind: Annotated[
        str, typer.Option(help="What a bare ring is used in: cavity-mzi, ring-through or ring-drop.")
    ] = "ring-through",
    detuning: Annotated[
        str | None, typer.Option(help="Half-linewidths ('1.5', + blue), offset ('62 pm', + red) or '-2 GHz'.")
    ] = None,
    power_max: Annotated[
        str | None, typer.Option(help="Full scale of the symbols, with unit; that of a preset if left out.")
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="Error allowed, share of the output range: '5 %', '0.05'.")
    ] = "5 %",
    criterion: Annotated[str, typer.Option(help="Which error: rms or largest.")] = "rms",
    duty: Annotated[str, typer.Option(help="Share of a symbol in which it is lit; 1 is NRZ.")] = "1",
    window: Annotated[
        str, typer.Option(help="Share of the lit time, at its end, that the read-out averages.")
    ] = "0",
    heat_modes: Annotated[
        bool, typer.Option(help="Rib ring: the nine thermal exponentials instead of the one.")
    ] = False,
    symbols: Annotated[int, typer.Option(help="Symbols counted in each of 8 streams.")] = 500,
    seed: Annotated[int, typer.Option(help="Of the random symbols.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Where to save the figure: .png, .svg or .pdf.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")
    ] = False,
) -> None:
    """Symbol rates at which a static curve holds: random symbols in time, heat included."""
    import dataclasses

    from photonic import named, units
    from photonic.errors import ParameterError
    from photonic.parameters import RIB_RING, RIB_THERMAL_MODES
    from photonic.presets import PRESETS
    from photonic.rate_limit import symbol_rate_limit

    found = named.biased(named.device(device, kind), detuning_text=detuning)
    if out is not None:
        from photonic import plot
        from photonic.plot_symbols import error_against_rate

        plot.check_path(out)
    if heat_modes:
        if found.ring.thermal_lifetime != RIB_RING.thermal_lifetime:
            raise ParameterError("heat_modes are those of the rib ring: leave them out for another ring")
        found = dataclasses.replace(  # type: ignore[type-var]
            found, ring=dataclasses.replace(found.ring, thermal_modes=RIB_THERMAL_MODES)
        )
    key = device.strip().lower().replace("_", "-")
    if power_max is None and key not in PRESETS:
        raise ParameterError("power_max is needed for a device that is no preset: --power-max 1mW")
    top = PRESETS[key].power_max if power_max is None else units.parse(power_max, "power", "power_max")
    with progress_bar("symbol rates") as advance:
        limit = symbol_rate_limit(
            found,
            found.frozen().curve(top),
            units.parse(tolerance, "ratio", "tolerance"),
            criterion=criterion,  # type: ignore[arg-type]
            duty=units.parse(duty, "ratio", "duty"),
            window=units.parse(window, "ratio", "window"),
            symbols=symbols,
            seed=seed,
            progress=lambda share: advance(share, ""),
        )
    if out is not None:
        plot.save(error_against_rate(limit, device), out)
    words = named.detuning_words(float(found.detuning), found.ring)
    values = {"schema": 1, "device": device, "power_max": top, "detuning": words, **limit.as_dict()}
    lines = [
        f"{device}, {type(found).__name__}, symbols evenly from 0 to {units.engineering(top, 'W')}",
        f"detuning        {words}, from the mean-hot resonance",
        f"mean heat       {limit.mean_temperature:.3g} K",
        limit.table(),
    ]
    show(json, values, "\n".join(lines))


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(app, "rate", rate)
