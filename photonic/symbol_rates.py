"""Errors of a static curve at many symbol rates, and the range of rates in which it holds."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from photonic import units
from photonic.regime import SymbolWindow
from photonic.symbols import Settling, StreamError

__all__ = ["Cause", "Criterion", "RateError", "SymbolRateLimit"]

Criterion = Literal["rms", "largest"]
Cause = Literal["photons", "carriers", "heat", "scan"]


@dataclass(frozen=True, kw_only=True)
class RateError(StreamError):
    """Error of the curve [1] at one symbol time [s]; `StreamError` says which.

    ``without_heat`` is the rms error with heat standing still, ``estimate`` the first-order one of
    `photonic.regime.symbol_error` (NaN where there is none).
    """

    symbol_time: float
    without_heat: float
    estimate: float

    @property
    def rate(self) -> float:
        """Symbol rate [1/s]."""
        return 1 / self.symbol_time


@dataclass(frozen=True, kw_only=True)
class SymbolRateLimit:
    """Symbol rates for which a static curve is right within a tolerance, as measured in time.

    ``highest`` and ``lowest`` [1/s] are the outermost scanned rates of the stretch around the
    smallest error in which the ``criterion`` ("rms" or "largest" error) stays within the ``tolerance`` [1];
    None where no rate fits. The next scanned rate beyond, less than ``resolution`` [1] away, fails;
    ``limited_above_by`` and ``limited_below_by`` say through what: "photons", "carriers" or "heat", the
    largest part of its mean square, or "scan" if everything scanned holds. Without a fitting rate
    they speak of the neighbours of the best one.

    ``scanned`` lists every rate looked at, fast ones first, ``best`` the one with the smallest
    error. ``settling`` is what isolated steps need. ``estimate`` is the window of
    `photonic.regime.symbol_window`, and ``agrees`` whether its errors lie on the same side of the
    tolerance as the measured ones, or within a factor of 2 of them, at every scanned rate; where it
    is infinite it says "more than the tolerance" (None where the estimate does not apply).
    ``mean_temperature`` [K] is where the heat was held; ``symbols`` were counted at each rate, drawn
    with ``seed``.
    """

    highest: float | None
    lowest: float | None
    tolerance: float
    criterion: Criterion
    resolution: float
    limited_above_by: Cause
    limited_below_by: Cause
    best: RateError
    scanned: tuple[RateError, ...]
    settling: Settling
    estimate: SymbolWindow | None
    agrees: bool | None
    mean_temperature: float
    symbols: int
    seed: int

    @property
    def fits(self) -> bool:
        """Whether the curve holds at any rate."""
        return self.highest is not None

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, for JSON; what is infinite or not a number is None."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: plain(v) for name, v in value.items()}
            if isinstance(value, list | tuple):
                return [plain(v) for v in value]
            return None if isinstance(value, float) and not math.isfinite(value) else value

        found: dict[str, Any] = plain(dataclasses.asdict(self))
        return found

    def table(self) -> str:
        """The result in words, then a line for each scanned rate."""
        best, share = self.best, 100 * self.tolerance
        if self.highest is None or self.lowest is None:
            head = (
                f"no symbol rate: the {self.criterion} error is "
                f"{100 * getattr(best, self.criterion):.1f} % at best, at "
                f"{units.engineering(best.rate, 'Bd', 2)}; {self.limited_above_by} above, "
                f"{self.limited_below_by} below"
            )
        else:
            low, high = (units.engineering(v, "Bd", 2) for v in (self.lowest, self.highest))
            head = (
                f"{self.criterion} error within {share:g} % from {low} ({self.limited_below_by}) to {high} "
                f"({self.limited_above_by}); best {100 * best.rms:.1f} % rms at "
                f"{units.engineering(best.rate, 'Bd', 2)}"
            )
        steps = self.settling
        each = (("from dark", steps.from_dark), ("from full power", steps.from_full), ("drift", steps.drift))
        lines = [
            head,
            "a step settles  "
            + ", ".join(f"{n} {'never' if math.isinf(t) else units.engineering(t, 's', 2)}" for n, t in each),
            f"first order     {self._estimate_words()}",
            "rate       symbol     rms [%]       largest [%]  mean [%]  no heat [%]  first order [%]",
        ]
        lines += [
            f"{units.engineering(e.rate, 'Bd', 3):<10} {units.engineering(e.symbol_time, 's', 3):<10} "
            f"{100 * e.rms:5.2f} ± {100 * e.standard_error:4.2f}  {100 * e.largest:9.1f}  "
            f"{100 * e.mean:+9.2f}  {100 * e.without_heat:9.2f}  {_percent(e.estimate)}"
            for e in self.scanned
        ]
        return "\n".join(lines)

    def _estimate_words(self) -> str:
        if self.agrees is None:
            return "does not apply to this ring"
        verdict = "agrees" if self.agrees else "does not agree"
        if self.estimate is None:
            return f"no symbol rate: {verdict}"
        low, high = (
            "0" if math.isinf(t) else "any" if t == 0 else units.engineering(1 / t, "Bd", 2)
            for t in (self.estimate.longest, self.estimate.shortest)
        )
        return f"{low} to {high}: {verdict}"


def _percent(value: float) -> str:
    return f"{100 * value:9.2f}" if math.isfinite(value) else " beyond it" if value > 0 else "        –"
