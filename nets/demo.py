"""The demonstration: one device, four shapes, one network, one report."""

from __future__ import annotations

import dataclasses
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nets import folders, tasks
from nets.comparison import LEARNING_RATES, compare
from nets.network import Network
from nets.outcomes import Comparison
from nets.photonic_activation import Photonic
from nets.specifications import BIAS, SCALE, activation
from nets.tasks import Task
from nets.training import train
from photonic.curve import Curve
from photonic.devices import RingDevice
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.heaters import HeaterPower
from photonic.programming import GRID, Programmed, program
from photonic.regime import SymbolWindow
from photonic.units import engineering

__all__ = ["SHAPES", "Demonstration", "Shape", "demonstration", "exclusive_or", "programmed_shape"]

SCHEMA = 1
SHAPES = ("sigmoid", "clamped-relu", "radial-basis", "softplus")
REFERENCES = ("relu", "sigmoid", "identity")
TOLERANCE = 0.05  # rms error of the curve under random symbols, of its range
XOR_HIDDEN, XOR_EPOCHS, XOR_RATE = 4, 400, 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """One programmed shape: how near it came, and in which regime it holds."""

    name: str
    programmed: Programmed
    activation: Photonic
    window: SymbolWindow | None
    best: SymbolWindow | None
    kelvin: float
    heat_offset: float
    heaters: HeaterPower
    settled: Mapping[str, Curve]
    settled_note: str
    warnings: tuple[str, ...]
    tolerance: float = TOLERANCE

    def as_dict(self) -> dict[str, Any]:
        """JSON types."""
        p, device = self.programmed, self.programmed.device
        half = float(device.ring.linewidth) / 2
        names = ("arm_phase", "input_coupling", "output_coupling", "port")
        return {
            "shape": self.name,
            "regime": p.regime,
            "power_max": p.power_max,
            "r_squared": p.r_squared,
            "line_r_squared": p.line_r_squared,
            "rmse": p.rmse,
            "largest_error": p.largest_error,
            "gain": p.gain,
            "offset": p.offset,
            "bias": {
                "detuning_half_linewidths": float(device.detuning) / half,
                **{n: getattr(device, n) for n in names if hasattr(device, n)},
            },
            "encoding": self.activation.encoding,
            "mean_heating_kelvin": self.kelvin,
            "mean_heating_half_linewidths": self.heat_offset / half,
            "symbol_window": None
            if self.window is None
            else {k: v if math.isfinite(v) else None for k, v in vars(self.window).items()},
            "best_symbol_time": None if self.best is None else self.best.best,
            "least_symbol_error": None if self.best is None else self.best.smallest_error,
            "heater_power": {**vars(self.heaters), "total": self.heaters.total},
            "cw": self.settled_note,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Demonstration:
    """Everything that the report shows."""

    device: RingDevice
    shapes: tuple[Shape, ...]
    exclusive_or: Mapping[str, tuple[int, int]]
    comparison: Comparison
    folder: Path
    report: Path = field(default=Path())
    exclusive_or_hidden: int = XOR_HIDDEN
    exclusive_or_epochs: int = XOR_EPOCHS

    def as_dict(self) -> dict[str, Any]:
        """JSON types; `Comparison.as_dict` with the shapes and the exclusive or added."""
        return {
            **self.comparison.as_dict(),
            "schema": SCHEMA,
            "kind": "demonstration",
            "shapes": [s.as_dict() for s in self.shapes],
            "xor": {name: {"solved": a, "seeds": b} for name, (a, b) in self.exclusive_or.items()},
        }

    def words(self) -> str:
        """A short account for the terminal: shapes, accuracies, where the report is."""
        lines = [
            f"{s.name:<14} R² {s.programmed.r_squared:.5f} (line {s.programmed.line_r_squared:.3f}), "
            f"full scale {engineering(s.programmed.power_max, 'W')}, {s.programmed.regime}"
            for s in self.shapes
        ]
        return "\n".join([*lines, "", self.comparison.table(), "", f"report: {self.report}"])


def demonstration(
    folder: str | Path = "photonic-neuron-demo",
    *,
    device: RingDevice | None = None,
    power_max: float | None = None,
    shapes: Sequence[str] = SHAPES,
    task: str | Task = "mnist",
    hidden: Sequence[int] = (100,),
    seeds: int = 3,
    epochs: int = 6,
    learning_rates: Sequence[float] = LEARNING_RATES,
    xor_seeds: int = 10,
    seed: int = 0,
    workers: int = 2,
    progress: Callable[[float, str], None] | None = None,
) -> Demonstration:
    """Program the published shapes on one device, train with each, write ``report.html``.

    Parameters
    ----------
    folder : path
        Where ``report.html``, ``results.json`` and ``figures/`` go; a non-empty folder that was
        not made by this function is refused.
    device : ring device, optional
        The default neuron if left out.
    power_max : float, optional
        Largest full-scale power of a shape [W].
    shapes : sequence of str
        Names of `photonic.targets.TARGETS`.
    task, hidden, seeds, epochs, learning_rates, workers
        As for `nets.comparison.compare`.
    xor_seeds : int
        How many networks learn exclusive or with each activation.
    seed : int
        Of the search for the biases.
    progress : callable, optional
        Called as ``progress(share, text)``, share in [0, 1].
    """
    path = folders.claim(folder, "demonstration")
    say = progress or (lambda share, text: None)
    if device is None or power_max is None:
        default, default_power = default_neuron()
        device = default if device is None else device
        power_max = default_power if power_max is None else power_max
    task = tasks.load(task) if isinstance(task, str) else task
    made = []
    for k, name in enumerate(shapes):
        say(0.12 * k / len(shapes), f"programming {name}")
        made.append(programmed_shape(device, name, power_max, seed))
    objects = [*(s.activation for s in made), *(activation(name) for name in REFERENCES)]
    solved = {}
    for k, found in enumerate(objects):
        say(0.12 + 0.06 * k / len(objects), f"exclusive or with {found.name}")
        solved[found.name] = (exclusive_or(found, xor_seeds), xor_seeds)
    full = len(task.train_labels) >= 60000 and epochs >= 20 and seeds >= 5
    comparison = compare(
        task,
        objects,
        hidden=hidden,
        seeds=seeds,
        epochs=epochs,
        learning_rates=learning_rates,
        workers=workers,
        progress=lambda done, total, text: say(0.18 + 0.77 * done / total, text),
        note="" if full else f"short run: {epochs} epochs, {seeds} seeds; longer training gains some tenths",
    )
    say(0.96, "writing the report")
    result = Demonstration(
        device=device, shapes=tuple(made), exclusive_or=solved, comparison=comparison, folder=path
    )
    folders.write_text(path / "results.json", json.dumps(result.as_dict(), indent=1) + "\n")
    from nets.demo_report import demonstration_report

    report = demonstration_report(result, path)
    say(1.0, "done")
    return dataclasses.replace(result, report=report)


def default_neuron() -> tuple[RingDevice, float]:
    """The neuron of the demonstration with its heat frozen, and its full-scale power [W]."""
    from photonic.devices import CavityLoadedMZI
    from photonic.parameters import RIB_RING
    from photonic.presets import POWER_MAX

    return CavityLoadedMZI(RIB_RING.with_effects(heating=False), 0.0, 0.0, port="cross"), POWER_MAX


def programmed_shape(device: RingDevice, name: str, power_max: float, seed: int = 0) -> Shape:
    """Program ``name`` and look at what heat does to it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OutsideValidityWarning)
        found = program(device, name, power_max, seed=seed)
        powers = GRID * found.power_max
        window = found.device.symbol_window(powers, TOLERANCE)
        best = window or found.device.symbol_window(powers, 0.99)
        settled, note = _settled(found.device, found.mean_offset, found.power_max)
    neuron = Photonic(found.curve, bias=BIAS, scale=SCALE, outside="saturate", name=f"photonic:{name}")
    return Shape(
        name=name,
        programmed=found,
        activation=neuron,
        window=window,
        best=best,
        kelvin=found.mean_temperature,
        heat_offset=found.mean_offset,
        heaters=found.heater_power,
        settled=settled,
        settled_note=note,
        warnings=tuple(dict.fromkeys(str(w.message) for w in caught)),
    )


def _settled(device: Any, offset: float, power_max: float) -> tuple[dict[str, Curve], str]:
    """Curves of the same heaters with heat settled (cw), and what they are like in words.

    With frozen heat the detuning counts from the mean-hot resonance; from the cold one, from
    which cw counts, it is less by the shift that the mean heat makes.
    """
    hot = dataclasses.replace(device.with_effects(heating=True), detuning=device.detuning - offset)
    try:
        return {"cw": hot.curve(power_max)}, "single-valued and stable"
    except ParameterError as reason:
        words = "bistable" if "multivalued" in str(reason) else "self-pulsating"
    if words == "self-pulsating":
        return {"cw (steady state)": hot.curve(power_max, sweep="up")}, "self-pulsates in part of the range"
    return {
        f"cw, {s}": hot.curve(power_max, sweep=s) for s in ("up", "down")
    }, "bistable in part of the range"


def exclusive_or(found: Any, seeds: int) -> int:
    """How many of ``seeds`` networks 2–4–1 learn exclusive or with this activation."""
    task = tasks.load("xor")
    solved = 0
    for seed in range(seeds):
        network = Network((task.features, XOR_HIDDEN, 1), found, seed=seed)
        network.scale_to_unit_variance(task.train_inputs)
        history = train(network, task, epochs=XOR_EPOCHS, learning_rate=XOR_RATE, seed=seed)
        solved += math.isclose(history.accuracy, 1.0)
    return solved
