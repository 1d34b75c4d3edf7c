"""Where a response is multivalued: everywhere above the power of its lowest fold, and only there."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photonic.branches import pieces
from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ring import Ring
from photonic.stability import folds, hopf_points, steady_states


@pytest.mark.parametrize("share", [1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1.5])
def test_single_is_refused_between_the_folds_and_above(kerr_ring: Ring, share: float) -> None:
    """Up to the upper fold a rising sweep sees one state of three: that is no single-valued curve."""
    detuning = -3 * float(kerr_ring.linewidth) / 2
    high, low = (f.power for f in folds(kerr_ring, detuning))
    device = RingThrough(kerr_ring, detuning)
    power = low + share * (high - low)
    assert len(steady_states(kerr_ring, power, detuning)) == (3 if share < 1 else 1)
    for call in (device.curve, device.transfer, device.energy):
        with pytest.raises(ParameterError, match="the response is multivalued below"):
            call(power)  # type: ignore[operator]
    assert device.curve(low * (1 - 1e-9)).domain[1] == low * (1 - 1e-9)


def test_a_batch_is_refused_from_its_lowest_fold_on(kerr_ring: Ring) -> None:
    half = float(kerr_ring.linewidth) / 2
    low = folds(kerr_ring, -3 * half)[1].power
    batch = RingThrough(kerr_ring, np.array([-3.0, 0.0]) * half)
    one = RingThrough(kerr_ring, -3 * half)
    power = low * (1 - 1e-9)
    assert batch.transfer(power)[0] == pytest.approx(float(one.transfer(power)), rel=1e-9, abs=0)
    for factor in (1 + 1e-6, 1.5):
        with pytest.raises(ParameterError, match="multivalued above"):
            batch.transfer(np.array([factor * low, 1e-6]))
    batch.transfer(np.array([power, 1.5 * low]))  # the second ring has no folds


def test_powers_in_messages_are_those_of_the_device(kerr_ring: Ring) -> None:
    """A quarter of the light goes to the other arm, half is lost before: 8/3 of the ring's powers."""
    detuning = -3 * float(kerr_ring.linewidth) / 2
    device = CavityLoadedMZI(kerr_ring, detuning, 0.0, 0.25, insertion_loss=2.0)
    named = [f.power * 8 / 3 for f in folds(kerr_ring, detuning)]
    assert [f.power for f in folds(device)] == pytest.approx(named, rel=1e-12, abs=0)
    listed = " W, ".join(f"{p:.6g}" for p in sorted(named))
    with pytest.raises(ParameterError, match=f"below 0.03 W: folds at {listed} W"):
        device.curve(0.03)


def test_pieces_of_a_sweep_are_contiguous_in_power(kerr_ring: Ring) -> None:
    detuning = -3 * float(kerr_ring.linewidth) / 2
    upper, lower = folds(kerr_ring, detuning)
    cavity = Cavity(kerr_ring, detuning)
    for sweep, jump in (("up", upper.power), ("down", lower.power)):
        first, second = pieces(cavity, 12e-3, sweep)  # type: ignore[arg-type]
        assert first.powers == pytest.approx((0.0, jump), rel=1e-12, abs=0)
        assert second.powers == pytest.approx((jump, 12e-3), rel=1e-12, abs=0)
        assert first.energies == pytest.approx((0.0, upper.energy), rel=1e-12, abs=0)
        assert second.energies[0] == pytest.approx(lower.energy, rel=1e-12, abs=0)
    assert len(pieces(Cavity(VV, 0.0), 1e-3, "single")) == 1


@pytest.mark.parametrize(
    ("seed", "near_stable", "far_stable", "lands"),
    [(9651, True, True, 0), (2368, True, False, 0), (1079, False, True, 2), (256, False, False, 0)],
)
def test_a_rising_sweep_lands_on_the_nearest_stable_branch(
    random_ring: Callable[..., Ring], seed: int, near_stable: bool, far_stable: bool, lands: int
) -> None:
    """Rings with four folds where two branches can catch the upward jump; the nearest if none is stable."""
    rng = np.random.default_rng(seed)
    ring = random_ring(rng)
    detuning = float(rng.uniform(-30, 5) * ring.linewidth / 2)
    first = folds(ring, detuning)[0].power
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)  # of heat and power; not the matter here
        states = steady_states(ring, first * (1 + 1e-9), detuning)
    assert [s.stable for s in states] == [near_stable, False, far_stable]
    cavity = Cavity(ring, detuning)
    with pytest.warns(OutsideValidityWarning, match="could land on 2 branches"):
        found = pieces(cavity, first * 1.000001, "up")
    low, high = found[1].energies
    assert low < states[lands].energy < high


def test_fast_self_pulsation_without_heat(model: Any) -> None:
    """Carriers alone make the ring oscillate at several to more than 10 GHz, if they live for some
    ten to hundred ps (Chen et al., Opt. Express 20, 7454 (2012)), and not if they live for ns."""
    for lifetime in (20e-12, 100e-12):
        ring = dataclasses.replace(VV, carrier_lifetime=lifetime).with_effects(heating=False)
        detuning = 3 * float(ring.linewidth) / 2
        found = hopf_points(ring, detuning)
        assert len(found) == 2
        for point in found:
            assert point.frequency > 3e9
            unit = np.array([np.sqrt(point.energy), np.sqrt(point.energy), 1e22, 0.1])
            values = np.linalg.eigvals(model(ring, detuning).jacobian(point.energy) * unit / unit[:, None])
            pair = values[np.argmax(values.imag)]
            assert abs(pair.real) < 1e-6 * pair.imag
            assert pair.imag == pytest.approx(2 * np.pi * point.frequency, rel=1e-6)
        assert found[0].frequency < 12e9
    slow = VV.with_effects(heating=False)
    assert hopf_points(slow, 3 * float(slow.linewidth) / 2) == ()


def test_powers_of_self_pulsation_are_those_of_the_device() -> None:
    """Half of the light drives the ring: the Hopf point is named at twice the ring's power."""
    detuning = float(VV.linewidth) / 2
    first = min(hopf_points(VV, detuning), key=lambda p: p.energy).power
    device = CavityLoadedMZI(VV, detuning, 1.0)
    with pytest.raises(ParameterError, match=f"self-pulsates above {2 * first:.6g} W"):
        device.curve(4 * first)
    with pytest.warns(OutsideValidityWarning) as caught:
        device.curve(4 * first, points=4001, sweep="up")
    (text,) = [str(w.message) for w in caught if "self-pulsate" in str(w.message)]
    assert float(text.split("from ")[1].split(" W")[0]) == pytest.approx(2 * first, rel=0.1)
