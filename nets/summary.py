"""The comparison in a few lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nets.outcomes import Comparison, Estimate, Outcome

__all__ = [
    "INTERVALS",
    "accuracy_words",
    "capitalised",
    "conditions",
    "counted",
    "difference_words",
    "headings",
    "notes",
    "rows",
    "sees_differ",
    "size_notes",
    "table",
]

INTERVALS = "of each row alone, not corrected for their number, and without the error of the test set itself"


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


def sees_differ(comparison: Comparison) -> bool:
    """Whether some contestants see other features of the examples than others do."""
    return len({o.sees for o in comparison.outcomes}) > 1


def counted(n: int, noun: str) -> str:
    """``1 epoch``, ``2 epochs``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def capitalised(sentence: str) -> str:
    """With a capital letter, unless it begins with a symbol: ``x = 0.3 + 0.15 z`` stays."""
    return sentence if sentence[1:2] == " " else sentence[:1].upper() + sentence[1:]


def headings(comparison: Comparison) -> tuple[str, ...]:
    """Headings of the table.

    What each sees stands there only where it differs, opponents of the same size where asked for.
    """
    to_matched = ("to digital as large [points]",) if comparison.settings.same_parameters else ()
    return (
        "activation",
        *(("sees",) if sees_differ(comparison) else ()),
        "accuracy [%]",
        "difference to ReLU [points]",
        *to_matched,
        "parameters",
        "learning rate",
        "dead",
        "saturated",
    )


def rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Cells of the table, one row an activation, under `headings`."""
    found: list[tuple[str, ...]] = []
    apart = sees_differ(comparison)
    for outcome in comparison.outcomes:
        baseline = outcome.name == comparison.baseline
        to_matched = (
            (difference_words(comparison.difference_to_matched(outcome.name)),)
            if comparison.settings.same_parameters
            else ()
        )
        found.append(
            (
                outcome.name,
                *((outcome.sees,) if apart else ()),
                accuracy_words(outcome.accuracy),
                "baseline" if baseline else difference_words(comparison.difference(outcome.name)),
                *to_matched,
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
    wide = any(o.hidden for o in comparison.outcomes if not o.as_large_as)
    hidden = "–".join(str(w) for w in s.hidden) if wide else ""
    name = comparison.task.upper() if comparison.task == "mnist" else comparison.task
    parts = [word for word, on in (("training", s.train_noise), ("testing", s.test_noise)) if on]
    noisy = ", ".join(o.name for o in comparison.outcomes if o.noisy)
    noise = f", noise in {' and '.join(parts)} of {noisy}" if parts else ""
    return (
        f"{name}: {comparison.train_examples:,} training and {comparison.test_examples:,} test "
        f"examples, hidden {hidden or 'none'}, {counted(s.epochs, 'epoch')}, batches of {s.batch_size}, "
        f"{seeds}, accuracy after the last epoch{noise}"
    )


def size_notes(comparison: Comparison) -> list[str]:
    """Which digital network is as large as each contestant, and what of that size acts; sentences."""
    if not comparison.settings.same_parameters:
        return []
    groups: dict[str, list[Outcome]] = {}
    for outcome in comparison.outcomes:
        if outcome.matched:
            groups.setdefault(outcome.matched, []).append(outcome)
    found = []
    for name, alike in groups.items():
        digital = comparison[name]
        hidden = "–".join(str(w) for w in digital.hidden)
        others = ", ".join(f"{o.name} ({o.parameters:,})" for o in alike)
        found.append(
            f"as large as {others} on {digital.task}: {name} ({digital.parameters:,}, {hidden} hidden)"
        )
    if not found:
        return ["nothing but digital networks takes part, so none was added of another's size"]
    found[0] += ", the least width with as many trained numbers"
    return found + [
        f"{o.idle:,} of the {o.parameters:,} trained numbers of {o.name} change no score"
        for o in comparison.outcomes
        if o.idle
    ]


def notes(comparison: Comparison) -> list[str]:
    """What belongs below the table besides `conditions`; sentences."""
    found = [f"intervals: {INTERVALS}"] if len(comparison.settings.seeds) > 1 else []
    if sees_differ(comparison):
        found.append("sees: what each makes of the same examples; one that sees less has less to go by")
    own = [o.name for o in comparison.outcomes if not o.as_large_as and not o.hidden]
    if own and len(own) < len(comparison.outcomes) and comparison.settings.hidden:
        found.append(f"no hidden widths, those asked for left aside: {', '.join(own)}")
    return [*found, *size_notes(comparison)]


def table(comparison: Comparison) -> str:
    """Text table with its conditions below."""
    cells = [headings(comparison), *rows(comparison)]
    wide = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in cells]
    lines.insert(1, "  ".join("─" * w for w in wide))
    below = [conditions(comparison)]
    if comparison.baseline not in {o.name for o in comparison.outcomes}:
        below.append("relu is not among the activations, so there is no difference to it")
    below += notes(comparison)
    if comparison.note:
        below.append(comparison.note)
    return "\n".join([*lines, "", *below])
