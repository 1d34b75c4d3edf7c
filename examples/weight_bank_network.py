"""Broadcast and weight: digits read by microring weight banks and silicon neurons, in watts.

49 pixel averages are 49 wavelengths; one bank of rings a neuron weighs them all, balanced photodiodes
drive a modulator, its light passes a free-carrier neuron (A. N. Tait et al., J. Lightwave Technol. 32, 4029
(2014)). After training, every ring is set with a few bits of precision only.
"""

import numpy as np

from nets import BankNetwork, WeightBank, tasks, train
from nets.plot_optics import plot_budget
from photonic.plot import save

architecture = BankNetwork(name="banks", channels=49, laser_power=20e-3, preset="sigmoid")
task = architecture.task(tasks.load("digits"))
print(f"{task}\n{architecture.encoding}\n")

network = architecture.network(task, (16,), seed=0)
history = train(network, task, epochs=12, learning_rate=0.01)
print(f"{network.parameters.size} numbers trained, {history.accuracy:.1%} of the test digits\n")

budget = network.budget(task.test_inputs[:500])
print(budget.table())

# One draw of the errors of every ring's weight: bits = log2(range/σ).
banks = [stage for stage in network.stages if isinstance(stage, WeightBank)]
learned = [bank.detunings.copy() for bank in banks]
print("\nbits of each weight and test digits, mean of five chips")
for bits in (8, 6, 5, 4, 3):
    right = []
    for chip in range(5):
        for k, bank in enumerate(banks):
            bank.detunings[...] = bank.with_weight_precision(bits, seed=10 * chip + k).detunings
        right.append(network.accuracy(task.test_inputs, task.test_labels))
        for bank, exact in zip(banks, learned, strict=True):
            bank.detunings[...] = exact
    print(f"  {bits} bits  {np.mean(right):.1%}")

save(plot_budget(budget), "weight_bank_network.png")
