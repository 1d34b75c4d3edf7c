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
    _heaters(page, demo)
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
                "r_squared": f"{shape.programmed.r_squared:.5f}" if shape else "–",
                "error": f"{100 * _largest(shape):.2g} %" if shape else "–",
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
                f"{100 * _largest(shape):.2g} % of the swing. {p.regime.capitalize()}.",
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
                "–" if window is None else f"{100 * window.smallest_error:.1f} %",
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
        "curves are frozen heat; the dashed ones are the same heaters with each power held for good.",
        "A symbol that is too short leaves no time for the carriers (lifetime "
        f"{engineering(ring.carrier_lifetime, 's')}) and the light in the ring "
        f"({engineering(ring.photon_lifetime, 's', 2)}); one that is too long lets the heat follow it (lifetime "
        f"{engineering(ring.thermal_lifetime, 's', 3)}). In between lies the symbol window: under random symbols "
        "the output then stays within 5 % rms of its range from the curve.",
        "The mean heat moves the resonance red by the shift in the table; the ring heater supplies that much less.",
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
            "shape", "regime of the curve", "symbol window", "smallest rms error", "mean heating [K]",
            "its shift [half-linewidths]", "with heat settled (cw)",
        ),
        rows=rows,
        numeric=(3, 4, 5),
        figures=figures,
    )  # fmt: skip


def _heaters(page: Page, demo: Demonstration) -> None:
    from photonic.heaters import Heaters

    def milliwatts(power: float) -> str:
        return f"{1e3 * power:.2f}"

    used = Heaters()
    page.add(
        "heaters",
        "Heater powers",
        "heaters.html",
        intro="Electrical power of each heater for the biases above, the mean optical heat taken into account.",
        headings=(
            "shape", "ring [mW]", "arm [mW]", "input coupler [mW]", "output coupler [mW]", "total [mW]",
        ),
        rows=[
            (s.name, *map(milliwatts, (s.heaters.ring, s.heaters.arm, s.heaters.input_coupler,
                                       s.heaters.output_coupler, s.heaters.total)))
            for s in demo.shapes
        ],
        note=f"Assumed: {engineering(used.p_pi, 'W')} for a phase of π, ring heater "
        f"{used.ring_efficiency * 1e6:.3g} nm/mW, no crosstalk; {'; '.join(used.assumptions)}. "
        "Tunable Mach–Zehnder couplers set both couplings.",
    )  # fmt: skip


def _sources(page: Page, demo: Demonstration) -> None:
    from photonic.heaters import Heaters
    from photonic.provenance import references

    parts: dict[str, list[str]] = {}
    for block in references([demo.device, Heaters()]).split("\n\n"):
        heading, *lines = block.splitlines()
        parts[heading] = lines
    page.add(
        "sources",
        "Sources and assumptions",
        "sources.html",
        intro="Every physical number behind the device comes from a publication, follows from such numbers, or is "
        "an assumption that says so.",
        assumptions=[line.strip().removeprefix("- ") for line in parts.get("Assumptions", [])],
        papers=[_paper(line) for line in parts.get("References", [])],
        values="\n".join(line.removeprefix("  ") for line in parts.get("Values", [])),
    )


def _paper(line: str) -> dict[str, str]:
    """A line of `references` in pieces: number, text and DOI."""
    number, _, text = line.strip().partition(" ")
    text, _, doi = text.partition(", doi:")
    return {"number": number, "text": text, "doi": doi}


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
