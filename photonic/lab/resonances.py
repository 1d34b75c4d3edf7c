"""Where a spectrum resonates: dips or peaks of unknown width, and the combs of modes they belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonic.lab.baselines import rough_envelope
from photonic.lab.spectrum_channels import Channel
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Comb", "Line", "combs", "lines", "off_resonance"]

_SIGNIFICANT = 8.0  # a line stands this many standard deviations of what its surroundings show by chance
_NARROWEST = 2.0  # samples: anything narrower is a glitch of the laser
_WIDEST = 1 / 40  # of the span; five times as much in a second look
_BLOCKS = 60  # of the envelope
_LEAST = 2.5e-3  # of the strongest line: what a spectrum without noise may show by chance
_PARTS = 16  # of the span, in which chance is looked at; a wide line fills several
_STEPS = 1.25  # ratio of neighbouring widths tried
_WINGS = 6.0  # linewidths on either side that are not baseline: 0.7 % of the depth is left there
_SPLIT = 5.0  # linewidths between the dips of one split line; further apart they are two rings' modes
_LIKE = 2.5  # ratio of widths and of heights that the dips of one line may have
_APART = 0.02  # of a free spectral range, between a mode and where its neighbours say it is


@dataclass(frozen=True, kw_only=True)
class Line:
    """A dip or peak: ``wavelength`` and full ``width`` at half maximum [m], ``height`` and ``score`` [1].

    Two ``dips`` close to each other are one line.
    """

    wavelength: float
    width: float
    height: float
    score: float
    dips: tuple[Line, ...] = ()

    @property
    def split(self) -> float:
        """Distance of the two dips [m]; 0 of a line that is not split."""
        return self.dips[1].wavelength - self.dips[0].wavelength if self.dips else 0.0

    @property
    def frequency(self) -> float:
        """Optical frequency [Hz]."""
        return SPEED_OF_LIGHT / self.wavelength


@dataclass(frozen=True, kw_only=True)
class Comb:
    """Lines of one family of modes with their mode numbers, rising with frequency; the middle one is 0."""

    lines: tuple[Line, ...]
    numbers: tuple[int, ...]

    @property
    def score(self) -> float:
        """Sum of the scores [1]."""
        return sum(line.score for line in self.lines)


def lines(channel: Channel, peaks: bool) -> list[Line]:
    """Dips (or ``peaks``) of a channel, from blue to red.

    A matched filter of Lorentzian shape and zero mean is run at every width from the distance of the
    samples to 1/40 of the span; a line is where the answer stands out of what the spectrum shows at that
    width by chance, ripple included. Widths are then taken at half height. Where nothing is found, or
    something as wide as the widest filter, filters five times as wide are tried.
    """
    widest = _WIDEST * (channel.wavelength[-1] - channel.wavelength[0])
    found = _lines(channel, peaks, 1)
    if found and max(line.width for line in found) < 0.5 * widest:
        return found
    return _lines(channel, peaks, 5) or found


def _lines(channel: Channel, peaks: bool, wider: int) -> list[Line]:
    even = _even(channel, peaks, _BLOCKS // wider)
    step, best, at_width = even.step, np.zeros(even.signal.size), np.zeros(even.signal.size)
    widest = wider * _WIDEST * even.signal.size
    width = _NARROWEST
    while width <= widest:
        answer = _matched(even.signal, width)
        reach = 1 if wider == 1 else min(math.ceil(6 * width * _PARTS / answer.size), _PARTS)
        score = answer / _chance(answer, reach)
        better = score > best
        best[better], at_width[better] = score[better], width
        width *= _STEPS
    found: list[Line] = []
    cut: list[Line] = []  # by an end of the span
    taken = np.zeros(best.size, dtype=bool)
    for index in np.argsort(-best):
        if best[index] < _SIGNIFICANT:
            break
        if taken[index]:
            continue
        line = _measured(even, int(index), float(at_width[index]), float(best[index]))
        own = at_width[index] if line is None else min(at_width[index], line.width / step)
        reach = int(2.0 * own) + 1
        taken[max(index - reach, 0) : index + reach + 1] = True
        if line is None:
            cut.append(_cut(even, int(index), float(at_width[index])))
        elif not any(abs(line.wavelength - o.wavelength) < 0.5 * o.width for o in found):
            found.append(line)
    strong = [line for line in found + cut if line.width > _NARROWEST * step]
    kept = (line for line in strong if line not in cut and not any(_covers(o, line) for o in strong))
    inorder = sorted(kept, key=lambda line: line.wavelength)
    return inorder if peaks else _joined(inorder)


def _joined(found: list[Line]) -> list[Line]:
    """Lines from blue to red, with pairs of like dips close to each other as one split line."""
    joined: list[Line] = []
    for line in found:
        last = joined[-1] if joined else None
        if last is None or last.dips or not _alike(last, line):
            joined.append(line)
            continue
        joined[-1] = Line(
            wavelength=(last.wavelength + line.wavelength) / 2,
            width=math.sqrt(last.width * line.width),
            height=max(last.height, line.height),
            score=max(last.score, line.score),
            dips=(last, line),
        )
    return joined


def _alike(one: Line, other: Line) -> bool:
    """Whether two dips can be those of one line that backscattering has split."""
    near = abs(one.wavelength - other.wavelength) < _SPLIT * math.sqrt(one.width * other.width)
    wide, high = one.width / other.width, one.height / other.height
    return near and 1 / _LIKE < wide < _LIKE and 1 / _LIKE < high < _LIKE


def off_resonance(wavelength: np.ndarray, found: Sequence[Line], wings: float = _WINGS) -> np.ndarray:
    """Mask, shape (n,), of the samples further than ``wings`` linewidths from every line.

    Where lines stand so close that less than a fifth of the samples is left, the mask grows.
    """
    off = np.ones(wavelength.size, dtype=bool)
    for line in found:
        off &= np.abs(wavelength - line.wavelength) > wings * line.width + line.split / 2
    return off if off.mean() > 0.2 or wings < 1.0 else off_resonance(wavelength, found, wings / 1.5)


def combs(found: Sequence[Line], span: tuple[float, float]) -> list[Comb]:
    """Families of nearly equidistant lines within ``span`` [Hz], the strongest first.

    Every distance between two lines is tried as free spectral range: from the strongest line the next ones
    are looked for where their neighbours say. The range that explains most wins, gaps counting against it;
    what is left may hold a second ring's modes, with a range within 5 % of the first one's.
    """
    left = sorted(found, key=lambda line: line.frequency)
    families: list[Comb] = []
    first_range = None
    while len(left) >= 3:
        best, best_score, best_range = None, 0.0, 0.0
        seed = max(left, key=lambda line: line.score)
        for other in left:
            apart = abs(other.frequency - seed.frequency)
            if apart == 0 or (first_range and abs(apart / first_range - 1) > 0.05):
                continue
            comb = _followed(left, seed, apart)
            steps = comb.numbers[-1] - comb.numbers[0] + 1
            room = 1 + (span[1] - span[0]) / apart
            weight = sum(min(line.score, 50.0) for line in comb.lines)
            score = weight * (len(comb.lines) / steps) ** 2 * min(1.0, (steps + 1) / room)
            if len(comb.lines) >= 3 and score > best_score:
                best, best_score, best_range = comb, score, apart
        if best is None:
            if first_range is None:
                break
            left.remove(seed)
            continue
        first_range = first_range or best_range
        families.append(best)
        left = [line for line in left if line not in best.lines]
    total = sum(f.score for f in families)
    kept = [f for f in families[:1] if f.score > 0]
    for family in families[1:]:
        if family.score > 0.1 * total and not any(_halves(family, other) for other in kept):
            kept.append(family)
    return kept


def _halves(family: Comb, other: Comb) -> bool:
    """Whether two families are the two dips of split lines: no further apart than two linewidths."""
    gaps = [
        min(abs(one.wavelength - two.wavelength) / max(one.width, two.width) for two in other.lines)
        for one in family.lines
    ]
    return float(np.median(gaps)) < 2.0


@dataclass(frozen=True, eq=False, kw_only=True)
class _Even:
    """Evenly sampled signal [1], in which lines stand up, from ``start`` [m] in steps of ``step`` [m]."""

    start: float
    step: float
    signal: np.ndarray


def _even(channel: Channel, peaks: bool, blocks: int) -> _Even:
    x = channel.wavelength
    step = float(np.median(np.diff(x)))
    size = int(min(round((x[-1] - x[0]) / step) + 1, 8 * x.size))
    grid = np.linspace(x[0], x[-1], size)
    if peaks:
        dark = rough_envelope(channel, upper=False, blocks=blocks)
        bright = float(np.quantile(channel.power, 1 - 4 / channel.power.size))
        height = (channel.power - dark) / max(bright, channel.corner)
        signal = np.sqrt(np.maximum(height, 0.0))  # so that a weak comb end stands beside a strong middle
    else:
        signal = 1 - channel.power / np.maximum(rough_envelope(channel, blocks=blocks), channel.corner)
    return _Even(start=float(x[0]), step=float(x[-1] - x[0]) / (size - 1), signal=np.interp(grid, x, signal))


def _matched(signal: np.ndarray, width: float) -> np.ndarray:
    """Height [1] of a Lorentzian line of that ``width`` [samples] at every sample, the mean taken off."""
    from scipy.signal import fftconvolve

    reach = int(np.ceil(4 * width))
    x = np.arange(-reach, reach + 1)
    kernel = 1 / (1 + (2 * x / width) ** 2)
    kernel -= kernel.mean()
    padded = np.pad(signal, reach, mode="reflect" if signal.size > reach else "edge")
    return np.asarray(fftconvolve(padded, kernel, mode="valid")) / float(np.sum(kernel**2))


def _chance(answer: np.ndarray, reach: int) -> np.ndarray:
    """Standard deviation of the filter's answer without lines, from ``reach`` parts on either side."""
    parts = np.array_split(np.arange(answer.size), _PARTS)
    spread = np.array([np.median(np.abs(answer[p])) for p in parts]) / 0.6745
    least = max(0.05 * float(np.median(spread)), _LEAST * float(answer.max()), 1e-12)
    padded = np.pad(spread, reach, mode="edge")
    even = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    return np.interp(np.arange(answer.size), [p.mean() for p in parts], np.maximum(even, least))


def _covers(strong: Line, line: Line) -> bool:
    """Whether ``line`` is but a bend in the skirts of a ``strong`` one."""
    offset = 2 * (line.wavelength - strong.wavelength) / strong.width
    return line.height < strong.height / (1 + offset**2)


def _cut(even: _Even, index: int, width: float) -> Line:
    """Something about ``index`` that cannot be measured."""
    return Line(
        wavelength=even.start + even.step * index,
        width=width * even.step,
        height=float(even.signal[index]),
        score=0.0,
    )


def _measured(even: _Even, index: int, width: float, score: float) -> Line | None:
    """Line about ``index``: its top, and its width at half height above what lies far beside it."""
    reach, longest = max(4 * width, 6.0), 20 * _WIDEST * even.signal.size
    while True:
        near = max(int(reach), 6)
        low, high = max(index - near, 0), min(index + near + 1, even.signal.size)
        part = even.signal[low:high]
        core = slice(max(index - low - int(width) - 1, 0), index - low + int(width) + 2)
        top = int(np.argmax(part[core])) + core.start
        floor = float(np.quantile(part, 0.3))
        below = part < floor + (float(part[top]) - floor) / 2
        left, right = np.flatnonzero(below[:top]), np.flatnonzero(below[top:])
        if part[top] <= floor or left.size == 0 or right.size == 0:
            return None
        full = float(right[0] + top - left[-1] - 1)
        if near > 4 * full or reach > longest:
            break
        reach *= 1.4
    return Line(
        wavelength=even.start + even.step * (low + (left[-1] + right[0] + top) / 2),
        width=max(full, 1.0) * even.step,
        height=float(part[top]) - floor,
        score=score,
    )


def _followed(found: list[Line], seed: Line, apart: float) -> Comb:
    """Comb from ``seed`` with a free spectral range of about ``apart`` [Hz], outwards on both sides."""
    members = {0: seed}
    frequency = np.array([line.frequency for line in found])
    for way in (1, -1):
        number, spacing, missed = 0, apart, 0
        last = seed.frequency
        while missed < 2:
            number += way
            expected = last + way * spacing * (1 + missed)
            near = np.abs(frequency - expected)
            allowed = _APART * apart * (1 + missed) ** 0.5
            inside = [found[k] for k in np.flatnonzero(near < allowed)]
            inside = [line for line in inside if line not in members.values()]
            if not inside:
                missed += 1
                continue
            line = max(inside, key=lambda one: one.score)
            spacing = abs(line.frequency - last) / (1 + missed)
            members[number], last, missed = line, line.frequency, 0
    numbers = sorted(members)
    middle = numbers[len(numbers) // 2]
    return Comb(lines=tuple(members[n] for n in numbers), numbers=tuple(n - middle for n in numbers))
