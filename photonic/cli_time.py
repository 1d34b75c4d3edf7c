"""Commands ``photonic simulate`` and ``photonic map``: a ring in time, and where it is stable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from photonic.console import command, progress_bar, show

__all__ = ["register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]
DeviceName = Annotated[
    str, typer.Option("--device", help="A ring (van-vaerenbergh-2012), a preset (sigmoid) or a TOML file.")
]
Kind = Annotated[
    str, typer.Option("--kind", help="What a bare ring is used in: cavity-mzi, ring-through or ring-drop.")
]
Cw = Annotated[
    bool | None,
    typer.Option("--cw/--frozen", help="Heat moves, or is frozen; as the device has it if left out."),
]
RING = "rib-ring"
_QUANTITIES = ("power_in", "energy", "carriers", "temperature", "power_through", "power_drop", "power_out")


def simulate(
    power: Annotated[
        str | None, typer.Option(help="Input power, with unit: '0.6mW'; with --bits that of a 0.")
    ] = None,
    duration: Annotated[str | None, typer.Option(help="How long, with unit: '1us'.")] = None,
    device: DeviceName = RING,
    kind: Kind = "ring-through",
    detuning: Annotated[
        str | None, typer.Option(help="Half-linewidths ('1.5', + blue), offset ('62 pm', + red) or '-2 GHz'.")
    ] = None,
    cw: Cw = None,
    pulse: Annotated[
        list[str] | None, typer.Option(help="'START, LENGTH, POWER' on top of --power; may be repeated.")
    ] = None,
    bits: Annotated[str | None, typer.Option(help="A row of 0 and 1, repeated over the duration.")] = None,
    bit_time: Annotated[str | None, typer.Option(help="Of one bit, with unit: '1ns'.")] = None,
    high: Annotated[str | None, typer.Option(help="Input power of a 1, with unit.")] = None,
    drive: Annotated[
        Path | None, typer.Option(help="CSV of input powers under 'time \\[ns],power \\[mW]'.")
    ] = None,
    temperature: Annotated[str | None, typer.Option(help="At the start, with unit: '0.7K'.")] = None,
    carriers: Annotated[str | None, typer.Option(help="At the start, with unit: '1e16 cm-3'.")] = None,
    rest: Annotated[
        bool, typer.Option("--rest", help="Start in the stable steady state of the first input power.")
    ] = False,
    points: Annotated[int, typer.Option(help="Samples that are shown and saved.")] = 2001,
    rtol: Annotated[float, typer.Option(help="Error aimed at, relative.")] = 1e-9,
    save: Annotated[Path | None, typer.Option(help="Table of all samples: .csv with units, or .npz.")] = None,
    out: Annotated[Path | None, typer.Option(help="Figure (.png, .svg, .pdf), or a table as --save.")] = None,
    json: Json = False,
) -> None:
    """Light, carriers and heat of a ring in time, with its spikes, jumps and period."""
    import numpy as np

    from photonic import named, units
    from photonic.dynamics import simulate as simulated
    from photonic.errors import ParameterError, check
    from photonic.modulation import rest_state
    from photonic.piecewise import signal
    from photonic.stability import steady_states

    check("points", points, at_least=2)
    found = named.biased(named.device(device, kind), detuning_text=detuning, cw=cw)
    light, end = _light(found, power, duration, pulse, bits, bit_time, high, drive)
    start: Any = {}
    if temperature is not None:
        start["temperature"] = units.parse(temperature, "temperature", "temperature")
    if carriers is not None:
        start["carriers"] = units.parse(carriers, "density", "carriers")
    if rest:
        if start:
            raise ParameterError("rest says where to start: leave out temperature and carriers")
        level = float(light(light.span[0] + 1e-18))
        start = rest_state(steady_states(found, level), level)
    tables = [path for path in (save, out) if path is not None and path.suffix.lower() in (".csv", ".npz")]
    if save is not None and save not in tables:
        raise ParameterError(f"save must end in .csv or .npz, got {save.name!r}")
    if out is not None and out not in tables:
        from photonic import plot, plot_time

        plot.check_path(out)
    times = np.linspace(0.0, end, points)
    with progress_bar(f"simulating {units.engineering(end, 's')}") as advance:
        trace = simulated(
            found,
            light,
            times,
            initial=start,
            rtol=rtol,
            dense=True,
            progress=lambda share: advance(share, ""),
        )
    for path in tables:
        trace.save(path)
    events = _events(trace)
    if out is not None and out not in tables:
        plot.save(plot_time.traces(trace, title=device), out)
    turning = {q: signal(trace, q).points()[2] for q in _QUANTITIES}
    extremes = {q: [max(float(v.min()), 0.0), float(v.max())] for q, v in turning.items()}
    words = named.detuning_words(float(found.detuning), found.ring)
    values = {
        "schema": 1, "device": device, "regime": found.regime, "detuning": words, "duration": end,
        "method": trace.method, "steps": trace.steps, "extremes": extremes,
        "final": {q: float(getattr(trace, q)[-1]) for q in _QUANTITIES}, **events,
    }  # fmt: skip
    show(json, values, lambda: _words(values))


def _light(
    found: Any, power: str | None, duration: str | None, pulse: list[str] | None, bits: str | None,
    bit_time: str | None, high: str | None, drive: Path | None,
) -> tuple[Any, float]:  # fmt: skip
    """The light that comes in, and how long [s]."""
    from photonic import units, waveforms
    from photonic.drive import Drive, warn_coarse
    from photonic.errors import ParameterError, check

    end = None if duration is None else units.parse(duration, "time", "duration")
    if end is not None:
        check("duration", end, unit="s", above=0.0)
    if drive is not None:
        if power is not None or pulse or bits is not None:
            raise ParameterError("drive holds all of the light: leave out power, pulse and bits")
        times, powers = waveforms.read_drive(drive)
        warn_coarse(times, powers, 2 / float(found.ring.linewidth))
        if end is not None and end > times[-1]:
            raise ParameterError(f"duration must be <= {times[-1]:g} s, where the drive ends, got {end:g}")
        return Drive.held(times, powers[:-1]), float(times[-1]) if end is None else end
    low = 0.0 if power is None and bits is not None else None
    if power is not None:
        low = units.parse(power, "power", "power")
    if low is None:
        raise ParameterError("power is needed, such as --power 0.6mW, or --drive FILE")
    if bits is not None:
        if pulse:
            raise ParameterError("pulse and bits exclude each other")
        if bit_time is None or high is None:
            raise ParameterError("bits need --bit-time and --high, such as --bit-time 1ns --high 1mW")
        each = units.parse(bit_time, "time", "bit_time")
        stream = waveforms.bit_stream(bits, each, low, units.parse(high, "power", "high"), end)
        return stream, stream.span[1] if end is None else end
    if end is None:
        raise ParameterError("duration is needed, such as --duration 1us")
    return waveforms.pulsed(low, pulse or [], end), end


def _events(trace: Any) -> dict[str, Any]:
    """Spikes of the carriers (of the energy without carriers), jumps, and the period if there is one."""
    import numpy as np

    from photonic.events import crossings, jumps, spikes

    quantity = "carriers" if float(np.max(trace.carriers)) > 0 else "energy"
    values = getattr(trace, quantity)
    span = float(np.ptp(values[values.size // 2 :]))
    period = None
    if span > 1e-3 * float(np.max(values)):
        late = values[values.size // 2 :]
        rises = crossings(trace, quantity, (float(late.max()) + float(late.min())) / 2, "rising")
        lengths = np.diff(rises[rises > trace.times[values.size // 2]])
        if lengths.size >= 2 and np.ptp(lengths) < 1e-3 * np.mean(lengths):
            period = float(np.mean(lengths))
    found = spikes(trace, quantity) if float(np.ptp(values)) > 0 else None
    listed = [] if found is None else [
        {"time": float(t), "height": float(h), "width": float(w)}
        for t, h, w in zip(found.times, found.heights, found.widths, strict=True)
    ]  # fmt: skip
    return {
        "period": period,
        "spikes": {"quantity": quantity, "count": len(listed), "first": listed[:100]},
        "jumps": [{**vars(jump), "up": jump.up} for jump in jumps(trace)],
    }


def _words(values: dict[str, Any]) -> str:
    from photonic import units

    low, high = values["extremes"]["power_out"]
    final, spiked = values["final"], values["spikes"]
    lines = [
        f"{values['device']}, {values['detuning']}, {values['regime']}",
        f"simulated         {units.engineering(values['duration'], 's')} in {values['steps']} steps",
        f"output            {units.engineering(low, 'W')} to {units.engineering(high, 'W')}, "
        f"at the end {units.engineering(final['power_out'], 'W')}",
        f"carriers          up to {values['extremes']['carriers'][1]:.4g} 1/m³",
        f"temperature rise  up to {values['extremes']['temperature'][1]:.4g} K",
        f"spikes            {spiked['count']} of the {spiked['quantity']}",
    ]
    if values["period"] is not None:
        lines.append(
            f"period            {units.engineering(values['period'], 's', 5)} "
            f"({units.engineering(1 / values['period'], 'Hz')})"
        )
    return "\n".join(lines)


def stability(
    powers: Annotated[str, typer.Option(help="Range of input powers, with units: '0.02mW to 1mW'.")],
    detunings: Annotated[
        str, typer.Option(help="Range: '-4 to 2' (half-linewidths), '0pm to 80pm' (red) or '-9GHz to 2GHz'.")
    ],
    device: DeviceName = RING,
    kind: Kind = "ring-through",
    cw: Annotated[
        bool, typer.Option("--cw/--frozen", help="Heat settled (cw), or frozen at its mean.")
    ] = True,
    points: Annotated[
        str, typer.Option(help="Detunings x powers: '121x121', or one number for both.")
    ] = "121",
    save: Annotated[Path | None, typer.Option(help="Write the map as JSON.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to save the figure: .png, .svg or .pdf.")] = None,
    json: Json = False,
) -> None:
    """Where in power and detuning a ring is stable, bistable or pulses by itself."""
    import numpy as np

    from photonic import named, units, waveforms
    from photonic.maps import stability_map

    found = named.biased(named.device(device, kind), cw=cw)
    low, high = waveforms.value_range("powers", powers, lambda text: units.parse(text, "power", "powers"))
    red, blue = waveforms.value_range("detunings", detunings, lambda text: named.detuning(text, found.ring))
    across, along = _grid(points)
    if out is not None:
        from photonic import plot, plot_dynamics

        plot.check_path(out)
    with progress_bar("stability") as advance:
        advance(0.1, "")
        drawn = stability_map(found, np.linspace(low, high, along), np.linspace(red, blue, across))
    if save is not None:
        drawn.save(save)
    if out is not None:
        plot.save(plot_dynamics.stability_map(drawn, title=device), out)
    shares = {
        "one stable state": (drawn.stable_states == 1) & ~drawn.may_pulse,
        "bistable": drawn.bistable & ~drawn.may_pulse,
        "stable or pulsing": drawn.may_pulse,
        "self-pulsing": drawn.self_pulsing,
    }
    ends = [named.detuning_words(value, found.ring) for value in (red, blue)]
    values = {
        **drawn.as_dict(),
        "device": device,
        "regime": found.regime,
        "detuning_range": ends,
        "shares": {name: float(np.mean(where)) for name, where in shares.items()},
    }
    lines = [
        f"{device}, {found.regime}, {across} detunings x {along} powers",
        f"powers            {units.engineering(low, 'W')} to {units.engineering(high, 'W')}",
        f"detunings         {ends[0]} to {ends[1]}",
        *(f"{name:<18}{100 * share:.1f} % of the map" for name, share in values["shares"].items()),
    ]
    show(json, values, "\n".join(lines))


def _grid(points: str) -> tuple[int, int]:
    """Numbers of detunings and powers from text."""
    from photonic.errors import ParameterError

    parts = points.lower().replace("×", "x").split("x")
    try:
        counts = [int(part) for part in parts]
    except ValueError:
        counts = []
    if len(counts) not in (1, 2) or any(not 2 <= count <= 2000 for count in counts):
        raise ParameterError(f"points must be 2 to 2000, as '121' or '121x61', got {points!r}")
    return counts[0], counts[-1]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    command(app, "simulate", simulate)
    command(app, "map", stability)
