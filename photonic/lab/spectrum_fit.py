"""From a measured spectrum to its resonances and the ring behind them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from photonic.errors import DataError, DataWarning, ParameterError, one_number
from photonic.lab.baselines import Baseline, Ripple, baseline
from photonic.lab.resonances import Comb, Line, combs, lines, off_resonance
from photonic.lab.spectrum_channels import Channel, Role, channels_of, roles
from photonic.lab.spectrum_modes import Modes, modes
from photonic.lab.spectrum_result import Resonance, SpectrumFit
from photonic.lab.spectrum_sorting import Found, fitted_lines, passive_drops, resonances_of
from photonic.ring_fields import LENGTHS
from photonic.units import SPEED_OF_LIGHT

__all__ = ["fit_spectrum"]

_INDICES = (1.0, 6.0)  # group indices of guides; silicon's are about 4
_COARSE = 4.0  # samples per linewidth below which a width is hardly measured

Kind = Literal["auto", "ring", "mzi"]


def fit_spectrum(
    wavelength: Any,
    power: Any = None,
    *,
    channels: Sequence[str] | None = None,
    through: str | int | None = None,
    drop: str | int | None = None,
    kind: Kind = "auto",
    circumference: float | None = None,
    radius: float | None = None,
    at: float | None = None,
    drop_calibrated: bool | None = None,
) -> SpectrumFit:
    """Resonances of a measured spectrum, and the ring they belong to.

    Lines of unknown width are found by matched filters, sorted into combs of modes, and fitted one by one
    with the exact shape of a ring's resonance, by generalised least squares: the covariance is that of the
    ripple the spectrum shows beside the resonances, of white noise, and, where the shape does not explain a
    line to within both, of an error of the model of the size that is seen. A line is split in two where the
    likelihood says so. Nothing has to be set by hand.

    Parameters
    ----------
    wavelength : array_like, shape (n,), or a measured spectrum
        Wavelengths [m], rising; or an object with ``wavelength``, ``power`` and ``channels``.
    power : array_like, shape (n,) or (n, channels), optional
        Powers [W], or any multiple of them; linear, not dB.
    channels : sequence of str, optional
        Names of the channels.
    through, drop : str or int, optional
        Channel of the through and of the drop port, by name or number; recognised without.
    kind : {"auto", "ring", "mzi"}
        Whether to expect a ring, a ring in one arm of an unbalanced interferometer, or to look.
    circumference, radius : float, optional
        Length of one turn, or radius of a circle [m]; one of them is needed for the group index.
    at : float, optional
        Wavelength [m]: the single numbers are those of the resonance nearest to it; without, to the mean
        wavelength of the light.
    drop_calibrated : bool, optional
        Whether drop and through power count on one scale (equal output couplers). Without, they do unless
        more light is dropped than a passive ring can drop.

    Returns
    -------
    SpectrumFit
        ``.resonances``, ``.free_spectral_range`` [m], ``.quality_factor``, ``.group_index``, ``.ring()``,
        ``.report()``.

    Raises
    ------
    ParameterError
        Wavelengths not in metres or not rising, powers in dB, an unknown channel.
    DataError
        No resonance was found, or no fringes although ``kind`` is "mzi".

    Warns
    -----
    DataWarning
        The samples are too far apart for the linewidth; the circumference gives a group index outside 1 to 6.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import Ring
    >>> ring = Ring(wavelength=1.55e-6, group_index=4.2, circumference=60e-6, coupling_rate=2e10,
    ...     scattering_rate=1e10)
    >>> wavelength = np.linspace(1.54e-6, 1.56e-6, 8001)
    >>> found = fit_spectrum(wavelength, 1e-5 * ring.spectrum(wavelength).through, circumference=60e-6)
    >>> print(f"Q {found.quality_factor / 1e3:.1f}e3, {1e9 * found.free_spectral_range:.2f} nm")
    Q 40.5e3, 9.53 nm
    >>> found.reference.regime, found.reference.reason
    ('unknown', 'a dip does not change when coupling and the other losses are exchanged')
    >>> round(found.ring(regime="over").coupling_rate / 1e10, 2)
    2.0
    """
    if power is None:
        if not hasattr(wavelength, "power"):
            raise ParameterError("power must be given, unless wavelength is a measured spectrum")
        channels = wavelength.channels if channels is None else channels
        wavelength, power = wavelength.wavelength, wavelength.power
    if kind not in ("auto", "ring", "mzi"):
        raise ParameterError(f"kind must be 'auto', 'ring' or 'mzi', got {kind!r}")
    length = _length(circumference, radius)
    given = channels_of(wavelength, power, channels)
    if at is not None:
        at = one_number("at", at, unit="m", above=0.0, plausible=(0.4e-6, 20e-6), scales=LENGTHS)
    shown = _roles(given, through, drop)
    ports = {role: next((c for c in given if shown[c.name] == role), None) for role in ("through", "drop")}
    calibrated = drop_calibrated
    with threadpool_limits(1):  # matrices of 200 rows: threads only wait for one another
        found = _found(ports["through"], ports["drop"], kind)
        fits = fitted_lines(found)
        if found.through is not None and found.drop is not None and calibrated is None:
            calibrated = found.base.fringes is None and passive_drops(fits)
        resonances = resonances_of(found, fits, bool(calibrated))
    return _result(found, resonances, shown, length, at, calibrated)


def _result(
    found: Found,
    resonances: list[Resonance],
    shown: dict[str, Role],
    length: float | None,
    at: float | None,
    calibrated: bool | None,
) -> SpectrumFit:
    light = found.port.power if found.through is None else found.base.power
    x = found.port.wavelength
    middle = float(np.sum(x * light) / np.sum(light)) if at is None else at
    near = [r for r in resonances if at is not None or r.family == 0]
    reference = min(near, key=lambda r: abs(r.wavelength.value - middle))
    combs = []
    for family in range(len(found.combs)):
        own = [r for r in resonances if r.family == family]
        nearest = min(own, key=lambda r: abs(r.wavelength.value - reference.wavelength.value))
        frequency = [r.fit.frequency for r in own]
        errors = [r.fit.unit * float(r.fit.covariance[0, 0] ** 0.5) for r in own]
        combs.append(modes([r.number for r in own], frequency, errors, nearest.number))
    coarse = [r for r in resonances if r.samples < _COARSE]
    if coarse:
        text = (
            f"{len(coarse)} of {len(resonances)} resonances have fewer than {_COARSE:g} samples per linewidth"
        )
        warnings.warn(f"wavelength: {text}: their widths and depths are hardly measured", DataWarning, 3)
    result = SpectrumFit(
        resonances=tuple(sorted(resonances, key=lambda r: r.wavelength.value)),
        reference=reference,
        modes=tuple(combs),
        channels=shown,
        kind="ring" if found.base.fringes is None else "mzi",
        circumference=length,
        drop_calibrated=calibrated if found.through is not None and found.drop is not None else None,
        notes=tuple(_notes(found, resonances, combs, calibrated)),
        wavelength=x,
        through=None if found.through is None else found.through.power,
        drop=None if found.drop is None else found.drop.power,
        baseline=None if found.through is None else found.base,
    )
    index = result.group_index
    if index is not None and not _INDICES[0] <= index <= _INDICES[1]:
        text = f"gives a group index of {index:.3g}, outside {_INDICES[0]:g} to {_INDICES[1]:g}"
        warnings.warn(f"circumference {text}: radius or diameter? Length of one turn?", DataWarning, 3)
    return result


def _notes(
    found: Found, resonances: list[Resonance], combs: list[Modes | None], calibrated: bool | None
) -> Iterator[str]:
    if combs[0] is None:
        yield "one resonance in the span: no free spectral range"
    if len(combs) > 1:
        yield "several families of equidistant modes: several rings, not one whose modes are split"
    if any(r.splitting is not None and r.splitting.value > 2 * r.linewidth.value for r in resonances):
        yield "dips closer than 5 linewidths are taken for one split mode: two rings would look alike"
    if found.stray:
        where = ", ".join(f"{1e9 * line.wavelength:.2f}" for line in found.stray)
        yield f"lines that belong to no family, left out: {where} nm"
    if found.through is None:
        yield "no through port: peaks tell the linewidth, but neither coupling nor loss"
    elif found.drop is None:
        yield "no drop port: what leaves by one that was not measured counts as intrinsic"
    elif not calibrated:
        yield "drop power is not on the scale of the through power: rates need equal couplers, an assumption"
    if any(r.saturated for r in resonances):
        yield "the bottom of some dips is lost in noise: their extinction is a lower bound"
    if any(r.faint for r in resonances):
        yield "faint resonances have less than 20 dB of light above the noise"
    if any(r.fit.discrepancy > 0 for r in resonances):
        yield "some lines deviate from the model by more than ripple and noise: intervals are widened for it"


def _found(through: Channel | None, drop: Channel | None, kind: Kind) -> Found:
    """Lines and baseline of a spectrum, or a `DataError` that says what was looked for."""
    port = drop if through is None else through
    if port is None:
        raise DataError("no channel shows light: neither a bright one with dips nor a dark one with peaks")
    x = port.wavelength
    every = lines(port, peaks=through is None)
    if not every:
        what = "peaks" if through is None else "dips"
        span = f"{1e9 * x[0]:.2f} and {1e9 * x[-1]:.2f} nm"
        raise DataError(
            f"no resonance found in {port.name!r} between {span}: looked for {what} from two samples "
            f"({2e9 * float(np.median(np.diff(x))):.3g} nm) to 1/8 of the span wide that stand 8 standard "
            "deviations out of ripple and noise"
        )
    families = combs(every, (SPEED_OF_LIGHT / x[-1], SPEED_OF_LIGHT / x[0])) or [_few(every)]
    kept = [line for comb in families for line in comb.lines]
    if through is None:
        flat = np.full_like(x, float(port.power.max()))
        base = Baseline(wavelength=x, power=flat, ripple=Ripple.none(x), fringes=None)
    else:
        base = baseline(through, off_resonance(x, kept), look=kind != "ring")
        if kind == "mzi" and base.fringes is None:
            raise DataError(f"no interferometer's fringes found in {port.name!r}: kind='ring' fits without")
    stray = [line for line in every if not any(_same(line, other) for other in kept)]
    return Found(through=through, drop=drop, base=base, combs=families, stray=stray)


def _few(every: list[Line]) -> Comb:
    """Two like lines as neighbouring modes; else the strongest line alone."""
    strong = sorted(every, key=lambda line: -line.score)[:2]
    two = sorted(strong, key=lambda line: line.frequency)
    alike = len(every) == 2 and two[-1].width < 3 * two[0].width < 9 * two[-1].width
    chosen = two if alike else strong[:1]
    return Comb(lines=tuple(chosen), numbers=tuple(range(len(chosen))))


def _same(line: Line, other: Line) -> bool:
    return abs(line.wavelength - other.wavelength) < 2 * max(line.width, other.width)


def _roles(given: list[Channel], through: str | int | None, drop: str | int | None) -> dict[str, Role]:
    """What each channel shows, as told or as seen."""
    names = [c.name for c in given]
    told = {role: _name(role, which, names) for role, which in (("through", through), ("drop", drop))}
    seen = roles(given)
    for role, name in told.items():
        if name is None:
            continue
        for other, its in seen.items():
            if its == role:
                seen[other] = "add"
        seen[name] = role  # type: ignore[assignment]
    return seen


def _name(role: str, which: str | int | None, names: list[str]) -> str | None:
    if which is None:
        return None
    if isinstance(which, int) and not isinstance(which, bool) and -len(names) <= which < len(names):
        return names[which]
    if which in names:
        return str(which)
    raise ParameterError(
        f"{role} must be one of the channels {', '.join(names)} or its number, got {which!r}"
    )


def _length(circumference: float | None, radius: float | None) -> float | None:
    if circumference is not None and radius is not None:
        raise ParameterError("give circumference or radius, not both")
    for name, value, factor in (("circumference", circumference, 1.0), ("radius", radius, 2 * math.pi)):
        if value is not None:
            limits: dict[str, Any] = {"plausible": (1e-6 / factor, 1.0), "scales": LENGTHS}
            return factor * one_number(name, value, unit="m", above=0.0, **limits)
    return None
