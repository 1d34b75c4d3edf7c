"""Figures of microring weight banks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nets.optical.weight_bank import WeightBank
from nets.plot_arguments import checked_kind
from photonic.errors import ParameterError
from photonic.plot import COLOURS, new_figure, styled
from photonic.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["spectra_and_weights"]

_COLOURS = (COLOURS["vermilion"], COLOURS["green"], COLOURS["purple"], COLOURS["orange"])


@styled
def spectra_and_weights(
    bank: WeightBank,
    wanted: Any,
    banks: Mapping[str, WeightBank],
    output: int = 0,
    size: tuple[float, float] = (7.6, 4.8),
) -> Figure:
    """Spectra of one bank above; below, the errors of the weights of several by name.

    Parameters
    ----------
    bank : WeightBank
        Whose spectra are drawn.
    wanted : array_like
        Weights [1], shape (outputs, inputs).
    banks : mapping of str to WeightBank
        Set to those weights in different ways, at least one.
    output : int
        Whose spectra and weights.
    size : tuple of float
        [inch].

    Raises
    ------
    ParameterError
        Something else than banks, banks of another size, weights of another shape, no such output.
    """
    checked_kind("bank", bank, WeightBank)
    checked_kind("banks", banks, Mapping, "{name: bank}")
    for name, one in banks.items():
        checked_kind(f"banks[{name!r}]", one, WeightBank)
        if (one.outputs, one.inputs) != (bank.outputs, bank.inputs):
            raise ParameterError(
                f"banks[{name!r}] must have {bank.outputs} outputs of {bank.inputs} channels as bank has, "
                f"got {one.outputs} of {one.inputs}"
            )
    if isinstance(output, bool) or output not in range(bank.outputs):
        raise ParameterError(f"output must be a whole number in [0, {bank.outputs - 1}], got {output!r}")
    target = np.asarray(wanted, dtype=float)
    if target.shape != (bank.outputs, bank.inputs):
        raise ParameterError(
            f"wanted must be of shape ({bank.outputs}, {bank.inputs}), got shape {target.shape}"
        )
    if not banks:
        raise ParameterError("banks must name at least one bank whose weights are drawn")
    figure = new_figure(*size)
    above, below = figure.subplots(2, 1, height_ratios=(1.2, 1))
    _spectra(above, bank, output)
    light, place = 1e9 * bank.wavelengths, np.arange(len(banks)) - (len(banks) - 1) / 2
    gap = 0.12 * float(np.ptp(above.get_xlim())) / bank.inputs
    for k, (name, one) in enumerate(banks.items()):
        error = 100 * (one.weights()[output] - target[output])
        x, colour = light + gap * place[k], _COLOURS[k % len(_COLOURS)]
        below.vlines(x, 0, error, color=colour, lw=1.4, alpha=0.5)
        below.plot(x, error, "o", color=colour, ms=5, label=name)
    below.axhline(0, color=COLOURS["ink"], lw=0.8, zorder=1)
    below.set_xlim(above.get_xlim())
    below.set_xticks(light, [f"{w:+.2f}".replace("-", "−") for w in target[output]])
    below.set_xlabel("wanted weight of each channel [1]")
    below.set_ylabel("error of the weight [0.01]")
    below.set_title("effective weights against those wanted")
    below.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    below.grid(visible=False, axis="x")
    return figure


def _spectra(axes: Axes, bank: WeightBank, output: int) -> None:
    """Through and drop power of one bank over all channels, which stand as lines."""
    light = bank.wavelengths
    margin = 0.5 * light[0] ** 2 * bank.channel_spacing / SPEED_OF_LIGHT
    wavelength = np.linspace(light[0] - margin, light[-1] + margin, 3001)
    found = bank.spectra(wavelength)
    axes.vlines(1e9 * light, 0, 1, color=COLOURS["pale"], lw=0.9, ls=(0, (3, 2)), label="channels")
    axes.plot(1e9 * wavelength, found.through[output], color=COLOURS["grey"], lw=1.2, label="through")
    axes.plot(1e9 * wavelength, found.drop[output], color=COLOURS["blue"], lw=1.4, label="drop")
    axes.set_xlim(1e9 * wavelength[0], 1e9 * wavelength[-1])
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("wavelength [nm]")
    axes.set_ylabel("power over that into the bank [1]")
    axes.set_title("rings to the red of their channels")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
