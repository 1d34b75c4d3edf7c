"""Reports: one HTML file each, with its figures inside and nothing fetched from elsewhere."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nets import folders
from nets.summary import capitalised, conditions, counted, headings, notes, rows
from photonic.errors import DataError
from photonic.units import engineering

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure

    from nets.outcomes import Comparison

__all__ = ["PUBLISHED", "Page", "Section", "accuracy_section", "comparison_report", "training_section"]

# Test accuracies as printed in the papers: on other networks, other training, other input sizes.
PUBLISHED = (
    (
        "Jha, Huang, Prucnal, Opt. Lett. 45, 4819 (2020)",
        "10.1364/OL.398234",
        "cavity-loaded MZI, free-carrier dispersion, measured curves",
        "94",
    ),
    (
        "Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26 (2020)",
        "10.48550/arXiv.1903.04579",
        "electro-optic activation, 16 Fourier inputs, two unitary layers",
        "94",
    ),
    (
        "Wu et al., Opt. Mater. Express 12, 970 (2022)",
        "",
        "Ge/Si ring, thermo-optic, three hidden layers",
        "94.8",
    ),
    ("Yu et al., IEEE Photonics J. 14 (2022)", "", "add-drop silicon ring, convolutional network", "98"),
    ("Pan et al., IEEE Photonics Technol. Lett. 37 (2025)", "", "add-drop ring in an MZI", "97.5"),
    ("Ashtiani, Idjadi (2023)", "", "micro-disk activation", "above 97"),
    ("linear networks quoted in these papers", "", "no activation", "91.6 – 92.4"),
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a page; ``body`` is markup made by a template."""

    id: str
    title: str
    body: Any


class Page:
    """A report under way: renders templates, keeps figures as files, writes the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections: list[Section] = []
        self._environment: Environment | None = None
        try:
            (folder / "figures").mkdir(exist_ok=True)
        except OSError as reason:
            raise DataError(
                f"{folder / 'figures'}: cannot be written ({reason.strerror or reason})"
            ) from None

    def render(self, template: str, **values: Any) -> Any:
        """Markup of a template of this package."""
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup

        if self._environment is None:
            self._environment = Environment(
                loader=PackageLoader("nets"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
            )
        return Markup(self._environment.get_template(template).render(**values))

    def figure(self, drawn: Figure, name: str, label: str) -> Any:
        """Keep a figure as SVG and PNG; returns its markup, ``label`` being read to who cannot see it."""
        from markupsafe import Markup, escape

        from photonic import plot

        text = plot.svg(drawn)
        drawn.set_layout_engine("none")  # laid out by now; once is enough
        folders.write_text(self.folder / "figures" / f"{name}.svg", text)
        plot.save(drawn, self.folder / "figures" / f"{name}.png")
        return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))

    def add(self, id: str, title: str, template: str, **values: Any) -> None:
        """Append a section."""
        self.sections.append(Section(id=id, title=title, body=self.render(template, **values)))

    def write(self, *, title: str, lead: str, badge: str = "") -> Path:
        """Write ``report.html`` and return its path."""
        import photonic

        text = self.render(
            "page.html",
            title=title,
            lead=lead,
            badge=badge,
            sections=self.sections,
            footer=f"Made by photonic-neuron {photonic.__version__}. Numbers behind this page: results.json; "
            "figures: folder figures.",
        )
        path = self.folder / "report.html"
        folders.write_text(path, text + "\n")
        return path


def band_words(comparison: Comparison) -> str:
    """What is drawn around a mean, in words."""
    n = len(comparison.settings.seeds)
    return "one seed, so there is no interval" if n == 1 else f"95 % Student t interval over {n} seeds"


def training_section(page: Page, comparison: Comparison) -> None:
    """Loss and accuracy by epoch."""
    from nets import plot

    s = comparison.settings
    rates = ", ".join(f"{r:g}" for r in s.learning_rates)
    n, epochs = len(s.seeds), counted(s.choice_epochs, "epoch")
    choice = f"The learning rate of each was chosen from {rates}, in one run of {epochs}, "
    if len(s.learning_rates) == 1:
        choice = f"The learning rate is {rates} for all of them."
    elif s.held_out:
        choice += f"on {s.held_out:,} training examples held out of it; the test set took no part."
    else:
        choice += "on the training examples themselves, which are too few to spare any."
    mean, spread = ("Markers", "bars") if s.epochs == 1 else ("Lines", "bands")
    page.add(
        "training",
        "Training curves",
        "training.html",
        choice=choice,
        svg=page.figure(plot.training(comparison), "training", "Training loss and test accuracy by epoch"),
        caption=f"{mean}: mean over {counted(n, 'seed')}; {spread}: from the lowest to the highest seed. "
        "Accuracy is on the whole test set after each epoch; nothing was stopped early.",
    )


def accuracy_section(page: Page, comparison: Comparison, published: Sequence[tuple[str, ...]] = ()) -> None:
    """Accuracies, paired differences, and published numbers beside them."""
    from nets import plot

    page.add(
        "accuracy",
        "Accuracy",
        "accuracy.html",
        svg=page.figure(plot.accuracies(comparison), "accuracies", "Test accuracy of each activation"),
        caption=f"Dot and bar: mean and {band_words(comparison)}; ticks: single seeds. Right: difference to "
        "ReLU seed by seed, same batches, and same weights where the network is the same; a bar that misses "
        "the line at 0 is a difference that the seeds do not explain. Photonic curves are static: no noise, "
        "no drift, no fabrication spread.",
        headings=headings(comparison),
        rows=rows(comparison),
        conditions=f"{conditions(comparison)}. Dead: hidden neurons without any slope on 512 training "
        "examples; saturated: pre-activations beyond the power range of an optical curve; after training. "
        "Below the range the neuron is dark, as a ReLU is."
        + "".join(f" {capitalised(note)}." for note in notes(comparison))
        + (f" {capitalised(comparison.note)}." if comparison.note else ""),
        published=published,
    )


def cards_section(page: Page, comparison: Comparison) -> None:
    """Value, slope and properties of every activation."""
    from nets import plot
    from nets.property_card import properties

    figures, cards, headings = [], [], ["property"]
    for outcome, mark in zip(comparison.outcomes, plot.marks(comparison.outcomes), strict=True):
        own = outcome.as_large_as or outcome.hidden != comparison.settings.hidden
        if outcome.activation is None or own:
            continue  # a whole network, or an activation that stands here already
        headings.append(outcome.name)
        drawn = plot.activation_card(outcome.activation, colour=mark.colour)
        name = "card-" + _slug(outcome.name)
        figures.append(
            {
                "name": outcome.name,
                "colour": mark.colour,
                "svg": page.figure(drawn, name, f"Value and slope of {outcome.name}"),
                "caption": _encoding(outcome.activation),
            }
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cards.append(properties(outcome.activation).rows())
    if not cards:
        return
    names = [row[0] for row in cards[0]]
    page.add(
        "cards",
        "What the network sees",
        "cards.html",
        intro="Value and slope of each activation as the network meets it, over the pre-activation in "
        "standard deviations; the grey hill is a standard normal distribution.",
        figures=figures,
        headings=headings,
        rows=[(name, *(_tidy(card[k][1]) for card in cards)) for k, name in enumerate(names)],
        note="Shares are of a standard normal pre-activation. Vanishing: slope below 1 % of the largest.",
    )


def light_section(page: Page, comparison: Comparison) -> None:
    """Power budget of every network of light, after training; nothing where there is none."""
    from nets import plot_optics
    from nets.optical.budget import PowerBudget, StagePower

    known = {f.name for f in fields(StagePower)}
    figures = []
    for outcome in comparison.outcomes:
        told = outcome.findings.get("budget")
        if not told:
            continue
        stages = tuple(StagePower(**{k: v for k, v in s.items() if k in known}) for s in told["stages"])
        drawn = plot_optics.plot_budget(PowerBudget(stages, told["rows"]), title=outcome.name)
        name = "budget-" + _slug(outcome.name)
        svg = page.figure(drawn, name, f"Power behind every stage of {outcome.name}")
        words = (capitalised(outcome.encoding), *outcome.warnings)
        figures.append({"svg": svg, "caption": " ".join(f"{each}." for each in words)})
    if figures:
        page.add("light", "Where the watts go", "light.html", figures=figures)


def shapes_section(page: Page, comparison: Comparison) -> None:
    """Shapes that neurons gave themselves in training; nothing where none did."""
    from nets import plot

    figures = []
    for outcome in comparison.outcomes:
        for layer in outcome.findings.get("shapes", ()):
            svg = page.figure(
                plot.shapes(layer),
                f"shapes-{_slug(outcome.name)}-{layer['layer']}",
                f"Learned shapes of {outcome.name}",
            )
            before, after = (np.mean(layer[k]) for k in ("heater_power_start", "heater_power"))
            caption = (
                f"{outcome.name}, first seed. Heaters: {engineering(after, 'W', 3)} a neuron, "
                f"{engineering(before, 'W', 3)} at the start."
            )
            figures.append({"svg": svg, "caption": caption})
    if figures:
        page.add("shapes", "Shapes that were learned", "learned.html", figures=figures)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _encoding(found: Any) -> str:
    """How numbers become light and back, for a caption."""
    if not hasattr(found, "encoding"):
        return f"{found!r}."
    if not hasattr(found, "full_scale"):
        return f"{capitalised(found.encoding)}. Shown at its starting values."
    full, unit = (engineering(found.full_scale / k, "W") for k in (1.0, found.gain))
    return (
        f"Input power: ({found.bias:g} + {found.scale:g} z) of {full}, held at the ends of the range; "
        f"output: P_out / {unit}. {found.curve.regime.capitalize()}."
    )


def _tidy(text: str) -> str:
    """Numbers of a property card as one reads them: no 1e-55, a true minus, the sign of infinity."""

    def shown(match: re.Match[str]) -> str:
        value = float(match[0])
        return "0" if abs(value) < 1e-5 else f"{value:.3g}"

    text = re.sub(r"[-+]?\d+\.?\d*(e[-+]?\d+)?(?!%)", shown, text) if "[" in text or "±" in text else text
    return re.sub(r"-(?=[\d∞])", "−", text.replace("inf", "∞").replace("%", " %"))


def _entrants(comparison: Comparison) -> str:
    dense = sum(o.activation is not None and not o.as_large_as for o in comparison.outcomes)
    whole = sum(o.activation is None for o in comparison.outcomes)
    added = len(comparison.outcomes) - dense - whole
    words = [f"{counted(dense, 'activation')} in the same network, from the same weights"] if dense else []
    if whole:
        words.append(f"{counted(whole, 'whole network')} of light")
    if added:
        words.append(f"{counted(added, 'digital network')} as large as others")
    return " and ".join(words) + ","


def comparison_report(comparison: Comparison, folder: Path) -> Path:
    """``report.html`` and figures of a comparison, in a folder that is already ours."""
    page = Page(folder)
    accuracy_section(page, comparison, PUBLISHED if comparison.task == "mnist" else ())
    training_section(page, comparison)
    shapes_section(page, comparison)
    light_section(page, comparison)
    cards_section(page, comparison)
    best = max(comparison.outcomes, key=lambda o: o.accuracy.mean)
    return page.write(
        title=f"Activations compared on {comparison.task}",
        lead=f"{_entrants(comparison)} on the same batches. "
        f"Highest mean accuracy: {best.name} with {100 * best.accuracy.mean:.2f} %.",
        badge=comparison.note,
    )
