"""Draw the README's figure: four shapes that one device is programmed to be.

Run: python docs/images/shapes.py
"""

from pathlib import Path

from photonic import plot, presets, program

NAMES = ("sigmoid", "clamped-relu", "radial-basis", "softplus")
COLOURS = ("blue", "green", "vermilion", "purple")


@plot.styled
def figure():
    drawn = plot.new_figure(9.0, 2.4)
    for index, (name, colour) in enumerate(zip(NAMES, COLOURS, strict=True)):
        found = program(presets.SIGMOID, name, presets.POWER_MAX)
        axes = drawn.add_subplot(1, 4, index + 1)
        power = found.curve.power_in
        axes.plot(1e3 * power, found.reached(power / found.power_max), color=plot.COLOURS[colour], lw=2)
        wanted = found.wanted(power / found.power_max)
        axes.plot(1e3 * power, wanted, color=plot.COLOURS["ink"], ls="--", lw=1)
        axes.set_title(f"{name}\nR² {found.r_squared:.4f}")
        axes.set_xlabel("input power [mW]")
        axes.set_xlim(0, 1e3 * found.power_max)
        if index == 0:
            axes.set_ylabel("output, scaled [1]")
            axes.legend(["reached", "target"], loc="upper left")
    return drawn


if __name__ == "__main__":
    plot.save(figure(), Path(__file__).with_suffix(".png"))
