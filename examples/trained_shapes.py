"""Neurons that learn their own shape: heaters trained together with the weights, on 6,000 digits.

They start as a radial basis, a poor shape for ten neurons, and make something better of it.
Prints what is random, frozen, trained and back-propagated, the accuracy beside the same neurons with
their heaters left alone, and the settings of one neuron for the chip; ``trained_shapes.png``
shows every transfer curve before and after training.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import nets
from nets import tasks
from nets.plot_shapes import learned_curves
from nets.trainable_activation import trained
from photonic.presets import RADIAL_BASIS

TASK = tasks.load("mnist").subset(6000)


def network(rate: float) -> nets.Network:
    """784–10–10 with neurons whose heaters learn ``rate`` times as fast as the weights."""
    made = nets.Network((TASK.features, 10, TASK.classes), trained(start=RADIAL_BASIS, rate=rate), seed=0)
    made.scale_to_unit_variance(TASK.train_inputs[:128])
    return made


def main(folder: Path) -> None:
    learning, fixed = network(1.0), network(1e-9)
    print(learning.activations[0].statement(), end="\n\n")
    for name, each in (("heaters left alone", fixed), ("heaters trained", learning)):
        history = nets.train(each, TASK, epochs=8, learning_rate=4e-3)
        print(f"{name:20} {100 * history.accuracy:.2f} % on 10,000 test digits")

    neurons, found = learning.activations[0], learning.activation_parameters[0]
    device = neurons.devices(found)[0]
    half = float(device.ring.linewidth) / 2
    print(
        f"\nneuron 0 on the chip: detuning {float(device.detuning) / half:+.3f} half-linewidths, arm phase "
        f"{float(device.arm_phase) / math.pi:.3f} π, couplings {device.input_coupling:.3f} and "
        f"{device.output_coupling:.3f}"
    )
    before, after = (1e3 * neurons.heater_power(p) for p in (neurons.parameters, found))
    print(f"heaters: {before.mean():.1f} mW a neuron at the start, {after.mean():.1f} mW learned")
    figure = folder / "trained_shapes.png"
    learned_curves(neurons, found).savefig(figure, dpi=150)
    print(f"wrote {figure}")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
