"""From a wavelength scan to a ring, to the neuron that it makes, and to a network of such neurons."""

import dataclasses

import numpy as np

from nets import Photonic, compare
from photonic import CavityLoadedMZI, fit_spectrum, plot, plot_spectra, presets, program, read_spectrum

# A simulated scan stands for the lab: a ring behind grating couplers, whose envelope and ripple come on top.
design = presets.SIGMOID.ring
made = dataclasses.replace(design, coupling_rate=0.8 * design.coupling_rate, wavelength=1550.37e-9)
wavelength = np.arange(1.535e-6, 1.565e-6, 2e-12)
envelope = -18 - ((wavelength - 1.551e-6) / 12e-9) ** 2 + 0.15 * np.sin(2 * np.pi * wavelength / 0.31e-9)
noise = 0.02 * np.random.default_rng(0).standard_normal(wavelength.size)
level = envelope + noise + 10 * np.log10(made.spectrum(wavelength).through)
np.savetxt(
    "simulated_scan.csv",
    np.c_[1e9 * wavelength, level],
    header="wavelength [nm],through [dBm]",
    delimiter=",",
    fmt="%.4f",
    comments="",
)

# From here on it is what one does with a file of one's own.
found = fit_spectrum(read_spectrum("simulated_scan.csv"), circumference=design.circumference)
print(found.report())
plot.save(plot_spectra.resonances(found), "fit_spectrum.png")
ring = found.ring(regime="over", like=design)  # a dip alone does not tell over- from under-coupling
device = CavityLoadedMZI(ring.with_effects(heating=False), 0.0, 0.0, port="cross")
reached = program(device, "sigmoid", power_max=2e-3)
print(f"\nsigmoid on this ring: R² {reached.r_squared:.4f}")
neuron = Photonic(reached.curve, bias=0.3, scale=0.15, name="sigmoid")
print(compare("digits", ["relu", neuron], hidden=(30,), seeds=2, epochs=6, learning_rates=[4e-3]).table())
