"""Sweeps, repeats and noise of power curves that were read from files."""

import numpy as np
import pytest

from photonic import DataError, DataWarning, read_curve
from photonic.lab.planes import ReferencePlane
from photonic.lab.repeats import Points, averaged, noise_of
from photonic.lab.sweep_order import sweep_order

UP, DOWN = [1] * 4, [-1] * 3


@pytest.fixture
def written(tmp_path):
    """Function that writes rows of numbers under a header to a file."""

    def write(rows, header="in [mW],out [µW]"):
        path = tmp_path / "sweep.csv"
        path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("powers", "directions"),
    [
        ([0, 1, 2, 3], [0] * 4),
        ([3, 2, 1, 0], [0] * 4),
        ([0, 0, 1, 1, 2, 2], [0] * 6),
        ([0, 1, 2, 3, 2, 1, 0], UP + DOWN),
        ([0, 1, 2, 3, 3, 2, 1, 0], [*UP, -1, *DOWN]),  # the turning point was read on both ways
        ([3, 2, 1, 0, 1, 2, 3], [-1, -1, -1, -1, 1, 1, 1]),
        ([0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0], UP + DOWN + UP[1:] + DOWN),
        ([0, 0, 1, 1, 2, 2, 1, 1, 0, 0], [1] * 6 + [-1] * 4),
        ([0, 0, 1, 1, 2, 2, 2, 2, 1, 1, 0, 0], [1] * 6 + [-1] * 6),
        ([0, 1, 2, 3, 0, 1, 2, 3], [0] * 8),  # the same sweep twice, with the laser set back between
        ([0, 1, 2, 3, 2, 1, 0, 3, 2, 1, 0], UP + DOWN + [-1] * 4),
        ([0, 1, 3, 2, 4, 5], None),
        ([0, 1, 2, 3, 5, 4], None),
    ],
)
def test_direction_from_the_order(powers, directions):
    order = sweep_order(np.array(powers, dtype=float))
    assert order.ordered is (directions is not None)
    if directions is not None:
        assert order.direction.tolist() == directions


def test_up_and_down(written):
    rows = [(0.1, 1), (0.2, 2), (0.3, 9), (0.4, 10), (0.4, 10), (0.3, 8.5), (0.2, 8), (0.1, 1)]
    data = read_curve(written(rows))
    assert data.sweeps == ("up", "down")
    assert data.direction.tolist() == [1] * 4 + [-1] * 4
    parts = dict(data.parts())
    assert parts["up"].power_out == pytest.approx([1e-6, 2e-6, 9e-6, 10e-6])
    assert parts["down"].power_in == pytest.approx([0.4e-3, 0.3e-3, 0.2e-3, 0.1e-3])


@pytest.mark.parametrize(("up", "down"), [("up", "down"), ("rising", "falling"), ("+1", "-1"), (1, -1)])
def test_column_of_directions(written, up, down):
    rows = [(0.1, 1, up), (0.2, 2, up), (0.3, 9, up), (0.4, 10, up), (0.3, 8, down), (0.2, 7, down)]
    data = read_curve(written(rows, "in [mW],out [µW],direction"))
    assert data.direction.tolist() == [1, 1, 1, 1, -1, -1]
    assert data.metadata["columns"]["direction"] == "direction"


def test_cycles_are_averaged(written):
    cycle = [(0.1, 1), (0.2, 2), (0.3, 9), (0.4, 10), (0.3, 8), (0.2, 7)]
    second = [(p, out + 0.5) for p, out in cycle]
    data = read_curve(written([*cycle, *second, (0.1, 1.25)]))
    # 0.1 mW is the start (up), and twice reached from above.
    assert data.power_in == pytest.approx(np.array([1, 2, 3, 4, 3, 2, 1]) * 1e-4)
    assert data.direction.tolist() == [1, 1, 1, 1, -1, -1, -1]
    assert data.power_out == pytest.approx(np.array([1, 2.25, 9.25, 10.25, 8.25, 7.25, 1.375]) * 1e-6)
    assert data.repeats.tolist() == [1, 2, 2, 2, 2, 2, 2]


def test_powers_in_no_order_are_sorted_with_a_warning(written):
    with pytest.warns(DataWarning, match=r"column 'in \[mW\]': the inputs are in no order of a sweep"):
        data = read_curve(written([(0.3, 9), (0.1, 1), (0.4, 10), (0.2, 2), (0.5, 11)]))
    assert data.power_in == pytest.approx(np.arange(1, 6) * 1e-4)
    assert data.power_out == pytest.approx(np.array([1, 2, 9, 10, 11]) * 1e-6)
    assert data.sweeps == ("single",)


def test_direction_against_the_powers_is_told(written):
    rows = [(0.1, 1, "down"), (0.2, 2, "down"), (0.3, 9, "down"), (0.4, 10, "down")]
    with pytest.warns(
        DataWarning, match=r"rows 3, 4 and 5, column 'direction': the input power goes the other"
    ):
        read_curve(written(rows, "in [mW],out [µW],direction"))


def test_same_input_again_is_told(written):
    with pytest.warns(DataWarning, match=r"rows 3 and 4, column 'in \[mW\]': the same input again"):
        data = read_curve(written([(0.1, 1), (0.2, 2), (0.2, 3), (0.3, 9), (0.4, 10)]))
    assert data.power_out[1] == pytest.approx(2.5e-6)


def test_copied_row_is_told(written):
    with pytest.warns() as said:
        read_curve(written([(0.1, 1), (0.2, 2), (0.2, 2), (0.3, 9), (0.4, 10)]))
    assert any(
        "row 4, column 'out [µW]': copies of other rows to the last digit" in str(w.message) for w in said
    )


def test_copied_sweep_is_told(written):
    sweep = [(0.1, 1.234), (0.2, 2.345), (0.3, 9.456), (0.4, 10.567)]
    with pytest.warns(DataWarning, match="rows 6, 7, 8 and 9, .*copies of other rows"):
        data = read_curve(written(sweep * 2))
    assert data.sigma is None  # copies have no spread


class TestNoise:
    def test_columns_of_repeats(self, written):
        rows = [(0.1, 9, 11), (0.2, 18, 22), (0.3, 57, 63), (0.4, 100, 120)]
        data = read_curve(written(rows, "in [mW],out 1 [µW],out 2 [µW]"))
        assert data.power_out == pytest.approx([10e-6, 20e-6, 60e-6, 110e-6])
        assert data.repeats.tolist() == [2] * 4
        assert data.metadata["noise"]["degrees_of_freedom"] == 4

    def test_floor_and_relative_noise_are_recovered(self, written):
        # 60 points, 8 repeats: 420 degrees of freedom.
        floor, relative = 0.2e-6, 0.02
        rng = np.random.default_rng(3)
        power_in = np.repeat(np.geomspace(1e-6, 1e-3, 60), 8)
        true = 0.3 * power_in
        read = true + rng.standard_normal(true.size) * np.sqrt(floor**2 + (relative * true) ** 2)
        path = written(zip(power_in, read, strict=True), "in [W],out [W]")
        data = read_curve(path, negative="keep")
        noise = data.metadata["noise"]
        # Standard errors: 1/sqrt(2 nu) of each, nu the degrees of freedom of about half of the points.
        assert noise["floor"] == pytest.approx(floor, rel=4 / np.sqrt(420))
        assert noise["relative"] == pytest.approx(relative, rel=4 / np.sqrt(420))
        assert noise["degrees_of_freedom"] == 420
        expected = np.sqrt(floor**2 + (relative * 0.3 * data.power_in) ** 2)
        assert data.sigma == pytest.approx(expected, rel=0.2)
        assert data.standard_error == pytest.approx(data.sigma / np.sqrt(8))

    def test_likelihood_is_at_its_maximum(self):
        # An independent search in both parameters finds nothing better.
        from scipy.optimize import minimize

        rng = np.random.default_rng(5)
        power = np.linspace(0.1, 2.0, 25)
        readings = power[:, None] + rng.standard_normal((25, 3)) * np.hypot(0.03, 0.05 * power)[:, None]
        points = averaged(power, readings, np.zeros(25, dtype=int), sort=False)
        found = noise_of(points, readings)

        def cost(theta):
            variance = np.exp(2 * theta[0]) + np.exp(2 * theta[1]) * points.power_out**2
            return np.sum(2 * (np.log(variance) + points.variance / variance))

        best = minimize(
            cost, np.log([0.05, 0.03]), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12}
        )
        assert [found.law.floor, found.law.relative] == pytest.approx(np.exp(best.x), rel=1e-4)

    @pytest.mark.parametrize(("floor", "relative"), [(0.1, 0.0), (0.0, 0.1)])
    def test_one_kind_of_noise_alone(self, floor, relative):
        # Variances that follow one term exactly leave nothing for the other.
        power = np.linspace(1.0, 5.0, 9)
        variance = floor**2 + (relative * power) ** 2
        none = np.zeros(9, dtype=int)
        points = Points(power, power, none, np.full(9, 4), variance, tuple(np.arange(9)[:, None]))
        found = noise_of(points, np.linspace(1.0, 5.0, 1001)[:, None])
        assert [found.law.floor, found.law.relative] == pytest.approx([floor, relative], abs=1e-4)

    def test_rounding_is_the_least_noise(self, written):
        # Steps of 1 µW: readings that agree still scatter by 1/sqrt(12) of a step.
        rows = [(p, out) for p in (1, 2, 3, 4) for out in (100 * p, 100 * p, 100 * p, 100 * p)]
        rows[5] = (2, 201)
        with pytest.warns(DataWarning, match="copies"):
            data = read_curve(written(rows))
        assert np.all(data.sigma >= 1e-6 / np.sqrt(12) * (1 - 1e-12))

    def test_plane_scales_the_noise(self, written):
        rows = [(0.1, 9, 11), (0.2, 18, 22), (0.3, 57, 63), (0.4, 100, 120)]
        path = written(rows, "in [mW],out 1 [µW],out 2 [µW]")
        here, there = read_curve(path), read_curve(path, plane=ReferencePlane(output_loss=2.0))
        assert there.sigma == pytest.approx(2 * here.sigma)
        assert there.metadata["noise"]["floor"] == pytest.approx(2 * here.metadata["noise"]["floor"])
        assert there.metadata["noise"]["relative"] == pytest.approx(here.metadata["noise"]["relative"])

    @pytest.mark.parametrize(
        ("unit", "values", "expected"),
        [
            ("nW", (100, 200, 300, 400), (1e-7, 2e-7, 3e-7, 4e-7)),
            ("%", (1, 1, 1, 1), (1e-7, 2e-7, 6e-7, 1.1e-6)),
            ("dB", (0.1, 0.1, 0.1, 0.1), (2.3026e-7, 4.6052e-7, 1.38155e-6, 2.53284e-6)),  # ln 10/10 a dB
        ],
    )
    def test_column_of_deviations(self, written, unit, values, expected):
        rows = [(p, out, s) for p, out, s in zip((1, 2, 3, 4), (10, 20, 60, 110), values, strict=True)]
        data = read_curve(written(rows, f"in [mW],out [µW],std of out [{unit}]"))
        assert data.sigma == pytest.approx(expected, rel=1e-4)
        assert data.metadata["noise"] is None

    @pytest.mark.parametrize(
        ("header", "value", "message"),
        [
            (
                "std [µW]",
                0,
                r"rows 2, 3, 4 and 5, column 'std \[µW\]': a standard deviation must be > 0, got 0",
            ),
            ("std", 1, r"column 'std': the unit is missing"),
            ("std [dBm]", 1, r"column 'std \[dBm\]': a deviation cannot be in dBm"),
            ("std [V]", 1, r"column 'std \[V\]': the unit 'V' is not known"),
        ],
    )
    def test_deviations_that_cannot_be(self, written, header, value, message):
        with pytest.raises(DataError, match=message):
            read_curve(written([(p, 10 * p, value) for p in (1, 2, 3, 4)], f"in [mW],out [µW],{header}"))
