"""The activation of light by a device: the device's own response, its range, its trained settings."""

import dataclasses
import math

import numpy as np
import pytest

from nets import LightActivation
from photonic import presets
from photonic.curve import Curve
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.heaters import Heaters
from photonic.parameters import RIB_RING, VAN_VAERENBERGH_2012
from photonic.sensitivity import field_gradient, transfer_gradient
from photonic.stability import folds, hopf_points
from photonic.stable_region import stable_detunings

POWER = 2e-3  # [W]
FROZEN = RIB_RING.with_effects(heating=False)
SETTINGS = ("detuning", "arm_phase", "input_coupling", "output_coupling")


def fields(powers: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.sqrt(powers) * np.exp(2j * np.pi * np.random.default_rng(seed).uniform(size=powers.shape))


@pytest.mark.parametrize("port", ["bar", "cross"])
def test_published_transmissions_of_a_ring_in_an_interferometer(port) -> None:
    """Acceptance values of the reference solver: 50:50, Δ = 0, φ = π; bar/P at .05, .1, .2 mW."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    phase = math.pi if port == "bar" else 0.0  # without the phase the ports swap
    device = CavityLoadedMZI(ring, 0.0, phase, 0.5, 0.5, port=port)
    stage = LightActivation(device, 3, power_max=0.3e-3)
    z = fields(np.array([[0.05e-3, 0.1e-3, 0.2e-3]]))
    out = stage.forward(z)[0]
    assert (np.abs(out) ** 2 / np.abs(z) ** 2)[0] == pytest.approx([0.26052, 0.31798, 0.47393], rel=1e-3)


LOSSY = dataclasses.replace(presets.RADIAL_BASIS, insertion_loss=1.3, arm_loss=1.6, port="bar")


@pytest.mark.parametrize(
    "device",
    [presets.RADIAL_BASIS, LOSSY, RingThrough(FROZEN, 1e10)],
    ids=["arms", "lossy arms", "ring"],
)
def test_field_goes_through_the_complex_response(device) -> None:
    powers = np.linspace(0.01, 1.0, 9)[:, None] * POWER
    z = fields(powers)
    stage = LightActivation(device, 1, power_max=POWER)
    assert stage.forward(z)[0] == pytest.approx(device.response(powers) * z, rel=1e-10)
    slope = field_gradient(device, powers, ["power"])["power"]
    assert stage.transfer(powers, stage.settings).slope == pytest.approx(slope, rel=1e-8)
    phase = np.angle(device.response(powers))
    assert np.ptp(np.unwrap(phase.ravel())) > 0.2  # there is a nonlinear phase to get wrong


def test_slope_of_powers_is_the_devices_own() -> None:
    """RingDrop and a ring with traps have no compiled loop: their slope is a complex step."""
    device = RingDrop(dataclasses.replace(FROZEN, drop_coupling_rate=FROZEN.coupling_rate), 5e9)
    powers = np.linspace(0.0, 1.0, 9)[:, None] * POWER
    stage = LightActivation(device, 1, kind="powers", power_max=POWER)
    out, kept = stage.forward(powers)
    assert out == pytest.approx(device.transfer(powers), rel=1e-12)
    expected = transfer_gradient(device, powers, ["power"])["power"]
    assert stage.backward(kept, np.ones_like(powers), True) == pytest.approx(expected, rel=1e-10)


def test_trained_gradients_are_those_of_a_complex_step_through_the_device() -> None:
    device = presets.SIGMOID
    stage = LightActivation(device, 1, kind="powers", power_max=POWER, trained=SETTINGS)
    gradient = np.zeros(4)
    stage.bind(np.zeros(4), gradient)
    stage.initialise(np.random.default_rng(0))
    powers = np.linspace(0.1, 1.0, 5)[:, None] * POWER
    _, kept = stage.forward(powers)
    stage.backward(kept, np.ones_like(powers), False)
    slopes = transfer_gradient(device, powers, SETTINGS)
    maps = [stage._maps[n] for n in SETTINGS]
    expected = [
        slopes[n].sum() * float(m.slope(m.free(getattr(device, n))))
        for n, m in zip(SETTINGS, maps, strict=True)
    ]
    assert gradient == pytest.approx(expected, rel=1e-8)


def test_trained_settings_can_be_built() -> None:
    stage = LightActivation(presets.SIGMOID, 3, power_max=POWER, trained=("arm_phase", "detuning"))
    assert stage.trained == ("detuning", "arm_phase")
    parameters = np.zeros(stage.size)
    stage.bind(parameters, np.zeros(stage.size))
    stage.initialise(np.random.default_rng(0))
    assert all(
        d.same(presets.SIGMOID) or d.detuning == pytest.approx(presets.SIGMOID.detuning)
        for d in stage.devices()
    )
    parameters += np.arange(6.0)
    z = fields(np.full((2, 3), 0.7e-3))
    out = stage.forward(z)[0]
    for k, device in enumerate(stage.devices()):
        assert out[:, k] == pytest.approx(device.response(np.full(2, 0.7e-3)) * z[:, k], rel=1e-10)


def test_however_far_training_goes_the_states_stay_single_and_stable() -> None:
    stage = LightActivation(presets.LEAKY_RELU, 4, power_max=POWER, trained=SETTINGS)
    parameters = np.zeros(stage.size)
    stage.bind(parameters, np.zeros(stage.size))
    detuning, _, first, _ = parameters.reshape(4, 4)
    detuning[:] = [25.0, 25.0, -25.0, -25.0]
    first[:] = [-25.0, 25.0, -25.0, 25.0]  # nearly all of the light to the ring, or hardly any
    for device in stage.devices():
        device.curve(POWER)  # refuses folds and self-pulsation
    stage.forward(fields(np.full((2, 4), POWER)))


def test_more_power_than_is_known_is_refused_or_told() -> None:
    z = fields(np.array([[1e-3, 2.4e-3]]))
    with pytest.raises(ParameterError, match=r"0.0024 W arrives .* known up to power_max = 0.002 W"):
        LightActivation(presets.SOFTPLUS, 2, power_max=POWER).forward(z)
    warned = LightActivation(presets.SOFTPLUS, 2, power_max=POWER, outside="warn")
    with pytest.warns(OutsideValidityWarning, match="0.0024 W arrives"):
        out = warned.forward(z)[0]
    assert out == pytest.approx(presets.SOFTPLUS.response(np.abs(z) ** 2) * z, rel=1e-10)


def test_a_multivalued_response_is_refused_even_where_a_warning_was_asked_for() -> None:
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device = RingThrough(ring, 3.0 * float(ring.linewidth) / 2)  # blue of √5/2: carriers make it bistable
    with pytest.raises(ParameterError, match="multivalued"):
        LightActivation(device, 1, power_max=1e-3)
    stage = LightActivation(device, 1, power_max=1e-5, outside="warn")
    with pytest.warns(OutsideValidityWarning), pytest.raises(ParameterError, match="multivalued"):
        stage.forward(fields(np.array([[1e-3]])))


def test_a_start_outside_the_stable_region_is_refused() -> None:
    """The carriers fold the response beyond √5/2 half-linewidths, and a bit."""
    half = float(FROZEN.linewidth) / 2
    device = dataclasses.replace(presets.SIGMOID, detuning=1.3 * half)
    with pytest.raises(ParameterError, match=r"one stable state up to .* has several states from"):
        LightActivation(device, 1, power_max=POWER, trained=("detuning",))
    near = dataclasses.replace(presets.SIGMOID, detuning=1.18 * half)  # nearer to the fold than the margin
    with pytest.raises(ParameterError, match=r"lies outside .* one stable state"):
        LightActivation(near, 1, power_max=POWER, trained=("detuning",))
    assert LightActivation(near, 1, power_max=POWER, trained=("arm_phase",)).trained == ("arm_phase",)


def test_the_stable_range_is_that_of_all_couplings_that_training_reaches() -> None:
    power = 0.4e-3
    low, high = stable_detunings(VAN_VAERENBERGH_2012, power)
    device = CavityLoadedMZI(VAN_VAERENBERGH_2012, 0.5 * (low + high), 1.0, 0.9, 0.5)  # a tenth to the ring
    stage = LightActivation(device, 1, power_max=power, trained=("detuning", "input_coupling"))
    stage.bind(np.array([-1e3, -1e3]), np.zeros(2))  # the red end, and nearly all to the ring
    found = stage.devices()[0]
    assert found.input_coupling == pytest.approx(0.02)
    critical = [p.power for f in (folds, hopf_points) for p in f(VAN_VAERENBERGH_2012, found.detuning)]
    assert min(critical, default=1.0) > power * 0.98


def test_a_fixed_detuning_is_stable_at_all_couplings_that_training_reaches() -> None:
    """−1 half-linewidths: self-pulsation from 0.169 mW in the ring's bus, whose share is learned."""
    half = float(VAN_VAERENBERGH_2012.linewidth) / 2
    device = CavityLoadedMZI(VAN_VAERENBERGH_2012, -half, 1.0, 0.9, 0.5)
    LightActivation(device, 1, power_max=0.6e-3, trained=("arm_phase",))
    with pytest.raises(ParameterError, match=r"self-pulsates from 0.000168"):
        LightActivation(device, 1, power_max=0.6e-3, trained=("input_coupling",))


def test_the_loss_before_the_ring_leaves_more_room() -> None:
    power = 0.4e-3
    ring_power = power / 2.0 * 0.5
    low, _ = stable_detunings(VAN_VAERENBERGH_2012, ring_power)
    assert low > -3.9 * float(VAN_VAERENBERGH_2012.linewidth) / 2
    device = CavityLoadedMZI(
        VAN_VAERENBERGH_2012, 0.5 * VAN_VAERENBERGH_2012.linewidth, 1.0, 0.5, 0.5, insertion_loss=2.0
    )
    stage = LightActivation(device, 1, power_max=power, trained=("detuning",))
    stage.bind(np.array([-1e3]), np.zeros(1))
    assert stage.devices()[0].detuning == pytest.approx(low, rel=1e-5)


def test_the_stable_range_is_the_one_that_the_device_stands_in() -> None:
    """Blue of the self-pulsation of the hot ring, which begins nearer to resonance on its other side."""
    half = float(RIB_RING.linewidth) / 2
    device = CavityLoadedMZI(RIB_RING, 2.7 * half, 1.0, 0.5, 0.5, insertion_loss=1.5)
    stage = LightActivation(device, 2, power_max=1e-3, trained=("detuning", "input_coupling"))
    stage.bind(np.array([0.0, 0.0, 1e3, -1e3]), np.zeros(4))
    stage.initialise(np.random.default_rng(0))
    assert [d.detuning for d in stage.devices()] == pytest.approx([2.7 * half] * 2)
    stage.bind(np.array([-1e3, -1e3, 1e3, -1e3]), np.zeros(4))
    for found in stage.devices():
        assert 0.5 * half < found.detuning < 4.1 * half
        critical = [p.power for f in (folds, hopf_points) for p in f(RIB_RING, found.detuning)]
        assert min(critical, default=1.0) > 1e-3 * 0.98 / 1.5


def test_a_curve_serves_powers_only() -> None:
    curve = presets.preset("softplus").curve()
    stage = LightActivation(curve, 2, kind="powers")
    assert stage.power_max == POWER
    powers = np.array([[0.0, 0.3e-3], [1.1e-3, POWER]])
    out, kept = stage.forward(powers)
    assert out == pytest.approx(presets.SOFTPLUS.transfer(powers), rel=1e-4, abs=1e-9)
    slope = transfer_gradient(presets.SOFTPLUS, powers, ["power"])["power"]
    assert stage.backward(kept, np.ones_like(powers), True) == pytest.approx(slope, rel=1e-3, abs=1e-5)
    with pytest.raises(ParameterError, match="a curve of powers has no phase"):
        LightActivation(curve, 2)
    with pytest.raises(ParameterError, match="known up to"):
        stage.forward(np.full((1, 2), 2.1e-3))
    with pytest.raises(ParameterError, match="no device to name"):
        stage.devices()
    rising = np.linspace(1e-4, 1e-3, 20)
    with pytest.raises(ParameterError, match="must begin at 0 W"):
        LightActivation(Curve(rising, rising / 2), 2, kind="powers")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"power_max": None}, "power_max must be given"),
        ({"power_max": 20.0}, "did you mean 0.02 .milliwatts."),
        ({"power_max": POWER, "outside": "clip"}, "outside must be 'raise' or 'warn'"),
        ({"power_max": POWER, "trained": ("coupling",)}, "unknown trained setting 'coupling'"),
    ],
)
def test_wrong_arguments_are_named(wrong, words) -> None:
    with pytest.raises(ParameterError, match=words):
        LightActivation(presets.SIGMOID, 2, **wrong)


def test_only_an_interferometer_has_settings_to_train() -> None:
    with pytest.raises(ParameterError, match="only a CavityLoadedMZI has settings to train, got RingThrough"):
        LightActivation(RingThrough(FROZEN, 0.0), 2, power_max=POWER, trained=("detuning",))
    with pytest.raises(ParameterError, match="device must be a photonic device or a Curve, got 'relu'"):
        LightActivation("relu", 2, power_max=POWER)
    with pytest.raises(ParameterError, match=r"device must be a photonic device or a Curve, got a Ring$"):
        LightActivation(FROZEN, 2, power_max=POWER)


def test_power_that_is_not_a_number_is_refused() -> None:
    z = fields(np.full((2, 2), 1e-3))
    z[1, 0] = np.nan
    with pytest.raises(ParameterError, match=r"signal must be finite, got nan.* in row 1, column 0"):
        LightActivation(presets.SIGMOID, 2, power_max=POWER, outside="warn").forward(z)


def test_the_need_is_that_of_the_device_not_of_the_laser() -> None:
    """The tenth of the largest |H|² is searched for by eye of a fine grid of the device's own transfer."""
    device = presets.SIGMOID
    powers = np.linspace(1e-6, 5e-3, 20001)
    passed = device.transfer(powers) / powers
    assert passed.argmax() < 20000  # the largest lies inside
    wanted = powers[np.argmax(np.abs(passed - passed[0]) > 0.1 * passed.max())]
    for power_max in (0.1e-3, 2e-3, 20e-3):
        for kind in ("fields", "powers"):
            needed = LightActivation(device, 3, kind=kind, power_max=power_max).working_power
            assert needed == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize(("half_linewidths", "works"), [(1.3, True), (3.0, False)])
def test_the_need_is_looked_for_where_the_device_has_one_state(half_linewidths, works) -> None:
    """Beyond the lower fold there are several states; far to the blue nothing moves before it."""
    device = RingThrough(FROZEN, FROZEN.detuning(half_linewidths=half_linewidths))
    limit = min(point.power for point in folds(device.ring, device.detuning))
    stage = LightActivation(device, 2, power_max=limit / 3)
    powers = np.linspace(0.001, 0.999, 2001) * limit
    passed = device.transfer(powers) / powers
    moved = np.abs(passed - passed[0]) > 0.1 * passed.max()
    assert moved.any() == works
    wanted = powers[np.argmax(moved)] if works else math.inf
    assert stage.working_power == pytest.approx(wanted, rel=5e-3)


@pytest.mark.parametrize(
    "device",
    [
        RingDrop(dataclasses.replace(FROZEN, drop_coupling_rate=2e10), 1e10),
        RingThrough(RIB_RING, -1e10),
        RingThrough(dataclasses.replace(FROZEN, coupling_rate=2 * FROZEN.coupling_rate), 0.0),
    ],
    ids=["drop port", "hot", "broad"],
)
def test_every_device_tells_its_need(device) -> None:
    """|H|² has moved by a tenth of its largest there, and by less anywhere below."""
    stage = LightActivation(device, 2, power_max=1e-6)
    needed = stage.working_power
    below = np.linspace(1e-3, 1.0, 400) * needed
    passed = device.transfer(below) / below
    moved = np.abs(passed - passed[0])
    assert np.argmax(moved) == 399
    assert 0 < needed < 1.0


def test_trained_neurons_need_what_their_own_settings_need() -> None:
    stage = LightActivation(presets.SOFTPLUS, 3, power_max=2e-3, trained=SETTINGS)
    free = np.random.default_rng(3).normal(0, 0.5, stage.size) + stage._free.ravel()
    stage.bind(free, np.zeros(stage.size))
    alone = [LightActivation(d, 1, power_max=2e-3).working_power for d in stage.devices()]
    assert len(set(alone)) == 3
    assert stage.working_power == pytest.approx(np.median(alone), rel=1e-6)


def test_heaters_and_curves_of_every_neuron() -> None:
    heaters = Heaters(p_pi=20e-3, crosstalk=0.01)
    stage = LightActivation(presets.SOFTPLUS, 3, power_max=2e-3, trained=("arm_phase",))
    stage.bind(stage._free.ravel() + np.array([0.0, 0.3, 0.6]), np.zeros(3))
    settings = stage.settings["arm_phase"]
    devices = [dataclasses.replace(presets.SOFTPLUS, arm_phase=phase) for phase in settings]
    assert stage.heater_power(heaters) == pytest.approx([heaters.power(d).total for d in devices])
    powers = np.linspace(0, 2e-3, 7)
    for curve, device in zip(stage.curves(), devices, strict=True):
        assert curve.domain == (0.0, 2e-3)
        assert curve(powers) == pytest.approx(device.transfer(powers), abs=1e-9)
    frozen = LightActivation(presets.SOFTPLUS, 4, power_max=1e-3)
    assert frozen.heater_power() == pytest.approx([Heaters().power(presets.SOFTPLUS).total] * 4)
    assert len(frozen.curves()) == 4
    measured = LightActivation(presets.SOFTPLUS.curve(1e-3), 2, kind="powers")
    assert [c.domain for c in measured.curves()] == [(0.0, 1e-3)] * 2
    with pytest.raises(ParameterError, match="measured curve"):
        measured.heater_power()
