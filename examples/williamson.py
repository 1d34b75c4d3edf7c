"""Two meshes of light on MNIST: linear, with the electro-optic detour, with silicon neurons that learn."""

import json
import math
from pathlib import Path

import numpy as np

from nets import (
    Detector,
    ElectroOptic,
    FieldEncoder,
    LightActivation,
    MZIMesh,
    OpticalNetwork,
    Readout,
    tasks,
    train,
)
from photonic import plot, presets

MODES, LASER = 16, 20e-3  # guides; light of one digit in all of them [W]
SETTINGS = ("detuning", "arm_phase", "input_coupling", "output_coupling")
# 16 Fourier coefficients of each digit; the short form learns from 8,000 of the 60,000 digits
task = tasks.fourier(tasks.load("mnist").subset(8000), MODES)


def electro_optic():
    # I. A. D. Williamson et al. 2020: 0.05 π per unit of power; a digit has 23.3 units on average
    return ElectroOptic(MODES, gain_phase=0.05 * math.pi * 23.3 / LASER, bias_phase=math.pi, alpha=0.1)


def silicon():
    return LightActivation(presets.SIGMOID, MODES, power_max=LASER, trained=SETTINGS)


def network(activation=None):
    """A mesh and an activation, twice; the shares of the currents are the probabilities."""
    stages = [FieldEncoder(2 * MODES, total_power=LASER, pairs=True)]
    for _ in range(2):
        stages += [MZIMesh(MODES)] + ([activation()] if activation else [])
    stages += [Detector(MODES, 0.8), Readout(MODES, 1.0, outputs=10, law="log-share", trained=())]
    return OpticalNetwork(stages, seed=0)


@plot.styled
def figure(histories, neurons):
    drawn = plot.new_figure(7.4, 2.9)
    left, right = drawn.subplots(1, 2)
    for colour, (name, history) in zip(plot.CYCLE, histories.items(), strict=False):
        left.plot(
            np.arange(1, history.epochs + 1), 100 * np.array(history.test_accuracy), color=colour, label=name
        )
    left.legend(loc="lower right")
    left.set(title="Test digits", xlabel="epoch", ylabel="right [%]")
    power = np.linspace(0, 6e-3, 200)
    for device in neurons.devices():
        right.plot(1e3 * power, 1e3 * device.transfer(power), color=plot.COLOURS["sky"], lw=0.8)
    right.plot([], [], color=plot.COLOURS["sky"], lw=0.8, label="each neuron, learnt")
    right.plot(1e3 * power, 1e3 * presets.SIGMOID.transfer(power), color=plot.COLOURS["ink"], label="start")
    right.legend(loc="upper left")
    right.set(title="Silicon neurons of the second layer", xlabel="power in [mW]", ylabel="power out [mW]")
    return drawn


histories = {}
print("short form, 8,000 digits:")
for name, activation in (("linear", None), ("electro-optic", electro_optic), ("silicon, learning", silicon)):
    made = network(activation)
    histories[name] = train(made, task, epochs=20, batch_size=128, learning_rate=3e-3)
    print(f"  {name:18} {made.parameters.size} numbers, {histories[name].accuracy:.1%} of the test digits")
results = Path(__file__).parents[1] / "benchmarks" / "results" / "williamson.json"
if results.exists():
    print("full form, 60,000 digits, 200 epochs (benchmarks/williamson.py):")
    for entry in json.loads(results.read_text(encoding="utf-8"))["networks"]:
        print(f"  {entry['network']:34} {entry['mean']:.1%} over {len(entry['per_seed'])} seeds")
plot.save(figure(histories, made.stages[-3]), "williamson.png")
