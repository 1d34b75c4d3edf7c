"""A parametric transfer curve against one bracketing root search (SciPy's brentq) per point."""

from __future__ import annotations

from math import pi

import numpy as np
from scipy.optimize import brentq
from timing import interleaved, ratio, report

from photonic import CavityLoadedMZI
from photonic.parameters import VAN_VAERENBERGH_2012

POINTS = 1000
POWER_MAX = 1e-3  # [W]
TIMES = 20


def main() -> None:
    device = CavityLoadedMZI(VAN_VAERENBERGH_2012.with_effects(heating=False), 0.0, pi)
    cavity = device.cavity()
    power = np.linspace(0, POWER_MAX, POINTS)

    def root_search() -> np.ndarray:
        out = np.zeros(POINTS)
        for i, p in enumerate(power[1:], 1):
            inside = p * device.ring_fraction
            top = 4 * cavity.c.coupling * inside / cavity.c.linear_loss**2
            energy = brentq(lambda u, p=inside: cavity.input_power(u) - p, 0.0, top, xtol=1e-30, rtol=1e-12)
            re, im = device.field(cavity, energy)
            out[i] = (re * re + im * im) * p
        return out

    def curves() -> None:
        for _ in range(TIMES):
            device.curve(POWER_MAX, POINTS)

    def transfers() -> None:
        for _ in range(TIMES):
            device.transfer(power)

    contestants = {
        f"{TIMES} curves, parametric, with slopes": curves,
        f"{TIMES} transfers at given powers": transfers,
        "1 curve, one brentq per point": root_search,
    }
    seconds = interleaved(contestants, rounds=11)
    first, _, last = contestants
    report(f"transfer curves of {POINTS} points", seconds, first)
    print(f"  one curve is {TIMES * ratio(seconds, last, first):.0f} times faster")
    curve = device.curve(POWER_MAX, POINTS)
    print(f"  largest difference: {np.max(np.abs(curve(power) - root_search())):.1e} W")


if __name__ == "__main__":
    main()
