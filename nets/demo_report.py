"""The report of the demonstration: shapes, regimes, cards, training, accuracy, sources."""

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
    _sources(page, demo)
    _method(page, demo)
    return page.write(
        title="One silicon neuron, four activations",
        lead="A microring in one arm of a Mach–Zehnder interferometer is biased into published activation "
        "shapes; each then serves as the nonlinearity of a network that learns to read digits.",
        badge=demo.comparison.note,
    )


def _summary(page: Page, demo: Demonstration) -> None:
    from nets.plot import colour_of

    comparison = demo.comparison
    shapes = {s.activation.name: s for s in demo.shapes}
    rows = []
    for k, outcome in enumerate(comparison.outcomes):
        shape = shapes.get(outcome.name)
        solved, of = demo.exclusive_or[outcome.name]
        rows.append(
            {
                "name": outcome.name,
                "light": shape is not None,
                "colour": colour_of(outcome.name, k)[0],
                "r_squared": f"{shape.programmed.r_squared:.4f}" if shape else "–",
                "error": f"{100 * _largest(shape):.1f} %" if shape else "–",
                "line": f"{shape.programmed.line_r_squared:.3f}" if shape else "–",
                "xor": f"{solved}/{of}",
                "accuracy": accuracy_words(outcome.accuracy),
                "difference": "baseline"
                if outcome.name == comparison.baseline
                else difference_words(comparison.difference(outcome.name)),
            }
        )
    page.add(
        "summary",
        "At a glance",
        "summary.html",
        findings=_findings(demo),
        rows=rows,
        task=comparison.task.upper(),
        note="R² and largest error: reached curve against target over the whole power range, the error as a "
        "share of the target's swing. R² of the best line: what a straight line would score, because R² alone "
        f"flatters. XOR: networks 2–4–1 that learn exclusive or. Accuracy: mean over "
        f"{len(comparison.settings.seeds)} seeds after the last epoch ± half of the 95 % interval; minus ReLU: "
        "paired by seed, with its 95 % interval.",
    )


def _findings(demo: Demonstration) -> list[str]:
    comparison = demo.comparison
    light = [o for o in comparison.outcomes if o.name in {s.activation.name for s in demo.shapes}]
    best = max(light, key=lambda o: o.accuracy.mean)
    scores = [s.programmed.r_squared for s in demo.shapes]
    found = [
        f"{len(light)} shapes from one device by biasing alone, R² {min(scores):.4f} to {max(scores):.5f}.",
    ]
    names = {o.name: o for o in comparison.outcomes}
    text = f"Best light: {best.name} with {100 * best.accuracy.mean:.2f} % on {comparison.task.upper()}"
    if "relu" in names:
        text += f"; ReLU in the same network: {100 * names['relu'].accuracy.mean:.2f} %"
    if "identity" in names:
        text += f"; no activation: {100 * names['identity'].accuracy.mean:.2f} %"
    found.append(text + ".")
    windows = [s for s in demo.shapes if s.window is None]
    if len(windows) == len(demo.shapes):
        found.append(
            "No symbol rate satisfies frozen heat in this device: its curves are an idealisation (see below)."
        )
    return found


def _largest(shape: Shape) -> float:
    wanted = shape.programmed.wanted()
    return float(shape.programmed.largest_error / (wanted.max() - wanted.min()))


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
                f"{100 * _largest(shape):.1f} % of the swing. {p.regime.capitalize()}.",
            }
        )
        half = float(device.ring.linewidth) / 2
        rows.append(
            (
                shape.name,
                engineering(p.power_max, "W"),
                f"{float(device.detuning) / half:+.3f}".replace("-", "−"),
                f"{float(getattr(device, 'arm_phase', math.nan)) / math.pi:.4f}",
                f"{float(getattr(device, 'input_coupling', math.nan)):.3f}",
                f"{float(getattr(device, 'output_coupling', math.nan)):.3f}",
                getattr(device, "port", "–"),
                f"{p.gain:.3f}",
                f"{p.offset:+.3f}".replace("-", "−"),
            )
        )
    page.add(
        "shapes",
        "Curves against their targets",
        "shapes.html",
        intro="Dashed: the wanted shape. Colour: what the device does, on the read-out scale gain · P_out/P_full + "
        "offset with the gain and offset of the table. Grey: the best straight line.",
        figures=figures,
        headings=(
            "shape", "full scale", "detuning [half-linewidths, + blue]", "arm phase [π]", "input coupling [1]",
            "output coupling [1]", "port", "gain [1]", "offset [1]",
        ),
        rows=rows,
        numeric=(1, 2, 3, 4, 5, 7, 8),
        note="Couplings are cross-coupled power; arm 1 holds the ring. Found by a seeded global search and bounded "
        "least squares; centre and width of a target move within stated boxes.",
    )  # fmt: skip


def _regime(page: Page, demo: Demonstration) -> None:
    from nets.plot import colour_of
    from photonic import plot

    figures, rows = [], []
    for shape in demo.shapes:
        p = shape.programmed
        half = float(p.device.ring.linewidth) / 2
        window = shape.window
        rows.append(
            (
                shape.name,
                p.regime,
                "none"
                if window is None
                else f"{engineering(window.shortest, 's', 2)} to {engineering(window.longest, 's', 2)}",
                f"{shape.kelvin:.3g}",
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
                "caption": f"Same heaters; cw: {shape.settled_note}.",
            }
        )
    ring = demo.device.ring
    intro = [
        "Two regimes bound what such a device does. Frozen heat: carriers have settled, the temperature stands at "
        "its mean over the symbols. Continuous wave (cw): the temperature follows the power, too. The programmed "
        "curves are frozen heat; the orange ones are the same heaters with the light left on.",
        f"The curve holds while a symbol is longer than carriers and photons need (lifetimes "
        f"{engineering(ring.carrier_lifetime, 's')} and {engineering(ring.photon_lifetime, 's')}) and heat does not "
        f"follow it (lifetime {engineering(ring.thermal_lifetime, 's')}). The symbol window is where both are true "
        "to 0.05 half-linewidths of drift.",
    ]
    if all(s.window is None for s in demo.shapes):
        intro.append(
            "For this ring no symbol time satisfies both: its heat follows too closely. The frozen-heat curves are "
            "an idealisation; a ring with a shorter carrier lifetime and a larger heat capacity has a window."
        )
    page.add(
        "regime",
        "Heat, regime and symbol window",
        "regime.html",
        intro=intro,
        headings=(
            "shape", "regime of the curve", "symbol window", "mean heating [K]",
            "its shift [half-linewidths]", "with heat settled (cw)",
        ),
        rows=rows,
        numeric=(3, 4),
        figures=figures,
    )  # fmt: skip


def _sources(page: Page, demo: Demonstration) -> None:
    from photonic.provenance import references

    page.add(
        "sources",
        "Sources and assumptions",
        "sources.html",
        intro="Every physical number behind the device, where it was published, and what is assumed.",
        references=references(demo.device),
    )


def _method(page: Page, demo: Demonstration) -> None:
    s = demo.comparison.settings
    sizes: tuple[Any, ...] = (*s.hidden,)
    page.add(
        "method",
        "How this was made",
        "method.html",
        paragraphs=[
            f"Data: {demo.comparison.source}. Network: inputs–{'–'.join(map(str, sizes))}–outputs, fully connected, "
            f"in float32, trained with Adam on the cross-entropy, batches of {s.batch_size}, {s.epochs} epochs.",
            "Encoding: a pre-activation of z becomes the input power (0.5 + 0.15 z) of full scale, held at the ends "
            "of the range with slope 0; the output is P_out over its largest value. Weights and sums are ideal.",
            "Not modelled here: noise, quantisation, fabrication spread, drift, crosstalk, losses between layers.",
        ],
        command="photonic-neuron demo --out photonic-neuron-demo",
    )
