"""Design of the next measurement: the readings after which the least is left unknown."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photonic.device import Device, check_power
from photonic.errors import (
    OutsideValidityWarning,
    ParameterError,
    check,
    one_number,
    real_numbers,
    unknown_name,
)
from photonic.fits.candidates import Candidates, candidates_of, default_settings, present_device
from photonic.fits.experiments import Experiment
from photonic.fits.fitted import Fit
from photonic.fits.free_parameters import unit_of
from photonic.fits.identifiability import Direction, unidentifiable
from photonic.fits.knowledge import Knowledge, knowledge_of, standard_errors
from photonic.fits.optimal_design import Choice, choice
from photonic.fits.plans import Plan, PlannedCurve
from photonic.heaters import Heaters
from photonic.lab.measured import Measured
from photonic.lab.noise import NoiseLaw
from photonic.lab.number_text import number, short
from photonic.named import detuning_words

__all__ = ["next_measurement"]

_POWERS = 40  # candidates up to a largest power
_ROUGH = 0.2  # error of a logarithm, or in steps, from which on slopes may be others at the truth


def next_measurement(
    known: Fit | Device,
    free: Sequence[str] | None = None,
    *,
    uncertainty: Any = None,
    powers: Any = None,
    settings: Mapping[str, Any] | None = None,
    noise: NoiseLaw | float | None = None,
    count: int = 20,
    curves: int | None = None,
    repeats: int | None = None,
    criterion: str = "d",
    heaters: Heaters | None = None,
    like: int | None = None,
) -> Plan:
    """Input powers and heater settings whose readings reduce the uncertainty most.

    The information of a reading on the free numbers is jᵀj/σ², j its exact slopes at the present
    estimates; that of all readings adds up with what is known, and its inverse is the covariance that a fit
    of everything together is going to have, as far as it is linear.

    Parameters
    ----------
    known : Fit or Device
        A fit, with what its data tell; or a device as it is thought to be.
    free : sequence of str, optional
        For a device: the numbers that are to be found out.
    uncertainty : mapping or array, optional
        Standard error of free numbers [SI] by name, or the covariance of all, known besides the data.
    powers : array_like or float, optional
        Input powers that may be set, as the instrument reads them [W]; or the largest, for 40 even ones up to
        it. That of the fitted data if left out.
    settings : mapping, optional
        Name of a setting ("detuning" [rad/s], "arm_phase" [rad], ...) to values that it may take; all
        combinations are looked at. A setting that is itself free is moved by known steps from where it is.
        If left out: detunings up to two linewidths to either side, and arm phases all round.
    noise : NoiseLaw or float, optional
        Standard deviation of one reading: a law, or the same everywhere [W]; that of the fit if left out.
    count : int
        Readings to take, repeats included.
    curves : int, optional
        Most settings to use.
    repeats : int, optional
        Most readings at one power and setting.
    criterion : {"d", "a"} or str
        What to make small: the volume of the confidence ellipsoid; the mean of the squared relative errors;
        or the error of the named number.
    heaters : Heaters, optional
        Leaves out settings that they do not reach.
    like : int, optional
        The measurement of the fit under whose conditions (its settings, and numbers of its own) the next one
        is made; the last power curve if left out.

    Returns
    -------
    Plan

    Raises
    ------
    ParameterError
        A name that does not exist, a number that no candidate can tell, powers or noise that are missing, no
        candidate without bistability or self-pulsation.

    Examples
    --------
    >>> from photonic import presets
    >>> plan = next_measurement(
    ...     presets.SIGMOID, ["detuning", "arm_phase"], powers=1e-3, noise=1e-6, count=6, settings={}
    ... )
    >>> plan.readings, len(plan.curves)
    (6, 1)
    >>> bool(plan.after["arm_phase"] < 0.02)
    True
    """
    _check_options(count, curves, repeats)
    given = None if powers is None else _powers(powers)
    knowledge = knowledge_of(
        known, free, uncertainty, like, 1.0 if given is None else float(given[-1]) or 1.0
    )
    law = _law(knowledge, noise)
    if given is None:
        if knowledge.base is None:
            raise ParameterError(
                "powers must be input powers that may be set [W], or the largest (--powers '2 mW'), got None"
            )
        given = _powers(float(np.max(knowledge.base.measured.power_in)))
    with warnings.catch_warnings():  # what the powers given deserve was told when they were checked
        warnings.simplefilter("ignore", OutsideValidityWarning)
        return _planned(knowledge, given, settings, law, heaters, criterion, (int(count), curves, repeats))


def _planned(
    knowledge: Knowledge,
    powers: np.ndarray,
    settings: Mapping[str, Any] | None,
    law: NoiseLaw,
    heaters: Heaters | None,
    criterion: str,
    limits: tuple[int, int | None, int | None],
) -> Plan:
    """The plan among all ``powers`` and ``settings``; ``limits`` of readings, curves and repeats."""
    count, curves, repeats = limits
    target = _target(knowledge, criterion)
    wanted = default_settings(present_device(knowledge)) if settings is None else settings
    found = candidates_of(knowledge, powers, wanted, law, heaters)
    if not np.any(found.rows):
        raise ParameterError("powers and settings leave readings that tell nothing of the free numbers")
    every = np.concatenate([knowledge.rows, found.rows])
    lost = [name for name, error in knowledge.errors(every).items() if math.isinf(error)]
    if isinstance(target, int) and knowledge.free[target].label in lost:
        silent = unidentifiable(knowledge.free, knowledge.values, every, 1.0, False)
        why = "; ".join(str(d) for d in silent if knowledge.free[target].label in d.exponents)
        raise ParameterError(f"criterion {criterion!r}: no static reading can tell it: {why}")
    chosen = choice(
        found.rows,
        knowledge.rows,
        count,
        target,
        groups=found.which,
        most_groups=curves,
        most_repeats=repeats,
        faintest=knowledge.faintest,
    )
    return _plan(knowledge, found, chosen, law, criterion)


def _plan(knowledge: Knowledge, found: Candidates, chosen: Choice, law: NoiseLaw, criterion: str) -> Plan:
    taken = np.flatnonzero(chosen.counts)
    added = found.rows[taken] * np.sqrt(chosen.counts[taken, None])
    rows = np.concatenate([knowledge.rows, added])
    planned = [_curve(knowledge, found, chosen, law, k) for k in np.unique(found.which[taken])]
    return Plan(
        curves=tuple(planned),
        before=knowledge.errors(knowledge.rows),
        after=knowledge.errors(rows),
        values={f.label: v for f, v in zip(knowledge.free, knowledge.values, strict=True)},
        criterion=criterion,
        efficiency=chosen.efficiency,
        unidentifiable=(
            *_untold(knowledge, found.rows, added),
            *(d for d in _directions(knowledge, rows) if d.kind == "practical"),
        ),
        left_out=found.left_out,
        notes=_notes(knowledge, found, planned, np.unique(found.which[taken])),
    )


def _directions(knowledge: Knowledge, rows: np.ndarray) -> tuple[Direction, ...]:
    """What ``rows`` do not hold."""
    count = len(knowledge.free)
    padded = np.concatenate([rows, np.zeros((count, count))])  # a row for each number at least
    return unidentifiable(knowledge.free, knowledge.values, padded, 1.0, knowledge.simulated)


def _untold(knowledge: Knowledge, candidates: np.ndarray, added: np.ndarray) -> list[Direction]:
    """What no candidate can tell; what is held of it all the same is that of the readings ``added``."""
    every = _directions(knowledge, np.concatenate([knowledge.measured, candidates]))
    planned = _directions(knowledge, np.concatenate([knowledge.measured, added]))
    held = {tuple(sorted(d.exponents.items())): d.known for d in planned}
    return [
        dataclasses.replace(d, known=held.get(tuple(sorted(d.exponents.items())), ()))
        for d in every
        if d.kind != "practical"
    ]


def _curve(
    knowledge: Knowledge, found: Candidates, chosen: Choice, law: NoiseLaw, place: int
) -> PlannedCurve:
    """The readings that were chosen at one setting, by rising power."""
    own = np.flatnonzero((found.which == place) & (chosen.counts > 0))
    own = own[np.argsort(found.power[own], kind="stable")]
    power, expected, repeats = found.power[own], found.expected[own], chosen.counts[own]
    experiment = found.experiments[place]
    sigma = law(expected)
    measured = Measured(power, expected, sigma=sigma, repeats=repeats, metadata={"expected": True})
    return PlannedCurve(
        settings=found.settings[place],
        words=_words(present_device(knowledge), found.settings[place]),
        power=power,
        repeats=repeats,
        expected=expected,
        experiment=Experiment(measured, at=experiment.at, shift=experiment.shift),
    )


def _words(device: Any, setting: Mapping[str, float]) -> str:
    parts = []
    for name, value in setting.items():
        if name == "detuning":
            parts.append(f"detuning {detuning_words(value, device.ring)}")
        elif name == "arm_phase":
            parts.append(f"arm_phase {value / math.pi:.4g} π")
        else:
            parts.append(f"{short(name)} {number(value, unit_of(name))}")
    return ", ".join(parts) or "the present setting"


def _notes(
    knowledge: Knowledge, found: Candidates, planned: Sequence[PlannedCurve], used: np.ndarray
) -> tuple[str, ...]:
    moved = sorted(
        {name for c in planned for name, by in c.experiment.shift.items() if by and name in c.settings}
    )
    notes = []
    if moved:
        notes.append(
            f"steps of {' and '.join(map(short, moved))} from the present setting count as known exactly"
        )
    rough = [
        f.label
        for f, error in zip(knowledge.free, standard_errors(knowledge.rows, knowledge.faintest), strict=True)
        if _ROUGH < error < math.inf
    ]
    if rough:
        text = "known roughly so far, so that slopes may turn out otherwise"
        notes.append(f"{text}: {', '.join(map(short, rough))}; plan again when some of these readings are in")
    doubts = dict.fromkeys(text for k in used for text in found.doubts.get(int(k), ()))
    return (*notes, *doubts)


# ----------------------------------------------------------------------- arguments
def _check_options(count: Any, curves: Any, repeats: Any) -> None:
    for name, value in (("count", count), ("curves", curves), ("repeats", repeats)):
        if value is None and name != "count":
            continue
        if isinstance(value, bool) or one_number(name, value, at_least=1) != int(value):
            raise ParameterError(f"{name} must be a whole number, got {value!r}")


def _target(knowledge: Knowledge, criterion: str) -> int | str:
    if criterion in ("d", "a"):
        return criterion
    for k, f in enumerate(knowledge.free):
        if criterion in (f.label, f.name, f.name.removeprefix("ring.")):
            return k
    raise unknown_name("criterion", criterion, ["d", "a", *(f.label for f in knowledge.free)])


def _law(knowledge: Knowledge, noise: Any) -> NoiseLaw:
    if noise is None:
        if knowledge.noise is None:
            raise ParameterError(
                "noise must be the standard deviation of a reading (--noise '1 uW'), got None"
            )
        return knowledge.noise
    if isinstance(noise, NoiseLaw):
        floor, relative = noise.floor, noise.relative
    else:
        floor, relative = one_number("noise", noise, unit="W"), 0.0
    check("noise", floor, unit="W", above=0.0)
    check("noise.relative", relative, at_least=0.0)
    return NoiseLaw(floor=floor, relative=relative)


def _powers(powers: Any) -> np.ndarray:
    """Candidate powers [W], rising."""
    found = np.atleast_1d(real_numbers("powers", powers))
    if found.ndim != 1 or not found.size:
        raise ParameterError(f"powers must be a list of input powers [W], got shape {found.shape}")
    one = np.ndim(powers) == 0
    check_power("powers", found, above=0.0 if one else None)
    if one:
        return np.linspace(0.0, float(found[0]), _POWERS + 1)[1:]
    return np.unique(found)
