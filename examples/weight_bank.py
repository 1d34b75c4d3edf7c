"""A microring weight bank: eight wavelengths weighed by rings that also touch each other's light."""

import numpy as np

from nets import WeightBank, plot_bank
from photonic import plot, units

rng = np.random.default_rng(1)
wanted = rng.uniform(-0.8, 0.8, (4, 8)).round(2)  # four neurons, eight channels
bank = WeightBank.from_weights(wanted, channel_spacing=100e9)
print(f"channels {units.engineering(bank.channel_spacing, 'Hz')} apart, 4 × 8 = {bank.size} rings")
low, high = bank.weight_range
print(f"a ring alone reaches weights from {low:.3f} to {high:.3f}")

ways = {
    "each ring as if alone": bank.programmed(wanted, corrected=False),
    "corrected": bank,
    "corrected, 7 bits": bank.with_weight_precision(7, seed=0),
}
print("\nlargest error of a weight")
for name, one in ways.items():
    print(f"  {name:22} {np.max(np.abs(one.weights() - wanted)):.1e}")

# The buses between the rings have phases that nobody knows: what interference then does to the weights.
errors = []
for _ in range(200):
    phases = rng.uniform(0, 2 * np.pi, (4, 7))
    chip = WeightBank(8, 4, channel_spacing=100e9, bus_phases=phases, detunings=bank.detunings)
    errors.append(chip.weights() - wanted)
print(f"\nrms error on chips with unknown bus phases: {np.std(errors):.3f}")
chip = chip.programmed(wanted)  # measured and set again, on one chip
print(f"on one of them, programmed again: {np.max(np.abs(chip.weights() - wanted)):.0e}")

powers = rng.uniform(0, 1e-3, (1, 8))  # up to 1 mW on each channel
currents, _ = bank.forward(powers)
print("currents of the four neurons:", ", ".join(units.engineering(i, "A") for i in currents[0]))
plot.save(plot_bank.spectra_and_weights(bank, wanted, ways), "weight_bank.png")
