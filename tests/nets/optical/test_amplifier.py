"""Amplifiers: gain, saturation against two independent solutions, emission against its statistics."""

import numpy as np
import pytest
from scipy.special import lambertw

from nets.optical.amplifier import Amplifier, saturated_gain
from photonic import ParameterError

PHOTON = 6.62607015e-34 * 299792458.0 / 1.55e-6  # h ν [J]
SETTINGS = {"noise_figure": 4.0, "bandwidth": 10e9}
DRAWS = 1_000_000


def emission(gain=100.0, noise_figure=4.0, bandwidth=10e9):
    """P_ASE [W] from n_sp."""
    n_sp = (noise_figure - 1 / gain) * gain / (gain - 1) / 2
    return n_sp * PHOTON * (gain - 1) * bandwidth


def test_gain_without_noise():
    x = np.array([[0.01 + 0.02j, -0.03j]])
    out = Amplifier(2, 100.0, **SETTINGS).forward(x)[0]
    assert out == pytest.approx(10 * x)
    assert Amplifier(2, 100.0, kind="powers", **SETTINGS).forward(np.array([[1e-6, 0.0]]))[
        0
    ] == pytest.approx(np.array([[1e-4, 0.0]]))


def test_emission_of_the_quantum_limit_is_one_photon_per_mode_and_gain():
    """n_sp = 1: (G − 1) photons in the time 1/B."""
    best = Amplifier(1, 100.0, noise_figure=2 - 1 / 100, bandwidth=1e9)
    assert best.inversion == pytest.approx(1.0)
    assert best.emission(100.0) == pytest.approx(99 * PHOTON * 1e9)


def test_fields_get_circular_normal_noise_of_that_power():
    x = np.full((DRAWS, 1), 1e-4 + 0j)
    out = Amplifier(1, 100.0, **SETTINGS).forward(x, np.random.default_rng(1))[0] - 1e-3
    half = emission() / 2
    assert np.var(out.real) == pytest.approx(half, rel=0.01)
    assert np.var(out.imag) == pytest.approx(half, rel=0.01)
    assert abs(np.mean(out.real * out.imag)) < 0.005 * half
    assert abs(np.mean(out)) < 0.005 * np.sqrt(half)
    assert np.mean(out.real**4) == pytest.approx(3 * half**2, rel=0.02)  # normal


@pytest.mark.parametrize("power", [0.0, 1e-9, 1e-6])
def test_powers_get_the_beating_of_signal_and_emission(power):
    amplifier = Amplifier(1, 100.0, kind="powers", **SETTINGS)
    out = amplifier.forward(np.full((DRAWS, 1), power), np.random.default_rng(2))[0]
    p_ase, signal = emission(), 100 * power
    assert np.mean(out) == pytest.approx(signal + p_ase, rel=0.01)
    assert np.var(out) == pytest.approx(2 * signal * p_ase + p_ase**2, rel=0.01)
    assert out.min() >= 0


def test_noise_figure_is_the_loss_of_signal_to_noise():
    """Shot-limited before, signal–spontaneous beating and shot noise behind: F = SNR_in/SNR_out."""
    gain, power, bandwidth = 1000.0, 1e-3, 10e9
    out = Amplifier(1, gain, noise_figure=5.0, bandwidth=bandwidth, kind="powers").forward(
        np.full((DRAWS, 1), power), np.random.default_rng(3)
    )[0]
    photons_in = power / (PHOTON * bandwidth)  # a Poisson count: SNR = its mean
    excess = np.var(out) / (PHOTON * bandwidth) ** 2 + gain * photons_in  # with the shot noise behind
    snr_out = (gain * photons_in) ** 2 / excess
    assert photons_in / snr_out == pytest.approx(5.0, rel=0.01)


@pytest.mark.parametrize("gain", [1.0, 1.5, 100.0, 1e4])
@pytest.mark.parametrize("power", [1e-9, 1e-3, 0.1, 1.0, 30.0])
def test_saturated_gain_is_lamberts_function(gain, power):
    """G p e^(G p) = p G₀ e^p."""
    expected = np.real(lambertw(power * gain * np.exp(power))) / power
    assert saturated_gain(gain, np.array([power]))[0] == pytest.approx(expected, rel=1e-9)


def test_saturated_gain_is_what_an_amplifying_guide_does():
    """dP/dz = g₀ P/(1 + P/P_sat), integrated in small steps."""
    p_sat, g0, steps = 1e-3, np.log(200.0), 4000
    for p_in in (1e-6, 1e-4, 5e-3):
        p = p_in
        for _ in range(steps):
            h = g0 / steps
            k1 = p / (1 + p / p_sat)
            middle = p + h * k1 / 2
            p += h * middle / (1 + middle / p_sat)
        amplifier = Amplifier(1, 200.0, saturation_power=p_sat, kind="powers", **SETTINGS)
        assert amplifier.forward(np.array([[p_in]]))[0][0, 0] == pytest.approx(p, rel=1e-5)


def test_saturation_is_the_same_for_fields_and_powers_and_gone_for_faint_light():
    settings = {"saturation_power": 1e-3, **SETTINGS}
    z = np.array([[0.02 + 0.03j, 1e-7j]])
    fields = Amplifier(2, 50.0, **settings).forward(z)[0]
    powers = Amplifier(2, 50.0, kind="powers", **settings).forward(np.abs(z) ** 2)[0]
    assert np.abs(fields) ** 2 == pytest.approx(powers)
    assert np.angle(fields) == pytest.approx(np.angle(z))
    assert powers[0, 1] == pytest.approx(50 * 1e-14, rel=1e-6)
    assert powers[0, 0] < 0.3 * 50 * 1.3e-3


@pytest.mark.parametrize("saturation", [None, 2e-7])
@pytest.mark.parametrize("power", [0.0, 2e-9, 1e-7])
def test_the_mean_slope_of_noisy_powers_is_the_slope_of_the_mean(power, saturation):
    """Loss y²: its mean is x² + 4 x s + 2 s² with x = G P and s = P_ASE (moments of two normals)."""
    amplifier = Amplifier(1, 100.0, saturation_power=saturation, kind="powers", **SETTINGS)

    def mean_loss(p):
        gain = 100.0 if saturation is None else float(saturated_gain(100.0, np.array([p / saturation]))[0])
        s, x = emission() * (gain - 1) / 99, gain * p
        return x**2 + 4 * x * s + 2 * s**2

    out, kept = amplifier.forward(np.full((DRAWS, 1), power), np.random.default_rng(5))
    slope = np.mean(amplifier.backward(kept, 2 * out, True))
    h = 1e-12
    low = max(power - h, 0.0)
    assert slope == pytest.approx((mean_loss(power + h) - mean_loss(low)) / (power + h - low), rel=0.01)


def test_without_gain_nothing_is_emitted_at_the_quantum_limit():
    x = np.full((100, 1), 1e-3)
    amplifier = Amplifier(1, 1.0, noise_figure=1.0, bandwidth=10e9, kind="powers")
    out, kept = amplifier.forward(x, np.random.default_rng(0))
    assert out == pytest.approx(x, rel=1e-12)
    assert amplifier.backward(kept, np.ones_like(x), True) == pytest.approx(np.ones_like(x))


def test_emission_without_gain_is_the_limit_of_little_gain():
    still, just = (Amplifier(1, g, noise_figure=4.0, bandwidth=1e9) for g in (1.0, 1.0 + 1e-9))
    expected = PHOTON * 1e9 * 1.5  # (F − 1)/2 photons
    assert float(still.emission(1.0)) == pytest.approx(expected, rel=1e-12)
    assert float(just.emission(1.0 + 1e-9)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gain": 1e12, **SETTINGS}, "gain must be <= 1e.06"),
        ({"gain": 0.5, **SETTINGS}, "gain must be >= 1"),
        ({"gain": 100.0, "noise_figure": 1.5, "bandwidth": 1e9}, "noise_figure must be >= 2 − 1/gain = 1.99"),
        ({"gain": 10.0, "noise_figure": 3.0, "bandwidth": 0.0}, "bandwidth must be > 0"),
        ({"gain": 10.0, "wavelength": 1.55, **SETTINGS}, "micrometres"),
        ({"gain": 10.0, "saturation_power": -1.0, **SETTINGS}, "saturation_power must be > 0"),
    ],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(ParameterError, match=words):
        Amplifier(1, **settings)
