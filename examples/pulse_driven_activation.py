"""An activation driven by random symbols: its static curve holds at one rate, and at others it does not."""

import dataclasses

import numpy as np

from photonic import Drive, plot, presets, simulate, units

preset = presets.preset("sigmoid")
curve = preset.curve()
rng = np.random.default_rng(0)
sent = rng.uniform(*curve.domain, (4, 500))  # [W], four streams

# The curve counts its detuning from the mean-hot resonance: take off what the mean heat adds.
kelvin, offset = preset.device.mean_heating(np.linspace(*curve.domain, 401))
hot = preset.device.with_effects(heating=True)
hot = dataclasses.replace(hot, detuning=hot.detuning - offset)


def read_out(symbol_time):
    """Output at the end of each symbol [W], after 100 that warm the ring up."""
    edges = np.arange(sent.shape[1] + 1) * symbol_time
    trace = simulate(hot, Drive.held(edges, sent), edges, initial={"temperature": kelvin}, rtol=1e-7)
    return trace.power_out[:, 101:]


@plot.styled
def figure(results):
    drawn = plot.new_figure(7.4, 2.9)
    panels = drawn.subplots(1, len(results), sharex=True, sharey=True)
    power = np.linspace(*curve.domain, 200)
    for axes, colour, (title, out) in zip(panels, plot.CYCLE, results.items(), strict=False):
        axes.plot(1e3 * sent[:, 100:].ravel(), 1e3 * out.ravel(), ".", color=colour, ms=1.5, alpha=0.5)
        axes.plot(1e3 * power, 1e3 * curve(power), color=plot.COLOURS["ink"], lw=1.2)
        axes.set_title(title)
        axes.set_xlabel("input [mW]")
    panels[0].set_ylabel("output [mW]")
    return drawn


span = np.ptp(curve.power_out)
results = {}
for symbol_time in (0.5e-9, 5e-9, 200e-9):
    out = read_out(symbol_time)
    error = (out - curve(sent[:, 100:])) / span
    rate = units.engineering(1 / symbol_time, "Bd", 2)
    rms = np.sqrt(np.mean(error**2))
    print(f"{rate:>8}: rms error {rms:.1%} of the range, largest {np.max(np.abs(error)):.0%}")
    results[f"{rate}: {rms:.0%} rms"] = out
plot.save(figure(results), "pulse_driven_activation.png")
