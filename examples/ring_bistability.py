"""A ring with memory: the same input power, two outputs, depending on where one comes from."""

from photonic import RingThrough, folds, plot, steady_states, units
from photonic.parameters import VAN_VAERENBERGH_2012

ring = VAN_VAERENBERGH_2012.with_effects(heating=False)  # heat frozen: carriers alone
device = RingThrough(ring, ring.detuning(half_linewidths=6))  # the laser stands on the blue side

low, high = sorted(point.power for point in folds(device))
print(f"bistable from {units.engineering(low, 'W')} to {units.engineering(high, 'W')}")
power = (low * high) ** 0.5
for state in steady_states(device, power):
    word = "stable" if state.stable else "unstable"
    print(f"at {units.engineering(power, 'W')}: {units.engineering(state.through, 'W')} through, {word}")

top = 1.2 * high
sweeps = {f"power {sweep}": device.curve(top, sweep=sweep) for sweep in ("up", "down")}
plot.save(plot.curves(sweeps, title="through port, frozen heat"), "ring_bistability.png")
plot.save(plot.branches(device, top), "ring_branches.png")
