"""A ring that pulses by itself under constant light: where, how fast, and in which shape."""

import numpy as np

from photonic import hopf_points, plot, plot_time, self_pulsation, simulate, steady_states, units
from photonic.parameters import VAN_VAERENBERGH_2012 as ring

detuning, power = ring.detuning(62e-12), 0.6e-3  # the laser 62 pm red of the cold resonance
onset = hopf_points(ring, detuning, 2e-3)[0]
print(f"a state begins to oscillate at {units.engineering(onset.power, 'W')}, {onset.criticality}")
for state in steady_states(ring, power, detuning):
    print(f"at {units.engineering(power, 'W')}: {state.temperature:.2f} K, stable: {state.stable}")

# One state is stable, so that what happens depends on the start: a ring at 0.7 K is warm enough.
found = self_pulsation(ring, power, detuning=detuning, initial={"temperature": 0.7})
print(f"period      {units.engineering(found.period, 's', 5)} (published: 77.8 ns)")
print(f"extinction  {10 * np.log10(found.extinction_ratio):.1f} dB, duty cycle {found.duty_cycle:.0%}")
wave = found.waveform
print(f"temperature {wave.temperature.min():.2f} to {wave.temperature.max():.2f} K")

start = simulate(ring, power, np.linspace(0, 400e-9, 8001), detuning=detuning, initial={"temperature": 0.7})
states = steady_states(ring, power, detuning)
plot.save(plot_time.traces(start, "0.6 mW, 62 pm red"), "self_pulsation.png")
plot.save(
    plot_time.phase_portrait({"start": start, "cycle": wave}, states=states), "self_pulsation_cycle.png"
)
plot.save(plot_time.spectrum(found), "self_pulsation_spectrum.png")
