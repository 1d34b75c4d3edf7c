"""What a comparison found: accuracies, paired differences and their intervals."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nets import folders
from nets.summary import INTERVALS
from nets.training import History

__all__ = ["Choice", "Comparison", "Estimate", "Outcome", "Settings", "paired"]

SCHEMA = 1
RULE = (
    "every layer's initial weights are multiplied by one number so that its pre-activations have "
    "variance 1 on the first batch; nothing else differs between activations in the same network. "
    "Whole networks of another plan bring their own starting values, and meet the same batches"
)


class Estimate(NamedTuple):
    """Mean over seeds and the ends of its 95 % t interval, None where there is one seed only."""

    mean: float
    low: float | None
    high: float | None


class Choice(NamedTuple):
    """A learning rate that was tried: accuracy and loss on held-out examples, None if it diverged."""

    learning_rate: float
    accuracy: float | None
    loss: float | None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What was the same for every activation."""

    hidden: tuple[int, ...]
    seeds: tuple[int, ...]
    epochs: int
    batch_size: int
    learning_rates: tuple[float, ...]
    held_out: int
    choice_epochs: int
    train_noise: bool = False
    test_noise: bool = False
    same_parameters: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one contestant reached: one history a seed, and how its learning rate was chosen.

    ``parameters`` counts its trained numbers, ``hidden`` are its hidden widths, ``task`` names what
    it made of the task, ``findings`` is what its architecture tells about the first seed's network.
    ``idle`` of the trained numbers are known to change no score. ``matched`` names the digital
    outcome of its size and task; empty where none was asked for. ``as_large_as`` names what this
    outcome was added for; empty for what was asked for. ``sees`` says what an input of it is, and
    ``noisy`` whether it has noise that was asked for. ``warnings`` tell where its light is not what its
    activations need.
    """

    name: str
    encoding: str
    activation: Any
    learning_rate: float
    tried: tuple[Choice, ...]
    histories: tuple[History, ...]
    parameters: int
    hidden: tuple[int, ...]
    task: str
    findings: dict[str, Any] = dataclasses.field(default_factory=dict)
    idle: int = 0
    matched: str = ""
    as_large_as: str = ""
    sees: str = ""
    noisy: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def per_seed(self) -> tuple[float, ...]:
        """Test accuracy after the last epoch, one a seed [1]."""
        return tuple(h.accuracy for h in self.histories)

    @property
    def accuracy(self) -> Estimate:
        """Mean test accuracy and its 95 % interval over seeds [1]."""
        return paired(self.per_seed)

    def last(self, quantity: str) -> float:
        """Mean over seeds of a `History` column after the last epoch."""
        return float(np.mean([getattr(h, quantity)[-1] for h in self.histories]))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Result of `compare`: outcomes in the order asked for."""

    task: str
    source: str
    train_examples: int
    test_examples: int
    settings: Settings
    outcomes: tuple[Outcome, ...]
    baseline: str = "relu"
    note: str = ""

    def __getitem__(self, name: str) -> Outcome:
        for outcome in self.outcomes:
            if outcome.name == name:
                return outcome
        raise KeyError(name)

    def difference(self, name: str, to: str | None = None) -> Estimate | None:
        """Paired difference of accuracy [1] to the baseline, seed by seed; None without a baseline."""
        to = self.baseline if to is None else to
        known = {o.name: o for o in self.outcomes}
        if to not in known or name not in known:
            return None
        return paired(np.subtract(known[name].per_seed, known[to].per_seed))

    def difference_to_matched(self, name: str) -> Estimate | None:
        """Paired difference of accuracy [1] to the digital network of its size and task; None without one."""
        to = self[name].matched
        return self.difference(name, to) if to else None

    def table(self) -> str:
        """The comparison as text, one activation a line."""
        from nets.summary import table

        return table(self)

    def as_dict(self) -> dict[str, Any]:
        """JSON types: schema, task, settings and one entry an activation."""
        return {
            "schema": SCHEMA,
            "kind": "comparison",
            "task": self.task,
            "data": self.source,
            "train_examples": self.train_examples,
            "test_examples": self.test_examples,
            "settings": dataclasses.asdict(self.settings),
            "rule": RULE,
            "reported": "test accuracy after the last epoch; intervals: 95 % Student t over seeds, "
            + INTERVALS,
            "note": self.note,
            "activations": [self._entry(o) for o in self.outcomes],
        }

    def _entry(self, outcome: Outcome) -> dict[str, Any]:
        difference, to_matched = self.difference(outcome.name), self.difference_to_matched(outcome.name)
        quantities = ("dead", "vanishing", "saturated", "mean_slope", "slope_deviation", "loss")
        return {
            "activation": outcome.name,
            "accuracy": outcome.accuracy.mean,
            "interval": None
            if outcome.accuracy.low is None
            else [outcome.accuracy.low, outcome.accuracy.high],
            "per_seed": list(outcome.per_seed),
            "difference_to_relu": None if difference is None else difference._asdict(),
            "difference_to_matched": None
            if to_matched is None
            else {"name": outcome.matched, **to_matched._asdict()},
            "learning_rate": outcome.learning_rate,
            "learning_rates_tried": [c._asdict() for c in outcome.tried],
            "encoding": outcome.encoding,
            "parameters": outcome.parameters,
            "idle_parameters": outcome.idle,
            "hidden": list(outcome.hidden),
            "task": outcome.task,
            "sees": outcome.sees,
            "last_epoch": {q: outcome.last(q) for q in quantities},
            "histories": [h.as_dict() for h in outcome.histories],
            **({"warnings": list(outcome.warnings)} if outcome.warnings else {}),
            **({"findings": outcome.findings} if outcome.findings else {}),
        }

    def to_json(self) -> str:
        """JSON text of `as_dict`."""
        return json.dumps(self.as_dict(), indent=1) + "\n"

    def save(self, folder: str | Path) -> Path:
        """Write ``results.json`` into ``folder`` and return its path."""
        path = folders.claim(folder, "comparison") / "results.json"
        folders.write_text(path, self.to_json())
        return path

    def report(self, folder: str | Path) -> Path:
        """Write ``report.html``, ``results.json`` and the figures; return the report's path."""
        from nets.report import comparison_report

        self.save(folder)
        return comparison_report(self, Path(folder).expanduser())


def paired(values: Sequence[float] | np.ndarray) -> Estimate:
    """Mean of ``values`` and its 95 % Student t interval.

    Examples
    --------
    >>> paired([0.0, 0.0, 0.0])
    Estimate(mean=0.0, low=0.0, high=0.0)
    >>> paired([0.5])
    Estimate(mean=0.5, low=None, high=None)
    """
    numbers = np.asarray(values, dtype=float)
    mean, n = float(numbers.mean()), numbers.size
    if n < 2:
        return Estimate(mean, None, None)
    from scipy.special import stdtrit  # the quantile of Student's t, without loading scipy.stats

    half = float(stdtrit(n - 1, 0.975)) * float(numbers.std(ddof=1)) / n**0.5
    return Estimate(mean, mean - half, mean + half)
