"""What the heaters of the stages of a network draw, and the line that tells it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from photonic.errors import OutsideValidityWarning, ParameterError, shown
from photonic.units import engineering

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["HeaterBill", "checked_heaters", "heater_bill", "heater_words", "total_heater_power"]


class HeaterBill(NamedTuple):
    """Electrical power [W] of all heaters of a stage; None without any, or where ``unknown`` says why."""

    power: float | None = None
    unknown: str | None = None


def checked_heaters(heaters: Any = None) -> Heaters:
    """``heaters``, or ``Heaters()`` for None.

    Raises
    ------
    ParameterError
        Anything else, such as a number of watts.

    Examples
    --------
    >>> checked_heaters().p_pi
    0.025
    """
    from photonic.heaters import Heaters

    if heaters is None:
        return Heaters()
    if isinstance(heaters, Heaters):
        return heaters
    if isinstance(heaters, int | float) and not isinstance(heaters, bool):
        meant = f": for a phase of π at {heaters:g} W write photonic.Heaters(p_pi={heaters!r})"
    else:
        meant = ", such as photonic.Heaters(p_pi=0.025), 0.025 W for a phase of π"
    raise ParameterError(f"heaters must be a photonic.Heaters, got {shown(heaters)}{meant}")


def total_heater_power(stages: Iterable[Any], heaters: Heaters | None = None) -> float:
    """Of the ``stages`` that have heaters, all together [W].

    Raises
    ------
    ParameterError
        That of a stage, with its position counted from 1.
    """
    chosen, total = checked_heaters(heaters), 0.0
    for position, stage in enumerate(stages, 1):
        if not hasattr(type(stage), "heater_power"):
            continue
        try:
            total += float(stage.heater_power(chosen).sum())
        except ParameterError as error:
            raise ParameterError(f"stage {position}: {error}") from error
    return total


def heater_bill(stage: Any) -> HeaterBill:
    """Of one stage with ``Heaters()``, free spectral ranges that rings go round included."""
    if not hasattr(type(stage), "heater_power"):
        return HeaterBill()
    try:
        with warnings.catch_warnings():
            # the price holds the way round; a budget warns of light alone
            warnings.simplefilter("ignore", OutsideValidityWarning)
            return HeaterBill(float(stage.heater_power().sum()))
    except ParameterError as error:
        return HeaterBill(None, str(error))


def heater_words(powers: Mapping[str, float], unknown: Sequence[str]) -> str:
    """One line on the ``powers`` [W] of each kind of stage with heaters, and why others are left out."""
    from photonic.heaters import Heaters

    used = Heaters()
    largest = sorted(((p, kind) for kind, p in powers.items() if p), reverse=True)
    each = "".join(f", {engineering(power, 'W', 3)} of {kind}" for power, kind in largest)
    left = "".join(f"; not counted: {why}" for why in dict.fromkeys(unknown))
    return (
        f"heaters: {engineering(sum(powers.values()), 'W', 3)} in all{each} (assumed: "
        f"{engineering(used.p_pi, 'W')} for π, {used.ring_efficiency * 1e6:g} nm/mW at rings){left}"
    )
