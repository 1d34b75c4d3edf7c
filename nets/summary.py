"""The comparison in a few lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nets.outcomes import Comparison, Estimate

__all__ = ["HEADINGS", "accuracy_words", "conditions", "difference_words", "rows", "table"]

HEADINGS = (
    "activation",
    "accuracy [%]",
    "difference to ReLU [points]",
    "parameters",
    "learning rate",
    "dead",
    "saturated",
)


def accuracy_words(estimate: Estimate, digits: int = 2) -> str:
    """``94.31 ± 0.12`` in per cent, without an interval for one seed."""
    text = f"{100 * estimate.mean:.{digits}f}"
    if estimate.low is None:
        return text
    return f"{text} ± {100 * (estimate.mean - estimate.low):.{digits}f}"


def difference_words(estimate: Estimate | None, digits: int = 2) -> str:
    """``−0.51 [−0.70, −0.32]`` in percentage points; a dash where there is nothing to compare with."""
    if estimate is None:
        return "–"

    def points(value: float) -> str:
        return f"{100 * value:+.{digits}f}".replace("-", "−")

    if estimate.low is None or estimate.high is None:
        return f"{points(estimate.mean)} (one seed)"
    return f"{points(estimate.mean)} [{points(estimate.low)}, {points(estimate.high)}]"


def rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Cells of the table, one row an activation, under `HEADINGS`."""
    found: list[tuple[str, ...]] = []
    for outcome in comparison.outcomes:
        baseline = outcome.name == comparison.baseline
        found.append(
            (
                outcome.name,
                accuracy_words(outcome.accuracy),
                "baseline" if baseline else difference_words(comparison.difference(outcome.name)),
                f"{outcome.parameters:,}",
                f"{outcome.learning_rate:g}",
                f"{100 * outcome.last('dead'):.1f} %",
                f"{100 * outcome.last('saturated'):.1f} %",
            )
        )
    return found


def conditions(comparison: Comparison) -> str:
    """What all activations had in common, in one sentence."""
    s = comparison.settings
    n = len(s.seeds)
    seeds = "1 seed (no interval can be given)" if n == 1 else f"{n} seeds (95 % Student t intervals)"
    hidden = "–".join(str(w) for w in s.hidden)
    name = comparison.task.upper() if comparison.task == "mnist" else comparison.task
    parts = [word for word, on in (("training", s.train_noise), ("testing", s.test_noise)) if on]
    noise = f", noise of measured curves in {' and '.join(parts)}" if parts else ""
    return (
        f"{name}: {comparison.train_examples:,} training and {comparison.test_examples:,} test "
        f"examples, hidden {hidden or 'none'}, {s.epochs} epochs, batches of {s.batch_size}, {seeds}, "
        f"accuracy after the last epoch{noise}"
    )


def size_words(comparison: Comparison) -> str:
    """Whether digital networks of the size of the largest other contestant are among the rows."""
    widths = comparison.settings.hidden
    if any(o.activation is not None and o.hidden != widths for o in comparison.outcomes):
        return "digital networks also with as many trained numbers as the largest other contestant"
    return "no other hidden width of a digital network is nearer in size to the largest other contestant"


def table(comparison: Comparison) -> str:
    """Text table with its conditions below."""
    cells = [HEADINGS, *rows(comparison)]
    wide = [max(len(row[k]) for row in cells) for k in range(len(HEADINGS))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in cells]
    lines.insert(1, "  ".join("─" * w for w in wide))
    notes = [conditions(comparison)]
    if comparison.baseline not in {o.name for o in comparison.outcomes}:
        notes.append("relu is not among the activations, so there is no difference to it")
    if comparison.settings.same_parameters:
        notes.append(size_words(comparison))
    if comparison.note:
        notes.append(comparison.note)
    return "\n".join([*lines, "", *notes])
