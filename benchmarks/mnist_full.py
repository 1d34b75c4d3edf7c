"""Full MNIST, 784–100–10, 20 epochs, 5 seeds: every preset against digital activations.

``python benchmarks/mnist_full.py FOLDER`` trains (or goes on with what FOLDER holds) and writes
``benchmarks/results/mnist_784_100_10.json``: the comparison with means over seeds in place of
the history of every run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import nets

RESULTS = Path(__file__).parent / "results" / "mnist_784_100_10.json"
ACTIVATIONS = (
    *("linear", "relu", "sigmoid", "tanh", "softplus"),
    *("photonic:sigmoid", "photonic:radial-basis", "photonic:clamped-relu"),
    *("photonic:softplus", "photonic:leaky-relu"),
)
PER_EPOCH = ("loss", "train_accuracy", "test_accuracy", "saturated")


def compact(result: dict[str, Any]) -> dict[str, Any]:
    """The comparison as a dictionary, with per-epoch means over seeds instead of histories."""
    entries = []
    for entry in result["activations"]:
        histories = entry["histories"]
        means = {
            name: [round(fmean(values), 6) for values in zip(*(h[name] for h in histories), strict=True)]
            for name in PER_EPOCH
        }
        entries.append({k: v for k, v in entry.items() if k != "histories"} | {"per_epoch": means})
    return result | {"activations": entries}


def comparison(folder: str | None = None, **changed: Any) -> nets.Comparison:
    settings: dict[str, Any] = {"hidden": (100,), "seeds": 5, "epochs": 20, **changed}
    return nets.compare("mnist", ACTIVATIONS, folder=folder, resume=folder is not None, **settings)


def main() -> None:
    result = comparison(*sys.argv[1:2])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(compact(result.as_dict()), indent=1) + "\n", encoding="utf-8")
    print(result.table())


if __name__ == "__main__":
    main()
