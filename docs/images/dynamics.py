"""Draw the figures of docs/dynamics.md: a stability map, and random symbols at three rates.

Run: python docs/images/dynamics.py (half a minute)
"""

import os
import runpy
import tempfile
from pathlib import Path

import numpy as np

from photonic import plot, plot_dynamics, stability_map
from photonic.parameters import VAN_VAERENBERGH_2012 as RING

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "pulse_driven_activation.py"


def main() -> None:
    powers = np.linspace(0.01e-3, 2e-3, 300)
    detunings = RING.detuning(half_linewidths=np.linspace(-8, 2, 300))
    figure = plot_dynamics.stability_map(stability_map(RING, powers, detunings))
    plot.save(figure, HERE / "stability_map.png")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        runpy.run_path(str(EXAMPLE), run_name="__main__")
        (HERE / "symbol_rates.png").write_bytes(Path("pulse_driven_activation.png").read_bytes())
        os.chdir(HERE)


if __name__ == "__main__":
    main()
