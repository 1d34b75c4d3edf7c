"""What takes part in a comparison: a way to build a network for a task."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from nets.network import Network
from nets.tasks import Task
from nets.trainable import Trainable

__all__ = ["Architecture", "DenseNetwork", "learned_shapes"]


class Architecture(ABC):
    """A whole network as a contestant of `nets.compare`: subclass it for one of your own.

    A subclass must have a `name`, the properties `identity` and `encoding`, and the method `network`;
    the rest has defaults.

    Attributes
    ----------
    name : str
        What tables call it.
    learning_rates : tuple of float, optional
        Its own grid of learning rates [1], where none is asked for.
    noisy : bool
        Whether it has noise that training or testing may ask for.
    refusal : str
        Why it cannot be trained; empty where it can.
    activation : Activation, optional
        What stands between its layers, if that is one function of a number.

    Examples
    --------
    Two tanh neurons, whatever the hidden widths of the others:

    >>> from nets import Network, compare
    >>> class Narrow(Architecture):
    ...     name = "two neurons"
    ...
    ...     @property
    ...     def identity(self):
    ...         return "Narrow(2, tanh)"
    ...
    ...     @property
    ...     def encoding(self):
    ...         return "numbers, no encoding"
    ...
    ...     def widths(self, hidden):
    ...         return (2,)
    ...
    ...     def network(self, task, hidden, seed):
    ...         return Network((task.features, 2, task.classes), "tanh", seed=seed)
    >>> result = compare("xor", [Narrow()], seeds=1, epochs=2, learning_rates=[0.1])
    >>> result["two neurons"].parameters  # 2·2 + 2 in front, 2·2 + 2 behind
    12
    """

    name: str
    learning_rates: tuple[float, ...] | None = None
    noisy: bool = False
    refusal: str = ""
    activation: Any = None

    @property
    @abstractmethod
    def identity(self) -> str:
        """Text that differs whenever a setting differs: tells kept trainings apart."""

    @property
    @abstractmethod
    def encoding(self) -> str:
        """How numbers become light and back, in one sentence."""

    @abstractmethod
    def network(self, task: Task, hidden: tuple[int, ...], seed: int) -> Trainable:
        """Network with the starting values of ``seed`` for ``task``, as `task` gave it.

        ``hidden`` are the widths asked for; a network of another plan may leave them aside.
        """

    def task(self, task: Task) -> Task:
        """What it makes of a task: the task itself, or other features of the same examples."""
        return task

    def widths(self, hidden: tuple[int, ...]) -> tuple[int, ...]:
        """Hidden widths that it takes where ``hidden`` is asked for."""
        return hidden

    def idle(self, task: Task, hidden: tuple[int, ...]) -> int:
        """Trained numbers, of those `network` has, that are known to change no score, directions counted."""
        return 0

    def findings(self, network: Trainable, task: Task) -> dict[str, Any]:
        """What is worth telling about a trained network besides its accuracy; JSON types."""
        return {}


class DenseNetwork(Architecture):
    """Dense layers with ``activation`` between them: what every activation is compared in.

    Parameters
    ----------
    activation : Activation
        Between the layers. If its start is random (``spread``), every layer and seed draws its own.
    encoding : str
        How a number enters the activation.
    name : str, optional
        That of the activation if left out.
    hidden : sequence of int, optional
        Widths of its own, whatever the others have.
    view : Architecture, optional
        Whose view of the task it gets; its own, the task as it is, if left out.
    learning_rates : tuple of float, optional
        Its own grid [1], where none is asked for.
    """

    def __init__(
        self,
        activation: Any,
        encoding: str,
        name: str | None = None,
        hidden: Sequence[int] | None = None,
        *,
        view: Architecture | None = None,
        learning_rates: tuple[float, ...] | None = None,
    ) -> None:
        self.activation, self._encoding = activation, encoding
        self.name = str(activation.name) if name is None else name
        self.noisy = bool(getattr(activation, "noisy", False))
        self.refusal = str(getattr(activation, "refusal", ""))
        self._hidden = None if hidden is None else tuple(hidden)
        self._view, self.learning_rates = view, learning_rates

    def __repr__(self) -> str:
        return f"DenseNetwork({self.name})"

    @property
    def identity(self) -> str:
        return str(getattr(self.activation, "identity", self.activation.name))

    @property
    def encoding(self) -> str:
        return self._encoding

    def task(self, task: Task) -> Task:
        return task if self._view is None else self._view.task(task)

    def widths(self, hidden: tuple[int, ...]) -> tuple[int, ...]:
        return hidden if self._hidden is None else self._hidden

    def network(self, task: Task, hidden: tuple[int, ...], seed: int) -> Network:
        widths = self.widths(hidden)
        between = [_drawn(self.activation, seed, layer) for layer in range(len(widths))]
        return Network((task.features, *widths, task.classes), between or self.activation, seed=seed)

    def findings(self, network: Trainable, task: Task) -> dict[str, Any]:
        shapes = learned_shapes(network)
        return {"shapes": shapes} if shapes else {}


def _drawn(activation: Any, seed: int, layer: int) -> Any:
    """The activation of a layer; where its start is random, drawn anew for every seed and layer."""
    if not getattr(activation, "spread", 0.0):
        return activation
    own = np.random.SeedSequence([activation.seed, seed, layer]).generate_state(1)[0]
    return dataclasses.replace(activation, seed=int(own))


def learned_shapes(network: Any) -> list[dict[str, Any]]:
    """What neurons that learn their own shape have made of it, layer by layer; JSON types.

    Values y [1] over pre-activations z [1], in lists of one neuron each, at the start and learned, and
    the heater power of each neuron [W].
    """
    z = np.linspace(-4, 4, 401)
    found = []
    layers = zip(network.activations, network.activation_parameters, strict=True)
    for k, (activation, learned) in enumerate(layers, 1):
        if not hasattr(activation, "heater_power"):
            continue
        grid = np.repeat(z[:, None], network.sizes[k], axis=1)
        values = []
        for parameters in (activation.parameters, learned):
            out = np.empty_like(grid)
            activation.fill(grid, out, None, parameters)
            values.append([[float(f"{y:.4g}") for y in column] for column in out.T])
        powers = [activation.heater_power(p).tolist() for p in (activation.parameters, learned)]
        found.append(
            {
                "layer": k, "z": z.round(6).tolist(), "start": values[0], "learned": values[1],
                "heater_power_start": powers[0], "heater_power": powers[1],
            }
        )  # fmt: skip
    return found
