"""Neurons that learn their shape against fixed shapes and digital activations: MNIST, 784–h–10.

``python benchmarks/trained_shapes.py FOLDER`` chooses the learning rate of every contestant (and the
rate of the heaters beside it) on 5,000 training digits held out, at full length, with three seeds
that take no part later; trains ten seeds on all 60,000 digits, takes the accuracy on the test digits
after the last epoch, and writes ``benchmarks/results/trained_shapes.json`` after each contestant.
FOLDER keeps every training: stopped, it goes on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nets
from nets import tasks
from nets.outcomes import paired
from nets.specifications import activation
from nets.trainable_activation import TrainableActivation, trained

RESULTS = Path(__file__).parent / "results" / "trained_shapes.json"
HIDDEN = (30, 10)
RATES = (1e-3, 2e-3, 4e-3, 8e-3)  # of the weights, for everyone
HEATER_RATES = (0.1, 1.0)  # of the heaters beside the weights
EPOCHS, SEEDS, CHOICE_SEEDS = 20, tuple(range(10)), (100, 101, 102)
CHOSEN = "photonic:trained"
PRESETS = ("sigmoid", "radial-basis", "clamped-relu", "softplus", "leaky-relu")


def left_alone(learning: TrainableActivation) -> nets.Photonic:
    """The neurons that ``learning`` starts from, with heaters and encoding as they are."""
    curve = learning.first.curve(learning.power_max)
    return nets.Photonic(
        curve, bias=learning.bias, scale=learning.scale, gain=learning.gain, name="photonic:start"
    )


def contestants(hidden: int) -> dict[str, tuple[list[Any], int]]:
    """Variants and hidden width of each; one more ReLU has more parameters than the trained neurons."""
    return {
        "relu": (["relu"], hidden),
        CHOSEN: ([trained(rate=rate) for rate in HEATER_RATES], hidden),
        "relu, one neuron more": (["relu"], hidden + 1),
        "photonic:start, heaters left alone": ([left_alone(trained())], hidden),
        **{name: ([name], hidden) for name in ("sigmoid", "softplus", "prelu")},
        **{f"photonic:{name}": ([f"photonic:{name}"], hidden) for name in PRESETS},
    }


def accuracies(
    task: nets.Task, spec: Any, hidden: int, rate: float, seeds: tuple[int, ...], folder: Path
) -> tuple[float, ...]:
    """Accuracy of each seed after the last epoch [1]."""
    found = nets.compare(
        task, [spec], hidden=(hidden,), seeds=seeds, epochs=EPOCHS, learning_rates=[rate],
        workers=1, folder=folder, resume=True,
    )  # fmt: skip
    return found.outcomes[0].per_seed


def outcome(
    task: nets.Task, judged: nets.Task, variants: list[Any], hidden: int, folder: Path
) -> dict[str, Any]:
    """What one contestant chose on the digits held out, and what it reached on the test digits."""
    tried = {}
    for number, spec in enumerate(variants):
        for rate in RATES:
            place = folder / f"variant-{number}-rate-{rate:g}"
            place.mkdir(parents=True, exist_ok=True)
            tried[number, rate] = sum(accuracies(judged, spec, hidden, rate, CHOICE_SEEDS, place)) / 3
    number, rate = max(tried, key=lambda choice: tried[choice])
    spec = variants[number]
    (folder / "result").mkdir(exist_ok=True)
    per_seed = accuracies(task, spec, hidden, rate, SEEDS, folder / "result")
    made = activation(spec)
    return {
        "hidden": hidden,
        "parameters": nets.Network((784, hidden, 10), made).parameters.size,
        "encoding": getattr(made, "encoding", ""),
        "learning_rate": rate,
        "heater_rate": getattr(made, "rate", None),
        "held_out": [{"variant": n, "learning_rate": r, "accuracy": a} for (n, r), a in tried.items()],
        "accuracy": paired(per_seed)._asdict(),
        "per_seed": per_seed,
    }


def with_differences(entries: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every entry with its paired differences to the references that there are."""
    for entry in entries.values():
        for other in ("relu", "relu, one neuron more", CHOSEN):
            if other in entries:
                pairs = zip(entry["per_seed"], entries[other]["per_seed"], strict=True)
                entry[f"difference to {other}"] = paired([a - b for a, b in pairs])._asdict()
    return entries


def main(folder: Path) -> None:
    mnist = tasks.load("mnist")
    judged = mnist.held_out(5000)
    sizes: dict[str, dict[str, dict[str, Any]]] = {}
    shown = trained()
    for hidden in HIDDEN:
        entries = sizes[str(hidden)] = {}
        for name, (variants, width) in contestants(hidden).items():
            place = folder / f"{hidden}-{name.replace(' ', '-').replace(':', '-').replace(',', '')}"
            entries[name] = outcome(mnist, judged, variants, width, place)
            result = {
                "schema": 1, "task": mnist.source, "epochs": EPOCHS, "batch_size": 128,
                "statement": shown.statement().split("\n"),
                "hidden": {size: with_differences(each) for size, each in sizes.items()},
            }  # fmt: skip
            RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            mean, low, high = (100 * v for v in entries[name]["difference to relu"].values())
            reached = f"{100 * entries[name]['accuracy']['mean']:.2f} %, to ReLU {mean:+.2f}"
            print(f"784–{width}–10 {name:36} {reached} [{low:+.2f}, {high:+.2f}]", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
