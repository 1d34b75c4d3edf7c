"""What a stage is given is checked at its own `forward`, in a network or without one."""

import numpy as np
import pytest

from nets.optical.amplifier import Amplifier
from nets.optical.detectors import Detector
from nets.optical.electro_optic import ElectroOptic
from nets.optical.encoders import FieldEncoder, PowerEncoder
from nets.optical.light_activation import LightActivation
from nets.optical.matrix_mesh import MatrixMesh
from nets.optical.mesh import MZIMesh
from nets.optical.modulator import Modulator
from nets.optical.passive import Attenuator, Combiner, Splitter
from nets.optical.readout import Readout
from nets.optical.saturable_absorber import SaturableAbsorber
from nets.optical.signal_checks import checked_signal
from nets.optical.weight_bank import WeightBank
from photonic import Curve, presets
from photonic.errors import ParameterError

NOISE = {"noise_figure": 4.0, "bandwidth": 10e9}
# every stage of two channels in, of each kind of light that it takes
STAGES = [
    PowerEncoder(2, 1e-3),
    FieldEncoder(2, 1e-3),
    MZIMesh(2),
    MatrixMesh(2, 3),
    WeightBank(2, 3),
    Modulator(2, 1e-3),
    Readout(2, 1e3),
    LightActivation(presets.SIGMOID, 2, power_max=1e-3),
    ElectroOptic(2, gain_phase=1e3),
    *(
        build(kind)
        for kind in ("fields", "powers")
        for build in (
            lambda kind: Attenuator(2, 2.0, kind=kind),
            lambda kind: Splitter(2, 2, kind=kind),
            lambda kind: Combiner(1, 2, kind=kind),
            lambda kind: Amplifier(2, 10.0, kind=kind, **NOISE),
            lambda kind: Detector(2, 1.0, takes=kind),
            lambda kind: SaturableAbsorber(2, optical_depth=1.0, saturation_power=1e-3, kind=kind),
        )
    ),
]
every = pytest.mark.parametrize("stage", STAGES, ids=lambda s: f"{type(s).__name__} of {s.takes}")


def signal_of(stage, rows=3, channels=2):
    found = np.random.default_rng(1).uniform(1e-6, 1e-5, (rows, channels))
    return found + 1e-6j if stage.takes == "fields" else found


@every
def test_a_list_does_as_well_as_an_array(stage):
    x = signal_of(stage)
    assert stage.forward(x.tolist())[0] == pytest.approx(stage.forward(x)[0], rel=1e-15)


@every
@pytest.mark.parametrize("shape", [(2,), (3, 3), (3, 1), (1, 3, 2)])
def test_another_shape_is_refused(stage, shape):
    wrong = np.full(shape, 1e-6, complex if stage.takes == "fields" else float)
    with pytest.raises(ParameterError, match=r"signal must have shape \(rows, 2\), got \("):
        stage.forward(wrong)


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_place(stage, bad):
    x = signal_of(stage)
    x[2, 1] = bad
    with pytest.raises(ParameterError, match=r"signal must be finite, got .* in row 2, column 1"):
        stage.forward(x)


@every
def test_another_kind_is_refused(stage):
    x = signal_of(stage)
    if stage.takes == "fields":
        with pytest.raises(ParameterError, match="takes fields, got an array of float64, not complex"):
            stage.forward(x.real.copy())
    else:
        with pytest.raises(ParameterError, match=f"takes {stage.takes}, got complex fields: detect them"):
            stage.forward(x + 0j)
    with pytest.raises(ParameterError, match=f"takes {stage.takes}, got an array of <U1"):
        stage.forward(np.full((3, 2), "a"))


@pytest.mark.parametrize("stage", [s for s in STAGES if s.takes == "powers"], ids=lambda s: s.name)
def test_a_power_below_zero_is_refused(stage):
    x = signal_of(stage)
    x[1, 0] = -1e-9
    with pytest.raises(ParameterError, match=r"a power must be >= 0 W, got -1e-09 in row 1, column 0"):
        stage.forward(x)


def test_floats_keep_their_precision_and_are_not_copied():
    for kind, types in (("numbers", "fd"), ("powers", "fd"), ("fields", "FD")):
        for one in types:
            x = np.ones((4, 2), one)
            assert checked_signal(x, 2, kind, "stage") is x
    assert checked_signal(np.ones((4, 2), np.int8), 2, "powers", "stage").dtype == np.float64
    assert checked_signal(np.zeros((0, 2)), 2, "powers", "stage").shape == (0, 2)


def test_numbers_whose_squares_overflow_are_finite():
    x = np.full((2, 2), 1e30, np.float32)
    assert checked_signal(x, 2, "numbers", "stage") is x
    assert checked_signal(x.astype(np.complex64), 2, "fields", "stage").shape == (2, 2)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ParameterError, match=r"loss: signal must have shape \(rows, 2\)"):
        Attenuator(2, 2.0).forward([[1j, 2.0], [1j]])


def test_a_curve_gives_no_less_than_nothing():
    """Rounding leaves -1e-20 W and the like between samples of 0 W; slopes that dip deeper are refused."""
    generator = np.random.default_rng(0)
    below = 0
    for _ in range(100):
        power_in = np.r_[0.0, np.sort(generator.uniform(0, 1e-3, 8))]
        curve = Curve(power_in, np.r_[0.0, generator.uniform(0, 1e-3, 8) * (generator.random(8) < 0.5)])
        power = np.linspace(0, curve.domain[1], 500)[:, None]
        below += np.any(curve(power) < 0)
        assert np.all(LightActivation(curve, 1, kind="powers").forward(power)[0] >= 0)
    assert below  # it does happen
    # h m (t³ − t²) between the first two samples: least at t = 2/3, −4/27 h m
    dip = Curve([0.0, 1e-3, 2e-3, 3e-3], [0.0, 0.0, 1e-3, 2e-3], slope=[0.0, 0.5, 1.0, 1.0])
    with pytest.raises(
        ParameterError, match=r"the curve gives -7\.41e-05 W at 0\.00067.* W, between samples"
    ):
        LightActivation(dip, 1, kind="powers")
