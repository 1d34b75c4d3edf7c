"""Which powers and heater settings to measure next, given what the first sweep told."""

import dataclasses

import numpy as np

from photonic import Experiment, Measured, fit, next_measurement, plot, plot_fit, presets

rng = np.random.default_rng(0)
device = presets.SIGMOID
free = ["detuning", "arm_phase", "carrier_lifetime", "coupling_rate"]
power = np.linspace(0.02e-3, 2e-3, 40)
clean = device.transfer(power)
first = Measured(power, clean + 10e-6 * rng.standard_normal(power.size))
known = fit(device, first, free)

plan = next_measurement(known, settings={"arm_phase": np.linspace(0, 2 * np.pi, 17)}, count=20, curves=2)
print(plan.table())

# Take it (simulated), and see whether the promise was kept.
experiments = [Experiment(first)]
for planned in plan.experiments:
    moved = dataclasses.replace(device, arm_phase=device.arm_phase + planned.shift["arm_phase"])
    readings = planned.measured
    noise = 10e-6 * rng.standard_normal(readings.power_in.size) / np.sqrt(readings.repeats)
    seen = dataclasses.replace(readings, power_out=moved.transfer(readings.power_in) + noise, sigma=None)
    experiments.append(dataclasses.replace(planned, measured=seen))
both = fit(device, experiments, free)
for name, estimate in both.estimates.items():
    kept = estimate.standard_error / known.estimates[name].standard_error
    promised = plan.after[name] / plan.before[name]
    print(f"{name:<23} standard error {kept:.2f} of what it was, {promised:.2f} promised")
plot.save(plot_fit.fit_curve(both), "next_measurement.png")
