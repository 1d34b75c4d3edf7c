"""Commands of ``photonic``: the physics, from carriers to programmed curves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from photonic import cli_lab, cli_plan, cli_rate, cli_time
from photonic.console import application, command, progress_bar, show

__all__ = ["commands", "main", "register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]
DeviceName = Annotated[
    str,
    typer.Option(
        "--device", help="A preset (sigmoid), cavity-mzi, a ring (van-vaerenbergh-2012) or a TOML file."
    ),
]
Kind = Annotated[
    str, typer.Option("--kind", help="What a bare ring is used in: cavity-mzi, ring-through or ring-drop.")
]
Detuning = Annotated[
    str | None,
    typer.Option("--detuning", help="Half-linewidths ('1.5', + blue), offset ('62 pm', + red) or '-2 GHz'."),
]
ArmPhase = Annotated[str | None, typer.Option("--arm-phase", help="Phase of arm 2, with unit: '0.875 pi'.")]
InputCoupling = Annotated[
    str | None, typer.Option("--input-coupling", help="Cross-coupled power: '0.3', '30 %'.")
]
OutputCoupling = Annotated[str | None, typer.Option("--output-coupling", help="Cross-coupled power.")]
Port = Annotated[str | None, typer.Option("--port", help="bar or cross.")]
Cw = Annotated[bool, typer.Option("--cw/--frozen", help="Heat settled (cw), or frozen at its mean.")]
PowerMax = Annotated[
    str, typer.Option("--power-max", help="Full-scale input power, with unit: '0.2mW', '-7 dBm'.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Where to save the figure: .png, .svg or .pdf.")]
DEVICE = "cavity-mzi"
RING = "rib-ring"


def curve(
    power_max: PowerMax,
    device: DeviceName = RING,
    kind: Kind = "ring-through",
    detuning: Detuning = None,
    arm_phase: ArmPhase = None,
    input_coupling: InputCoupling = None,
    output_coupling: OutputCoupling = None,
    port: Port = None,
    cw: Cw = False,
    sweep: Annotated[
        str, typer.Option(help="single, up or down; a bistable curve needs up or down.")
    ] = "single",
    points: Annotated[int, typer.Option(help="Samples of the curve.")] = 401,
    save: Annotated[Path | None, typer.Option(help="Write the curve as CSV with units.")] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Transfer curve of a device: output power against input power."""
    from photonic import named, units

    found = named.biased(
        named.device(device, kind),
        detuning_text=detuning,
        arm_phase=arm_phase,
        input_coupling=input_coupling,
        output_coupling=output_coupling,
        port=port,
        cw=cw,
    )
    top = units.parse(power_max, "power", "power_max")
    drawn = found.curve(top, points=points, sweep=sweep)  # type: ignore[arg-type]
    if save is not None:
        drawn.save(save)
    if out is not None:
        from photonic import plot

        plot.save(plot.curves({device: drawn}), out)
    figures = drawn.metrics()
    words = named.detuning_words(float(found.detuning), found.ring)
    values = {
        "schema": 1,
        "device": device,
        "regime": drawn.regime,
        "branch": drawn.branch,
        "detuning": words,
        "power_max": top,
        "jumps": drawn.jumps,
        "metrics": vars(figures),
        "power_in": drawn.power_in,
        "power_out": drawn.power_out,
        "slope": drawn.slope,
    }
    jumps = ", ".join(units.engineering(p, "W") for p in drawn.jumps) or "none"
    lines = [
        f"{type(found).__name__} of {device}, {drawn.regime}, sweep {drawn.branch}",
        f"detuning          {words}",
        f"output at {units.engineering(top, 'W'):<8}{units.engineering(float(drawn.power_out[-1]), 'W')}",
        f"jumps             {jumps}",
        f"threshold         {units.engineering(figures.threshold, 'W')}",
        f"extinction ratio  {figures.extinction_ratio_db:.2f} dB",
        f"insertion loss    {figures.insertion_loss_db:.2f} dB",
        f"largest slope     {figures.maximum_slope:.4g}",
    ]
    show(json, values, "\n".join(lines))


def program(
    target: Annotated[str, typer.Argument(help="sigmoid, relu, clamped-relu, softplus, radial-basis, ...")],
    power_max: PowerMax,
    device: DeviceName = DEVICE,
    kind: Kind = "cavity-mzi",
    free: Annotated[
        str | None, typer.Option(help="Settings to search, comma-separated: detuning,arm_phase,...,power.")
    ] = None,
    gain: Annotated[str, typer.Option(help="Read-out gain: 'free', or a number.")] = "free",
    cw: Cw = False,
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    save: Annotated[Path | None, typer.Option(help="Write the reached curve as CSV with units.")] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Heater settings for which a device comes closest to a wanted activation."""
    from photonic import named, units
    from photonic.errors import ParameterError
    from photonic.programming import program as programmed

    found_device = named.biased(named.device(device, kind), cw=cw)
    top = units.parse(power_max, "power", "power_max")
    try:
        fixed: Any = "free" if gain == "free" else float(gain)
    except ValueError:
        raise ParameterError(f"gain must be 'free' or a number, got {gain!r}") from None
    settings = None if free is None else tuple(f.strip().replace("-", "_") for f in free.split(","))
    with progress_bar(f"programming {target}") as advance:
        advance(0.1, "searching")
        found = programmed(found_device, target, top, settings, fixed, seed=seed)
    if save is not None:
        found.curve.save(save)
    if out is not None:
        from photonic import plot

        plot.save(plot.programmed(found), out)
    words = named.detuning_words(float(found.device.detuning), found.device.ring)
    bias = {
        name: getattr(found.device, name)
        for name in ("detuning", "arm_phase", "input_coupling", "output_coupling", "port")
        if hasattr(found.device, name)
    }
    values = {
        "schema": 1,
        "target": found.target.name,
        "device": device,
        "regime": found.regime,
        "power_max": found.power_max,
        "r_squared": found.r_squared,
        "line_r_squared": found.line_r_squared,
        "rmse": found.rmse,
        "largest_error": found.largest_error,
        "gain": found.gain,
        "offset": found.offset,
        "shape": dict(zip(found.target.boxes, found.shape, strict=False)),
        "bias": bias,
        "detuning": words,
        "mean_temperature": found.mean_temperature,
        "mean_offset": found.mean_offset,
        "heater_power": {**vars(found.heater_power), "total": found.heater_power.total},
        "seed": seed,
        "power_in": found.curve.power_in,
        "power_out": found.curve.power_out,
    }
    show(json, values, lambda: _program_words(found, device, words, bias))


def _program_words(found: Any, device: str, words: str, bias: dict[str, Any]) -> str:
    from math import pi

    from photonic import units

    shape = ", ".join(f"{n} {v:.4g}" for n, v in zip(found.target.boxes, found.shape, strict=False))
    lines = [
        f"{found.target.name} on {device}, {found.regime}",
        f"full scale        {units.engineering(found.power_max, 'W')}",
        f"detuning          {words}",
    ]
    if "arm_phase" in bias:
        lines += [
            f"arm phase         {bias['arm_phase'] / pi:.4f} pi",
            f"couplings         {bias['input_coupling']:.4f} in, {bias['output_coupling']:.4f} out",
            f"port              {bias['port']}",
        ]
    lines += [
        f"R²                {found.r_squared:.5f} (best straight line {found.line_r_squared:.3f})",
        f"largest error     {found.largest_error:.4g}, rms {found.rmse:.4g}, in units of the target",
        f"read-out          {found.gain:.4g} · P_out/P_full {found.offset:+.4g}",
        f"heater power      {_heater_words(found)}",
    ]
    return "\n".join([*lines, f"target            {shape}"] if shape else lines)


def _heater_words(found: Any) -> str:
    from photonic import units

    heat = found.heater_power
    names = ("ring", "arm", "input_coupler", "output_coupler")
    each = ", ".join(
        f"{name.replace('_', ' ')} {units.engineering(getattr(heat, name), 'W')}" for name in names
    )
    mean = (
        f"; mean optical heating of {found.mean_temperature:.3g} K taken off"
        if found.mean_temperature
        else ""
    )
    return f"{each}{mean}"


def reach(
    device: DeviceName = DEVICE,
    kind: Kind = "cavity-mzi",
    powers: Annotated[
        str, typer.Option(help="Full-scale powers, comma-separated, with units.")
    ] = "0.2mW,0.5mW,1mW,2mW,5mW",
    targets: Annotated[str | None, typer.Option(help="Shapes, comma-separated; all if left out.")] = None,
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    out: Out = None,
    json: Json = False,
) -> None:
    """Which activations a device can be programmed to be: R² at several powers, heat frozen and settled."""
    import numpy as np

    from photonic import named, units
    from photonic.reach import reachability

    found_device = named.device(device, kind)
    scales = [units.parse(text, "power", "powers") for text in powers.split(",")]
    wanted = None if targets is None else [text.strip() for text in targets.split(",")]
    with progress_bar("reachable shapes") as advance:
        found = reachability(
            found_device, scales, wanted, seed=seed, progress=lambda done, total: advance(done / total, "")
        )
    if out is not None:
        from photonic import plot

        scores = np.hstack([found.scores(regime) for regime in found.regimes])
        columns = [f"{units.engineering(p, 'W')}\n{r}" for r in found.regimes for p in found.powers]
        plot.save(plot.reachability(scores, found.targets, columns), out)
    values = {"schema": 1, "device": device, "seed": seed, "rows": found.rows()}
    show(json, values, found.table)


def index(
    electrons: Annotated[str, typer.Argument(help="Electron density, with unit: '1e17 cm-3'.")],
    holes: Annotated[str | None, typer.Argument(help="Hole density; that of electrons if left out.")] = None,
    wavelength: Annotated[str, typer.Option(help="Vacuum wavelength, with unit.")] = "1.55 um",
    law: Annotated[str, typer.Option(help="nedeljkovic-2011 or soref-bennett-1987.")] = "nedeljkovic-2011",
    json: Json = False,
) -> None:
    """Change of silicon's index and absorption by free carriers."""
    from photonic import silicon, units
    from photonic.errors import unknown_name

    laws = {"nedeljkovic-2011": silicon.NEDELJKOVIC_2011, "soref-bennett-1987": silicon.SOREF_BENNETT_1987}
    if law not in laws:
        raise unknown_name("law", law, laws)
    n = units.parse(electrons, "density", "electrons")
    p = n if holes is None else units.parse(holes, "density", "holes")
    light = units.parse(wavelength, "length", "wavelength")
    change = float(silicon.index_change(n, p, light, law=laws[law]))
    loss = float(silicon.absorption_change(n, p, light, law=laws[law]))
    values = {
        "schema": 1, "electrons": n, "holes": p, "wavelength": light, "law": law,
        "index_change": change, "absorption_change": loss,
    }  # fmt: skip
    text = (
        f"index change       {change:.6g}\nabsorption change  {loss:.6g} 1/m "
        f"({units.loss_to_db_per_cm(loss):.4g} dB/cm)\n{law} at {units.engineering(light, 'm')}"
    )
    show(json, values, text.replace("-", "−", 1) if change < 0 else text)


def steady_states(
    power: Annotated[str, typer.Option(help="Input power, with unit.")],
    device: DeviceName = RING,
    kind: Kind = "ring-through",
    detuning: Detuning = None,
    cw: Cw = True,
    json: Json = False,
) -> None:
    """All steady states at one input power, and which of them are stable."""
    from photonic import named, units
    from photonic.stability import steady_states as states

    found = named.biased(named.device(device, kind), detuning_text=detuning, cw=cw)
    level = units.parse(power, "power", "power")
    listed = states(found, level)
    words = named.detuning_words(float(found.detuning), found.ring)
    values = {
        "schema": 1, "device": device, "regime": found.regime, "detuning": words, "power": level,
        "states": [vars(s) for s in listed],
    }  # fmt: skip
    lines = [f"{device} at {units.engineering(level, 'W')}, {words}, {found.regime}"]
    lines += [
        f"{'stable  ' if s.stable else 'unstable'}  U {units.engineering(s.energy, 'J'):>10}  "
        f"N {s.carriers:10.4g} 1/m³  ΔT {s.temperature:8.4g} K  out {units.engineering(s.through, 'W')}"
        for s in listed
    ]
    show(json, values, "\n".join(lines))


def folds(
    device: DeviceName = RING,
    kind: Kind = "ring-through",
    detuning: Detuning = None,
    cw: Cw = True,
    out: Out = None,
    power_max: Annotated[str | None, typer.Option("--power-max", help="Upper end of the figure.")] = None,
    json: Json = False,
) -> None:
    """Powers at which branches end (folds) and self-pulsation sets in (Hopf points)."""
    from photonic import named, units
    from photonic.errors import ParameterError
    from photonic.stability import folds as ends
    from photonic.stability import hopf_points

    found = named.biased(named.device(device, kind), detuning_text=detuning, cw=cw)
    turns, hopf = ends(found), hopf_points(found)
    words = named.detuning_words(float(found.detuning), found.ring)
    if out is not None:
        from photonic import plot

        if power_max is None:
            raise ParameterError("power_max is needed for the figure: --power-max 1mW")
        plot.save(plot.branches(found, units.parse(power_max, "power", "power_max")), out)
    values = {
        "schema": 1, "device": device, "regime": found.regime, "detuning": words,
        "folds": [p.as_dict() for p in turns], "hopf_points": [p.as_dict() for p in hopf],
    }  # fmt: skip
    lines = [f"{device}, {words}, {found.regime}"]
    lines += [f"fold        {units.engineering(p.power, 'W', 6)}" for p in turns] or ["no folds"]
    lines += [
        f"Hopf point  {units.engineering(p.power, 'W', 6)}, {units.engineering(p.frequency, 'Hz')}"
        for p in hopf
    ] or ["no Hopf points"]
    show(json, values, "\n".join(lines))


def cite(device: DeviceName = DEVICE, json: Json = False) -> None:
    """Published sources and assumptions behind a device."""
    from photonic import named
    from photonic.provenance import references

    text = references(named.device(device))
    show(json, {"schema": 1, "device": device, "references": text}, text)


def presets(json: Json = False) -> None:
    """Names of the presets, the published rings and the shapes that can be programmed."""
    from photonic import named
    from photonic import presets as known
    from photonic.targets import TARGETS

    names = {"presets": list(known.PRESETS), "rings": list(named.ring_names()), "targets": list(TARGETS)}
    text = "\n".join(f"{kind:<8} {', '.join(found)}" for kind, found in names.items())
    show(json, {"schema": 1, **names}, text)


def version(json: Json = False) -> None:
    """Version of this package."""
    import photonic

    show(json, {"schema": 1, "version": photonic.__version__}, f"photonic-neuron {photonic.__version__}")


def register(app: typer.Typer) -> None:
    """Add every command of this module to ``app``."""
    for name, function in (
        ("curve", curve), ("program", program), ("reach", reach), ("steady-states", steady_states),
        ("folds", folds), ("index", index), ("cite", cite), ("presets", presets), ("version", version),
    ):  # fmt: skip
        command(app, name, function)
    cli_lab.register(app)
    cli_plan.register(app)
    cli_rate.register(app)
    cli_time.register(app)


def commands() -> typer.Typer:
    """Every command of ``photonic``."""
    app = application("Silicon photonic neurons: from carriers to transfer curves and heater settings.")
    register(app)
    return app


def main() -> None:
    """Entry point of ``photonic``."""
    commands()(prog_name="photonic")
