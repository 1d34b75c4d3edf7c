"""From a file of readings to the numbers of a device, and to a network of such neurons."""

import dataclasses

import numpy as np

from nets import Photonic, compare
from photonic import ReferencePlane, fit, plot, plot_fit, presets, read_curve

# A simulated sweep stands for the lab: the device is not quite the one that was designed, the powers are
# read in front of 3 dB of fibre and grating, and behind as much, where 3 µW are dark.
design = presets.SIGMOID
made = dataclasses.replace(design, detuning=1.3 * design.detuning, arm_phase=design.arm_phase - 0.25)
power = np.tile(np.linspace(0.05e-3, 2e-3, 60), 3)
read = made.transfer(power) / 2 + 3e-6 + 0.5e-6 * np.random.default_rng(1).standard_normal(power.size)
np.savetxt(
    "simulated_sweep.csv",
    np.c_[2e3 * power, 1e6 * read],
    header="Instrument: simulated\nLaser power [mW],Detector [uW]",
    delimiter=",",
    fmt="%.6g",
    comments="",
)

# From here on it is what one does with a file of one's own.
data = read_curve("simulated_sweep.csv", plane=ReferencePlane(input_loss=2.0, output_loss=2.0))
found = fit(design, data, ["detuning", "arm_phase", "carrier_lifetime", "dark"])
print(found.report())
plot.save(plot_fit.fit_curve(found), "fit_device.png")
neuron = Photonic(found.curve, bias=0.3, scale=0.15, name="fitted")
result = compare("digits", ["relu", neuron], hidden=(30,), seeds=3, epochs=8, learning_rates=[4e-3])
print(result.table())
