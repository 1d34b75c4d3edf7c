"""What a fit refuses, and how estimates are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import presets
from photonic.errors import DataError, ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured

RIB = presets.SIGMOID.ring
POWER = np.linspace(10e-6, 2e-3, 200)
FREE = ("carrier_lifetime", "coupling_rate", "detuning", "arm_phase")
DATA = Measured(POWER, presets.SIGMOID.transfer(POWER))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"device": RIB}, "device must be a device such as RingThrough, got Ring"),
        ({"measured": POWER}, r"measured must be a Measured .*read_curve.*got ndarray"),
        ({"measured": []}, "at least one measurement"),
        ({"free": ()}, "free must name at least one parameter"),
        ({"free": ("detunning",)}, "unknown parameter 'detunning': did you mean 'detuning'"),
        ({"free": ("detuning", "detuning")}, "free must name each parameter once, got 'detuning' twice"),
        (
            {"free": ("detuning", "detuning[0]")},
            r"once, got 'detuning' \(shared by all\) and 'detuning\[0\]'",
        ),
        ({"free": ("detuning[1]",)}, r"there are 1 experiments, counted from 0"),
        ({"free": (3,)}, "free must hold names"),
        ({"bounds": {"arm_phase": (0, 1)}}, "unknown free parameter 'arm_phase'"),
        (
            {"bounds": {"detuning": (3, 1)}},
            r"bounds of detuning must be finite and rising, got \(3, 1\) rad/s",
        ),
        ({"bounds": {"detuning": 3}}, "must be a pair"),
        (
            {"bounds": {"detuning": (0.0, 1e9)}, "start": {"detuning": 2e9}},
            r"bounds of detuning must hold its start 2e\+09 rad/s, got \[0, 1e\+09\] rad/s",
        ),
        (
            {"free": ("carrier_lifetime",), "start": {"carrier_lifetime": -5e-9}},
            r"start\['carrier_lifetime'\] must be > 0 s, got -5e-09",
        ),
        (
            {"free": ("carrier_lifetime",), "start": {"carrier_lifetime": 5}},
            r"carrier_lifetime.* got 5.0: did you mean 5e-09 \(nanoseconds\)",
        ),
        ({"free": ("output_coupling",), "start": {"output_coupling": 1.5}}, "must lie in .0, 1., got 1.5"),
        ({"free": ("carrier_lifetime",), "bounds": {"carrier_lifetime": (0, 1)}}, "leave out 0"),
        ({"start": {"arm_phase": 1}}, "unknown free parameter 'arm_phase'"),
        ({"start": {"detuning": "x"}}, r"start\['detuning'\] must be a number"),
        ({"noise": "white"}, "noise must be one of 'sigma', 'constant'"),
        ({"noise": "sigma"}, "needs the sigma of experiment 0"),
        ({"noise": ["constant", "constant"]}, "one for each of 1 experiments"),
        ({"loss": "l2"}, "unknown loss 'l2'"),
        ({"intervals": "bayes"}, "unknown intervals 'bayes'"),
        ({"starts": -1}, "starts must be 'auto' or an integer >= 0, got -1"),
        ({"starts": "many"}, "starts must be 'auto'"),
        ({"free": ("ring.backscatter_rate",)}, "must not start at 0"),
        ({"measured": Experiment(DATA, at={"detuning": 1e9})}, "both free and set in experiment 0"),
        ({"measured": Experiment(DATA, at={"phase": 1.0})}, "unknown parameter 'phase'"),
    ],
)
def test_wrong_input_is_refused(change: dict, message: str) -> None:
    given = {"device": presets.SIGMOID, "measured": DATA, "free": ("detuning",), **change}
    device, measured, free = (given.pop(name) for name in ("device", "measured", "free"))
    with pytest.raises(ParameterError, match=message):
        fit(device, measured, free, **given)


def test_too_few_readings() -> None:
    with pytest.raises(DataError, match="4 free parameters need more than 4 readings, got 4"):
        fit(presets.SIGMOID, DATA.take(slice(0, 4)), FREE)


def test_experiments_say_what_is_wrong() -> None:
    with pytest.raises(ParameterError, match="measured must be what was measured, got int"):
        Experiment(3)
    with pytest.raises(ParameterError, match=r"at\['detuning'\] must be a number"):
        Experiment(DATA, at={"detuning": "62 pm"})
    with pytest.raises(ParameterError, match="shift must map names to numbers"):
        Experiment(DATA, shift=3)  # type: ignore[arg-type]


def test_estimates_answer_to_short_names() -> None:
    found = fit(presets.SIGMOID, DATA, ("carrier_lifetime", "detuning"), intervals="wald")
    assert found.estimates["carrier_lifetime"] is found.estimates["ring.carrier_lifetime"]
    assert list(found.estimates) == ["ring.carrier_lifetime", "detuning"]
    with pytest.raises(KeyError, match=r"phase: no such estimate; there are ring.carrier_lifetime, detuning"):
        found.estimates["phase"]
