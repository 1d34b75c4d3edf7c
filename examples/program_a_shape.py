"""Ask the default neuron for an activation, and read its heaters."""

import numpy as np

from photonic import CavityLoadedMZI, plot, program, units
from photonic.parameters import RIB_RING

neuron = CavityLoadedMZI(RIB_RING.with_effects(heating=False), 0.0, 0.0, port="cross")


def step(x):
    """Any function of x = P_in/full scale in [0, 1] will do."""
    return np.tanh(8 * (x - 0.35)) + 0.5 * x


for target in ("relu", step):
    found = program(neuron, target, 2e-3)
    print(f"{found.target.name}, {found.regime}")
    print(f"  R² {found.r_squared:.5f} (best straight line {found.line_r_squared:.3f})")
    print(f"  heaters {units.engineering(found.heater_power.total, 'W')}")
    print(f"  mean optical heating {found.mean_temperature:.2f} K")
    plot.save(plot.programmed(found), f"programmed_{found.target.name}.png")
