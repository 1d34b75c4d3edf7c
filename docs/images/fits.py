"""Figures of docs/fitting.md: a fitted curve, and what its readings tell of pairs of numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from photonic import Measured, fit, plot, plot_fit, presets

HERE = Path(__file__).parent


def main() -> None:
    device = presets.SIGMOID
    power = np.linspace(0.02e-3, 2e-3, 100)
    clean = device.transfer(power)
    noise = 0.01 * clean.max() * np.random.default_rng(2).standard_normal(power.size)
    guess = dataclasses.replace(device, arm_phase=device.arm_phase + 0.3, detuning=1.2 * device.detuning)
    found = fit(guess, Measured(power, clean + noise), ["detuning", "arm_phase", "carrier_lifetime"])
    plot.save(plot_fit.fit_curve(found), HERE / "fit_curve.png")
    plot.save(plot_fit.corner(found), HERE / "fit_corner.png")


if __name__ == "__main__":
    main()
