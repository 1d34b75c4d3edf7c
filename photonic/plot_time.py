"""Figures of what happens in time: traces, phase portraits, spectra, frequency responses, loops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ParameterError, unknown_name
from photonic.piecewise import QUANTITIES
from photonic.plot import COLOURS, CYCLE, new_figure, power_unit, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.modulation import FrequencyResponse
    from photonic.pulsation import SelfPulsation
    from photonic.ramps import Hysteresis
    from photonic.stability import SteadyState
    from photonic.trace import Trace

__all__ = ["bode", "loop", "phase_portrait", "scale", "spectrum", "traces"]

_WORDS = {
    "power_in": "input power",
    "energy": "stored energy",
    "carriers": "carriers",
    "temperature": "temperature rise",
    "power_through": "first port",
    "power_drop": "second port",
    "power_out": "output power",
}
_INSIDE = 4  # points of a line in each step of the integrator
_MOST = 20_001  # points of a line: thin spikes do not fall between them
_TIMES = (("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9), ("ps", 1e12))
_FREQUENCIES = (("THz", 1e-12), ("GHz", 1e-9), ("MHz", 1e-6), ("kHz", 1e-3), ("Hz", 1.0))


def scale(quantity: str, largest: float) -> tuple[float, str]:
    """Factor from SI, and unit, in which a quantity as large as ``largest`` reads best.

    Examples
    --------
    >>> scale("carriers", 5e22)
    (1e-22, '10²² 1/m³')
    """
    if quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES)
    if QUANTITIES[quantity] == "W":
        return power_unit(largest)
    if quantity == "energy":
        return (1e15, "fJ") if largest >= 0.1e-15 else (1e18, "aJ")
    if quantity == "carriers":
        power = math.floor(math.log10(largest)) if largest > 0 else 22
        return 10.0**-power, f"10{str(power).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))} 1/m³"
    return (1.0, "K") if largest >= 0.1 else (1e3, "mK")


def _fine(trace: Trace) -> Trace:
    """The same simulation at all times that matter for a line, if its steps were kept."""
    if trace.dense is None or trace.source is None:
        return trace
    starts, lengths = trace.dense.spans.T
    inside = (starts[:, None] + lengths[:, None] * np.arange(_INSIDE) / _INSIDE).ravel()
    if inside.size > _MOST:
        inside = np.linspace(trace.times[0], trace.times[-1], _MOST)
    inside = inside[(inside >= trace.times[0]) & (inside <= trace.times[-1])]
    return trace.at(np.unique(np.concatenate([trace.times, inside])))


@styled
def traces(
    trace: Trace, title: str = "", marks: Sequence[float] = (), size: tuple[float, float] | None = None
) -> Figure:
    """Light in and out, carriers and (where it moves) temperature over one axis of time.

    ``marks`` are times [s], of events say, shown as thin lines through all panels. One ring, no batch. With
    dense output the lines are those of the integrator, however few samples there are.
    """
    if trace.field.ndim != 1:
        raise ParameterError(f"trace must be of one ring, got a batch of shape {trace.field.shape[:-1]}")
    trace = _fine(trace)
    panels = ["power", "carriers"] + (["temperature"] if np.any(trace.temperature != 0) else [])
    figure = new_figure(*(size or (5.8, 1.1 + 1.35 * len(panels))))
    axes = figure.subplots(len(panels), 1, sharex=True)
    k, unit = _unit(float(np.ptp(trace.times)), _TIMES)
    time = k * trace.times
    largest = max(float(np.max(trace.power_in)), float(np.max(trace.power_out)))
    kp, up = power_unit(largest)
    axes[0].plot(time, kp * trace.power_in, color=COLOURS["grey"], lw=1.1, label="in")
    axes[0].plot(time, kp * trace.power_out, color=COLOURS["blue"], lw=1.3, label="out")
    axes[0].set_ylabel(f"power [{up}]")
    axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2, handlelength=1.6)
    for panel, quantity, colour in zip(
        axes[1:], panels[1:], (COLOURS["green"], COLOURS["vermilion"]), strict=False
    ):
        values = getattr(trace, quantity)
        factor, name = scale(quantity, float(np.max(np.abs(values))))
        panel.plot(time, factor * values, color=colour, lw=1.3)
        panel.set_ylabel(f"{_WORDS[quantity]}\n[{name}]")
    for panel in axes:
        for mark in marks:
            panel.axvline(k * mark, color=COLOURS["pale"], lw=0.8, zorder=0.5)
        panel.margins(x=0)
    axes[-1].set_xlabel(f"time [{unit}]")
    figure.align_ylabels()
    axes[0].set_title(title, loc="right" if title else "left")
    return figure


@styled
def phase_portrait(
    given: Trace | Mapping[str, Trace], x: str = "temperature", y: str = "carriers",
    states: Sequence[SteadyState] = (), title: str = "", size: tuple[float, float] = (4.4, 3.6),
) -> Figure:  # fmt: skip
    """One quantity of a trace against another, with steady states: filled where they are stable.

    Smooth where the trace has dense output; of one ring each, no batch.
    """
    named: Mapping[str, Trace] = given if isinstance(given, Mapping) else {"": given}
    if not named:
        raise ParameterError("phase_portrait needs at least one trace")
    for trace in named.values():
        if trace.field.ndim != 1:
            raise ParameterError(f"trace must be of one ring, got a batch of shape {trace.field.shape[:-1]}")
    listed = {name: _fine(trace) for name, trace in named.items()}
    figure = new_figure(*size)
    axes = figure.add_subplot()
    factors = {}
    for axis, quantity in (("x", x), ("y", y)):
        largest = max(float(np.max(np.abs(getattr(t, _known(quantity))))) for t in listed.values())
        factors[axis], unit = scale(quantity, largest)
        getattr(axes, f"set_{axis}label")(f"{_WORDS[quantity]} [{unit}]")
    for colour, (name, trace) in zip(CYCLE, listed.items(), strict=False):
        axes.plot(
            factors["x"] * getattr(trace, x), factors["y"] * getattr(trace, y), color=colour, lw=1.4,
            label=name or None,
        )  # fmt: skip
    seen = set()
    for state in states:
        at = [factors[a] * _of_state(state, q) for a, q in (("x", x), ("y", y))]
        label = "stable state" if state.stable else "unstable state"
        axes.plot(
            *at, "o", color=COLOURS["ink"], mfc=COLOURS["ink"] if state.stable else "white", ms=5.5, mew=1.3,
            label=None if label in seen else label, ls="none", zorder=5,
        )  # fmt: skip
        seen.add(label)
    if seen or len(listed) > 1:
        axes.legend(loc="best")
    axes.set_title(title)
    return figure


@styled
def spectrum(
    found: SelfPulsation, harmonics: int = 25, title: str = "", size: tuple[float, float] = (4.8, 3.0)
) -> Figure:
    """Harmonics of the output power of a self-pulsation, with the mean power as the reference line."""
    figure = new_figure(*size)
    axes = figure.add_subplot()
    count = min(harmonics + 1, found.harmonics.size)
    parts, frequencies = found.harmonics[:count], found.frequencies[:count]
    k, unit = power_unit(float(parts.max()))
    kf, fu = _unit(float(frequencies[-1]), _FREQUENCIES)
    floor = k * max(float(parts[1:].min()), 1e-5 * float(parts.max())) / 2
    axes.vlines(kf * frequencies[1:], floor, k * parts[1:], color=COLOURS["blue"], lw=1.6)
    axes.plot(kf * frequencies[1:], k * parts[1:], "o", color=COLOURS["blue"], ms=3.5, label="harmonics")
    axes.axhline(k * parts[0], color=COLOURS["grey"], lw=1.0, ls=(0, (4, 2)), label="mean")
    axes.set_yscale("log")
    axes.set_ylim(bottom=floor)
    axes.set_xlim(0, kf * frequencies[-1] * 1.02)
    axes.set_xlabel(f"frequency [{fu}]")
    axes.set_ylabel(f"amplitude of the output power [{unit}]")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
    axes.set_title(title)
    return figure


@styled
def bode(
    found: FrequencyResponse, quantities: Sequence[str] = ("power_out", "carriers", "temperature"),
    title: str = "", size: tuple[float, float] = (5.0, 4.0),
) -> Figure:  # fmt: skip
    """Gain relative to 0 Hz [dB, of the detected signal: 20 lg] and phase of frequency responses.

    Quantities that do not respond are left out; dotted lines are at the −3 dB bandwidths.
    """
    figure = new_figure(*size)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.3, 1))
    inside = found.frequencies > 0
    order = np.argsort(found.frequencies[inside])
    frequencies = found.frequencies[inside][order]
    if frequencies.size < 2:
        raise ParameterError(f"frequencies must hold two or more above 0 Hz, got {frequencies.size}")
    k, unit = _unit(math.sqrt(frequencies[0] * frequencies[-1]), _FREQUENCIES)
    drawn = 0
    for colour, quantity in zip(CYCLE, quantities, strict=False):
        values = getattr(found, _known(quantity))[inside][order]
        rest = found.static(quantity)
        if rest == 0.0 or not np.any(values != 0):
            continue
        drawn += 1
        upper.semilogx(
            k * frequencies, 20 * np.log10(np.abs(values / rest)), color=colour, label=_WORDS[quantity]
        )
        lower.semilogx(k * frequencies, np.degrees(np.unwrap(np.angle(values / rest))), color=colour)
        band = found.bandwidth(quantity)
        if frequencies[0] < band < frequencies[-1]:
            for axes in (upper, lower):
                axes.axvline(k * band, color=colour, lw=0.9, ls=(0, (1, 1.4)))
    upper.axhline(-10 * math.log10(2), color=COLOURS["pale"], lw=0.8)
    upper.set_ylabel("gain [dB re 0 Hz]")
    lower.set_ylabel("phase [°]")
    lower.set_xlabel(f"modulation frequency [{unit}]")
    low = upper.get_ylim()[0]
    upper.set_ylim(bottom=max(low, -60.0))
    if drawn:
        upper.legend(loc="lower left")
    upper.set_title(title or f"response to small modulation: {found.input}")
    figure.align_ylabels()
    return figure


@styled
def loop(
    found: Hysteresis, quantity: str = "power_out", title: str = "", size: tuple[float, float] = (5.2, 3.4)
) -> Figure:
    """A loop under a triangle of power over the steady states (stable solid, unstable dashed)."""
    figure = new_figure(*size)
    axes = figure.add_subplot()
    source = found.trace.source.device
    kx, ux = power_unit(found.power_max)
    ky, uy = scale(_known(quantity), float(np.max(getattr(found.trace, quantity))))
    _static(axes, source, quantity, found.power_max, kx, ky)
    for direction, colour in (("up", COLOURS["blue"]), ("down", COLOURS["vermilion"])):
        x, y = found.branch(quantity, direction)
        axes.plot(kx * x, ky * y, color=colour, lw=1.3, label=f"power {direction}")
    for point in found.folds:
        axes.axvline(kx * point.power, color=COLOURS["pale"], lw=0.8, ls=":")
    axes.set_xlabel(f"input power [{ux}]")
    axes.set_ylabel(f"{_WORDS[quantity]} [{uy}]")
    axes.set_xlim(0, kx * found.power_max)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")
    axes.set_title(title)
    return figure


def _static(axes: Axes, device: Any, quantity: str, power_max: float, kx: float, ky: float) -> None:
    """Steady states of a quantity up to a power, behind what else is drawn."""
    from photonic.small_signal import is_stable
    from photonic.stability import steady_states

    cavity = device.cavity()
    share = float(device.ring_fraction)
    energy = np.linspace(0, 1, 2001) ** 2 * steady_states(device, power_max)[-1].energy
    power = cavity.input_power(energy) / share
    if quantity in ("energy", "carriers", "temperature"):
        value = energy if quantity == "energy" else getattr(cavity, quantity)(energy)
    elif quantity == "power_in":
        value = power
    else:
        half, offset = cavity.widths(energy)
        light = np.sqrt(np.maximum(power, 0.0)) * np.exp(-1j * np.arctan2(offset, half))
        ports = [np.abs(v) ** 2 for v in device.amplitudes(light, np.sqrt(energy))]
        first = quantity == "power_through" or (quantity == "power_out" and device.first_port)
        value = ports[0 if first else 1]
    keep, stable = power <= power_max * (1 + 1e-9), is_stable(cavity, energy)
    for flag, ls, label in ((True, "-", "stable states"), (False, (0, (2, 1.5)), "unstable states")):
        here = stable == flag
        here[1:] |= here[:-1].copy()  # so that the pieces meet
        if np.any(here & keep):
            shown = np.where(here & keep, value, np.nan)
            axes.plot(
                kx * power, ky * shown, color=COLOURS["pale"], ls=ls, lw=3.2 if flag else 1.4, label=label,
                zorder=1, solid_capstyle="butt",
            )  # fmt: skip


def _of_state(state: SteadyState, quantity: str) -> float:
    named = {"power_in": "power", "power_through": "through", "power_drop": "drop"}
    if quantity == "power_out":
        raise ParameterError("states have power_through and power_drop, got 'power_out' to show them in")
    return float(getattr(state, named.get(quantity, quantity)))


def _known(quantity: str) -> str:
    if quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES)
    return quantity


def _unit(largest: float, units: tuple[tuple[str, float], ...]) -> tuple[float, str]:
    """The first of the units in which ``largest`` is 0.5 or more."""
    for name, factor in units:
        if largest * factor >= 0.5:
            return factor, name
    name, factor = units[-1]
    return factor, name
