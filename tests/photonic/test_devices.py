"""Ring devices: published transfer values, conservation, sweeps with jumps, refusals."""

from __future__ import annotations

import dataclasses
import math
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ring import Ring
from photonic.ring_device import RingDevice
from photonic.silicon import NEDELJKOVIC_2011
from photonic.stability import folds, hopf_points, steady_states

COLD = VV.with_effects(heating=False)
HALF = float(VV.linewidth) / 2
RED = float(VV.detuning(62e-12))
A14 = {1e-6: 0.25003, 50e-6: 0.26052, 0.1e-3: 0.31798, 0.2e-3: 0.47393, 0.5e-3: 0.69147, 1e-3: 0.80468}


# ------------------------------------------------------------------ published values
@pytest.mark.parametrize(("power", "share"), A14.items())
def test_cavity_loaded_interferometer(power: float, share: float) -> None:
    """A14; independent reference solver, to 1e-3."""
    device = CavityLoadedMZI(COLD, 0.0, math.pi)
    assert float(device.transfer(power)) / power == pytest.approx(share, rel=1e-3, abs=0.0)
    swapped = CavityLoadedMZI(COLD, 0.0, 0.0, port="cross")
    assert float(swapped.transfer(power)) / power == pytest.approx(share, rel=1e-3, abs=0.0)


@pytest.mark.parametrize(
    ("detuning", "phase", "expected"),
    [
        (1.0, 0.8750, (0.516, 1.355, 4.125, 20.375, 31.821)),  # sigmoid
        (0.25, 0.4375, (1.521, 6.005, 29.407, 63.021, 98.325)),  # softplus
    ],
)
def test_shapes_by_biasing_only(detuning: float, phase: float, expected: tuple[float, ...]) -> None:
    """A15; independent reference solver: output [µW] at shares of 0.2 mW, to 1 %."""
    device = CavityLoadedMZI(COLD, detuning * HALF, phase * math.pi, 0.30, 0.5, "cross")
    out = device.transfer(0.2e-3 * np.array([0.1, 0.25, 0.5, 0.75, 1.0])) * 1e6
    assert out == pytest.approx(np.array(expected), rel=0.01, abs=0.0)
    curve = device.curve(0.2e-3)
    assert curve(0.2e-3 * np.array([0.1, 0.25, 0.5, 0.75, 1.0])) * 1e6 == pytest.approx(
        out, rel=1e-7, abs=0.0
    )


def test_devices_against_the_independent_model(model: Any) -> None:
    """Field of the interferometer from the couplers' matrices and a field ratio of the model."""
    energy = float(steady_states(COLD, 0.7 * 0.3e-3, 1.3 * HALF)[0].energy)
    independent = model(COLD, 1.3 * HALF)
    a = complex(*independent.state(energy)[:2])
    t = 1 - math.sqrt(COLD.coupling_rate) * a / math.sqrt(0.7 * 0.3e-3)

    def coupler(k: float) -> np.ndarray:
        return np.array([[math.sqrt(1 - k), 1j * math.sqrt(k)], [1j * math.sqrt(k), math.sqrt(1 - k)]])

    bar, cross = coupler(0.4) @ np.diag([t, np.exp(0.9j)]) @ coupler(0.3) @ [1, 0]
    for port, expected in (("bar", bar), ("cross", cross)):
        device = CavityLoadedMZI(COLD, 1.3 * HALF, 0.9, 0.3, 0.4, port)  # type: ignore[arg-type]
        assert complex(device.response(0.3e-3)) == pytest.approx(expected, rel=1e-10, abs=0.0)


# ------------------------------------------------------------------ properties
@st.composite
def devices(draw: st.DrawFn) -> RingDevice:
    ring = dataclasses.replace(
        COLD,
        coupling_rate=draw(st.floats(1e9, 1e11)),
        drop_coupling_rate=draw(st.floats(1e8, 1e10)),
        absorption_rate=draw(st.floats(0, 1e10)),
        kerr_index=draw(st.sampled_from([0.0, 4.5e-18])),
        carrier_lifetime=draw(st.floats(1e-10, 1e-8)),
        index_law=draw(st.sampled_from([None, NEDELJKOVIC_2011])),
    )
    detuning = draw(st.floats(-2, 1)) * float(ring.linewidth) / 2
    kind = draw(st.sampled_from(["through", "drop", "bar", "cross"]))
    if kind in ("through", "drop"):
        return (RingThrough if kind == "through" else RingDrop)(ring, detuning)
    return CavityLoadedMZI(
        ring,
        detuning,
        draw(st.floats(-7, 7)),
        draw(st.floats(0, 0.99)),
        draw(st.floats(0, 1)),
        kind,  # type: ignore[arg-type]
        draw(st.floats(1, 3)),
        draw(st.floats(1, 3)),
    )


@settings(max_examples=100, deadline=None)
@given(devices(), st.lists(st.floats(0, 0.1), min_size=1, max_size=5))
def test_no_device_gives_more_than_it_takes(device: RingDevice, powers: list[float]) -> None:
    power = np.array(powers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)
        try:
            response = device.response(power)
        except ParameterError as error:
            assert "multivalued" in str(error) or "self-pulsates" in str(error)  # noqa: PT017
            response = device.response(power, sweep="up")
    assert np.all(np.abs(response) <= 1 + 1e-12)
    assert np.all(np.isfinite(response))


@settings(max_examples=100, deadline=None)
@given(st.floats(-1, 1), st.floats(-7, 7), st.floats(1e-9, 1e-3))
def test_both_ports_share_what_the_ring_lets_through(offset: float, phase: float, power: float) -> None:
    """§7.14: bar + cross = P (1 + |t|²)/2 for 50:50 couplers; and each from |t ∓ e^{iφ}|²/4."""
    bar = CavityLoadedMZI(COLD, offset * HALF, phase)
    cross = dataclasses.replace(bar, port="cross")
    t = complex(RingThrough(COLD, offset * HALF).response(power / 2))
    both = float(bar.transfer(power)) + float(cross.transfer(power))
    assert both == pytest.approx(power * (1 + abs(t) ** 2) / 2, rel=1e-12, abs=0)
    turn = complex(math.cos(phase), math.sin(phase))
    assert float(bar.transfer(power)) == pytest.approx(power * abs(t - turn) ** 2 / 4, rel=1e-9, abs=1e-18)


@settings(max_examples=50, deadline=None)
@given(st.floats(-3, 3), st.floats(0, 6), st.floats(0.01, 0.99), st.floats(0, 1))
def test_faint_light_sees_the_linear_device(offset: float, phase: float, k_in: float, k_out: float) -> None:
    ring = dataclasses.replace(VV, drop_coupling_rate=2e9)
    gamma, detuning = float(ring.linewidth), offset * HALF
    t = 1 - ring.coupling_rate / complex(gamma / 2, -detuning)
    device = CavityLoadedMZI(ring, detuning, phase, k_in, k_out)
    turn = complex(math.cos(phase), math.sin(phase))
    expected = math.sqrt((1 - k_in) * (1 - k_out)) * t - math.sqrt(k_in * k_out) * turn
    assert abs(complex(device.response(1e-12)) - expected) < 1e-7
    assert abs(complex(device.response(0.0)) - expected) < 1e-13
    drop = RingDrop(ring, detuning).response(0.0)
    assert abs(drop + math.sqrt(ring.coupling_rate * 2e9) / complex(gamma / 2, -detuning)) < 1e-13


@pytest.mark.parametrize("power", [5e-324, 1e-308, 1e-165, 1e-100, 1e-59, 0.9e-30, 1.1e-30, 1e-25])
def test_next_to_no_light_is_linear(power: float) -> None:
    device = RingThrough(VV, RED)
    unit = float(device.energy(1e-15)) / 1e-15
    assert float(device.energy(power)) == pytest.approx(unit * power, rel=1e-9, abs=1e-323)
    mixed = device.energy(np.array([power, 1e-5]))
    assert mixed[0] == pytest.approx(unit * power, rel=1e-9, abs=1e-323)


def test_losses_scale_the_output() -> None:
    plain = CavityLoadedMZI(COLD, 0.0, 1.0, 0.3, 0.6)
    lossy = dataclasses.replace(plain, insertion_loss=2.0)
    assert float(lossy.transfer(2e-4)) == pytest.approx(float(plain.transfer(1e-4)), rel=1e-12, abs=0)
    dark_arm = dataclasses.replace(plain, arm_loss=1e12)
    through = RingThrough(COLD, 0.0).transfer(0.7e-4) * 0.4
    assert float(dark_arm.transfer(1e-4)) == pytest.approx(float(through), rel=1e-5, abs=0)


# ------------------------------------------------------------------ shapes and batches
@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (0,)])
def test_shapes_of_powers(shape: tuple[int, ...]) -> None:
    device = CavityLoadedMZI(COLD, 0.0, 1.0)
    power = np.linspace(0, 1e-3, int(np.prod(shape))).reshape(shape)
    for value in (device.response(power), device.transfer(power), device.energy(power), device.slope(power)):
        assert np.shape(value) == shape
    for index in np.ndindex(shape):
        assert device.transfer(power)[index] == pytest.approx(
            float(device.transfer(power[index])), rel=1e-12, abs=0
        )


def test_a_ring_of_arrays_is_a_batch_of_rings() -> None:
    rates = np.array([8e9, 1e10, 1.3e10])
    offsets = np.array([[0.0], [-0.5]]) * HALF
    batch = CavityLoadedMZI(
        dataclasses.replace(COLD, coupling_rate=rates), offsets, np.array([0.1, 0.2, 0.3])
    )
    out = batch.transfer(2e-4)
    assert out.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        ring = dataclasses.replace(COLD, coupling_rate=float(rates[j]))
        one = CavityLoadedMZI(ring, float(offsets[i, 0]), 0.1 * (j + 1))
        assert out[i, j] == pytest.approx(float(one.transfer(2e-4)), rel=1e-12, abs=0)
    law = dataclasses.replace(batch, ring=dataclasses.replace(batch.ring, index_law=NEDELJKOVIC_2011))
    one = CavityLoadedMZI(
        dataclasses.replace(COLD, coupling_rate=1e10, index_law=NEDELJKOVIC_2011), -0.5 * HALF, 0.2
    )
    assert law.transfer(2e-4)[1, 1] == pytest.approx(float(one.transfer(2e-4)), rel=1e-12, abs=0)
    with pytest.raises(ParameterError, match="a batch of rings has no sweep direction"):
        batch.transfer(1e-4, sweep="up")
    with pytest.raises(ParameterError, match="detuning must be one number for a curve"):
        batch.curve(1e-3)
    with pytest.raises(ParameterError, match="one ring at one detuning is wanted"):
        dataclasses.replace(batch, detuning=0.0, arm_phase=0.0).curve(1e-3)
    hot = RingThrough(VV, np.array([0.0, RED]))
    with pytest.raises(ParameterError, match=r"of the batch is multivalued above 0\.000169275 W"):
        hot.transfer(1e-3)


# ------------------------------------------------------------------ curves
def test_curve_is_the_transfer_with_its_slope() -> None:
    device = CavityLoadedMZI(COLD, 0.5 * HALF, 2.0, 0.3, 0.6, "cross")
    curve = device.curve(1e-3, points=201)
    power = np.linspace(0, 1e-3, 777)
    assert np.max(np.abs(curve(power) - device.transfer(power))) < 1e-6 * np.max(curve.power_out)
    assert np.max(np.abs(curve.derivative(power) - device.slope(power))) < 2e-3
    step = 1e-9
    inner = power[1:-1]
    difference = (device.transfer(inner + step) - device.transfer(inner - step)) / (2 * step)
    assert np.allclose(device.slope(inner), difference, atol=1e-6)
    assert curve.regime == "frozen heat"
    assert RingThrough(VV, 0.0).curve(1e-5).regime == "cw"
    assert curve.metadata["port"] == "cross"
    assert curve.domain == (0.0, 1e-3)


def test_single_names_the_folds() -> None:
    device = CavityLoadedMZI(VV, RED, math.pi, 0.25)
    named = [f"{f.power:.6g} W" for f in folds(device)]
    for call in (lambda: device.curve(2e-3), lambda: device.transfer(2e-3)):
        with pytest.raises(ParameterError, match=r"multivalued below 0\.002 W: folds at ") as caught:
            call()
        assert all(name in str(caught.value) for name in named)
    assert "0.000225700 W".replace("00 W", "") in named[1]  # 0.16928 mW / 0.75, A11
    below = 0.99 * folds(device)[1].power
    assert device.curve(below).domain[1] == below


def test_single_names_the_hopf_point() -> None:
    ring, detuning = VV, 1.0 * HALF
    points = hopf_points(ring, detuning)
    assert points
    assert not folds(ring, detuning)
    first = min(points, key=lambda p: p.energy)
    message = re.escape(f"self-pulsates above {first.power:.6g} W (Hopf point at {first.frequency:.4g} Hz)")
    for call in (
        lambda d: d.curve(2 * first.power),
        lambda d: d.transfer(np.array([0.0, 2 * first.power])),
    ):
        with pytest.raises(ParameterError, match=message):
            call(RingThrough(ring, detuning))
    with pytest.warns(OutsideValidityWarning, match="self-pulsate"):
        RingThrough(ring, detuning).curve(2 * first.power, sweep="up")
    RingThrough(ring, detuning).curve(0.99 * first.power)


def test_sweeps_jump_at_the_folds(kerr_ring: Ring) -> None:
    """A6: folds of the Kerr ring at −3 half-linewidths."""
    device = RingThrough(kerr_ring, -3 * HALF)
    high, low = (f.power for f in folds(device))
    up, down = (device.curve(12e-3, points=400, sweep=s) for s in ("up", "down"))
    assert up.jumps == pytest.approx([high], rel=1e-12, abs=0.0)
    assert down.jumps == pytest.approx([low], rel=1e-12, abs=0.0)
    assert (up.branch, down.branch) == ("up", "down")
    between = np.linspace(low, high, 50)[1:-1]
    branches = np.array([[s.through for s in steady_states(kerr_ring, p, -3 * HALF)] for p in between])
    for curve, state, sweep in ((up, 0, "up"), (down, 2, "down")):
        assert np.allclose(device.transfer(between, sweep), branches[:, state], rtol=1e-9)
        assert np.allclose(curve(between), branches[:, state], rtol=1e-3)
        assert np.all(np.abs(curve.slope) < 1e7)
    outside = np.concatenate([np.linspace(0, 0.99 * low, 20), np.linspace(1.01 * high, 12e-3, 20)])
    assert np.allclose(up(outside), down(outside), rtol=1e-5, atol=1e-12)
    # At the power of its jump a sweep has not jumped yet.
    at_up = device.energy(high, "up")
    assert float(at_up) == pytest.approx(folds(device)[0].energy, rel=1e-6, abs=0)
    for powers in (low, np.array([12e-3, low])):
        at_down = np.ravel(device.energy(powers, "down"))[-1]
        assert float(at_down) == pytest.approx(folds(device)[1].energy, rel=1e-6, abs=0)
    assert device.curve(low, sweep="down").domain == (0.0, low)
    assert device.curve(high, sweep="up").jumps.size == 0
    just = np.nextafter(high, 1)
    assert float(device.energy(just, "up")) > 1.5 * float(at_up)


def test_sweep_starting_inside_the_bistable_range(kerr_ring: Ring) -> None:
    device = RingThrough(kerr_ring, -3 * HALF)
    high, low = (f.power for f in folds(device))
    middle = (high + low) / 2
    assert device.curve(middle, sweep="down").jumps == pytest.approx([low], rel=1e-12, abs=0.0)
    assert device.curve(middle, sweep="up").jumps.size == 0
    assert device.curve(0.9 * low, sweep="down").jumps.size == 0
    with pytest.raises(ParameterError, match="sweep must be 'single', 'up' or 'down', got 'both'"):
        device.transfer(middle, sweep="both")  # type: ignore[arg-type]


def _ring_with_four_folds(random_ring: Callable[..., Ring]) -> tuple[Ring, float]:
    rng = np.random.default_rng(3)
    while True:
        ring = random_ring(rng)
        detuning = float(rng.uniform(-30, 5) * ring.linewidth / 2)
        found = folds(ring, detuning)
        if len(found) == 4 and found[1].power < found[3].power < found[0].power < found[2].power < 5:
            states = steady_states(ring, found[0].power * (1 + 1e-9), detuning)
            if len(states) == 3 and states[0].stable:
                return ring, detuning


def test_more_than_two_folds_are_flagged(random_ring: Callable[..., Ring]) -> None:
    """Two branches can catch the upward jump: the nearest stable one does, and it is said."""
    ring, detuning = _ring_with_four_folds(random_ring)
    device = RingThrough(ring, detuning)
    first = folds(device)[0]
    power = first.power * (1 + 1e-9)
    near, unstable, far = steady_states(device, power)  # what is left above the first fold
    assert near.stable
    assert not unstable.stable
    assert far.energy > near.energy > first.energy
    with pytest.warns(OutsideValidityWarning) as caught:
        energy = float(device.energy(np.array([0.0, power]), "up")[1])
    assert any("could land on 2 branches" in str(w.message) for w in caught)
    assert energy == pytest.approx(near.energy, rel=1e-6, abs=0)


def test_a_falling_sweep_lands_on_the_nearest_stable_branch(random_ring: Callable[..., Ring]) -> None:
    """Down from the third rising branch two can catch the jump; both orders of stability are met."""
    rng = np.random.default_rng(8)
    seen = set()
    while seen != {True, False}:
        ring = random_ring(rng)
        detuning = float(rng.uniform(-30, 5) * ring.linewidth / 2)
        found = folds(ring, detuning)
        if len(found) != 4 or not found[1].power < found[3].power < found[0].power < 5:
            continue
        if not found[3].power < found[2].power:
            continue
        power = found[3].power * (1 - 1e-9)
        far, _, near = steady_states(ring, power, detuning)
        if not far.stable or near.stable in seen:
            continue
        seen.add(near.stable)
        with pytest.warns(OutsideValidityWarning, match="could land on 2 branches"):
            energy = RingThrough(ring, detuning).energy(np.array([power, found[3].power * 1.01]), "down")
        assert float(energy[0]) == pytest.approx((near if near.stable else far).energy, rel=1e-6, abs=0)


# ------------------------------------------------------------------ refusals
def test_wrong_powers_are_refused() -> None:
    device = RingThrough(COLD, 0.0)
    cases: list[tuple[Any, str]] = [
        (-1e-3, r"power must be >= 0 W, got -0\.001"),
        (np.array([1e-3, np.nan]), "power must be finite in W, got nan"),
        (200.0, r"power must .* W, got 200\.0: did you mean 0\.2 \(milliwatts\)"),
        ("1 mW", "power must be a number in W, got '1 mW'"),
    ]
    for power, message in cases:
        for method in (device.transfer, device.response, device.energy, device.slope):
            with pytest.raises(ParameterError, match=message):
                method(power)
    with pytest.warns(OutsideValidityWarning, match="power reaches 2 W: .*did you mean 0.002 W"):
        RingThrough(dataclasses.replace(COLD, two_photon_absorption=0.0), 0.0).transfer(2.0)
    for power, message in ((0.0, "power_max must be > 0 W"), (200.0, "did you mean 0.2"), (-1.0, "> 0 W")):
        with pytest.raises(ParameterError, match=message):
            device.curve(power)
    with pytest.raises(ParameterError, match="power_max must be one number"):
        device.curve(np.array([1e-3, 2e-3]))  # type: ignore[arg-type]
    for points in (3, 10.5):
        with pytest.raises(ParameterError, match="points must be an integer >= 8"):
            device.curve(1e-3, points=points)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_coupling": 1.2}, r"input_coupling must lie in \[0, 1\], got 1\.2"),
        ({"input_coupling": 1.0}, "input_coupling must be < 1, got 1.0"),
        ({"output_coupling": -0.1}, r"output_coupling must lie in \[0, 1\]"),
        ({"insertion_loss": 0.5}, r"insertion_loss must be >= 1 .*did you mean 2 \(a transmission of 0\.5\)"),
        ({"arm_loss": 0.0}, "arm_loss must be >= 1"),
        ({"arm_phase": math.inf}, "arm_phase must be finite"),
        ({"detuning": math.nan}, "detuning must be finite"),
        ({"port": "through"}, "port must be 'bar' or 'cross', got 'through'"),
    ],
)
def test_wrong_settings_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        dataclasses.replace(CavityLoadedMZI(COLD, 0.0, 0.0), **change)


def test_a_drop_port_needs_a_drop_bus() -> None:
    with pytest.raises(ParameterError, match=r"ring\.drop_coupling_rate must be > 0"):
        RingDrop(VV, 0.0)


def test_leaving_the_model_is_said() -> None:
    with pytest.warns(OutsideValidityWarning, match="temperature rise reaches"):
        RingThrough(dataclasses.replace(VV, thermo_optic=0.0, index_per_carrier=0.0), 0.0).transfer(0.05)
    with pytest.warns(OutsideValidityWarning, match=r"free spectral ranges off the hot resonance"):
        RingThrough(COLD, float(COLD.detuning(4e-9))).transfer(1e-6)
    with pytest.warns(OutsideValidityWarning, match="finesse is"):
        RingThrough(dataclasses.replace(COLD, coupling_rate=4e12), 0.0).transfer(1e-6)


def test_identity_and_copies() -> None:
    device = CavityLoadedMZI(VV, RED, 1.0)
    assert device != dataclasses.replace(device)
    assert device.same(dataclasses.replace(device))
    assert not device.same(dataclasses.replace(device, arm_phase=1.1))
    assert not device.same(dataclasses.replace(device, port="cross"))
    assert not device.same(device.frozen())
    assert not device.same(RingThrough(VV, RED))
    assert pickle.loads(pickle.dumps(device)).same(device)
    assert device.regime == "cw"
    assert device.frozen().regime == "frozen heat"
    assert device.plain() is device


# ------------------------------------------------------------------ fuzz
def test_random_rings_never_fail_in_an_unknown_way(random_ring: Callable[..., Ring]) -> None:
    """2,000 random rings up to 1 W and 20 linewidths: no NaN, no error but the documented ones."""
    rng = np.random.default_rng(31)
    refused = {"multivalued": 0, "self-pulsates": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", OutsideValidityWarning)
        for trial in range(2000):
            ring = random_ring(rng)
            detuning = float(rng.uniform(-20, 20) * ring.linewidth)
            device: RingDevice = RingThrough(ring, detuning)
            if trial % 2:
                device = CavityLoadedMZI(
                    ring, detuning, float(rng.uniform(0, 6)), float(rng.uniform(0, 0.95))
                )
            top = float(10 ** rng.uniform(-7, 0))
            sweep = ("single", "up", "down")[trial % 3]
            try:
                out = device.transfer(np.array([0.0, top / 3, top]), sweep)  # type: ignore[arg-type]
                curve = device.curve(top, points=64, sweep=sweep)  # type: ignore[arg-type]
            except ParameterError as error:
                (kind,) = (kind for kind in refused if kind in str(error))
                refused[kind] += 1
                continue
            assert np.all(np.isfinite(out))
            assert np.all(out <= np.array([0.0, top / 3, top]) * (1 + 1e-9))
            assert np.all(np.isfinite(curve.slope))
            assert curve.domain == (0.0, top)
            for jump in curve.jumps:  # a jump is at a fold
                powers = np.array([f.power for f in folds(device)])
                assert np.min(np.abs(powers / jump - 1)) < 1e-9
    assert all(refused.values())
    assert sum(refused.values()) < 700
