"""A fit in words, for the terminal."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.fits.derived_figures import derived_figures
from photonic.fits.diagnostics import ODD, Diagnostics, without_outliers
from photonic.fits.labels import point_names
from photonic.fits.searches import orders
from photonic.lab.number_text import decimals, interval_text, number, scale, short, uncertain
from photonic.named import detuning_words

if TYPE_CHECKING:
    from photonic.fits.estimates import Estimate
    from photonic.fits.fitted import Fit
    from photonic.fits.free_parameters import FreeParameter

__all__ = ["report"]

WIDTH = 110
_INDENT = 14  # where the text behind a heading begins
_CLOSE = 0.9  # correlation from which on two numbers are named
_FAINTEST = 1e-99  # smaller probabilities are not written out
_NEAR = 3.84  # rise of χ² up to which another minimum is as good: 95 % of χ² with one degree of freedom
_MOST = 0.2  # share of the readings that a robust loss may discount without a word of care
_NAMED = 8  # discounted readings that are named one by one
_KINDS = {"Measured": "power curve", "PortSpectrum": "spectrum", "MeasuredResponse": "time response"}


def report(fit: Fit) -> str:
    """Everything there is to say about a fit, at most 110 columns wide.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic.fits.fitting import fit
    >>> from photonic.lab.measured import Measured
    >>> from photonic.mach_zehnder import MachZehnder
    >>> power = np.linspace(1e-5, 1e-3, 50)
    >>> noise = 1e-6 * np.random.default_rng(0).standard_normal(50)
    >>> data = Measured(power, MachZehnder(1.0).transfer(power) + noise, sigma=1e-6)
    >>> print(fit(MachZehnder(0.8), data, ["arm_phase"]).report().splitlines()[1])
    All is well: the residuals look like noise and the data hold every number.
    """
    judged, discounted = _judged(fit)
    doubts = _doubts(fit, judged, len(discounted))
    lines = [_title(fit), _verdict(doubts, len(discounted)), "", *_table(fit), *_remarks(fit)]
    if fit.unidentifiable:
        lines += ["", "NOT HELD BY THESE DATA", *_directions(fit)]
    lines += [
        "",
        *_section("noise", _noise(fit)),
        *_section("residuals", _residuals(fit, judged, discounted)),
    ]
    lines += _section("correlation", _correlations(fit))
    lines += _section("held fixed", list(fit.conditions))
    lines += _section("other minima", list(_alternatives(fit)))
    return "\n".join(lines)


# --------------------------------------------------------------------------- head
def _title(fit: Fit) -> str:
    kinds = [_KINDS.get(type(e.measured).__name__, "measurement") for e in fit.experiments]
    counted = {kind: kinds.count(kind) for kind in kinds}
    data = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counted.items())
    files = [str(e.measured.metadata["file"]) for e in fit.experiments if e.measured.metadata.get("file")]
    named = f" ({', '.join(files)})" if files and len(", ".join(files)) < 50 else ""
    count = len(fit.estimates)
    free = f"{count} number{'s' if count > 1 else ''}"
    device = f"{type(fit.device).__name__}, {fit.device.regime}"
    return f"{device}: {free} from {fit.residuals.size} readings of {data}{named}"


def _judged(fit: Fit) -> tuple[Diagnostics, tuple[int, ...]]:
    """What the residuals say, and which readings a robust loss discounts: they have no say in it."""
    if fit.loss == "linear":
        return fit.diagnostics, ()
    problem, _ = fit.problem()
    dof = fit.residuals.size - len(fit.estimates)
    parts = [fit.part(fit.residuals, k) for k in range(len(fit.experiments))]
    return without_outliers(fit.weighted_residuals, orders(problem), problem.scale_known, dof, parts)


def _verdict(doubts: list[str], discounted: int) -> str:
    if doubts:
        text = f"Read with care: {'; '.join(doubts)}."
    elif discounted:
        but = f"but for {discounted} discounted reading{'s' if discounted > 1 else ''}"
        text = f"All is well: the residuals look like noise, {but}, and the data hold every number."
    else:
        text = "All is well: the residuals look like noise and the data hold every number."
    return "\n".join(_wrapped(text, 2))


def _doubts(fit: Fit, judged: Diagnostics, discounted: int) -> list[str]:
    """What keeps the numbers from being taken as they stand, in a few words each."""
    found = []
    directions = len(fit.unidentifiable)
    if directions:
        found.append(f"{directions} direction{'s are' if directions > 1 else ' is'} not held by the data")
    if not judged.sound:
        found.append("the residuals do not look like noise")
    if discounted > _MOST * fit.residuals.size:
        found.append(f"{discounted} of {fit.residuals.size} readings are discounted as outliers")
    ended = [short(name) for name, e in fit.estimates.items() if e.at_bound]
    if ended:
        found.append(f"{' and '.join(ended)} ended at a limit of the search")
    if any(near for _, near in _others(fit)):
        found.append("another minimum is as good")
    return found


# --------------------------------------------------------------------------- numbers
def _table(fit: Fit) -> list[str]:
    ends = fit.problem()[0].free
    profiled = any(e.profile_interval is not None for e in fit.estimates.values())
    way = "profile likelihood" if profiled else "Wald"
    rows = [("", "value ± standard error", f"95 % interval ({way})", "unit")]
    rows += [_row(f, e) for f, e in zip(ends, fit.estimates.values(), strict=True)]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    return ["   ".join(c.ljust(w) for c, w in zip(row, (*widths, 0), strict=True)).rstrip() for row in rows]


def _row(free: FreeParameter, estimate: Estimate) -> tuple[str, str, str, str]:
    error = estimate.standard_error
    factor, unit = scale(estimate.value, estimate.unit)
    value, spread = factor * estimate.value, factor * error
    low, high = (factor * end for end in estimate.interval)
    limits = (factor * free.ends[0], factor * free.ends[1])
    between = interval_text(low, high, limits, decimals(value, spread), estimate.bounds is not None)
    return short(estimate.name), uncertain(value, spread), between, unit


def _remarks(fit: Fit) -> Iterator[str]:
    """Lines below the table: other words for some numbers, limits reached, derived figures."""
    lines = []
    for name, e in fit.estimates.items():
        if name.partition("[")[0] == "detuning" and hasattr(fit.device, "ring"):
            lines.append(f"{name} is {re.sub(r'-(?=[0-9])', '−', detuning_words(e.value, fit.device.ring))}")
        if name.partition("[")[0] == "arm_phase":
            turns = f"{e.value / math.pi:.4g}".replace("-", "−")
            lines.append(f"{name} is {turns} π, of which only the value modulo 2 π counts")
        if e.at_bound:
            lines.append(_at_limit(e))
        if e.profile_interval is None and math.isfinite(e.standard_error) and _profiled(fit):
            lines.append(f"{short(name)}: interval from the curvature (Wald) only")
    for figure in derived_figures(fit):
        low, high = (number(v, figure.unit) for v in figure.interval)
        lines.append(f"{figure.name} {number(figure.value, figure.unit)}, 95 %: {low} … {high}")
    for line in lines:
        yield from _wrapped(f"  {line}", 4)


def _profiled(fit: Fit) -> bool:
    return any(e.profile_interval is not None for e in fit.estimates.values())


def _at_limit(estimate: Estimate) -> str:
    name, unit = short(estimate.name), estimate.unit
    if estimate.bounds is not None:
        near = min(estimate.bounds, key=lambda b: abs(b - estimate.value))
        return f"{name} ended at its bound of {number(near, unit)}: widen it, unless it is physical"
    start = number(estimate.start, unit)
    return f"{name} ran away, as far as it is searched from its start at {start}: these data do not stop it"


# --------------------------------------------------------------------------- what the data cannot tell
def _directions(fit: Fit) -> Iterator[str]:
    for k, direction in enumerate(fit.unidentifiable, 1):
        yield from _wrapped(f"{k}. {direction.text}".replace("ring.", ""), 3)
        if direction.known:
            held = ", ".join(c.text for c in direction.known)
            yield from _wrapped(f"   held all the same: {held}", 6)
        yield from _wrapped(f"   what would tell: {direction.remedy}", 6)


def _correlations(fit: Fit) -> list[str]:
    names, told = list(fit.estimates), [set(d.exponents) for d in fit.unidentifiable]
    found = []
    for i, j in combinations(range(len(names)), 2):
        value = float(fit.correlation[i, j])
        finite = all(math.isfinite(fit.estimates[names[k]].standard_error) for k in (i, j))
        if finite and abs(value) > _CLOSE and not any({names[i], names[j]} <= some for some in told):
            found.append(f"{short(names[i])} and {short(names[j])} {value:+.3f}".replace("-", "−"))
    return [f"{', '.join(found)}: what fixes one sharpens the other"] if found else []


# --------------------------------------------------------------------------- noise and residuals
def _noise(fit: Fit) -> list[str]:
    found = []
    for k, (kind, e) in enumerate(zip(fit.noise, fit.experiments, strict=True)):
        sigma = fit.part(fit.sigma, k)
        one = sigma * np.sqrt(getattr(e.measured, "repeats", 1))
        size = number(float(np.median(one)), _unit(e.measured), 3)
        if kind == "sigma":
            point = number(float(np.median(sigma)), _unit(e.measured), 3)
            text = f"as given with the data: {point} a point (median)"
        elif kind == "constant":
            text = f"the same for every reading, {size} by the residuals"
        elif kind == "proportional":
            expected = np.abs(fit.part(fit.residuals, k) + e.measured.power_out)
            share = 100 * float(np.median(one / np.maximum(expected, 1e-300)))
            text = f"in proportion to the power, {share:.3g} % by the residuals"
        else:
            low, high = (number(float(v), _unit(e.measured), 3) for v in (one.min(), one.max()))
            text = f"a floor and a share of the power, {low} to {high} by the residuals"
        found.append(text)
    if len(set(found)) == 1:
        return found[:1]
    return [f"experiment {k}: {text}" for k, text in enumerate(found)]


def _unit(measured: Any) -> str:
    return "1" if getattr(measured, "relative", False) else "W"


def _residuals(fit: Fit, judged: Diagnostics, discounted: tuple[int, ...]) -> list[str]:
    sizes = [number(rms, _unit(e.measured), 3) for rms, e in zip(judged.rms, fit.experiments, strict=True)]
    text = f"rms {', '.join(sizes)}"
    if math.isfinite(judged.probability):
        chance = f"p = {judged.probability:.2g}" if judged.probability > _FAINTEST else f"p < {_FAINTEST:g}"
        text += f"; reduced χ² {judged.reduced_chi_squared:.3g} ({chance})"
    lines = [f"{'like' if judged.sound else 'not like'} noise: {text}"]
    if discounted:
        lines[0] += ", without those discounted"
        names = ", ".join(point_names(fit.experiments, discounted[:_NAMED]))
        count, more = len(discounted), ", ..." if len(discounted) > _NAMED else ""
        lines.append(f"too far off for noise, discounted by loss {fit.loss!r}: {count}, at {names}{more}")
    return lines + judged.words(point_names(fit.experiments, judged.outliers), fit.loss)


# --------------------------------------------------------------------------- other minima
def _others(fit: Fit) -> list[tuple[dict[str, float], bool]]:
    """Other minima, and whether the data cannot tell each from the best."""
    squares = float(fit.weighted_residuals @ fit.weighted_residuals)
    freedom = max(fit.residuals.size - len(fit.estimates), 1)
    known = "sigma" in fit.noise and not fit.diagnostics.probability < ODD
    rise = squares if known else freedom
    apart = [one for one in fit.alternatives if not all(_same(e, one[n]) for n, e in fit.estimates.items())]
    return [(dict(one), fit.loss == "linear" and rise * (one["cost"] - 1) < _NEAR) for one in apart]


def _same(estimate: Estimate, value: float) -> bool:
    """Whether another minimum has the same number: at a bound the search ends here and there beside it."""
    error = estimate.standard_error if math.isfinite(estimate.standard_error) else 0.0
    return abs(value - estimate.value) <= max(0.01 * error, 1e-6 * abs(estimate.value))


def _alternatives(fit: Fit) -> Iterator[str]:
    others = _others(fit)
    for one, near in others[:3]:
        cost = one.pop("cost")
        units = (fit.estimates[name].unit for name in one)
        numbers = ", ".join(
            f"{short(name)} {number(value, unit)}"
            for (name, value), unit in zip(one.items(), units, strict=True)
        )
        words = "as good as the best" if near else f"{cost:.3g} times the sum of squares"
        yield f"{words}: {numbers}"
    if len(others) > 3:
        yield f"and {len(others) - 3} more"


# --------------------------------------------------------------------------- layout
def _section(title: str, texts: list[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        head = title if not lines else ""
        lines += _wrapped(f"{head:<{_INDENT}}{text}", _INDENT)
    return lines


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False, drop_whitespace=True
    )
