"""What an activation is like: one card of numbers, the same for digital and photonic ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from nets.elementwise import Activation
from photonic.errors import ParameterError, shown

__all__ = ["PropertyCard", "properties", "table"]

_QUANTILES = 4001
_WIDE = (-12.0, 12.0, 24001)  # where shape is looked at; limits are looked at 1000 away
_FAR = 1e3
_SMALL = 0.01  # of the largest slope, or of the range: what counts as small

Values = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class PropertyCard:
    """Properties of an activation f(x); all numbers are dimensionless [1].

    Attributes
    ----------
    name, inputs : str
        Whose card it is, and the distribution of x behind the shares.
    range : (float, float)
        Lowest and highest output; infinite where it grows without bound.
    monotone : {"rising", "falling", "no"}
        Over the whole line (over the encoded range, where anything else is an error).
    slope_range : (float, float)
        Lowest and highest slope.
    lipschitz : float
        Largest |f(a) − f(b)|/|a − b|; infinite at a jump.
    smoothness : {"jump", "C0", "C1", "C2"}
        What is continuous: nothing, the value, the slope, the curvature (or more). A jump below
        5 % of the largest deviation from the mean is not seen.
    zero_centred : bool
        Mean output within 5 % of its standard deviation.
    mean_output, output_deviation : float
        Of f(x) over the inputs.
    saturating : {"both", "left", "right", "no"}
        Sides on which the slope goes to (nearly) zero.
    dead_share : float
        Share of the inputs at which the slope is zero.
    vanishing_share : float
        Share of the inputs at which |slope| is below 1 % of the largest.
    saturated_share : float
        Share of the inputs outside the power range of a photonic activation; for a digital one,
        those with a vanishing slope and an output within 1 % of an end of a bounded range.
    identity_near_origin : bool
        f(0) = 0 and f'(0) = 1, both within 0.01.
    """

    name: str
    inputs: str
    range: tuple[float, float]
    monotone: Literal["rising", "falling", "no"]
    slope_range: tuple[float, float]
    lipschitz: float
    smoothness: Literal["jump", "C0", "C1", "C2"]
    zero_centred: bool
    mean_output: float
    output_deviation: float
    saturating: Literal["both", "left", "right", "no"]
    dead_share: float
    vanishing_share: float
    saturated_share: float
    identity_near_origin: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON (infinite numbers as the words "inf" and "-inf")."""

        def plain(value: Any) -> Any:
            if isinstance(value, tuple):
                return [plain(v) for v in value]
            return str(value) if isinstance(value, float) and math.isinf(value) else value

        return {key: plain(value) for key, value in asdict(self).items()}

    def rows(self) -> list[tuple[str, str]]:
        """(property, value) in words, one a line of the card."""
        return [
            ("range", f"[{self.range[0]:.4g}, {self.range[1]:.4g}]"),
            ("monotone", self.monotone),
            ("slope range", f"[{self.slope_range[0]:.4g}, {self.slope_range[1]:.4g}]"),
            ("Lipschitz constant", f"{self.lipschitz:.4g}"),
            ("smoothness", self.smoothness),
            ("zero-centred", "yes" if self.zero_centred else "no"),
            ("output", f"{self.mean_output:.3g} ± {self.output_deviation:.3g}"),
            ("saturating", self.saturating),
            ("dead share", f"{self.dead_share:.1%}"),
            ("vanishing share", f"{self.vanishing_share:.1%}"),
            ("saturated share", f"{self.saturated_share:.1%}"),
            ("identity near 0", "yes" if self.identity_near_origin else "no"),
        ]


def properties(activation: Activation, inputs: Any = None) -> PropertyCard:
    """Property card of an activation, determined numerically.

    Parameters
    ----------
    activation : Activation
        Digital or photonic.
    inputs : array_like, optional
        Pre-activations for the shares [1]; 4001 quantiles of the standard normal distribution if
        left out (those within the encoded range, where anything else is an error).

    Raises
    ------
    ParameterError
        ``inputs`` empty or not finite; an output such as softmax.

    Examples
    --------
    >>> from nets import activations
    >>> card = properties(activations.relu)
    >>> card.smoothness, card.saturating, card.lipschitz
    ('C0', 'left', 1.0)
    """
    if not isinstance(activation, Activation):
        raise ParameterError(
            f"activation must have a name, a value and a derivative, got {shown(activation)}"
        )
    limits = _limits(activation)
    x, words = _inputs(inputs, limits)
    grid, far = _grid(limits)
    value, slope = _plain(activation.value), _plain(activation.derivative)
    y, s = value(grid), slope(grid)
    ends = value(far)
    low, high = (float(f(np.concatenate([y, ends]))) for f in (np.min, np.max))
    swing = high - low
    smoothness = _smoothness(value, slope, grid, y, s)
    secant = float(np.max(np.abs(np.diff(y) / np.diff(grid))))
    top = float(np.max(np.abs(s)))
    rise = np.diff(y)
    noise = 1e-12 * max(abs(low), abs(high), 1.0)
    end_slopes = np.abs(slope(far))
    flat = [bool(v < _SMALL * top or v == 0) for v in (end_slopes[0], end_slopes[-1])]
    bounded = [True, True]
    if limits is None:  # still growing between half way and far away?
        half = value(far / 2)
        grows = [abs(ends[k] - half[k]) > 1e-3 * top * _FAR / 2 for k in (0, -1)]
        for k, growing in zip((0, -1), grows, strict=True):
            if growing and ends[k] <= low:
                low, bounded[0] = -math.inf, False
            if growing and ends[k] >= high:
                high, bounded[1] = math.inf, False
    fx, sx = value(x), np.abs(slope(x))
    vanishing = (sx < _SMALL * top) | (sx == 0)
    if hasattr(activation, "saturated"):
        saturated = np.asarray(activation.saturated(x))
    else:
        near = np.zeros(x.shape, dtype=bool)
        if bounded[0]:
            near |= fx - low <= _SMALL * swing
        if bounded[1]:
            near |= high - fx <= _SMALL * swing
        saturated = vanishing & near
    mean, deviation = float(np.mean(fx)), float(np.std(fx))
    origin = np.zeros(1)
    reachable = limits is None or limits[0] <= 0.0 <= limits[1]
    at_zero = reachable and abs(value(origin)[0]) < 0.01 and abs(slope(origin)[0] - 1) < 0.01
    return PropertyCard(
        name=activation.name,
        inputs=words,
        range=(low, high),
        monotone="rising" if np.all(rise >= -noise) else "falling" if np.all(rise <= noise) else "no",
        slope_range=(float(s.min()), float(s.max())),
        lipschitz=math.inf if smoothness == "jump" else max(secant, top),
        smoothness=smoothness,
        zero_centred=bool(abs(mean) <= 0.05 * deviation),
        mean_output=mean,
        output_deviation=deviation,
        saturating="both" if all(flat) else "left" if flat[0] else "right" if flat[1] else "no",
        dead_share=float(np.mean(sx <= 1e-12 * top)),
        vanishing_share=float(np.mean(vanishing)),
        saturated_share=float(np.mean(saturated)),
        identity_near_origin=bool(at_zero),
    )


def table(cards: Sequence[PropertyCard]) -> str:
    """The cards side by side as text, one row an activation.

    Examples
    --------
    >>> from nets import activations
    >>> print(table([properties(activations.tanh)]).splitlines()[0].split()[:3])
    ['activation', 'range', 'monotone']
    """
    if not cards:
        raise ParameterError("cards must hold at least one card")
    head = ["activation", *(name for name, _ in cards[0].rows())]
    body = [[card.name, *(text for _, text in card.rows())] for card in cards]
    widths = [max(len(row[k]) for row in (head, *body)) for k in range(len(head))]
    cells = ([f"{c:<{w}}" for c, w in zip(row, widths, strict=True)] for row in (head, *body))
    lines = ["  ".join(row).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _limits(activation: Any) -> tuple[float, float] | None:
    """Range of x outside which the activation raises, if there is one."""
    return activation.input_range if getattr(activation, "outside", None) == "raise" else None


def _inputs(inputs: Any, limits: tuple[float, float] | None) -> tuple[np.ndarray, str]:
    if inputs is not None:
        x = np.asarray(inputs, dtype=float).ravel()
        if not x.size or not np.all(np.isfinite(x)):
            raise ParameterError("inputs must be finite numbers, at least one")
        return x, f"{x.size} inputs given"
    law = NormalDist()
    x = np.array([law.inv_cdf((k + 0.5) / _QUANTILES) for k in range(_QUANTILES)])
    words = f"{_QUANTILES} quantiles of the standard normal distribution"
    if limits is None:
        return x, words
    x = x[(x >= limits[0]) & (x <= limits[1])]
    if not x.size:
        raise ParameterError(f"no standard normal input lies in the encoded range {limits}: give inputs")
    return x, f"{words} within [{limits[0]:.4g}, {limits[1]:.4g}]"


def _grid(limits: tuple[float, float] | None) -> tuple[np.ndarray, np.ndarray]:
    low, high, n = _WIDE
    if limits is not None:
        return np.linspace(*limits, n), np.array(limits)
    return np.linspace(low, high, n), np.array([-_FAR, _FAR])


def _plain(function: Any) -> Values:
    return lambda x: np.asarray(function(x), dtype=float)


def _smoothness(
    value: Values, slope: Values, grid: np.ndarray, y: np.ndarray, s: np.ndarray
) -> Literal["jump", "C0", "C1", "C2"]:
    """Bisect the largest change of value, slope and curvature: a jump does not shrink with the step."""
    step = grid[1] - grid[0]

    def curvature(x: np.ndarray) -> np.ndarray:
        h = 0.02 * step
        return (slope(np.minimum(x + h, grid[-1])) - slope(np.maximum(x - h, grid[0]))) / (
            np.minimum(x + h, grid[-1]) - np.maximum(x - h, grid[0])
        )

    if _jumps(value, grid, y, 1e-9 * step):
        return "jump"
    if _jumps(slope, grid, s, 1e-9 * step):
        return "C0"
    # the difference quotient is as wide as 0.04 steps, so bisection stops at that width
    return "C1" if _jumps(curvature, grid, curvature(grid), 0.05 * step) else "C2"


def _jumps(function: Values, grid: np.ndarray, values: np.ndarray, width: float) -> bool:
    change = np.abs(np.diff(values))
    scale = float(np.max(np.abs(values - values.mean())))
    if scale <= 1e-9:
        return False
    for k in np.argsort(change)[-5:]:
        a, b, fa, fb = grid[k], grid[k + 1], values[k], values[k + 1]
        while b - a > width:
            middle = 0.5 * (a + b)
            fm = float(function(np.array([middle]))[0])
            if abs(fm - fa) >= abs(fb - fm):
                b, fb = middle, fm
            else:
                a, fa = middle, fm
        if abs(fb - fa) > 0.05 * scale:
            return True
    return False
