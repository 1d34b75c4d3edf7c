"""Transfer curves: Hermite interpolation, figures of merit, jumps, files, refusals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photonic.curve import Curve, hermite_slope, hermite_value
from photonic.errors import DataError, ParameterError

P = np.linspace(0, 1e-3, 9)
STEP = Curve(
    [0, 1e-3, 2e-3, 2e-3, 3e-3, 4e-3],
    [0, 1e-4, 2e-4, 1e-3, 1.5e-3, 2e-3],
    slope=[0.1, 0.1, 0.1, 0.5, 0.5, 0.5],
)


# ------------------------------------------------------------------ interpolation
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4), st.floats(0.1, 5), st.floats(0, 1))
def test_a_cubic_is_reproduced(a: list[float], h: float, t: float) -> None:
    """The Hermite polynomial of a cubic's end values and slopes is that cubic, slope included."""
    cubic = np.polynomial.Polynomial(a)
    ends = cubic(0.0), cubic(h), cubic.deriv()(0.0), cubic.deriv()(h)
    size = max(map(abs, a)) * (1 + h) ** 3 + 1e-9
    assert hermite_value(t, h, *ends) == pytest.approx(cubic(t * h), abs=1e-13 * size, rel=0)
    assert hermite_slope(t, h, *ends) == pytest.approx(cubic.deriv()(t * h), abs=1e-12 * size / h, rel=0)


@pytest.mark.parametrize(("points", "factor"), [(9, 16.0), (17, 16.0), (33, 16.0)])
def test_fourth_order(points: int, factor: float) -> None:
    """Halving the spacing divides the error by 2⁴ (and that of the slope by 2³)."""

    def errors(n: int) -> tuple[float, float]:
        x = np.linspace(0, 1, n)
        curve = Curve(x, np.sin(x) ** 2, slope=np.sin(2 * x))
        fine = np.linspace(0, 1, 4001)
        return (
            float(np.max(np.abs(curve(fine) - np.sin(fine) ** 2))),
            float(np.max(np.abs(curve.derivative(fine) - np.sin(2 * fine)))),
        )

    coarse, finer = errors(points), errors(2 * points - 1)
    assert coarse[0] / finer[0] == pytest.approx(factor, rel=0.1)
    assert coarse[1] / finer[1] == pytest.approx(factor / 2, rel=0.1)


def test_derivative_is_that_of_the_value() -> None:
    curve = Curve(P, 0.3 * P + 200 * P**2, slope=0.3 + 400 * P)
    power = np.linspace(1e-6, 0.999e-3, 50)
    step = 1e-8
    difference = (curve(power + step) - curve(power - step)) / (2 * step)
    assert np.allclose(curve.derivative(power), difference, atol=1e-7, rtol=0)
    assert np.allclose(curve.derivative(power), 0.3 + 400 * power, rtol=1e-12)


def test_slopes_that_are_left_out_keep_a_monotone_curve_monotone() -> None:
    """PCHIP; its slopes are 0 at an extremum of the samples."""
    curve = Curve(P, np.array([0, 0, 0, 1, 9, 9.5, 10, 10, 10]) * 1e-5)
    fine = np.linspace(0, 1e-3, 999)
    assert np.all(np.diff(curve(fine)) >= -1e-20)
    assert np.all(curve.derivative(fine) >= -1e-15)
    peak = Curve(P[:5], np.array([0, 1, 3, 1, 0]) * 1e-5)
    assert peak.slope is not None
    assert peak.slope[2] == 0
    straight = Curve(P, 0.4 * P)
    assert np.allclose(straight.derivative(fine), 0.4, rtol=1e-12)


# ------------------------------------------------------------------ domain and jumps
def test_outside_the_domain() -> None:
    curve = Curve(P + 1e-4, 0.5 * P)
    assert curve.domain == (1e-4, 1.1e-3)
    for power in (0.99e-4, 1.2e-3, np.array([5e-4, 2e-3])):
        for method in (curve, curve.derivative):
            with pytest.raises(ParameterError, match=r"power must lie in \[0\.0001, 0\.0011\] W, got "):
                method(power)
    clipped = curve(np.array([0.0, 2e-3]), extrapolate="clip")
    assert np.allclose(clipped, [0.0, 0.5e-3], rtol=1e-12, atol=1e-18)
    assert curve.derivative(np.array([0.0, 5e-4, 2e-3]), extrapolate="clip") == pytest.approx([0.0, 0.5, 0.0])
    assert float(curve(1.1e-3 * (1 + 1e-14))) == pytest.approx(0.5e-3, rel=1e-12)  # round-off is forgiven
    assert curve.derivative(np.array(curve.domain)) == pytest.approx([0.5, 0.5])  # the ends are inside
    with pytest.raises(ParameterError, match="power must be finite in W, got nan"):
        curve(math.nan, extrapolate="clip")
    with pytest.raises(ParameterError, match="extrapolate must be 'raise' or 'clip', got 'foo'"):
        curve(5e-4, extrapolate="foo")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="power must be a number in W, got '1 mW'"):
        curve("1 mW")


def test_a_jump_stays_a_jump() -> None:
    assert STEP.jumps.tolist() == [2e-3]
    assert Curve(P, P).jumps.size == 0
    assert STEP([2e-3 - 1e-9, 2e-3, 2e-3 + 1e-9]) == pytest.approx([2e-4, 1e-3, 1e-3], rel=1e-5)
    assert STEP.derivative([1.9e-3, 2.1e-3]) == pytest.approx([0.1, 0.5])
    bare = Curve(STEP.power_in, STEP.power_out)  # slopes of each side on its own
    assert bare.slope is not None
    assert bare.slope == pytest.approx([0.1, 0.1, 0.1, 0.5, 0.5, 0.5])


# ------------------------------------------------------------------ figures of merit
def test_metrics_of_a_ramp() -> None:
    """P_out = P²/(2 mW) to 1 mW: T = P/(2 mW) rises to 0.5; half the output at 1/√2 of the input."""
    power = np.linspace(1e-4, 1e-3, 91)
    m = Curve(power, power**2 / 2e-3, slope=power / 1e-3).metrics()
    bottom, top = 5e-6, 5e-4

    def level(share: float) -> float:
        return math.sqrt(2e-3 * (bottom + share * (top - bottom)))

    assert m.threshold == pytest.approx(level(0.5), rel=1e-3)
    assert m.dynamic_range == pytest.approx(level(0.9) / level(0.1), rel=3e-3)
    assert m.extinction_ratio == pytest.approx(10, rel=1e-9)
    assert m.insertion_loss == pytest.approx(2, rel=1e-9)
    assert m.maximum_slope == pytest.approx(1, rel=1e-9)
    assert m.contrast == pytest.approx((0.5 - 0.05) / 0.55, rel=1e-9)
    assert m.extinction_ratio_db == pytest.approx(10, rel=1e-9)
    assert m.insertion_loss_db == pytest.approx(10 * math.log10(2), rel=1e-9)
    assert m.dynamic_range_db == pytest.approx(10 * math.log10(level(0.9) / level(0.1)), rel=3e-3)


def test_metrics_of_a_falling_and_of_a_dark_curve() -> None:
    """P_out falls linearly from 1 mW to 0.2 mW: its middle, 0.6 mW, is at half the range."""
    power = np.linspace(1e-4, 1.1e-3, 11)
    falling = Curve(power, 1e-3 - 0.8 * (power - 1e-4))
    assert falling.metrics().threshold == pytest.approx(6e-4, rel=1e-3)
    assert falling.metrics().maximum_slope == pytest.approx(-0.8, rel=1e-9)
    dark = Curve(P, 0 * P).metrics()
    assert math.isinf(dark.insertion_loss)
    assert dark.contrast == 0.0


# ------------------------------------------------------------------ files
def test_files_come_back_bit_by_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    power = np.sort(rng.random(20))
    curve = Curve(
        power,
        rng.random(20),
        slope=rng.normal(size=20),
        regime="cw",
        branch="up",
        metadata={"n": [1, "a: b"]},
    )
    curve.save(tmp_path / "c.csv")
    again = Curve.load(tmp_path / "c.csv")
    for name in ("power_in", "power_out", "slope"):
        assert np.array_equal(getattr(again, name), getattr(curve, name))
    assert (again.regime, again.branch, again.metadata) == ("cw", "up", {"n": [1, "a: b"]})
    assert "power_in [W],power_out [W],slope [1]" in (tmp_path / "c.csv").read_text()
    assert Curve.saved(tmp_path / "c.csv")
    (tmp_path / "d.csv").write_text("in [W],out [W]\n")
    assert not any(map(Curve.saved, (tmp_path / "d.csv", tmp_path / "none.csv", tmp_path)))


def test_the_noise_band(tmp_path: Path) -> None:
    """Straight between samples, either side of a jump on its own; kept in files, absent from old ones."""
    sigma = np.array([1, 3, 2, 8, 4, 5]) * 1e-6
    curve = Curve(STEP.power_in, STEP.power_out, slope=STEP.slope, sigma=sigma)
    assert curve.band([0, 0.5e-3, 1.5e-3, 2e-3, 2.5e-3, 4e-3]) == pytest.approx(
        np.array([1, 2, 2.5, 8, 6, 5]) * 1e-6
    )
    assert curve.band([5e-3], extrapolate="clip") == pytest.approx(5e-6)
    with pytest.raises(ParameterError, match="power must lie in"):
        curve.band(5e-3)
    with pytest.raises(ParameterError, match="noise band of this curve is not known"):
        STEP.band(1e-3)
    curve.save(tmp_path / "c.csv")
    text = (tmp_path / "c.csv").read_text()
    assert "power_in [W],power_out [W],slope [1],sigma [W]\n" in text
    again = Curve.load(tmp_path / "c.csv")
    assert again.sigma is not None
    assert np.array_equal(again.sigma, sigma)
    assert again.jumps.tolist() == [2e-3]
    STEP.save(tmp_path / "c.csv")
    assert Curve.load(tmp_path / "c.csv").sigma is None
    (tmp_path / "c.csv").write_text(text[: text.index("sigma [W]") + 10] + "1,2,x,3\n")
    with pytest.raises(DataError, match=r"c\.csv: row 1 is not four numbers: '1,2,x,3'"):
        Curve.load(tmp_path / "c.csv")


def test_wrong_files(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    with pytest.raises(DataError, match=r"c\.csv: cannot be read: No such file"):
        Curve.load(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"c\.csv: not a curve saved by this package \(schema 1\)"):
        Curve.load(path)
    Curve(P, P).save(path)
    good = path.read_text().splitlines()
    path.write_text("\n".join([*good[:7], "1,2,x", *good[8:]]) + "\n")
    with pytest.raises(DataError, match=r"c\.csv: row 3 is not three numbers: '1,2,x'"):
        Curve.load(path)
    path.write_text("\n".join([*good[:7], "1,2", *good[8:]]) + "\n")
    with pytest.raises(DataError, match=r"c\.csv: every row must hold 3 numbers"):
        Curve.load(path)
    with pytest.raises(ParameterError, match=r"metadata must hold JSON types to be saved: .*ndarray"):
        Curve(P, P, metadata={"a": np.zeros(2)}).save(path)


@pytest.mark.parametrize(
    "header",
    [
        "power (mW),out (uW)",
        "in [mW],out [µW]",
        "# in [mW],out [µW]",
        '\ufeff"in [mW]","out [μW]"',
        "# made\nin [ mW ] , out [uW]",
    ],
)
def test_tables_with_units_are_measured_curves(tmp_path: Path, header: str) -> None:
    path = tmp_path / "bench.csv"
    path.write_text(header + "\n0,0\n0.5, 10\n1.0,2e1\n\n1.5,40\n", encoding="utf-8")
    curve = Curve.load(path)
    assert curve.power_in.tolist() == [0, 0.5e-3, 1e-3, 1.5e-3]
    assert curve.power_out.tolist() == [0, 10e-6, 20e-6, 40e-6]
    assert (curve.regime, curve.metadata) == ("measured", {"device": "bench"})


def test_tables_in_dbm_and_wrong_tables(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("in [dBm],out [dBm]\n-10,-20\n-7,-15\n-3,-10\n0,-3\n")
    assert Curve.load(path).power_out[0] == pytest.approx(1e-5)
    for text, message in (
        ("in,out\n0,0\n", r"nor two columns.*such as: in \[mW\],out \[µW\]"),
        ("in [mV],out [mW]\n0,0\n", r"c\.csv: row 1: power must be in W, .*'0 mV'"),
        ("in [mW],out [mW]\n0,0\n1,nan\n", r"c\.csv: row 2: power must be a number"),
        ("in [mW],out [mW]\n0,0,0\n", r"c\.csv: row 1: two powers are needed, got '0,0,0'"),
        ("# a note\n# schema: x\n", "not a curve saved"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=message):
            Curve.load(path)
    path.write_text("in [mW],out [mW]\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="at least 4 points, got 0"):
        Curve.load(path)


def test_a_curve_is_written_in_one_line() -> None:
    text = repr(Curve(1e-3 * np.arange(4.0), np.ones(4)))
    assert text == "Curve(0 to 0.003 W, 4 points, measured, single)"


# ------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"power_in": P[:3], "power_out": P[:3]}, "power_in must hold at least 4 points, got 3"),
        ({"power_in": [0, 2, 1, 3]}, r"power_in must rise, got 1 W after 2 W at row 2"),
        ({"power_in": [0, 0, 1, 2]}, "nor an end twice"),
        ({"power_in": [0, 1, 2, 2]}, "nor an end twice"),
        ({"power_in": [0, 1, 1, 1, 2], "power_out": [0] * 5}, "a power more than twice"),
        ({"power_in": [-1, 0, 1, 2]}, "power_in must be >= 0 W, got -1"),
        ({"power_in": ["a", "b", "c", "d"]}, "power_in must hold numbers"),
        ({"power_in": np.zeros((2, 2))}, r"power_in must be one-dimensional, got shape \(2, 2\)"),
        ({"power_out": [0, 1, 2]}, r"power_out must have the shape of power_in \(4,\), got \(3,\)"),
        ({"power_out": [0, 1, -1, 2]}, "power_out must be >= 0 W, got -1"),
        ({"power_out": [0, 1, math.nan, 2]}, "power_out must be finite in W, got nan"),
        ({"power_out": [0, 1, 1j, 2]}, "power_out must hold numbers"),
        ({"slope": [0, 1, 2]}, r"slope must have the shape of power_in \(4,\), got \(3,\)"),
        ({"slope": [0, 1, math.inf, 2]}, "slope must be finite"),
        ({"sigma": [0, 1, 2]}, r"sigma must have the shape of power_in \(4,\), got \(3,\)"),
        ({"sigma": [0, 1, -2, 0]}, "sigma must be >= 0 W, got -2"),
        ({"branch": "sideways"}, "branch must be 'single', 'up' or 'down', got 'sideways'"),
    ],
)
def test_wrong_samples_are_refused(change: dict[str, Any], message: str) -> None:
    given_: dict[str, Any] = {"power_in": [0, 1, 2, 3], "power_out": [0, 1, 2, 3], **change}
    with pytest.raises(ParameterError, match=message):
        Curve(**given_)


def test_samples_cannot_be_changed() -> None:
    curve = Curve(P, P)
    for array in (curve.power_in, curve.power_out, curve.slope):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0  # type: ignore[index]
    own = P.copy()
    held = Curve(own, own)
    own[3] = 0.5
    assert held.power_in[3] == P[3]
