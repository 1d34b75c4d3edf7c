"""Which activations a device can be programmed to be: every named target at several powers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.errors import ConvergenceError, ParameterError
from photonic.programming import Programmed, program
from photonic.ring_device import RingDevice
from photonic.targets import TARGETS
from photonic.units import engineering

__all__ = ["Reachability", "reachability"]

REGIMES = ("frozen heat", "cw")


@dataclass(frozen=True, kw_only=True, eq=False)
class Reachability:
    """The best bias found for every (target, regime, full-scale power); None where there is none."""

    targets: tuple[str, ...]
    regimes: tuple[str, ...]
    powers: tuple[float, ...]
    found: dict[tuple[str, str, float], Programmed | None]

    def scores(self, regime: str) -> np.ndarray:
        """R² of the best bias, shape (targets, powers); NaN where there is none."""
        if regime not in self.regimes:
            raise ParameterError(f"regime must be one of {', '.join(self.regimes)}, got {regime!r}")
        best = [[self.found[target, regime, power] for power in self.powers] for target in self.targets]
        return np.array([[np.nan if b is None else b.r_squared for b in row] for row in best])

    def rows(self) -> list[dict[str, Any]]:
        """One plain mapping for each (target, regime, power), for tables and JSON."""
        rows: list[dict[str, Any]] = []
        for (target, regime, power), best in self.found.items():
            row: dict[str, Any] = {"target": target, "regime": regime, "power_max": power, "reached": False}
            if best is not None:
                row |= {
                    "reached": True,
                    "r_squared": best.r_squared,
                    "line_r_squared": best.line_r_squared,
                    "largest_error": best.largest_error,
                    "heater_power": best.heater_power.total,
                }
            rows.append(row)
        return rows

    def table(self) -> str:
        """Text table of R², a line for each target and regime; "–" where nothing was found."""
        width = max(len(name) for name in self.targets)
        head = f"{'target':{width}}  {'regime':11}" + "".join(
            f"{engineering(p, 'W'):>10}" for p in self.powers
        )
        lines = [head]
        for target in self.targets:
            for regime in self.regimes:
                scores = self.scores(regime)[self.targets.index(target)]
                cells = "".join(f"{'–' if np.isnan(s) else f'{s:.4f}':>10}" for s in scores)
                lines.append(f"{target:{width}}  {regime:11}{cells}")
        return "\n".join(lines)


def reachability(
    device: RingDevice,
    powers: Sequence[float],
    targets: Sequence[str] | None = None,
    regimes: Sequence[str] = REGIMES,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Reachability:
    """Program ``device`` for every target at every full-scale power, heat frozen and settled.

    Parameters
    ----------
    device : ring device
        All its settings are free, within the default bounds of `photonic.program`.
    powers : sequence of float
        Full-scale input powers [W].
    targets : sequence of str
        Names of `photonic.targets.TARGETS`; all of them if left out.
    regimes : sequence of str
        Of ``"frozen heat"`` and ``"cw"``.
    seed : int
        As for `photonic.program`.
    progress : callable
        Called with (done, all) after every search.

    Examples
    --------
    >>> from photonic import presets
    >>> found = reachability(presets.SIGMOID, [2e-3], ["softplus"], ["frozen heat"])
    >>> bool(found.scores("frozen heat")[0, 0] > 0.9999)
    True
    """
    names = tuple(TARGETS) if targets is None else tuple(targets)
    for regime in regimes:
        if regime not in REGIMES:
            raise ParameterError(f"regime must be one of {', '.join(REGIMES)}, got {regime!r}")
    found: dict[tuple[str, str, float], Programmed | None] = {}
    total = len(names) * len(regimes) * len(powers)
    for target in names:
        for regime in regimes:
            biased = device.with_effects(heating=regime == "cw")
            for power in powers:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a search strays; its result is checked
                    try:
                        found[target, regime, power] = program(biased, target, power, seed=seed)
                    except ConvergenceError:
                        found[target, regime, power] = None
                if progress is not None:
                    progress(len(found), total)
    return Reachability(targets=names, regimes=tuple(regimes), powers=tuple(powers), found=found)
