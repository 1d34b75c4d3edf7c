"""Readings and what belongs to each: kept together, checked, and not to be changed."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.errors import ParameterError
from photonic.lab.measured import Measured

X, Y = np.array([0.0, 1e-3, 2e-3, 1e-3]), np.array([1e-6, 2e-4, 5e-4, 3e-4])
WAYS = np.array([1, 1, 1, -1])
FULL = Measured(X, Y, sigma=[1e-6, 2e-6, 3e-6, 40e-6], repeats=[1, 4, 9, 16], direction=WAYS)


def test_the_mean_of_n_readings_is_surer_by_the_root_of_n() -> None:
    assert FULL.standard_error == pytest.approx([1e-6, 1e-6, 1e-6, 10e-6])
    assert Measured(X, Y).standard_error is None
    assert Measured(X, Y, sigma=2e-6).sigma == pytest.approx(np.full(4, 2e-6))
    assert Measured(X, Y).repeats.tolist() == [1, 1, 1, 1]
    assert Measured(X, Y).direction.tolist() == [0, 0, 0, 0]


def test_parts_keep_what_belongs_together() -> None:
    parts = dict(FULL.parts())
    assert list(parts) == ["up", "down"]
    assert parts["down"].sigma.tolist() == [40e-6]
    assert parts["down"].repeats.tolist() == [16]
    assert parts["up"].power_out.tolist() == Y[:3].tolist()
    assert FULL.take(slice(1, 3)).sigma.tolist() == [2e-6, 3e-6]
    assert Measured(X, Y).take([0, 2]).power_in.tolist() == [0.0, 2e-3]
    mixed = Measured(X, Y, direction=[-1, 0, 1, 0])
    assert mixed.sweeps == ("single", "up", "down")
    assert len(mixed) == 4


@pytest.mark.parametrize(("sweep", "sign"), [("single", 0), ("up", 1), ("down", -1)])
def test_swept(sweep: str, sign: int) -> None:
    once = FULL.swept(sweep)  # type: ignore[arg-type]
    assert once.direction.tolist() == [sign] * 4
    assert once.sweeps == (sweep,)
    assert once.sigma.tolist() == FULL.sigma.tolist()


def test_short_text() -> None:
    assert repr(FULL) == "Measured(4 points, 0 W to 2 mW, sigma 2.5 µW, up+down)"


def test_readings_are_not_changed_behind_ones_back() -> None:
    mine = X.copy()
    data = Measured(mine, Y)
    mine[0] = 5e-3
    assert data.power_in[0] == 0.0
    for name in ("power_in", "power_out", "sigma", "repeats", "direction"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(FULL, name)[0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"power_out": Y[:3]}, r"power_out must have the shape of power_in \(4,\), got \(3,\)"),
        ({"power_in": [], "power_out": []}, "at least 1 point"),
        (
            {"power_in": X[None], "power_out": Y[None]},
            r"power_in must be one-dimensional, got shape \(1, 4\)",
        ),
        ({"power_in": -X}, "power_in must be >= 0"),
        ({"power_in": X + np.inf}, "power_in must be finite"),
        ({"power_out": Y * [1, np.nan, 1, 1]}, "power_out must be finite"),
        ({"power_out": Y - 2e-4}, "power_out must be >= 0 W but for noise, got -0.000199 W"),
        ({"power_out": -Y}, "power_out must be >= 0 W but for noise"),
        ({"sigma": 0.0}, "sigma"),
        ({"sigma": -1e-6}, "sigma"),
        ({"sigma": [1e-6, 1e-6]}, r"sigma must have the shape of power_in \(4,\), got \(2,\)"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": [1, 2, 3]}, "repeats must have the shape"),
        ({"repeats": [1, 2, 3, 1.5]}, "repeats must hold whole numbers"),
        ({"direction": 2}, "direction"),
        ({"direction": -2}, "direction"),
        ({"direction": [0.5, 0, 0, 0]}, "direction must hold whole numbers"),
        ({"plane": "chip"}, "plane must be a ReferencePlane, got 'chip'"),
    ],
)
def test_impossible_readings(change: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Measured(**{"power_in": X, "power_out": Y, **change})


def test_a_little_below_zero_is_noise() -> None:
    """A fifth of the brightest reading at most."""
    assert Measured(X, Y - 0.8e-4).power_out.min() < 0  # −0.79e-4 beside 4.2e-4
    with pytest.raises(ParameterError, match="but for noise"):
        Measured(X, Y - 0.9e-4)  # −0.89e-4 beside 4.1e-4
