"""What every activation of light must do: agreement of its two forms, exact gradients, passivity."""

import dataclasses
import math

import numpy as np
import pytest

from nets import ElectroOptic, LightActivation, SaturableAbsorber
from nets.optical.stage import Stage
from photonic import presets
from photonic.devices import RingDrop, RingThrough
from photonic.errors import ParameterError
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import RIB_RING

POWER = 2e-3  # [W]
FROZEN = RIB_RING.with_effects(heating=False)
DROP = RingDrop(dataclasses.replace(FROZEN, drop_coupling_rate=FROZEN.coupling_rate), 0.0)
ALL_OF_IT = ("detuning", "arm_phase", "input_coupling", "output_coupling")

BUILDERS = {
    "cavity": lambda kind: LightActivation(presets.LEAKY_RELU, 3, kind=kind, power_max=POWER),
    "through": lambda kind: LightActivation(RingThrough(FROZEN, 0.0), 3, kind=kind, power_max=POWER),
    "drop": lambda kind: LightActivation(DROP, 3, kind=kind, power_max=POWER),
    "linear": lambda kind: LightActivation(MachZehnder(1.0), 3, kind=kind, power_max=POWER),
    "trained": lambda kind: LightActivation(
        presets.SIGMOID, 3, kind=kind, power_max=POWER, trained=ALL_OF_IT
    ),
    "trained layer": lambda kind: LightActivation(
        presets.SIGMOID, 3, kind=kind, power_max=POWER, trained=ALL_OF_IT, per="layer"
    ),
    "electro-optic": lambda kind: ElectroOptic(
        3,
        gain_phase=2.0 / POWER,
        bias_phase=0.7 * math.pi,
        kind=kind,
        trained=("gain_phase", "bias_phase", "alpha"),
    ),
    "electro-optic layer": lambda kind: ElectroOptic(
        3, gain_phase=2.0 / POWER, kind=kind, trained=("bias_phase", "alpha"), per="layer"
    ),
    "absorber": lambda kind: SaturableAbsorber(3, optical_depth=3.0, saturation_power=4e-4, kind=kind),
}
every = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())
both = pytest.mark.parametrize("kind", ["fields", "powers"])


def bound(stage, dtype=np.float64):
    """The stage with arrays of its own, at its start moved a little; and these arrays."""
    parameters, gradient = np.zeros(stage.size, dtype), np.zeros(stage.size, dtype)
    stage.bind(parameters, gradient)
    stage.initialise(np.random.default_rng(0))
    parameters += 0.1 * np.random.default_rng(1).standard_normal(stage.size)
    return parameters, gradient


def signal_of(kind: str, rows: int = 4, lowest: float = 0.05) -> np.ndarray:
    generator = np.random.default_rng(2)
    power = generator.uniform(lowest * POWER, 0.98 * POWER, (rows, 3))
    if kind == "powers":
        return power
    return np.sqrt(power) * np.exp(2j * np.pi * generator.uniform(size=power.shape))


@every
@both
def test_it_is_a_stage(build, kind) -> None:
    stage = build(kind)
    assert isinstance(stage, Stage)
    assert (stage.inputs, stage.outputs, stage.takes, stage.gives) == (3, 3, kind, kind)


@every
def test_intensity_of_the_field_form_is_the_power_form(build) -> None:
    fields, powers = build("fields"), build("powers")
    bound(fields)
    bound(powers)
    z = signal_of("fields")
    out = np.abs(fields.forward(z)[0]) ** 2
    assert powers.forward(np.abs(z) ** 2)[0] == pytest.approx(out, rel=1e-12)


@every
@both
def test_gradients_are_those_of_central_differences(build, kind) -> None:
    stage = build(kind)
    parameters, gradient = bound(stage)
    signal = signal_of(kind)
    generator = np.random.default_rng(3)
    weights = generator.standard_normal(signal.shape)
    if kind == "fields":
        weights = weights + 1j * generator.standard_normal(signal.shape)

    def loss(s: np.ndarray) -> float:
        return float(np.sum(np.real(np.conj(weights) * stage.forward(s)[0])))

    _, kept = stage.forward(signal)
    below = stage.backward(kept, weights, True)
    for row, column in [(0, 0), (2, 1), (3, 2)]:
        for unit in (1.0, 1j) if kind == "fields" else (1.0,):
            step = 1e-5 * abs(signal[row, column])
            moved = np.zeros_like(signal)
            moved[row, column] = step * unit
            found = (loss(signal + moved) - loss(signal - moved)) / (2 * step)
            assert np.real(np.conj(unit) * below[row, column]) == pytest.approx(found, rel=1e-5, abs=1e-7)
    for k in range(stage.size):
        step, before = 1e-5, parameters[k]
        parameters[k] = before + step
        more = loss(signal)
        parameters[k] = before - step
        less = loss(signal)
        parameters[k] = before
        scale = np.abs(gradient).max()
        assert gradient[k] == pytest.approx((more - less) / (2 * step), rel=1e-5, abs=1e-6 * scale)


@every
@both
def test_a_gradient_that_is_not_wanted_is_not_made(build, kind) -> None:
    stage = build(kind)
    _, gradient = bound(stage)
    signal = signal_of(kind)
    out, kept = stage.forward(signal)
    assert stage.backward(kept, out, False) is None
    without = gradient.copy()
    stage.backward(kept, out, True)
    assert without.tolist() == gradient.tolist()


@every
def test_no_light_is_made(build) -> None:
    stage = build("powers")
    bound(stage)
    powers = np.linspace(0, POWER, 64)[:, None] * np.ones(3)
    out = stage.forward(powers)[0]
    assert np.all(out <= powers)
    assert np.all(out >= 0)
    assert out[0].tolist() == [0.0, 0.0, 0.0]


@every
def test_faint_light_superposes(build) -> None:
    stage = build("fields")
    bound(stage)
    a, b = 1e-5 * signal_of("fields"), 1e-5 * signal_of("fields")[::-1]
    together = stage.forward(a + b)[0]
    apart = stage.forward(a)[0] + stage.forward(b)[0]
    assert np.abs(together - apart).max() < 1e-7 * np.abs(together).max()


@every
@both
def test_signals_keep_their_precision(build, kind) -> None:
    stage = build(kind)
    bound(stage, np.float32)
    signal = signal_of(kind)
    single = signal.astype(np.complex64 if kind == "fields" else np.float32)
    out, kept = stage.forward(single)
    assert out.dtype == single.dtype
    assert stage.backward(kept, out, True).dtype == single.dtype
    expected = stage.forward(signal)[0]
    assert np.abs(out - expected).max() < 1e-5 * np.abs(expected).max()


@every
def test_a_signal_stays_as_it_is(build) -> None:
    stage, z = build("fields"), signal_of("fields")
    before = z.copy()
    _, kept = stage.forward(z)
    stage.backward(kept, z, True)
    assert z.tolist() == before.tolist()


@every
def test_a_wrong_signal_is_refused(build) -> None:
    stage = build("fields")
    with pytest.raises(ParameterError, match=r"shape \(rows, 3\), got \(2, 4\)"):
        stage.forward(np.zeros((2, 4), complex))
    with pytest.raises(ParameterError, match="takes fields, got an array of float64"):
        stage.forward(np.zeros((2, 3)))
    with pytest.raises(ParameterError, match="a power must be >= 0 W, got -1e-06"):
        build("powers").forward(np.full((2, 3), -1e-6))


@every
def test_starting_over_starts_from_the_same_settings(build) -> None:
    stage = build("fields")
    parameters, _ = bound(stage)
    stage.initialise(np.random.default_rng(5))
    first = parameters.copy()
    parameters += 1.0
    stage.initialise(np.random.default_rng(6))
    assert parameters.tolist() == first.tolist()


def test_identity_tells_settings_apart() -> None:
    texts = {build(kind).identity for build in BUILDERS.values() for kind in ("fields", "powers")}
    assert len(texts) == 2 * len(BUILDERS)
    assert BUILDERS["cavity"]("fields").identity == BUILDERS["cavity"]("fields").identity


def test_working_power_is_where_the_transmission_has_moved() -> None:
    # cos²(θ/2) with θ = π + gP: |H|²/(1 − α) = sin²(gP/2), which is 0.1 at gP = 2 asin √0.1
    stage = ElectroOptic(2, gain_phase=3e3, bias_phase=math.pi)
    assert stage.working_power == pytest.approx(2 * math.asin(0.1**0.5) / 3e3, rel=0.01)
    # T grows from T₀ to 1: T = T₀ + 0.1 at P/P_sat = ln(T/T₀)/(1 − T)
    dark = math.exp(-3.0)
    expected = 4e-4 * math.log1p(0.1 / dark) / (0.9 - dark)
    assert BUILDERS["absorber"]("powers").working_power == pytest.approx(expected, rel=0.01)
    assert BUILDERS["linear"]("fields").working_power == math.inf


def test_working_power_of_unlike_channels_is_their_median() -> None:
    stage = ElectroOptic(3, gain_phase=1e3, bias_phase=math.pi, trained=("gain_phase",))
    gains = np.array([1e3, 4e3, 1.5e3])  # [rad/W]
    stage.bind(np.log(gains / 1e3), np.zeros(3))
    assert stage.settings["gain_phase"] == pytest.approx(gains)
    assert stage.working_power == pytest.approx(2 * math.asin(0.1**0.5) / 1.5e3, rel=0.01)


def test_a_setting_that_is_not_known_is_named() -> None:
    with pytest.raises(ParameterError, match="unknown trained setting 'bias': did you mean 'bias_phase'"):
        ElectroOptic(2, gain_phase=1.0, trained=("bias",))
    with pytest.raises(ParameterError, match="per must be 'neuron' or 'layer', got 'channel'"):
        ElectroOptic(2, gain_phase=1.0, per="channel")
    with pytest.raises(ParameterError, match="kind must be 'fields' or 'powers', got 'numbers'"):
        ElectroOptic(2, gain_phase=1.0, kind="numbers")
    with pytest.raises(ParameterError, match="channels must be a whole number"):
        ElectroOptic(2.5, gain_phase=1.0)
