"""Figure of the transfer curves that neurons learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nets.plot_arguments import checked_kind
from nets.trainable_activation import TrainableActivation
from photonic.errors import ParameterError, real_numbers
from photonic.plot import COLOURS, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["learned_curves"]


@styled
def learned_curves(
    activation: TrainableActivation, parameters: np.ndarray, size: tuple[float, float] = (7.2, 3.0)
) -> Figure:
    """Power out over power in [mW] of each neuron, at the start and as learned.

    A curve is thick where its neuron works, at pre-activations from −2 to 2 at the start and learned.

    Parameters
    ----------
    activation : TrainableActivation
        Of a layer, ``network.activations[k]``.
    parameters : ndarray
        What it learned, ``network.activation_parameters[k]``.
    size : (float, float)
        Width and height [inch].

    Raises
    ------
    ParameterError
        Neurons that do not learn their shape, parameters of another layer.
    """
    checked_kind("activation", activation, TrainableActivation, "one of network.activations, if it learns")
    learned = real_numbers("parameters", parameters)
    if learned.shape != np.shape(activation.parameters):
        raise ParameterError(
            f"parameters must be of shape {np.shape(activation.parameters)}, got {learned.shape}: "
            "network.activation_parameters holds those of each layer"
        )
    figure = new_figure(*size)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, now, title, colour in (
        (panels[0], activation.parameters, "at the start", COLOURS["ink"]),
        (panels[1], learned, "learned", COLOURS["blue"]),
    ):
        neurons = activation.neurons(now)
        for curve, scale, bias in zip(activation.curves(now), neurons.scale, neurons.bias, strict=True):
            used = np.clip(bias + scale * np.linspace(-2, 2, 401), 0, 1) * activation.power_max
            axes.plot(1e3 * curve.power_in, 1e3 * curve.power_out, color=colour, lw=0.6, alpha=0.4)
            axes.plot(1e3 * used, 1e3 * curve(used), color=colour, lw=1.8, alpha=0.7)
        axes.set_title(title, fontsize=9, fontweight="normal")
        axes.set_xlabel("power in [mW]")
    panels[0].set_ylabel("power out [mW]")
    panels[0].set_xlim(0, 1e3 * activation.power_max)
    panels[0].set_ylim(bottom=0)
    return figure
