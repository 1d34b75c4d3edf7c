"""The report of the demonstration: shapes, regimes, cards, training, accuracy, heaters, sources."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nets.report import PUBLISHED, Page, accuracy_section, cards_section, training_section
from nets.summary import accuracy_words, difference_words
from photonic.units import engineering

if TYPE_CHECKING:
    from nets.demo import Demonstration, Shape

__all__ = ["demonstration_report"]


def demonstration_report(demo: Demonstration, folder: Path) -> Path:
    """Write ``report.html`` and its figures; returns the report's path."""
    page = Page(folder)
    _summary(page, demo)
    _shapes(page, demo)
    _regime(page, demo)
    cards_section(page, demo.comparison)
    training_section(page, demo.comparison)
    accuracy_section(page, demo.comparison, PUBLISHED if demo.comparison.task == "mnist" else ())
    _heaters(page, demo)
    _sources(page, demo)
    _method(page, demo)
    words = {2: "two", 3: "three", 4: "four", 5: "five"}
    count = words.get(len(demo.shapes), str(len(demo.shapes)))
    return page.write(
        title=f"One silicon neuron, {count} activations",
        lead="A microring in one arm of a Mach–Zehnder interferometer is biased into published activation "
        "shapes; each then serves as the nonlinearity of a network that learns to read digits.",
        badge=demo.comparison.note,
    )


# --- at a glance ---------------------------------------------------------------------------------


def _summary(page: Page, demo: Demonstration) -> None:
    from nets.plot import colour_of

    comparison = demo.comparison
    shapes = {s.activation.name: s for s in demo.shapes}
    rows = []
    for k, outcome in enumerate(comparison.outcomes):
        shape = shapes.get(outcome.name)
        solved, of = demo.exclusive_or[outcome.name]
        baseline = outcome.name == comparison.baseline
        rows.append(
            {
                "name": outcome.name,
                "light": shape is not None,
                "colour": colour_of(outcome.name, k)[0],
                "r_squared": f"{shape.programmed.r_squared:.5f}" if shape else "–",
                "error": f"{100 * _largest(shape):.2g} %" if shape else "–",
                "line": f"{shape.programmed.line_r_squared:.3f}" if shape else "–",
                "xor": f"{solved}/{of}",
                "accuracy": accuracy_words(outcome.accuracy),
                "difference": "baseline"
                if baseline
                else difference_words(comparison.difference(outcome.name)),
            }
        )
    page.add(
        "summary",
        "At a glance",
        "summary.html",
        findings=_findings(demo),
        rows=rows,
        task=_task_name(demo),
        seeds=len(comparison.settings.seeds),
    )


def _findings(demo: Demonstration) -> list[str]:
    comparison = demo.comparison
    outcomes = {o.name: o for o in comparison.outcomes}
    best = max((outcomes[s.activation.name] for s in demo.shapes), key=lambda o: o.accuracy.mean)
    scores = [s.programmed.r_squared for s in demo.shapes]
    text = f"Best optical activation on {_task_name(demo)}: {best.name}, {100 * best.accuracy.mean:.2f} %"
    for name, words in (("relu", "ReLU in the same network"), ("identity", "no activation")):
        if name in outcomes:
            text += f"; {words}: {100 * outcomes[name].accuracy.mean:.2f} %"
    return [
        f"{len(scores)} shapes from one device by biasing alone, R² {min(scores):.4f} to {max(scores):.5f}.",
        f"{text}.",
        _window_finding(demo.shapes),
    ]


def _window_finding(shapes: tuple[Shape, ...]) -> str:
    lacking = [f"{s.name} ({_least_error(s)})" for s in shapes if s.window is None]
    windows = [s.window for s in shapes if s.window is not None]
    text = ""
    if windows:
        low, high = max(w.shortest for w in windows), min(w.longest for w in windows)
        held = ", ".join(s.name for s in shapes if s.window is not None)
        text = f"{held}: no symbol time suits them all. "
        if low < high:
            span = f"{engineering(low, 's', 2)} to {engineering(high, 's', 2)}"
            share = f"{100 * shapes[0].tolerance:g} %"
            text = f"At symbols of {span} the static curve holds within {share} rms for {held}. "
    if lacking:
        text += f"It holds at no symbol rate for {', '.join(lacking)}: there the curve is an idealisation."
    return text.strip()


def _task_name(demo: Demonstration) -> str:
    name = demo.comparison.task
    return name.upper() if name == "mnist" else name


def _largest(shape: Shape) -> float:
    """Largest error as a share of the target's swing."""
    wanted = shape.programmed.wanted()
    return float(shape.programmed.largest_error / (wanted.max() - wanted.min()))


# --- physics ----------------------------------------------------------------------------------------


def _shapes(page: Page, demo: Demonstration) -> None:
    from nets.plot import colour_of
    from photonic import plot

    figures, rows = [], []
    for shape in demo.shapes:
        p, device = shape.programmed, shape.programmed.device
        drawn = plot.programmed(p, colour_of(shape.activation.name)[0])
        figures.append(
            {
                "svg": page.figure(drawn, f"shape-{shape.name}", f"Target and reached curve of {shape.name}"),
                "caption": f"R² {p.r_squared:.5f} (best line {p.line_r_squared:.3f}), largest error "
                f"{100 * _largest(shape):.2g} % of the swing; {p.regime}.",
            }
        )
        half = float(device.ring.linewidth) / 2
        rows.append(
            (
                shape.name,
                engineering(p.power_max, "W"),
                _signed(float(device.detuning) / half),
                f"{float(getattr(device, 'arm_phase', math.nan)) / math.pi:.4f}",
                f"{float(getattr(device, 'input_coupling', math.nan)):.3f}",
                f"{float(getattr(device, 'output_coupling', math.nan)):.3f}",
                getattr(device, "port", "–"),
                f"{p.gain:.3f}",
                _signed(p.offset),
            )
        )
    page.add("shapes", "Curves against their targets", "shapes.html", figures=figures, rows=rows)


def _signed(value: float) -> str:
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")


def _regime(page: Page, demo: Demonstration) -> None:
    from nets.plot import colour_of
    from photonic import plot

    figures, rows = [], []
    for shape in demo.shapes:
        p, window = shape.programmed, shape.window
        half = float(p.device.ring.linewidth) / 2
        span = (
            "none"
            if window is None
            else f"{_nanoseconds(window.shortest)} – {_nanoseconds(window.longest)} ns"
        )
        rows.append(
            (
                shape.name,
                span.replace(" ", "\u00a0"),
                _least_error(shape),
                f"{shape.kelvin:.2f}",
                f"{shape.heat_offset / half:.2f}",
                shape.settled_note,
            )
        )
        drawn = plot.regimes(p.curve, shape.settled, colour_of(shape.activation.name)[0], title=shape.name)
        figures.append(
            {
                "svg": page.figure(
                    drawn, f"regime-{shape.name}", f"{shape.name} with heat frozen and settled"
                ),
                "caption": f"The same heaters; with heat settled: {shape.settled_note}.",
            }
        )
    ring = demo.device.ring
    page.add(
        "regime",
        "Heat, regime and symbol window",
        "regime.html",
        carriers=engineering(ring.carrier_lifetime, "s"),
        photons=engineering(ring.photon_lifetime, "s", 2),
        heat=engineering(ring.thermal_lifetime, "s", 3),
        lacking=[s.name for s in demo.shapes if s.window is None],
        tolerance=f"{100 * demo.shapes[0].tolerance:g} %",
        rows=rows,
        figures=figures,
    )


def _least_error(shape: Shape) -> str:
    best = shape.best
    return "none" if best is None else f"{100 * best.smallest_error:.1f} % at {_nanoseconds(best.best)} ns"


def _nanoseconds(time: float) -> str:
    return f"{1e9 * time:.3g}"


def _heaters(page: Page, demo: Demonstration) -> None:
    from photonic.heaters import Heaters

    used = Heaters()
    rows = []
    for s in demo.shapes:
        h = s.heaters
        powers = (h.ring, h.arm, h.input_coupler, h.output_coupler, h.total)
        rows.append((s.name, *(f"{1e3 * power:.2f}" for power in powers)))
    page.add(
        "heaters",
        "Heater powers",
        "heaters.html",
        rows=rows,
        p_pi=engineering(used.p_pi, "W"),
        efficiency=f"{used.ring_efficiency * 1e6:.3g} nm/mW",
        assumptions=used.assumptions,
    )


# --- where the numbers come from --------------------------------------------------------------------


def _sources(page: Page, demo: Demonstration) -> None:
    from photonic.heaters import Heaters
    from photonic.provenance import references

    parts: dict[str, list[str]] = {}
    for block in references({"device": demo.device, "heaters": Heaters()}).split("\n\n"):
        heading, *lines = block.splitlines()
        parts[heading] = [line.strip().removeprefix("- ").removeprefix("device.") for line in lines]
    page.add(
        "sources",
        "Sources and assumptions",
        "sources.html",
        papers=[_paper(line) for line in parts.get("References", [])],
        assumptions=parts.get("Assumptions", []),
        values="\n".join(parts.get("Values", [])),
    )


def _paper(line: str) -> dict[str, str]:
    """A line of `references` in pieces: number, text and DOI."""
    number, _, text = line.strip().partition(" ")
    text, _, doi = text.partition(", doi:")
    return {"number": number, "text": text, "doi": doi}


def _method(page: Page, demo: Demonstration) -> None:
    s = demo.comparison.settings
    values: dict[str, Any] = {
        "source": demo.comparison.source,
        "hidden": "–".join(map(str, s.hidden)),
        "settings": s,
        "bias": demo.shapes[0].activation.bias,
        "scale": demo.shapes[0].activation.scale,
        "xor_hidden": demo.exclusive_or_hidden,
        "xor_epochs": demo.exclusive_or_epochs,
    }
    page.add("method", "How this was made", "method.html", **values)
