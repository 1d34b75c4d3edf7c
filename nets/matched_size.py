"""Digital networks of as many trained numbers as another network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

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
    """Hidden widths, in the proportions of ``hidden``, whose network is nearest to that size.

    Examples
    --------
    >>> matched_widths(784, (30,), 10, 24500)
    (31,)
    """

    def widths(first: int) -> tuple[int, ...]:
        return tuple(max(1, round(w * first / hidden[0])) for w in hidden)

    def away(first: int) -> int:
        return dense_size((features, *widths(first), classes)) - parameters

    below, above = 0, 1
    while away(above) < 0:
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if away(middle) < 0 else (below, middle)
    return widths(below if below and -away(below) <= away(above) else above)


def matched(
    contestants: Sequence[Architecture],
    parameters: Sequence[int],
    features: int,
    hidden: tuple[int, ...],
    classes: int,
) -> list[DenseNetwork]:
    """The digital ones among ``contestants`` once more, as large as the largest of the others.

    None for a network that has that size already.
    """
    sizes = [n for c, n in zip(contestants, parameters, strict=True) if c.name not in DIGITAL]
    if not sizes or not hidden:
        return []
    widths = matched_widths(features, hidden, classes, max(sizes))
    if widths == hidden:
        return []
    words = "–".join(str(w) for w in widths)
    return [
        DenseNetwork(c.activation, c.encoding, name=f"{c.name}, {words} hidden", hidden=widths)
        for c in contestants
        if c.name in DIGITAL
    ]
