"""From a file of readings to a trained network, with and without the noise of the readings."""

import numpy as np

from nets import Photonic, compare
from photonic import plot, presets, read_curve, units

# A simulated sweep stands for the lab: a programmed neuron, read five times at each power.
preset = presets.preset("sigmoid")
power = np.linspace(0.02, 1, 80)[:, None] * preset.power_max
out = np.repeat(preset.device.transfer(power), 5, axis=1)
readings = out + np.random.default_rng(0).normal(size=out.shape) * np.hypot(0.02 * out.max(), 0.03 * out)
np.savetxt(
    "simulated_sweep.csv",
    1e3 * np.c_[power, readings],
    header="in [mW]," + ",".join(f"out {k} [mW]" for k in range(1, 6)),
    delimiter=",",
    fmt="%.6g",
    comments="",
)

# From here on it is what one does with a file of one's own.
data = read_curve("simulated_sweep.csv", negative="keep")  # a dark level was taken off
curve = data.curve()
made = curve.metadata["curve"]
print(f"{data}: {made['method'][0]} of {made['degrees_of_freedom']:.1f} degrees of freedom")
print(f"standard error {units.engineering(made['standard_error'], 'W')}, "
      f"noise of one reading {units.engineering(curve.sigma.max(), 'W')} at most")  # fmt: skip
error = np.sqrt(np.mean((curve(power) - preset.device.transfer(power)) ** 2))
print(f"off the simulated device by {units.engineering(error, 'W')} rms\n")
plot.save(plot.curves({"from the readings": curve, "device": preset.curve()}), "measured_neuron.png")

neuron = Photonic(curve, bias=0.3, scale=0.15, name="measured")
settings = {"hidden": (30,), "seeds": 3, "epochs": 8, "learning_rates": [4e-3]}
for train_noise, test_noise in ((False, False), (False, True), (True, True)):
    result = compare("digits", ["relu", neuron], **settings, train_noise=train_noise, test_noise=test_noise)
    words = f"noise in training: {train_noise}, in testing: {test_noise}"
    light, relu = result["measured"].accuracy, result["relu"].accuracy
    print(f"{words:<45} light {100 * light.mean:.1f} %, ReLU {100 * relu.mean:.1f} %")
