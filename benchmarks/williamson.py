"""The network of Williamson et al. (2020) on full MNIST, and the same with free-carrier neurons.

``python benchmarks/williamson.py FOLDER [SEEDS]`` trains (or goes on with what FOLDER holds) and
writes ``benchmarks/results/williamson.json``. Two meshes of 16 modes, an activation behind each;
16 Fourier coefficients of every digit; cross-entropy of the shares of the power in the first ten
outputs; Adam, 200 epochs, batches of 512: the settings of the public notebook to I. A. D.
Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26, 7700412 (2020), which gives 81.8 % without
and 90.5 % with the electro-optic activation. ``python benchmarks/williamson.py --time`` times an epoch.

Preset and laser power of the free-carrier networks were chosen on 10,000 held-out training digits (60
epochs, one seed, five presets, 5 to 40 mW), never on the test set. There the electro-optic activation
gained a little from a trained gain; a trained bias made training unstable (70 to 88 %), so it is fixed.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np

from nets import ElectroOptic, LightActivation, MZIMesh, Network, OpticalNetwork, tasks, train
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder
from nets.optical.readout import Readout
from photonic import presets

RESULTS = Path(__file__).parent / "results" / "williamson.json"
MODES, CLASSES = 16, 10
EPOCHS, BATCH, RATE = 200, 512, 1e-3
UNIT = 0.1e-3  # [W], power of a coefficient of modulus 1 in the networks of the paper; any will do
LASER = 20e-3  # [W], light of an example in the free-carrier networks
PRESET = "sigmoid"
SETTINGS = ("detuning", "arm_phase", "input_coupling", "output_coupling")


def network(activation: Callable[[], Any] | None, encoder: FieldEncoder, seed: int) -> OpticalNetwork:
    """Encoder, twice a mesh and an activation, detectors, shares of the first ten currents."""
    layers = [[MZIMesh(MODES), *([activation()] if activation else [])] for _ in range(2)]
    stages = [encoder, *layers[0], *layers[1], Detector(MODES, 1.0)]
    return OpticalNetwork([*stages, Readout(MODES, 1.0, outputs=CLASSES, law="log-share", trained=())], seed)


def coefficients_encoder() -> FieldEncoder:
    """A coefficient of modulus 1 gets `UNIT`; 16 of mean modulus 1 are never above 16."""
    return FieldEncoder(2 * MODES, UNIT * MODES**2, largest=MODES, pairs=True)


def laser_encoder(power: float = LASER) -> FieldEncoder:
    """The light of one laser [W], shared among the channels."""
    return FieldEncoder(2 * MODES, total_power=power, pairs=True)


def electro_optic(trained: Sequence[str] = ()) -> ElectroOptic:
    gain = 0.05 * math.pi / UNIT
    return ElectroOptic(MODES, gain_phase=gain, bias_phase=math.pi, alpha=0.1, trained=trained)


def free_carriers(power: float = LASER, trained: Sequence[str] = ()) -> LightActivation:
    return LightActivation(presets.preset(PRESET).device, MODES, power_max=power, trained=trained)


def digital(hidden: int) -> Callable[[int], Network]:
    """ReLU on the same coefficients: 12 have as many numbers as two meshes, 15 as those that learn."""
    return lambda seed: Network((2 * MODES, hidden, CLASSES), "relu", seed)


NETWORKS: dict[str, Callable[[int], Any]] = {
    "linear": lambda seed: network(None, coefficients_encoder(), seed),
    "electro-optic": lambda seed: network(electro_optic, coefficients_encoder(), seed),
    "electro-optic, trained gain": lambda seed: network(
        lambda: electro_optic(("gain_phase",)), coefficients_encoder(), seed
    ),
    "free carriers": lambda seed: network(free_carriers, laser_encoder(), seed),
    "free carriers, tenth of the laser": lambda seed: network(
        lambda: free_carriers(LASER / 10), laser_encoder(LASER / 10), seed
    ),
    "free carriers, trained": lambda seed: network(
        lambda: free_carriers(trained=SETTINGS), laser_encoder(), seed
    ),
    "digital ReLU, 12 neurons": digital(12),
    "digital ReLU, 15 neurons": digital(15),
}


def run(folder: Path, name: str, seed: int, task: Any) -> dict[str, Any]:
    """Result of one network and seed, from the folder if it is there."""
    file = folder / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    made = NETWORKS[name](seed)
    history = train(
        made, task, epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE, seed=seed,
        checkpoint=file.with_suffix(".npz"), resume=True,
        progress=lambda done, _, h: print(f"{name} {seed}: {done} {h.accuracy:.4f}", file=sys.stderr),
    )  # fmt: skip
    found = {
        "network": name, "seed": seed, "parameters": int(made.parameters.size),
        "test_accuracy": history.accuracy, "train_accuracy": history.train_accuracy[-1],
        "per_epoch": [round(a, 4) for a in history.test_accuracy],
    }  # fmt: skip
    file.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """One entry of the results file."""
    accuracy = [r["test_accuracy"] for r in runs]
    epochs = [round(fmean(e), 4) for e in zip(*(r["per_epoch"] for r in runs), strict=True)]
    return {
        "network": runs[0]["network"], "parameters": runs[0]["parameters"],
        "mean": round(fmean(accuracy), 5), "deviation": round(stdev(accuracy), 5) if len(runs) > 1 else None,
        "per_seed": accuracy, "train_accuracy": round(fmean(r["train_accuracy"] for r in runs), 5),
        "test_accuracy_per_epoch": epochs,
    }  # fmt: skip


def settings() -> dict[str, Any]:
    return {
        "modes": MODES, "epochs": EPOCHS, "batch_size": BATCH, "learning_rate": RATE,
        "watts_per_unit": UNIT, "laser_watts": LASER, "preset": PRESET, "trained_settings": SETTINGS,
        "published": {"linear": 0.8178, "electro-optic": 0.9053},
    }  # fmt: skip


def epoch_seconds(name: str, task: Any) -> float:
    """Processor seconds of one epoch of training after a first one, without the test."""
    made = NETWORKS[name](0)
    rows = np.arange(len(task.train_labels))
    seconds = 0.0
    for _ in range(2):
        start = time.process_time()
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            made.loss_and_gradient(task.train_inputs[batch], task.train_labels[batch])
        seconds = time.process_time() - start
    return seconds


def main() -> None:
    task = tasks.fourier(tasks.load("mnist"), MODES)
    if sys.argv[1:2] == ["--time"]:
        for name in NETWORKS:
            print(f"{name:<34} {epoch_seconds(name, task):6.2f} s of processor time an epoch of 60,000")
        return
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in NETWORKS}
    for seed in range(int(sys.argv[2]) if len(sys.argv) > 2 else 5):
        for name, found in runs.items():
            found.append(run(folder, name, seed, task))
    result = {"settings": settings(), "networks": [summary(found) for found in runs.values()]}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for entry in result["networks"]:
        print(f"{entry['network']:<34} {100 * entry['mean']:6.2f} % on the test set")


if __name__ == "__main__":
    main()
