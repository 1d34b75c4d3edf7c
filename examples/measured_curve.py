"""A curve from your own bench as the activation of a network."""

from pathlib import Path

import numpy as np

from nets import Photonic, compare, properties
from nets.plot import activation_card
from photonic import Curve, plot

# What a power meter would have written: input and output power in µW, a threshold near 300 µW.
TABLE = Path("bench.csv")
power = np.linspace(0, 800, 33)
np.savetxt(
    TABLE, np.c_[power, 420 / (1 + np.exp(-(power - 300) / 70))], delimiter=",", header="in [uW],out [uW]"
)

curve = Curve.load(TABLE)  # two columns, with units in their headers
print(f"threshold {1e6 * curve.metrics().threshold:.0f} µW, known from 0 to {1e6 * curve.domain[1]:.0f} µW")

# z = 0 stands at the middle of the rise; three standard deviations fill the range.
neuron = Photonic(curve, bias=0.4, scale=0.15, outside="saturate", name="bench")
print(neuron.encoding)
print("\n".join(f"  {name:<20}{value}" for name, value in properties(neuron).rows()[:5]))
plot.save(activation_card(neuron), "measured_curve.png")

result = compare("digits", ["relu", neuron], hidden=(30,), seeds=3, epochs=5, learning_rates=[4e-3])
print(result.table())
