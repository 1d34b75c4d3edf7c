"""Derivatives of every output by every number: finite differences, slope, autograd, compiled code."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import ParameterError
from photonic.extensions import ThermalModes
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import ALDAYA_2017
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rates import (
    Coefficients,
    absorption_rate,
    carrier_change,
    heating_rate,
    loss_rate,
    resonance_shift,
    temperature_change,
    total_rate,
)
from photonic.ring import Ring
from photonic.ring_device import RingDevice
from photonic.sensitivity import field_gradient, parameter_names
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987
from photonic.transfer_matrix import geometry
from photonic.waveguide import Waveguide

RING = dataclasses.replace(VV, drop_coupling_rate=3e9, kerr_index=4.5e-18)
COLD = RING.with_effects(heating=False)
HALF = float(RING.linewidth) / 2
GUIDE = Waveguide(
    loss=50.0,
    effective_area=0.1e-12,
    two_photon_absorption=5e-12,
    kerr_index=4.5e-18,
    free_carrier_cross_section=1.45e-21,
    index_per_carrier=-3e-27,
    carrier_lifetime=1e-9,
)
DEVICES = {
    "through": RingThrough(RING, 0.3 * HALF),
    "drop": RingDrop(RING, 0.3 * HALF),
    "mzi": CavityLoadedMZI(COLD, 0.5 * HALF, 1.0, 0.3, 0.6, "cross", 1.2, 1.1),
    "mzi with heat": CavityLoadedMZI(RING, 0.5 * HALF, 1.0, 0.3, 0.6, "bar", 1.2, 1.1),
    "mzi with a carrier law": CavityLoadedMZI(
        dataclasses.replace(COLD, index_law=NEDELJKOVIC_2011), 0.5 * HALF, 1.0, 0.3, 0.6, "bar", 1.2, 1.1
    ),
    "through with a carrier law": RingThrough(
        dataclasses.replace(RING, index_law=SOREF_BENNETT_1987, effects=COLD.effects), 0.3 * HALF
    ),
    "mzi with traps": CavityLoadedMZI(
        dataclasses.replace(COLD, traps=ALDAYA_2017), 0.5 * HALF, 1.0, 0.3, 0.6, "cross", 1.2, 1.1
    ),
    "through with traps alone, a carrier law and thermal modes": RingThrough(
        dataclasses.replace(
            RING,
            traps=ALDAYA_2017,
            carrier_lifetime=math.inf,
            index_law=NEDELJKOVIC_2011,
            thermal_modes=ThermalModes(shares=(0.3, 0.7), lifetimes=(5e-9, 90e-9)),
        ),
        0.3 * HALF,
    ),
    "plain interferometer": MachZehnder(1.0, 0.3, 0.6, "cross", 1.2, 1.1),
    "interferometer with a waveguide": MachZehnder(1.0, 0.3, 0.6, "bar", 1.2, 1.1, GUIDE, 0.01),
}
POWER = {name: 0.05 if "waveguide" in name else 0.1e-3 for name in DEVICES}


def moved(device: Any, name: str, change: float) -> Any:
    head, *rest = name.split(".")
    value = getattr(device, head)
    value = moved(value, ".".join(rest), change) if rest else value + change
    return dataclasses.replace(device, **{head: value})


def value_of(device: Any, name: str) -> float:
    for part in name.split("."):
        device = getattr(device, part)
    return float(device)


@pytest.mark.parametrize("name", DEVICES)
def test_every_derivative_against_finite_differences(name: str) -> None:
    device, power = DEVICES[name], POWER[name]
    found = device.gradient(power)
    assert set(found) == {"power", *parameter_names(device)}
    nonzero = 0
    for parameter, slope in found.items():
        if parameter == "power":
            step = 1e-4 * power
            values = [float(device.transfer(power + s * step)) for s in (-2, -1, 1, 2)]
        else:
            value = value_of(device, parameter)
            # Step by what moves the output: 1e-4 of the value; ring wavelengths far less.
            relative = 1e-7 if parameter.endswith("wavelength") and "law" in name else 1e-4
            step = relative * abs(value) if value else {"ring.backscatter_rate": 1e3}.get(parameter, 1.0)
            if not value and not float(slope):
                continue
            values = [float(moved(device, parameter, s * step).transfer(power)) for s in (-2, -1, 1, 2)]
        difference = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)
        noise = 1e-13 * power / step
        assert float(slope) == pytest.approx(difference, rel=2e-6, abs=noise), parameter
        nonzero += float(slope) != 0.0
    assert nonzero > 5


@pytest.mark.parametrize("name", DEVICES)
def test_power_derivative_is_the_slope_of_the_curve(name: str) -> None:
    device, power = DEVICES[name], POWER[name] * np.linspace(0, 1, 7)
    slope = device.gradient(power, ["power"])["power"]
    assert slope.shape == (7,)
    if isinstance(device, RingDevice):
        assert np.allclose(slope, device.slope(power), rtol=1e-9, atol=1e-12)
    curve = device.curve(float(power[-1]), points=801)
    assert np.allclose(slope, curve.derivative(power), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["mzi with heat", "through with a carrier law", "interferometer with a waveguide"]
)
def test_field_derivative_gives_that_of_the_power(name: str) -> None:
    """∂|H|²P = 2 P Re(H* ∂H), power itself apart."""
    device, power = DEVICES[name], POWER[name]
    fields, powers = field_gradient(device, power), device.gradient(power)
    response = device.response(power)
    for parameter, slope in fields.items():
        expected = 2 * power * np.real(np.conj(response) * slope)
        if parameter == "power":
            expected = expected + abs(response) ** 2
        assert float(powers[parameter]) == pytest.approx(float(expected), rel=1e-9, abs=1e-300)


def test_known_derivatives() -> None:
    """Of a linear interferometer: P sin²(φ/2) at the bar port."""
    gradient = MachZehnder(0.7).gradient(2e-3)
    assert float(gradient["arm_phase"]) == pytest.approx(1e-3 * math.sin(0.7), rel=1e-14, abs=0.0)
    assert float(gradient["power"]) == pytest.approx(math.sin(0.35) ** 2, rel=1e-14, abs=0.0)
    assert float(gradient["insertion_loss"]) == pytest.approx(-2e-3 * math.sin(0.35) ** 2, rel=1e-14, abs=0.0)


def test_batches_of_rings() -> None:
    rates_ = np.array([9e9, 1.1e10])
    batch = CavityLoadedMZI(
        dataclasses.replace(COLD, coupling_rate=rates_), np.array([[0.2], [0.4]]) * HALF, 1.0
    )
    found = batch.gradient(0.1e-3, ["detuning", "ring.coupling_rate", "ring.carrier_lifetime", "power"])
    for i, j in np.ndindex(2, 2):
        ring = dataclasses.replace(COLD, coupling_rate=float(rates_[j]))
        one = CavityLoadedMZI(ring, 0.2 * (i + 1) * HALF, 1.0).gradient(0.1e-3, list(found))
        for name, slope in found.items():
            assert slope[i, j] == pytest.approx(float(one[name]), rel=1e-10, abs=0)


def test_derivative_on_both_branches_of_a_hysteresis(kerr_ring: Ring) -> None:
    device = RingThrough(kerr_ring, -3 * float(kerr_ring.linewidth) / 2)
    for sweep in ("up", "down"):
        slope = device.gradient(7e-3, ["detuning"], sweep)["detuning"]  # type: ignore[arg-type]
        step = 1e-5 * abs(device.detuning)
        values = [
            float(moved(device, "detuning", s * step).transfer(7e-3, sweep))  # type: ignore[arg-type]
            for s in (-1, 1)
        ]
        assert float(slope) == pytest.approx((values[1] - values[0]) / (2 * step), rel=1e-6, abs=0)


def test_unknown_parameters_are_named() -> None:
    with pytest.raises(ParameterError, match=r"unknown parameter 'ring\.coupling': did you mean 'ring\."):
        DEVICES["mzi"].gradient(1e-4, ["ring.coupling"])
    with pytest.raises(ParameterError, match="unknown parameter 'port'"):
        DEVICES["mzi"].gradient(1e-4, ["port"])


# ------------------------------------------------------------------ other array libraries
def _tensors(torch: Any, device: Any, names: list[str]) -> tuple[Any, list[Any]]:
    """The device with tensors that carry gradients in the named fields."""
    leaves = []
    for name in names:
        leaf = torch.tensor(value_of(device, name), dtype=torch.float64, requires_grad=True)
        leaves.append(leaf)
        device = _with(device, name.split("."), leaf)
    return device, leaves


def _with(obj: Any, path: list[str], value: Any) -> Any:
    head, *rest = path
    return dataclasses.replace(obj, **{head: _with(getattr(obj, head), rest, value) if rest else value})


@pytest.mark.parametrize("name", DEVICES)
def test_autograd_agrees(name: str) -> None:
    torch = pytest.importorskip("torch")
    device, power = DEVICES[name], POWER[name]
    expected = device.gradient(power)
    names = [
        n
        for n in expected
        if n not in ("power", "ring.wavelength", "waveguide.wavelength") and expected[n] != 0
    ]
    tensor_device, leaves = _tensors(torch, device, names)
    light = torch.tensor(power, dtype=torch.float64, requires_grad=True)
    out = tensor_device.transfer(light)
    assert out.dtype == torch.float64
    assert float(out.detach()) == pytest.approx(float(device.transfer(power)), rel=1e-13, abs=0.0)
    slopes = torch.autograd.grad(out, [light, *leaves])
    for parameter, slope in zip(["power", *names], slopes, strict=True):
        assert float(slope) == pytest.approx(float(expected[parameter]), rel=1e-9, abs=0), parameter
    response = tensor_device.response(light)
    assert complex(response.detach()) == pytest.approx(complex(device.response(power)), rel=1e-12, abs=0.0)


def test_autograd_over_batches_of_powers_and_rings() -> None:
    torch = pytest.importorskip("torch")
    device = DEVICES["mzi"]
    power = torch.linspace(0, 3e-4, 11, dtype=torch.float64, requires_grad=True)
    out = device.transfer(power)
    (slope,) = torch.autograd.grad(out.sum(), power)
    assert np.allclose(slope.numpy(), device.slope(np.linspace(0, 3e-4, 11)), rtol=1e-9, atol=1e-12)
    detuning = torch.tensor([[0.1 * HALF], [0.4 * HALF]], dtype=torch.float64, requires_grad=True)
    batch = dataclasses.replace(device, detuning=detuning)
    out = batch.transfer(power)
    assert out.shape == (2, 11)
    (slope,) = torch.autograd.grad(out[1].sum(), detuning)
    one = dataclasses.replace(device, detuning=0.4 * HALF)
    expected = one.gradient(np.linspace(0, 3e-4, 11), ["detuning"])["detuning"].sum()
    assert slope[0, 0] == 0
    assert float(slope[1, 0]) == pytest.approx(float(expected), rel=1e-9, abs=0)
    curve = dataclasses.replace(device, arm_phase=torch.tensor(1.0, dtype=torch.float64)).curve(1e-4)
    assert np.allclose(curve.power_out, device.curve(1e-4).power_out, rtol=1e-12)


def test_autograd_through_the_geometry() -> None:
    torch = pytest.importorskip("torch")
    numbers = {"radius": 10e-6, "coupling": 0.01, "group_index": 4.2}

    def build(values: dict[str, Any]) -> Any:
        ring = Ring.from_geometry(waveguide=GUIDE, core_area=0.11e-12, absorbed_fraction=0.2, **values)
        return RingThrough(ring, 1e9).transfer(1e-4)

    leaves = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in numbers.items()}
    slopes = torch.autograd.grad(build(leaves), list(leaves.values()))
    for (name, value), slope in zip(numbers.items(), slopes, strict=True):
        step = 1e-5 * value
        ends = [float(build({**numbers, name: value + s * step})) for s in (-1, 1)]
        assert float(slope) == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-6, abs=0.0)
        complex_step = np.imag(build({**numbers, name: value + 1e-30j * value})) / (1e-30 * value)
        assert float(slope) == pytest.approx(float(complex_step), rel=1e-9, abs=0.0)


def test_spectrum_of_tensors() -> None:
    torch = pytest.importorskip("torch")
    offset = torch.tensor([0.0, 20e-12], dtype=torch.float64, requires_grad=True)
    out = RING.spectrum(VV.wavelength + offset)
    plain = RING.spectrum(VV.wavelength + np.array([0.0, 20e-12]))
    assert np.allclose(out.through.detach().numpy(), plain.through, rtol=1e-12)
    (slope,) = torch.autograd.grad(out.drop[1], offset)
    step = 1e-15
    ends = [float(RING.spectrum(VV.wavelength + 20e-12 + s * step).drop) for s in (-1, 1)]
    assert float(slope[1]) == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-5, abs=0.0)


def test_strict_arrays_pass_through_the_explicit_formulas() -> None:
    xp = pytest.importorskip("array_api_strict")
    energy = np.array([0.0, 1e-15, 3e-14])
    for ring in (RING, COLD):
        cavity = Cavity(ring, 0.3 * HALF)
        strict = xp.asarray(energy)
        pairs = [
            (cavity.input_power(strict), cavity.input_power(energy)),
            *zip(cavity.through(strict), cavity.through(energy), strict=True),
            *zip(cavity.drop(strict), cavity.drop(energy), strict=True),
            (cavity.temperature(strict), cavity.temperature(energy)),
        ]
        for ours, theirs in pairs:
            assert type(ours) is type(strict)
            assert np.allclose(np.asarray(ours), theirs, rtol=1e-15)
    for name in ("through", "drop", "mzi", "mzi with traps", "plain interferometer"):
        power = np.array([0.0, 0.5, 1.0]) * POWER[name]
        for method in ("transfer", "response"):
            ours = getattr(DEVICES[name], method)(xp.asarray(power))
            theirs = getattr(DEVICES[name], method)(power)
            assert np.allclose(np.asarray(ours), theirs, rtol=1e-12, atol=1e-300)
    fields = geometry(
        radius=xp.asarray(1e-5), waveguide=GUIDE, coupling=xp.asarray(0.01), group_index=xp.asarray(4.2),
        core_area=xp.asarray(1e-13), drop_coupling=xp.asarray(0.0), absorbed_fraction=xp.asarray(0.1),
        index_confinement=xp.asarray(1.1),
    )  # fmt: skip
    assert float(fields["coupling_rate"]) == pytest.approx(
        -math.log(0.99) * 299792458 / (4.2 * 2e-5 * math.pi)
    )


# ------------------------------------------------------------------ compiled loops
def _looped(energies: Any, carriers: Any, temperatures: Any, c: Any, out: Any) -> None:
    for i in range(energies.size):
        out[i, 0] = loss_rate(energies[i], carriers[i], c)
        out[i, 1] = absorption_rate(energies[i], carriers[i], c)
        out[i, 2] = resonance_shift(energies[i], -1.73e-27 * carriers[i], temperatures[i], c)
        out[i, 3] = carrier_change(energies[i], carriers[i], c)
        out[i, 4] = temperature_change(energies[i], carriers[i], temperatures[i], c)


def _uncached(function: Any) -> Any:
    """Compiled anew: a kernel on disk would not notice that the formulas it calls have changed."""
    numba = pytest.importorskip("numba")
    for formula in (
        loss_rate,
        absorption_rate,
        resonance_shift,
        carrier_change,
        heating_rate,
        temperature_change,
        total_rate,
    ):
        numba.extending.register_jitable(formula)
    return numba.njit(function)


def test_rates_are_the_same_in_compiled_loops() -> None:
    rng = np.random.default_rng(1)
    energy, carriers, heat = rng.uniform(0, 1e-13, 50), rng.uniform(0, 1e23, 50), rng.uniform(0, 2, 50)
    c = Coefficients(*(float(v) for v in RING.coefficients()))
    out, source = np.empty((50, 5)), np.empty((50, 5))
    _uncached(_looped)(energy, carriers, heat, c, out)
    _looped(energy, carriers, heat, c, source)
    assert np.allclose(out, source, rtol=1e-14)
    assert np.allclose(out[:, 0], loss_rate(energy, carriers, c), rtol=1e-14)
    assert np.allclose(out[:, 4], temperature_change(energy, carriers, heat, c), rtol=1e-12)
