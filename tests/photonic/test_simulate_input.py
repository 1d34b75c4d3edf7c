"""What `simulate` refuses and warns of, and how a trace is saved and read."""

from __future__ import annotations

import csv
import dataclasses
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import photonic
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import DataError, OutsideValidityWarning, ParameterError
from photonic.extensions import ThermalModes
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.trace import Trace

RED = VV.detuning(62e-12)
TIMES = np.linspace(0, 1e-8, 101)


def test_exported() -> None:
    assert (photonic.simulate, photonic.Trace) == (simulate, Trace)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": TIMES[::-1]}, r"times must increase, got 9.9e-09 s after 1e-08 s \(place 1\)"),
        ({"times": [0.0, 1e-9, 1e-9]}, r"times must increase, got 1e-09 s after 1e-09 s \(place 2\)"),
        ({"times": [0.0]}, r"times must be a list of 2 or more times \[s\]"),
        ({"times": 1e-9}, r"times must be a list of 2 or more times \[s\]"),
        ({"times": [[0.0, 1e-9]]}, r"times must be a list of 2 or more times \[s\], got shape \(1, 2\)"),
        ({"times": [0.0, math.nan]}, "times must be finite in s"),
        ({"times": "0 1 2"}, "times must be a number in s"),
        (
            {"times": [0, 10]},
            r"times must span 1 s at most, got 10 s: did you mean 1e-08 \(nanoseconds\)\?",
        ),
        (
            {"power_in": Drive.constant(1e-4, 0.0, 5e-9)},
            "power_in lasts from 0 to 5e-09 s, shorter than times, 0 to 1e-08 s",
        ),
        ({"power_in": Drive.constant(1e-4, 1e-9, 5e-8)}, "power_in lasts from 1e-09 to 5e-08 s"),
        ({"power_in": np.full(50, 1e-4)}, "one value per time, 101, got 50: it is shorter than times"),
        ({"power_in": np.full(102, 1e-4)}, "one value per time, 101, got 102: it is longer than times"),
        ({"power_in": []}, "one value per time, 101, got 0"),
        ({"power_in": -1e-4}, r"power_in must be >= 0 W, got -0\.0001"),
        ({"power_in": math.nan}, "power_in must be finite in W, got nan"),
        ({"power_in": np.linspace(-1e-4, 1e-4, 101)}, "power_in must be >= 0 W"),
        (
            {"power_in": 600.0},
            r"power_in must lie in \[0, 10\] W, got 600\.0: did you mean 0\.6 \(milliwatts\)",
        ),
        ({"power_in": 1e-4 + 1e-5j}, r"power_in must be a power \[W\], got complex numbers"),
        ({"power_in": np.full(101, 1e-4 + 0j)}, "got complex numbers"),
        ({"power_in": lambda t: 1e-4j}, "gives complex numbers"),
        ({"power_in": lambda t: -1e-4 + t}, r"power_in must be >= 0 W, got -0\.0001"),
        ({"power_in": "0.6 mW"}, "power_in must be a number in W, got '0.6 mW'"),
        ({"power_in": None}, "power_in must be a number in W, got None"),
        ({"detuning": None}, r"detuning \[rad/s\] is needed for a bare ring; ring.detuning"),
        ({"detuning": math.nan}, "detuning must be finite in rad/s"),
        ({"detuning": "62 pm"}, "detuning must be a number in rad/s"),
        ({"ring": RingThrough(VV, RED)}, "detuning is only for a bare ring: a device has its own"),
        ({"ring": 3}, "ring must be a Ring or a ring device, got 3"),
        ({"initial": {"temp": 1.0}}, "initial may name field, carriers, temperature, got 'temp'"),
        ({"initial": {"carriers": -1.0}}, "initial carriers must lie in"),
        ({"initial": {"temperature": math.nan}}, "initial temperature must be finite in K"),
        ({"initial": {"field": "x"}}, "initial field must be a complex number in √J, got 'x'"),
        ({"initial": {"field": 1.0}}, r"initial field must be <= 0\.001 √J"),
        ({"initial": {"field": complex(0, math.nan)}}, "initial field must be finite"),
        ({"initial": [1, 2]}, "initial must be a mapping, a SteadyState or a Trace"),
        ({"initial": "low"}, "initial must be a mapping, a SteadyState or a Trace, got 'low'"),
        (
            {"power_in": np.full((2, 101), 1e-4), "initial": {"carriers": np.zeros(3)}},
            r"power_in, initial and the arrays of the ring do not go together: \(2,\), \(3,\)",
        ),
        ({"rtol": 0.0}, r"rtol must lie in \[1e-14, 0.01\]"),
        ({"rtol": 1.0}, "rtol must lie in"),
        ({"rtol": np.array([1e-3, 1e-4])}, r"rtol must be one number, got shape \(2,\)"),
        ({"method": "rk4"}, "method must be one of auto, full, slaved, got 'rk4'"),
        ({"max_step": 0.0}, "max_step must be > 0 s"),
        ({"max_step": math.nan}, "max_step must be finite"),
        ({"workers": 0}, "workers must be an integer >= 1, got 0"),
        ({"workers": 1.5}, "workers must be an integer >= 1, got 1.5"),
        ({"power_in": np.full((2, 1), 1e-4), "dense": True}, "dense=True is for one ring, got a batch"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    arguments = {"ring": VV, "power_in": 1e-4, "times": TIMES, "detuning": RED, **change}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ParameterError, match=message):
            simulate(**arguments)


def test_negative_lifetimes_never_get_here() -> None:
    for name in ("carrier_lifetime", "thermal_lifetime"):
        with pytest.raises(ParameterError, match=f"{name} must be > 0 s"):
            dataclasses.replace(VV, **{name: -1e-9})


def test_faint_and_absent_light() -> None:
    for power in (0, 0.0, 1e-30, 1e-200, 1e-300):
        trace = simulate(VV, power, TIMES, detuning=RED)
        assert np.all(np.isfinite(trace.states))
        assert trace.energy[-1] == pytest.approx(
            VV.coupling_rate * power / ((VV.linewidth / 2) ** 2 + RED**2), rel=0.7
        )


def test_coarse_samples_of_a_smooth_signal_are_told() -> None:
    times = np.arange(0, 300) * 0.2e-9
    smooth = 1e-3 * (1 + np.sin(2 * np.pi * times / 6e-9))
    with pytest.warns(OutsideValidityWarning, match="sampled too coarsely for its bandwidth") as told:
        simulate(VV, smooth, times, detuning=RED)
    assert told[0].filename == __file__
    rng = np.random.default_rng(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulate(VV, 1e-3 * rng.integers(0, 2, times.size), times, detuning=RED)
        simulate(VV, 1e-3 * rng.random(times.size), times, detuning=RED)
        simulate(VV, lambda t: 1e-3 * (1 + np.sin(2 * np.pi * t / 6e-9)), times, detuning=RED)


def test_limits_of_the_model_are_told() -> None:
    ring = dataclasses.replace(VV, circumference=None)  # knows no free spectral range
    with pytest.warns(OutsideValidityWarning, match="temperature rise reaches 60 K") as told:
        simulate(ring, 0.0, [0.0, 1e-9], detuning=RED, initial={"temperature": 60.0})
    assert told[0].filename == __file__
    with pytest.warns(OutsideValidityWarning, match=r"carrier density reaches 2e\+26 1/m³"):
        simulate(ring, 0.0, [0.0, 1e-9], detuning=RED, initial={"carriers": 2e26})


def test_traces_on_disk(tmp_path: Path) -> None:
    trace = simulate(VV, 1e-3, TIMES, detuning=RED)
    trace.save(tmp_path / "trace.csv")
    with (tmp_path / "trace.csv").open(encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert head == [
        "time [s]", "power_in [W]", "energy [J]", "carriers [1/m³]", "temperature [K]",
        "power_through [W]", "power_drop [W]",
    ]  # fmt: skip
    table = np.array(rows, dtype=float).T
    assert np.array_equal(table[0], trace.times)
    assert np.array_equal(table[3], trace.carriers)
    trace.save(str(tmp_path / "trace.npz"))
    with np.load(tmp_path / "trace.npz") as data:
        assert int(data["schema"]) == 1
        assert np.array_equal(data["field"], trace.field)
        assert np.array_equal(data["power_through"], trace.power_through)
    batch = simulate(VV, np.full((2, 1), 1e-3), TIMES, detuning=RED)
    batch.save(tmp_path / "batch.npz")
    with pytest.raises(ParameterError, match=r"saved as \.npz, that of one ring also as \.csv"):
        batch.save(tmp_path / "batch.csv")
    with pytest.raises(DataError, match="cannot be written"):
        trace.save(tmp_path / "nowhere" / "trace.csv")


def test_reading_a_trace_between_its_times() -> None:
    trace = simulate(VV, 1e-3, TIMES, detuning=RED)
    with pytest.raises(ParameterError, match="simulate one ring with dense=True"):
        trace.at([1e-9])
    dense = simulate(VV, 1e-3, TIMES, detuning=RED, dense=True)
    for times in ([-1e-12], [1.1e-8]):
        with pytest.raises(ParameterError, match=r"times must lie in \[0, 1e-08\] s"):
            dense.at(times)
    with pytest.raises(ParameterError, match="times must be finite"):
        dense.at(math.nan)
    assert dense.at(5.5e-9).energy.shape == (1,)


def test_states_hold_everything() -> None:
    modes = ThermalModes(shares=(0.5, 0.5), lifetimes=(5e-9, 5e-8))
    trace = simulate(dataclasses.replace(VV, thermal_modes=modes), 1e-3, TIMES, detuning=RED)
    assert trace.states.shape == (101, 5)
    assert np.array_equal(trace.states[:, 3] + trace.states[:, 4], trace.temperature)
    assert np.array_equal(trace.energy, np.abs(trace.field) ** 2)
