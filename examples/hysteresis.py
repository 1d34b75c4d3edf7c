"""A triangle of power draws a loop: the slower it is, the nearer its jumps come to the folds."""

from photonic import hysteresis, plot, plot_time, units
from photonic.parameters import VAN_VAERENBERGH_2012

ring = VAN_VAERENBERGH_2012.with_effects(heating=False)  # heat frozen: carriers alone
detuning = ring.detuning(half_linewidths=5)  # the laser stands on the blue side
loops = [hysteresis(ring, 1.8e-3, duration, detuning=detuning) for duration in (2e-6, 10e-6, 50e-6)]
up, down = (point.power for point in loops[0].folds)
print(f"folds          up at {units.engineering(up, 'W')}, down at {units.engineering(down, 'W')}")
for loop in loops:
    late = f"{100 * (loop.up_power / up - 1):.1f} % and {100 * (1 - loop.down_power / down):.1f} % late"
    print(
        f"{units.engineering(loop.duration, 's'):<6} triangle up at {units.engineering(loop.up_power, 'W')}, "
        f"down at {units.engineering(loop.down_power, 'W')}: {late}"
    )
plot.save(plot_time.loop(loops[1], title="through port, 10 µs triangle"), "hysteresis.png")
