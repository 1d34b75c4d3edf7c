"""Legends below a figure, as wide as it allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure

__all__ = ["legend_below"]

_ROW = 0.18  # height of a row of a legend [inch]


def legend_below(figure: Figure, handles: Iterable[Any], labels: Iterable[str], grow: bool = False) -> None:
    """Legend outside at the bottom, in as many columns as are wholly inside the figure.

    Of several handles with one label the first is shown. With ``grow`` the figure becomes taller by the
    rows beyond the first, so that the axes keep their height.
    """
    shown: dict[str, Any] = {}
    for handle, label in zip(handles, labels, strict=True):
        shown.setdefault(label, handle)
    for columns in range(len(shown), 0, -1):
        legend = figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=columns)
        if columns == 1 or legend.get_window_extent().width <= 0.97 * figure.bbox.width:
            break
        legend.remove()
    if grow and shown:
        figure.set_figheight(figure.get_figheight() + _ROW * (math.ceil(len(shown) / columns) - 1))
