"""How the encoding of the presets was chosen: accuracy on held-out MNIST training digits.

Every preset with x = bias + scale·z, 784–100–10, trained for 6 epochs on 55,000 training digits and
judged on the other 5,000; the test set takes no part. Prints the mean over the five presets.
"""

from __future__ import annotations

from statistics import fmean

import nets
from nets import tasks
from photonic.presets import PRESETS

BIASES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
SCALES = (0.06, 0.1, 0.12, 0.15, 0.2, 0.3, 0.5)


def accuracy(task: nets.Task, shape: str, bias: float, scale: float) -> float:
    neuron = nets.Photonic(PRESETS[shape].curve(), bias=bias, scale=scale)
    network = nets.Network((task.features, 100, task.classes), neuron, seed=0)
    network.scale_to_unit_variance(task.train_inputs[:128])
    return nets.train(network, task, epochs=6, learning_rate=2e-3).accuracy


def main() -> None:
    task = tasks.load("mnist").held_out(5000)
    print("bias  scale  mean held-out accuracy [%]")
    for bias in BIASES:
        for scale in SCALES:
            mean = fmean(accuracy(task, shape, bias, scale) for shape in PRESETS)
            print(f"{bias:4.1f}  {scale:5.2f}  {100 * mean:6.2f}")


if __name__ == "__main__":
    main()
