"""Digital networks at least as large as another network, on what that one sees of the task."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nets.architecture import Architecture, DenseNetwork

__all__ = ["DIGITAL", "dense_size", "matched", "matched_widths"]

DIGITAL = ("relu", "sigmoid")


def dense_size(sizes: Sequence[int]) -> int:
    """Trained numbers of dense layers of these widths, biases included.

    Examples
    --------
    >>> dense_size((784, 30, 10))
    23860
    """
    return sum((a + 1) * b for a, b in pairwise(sizes))


def matched_widths(features: int, hidden: Sequence[int], classes: int, parameters: int) -> tuple[int, ...]:
    """Least hidden widths, in the proportions of ``hidden``, with at least so many trained numbers.

    At least, so that a digital network never loses for want of them.

    Examples
    --------
    >>> matched_widths(784, (30,), 10, 24040)
    (31,)
    """

    def widths(first: int) -> tuple[int, ...]:
        return tuple(max(1, round(w * first / hidden[0])) for w in hidden)

    def enough(first: int) -> bool:
        return dense_size((features, *widths(first), classes)) >= parameters

    below, above = 0, 1
    while not enough(above):
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return widths(above)


def matched(
    activation: Any,
    other: Architecture,
    label: str,
    widths: tuple[int, ...],
    learning_rates: tuple[float, ...],
) -> DenseNetwork:
    """Digital network of these hidden widths on what ``other``, called ``label``, makes of a task."""
    return DenseNetwork(
        activation,
        f"{activation.name}: numbers, no encoding; the features that {label} gets",
        name=f"{activation.name} as large as {label}",
        hidden=widths,
        view=other,
        learning_rates=learning_rates,
    )
