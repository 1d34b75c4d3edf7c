"""Figures of fitted spectra: what is drawn is what was found."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import ParameterError, Ring, fit_spectrum, plot_spectra

X = np.linspace(1.54e-6, 1.56e-6, 6001)
RING = Ring(
    wavelength=1.55e-6, group_index=4.2, circumference=130e-6, coupling_rate=1.5e10, scattering_rate=4e10
)


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    return fit_spectrum(X, 1e-5 * RING.spectrum(X).through * (1 + 0.003 * rng.standard_normal(X.size)))


def test_span_shows_every_resonance_in_dbm(found):
    axes = plot_spectra.spectrum(found, "title").axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    assert len(lines["resonances"].get_xdata()) == len(found.resonances)
    assert lines["baseline"].get_ydata() == pytest.approx(np.full(X.size, -20.0), abs=0.05)  # 1e-5 W
    assert lines["through"].get_ydata().min() == pytest.approx(
        -20 - found.reference.extinction_db.value, abs=0.6
    )
    assert axes.get_xlim() == pytest.approx((1540, 1560))


def test_resonances_with_residuals(found):
    figure = plot_spectra.resonances(found)
    assert len(figure.axes) == 6
    lower = figure.axes[1]
    shown = lower.lines[0].get_ydata()
    assert float(np.std(shown)) == pytest.approx(0.013, rel=0.1)  # noise of 0.3 % in dB, every sample
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["measured", "fit", "measured − fit", "ripple expected from beyond ±3 linewidths"]
    fine, drawn = figure.axes[0].lines[1].get_data()
    middle = np.abs(fine) < 0.5
    bottom = 10 * np.log10(RING.spectrum(1.55e-6).through) - 20  # of 1e-5 W, in dBm
    assert drawn[middle].min() == pytest.approx(float(bottom), abs=0.1)
    first = min(found.resonances, key=lambda r: abs(r.wavelength.value - 1.5456e-6))  # a mode below 1550 nm
    assert f"Q {first.quality_factor.value:.0f}" in figure.axes[0].get_title(loc="left")


def test_nothing_chosen(found):
    with pytest.raises(ParameterError, match="chosen"):
        plot_spectra.resonances(found, [])
