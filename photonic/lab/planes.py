"""Where powers are counted: from the instruments to the chip and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from photonic.errors import ParameterError, check, concrete

__all__ = ["ReferencePlane"]


@dataclass(frozen=True, kw_only=True)
class ReferencePlane:
    """What lies between the power readings and the device.

    With a tap ratio x the input reading is that of a monitor behind a tap, and 1 − x goes on:

    P_in(device) = P_in(read) (1 − x)/x / L_in,   P_out(device) = P_out(read) L_out.

    Parameters
    ----------
    input_loss, output_loss : float
        P_before/P_after [1] (>= 1; 1 is lossless) of fibres, couplers and guides before and behind
        the device.
    tap_ratio : float, optional
        Share x of the light that the input monitor gets [1], in (0, 1); the input reading is the
        power itself if left out.

    Raises
    ------
    ParameterError
        A loss below 1 or a tap ratio outside (0, 1).

    Examples
    --------
    >>> from photonic.units import from_db
    >>> plane = ReferencePlane(input_loss=from_db(4.0), output_loss=from_db(4.0), tap_ratio=0.01)
    >>> round(float(plane.input_factor), 2)
    39.41
    """

    input_loss: float = 1.0
    output_loss: float = 1.0
    tap_ratio: float | None = None

    def __post_init__(self) -> None:
        for name in ("input_loss", "output_loss"):
            value = getattr(self, name)
            check(name, value, above=0.0)
            got = float(concrete(value))
            if got < 1:
                hint = f"did you mean {1 / got:g} (a transmission of {got:g})?"
                raise ParameterError(f"{name} must be >= 1 (P_before/P_after), got {got:g}: {hint}")
        if self.tap_ratio is not None:
            check("tap_ratio", self.tap_ratio, above=0.0, below=1.0)

    @property
    def input_factor(self) -> float:
        """Power at the input of the device over the reading [1]."""
        tap = 1.0 if self.tap_ratio is None else (1 - self.tap_ratio) / self.tap_ratio
        return float(tap / self.input_loss)

    @property
    def output_factor(self) -> float:
        """Power at the output of the device over the reading [1]."""
        return float(self.output_loss)

    def as_dict(self) -> dict[str, Any]:
        """The three numbers, fit for JSON."""
        return {name: getattr(self, name) for name in ("input_loss", "output_loss", "tap_ratio")}
