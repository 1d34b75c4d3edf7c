"""Fits of synthetic spectra: how long one takes, and how often the 95 % intervals hold the truth.

Run: python benchmarks/spectra.py (minutes).
"""

from __future__ import annotations

import math
import sys
from time import process_time

import numpy as np

from photonic import Ring
from photonic.lab.spectrum_fit import fit_spectrum

WAVELENGTH = np.linspace(1.53e-6, 1.57e-6, 12001)
LENGTH = 400e-6
RING = Ring(
    wavelength=1.55e-6, group_index=4.2, circumference=LENGTH, coupling_rate=2.0e10, scattering_rate=4.5e10
)


def spectrum(ring: Ring, seed: int, ripple: float, noise: float = 3e-3) -> np.ndarray:
    """Through power [W]: grating envelope, two ripples of that amplitude [1], relative noise, dark noise."""
    rng = np.random.default_rng(seed)
    x = WAVELENGTH
    light = 1e-5 * np.exp(-(((x - 1.548e-6) / 40e-9) ** 2))
    for period in (0.23e-9, 0.52e-9):
        wobble = 1 + 0.1 * np.sin(2 * math.pi * x / 17e-9 + rng.uniform(0, 6))
        light = light * np.exp(ripple * wobble * np.sin(2 * math.pi * x / period + rng.uniform(0, 6)))
    power = light * ring.spectrum(x).through
    return power * (1 + noise * rng.standard_normal(x.size)) + 2e-9 * rng.standard_normal(x.size)


def coverage(seeds: range, ripple: float) -> dict[str, tuple[int, int]]:
    """How many intervals held the truth, of how many, by quantity."""
    held = {
        name: [0, 0] for name in ("wavelength", "quality factor", "transmission", "coupling", "intrinsic")
    }
    spacing = 299792458.0 / (RING.group_index * LENGTH)
    r1, _, a = RING.round_trip_amplitudes
    bottom = ((r1 - a) / (1 - r1 * a)) ** 2
    for seed in seeds:
        found = fit_spectrum(WAVELENGTH, spectrum(RING, seed, ripple), circumference=LENGTH)
        for one in found.resonances:
            frequency = 299792458.0 / one.wavelength.value
            mode = round((frequency - 299792458.0 / RING.wavelength) / spacing)
            true = 299792458.0 / RING.wavelength + mode * spacing
            rates = one.rates.get("under")
            pairs = [
                ("wavelength", one.wavelength, 299792458.0 / true),
                ("quality factor", one.quality_factor, 2 * math.pi * true / RING.linewidth),
                ("transmission", one.transmission, bottom),
                ("coupling", rates and rates.coupling, RING.coupling_rate),
                ("intrinsic", rates and rates.intrinsic, RING.scattering_rate),
            ]
            for name, quantity, truth in pairs:
                held[name][1] += 1
                held[name][0] += bool(quantity) and quantity.low <= truth <= quantity.high
    return {name: (inside, total) for name, (inside, total) in held.items()}


def main(seeds: int) -> None:
    for ripple in (0.0, 0.01, 0.05):
        start = process_time()
        shares = coverage(range(seeds), ripple)
        text = ", ".join(f"{name} {100 * k / n:.1f}" for name, (k, n) in shares.items())
        count = next(iter(shares.values()))[1]
        seconds = process_time() - start
        print(f"ripple {ripple:.2f}: {count} resonances, intervals that hold the truth [%]: {text}")
        print(f"  {1e3 * seconds / count:.0f} ms of processor time per resonance")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
