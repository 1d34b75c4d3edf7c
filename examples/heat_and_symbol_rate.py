"""When a static curve may be used: the error it makes under random symbols of a given length."""

import numpy as np

from photonic import plot, presets, units
from photonic.regime import symbol_error

times = np.geomspace(0.5e-9, 1e-6, 200)


@plot.styled
def figure(errors):
    drawn = plot.new_figure(5.2, 3.4)
    axes = drawn.add_subplot()
    for colour, (name, error) in zip(plot.CYCLE, errors.items(), strict=False):
        axes.loglog(1e9 * times, 100 * np.where(np.isfinite(error), error, np.nan), color=colour, label=name)
    axes.axhline(5, color=plot.COLOURS["grey"], lw=0.8)
    axes.set_xlabel("symbol time [ns]")
    axes.set_ylabel("rms error of the static curve [% of range]")
    axes.legend()
    return drawn


errors = {}
for name in ("sigmoid", "clamped-relu", "softplus"):
    preset = presets.preset(name)
    powers = np.linspace(0, preset.power_max, 101)
    window = preset.device.symbol_window(powers)
    span = "none" if window is None else " to ".join(
        units.engineering(t, "s", 2) for t in (window.shortest, window.longest)
    )  # fmt: skip
    print(f"{name:<13} within 5 %: {span}")
    errors[name] = symbol_error(preset.device, powers, times)
plot.save(figure(errors), "heat_and_symbol_rate.png")
