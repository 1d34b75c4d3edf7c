"""Spectra that a fit expects, against closed forms and the transfer matrix; and their slopes."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic import CavityLoadedMZI, MachZehnder, PortSpectrum, Ring, RingDrop, RingThrough, fit
from photonic.errors import ParameterError
from photonic.extensions import Traps
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import free_parameters
from photonic.fits.spectrum_prediction import SpectrumPrediction
from photonic.parameters import VAN_VAERENBERGH_2012

C = 299_792_458.0
RING = Ring(
    wavelength=1.55e-6,
    group_index=4.2,
    circumference=60e-6,
    coupling_rate=11e9,
    drop_coupling_rate=3e9,
    scattering_rate=1.5e9,
    absorption_rate=0.5e9,
)
HALF = 1.55e-6**2 * 16e9 / (4 * math.pi * C)  # half a linewidth [m]
WAVELENGTH = 1.55e-6 + HALF * np.linspace(-6, 7, 41)
OFFSET = 2 * math.pi * C / WAVELENGTH - 2 * math.pi * C / 1.55e-6
THROUGH = 1 - 11e9 / (8e9 - 1j * OFFSET)  # Lorentzian of the loaded linewidth 16e9 rad/s
DROP = -math.sqrt(33) * 1e9 / (8e9 - 1j * OFFSET)


def prediction(
    device: Any, free: dict[str, float], settings: dict[str, float] | None = None, **more: Any
) -> tuple[SpectrumPrediction, list[float]]:
    more = {"relative": True, **more}
    measured = PortSpectrum(WAVELENGTH, np.full(WAVELENGTH.size, 0.5), **more)
    found = free_parameters(device, list(free), {}, free, 1, 1.0)
    return SpectrumPrediction(device, Experiment(measured, at=settings or {}), found, 0), list(free.values())


def value(device: Any, settings: dict[str, float] | None = None, **more: Any) -> np.ndarray:
    found, values = prediction(device, {"output_scale": 1.0}, settings, **more)
    return found.value(values)


def mzi(field: np.ndarray, phase: float, k_in: float, k_out: float, loss: float, arm: float) -> Any:
    """(bar, cross) powers of couplers [[√(1−k), i√k], [i√k, √(1−k)]] about a ring and a phase shifter."""
    coupler = [np.array([[math.sqrt(1 - k), 1j * math.sqrt(k)]] * 2) for k in (k_in, k_out)]
    for matrix in coupler:
        matrix[1] = matrix[0][::-1]
    upper, lower = coupler[0] @ np.array([1.0, 0.0]) / math.sqrt(loss)
    arms = np.array([upper * field, np.full(field.size, lower * np.exp(1j * phase) / math.sqrt(arm))])
    return np.abs(coupler[1] @ arms) ** 2


def test_the_ports_of_a_ring_are_lorentzians() -> None:
    for device in (RingThrough(RING, 3e9), RingDrop(RING, 3e9)):  # their own detuning plays no part
        own = THROUGH if isinstance(device, RingThrough) else DROP
        assert value(device) == pytest.approx(np.abs(own) ** 2, rel=1e-9)
        assert value(device, port="through") == pytest.approx(np.abs(THROUGH) ** 2, rel=1e-9)
        assert value(device, port="drop") == pytest.approx(np.abs(DROP) ** 2, rel=1e-9)


def test_an_interferometer_mixes_the_ring_with_its_other_arm() -> None:
    device = CavityLoadedMZI(RING, 3e9, 0.8, 0.3, 0.6, "cross", insertion_loss=1.5, arm_loss=1.2)
    bar, cross = mzi(THROUGH, 0.8, 0.3, 0.6, 1.5, 1.2)
    assert value(device) == pytest.approx(cross, rel=1e-9)
    assert value(device, port="bar") == pytest.approx(bar, rel=1e-9)
    assert value(device, port="cross") == pytest.approx(cross, rel=1e-9)


def test_it_is_the_transfer_matrix_to_second_order_in_the_finesse() -> None:
    finesse = 2 * math.pi / (16e9 * 4.2 * 60e-6 / C)
    exact = RING.spectrum(WAVELENGTH).through
    error = np.max(np.abs(value(RingThrough(RING, 0.0)) - exact))
    assert 0 < error < 10 / finesse**2


def test_backscattering_splits_the_resonance() -> None:
    """Against the transfer matrix, which is the coupled-mode ring at a finesse of 470 to 1e-4."""
    split = dataclasses.replace(RING, backscatter_rate=2.5 * 16e9)  # more than the nonlinear model takes
    seen = value(RingThrough(split, 0.0))
    assert seen == pytest.approx(split.spectrum(WAVELENGTH).through, abs=2e-4)
    assert np.argmin(seen) not in (18, 19)  # which is where it was
    cross = value(CavityLoadedMZI(split, 0.0, 0.8, 0.3, 0.6, "cross"))
    both = 1 - 11e9 / 2 * sum(1 / (8e9 - 1j * (OFFSET + s * 20e9)) for s in (-1, 1))
    assert cross == pytest.approx(mzi(both, 0.8, 0.3, 0.6, 1.0, 1.0)[1], rel=1e-9)


def test_nothing_nonlinear_acts_traps_included() -> None:
    traps = Traps(density=1e23, electron_capture=2e-14, hole_capture=1e-14, hole_share=0.5)
    hot = dataclasses.replace(VAN_VAERENBERGH_2012, traps=traps)
    half = hot.wavelength**2 * hot.linewidth / (4 * math.pi * C)
    wavelength = hot.wavelength + half * np.linspace(-3, 3, 7)
    offset = 2 * math.pi * C / wavelength - 2 * math.pi * C / hot.wavelength
    expected = np.abs(1 - hot.coupling_rate / (hot.linewidth / 2 - 1j * offset)) ** 2
    measured = PortSpectrum(wavelength, expected, relative=True)
    free = free_parameters(RingThrough(hot, 0.0), ["dark"], {}, {}, 1, 1.0)
    found = SpectrumPrediction(RingThrough(hot, 0.0), Experiment(measured), free, 0)
    assert found.value([0.0]) == pytest.approx(expected, rel=1e-9)


def test_scales_and_the_power_of_the_laser() -> None:
    scales = {"input_scale": 0.8, "power_scale": 3.0, "dark": 1e-8}
    seen = value(RingThrough(RING, 0.0), scales, relative=False, laser_power=2e-6)
    assert seen == pytest.approx(1.6e-6 * np.abs(THROUGH) ** 2 + 1e-8, rel=1e-9)  # power_scale: a ratio


def test_slopes_are_those_of_the_closed_form() -> None:
    """Central differences of a Lorentzian in an interferometer, written out."""
    numbers = {
        "wavelength": 1.55e-6, "coupling_rate": 11e9, "scattering_rate": 1.5e9, "arm_phase": 0.8,
        "input_coupling": 0.3, "output_coupling": 0.6, "insertion_loss": 1.5, "backscatter_rate": 3e9,
        "output_scale": 0.9, "input_scale": 1.1, "dark": 0.01,
    }  # fmt: skip
    steps = {"wavelength": 1e-3 * HALF}

    def closed(v: dict[str, float]) -> np.ndarray:
        offset = 2 * math.pi * C / WAVELENGTH - 2 * math.pi * C / v["wavelength"]
        half = (v["coupling_rate"] + 3e9 + v["scattering_rate"] + 0.5e9) / 2
        waves = [half - 1j * (offset + s * v["backscatter_rate"] / 2) for s in (-1, 1)]
        field = 1 - v["coupling_rate"] / 2 * (1 / waves[0] + 1 / waves[1])
        names = ("arm_phase", "input_coupling", "output_coupling", "insertion_loss")
        cross = mzi(field, *(v[n] for n in names), 1.0)[1]
        return np.asarray(v["output_scale"] * v["input_scale"] * cross + v["dark"])

    found, values = prediction(CavityLoadedMZI(RING, 0.0, 0.8, 0.3, 0.6, "cross"), numbers)
    seen, slopes = found.both(values)
    assert seen == pytest.approx(closed(numbers), rel=1e-9)
    for k, name in enumerate(numbers):
        step = steps.get(name, 1e-4 * numbers[name])
        ends = [closed(numbers | {name: numbers[name] + s * step}) for s in (1, -1)]
        expected = (ends[0] - ends[1]) / (2 * step)
        assert slopes[:, k] == pytest.approx(expected, rel=1e-4, abs=1e-5 * np.max(np.abs(expected))), name


@pytest.mark.parametrize(
    ("device", "more", "words"),
    [
        (MachZehnder(1.0), {}, "device must have a ring"),
        (RingThrough(RING, 0.0), {"port": "bar"}, "port of a RingThrough must be through or drop, got 'bar'"),
        (CavityLoadedMZI(RING, 0.0, 0.5), {"port": "drop"}, "must be bar or cross, got 'drop'"),
        (
            RingThrough(dataclasses.replace(RING, drop_coupling_rate=0.0), 0.0),
            {"port": "drop"},
            "ring.drop_coupling_rate must be > 0",
        ),
        (
            RingThrough(dataclasses.replace(RING, wavelength=1.56e-6), 0.0),
            {},
            "ring.wavelength must lie in the spectrum.*got 1560 nm",
        ),
        (RingThrough(dataclasses.replace(RING, circumference=0.01), 0.0), {}, "half a free spectral range"),
    ],
)
def test_what_has_no_such_spectrum(device: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        prediction(device, {"dark": 0.0}, **more)


def noisy(power: np.ndarray, sigma: float, seed: int, **more: Any) -> PortSpectrum:
    noise = sigma * np.random.default_rng(seed).standard_normal(power.size)
    return PortSpectrum(WAVELENGTH, power + noise, sigma=sigma, **more)


FREE = ("coupling_rate", "drop_coupling_rate", "scattering_rate", "ring.wavelength")
TRUTH = np.array([11e9, 3e9, 1.5e9, 1.55e-6])


def test_both_ports_together_hold_every_rate() -> None:
    """Over 20 spectra the truth lies in 95 % of the intervals, give or take; off by 50 % at first."""
    rates = {"coupling_rate": 16e9, "drop_coupling_rate": 5e9, "scattering_rate": 1e9}
    guess = RingThrough(dataclasses.replace(RING, wavelength=1.55e-6 + HALF, **rates), 0.0)
    pulls = []
    for seed in range(20):
        through = noisy(np.abs(THROUGH) ** 2, 0.01, seed, port="through", relative=True)
        drop = noisy(np.abs(DROP) ** 2, 0.01, seed + 100, port="drop", relative=True)
        result = fit(guess, [through, drop], FREE, intervals="wald")
        assert not result.unidentifiable
        found = list(result.estimates.values())
        pulls.append([(e.value - t) / e.standard_error for e, t in zip(found, TRUTH, strict=True)])
    assert 0.7 < np.std(pulls) < 1.35  # 80 of them: 1 ± 0.08 if the errors are true
    assert np.mean(np.abs(pulls) > 1.96) < 0.15


def test_a_through_port_alone_may_be_its_twin() -> None:
    """|1 − γ_c/(γ/2 − iδ)|² is the same with γ_c and all other loss exchanged: 11/ns and 5/ns."""
    seen = noisy(np.abs(THROUGH) ** 2, 0.005, 3, relative=True)
    guess = RingThrough(dataclasses.replace(RING, coupling_rate=4e9), 0.0)
    result = fit(guess, seen, ["coupling_rate", "scattering_rate", "output_scale"])
    [other] = result.alternatives
    assert other["cost"] == pytest.approx(1.0, abs=1e-6)
    couplings = [result.estimates["ring.coupling_rate"].value, other["ring.coupling_rate"]]
    assert sorted(couplings) == pytest.approx([5e9, 11e9], rel=0.02)
    losses = [result.estimates["ring.scattering_rate"].value, other["ring.scattering_rate"]]
    assert sorted(losses) == pytest.approx([1.5e9, 7.5e9], rel=0.1)
    assert "as good as the best" in result.report()


def test_an_interferometer_has_no_twin() -> None:
    seen = noisy(mzi(THROUGH, 0.8, 0.5, 0.5, 1.0, 1.0)[1], 0.005, 4, relative=True)
    guess = CavityLoadedMZI(dataclasses.replace(RING, coupling_rate=5e9, scattering_rate=7.5e9), 0.0, 0.7)
    guess = dataclasses.replace(guess, port="cross")
    result = fit(guess, seen, ["coupling_rate", "scattering_rate", "arm_phase", "ring.wavelength"])
    assert result.estimates["ring.coupling_rate"].value == pytest.approx(11e9, rel=0.02)
    assert result.alternatives == ()
