"""Commands for data of the laboratory: what was measured, and what it says about a device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from photonic.console import application, command, progress_bar, show

__all__ = ["register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]
Units = Annotated[
    list[str] | None,
    typer.Option("--unit", help="'COLUMN=UNIT', as in 'P in=mW'; '*=dBm' for all. May be repeated."),
]
Loss = Annotated[str | None, typer.Option(help="From the reading to the device: '4 dB' or '2.5x'.")]
OutputLoss = Annotated[str | None, typer.Option(help="From the device to the reading: '4 dB' or '2.5x'.")]
Tap = Annotated[str | None, typer.Option(help="Share of the light that the input monitor gets: '1 %'.")]
Column = Annotated[str | None, typer.Option("--input", help="Column of the input power.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--output", help="Column of the output power; several are repeats, or sweeps up and down."),
]
Negative = Annotated[
    str, typer.Option(help="Outputs below 0 W, as after a dark level was taken off: refuse or keep.")
]
Saturation = Annotated[str | None, typer.Option(help="Output at which the detector saturates: '2 mW'.")]
Delimiter = Annotated[str | None, typer.Option(help="Between the cells: a character, tab or space.")]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark: '.' or ','.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where to save the figure: .png, .svg or .pdf.")]
Sweep = Annotated[str | None, typer.Option(help="up or down: which sweep to take, or what the readings are.")]


def measured_show(
    file: Annotated[Path, typer.Argument(help="Readings of power in and out: text, .npy, .npz or .mat.")],
    second: Annotated[Path | None, typer.Option(help="File of the outputs, if not in the first.")] = None,
    unit: Units = None,
    input: Column = None,
    output: Columns = None,
    input_loss: Loss = None,
    output_loss: OutputLoss = None,
    tap: Tap = None,
    sweep: Sweep = None,
    negative: Negative = "refuse",
    saturation: Saturation = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    out: Out = None,
    save: Annotated[Path | None, typer.Option(help="Write the curve through the readings as CSV.")] = None,
    json: Json = False,
) -> None:
    """Readings of a power curve: points, sweeps, noise, and the smooth curve through them."""
    from photonic import plot
    from photonic.fits.json_values import nulled
    from photonic.lab.measured_text import measured_dict, measured_words

    _check_targets(figures=[out], files=[save])
    layout = {"input": input, "output": output, "delimiter": _mark(delimiter), "decimal": decimal}
    detector = {"negative": negative, "saturation": saturation}
    data = _read(file, unit, second=second, plane=_plane(input_loss, output_loss, tap), **layout, **detector)
    data = _swept(data, sweep)
    curves = _curves(data)
    if save is not None:
        (curves[0] if len(curves) == 1 else data.curve()).save(save)
    if out is not None:
        from photonic.plot_fit import measured

        plot.save(measured(data, file.name), out)
    show(
        json,
        {"schema": 1, **nulled(measured_dict(data, curves))},
        lambda: measured_words(data, curves),
    )


def fit(
    files: Annotated[list[Path], typer.Argument(help="Readings of power in and out, a file an experiment.")],
    device: Annotated[
        str,
        typer.Option(help="cavity-mzi, a preset (sigmoid), a ring (van-vaerenbergh-2012) or a TOML file."),
    ] = "cavity-mzi",
    kind: Annotated[
        str, typer.Option(help="What a bare ring is used in: cavity-mzi, ring-through or ring-drop.")
    ] = "ring-through",
    free: Annotated[
        str | None,
        typer.Option(help="Numbers to find, comma-separated: detuning,arm_phase,carrier_lifetime,..."),
    ] = None,
    bound: Annotated[
        list[str] | None, typer.Option(help="'NAME=LOW..HIGH', as in 'carrier_lifetime=1..50 ns'.")
    ] = None,
    start: Annotated[
        list[str] | None,
        typer.Option(help="'NAME=VALUE', as in 'detuning=-30 pm' or '3 hl' (half-linewidths)."),
    ] = None,
    cw: Annotated[
        bool, typer.Option("--cw/--frozen", help="Heat settled (slow sweep), or frozen at its mean.")
    ] = False,
    port: Annotated[str | None, typer.Option(help="bar or cross.")] = None,
    noise: Annotated[
        str | None, typer.Option(help="sigma (of the data), constant, proportional or mixed.")
    ] = None,
    loss: Annotated[str, typer.Option(help="linear, or for outliers soft_l1, huber or cauchy.")] = "linear",
    starts: Annotated[str, typer.Option(help="Starts beside the first: auto, or how many.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of the starts.")] = 0,
    profile: Annotated[bool, typer.Option(help="Intervals by profile likelihood, or quicker.")] = True,
    unit: Units = None,
    input: Column = None,
    output: Columns = None,
    input_loss: Loss = None,
    output_loss: OutputLoss = None,
    tap: Tap = None,
    sweep: Sweep = None,
    negative: Negative = "refuse",
    saturation: Saturation = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    save: Annotated[Path | None, typer.Option(help="Write the fit, its data included, as JSON.")] = None,
    save_device: Annotated[Path | None, typer.Option(help="Write the fitted device as TOML.")] = None,
    out: Out = None,
    corner: Annotated[Path | None, typer.Option(help="Figure of which numbers go together.")] = None,
    json: Json = False,
) -> None:
    """Physical parameters of a device from measured curves, and what the data cannot tell."""
    from photonic import named, plot, plot_fit, storage
    from photonic.fits import named_values
    from photonic.fits.fitting import fit as fitted

    _check_targets(figures=[out, corner], files=[save, save_device])
    model = named.biased(named.device(device, kind), cw=cw, port=port)
    names = named_values.free_names(free, model)
    settings: dict[str, Any] = {
        "bounds": named_values.bounds_of(bound or [], model),
        "start": named_values.starts_of(start or [], model),
        "starts": _starts(starts),
    }
    layout = {"input": input, "output": output, "delimiter": _mark(delimiter), "decimal": decimal}
    detector = {"negative": negative, "saturation": saturation}
    plane = _plane(input_loss, output_loss, tap)
    data = [_swept(_read(file, unit, plane=plane, **layout, **detector), sweep) for file in files]
    with progress_bar(f"fitting {', '.join(names)}") as advance:
        advance(0.1, "searching")
        found = fitted(
            model,
            data,
            names,
            noise=noise,
            loss=loss,  # type: ignore[arg-type]
            seed=seed,
            intervals="profile" if profile else "wald",
            **settings,
        )
    if save is not None:
        found.save(save)
    if save_device is not None:
        storage.save(found.device, save_device)
    if out is not None:
        plot.save(plot_fit.fit_curve(found), out)
    if corner is not None:
        plot.save(plot_fit.corner(found), corner)
    show(json, {**found.as_dict(), "named": device}, found.report)


def spectrum(
    file: Annotated[Path, typer.Argument(help="Powers against wavelength: text, .npy, .npz or .mat.")],
    device: Annotated[str | None, typer.Option(help="Which array, in a file that holds several.")] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="Column to take; all if left out. May be repeated.")
    ] = None,
    through: Annotated[str | None, typer.Option(help="Channel of the through port.")] = None,
    drop: Annotated[str | None, typer.Option(help="Channel of the drop port.")] = None,
    unit: Units = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    radius: Annotated[str | None, typer.Option(help="Of the ring, with unit: '10 um'.")] = None,
    circumference: Annotated[str | None, typer.Option(help="One turn, with unit: '62.8 um'.")] = None,
    kind: Annotated[str, typer.Option(help="auto, ring, or mzi: a ring in an interferometer.")] = "auto",
    at: Annotated[str | None, typer.Option(help="Resonance to report, with unit: '1550 nm'.")] = None,
    regime: Annotated[
        str | None, typer.Option(help="under, over or symmetric: which ring to save, if several fit.")
    ] = None,
    out: Out = None,
    lines: Annotated[Path | None, typer.Option(help="Figure of single resonances and their fits.")] = None,
    save_ring: Annotated[
        Path | None, typer.Option(help="Write the ring as TOML; a linear one without --like.")
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="Ring (rib-ring) whose nonlinear coefficients the saved one takes.")
    ] = None,
    json: Json = False,
) -> None:
    """Resonances of a spectrum, and the ring they belong to: Q, coupling, loss, group index."""
    from photonic import named, plot, plot_spectra, units
    from photonic.errors import ParameterError
    from photonic.fits.json_values import nulled
    from photonic.fits.named_values import assigned
    from photonic.lab.spectrum_files import read_spectrum
    from photonic.lab.spectrum_fit import fit_spectrum

    _check_targets(figures=[out, lines], files=[save_ring])
    for option, text in (("--regime", regime), ("--like", like)):
        if text is not None and save_ring is None:
            raise ParameterError(f"{option} is for --save-ring")
    pattern = None if like is None else named.device(like).ring
    lengths = {
        name: None if text is None else units.parse(text, "length", name)
        for name, text in (("radius", radius), ("circumference", circumference), ("at", at))
    }
    data = read_spectrum(
        file,
        device=device,
        channels=channel,
        units=assigned(unit or [], "--unit") or None,
        delimiter=_mark(delimiter),
        decimal=decimal,
    )
    with progress_bar(f"resonances of {file.name}") as advance:
        advance(0.1, "fitting")
        found = fit_spectrum(data, through=through, drop=drop, kind=kind, **lengths)  # type: ignore[arg-type]
    if out is not None:
        plot.save(plot_spectra.spectrum(found, file.name), out)
    if lines is not None:
        plot.save(plot_spectra.resonances(found), lines)
    show(json, {"schema": 1, "file": file.name, **nulled(found.as_dict())}, found.report)
    if save_ring is not None:
        _save_ring(found, save_ring, regime, pattern)


# --------------------------------------------------------------------------- what the commands share
def _check_targets(figures: list[Path | None], files: list[Path | None]) -> None:
    """Refuse targets that cannot be written before a long computation rather than after it."""
    from photonic import plot
    from photonic.errors import DataError

    for path in figures:
        if path is not None:
            plot.check_path(path)
    for path in files:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            reason = "Is a directory" if path.is_dir() else "No such file or directory"
            raise DataError(f"{path}: cannot be written ({reason})")


def _plane(input_loss: str | None, output_loss: str | None, tap: str | None) -> Any:
    from photonic import units
    from photonic.fits.named_values import loss_of
    from photonic.lab.planes import ReferencePlane

    given = {"input_loss": input_loss, "output_loss": output_loss}
    found = {name: loss_of(name, text) for name, text in given.items() if text is not None}
    if tap is not None:
        found["tap_ratio"] = units.parse(tap, "ratio", "tap_ratio")
    return ReferencePlane(**found)


def _mark(delimiter: str | None) -> str | None:
    """What separates cells, where a shell has no name for it."""
    return {"tab": "\t", "\\t": "\t", "space": " "}.get(str(delimiter), delimiter)


def _read(file: Path, unit: list[str] | None, **options: Any) -> Any:
    from photonic.fits.named_values import assigned
    from photonic.lab.reading import read_curve

    return read_curve(file, units=assigned(unit or [], "--unit") or None, **options)


def _save_ring(found: Any, path: Path, regime: str | None, like: Any) -> None:
    """Write the ring; the report is on the screen already if there is not one ring only."""
    from photonic import storage
    from photonic.errors import ParameterError

    try:
        ring = found.ring(regime, like=like)
    except ParameterError as error:
        raise ParameterError(
            f"{path} is not written: {error} (--regime, --radius, --circumference, --like)"
        ) from None
    storage.save(ring, path)


def _swept(data: Any, sweep: str | None) -> Any:
    """The readings of one sweep, if there are several; else all, taken on that sweep."""
    if sweep is None:
        return data
    for way, part in data.parts():
        if way == sweep and len(data.sweeps) > 1:
            return part
    return data.swept(sweep)


def _curves(data: Any) -> list[Any]:
    """The smooth curve of each sweep with enough different powers for one."""
    import numpy as np

    return [part.curve() for _, part in data.parts() if np.unique(part.power_in).size >= 4]


def _starts(text: str) -> Any:
    from photonic.errors import ParameterError

    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise ParameterError(f"starts must be auto or a number, got {text!r}") from None


def register(app: typer.Typer) -> None:
    """Add every command of this module to ``app``."""
    group = application("Measured power curves.")
    command(group, "show", measured_show)
    app.add_typer(group, name="measured", help="Measured power curves.")
    command(app, "fit", fit)
    command(app, "spectrum", spectrum)
