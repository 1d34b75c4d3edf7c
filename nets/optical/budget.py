"""Where the watts go: power behind every stage, and whether the activations get enough of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nets.optical.frozen_heat import FrozenHeat, frozen_heat_of
from nets.optical.heater_bill import heater_bill, heater_words
from nets.optical.passing import Passing
from nets.optical.stage import Kind
from photonic.errors import OutsideValidityWarning
from photonic.units import db, engineering, to_dbm

__all__ = ["DarkLayerWarning", "PowerBudget", "StagePower", "power_budget"]

_FROZEN = "frozen heat"  # regime of devices whose temperature stands at its mean
_LIT = 0.05  # a layer is dark where fewer inputs than this share reach its working power,
_LINEAR = 0.01  # and where the best linear gain leaves less than this
_ROUNDED = 1e-6  # [1] by which single precision may exceed a highest power
_GAIN_DB = 1e-4  # [dB] below which more light behind a stage is rounding of single precision
_NEEDED = 95.0  # percentile of the inputs that should reach it
_FAINTEST = 1e-18  # [W] below which no number is written out


class DarkLayerWarning(UserWarning):
    """So little light reaches a layer of activations that it is nearly linear."""


@dataclass(frozen=True, kw_only=True)
class StagePower:
    """One line of a power budget: the light behind one stage, over all rows and channels.

    Attributes
    ----------
    name : str
    gives : {"powers", "fields", "numbers"}
    channels : int
    total : float or None
        Mean over rows of the sum over channels [W]; None for numbers.
    mean, smallest, largest : float or None
        Power of one channel [W].
    supply : float or None
        Of all lasers of the stage together [W]: an encoder's or modulators'.
    loss_db : float or None
        10 log₁₀ of the total in front, or of its lasers, over the total behind [dB]; negative where it
        gains.
    working_power : float or None
        What an activation needs [W] at one input, by its own account; the median of its channels.
    power_max : float or None
        Highest input power at which it is valid [W].
    arriving : float or None
        95th percentile of the powers at its inputs [W].
    lit : float or None
        Share of its inputs at or above the working power [1].
    outside : float or None
        Share of its inputs above ``power_max`` [1].
    nonlinearity : float or None
        1 − R² of the best linear gain of each channel, complex for fields [1]: 0 is linear.
    regime : str or None
        What the response of a device holds for: ``"frozen heat"``, ``"cw"``, ``"linear"``.
    symbol_window, mean_heating : tuple of float or None
        Of neurons with frozen heat, for the powers that arrive: shortest and longest symbol [s], least
        and most mean heat [half-linewidths]; see `nets.optical.frozen_heat.FrozenHeat`.
    window_unknown : str or None
        Why the symbol window cannot be told.
    heater_power : float or None
        Electrical, of all its heaters with ``photonic.Heaters()`` [W]; None without any.
    heaters_unknown : str or None
        Why it has heaters of which that cannot be told.
    refused : str or None
        Why the stage has no answer to what arrives; then nothing is known behind it.
    """

    name: str
    gives: Kind
    channels: int
    total: float | None = None
    mean: float | None = None
    smallest: float | None = None
    largest: float | None = None
    supply: float | None = None
    loss_db: float | None = None
    working_power: float | None = None
    power_max: float | None = None
    arriving: float | None = None
    lit: float | None = None
    outside: float | None = None
    nonlinearity: float | None = None
    regime: str | None = None
    symbol_window: tuple[float, float] | None = None
    mean_heating: tuple[float, float] | None = None
    window_unknown: str | None = None
    heater_power: float | None = None
    heaters_unknown: str | None = None
    refused: str | None = None

    @property
    def frozen_heat(self) -> FrozenHeat | None:
        """What frozen heat asks of a layer of neurons; None where there is none."""
        if self.regime != _FROZEN:
            return None
        return FrozenHeat(
            symbol_window=self.symbol_window, mean_heating=self.mean_heating, unknown=self.window_unknown
        )

    @property
    def dbm(self) -> float | None:
        """Total power in dBm; None without light."""
        return float(to_dbm(self.total)) if self.total else None

    @property
    def is_activation(self) -> bool:
        """Whether it is a layer of activations."""
        return self.working_power is not None

    @property
    def is_lit(self) -> bool:
        """Whether 5 % of its inputs reach the working power."""
        return self.lit is not None and self.lit >= _LIT

    @property
    def is_dark(self) -> bool:
        """Whether fewer than 5 % of its inputs reach the working power and it is linear within 1 %."""
        if self.lit is None or self.refused:
            return False
        return self.lit < _LIT and (self.nonlinearity or 0.0) < _LINEAR


@dataclass(frozen=True)
class PowerBudget:
    """The power behind every stage of a network, for a batch of inputs.

    Attributes
    ----------
    stages : tuple of StagePower
        In the order of the light.
    rows : int
        Examples it was taken over.
    """

    stages: tuple[StagePower, ...]
    rows: int

    @property
    def dark(self) -> tuple[StagePower, ...]:
        """Layers of activations that get too little light."""
        return tuple(stage for stage in self.stages if stage.is_dark)

    @property
    def laser_power(self) -> float:
        """Of all lasers of the network together [W]."""
        return sum(stage.supply for stage in self.stages if stage.supply is not None)

    @property
    def heater_power(self) -> float:
        """Electrical, of all heaters as far as it is known [W]."""
        return sum(stage.heater_power or 0.0 for stage in self.stages)

    @property
    def amplified(self) -> float:
        """What amplifiers add to the light [W]."""
        lit = ((s.total, s.loss_db) for s in self.stages)
        gains = ((p, loss) for p, loss in lit if p and loss is not None and loss < -_GAIN_DB)
        return sum(p * (1 - 10 ** (loss / 10)) for p, loss in gains)

    @property
    def warnings(self) -> tuple[tuple[type[UserWarning], str], ...]:
        """What is wrong with the light, as (category, words), in the order of the stages."""
        found: list[tuple[type[UserWarning], str]] = []
        for position, stage in enumerate(self.stages, 1):
            if stage.is_dark:
                found.append((DarkLayerWarning, _words(stage, position)))
            if stage.outside:
                found.append((OutsideValidityWarning, _outside_words(stage, position)))
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """JSON types, powers in W; what is infinite or does not apply is None."""
        stages = []
        for stage in self.stages:
            heat = stage.frozen_heat
            more = {"dark": stage.is_dark, "idealised": None if heat is None else heat.is_idealised}
            entry = asdict(stage) | {"dbm": stage.dbm} | more
            stages.append({k: _finite(v) for k, v in entry.items()})
        whole = {"laser_power": self.laser_power, "amplified": self.amplified}
        whole["heater_power"] = self.heater_power
        told = [{"category": kind.__name__, "words": words} for kind, words in self.warnings]
        return {"rows": self.rows, **whole, "stages": stages, "warnings": told}

    def table(self) -> str:
        """The budget as text: a line for each stage, and one for its lasers in front of it.

        Below it what all lasers give, what heaters draw, and the regime of each activation by a device.
        """
        heads = (
            "stage",
            "gives",
            "channels",
            "total",
            "dBm",
            "loss [dB]",
            "channel mean",
            "smallest",
            "largest",
        )
        more = ("needs", "arrives", "lit", "outside", "nonlinear")
        rows: list[Sequence[str]] = [(*heads, *more)]
        for stage in self.stages:
            if stage.supply is not None:
                rows.append(_cells(_lasers(stage)))
            rows.append(_cells(stage))
        wide = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
        lines = []
        for row in rows:
            cells = [f"{row[0]:<{wide[0]}}", f"{row[1]:<{wide[1]}}"]
            cells += [f"{cell:>{w}}" for cell, w in zip(row[2:], wide[2:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        added = f", amplifiers add {engineering(self.amplified, 'W', 3)}" if self.amplified else ""
        lines.append(f"all lasers together: {engineering(self.laser_power, 'W', 3)}{added}")
        lines += self._heater_lines()
        for position, stage in enumerate(self.stages, 1):
            where = f"stage {position}, {stage.name}"
            if stage.regime is not None:
                heat = stage.frozen_heat
                lines.append(f"{where}: {stage.regime}{'' if heat is None else f', {heat.words()}'}")
            if stage.refused:
                lines.append(f"{where}: {stage.refused}; nothing is known behind it")
        return "\n".join(lines)

    def _heater_lines(self) -> list[str]:
        """What heaters draw; nothing where there are none."""
        heated = [s for s in self.stages if s.heater_power is not None or s.heaters_unknown]
        if not heated:
            return []
        sums = {"neurons": 0.0, "meshes": 0.0, "weight banks": 0.0}
        for stage in heated:
            kind = (
                "neurons" if stage.is_activation else "meshes" if stage.gives == "fields" else "weight banks"
            )
            sums[kind] += stage.heater_power or 0.0
        return [heater_words(sums, [s.heaters_unknown for s in heated if s.heaters_unknown])]


def power_budget(light: Iterable[Passing]) -> PowerBudget:
    """Budget of what goes in and comes out of each stage, without giving its warnings."""
    stages: list[StagePower] = []
    rows = 0
    for each in light:
        rows = rows if each.signal is None else len(each.signal)
        stages.append(_stage_power(each))
    return PowerBudget(tuple(stages), rows)


def _stage_power(passing: Passing) -> StagePower:
    stage: Any = passing.stage
    before, after = _powers(stage.takes, passing.signal), _powers(stage.gives, passing.out)
    found: dict[str, Any] = {"name": stage.name, "gives": stage.gives, "channels": stage.outputs}
    found["refused"] = passing.refused or None
    bill = heater_bill(stage)
    found |= {"heater_power": bill.power, "heaters_unknown": bill.unknown}
    if after is not None:
        found |= {"total": float(after.sum(axis=1).mean()), "mean": float(after.mean())}
        found |= {"smallest": float(after.min()), "largest": float(after.max())}
    supply = found["supply"] = getattr(stage, "supply", None)
    entering = supply or (0.0 if before is None else float(before.sum(axis=1).mean()))
    if after is not None and entering > 0 and found["total"] > 0:
        found["loss_db"] = float(db(entering / found["total"]))
    if before is not None and hasattr(type(stage), "working_power"):
        found |= _activation(stage, before)
        found["nonlinearity"] = _nonlinearity(passing.signal, passing.out)
    return StagePower(**found)


def _activation(stage: Any, arriving: np.ndarray) -> dict[str, Any]:
    working, highest = float(stage.working_power), getattr(stage, "power_max", None)
    found: dict[str, Any] = {
        "working_power": working,
        "arriving": float(np.percentile(arriving, _NEEDED)),
        "lit": float(np.mean(arriving >= working)),
    }
    if highest is not None:
        outside = np.mean(arriving > np.min(highest) * (1 + _ROUNDED))
        found |= {"power_max": float(np.min(highest)), "outside": float(outside)}
    found["regime"] = getattr(stage, "regime", None)
    if found["regime"] == _FROZEN:
        heat = frozen_heat_of(stage, arriving)
        found |= {"symbol_window": heat.symbol_window, "mean_heating": heat.mean_heating}
        found["window_unknown"] = heat.unknown
    return found


def _powers(kind: Kind, signal: np.ndarray | None) -> np.ndarray | None:
    """Powers [W] in float64, None for numbers and for what is not known."""
    if kind == "numbers" or signal is None:
        return None
    wide = signal.astype(np.complex128 if kind == "fields" else np.float64)
    return wide.real**2 + wide.imag**2 if kind == "fields" else wide


def _nonlinearity(signal: np.ndarray | None, out: np.ndarray | None) -> float | None:
    """1 − R² = Σ|y − a x|²/Σ|y|², with the best a of each channel; None where nothing can be told."""
    if signal is None or out is None:
        return None
    x, y = (s.astype(np.complex128) for s in (signal, out))
    squares, whole = np.sum(np.abs(x) ** 2, axis=0), float(np.sum(np.abs(y) ** 2))
    if len(x) < 2 or whole == 0:
        return None
    gain = np.sum(np.conj(x) * y, axis=0) / np.where(squares > 0, squares, 1.0)
    return float(np.sum(np.abs(y - gain * x) ** 2)) / whole


def _words(stage: StagePower, position: int) -> str:
    arriving, needed = stage.arriving or 0.0, stage.working_power or 0.0
    if math.isinf(needed):
        need = "no power within its range makes it work"
    else:
        more = f", {needed / arriving:.3g} times as much" if arriving >= _FAINTEST else ""
        need = f"it needs {_watts(needed)}{more}"
    nonlinear = ""
    if stage.nonlinearity is not None:
        nonlinear = (
            f", its measured nonlinearity is {stage.nonlinearity:.2g} (1 − R² of the best linear gain)"
        )
    light = "less than " + _watts(arriving).removeprefix("< ") if arriving else "no light"
    return f"stage {position} ({stage.name}) is dark: 95 % of its inputs get {light}, {need}{nonlinear}"


def _outside_words(stage: StagePower, position: int) -> str:
    highest = engineering(stage.power_max or 0.0, "W", 3)
    text = (
        f"stage {position} ({stage.name}): {_percent(stage.outside)} of its inputs get more than "
        f"power_max = {highest}: lower the laser power, add loss before it, or raise power_max"
    )
    return f"{text}; {stage.refused}: nothing is known behind it" if stage.refused else text


def _percent(share: float | None) -> str:
    """Whole percent; what is more than none is not called so."""
    if share is None:
        return ""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _lasers(stage: StagePower) -> StagePower:
    """The light in front of the modulators of ``stage``."""
    return StagePower(
        name=f"lasers of {stage.name}", gives=stage.gives, channels=stage.channels, total=stage.supply
    )


def _watts(value: float) -> str:
    """A power in words; ``< 1 aW`` where it is no more than rounding."""
    return "< 1 aW" if 0 < value < _FAINTEST else engineering(value, "W", 3)


def _cells(stage: StagePower) -> Sequence[str]:
    def watts(value: float | None) -> str:
        return "" if value is None else _watts(value) if math.isfinite(value) else "never"

    def number(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    return (
        stage.name,
        stage.gives,
        str(stage.channels),
        watts(stage.total),
        number(stage.dbm, ".2f"),
        number(stage.loss_db if stage.loss_db is None else round(stage.loss_db, 2) + 0.0, ".2f"),
        watts(stage.mean),
        watts(stage.smallest),
        watts(stage.largest),
        watts(stage.working_power),
        watts(stage.arriving),
        _percent(stage.lit),
        _percent(stage.outside),
        number(stage.nonlinearity, ".1e") + (" dark" if stage.is_dark else ""),
    )


def _finite(value: Any) -> Any:
    """``value`` for JSON: None for what is infinite, lists for tuples."""
    if isinstance(value, tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
