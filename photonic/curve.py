"""A transfer curve: optical power in [W] to optical power out [W], with its exact slope."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from photonic.errors import DataError, ParameterError, check

__all__ = ["Curve", "Metrics", "hermite_slope", "hermite_value"]

SCHEMA = 1
_COLUMNS = ("power_in [W]", "power_out [W]", "slope [1]", "sigma [W]")  # the last one only if it is known


def hermite_value(t: Any, h: Any, y0: Any, y1: Any, m0: Any, m1: Any) -> Any:
    """Cubic Hermite polynomial on one interval of width ``h``; ``t`` in [0, 1], slopes m0, m1."""
    d = y1 - y0
    return y0 + t * (h * m0 + t * (3 * d - h * (2 * m0 + m1) + t * (h * (m0 + m1) - 2 * d)))


def hermite_slope(t: Any, h: Any, y0: Any, y1: Any, m0: Any, m1: Any) -> Any:
    """Derivative of `hermite_value` with respect to the coordinate, t·h."""
    d = (y1 - y0) / h
    return m0 + t * (6 * d - 4 * m0 - 2 * m1 + 3 * t * (m0 + m1 - 2 * d))


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Figures of merit of a transfer curve over its domain; ratios are linear [1].

    ``threshold`` [W] is the input at which the output first reaches the middle of its range;
    ``extinction_ratio`` is the largest over the smallest transmission; ``insertion_loss`` is
    1 over the largest transmission; ``dynamic_range`` is the input at 90 % over the input at
    10 % of the output range; ``maximum_slope`` is the largest dP_out/dP_in;
    ``contrast`` is (T_max − T_min)/(T_max + T_min).
    """

    threshold: float
    extinction_ratio: float
    insertion_loss: float
    dynamic_range: float
    maximum_slope: float
    contrast: float

    @property
    def extinction_ratio_db(self) -> float:
        return 10 * float(np.log10(self.extinction_ratio))

    @property
    def insertion_loss_db(self) -> float:
        return 10 * float(np.log10(self.insertion_loss))

    @property
    def dynamic_range_db(self) -> float:
        return 10 * float(np.log10(self.dynamic_range))


@dataclass(frozen=True, eq=False)
class Curve:
    """Optical power out as a function of optical power in.

    Between the samples the curve is a cubic Hermite polynomial with the given slopes. Where the
    curve jumps, ``power_in`` holds the jump's power twice: the sample before and the one after.

    Parameters
    ----------
    power_in : array_like, shape (n,)
        Input power [W], rising (two equal neighbours make a jump), at least 4 points.
    power_out : array_like, shape (n,)
        Output power [W], not negative.
    slope : array_like, shape (n,), optional
        dP_out/dP_in [1]; monotone slopes (PCHIP) are made from the samples if left out.
    regime : str
        ``"frozen heat"``, ``"cw"``, ``"linear"`` or ``"measured"``.
    branch : {"single", "up", "down"}
        Which branch of a bistable response the samples were taken on.
    metadata : mapping
        Anything to keep with the curve (JSON types).
    sigma : array_like, shape (n,), optional
        Noise band: standard deviation of one reading of the output at each sample [W], not
        negative; straight between samples. None if it is not known.

    Raises
    ------
    ParameterError
        Too few, unsorted, negative or non-finite samples; a power outside ``domain``.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.linspace(0, 1e-3, 50)
    >>> square = Curve(p, 1e3 * p**2, slope=2e3 * p)
    >>> round(float(square(0.5e-3)) * 1e3, 9), round(float(square.derivative(0.5e-3)), 9)
    (0.25, 1.0)
    """

    power_in: np.ndarray
    power_out: np.ndarray
    slope: np.ndarray | None = None
    regime: str = "measured"
    branch: Literal["single", "up", "down"] = "single"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sigma: np.ndarray | None = None

    def __post_init__(self) -> None:
        x = _column("power_in", self.power_in)
        y = _column("power_out", self.power_out)
        if x.size < 4:
            raise ParameterError(f"power_in must hold at least 4 points, got {x.size}")
        if y.shape != x.shape:
            raise ParameterError(f"power_out must have the shape of power_in {x.shape}, got {y.shape}")
        check("power_in", x, unit="W", at_least=0.0)
        check("power_out", y, unit="W", at_least=0.0)
        step = np.diff(x)
        if np.any(step < 0):
            row = int(np.argmax(step < 0)) + 1
            raise ParameterError(f"power_in must rise, got {x[row]:g} W after {x[row - 1]:g} W at row {row}")
        if np.any((step[1:] == 0) & (step[:-1] == 0)) or step[0] == 0 or step[-1] == 0:
            raise ParameterError("power_in must not hold a power more than twice, nor an end twice")
        slope = _pchip_slopes(x, y) if self.slope is None else _column("slope", self.slope)
        if slope.shape != x.shape:
            raise ParameterError(f"slope must have the shape of power_in {x.shape}, got {slope.shape}")
        check("slope", slope, unit="W/W")
        if self.branch not in ("single", "up", "down"):
            raise ParameterError(f"branch must be 'single', 'up' or 'down', got {self.branch!r}")
        columns = {"power_in": x, "power_out": y, "slope": slope}
        if self.sigma is not None:
            columns["sigma"] = sigma = _column("sigma", self.sigma)
            if sigma.shape != x.shape:
                raise ParameterError(f"sigma must have the shape of power_in {x.shape}, got {sigma.shape}")
            check("sigma", sigma, unit="W", at_least=0.0)
        for name, array in columns.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        low, high = self.domain
        return f"Curve({low:g} to {high:g} W, {self.power_in.size} points, {self.regime}, {self.branch})"

    @property
    def domain(self) -> tuple[float, float]:
        """Lowest and highest input power [W] for which the curve is known."""
        return float(self.power_in[0]), float(self.power_in[-1])

    @property
    def jumps(self) -> np.ndarray:
        """Input powers [W] at which the output jumps; empty for a smooth curve."""
        return self.power_in[1:][np.diff(self.power_in) == 0]

    def __call__(self, power: Any, extrapolate: Literal["raise", "clip"] = "raise") -> np.ndarray:
        """Output power [W] at ``power`` [W] (any shape)."""
        return self._evaluate(hermite_value, power, extrapolate)

    def derivative(self, power: Any, extrapolate: Literal["raise", "clip"] = "raise") -> np.ndarray:
        """Slope dP_out/dP_in [1] at ``power`` [W]; 0 outside the domain if clipped."""
        slope = self._evaluate(hermite_slope, power, extrapolate)
        power = np.asarray(power, dtype=float)
        return np.where((power < self.domain[0]) | (power > self.domain[1]), 0.0, slope)

    def band(self, power: Any, extrapolate: Literal["raise", "clip"] = "raise") -> np.ndarray:
        """Standard deviation of one reading of the output [W] at ``power`` [W] (any shape).

        Raises
        ------
        ParameterError
            The noise of the curve is not known; a power outside ``domain``.
        """
        if self.sigma is None:
            raise ParameterError("sigma: the noise band of this curve is not known")
        p, i, h = self._place(power, extrapolate)
        start, end = self.sigma[i], self.sigma[i + 1]
        return np.asarray(start + (p - self.power_in[i]) / h * (end - start))

    def _evaluate(self, polynomial: Any, power: Any, extrapolate: str) -> np.ndarray:
        p, i, h = self._place(power, extrapolate)
        x, y, m = self.power_in, self.power_out, np.asarray(self.slope)
        return polynomial((p - x[i]) / h, h, y[i], y[i + 1], m[i], m[i + 1])

    def _place(self, power: Any, extrapolate: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Powers inside the domain, their intervals and the widths of these."""
        low, high = self.domain
        check("power", power, unit="W")
        p = np.asarray(power, dtype=float)
        if extrapolate == "clip":
            p = np.clip(p, low, high)
        elif extrapolate == "raise":
            tolerance = 1e-12 * high  # round-off of the caller's
            inside = np.where(np.abs(p - np.clip(p, low, high)) <= tolerance, np.clip(p, low, high), p)
            check("power", inside, unit="W", at_least=low, at_most=high)
            p = inside
        else:
            raise ParameterError(f"extrapolate must be 'raise' or 'clip', got {extrapolate!r}")
        x = self.power_in
        i = np.minimum(np.searchsorted(x, p, side="right") - 1, x.size - 2)
        return p, i, x[i + 1] - x[i]

    def metrics(self) -> Metrics:
        """Threshold, extinction ratio, insertion loss, dynamic range, maximum slope, contrast."""
        low, high = self.domain
        grid = np.linspace(low, high, 4001)
        out = self(grid)
        lit = grid > 0
        transmission = out[lit] / grid[lit]
        t_min, t_max = float(transmission.min()), float(transmission.max())
        bottom, span = float(out.min()), float(np.ptp(out))

        def crossing(fraction: float) -> float:
            level = bottom + fraction * span
            above = out >= level if out[0] < level else out <= level
            return float(grid[np.argmax(above)])

        return Metrics(
            threshold=crossing(0.5),
            extinction_ratio=t_max / t_min if t_min > 0 else float("inf"),
            insertion_loss=1 / t_max if t_max > 0 else float("inf"),
            dynamic_range=crossing(0.9) / crossing(0.1) if crossing(0.1) > 0 else float("inf"),
            maximum_slope=float(self.derivative(grid).max()),
            contrast=(t_max - t_min) / (t_max + t_min) if t_max > 0 else 0.0,
        )

    def save(self, path: str | Path) -> None:
        """Write a CSV file with unit headers; `Curve.load` reads back the same numbers."""
        head = {
            "schema": SCHEMA,
            "regime": self.regime,
            "branch": self.branch,
            "metadata": dict(self.metadata),
        }
        try:
            lines = [f"# {key}: {json.dumps(value)}" for key, value in head.items()]
        except TypeError as error:
            raise ParameterError(f"metadata must hold JSON types to be saved: {error}") from None
        columns = [self.power_in, self.power_out, np.asarray(self.slope)]
        if self.sigma is not None:
            columns.append(self.sigma)
        lines.append(",".join(_COLUMNS[: len(columns)]))
        rows = zip(*columns, strict=True)
        lines += [",".join(repr(float(v)) for v in row) for row in rows]
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")

    @staticmethod
    def saved(path: str | Path) -> bool:
        """Whether the file ``path`` was written by `Curve.save`; False if it cannot be read."""
        try:
            with Path(path).open("rb") as file:
                return file.readline().startswith(b"# schema:")
        except OSError:
            return False

    @classmethod
    def load(cls, path: str | Path) -> Curve:
        """Read a curve written by `Curve.save`, or a table of two columns with units.

        Such a table holds rising input powers and the output powers, separated by a comma, under
        headers that end in their units: ``in [mW],out [µW]`` or ``in (dBm),out (dBm)``. It becomes
        a measured curve through every point; for noisy readings, repeats, sweeps up and down and
        other files see `photonic.read_curve` and its ``.curve()``.
        """
        try:
            lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
        body = [line for line in lines if line and not line.startswith("#")]
        width = next((n for n in (3, 4) if body and body[0] == ",".join(_COLUMNS[:n])), 0)
        if head.get("schema") != str(SCHEMA) or not width:
            return _measured(path, lines)
        table = []
        for number, line in enumerate(body[1:], 1):
            try:
                table.append([float(cell) for cell in line.split(",")])
            except ValueError:
                count = {3: "three", 4: "four"}[width]
                raise DataError(f"{path}: row {number} is not {count} numbers: {line!r}") from None
        if any(len(row) != width for row in table):
            raise DataError(f"{path}: every row must hold {width} numbers")
        x, y, m, *sigma = np.array(table).T
        return cls(
            x,
            y,
            slope=m,
            sigma=sigma[0] if sigma else None,
            regime=json.loads(head["regime"]),
            branch=json.loads(head["branch"]),
            metadata=json.loads(head["metadata"]),
        )


def _measured(path: str | Path, lines: list[str]) -> Curve:
    """Curve of a table of two columns; NumPy writes the line of headers behind a #."""
    from photonic import units

    headers = (
        re.fullmatch(r"[^,]*[\[(]([^,]+)[\])] *,[^,]*[\[(]([^,]+)[\])]", line) for line in map(_bare, lines)
    )
    start, found = next(((i, match) for i, match in enumerate(headers) if match), (0, None))
    if found is None:
        raise DataError(
            f"{path}: not a curve saved by this package (schema {SCHEMA}), nor two columns, separated by "
            "a comma, under headers with units, such as: in [mW],out [µW]"
        )
    table = []
    for number, line in enumerate((row for row in lines[start + 1 :] if _bare(row)), 1):
        cells = line.split(",")
        try:
            if len(cells) != 2:
                raise ParameterError(f"two powers are needed, got {line!r}")
            table.append(
                [
                    units.power(f"{c.strip()} {unit.strip()}")
                    for c, unit in zip(cells, found.groups(), strict=True)
                ]
            )
        except ParameterError as error:
            raise DataError(f"{path}: row {number}: {error}") from None
    x, y = np.array(table).reshape(-1, 2).T
    return Curve(x, y, metadata={"device": Path(path).stem})


def _bare(line: str) -> str:
    return line.lstrip("# ").replace('"', "").strip()


def _column(name: str, values: Any) -> np.ndarray:
    try:
        if np.iscomplexobj(values):
            raise TypeError
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must hold numbers, got {values!r}") from None
    if array.ndim != 1:
        raise ParameterError(f"{name} must be one-dimensional, got shape {array.shape}")
    return array


def _pchip_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    from scipy.interpolate import PchipInterpolator

    pieces = np.flatnonzero(np.diff(x) == 0) + 1
    slopes = [
        PchipInterpolator(xs, ys).derivative()(xs)
        for xs, ys in zip(np.split(x, pieces), np.split(y, pieces), strict=True)
    ]
    return np.concatenate(slopes)
