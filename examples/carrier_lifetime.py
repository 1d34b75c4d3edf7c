"""What a static curve cannot tell, and the answer in time that does: the carrier lifetime."""

import numpy as np

from photonic import Drive, Measured, MeasuredResponse, fit, plot, plot_fit, presets, simulate

rng = np.random.default_rng(0)
device = presets.SIGMOID
free = ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"]

# Simulated readings: a sweep with noise of 1 %, and the answer to a step from 0.4 to 1.4 mW.
power = np.linspace(0.02e-3, 2e-3, 100)
clean = device.transfer(power)
sweep = Measured(power, clean + 0.01 * clean.max() * rng.standard_normal(power.size))
times = np.linspace(0.0, 8e-9, 161)
step = Drive.held([0.0, 1e-9, 8e-9], [0.4e-3, 1.4e-3])
settled = simulate(device, 0.4e-3, [0.0, 100e-9])
answer = simulate(device, step, times, initial=settled).power_out
response = MeasuredResponse(times, step, answer + 0.01 * answer.max() * rng.standard_normal(times.size))

alone, both = fit(device, sweep, free), fit(device, [sweep, response], free, intervals="wald")
for direction in alone.unidentifiable:
    print(f"the curve alone: {direction}\n")
for name, estimate in both.estimates.items():
    share = 100 * estimate.standard_error / abs(estimate.value)
    print(f"with the answer in time: {name} = {estimate.value:.4g} {estimate.unit} ± {share:.2g} %")
plot.save(plot_fit.corner(both), "carrier_lifetime.png")
