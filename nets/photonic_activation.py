"""A transfer curve of light as the activation function of a neuron."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from nets.elementwise import Elementwise
from photonic.compiled import compiled
from photonic.errors import ParameterError, check

__all__ = ["Photonic", "TransferCurve"]

_FIRST, _LAST = 64, 1 << 17  # table intervals: where the doubling starts and ends
_BLOCK = 4096  # inputs looked up at a time: they stay in the fastest cache between the two passes
# three places in an interval, none of them a node, at which the table is compared with the curve
_CHECKED_AT = (0.2113248654051871, 0.5, 0.8164965809277260)


class TransferCurve(Protocol):
    """What is needed of a curve; `photonic.Curve` is one."""

    @property
    def power_in(self) -> np.ndarray: ...
    @property
    def power_out(self) -> np.ndarray: ...
    @property
    def domain(self) -> tuple[float, float]: ...
    @property
    def jumps(self) -> np.ndarray: ...
    @property
    def regime(self) -> str: ...
    def __call__(self, power: Any) -> np.ndarray: ...
    def derivative(self, power: Any) -> np.ndarray: ...


@compiled
def look_up(
    x: Any, value: Any, slope: Any, table: Any, per_input: Any, at_zero: Any, margin: Any, end: Any, zero: Any
) -> int:
    """Cubic of each ``x``'s table interval and its slope; returns how many ``x`` lie outside.

    ``at_zero + per_input·x`` is the position in intervals, from ``zero`` to ``end``; four numbers
    of ``table`` are the coefficients of 1, t, t², t³ of an interval. Outside (by more than
    ``margin``) the slope is ``zero``. NaN stays NaN. Scalars have the dtype of the arrays.
    """
    outside = 0
    for start in range(0, x.size, _BLOCK):
        here = slice(start, start + _BLOCK)
        outside += _block(x[here], value[here], slope[here], table, per_input, at_zero, margin, end, zero)
    return outside


def _block(
    x: Any, value: Any, slope: Any, table: Any, per_input: Any, at_zero: Any, margin: Any, end: Any, zero: Any
) -> int:
    last = table.size // 4 - 1
    outside = 0
    for k in range(x.size):  # without the look-up this loop runs on vectors
        position = at_zero + per_input * x[k]
        u = min(max(position, zero), end)
        value[k] = u
        beyond = abs(position - u) > margin
        slope[k] = zero if beyond else per_input
        outside += beyond
    for k in range(x.size):
        u = value[k]
        i = min(max(np.int32(u), np.int32(0)), np.int32(last))
        t = u - x.dtype.type(i)
        j = 4 * np.intp(i)
        c1, c2, c3 = table[j + 1], table[j + 2], table[j + 3]
        value[k] = table[j] + t * (c1 + t * (c2 + t * c3))
        slope[k] *= c1 + t * (c2 + c2 + t * (c3 + c3 + c3))
    return outside


@dataclass(frozen=True, eq=False, kw_only=True)
class Photonic(Elementwise):
    """Activation y(z) of a neuron whose nonlinearity is an optical transfer curve.

    The pre-activation z becomes an input power, x = bias + scale·z in units of full scale (the
    highest power of the curve), P_in = x·P_full; the output is y = offset + gain·P_out/P_full.
    In between stands a uniform table of cubics with the curve's own slopes, refined until value
    and slope agree with the curve within the tolerances, and checked at points off its nodes.
    It has no noise of its own accord; a network adds that of the curve's band when it is asked to.

    Parameters
    ----------
    curve : photonic.Curve
        Or anything with its ``power_in, power_out, domain, jumps, regime``, call and derivative.
    bias : float
        Input power at z = 0, in full scales [1].
    scale : float
        Input power per unit of z, in full scales [1], not 0.
    outside : {"saturate", "raise"}
        What an input beyond the curve's domain does: stand at its end with slope 0, or an error.
    gain, offset : float, optional
        Output scaling [1]; by default y is P_out over its largest value, offset 0.
    allow_jump : bool
        Accept a curve with jumps; each is then placed at the nearest node of the finest table.
    tolerance : float
        Largest error of the value, relative to the curve's output swing [1].
    slope_tolerance : float
        Largest error of the slope, relative to the largest slope [1].
    name : str
        What tables and figures call it.

    Attributes
    ----------
    intervals : int
        Size of the table.
    value_error, slope_error : float
        Largest errors found when the table was checked, relative as above [1].

    Raises
    ------
    ParameterError
        Wrong numbers; a curve with a jump; a curve too rough for the tolerances.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import Curve
    >>> p = np.linspace(0, 1e-3, 101)
    >>> neuron = Photonic(Curve(p, 0.5e3 * p**2, slope=1e3 * p), bias=0.5, scale=0.25)
    >>> round(float(neuron(0.0)), 6), round(float(neuron.derivative(0.0)), 6)
    (0.25, 0.25)
    >>> neuron.encoding.split(";")[0]
    'x = 0.5 + 0.25 z of full scale 0.001 W, held at the ends of [0, 1] with slope 0'
    """

    curve: TransferCurve = field(kw_only=False)
    bias: float
    scale: float
    outside: Literal["saturate", "raise"] = "saturate"
    gain: float | None = None
    offset: float = 0.0
    allow_jump: bool = False
    tolerance: float = 1e-6
    slope_tolerance: float = 1e-3
    name: str = "photonic"
    intervals: int = field(init=False)
    value_error: float = field(init=False)
    slope_error: float = field(init=False)
    _tables: dict[np.dtype, tuple[Any, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not all(hasattr(self.curve, a) for a in ("power_in", "domain", "jumps", "derivative")):
            raise ParameterError(f"curve must be a transfer curve, got {self.curve!r}")
        check("bias", self.bias)
        check("scale", self.scale)
        check("offset", self.offset)
        check("tolerance", self.tolerance, above=0.0)
        check("slope_tolerance", self.slope_tolerance, above=0.0)
        if self.scale == 0:
            raise ParameterError("scale must not be 0: the input would not depend on z")
        if self.outside not in ("saturate", "raise"):
            raise ParameterError(f"outside must be 'saturate' or 'raise', got {self.outside!r}")
        jumps = np.asarray(self.curve.jumps)
        if jumps.size and not self.allow_jump:
            where = ", ".join(f"{p:.4g} W" for p in jumps)
            raise ParameterError(
                f"the curve jumps at {where}, where it has no slope: choose another working point, "
                "or accept it with allow_jump=True"
            )
        if self.gain is None:
            top = float(np.max(self.curve.power_out))
            if top <= 0:
                raise ParameterError("the curve lets no light out: P_out is 0 everywhere")
            object.__setattr__(self, "gain", self.full_scale / top)
        check("gain", self.gain)
        table, errors = _refined(self.curve, self.tolerance, self.slope_tolerance)
        object.__setattr__(self, "intervals", len(table))
        object.__setattr__(self, "value_error", errors[0])
        object.__setattr__(self, "slope_error", errors[1])
        table *= float(self.gain) / self.full_scale  # type: ignore[arg-type]
        table[:, 0] += self.offset
        object.__setattr__(self, "_tables", {t: self._typed(table, t) for t in map(np.dtype, ("f4", "f8"))})

    def _typed(self, table: np.ndarray, dtype: np.dtype) -> tuple[Any, ...]:
        low, high = (p / self.full_scale for p in self.curve.domain)
        per_x = len(table) / (high - low)
        margin = len(table) * (1e-12 if dtype == np.float64 else 1e-6)  # rounding is not "outside"
        numbers = (self.scale * per_x, (self.bias - low) * per_x, margin, len(table), 0.0)
        typed = table.astype(dtype).reshape(-1)
        typed.setflags(write=False)
        return typed, *(dtype.type(v) for v in numbers)

    def __repr__(self) -> str:
        return f"Photonic({self.name}: {self.encoding})"

    @property
    def full_scale(self) -> float:
        """Input power at x = 1 [W]."""
        return float(self.curve.domain[1])

    @property
    def input_range(self) -> tuple[float, float]:
        """Lowest and highest z [1] whose power lies on the curve."""
        a, b = ((p / self.full_scale - self.bias) / self.scale for p in self.curve.domain)
        return (a, b) if a <= b else (b, a)

    @property
    def encoding(self) -> str:
        """How a number becomes a power and back, in one sentence."""
        low = self.curve.domain[0] / self.full_scale
        rule = "held at the ends of" if self.outside == "saturate" else "an error outside"
        tail = " with slope 0" if self.outside == "saturate" else ""
        unit = float(self.full_scale / self.gain) if self.gain else float("inf")
        plus = f"{self.offset:g} + " if self.offset else ""
        return (
            f"x = {self.bias:g} + {self.scale:g} z of full scale {self.full_scale:g} W, "
            f"{rule} [{low:g}, 1]{tail}; y = {plus}P_out / {unit:g} W; {self.curve.regime} curve"
        )

    @property
    def identity(self) -> str:
        text = f"{self.name}: {self.encoding}; table {_digest(self._tables[np.dtype('f8')][0])}"
        return f"{text}; noise band {_digest(self._band)}" if self.noisy else text

    @property
    def _band(self) -> Any:
        return getattr(self.curve, "sigma", None)

    @property
    def noisy(self) -> bool:
        """Whether the noise band of the curve is known."""
        return self._band is not None

    def noise(self, z: Any) -> np.ndarray:
        """Standard deviation of one output y at the pre-activations ``z`` [1]: the curve's noise band.

        Raises
        ------
        ParameterError
            The curve has no noise band.
        """
        if not self.noisy:
            raise ParameterError(f"{self.name} has no noise: the band of its curve is not known")
        return np.abs(self._deviation(np.asarray(z, dtype=float))[0])

    def add_noise(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, generator: np.random.Generator
    ) -> None:
        deviation, slope = self._deviation(x)
        draws = generator.standard_normal(x.shape, dtype=x.dtype.type)
        value += deviation * draws
        if derivative is not None:
            derivative += slope * draws

    def _deviation(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviation of y, with the sign of the gain, and its slope in z; both [1]."""
        knots, sigma = self.curve.power_in, self._band
        asked = (self.bias + self.scale * z) * self.full_scale
        power = np.clip(asked, *self.curve.domain)
        i = np.minimum(np.searchsorted(knots, power, side="right") - 1, knots.size - 2)
        rise = (sigma[i + 1] - sigma[i]) / (knots[i + 1] - knots[i])
        per_watt = float(self.gain) / self.full_scale  # type: ignore[arg-type]
        inside = power == asked
        deviation = sigma[i] + rise * (power - knots[i])
        return per_watt * deviation, (float(self.gain) * self.scale) * np.where(inside, rise, 0.0)  # type: ignore[arg-type]

    def saturated(self, z: Any) -> np.ndarray:
        """Whether each pre-activation ``z`` asks for a power that is not on the curve."""
        low, high = self.input_range
        z = np.asarray(z)
        margin = (1e-12 if z.dtype == np.float64 else 1e-6) * (high - low)
        return (z < low - margin) | (z > high + margin)

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        flat_x = np.ascontiguousarray(x).reshape(-1)
        y = value if value.flags.c_contiguous else np.empty(x.shape, x.dtype)
        d = derivative
        if d is None or not d.flags.c_contiguous:
            d = np.empty(x.shape, x.dtype)
        out = look_up(flat_x, y.reshape(-1), d.reshape(-1), *self._tables[x.dtype])
        if out and self.outside == "raise":
            low, high = self.input_range
            raise ParameterError(
                f"{out} of {x.size} inputs of {self.name} lie outside [{low:.4g}, {high:.4g}], where the "
                "curve is not known: change bias or scale, or say outside='saturate'"
            )
        if y is not value:
            np.copyto(value, y)
        if derivative is not None and d is not derivative:
            np.copyto(derivative, d)


def _digest(array: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=8).hexdigest()


def _refined(
    curve: TransferCurve, tolerance: float, slope_tolerance: float
) -> tuple[np.ndarray, tuple[float, float]]:
    """Table of P_out [W] fine enough for both tolerances, and its relative errors."""
    knots = np.asarray(curve.power_in, dtype=float)
    step = np.diff(knots)
    even = np.allclose(step, step[0], rtol=1e-9, atol=0.0)
    intervals = knots.size - 1 if even and knots.size <= _LAST else _FIRST
    if np.size(curve.jumps):
        intervals = _LAST  # as near to the jumps as can be
    while True:
        table = _coefficients(curve, intervals)
        errors = _errors(curve, table)
        if errors[0] <= tolerance and errors[1] <= slope_tolerance:
            return table, errors
        if intervals * 2 > _LAST:
            raise ParameterError(
                f"the curve is too rough for a table of {intervals} intervals: error of the value "
                f"{errors[0]:.2g} (allowed {tolerance:g}), of the slope {errors[1]:.2g} (allowed "
                f"{slope_tolerance:g}); smooth the curve or raise the tolerance"
            )
        intervals *= 2


def _coefficients(curve: TransferCurve, intervals: int) -> np.ndarray:
    """Rows of cubic Hermite coefficients in t = (P − P_i)/h, from values and slopes at the nodes."""
    low, high = curve.domain
    nodes = np.linspace(low, high, intervals + 1)
    h = (high - low) / intervals
    y, m = np.asarray(curve(nodes)), np.asarray(curve.derivative(nodes))
    start, end = np.array([y[:-1], m[:-1]]), np.array([y[1:], m[1:]])
    for jump in np.asarray(curve.jumps, dtype=float):
        before, after = np.nextafter(jump, low), np.nextafter(jump, high)
        i = min(int((jump - low) / h), intervals - 1)
        side = before if jump - nodes[i] > h / 2 else after  # the branch that gets this interval
        value, slope = float(curve(side)), float(curve.derivative(side))
        if side == before:
            end[:, i] = value + slope * (nodes[i + 1] - jump), slope
        else:
            start[:, i] = value + slope * (nodes[i] - jump), slope
            if i and nodes[i] == jump:
                left = np.nextafter(jump, low)
                end[:, i - 1] = float(curve(left)), float(curve.derivative(left))
    y0, m0, y1, m1 = start[0], h * start[1], end[0], h * end[1]
    rise = y1 - y0
    return np.stack([y0, m0, 3 * rise - 2 * m0 - m1, m0 + m1 - 2 * rise], axis=1)


def _errors(curve: TransferCurve, table: np.ndarray) -> tuple[float, float]:
    """Largest error of value and slope, relative to the swing and the largest slope.

    Looked for off the table's nodes, and at and between the curve's own samples.
    """
    low, high = curve.domain
    n = len(table)
    h = (high - low) / n
    worst_value = worst_slope = top_slope = 0.0
    bottom, top = np.inf, -np.inf
    near = np.zeros(n, dtype=bool)
    for jump in np.asarray(curve.jumps, dtype=float):
        i = min(int((jump - low) / h), n - 1)
        near[max(i - 1, 0) : i + 2] = True
    knots = np.unique(np.asarray(curve.power_in, dtype=float))
    places = [low + h * (np.arange(n) + t) for t in _CHECKED_AT]
    for power in (*places, knots, 0.5 * (knots[1:] + knots[:-1])):
        power = np.clip(power, low, high)
        i = np.minimum(((power - low) / h).astype(int), n - 1)
        t = (power - low) / h - i
        c0, c1, c2, c3 = table[i].T
        y, m = np.asarray(curve(power)), np.asarray(curve.derivative(power))
        value = c0 + t * (c1 + t * (c2 + t * c3))
        slope = (c1 + t * (2 * c2 + 3 * t * c3)) / h
        smooth = ~near[i]
        worst_value = max(worst_value, float(np.max(np.abs(value - y)[smooth], initial=0.0)))
        worst_slope = max(worst_slope, float(np.max(np.abs(slope - m)[smooth], initial=0.0)))
        top_slope = max(top_slope, float(np.max(np.abs(m))))
        bottom, top = min(bottom, float(y.min())), max(top, float(y.max()))
    swing = top - bottom if top > bottom else max(top, 1e-300)
    return worst_value / swing, worst_slope / top_slope if top_slope > 0 else 0.0
