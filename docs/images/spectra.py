"""Fit the measured rings of openEBL; draw the figures and the table of docs/spectra.md.

Run: python docs/images/spectra.py FOLDER, the folder with rings_2024_10_centi_dbm.npz (half a minute).
"""

import math
import re
import sys
from pathlib import Path

import numpy as np

from photonic import fit_spectrum, plot, plot_spectra
from photonic.plot import COLOURS

HERE = Path(__file__).parent
REFERENCE = 1.55e-6


def fits(folder):
    found = {}
    with np.load(folder / "rings_2024_10_centi_dbm.npz") as data:
        wavelength = 1e-9 * data["wavelength_nm"].astype(float)
        for name in data.files:
            if name == "wavelength_nm":
                continue
            short = name.split("_", 1)[1]
            radius = re.search(r"r(\d+)g", short)
            found[short] = fit_spectrum(
                wavelength,
                1e-3 * 10 ** (data[name] / 1000),
                radius=None if radius is None else 1e-6 * int(radius[1]),
                at=REFERENCE,
            )
    return found


def table(found):
    print("| device | rings | resonances | FSR [nm] | n_g [1] | loaded Q | regime | residual | no ripple |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, one in found.items():
        r, fsr, index = one.reference, one.free_spectral_range_interval, one.group_index_interval
        n_g = "–" if index is None else f"{index.value:.4f} ± {(index.high - index.low) / 2:.4f}"
        q = r.quality_factor
        print(
            f"| `{name}` | {one.families} | {len(one.resonances)} "
            f"| {1e9 * fsr.value:.4f} ± {0.5e9 * (fsr.high - fsr.low):.4f} | {n_g} "
            f"| {q.value:.0f} [{q.low:.0f}, {q.high:.0f}] | {r.regime} "
            f"| {one.raw_residual_db:.2f} | {one.residual_db:.2f} |"
        )
    for kind in ("raw_residual_db", "residual_db"):
        good = sum(getattr(one, kind) <= 0.25 for one in found.values())
        print(f"{kind} <= 0.25 dB: {good} of {len(found)}")
    for name in ("Ring_solo", "MZI_ring_1"):
        rates = found[name].reference.rates["symmetric"]
        for label in ("coupling", "intrinsic"):
            q = getattr(rates, label)
            print(f"{name} {label}: {1e-9 * q.value:.1f} [{1e-9 * q.low:.1f}, {1e-9 * q.high:.1f}] 1/ns")
    for name, one in found.items():
        loss = None
        if one.group_index is not None and "symmetric" in one.reference.rates:
            loss = f"{one.loss_db_per_cm('symmetric').value:.1f} dB/cm if the couplers are equal"
        split = sum(r.splitting is not None for r in one.resonances)
        print(f"{name}: {split} split, drop calibrated: {one.drop_calibrated}, loss: {loss}")


@plot.styled
def families(found):
    """Group index by wavelength for three radii, and loaded quality factor by gap."""
    figure = plot.new_figure(7.2, 3.0)
    left, right = figure.add_subplot(121), figure.add_subplot(122)
    for radius, colour in ((3, "purple"), (5, "green"), (10, "blue")):
        gaps, quality = [], []
        for name, one in found.items():
            if f"r{radius}g" not in name:
                continue
            clear = [r for r in one.resonances if not r.faint]
            nu = np.array([299792458.0 / r.wavelength.value for r in clear])
            at = 1e9 * 299792458.0 / ((nu[1:] + nu[:-1]) / 2)
            index = 299792458.0 / (2e-6 * math.pi * radius * np.abs(np.diff(nu)))
            label = f"radius {radius} µm" if not gaps else None
            left.plot(at, index, "o", color=COLOURS[colour], ms=4, mfc="none", label=label)
            gaps.append(int(re.search(r"g(\d+)$", name)[1]))
            quality.append(one.reference.quality_factor)
        order = np.argsort(gaps)
        values = np.array([quality[k].value for k in order])
        ends = np.array(
            [[quality[k].value - quality[k].low, quality[k].high - quality[k].value] for k in order]
        )
        where = np.array(gaps)[order]
        right.errorbar(where, values, yerr=ends.T, fmt="o-", color=COLOURS[colour], ms=4, lw=1)
    left.set_xlabel("wavelength [nm]")
    left.set_ylabel("group index [1]")
    left.set_ylim(4.1, 4.3)
    left.set_title("neighbouring modes, all radii")
    left.legend()
    right.set_xlabel("gap [nm]")
    right.set_ylabel("loaded Q near 1550 nm [1]")
    right.set_ylim(bottom=0)
    right.set_title("weaker coupling, higher Q")
    return figure


def main(folder):
    found = fits(folder)
    table(found)
    one = found["RingDoubleTEr10g100"]
    plot.save(plot_spectra.spectrum(one, "RingDoubleTEr10g100"), HERE / "spectrum_span.png")
    clear = [r for r in one.resonances if not r.faint]
    solo = found["Ring_solo"]
    split = [solo.nearest(w) for w in (1.5305e-6, 1.567e-6)]
    chosen = [clear[3], clear[4], *split]
    plot.save(
        plot_spectra.resonances(one, chosen, "RingDoubleTEr10g100 (left), Ring_solo (right)"),
        HERE / "spectrum_resonances.png",
    )
    plot.save(plot_spectra.spectrum(found["MZI_ring_1"], "MZI_ring_1"), HERE / "spectrum_mzi.png")
    plot.save(families(found), HERE / "spectrum_families.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
