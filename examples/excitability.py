"""An optical neuron: below a threshold next to nothing, above it one spike of fixed size."""

import math

import numpy as np

from photonic import excitability_threshold, hopf_points, plot, plot_time, units
from photonic.parameters import VAN_VAERENBERGH_2012 as ring

detuning, power = 0.0, 0.4e-3  # on resonance, at rest just below the onset of pulsation
onset = hopf_points(ring, detuning, 2e-3)[0]
print(f"pulsation sets in at {units.engineering(onset.power, 'W')}, {onset.criticality}")

found = excitability_threshold(ring, power, 10e-9, detuning=detuning)
pulse = found.threshold_power
energy = units.engineering(found.threshold_energy, "J")
print(f"threshold       {units.engineering(pulse, 'W')} for 10 ns, {energy}")
for share in (0.8, 0.95, 1.05, 2.0, 4.0):
    carriers = found.response([share * pulse]).carriers.max()
    print(f"  {share:4.2f} of it: carriers up to {carriers:.3g} 1/m³")
print(f"latency         {units.engineering(found.latency, 's')}")
print(f"refractory time {units.engineering(found.refractory_time(), 's')}")

# Class II: it rings with its disturbances, so two pulses below threshold fire it if they come in step.
period = 2 * math.pi / max(abs(v.imag) for v in found.rest.eigenvalues if abs(v.imag) < 1e9)
for wait in (0.5 * period, 0.95 * period):
    pair = found.response([0.8 * pulse, 0.8 * pulse], [0.0, wait])
    fired = "a spike" if np.max(pair.carriers) > found.rest.carriers + found.level else "nothing"
    print(f"two pulses of 0.8, {units.engineering(wait, 's', 2)} apart: {fired}")

answers = {f"{share:g} of the threshold": found.response([share * pulse]) for share in (0.95, 1.05, 2.0)}
figure = plot_time.phase_portrait(answers, states=[found.rest], title="10 ns pulses from rest")
plot.save(figure, "excitability.png")
trace = found.response([0.95 * pulse, 1.05 * pulse], [0.0, 400e-9])
plot.save(plot_time.traces(trace, "below and above threshold"), "excitability_in_time.png")
