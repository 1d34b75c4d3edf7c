"""A network that light goes through, from the modulators to the scores, in watts all the way."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nets.classification_loss import checked_labels, cross_entropy
from nets.classifier import Classifier
from nets.optical.budget import PowerBudget, power_budget
from nets.optical.heater_bill import total_heater_power
from nets.optical.passing import light_through, passed
from nets.optical.stage import Stage
from photonic.errors import ParameterError, shown

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["OpticalNetwork"]

_FAINT = 1e-6  # share of the strongest field at which the slope of a neuron without light is taken


class OpticalNetwork(Classifier):
    """Stages one after the other, trained on the cross-entropy of the scores of the last one.

    What comes out of one stage is what goes into the next: nothing is rescaled between them. The
    first stage takes numbers (an encoder), the last one gives numbers (a detector or a readout).

    Parameters
    ----------
    stages : sequence of Stage
        From the modulators to the scores. One score means two classes.
    seed : int or numpy.random.Generator
        Of the initial values of everything trained.
    dtype : {float32, float64}
        Of parameters, powers and scores; fields are complex numbers of the same precision.

    Attributes
    ----------
    stages : tuple of Stage
    sizes : tuple of int
        Channels in front of the first stage and behind every stage.
    parameters, gradient : ndarray
        Everything trained, in the order of the stages, and dL/dparameters.

    Raises
    ------
    ParameterError
        Stages that do not fit together; the message names both.

    Examples
    --------
    >>> import numpy as np
    >>> from nets.optical.detectors import Detector
    >>> from nets.optical.encoders import PowerEncoder
    >>> from nets.optical.readout import Readout
    >>> stages = [PowerEncoder(2, 1e-3), Detector(2, 1.0, takes="powers"), Readout(2, 1e3)]
    >>> OpticalNetwork(stages).scores(np.array([[0.0, 1.0]]))
    array([[0., 1.]], dtype=float32)
    """

    def __init__(
        self, stages: Sequence[Stage], seed: int | np.random.Generator = 0, dtype: Any = np.float32
    ) -> None:
        self._settle(seed, dtype)
        if not isinstance(stages, Sequence) or isinstance(stages, str):
            raise ParameterError(f"stages must be a list of stages, got {type(stages).__name__}")
        self.stages = tuple(stages)
        _check_chain(self.stages)
        self.sizes = (self.stages[0].inputs, *(stage.outputs for stage in self.stages))
        self.scale_factors: tuple[float, ...] = ()  # light is not rescaled
        self._bind(self.stages, seed)

    def __repr__(self) -> str:
        head = f"OpticalNetwork of {len(self.stages)} stages, {self.parameters.size} numbers trained"
        lines = (f"  {s.name}: {s.inputs} {s.takes} to {s.outputs} {s.gives}" for s in self.stages)
        return "\n".join([head, *lines])

    @property
    def settings(self) -> dict[str, Any]:
        """What must agree before a checkpoint of it is continued; JSON types."""
        return {
            "sizes": list(self.sizes),
            "stages": [stage.identity for stage in self.stages],
            "dtype": self.dtype.name,
            "network seed": self.seed,
        }

    _noise_needs = "a stage with some: an Amplifier, a Detector or WeightBank with a bandwidth"

    @property
    def noisy(self) -> bool:
        """Whether a stage has noise."""
        return any(getattr(stage, "noisy", False) for stage in self.stages)

    def _forward(self, x: np.ndarray, generator: np.random.Generator | None = None) -> np.ndarray:
        signal = x
        for position, stage in enumerate(self.stages):
            signal = passed(stage, position, signal, generator)[0]
        return signal

    def signals(
        self, inputs: Any, noise: int | np.random.Generator | None = None
    ) -> Iterator[tuple[Stage, np.ndarray, np.ndarray]]:
        """(stage, what goes in, what comes out) of every stage, one after the other.

        Numbers [1], powers [W] or fields [√W], shapes (rows, channels).
        """
        signal, generator = self._rows_of(inputs), self._generator(noise)
        for position, stage in enumerate(self.stages):
            out = passed(stage, position, signal, generator)[0]
            yield stage, signal, out
            signal = out

    def loss_and_gradient(
        self, inputs: Any, labels: Any, noise: int | np.random.Generator | None = None
    ) -> tuple[float, int]:
        """Mean cross-entropy [nat] of a batch and its number of right answers; sets ``gradient``.

        With ``noise``, a seed or a generator, amplifiers and detectors have theirs, and loss and
        gradient are those of these readings.
        """
        signal, generator = self._rows_of(inputs), self._generator(noise)
        rows, kept = len(signal), []
        labels = checked_labels(labels, rows, self.classes)
        if not np.all(np.isfinite(self.parameters)):  # a training gone astray: no stage takes such light
            return math.nan, 0
        for position, stage in enumerate(self.stages):
            signal, keep = passed(stage, position, signal, generator)
            kept.append(keep)
        scores = np.ascontiguousarray(signal, self.dtype)
        upstream: Any = np.empty_like(scores)
        loss, right = cross_entropy(scores, labels, upstream, self.dtype.type(1.0 / rows))
        first = next((k for k, stage in enumerate(self.stages) if stage.size), len(self.stages))
        for k in range(len(self.stages) - 1, first - 1, -1):
            upstream = self.stages[k].backward(kept[k], upstream, k > first)
        return float(loss) / rows, int(right)

    def budget(self, inputs: Any, warn: bool = True) -> PowerBudget:
        """Power behind every stage for these inputs, and whether activations get enough light.

        Where activations get more than their ``power_max``, it counts how many do. What lies behind
        them is known as far as their devices have one stable state at what arrives. Without ``warn``
        its warnings are told in `PowerBudget.warnings` only.

        Raises
        ------
        ParameterError
            No rows, or numbers that the first stage does not take.

        Warns
        -----
        DarkLayerWarning
            Fewer than 5 % of the inputs of a layer of activations reach its working power, and its
            outputs are within 1 % of linear.
        OutsideValidityWarning
            More than its ``power_max`` reaches a layer.
        """
        signal = self._rows_of(inputs)
        if not len(signal):
            raise ParameterError("inputs must have at least one row, got none")
        found = power_budget(light_through(self.stages, signal))
        for category, words in found.warnings if warn else ():
            warnings.warn(words, category, stacklevel=2)
        return found

    def heater_power(self, heaters: Heaters | None = None) -> float:
        """Electrical power of all heaters [W], those of meshes, weight banks and neurons, as they stand.

        Parameters
        ----------
        heaters : photonic.heaters.Heaters, optional
            Of every stage; ``Heaters()``, assumed values, if left out. A budget tells each stage with these.

        Raises
        ------
        ParameterError
            Neurons of a measured curve; settings that these heaters do not reach; a number.

        Warns
        -----
        OutsideValidityWarning
            Rings to the blue of where they stand unheated go a free spectral range round.

        Examples
        --------
        >>> from nets.optical.architectures import optical_architecture
        >>> from nets.tasks import load
        >>> architecture, digits = optical_architecture("mesh:linear"), load("digits")
        >>> network = architecture.network(architecture.task(digits), (), seed=0)
        >>> f"{network.heater_power():.1f} W"  # 512 heaters, 25 mW each in the mean
        '8.5 W'
        """
        return total_heater_power(self.stages, heaters)

    def hidden(self, inputs: Any) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
        """(stage, powers that arrive [W], slopes dP_out/dP_in [1]) of each stage of activations.

        Activations are the stages with a ``working_power``. The bound gradients of the stages are
        as they were before.
        """
        for stage, signal, _ in self.signals(inputs):
            if hasattr(type(stage), "working_power"):
                before = self.gradient.copy()
                yield stage, _power(stage, signal), _slopes(stage, signal).astype(self.dtype)
                self.gradient[:] = before


def _power(stage: Stage, signal: np.ndarray) -> np.ndarray:
    return signal.real**2 + signal.imag**2 if stage.takes == "fields" else signal


def _slopes(stage: Any, signal: np.ndarray) -> np.ndarray:
    """dP_out/dP_in [1] of neurons that each answer to their own channel and to its power only."""
    if stage.takes == "powers":
        out, kept = stage.forward(signal)
        return stage.backward(kept, np.ones_like(out), True)
    # δP_out = Re(conj(g) δz) with g from 2 z_out upstream, and δz = z δP/(2 P)
    size = np.abs(signal)
    faint = _FAINT * (size.max(initial=0.0) or 1e-6)
    lit = np.where(size < faint, faint, signal).astype(signal.dtype)
    out, kept = stage.forward(lit)
    g = stage.backward(kept, 2 * out, True)
    return (g.real * lit.real + g.imag * lit.imag) / (2 * _power(stage, lit))


def _check_chain(stages: tuple[Stage, ...]) -> None:
    if not stages:
        raise ParameterError("stages must hold at least an encoder and a detector, got none")
    for stage in stages:
        if not isinstance(stage, Stage):
            raise ParameterError(f"stages must hold stages of nets.optical, got {shown(stage)}")
    if len({id(stage) for stage in stages}) < len(stages):
        raise ParameterError("a stage stands twice in stages: build two of them")
    if stages[0].takes != "numbers":
        raise ParameterError(
            f"the first stage, {stages[0].name}, takes {stages[0].takes}: begin with an encoder"
        )
    if stages[-1].gives != "numbers":
        raise ParameterError(
            f"the last stage, {stages[-1].name}, gives {stages[-1].gives}: end with a detector"
        )
    mixed = ""  # the stage behind which each channel carries many wavelengths
    for k, (before, after) in enumerate(pairwise(stages), 1):
        left, right = f"stage {k} ({before.name})", f"stage {k + 1} ({after.name})"
        if before.gives != after.takes:
            raise ParameterError(f"{left} gives {before.gives}, but {right} takes {after.takes}")
        if before.outputs != after.inputs:
            raise ParameterError(
                f"{left} has {before.outputs} channels out, but {right} has {after.inputs} in"
            )
        if getattr(before, "wavelengths_mixed", False):
            mixed = left
        elif before.gives == "numbers":
            mixed = ""
        if mixed and getattr(after, "one_wavelength", False):
            raise ParameterError(
                f"each channel behind {mixed} carries many wavelengths, and {right} answers to one: "
                "detect the light and modulate one laser a channel, or use an absorber"
            )
        if getattr(before, "noisy", False) and getattr(after, "needs_positive", False):
            raise ParameterError(
                f"the noise of {left} makes small currents negative, and {right} takes shares of currents "
                "> 0 A: give it a floor [A], the smallest current that its converter can tell"
            )
