"""Checks of numbers that several optical parts are built from, with what was likely meant."""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.errors import ParameterError, one_number, real_numbers

__all__ = ["checked_loss", "checked_responsivity"]

_MOST_LOSS = 1e6  # P_in/P_out of one part, 60 dB: more is a mistake
_MOST_RESPONSIVITY = 10.0  # [A/W], of an avalanche photodiode; q λ/(h c) is 1.25 A/W at 1.55 µm


def checked_loss(name: str, value: Any) -> np.ndarray:
    """``value`` as P_in/P_out [1] from 1 to 10⁶, a number or an array.

    Raises
    ------
    ParameterError
        Below 1: the message names what a transmission or a number of dB would be. Above 10⁶.

    Examples
    --------
    >>> float(checked_loss("insertion_loss", 2.0))
    2.0
    """
    loss = real_numbers(name, value)
    least = float(np.min(loss, initial=1.0))
    if least < 1:
        meant = [f"{10 ** (abs(least) / 10):.4g} ({abs(least):g} dB)"] if -60 < least != 0 else []
        meant += [f"{1 / least:.4g} (a transmission of {least:g})"] if least > 0 else []
        hint = f": did you mean {' or '.join(meant)}?" if meant else ""
        raise ParameterError(f"{name} must be >= 1 (P_in/P_out), got {least:g}{hint}")
    if (most := float(np.max(loss, initial=1.0))) > _MOST_LOSS:
        raise ParameterError(f"{name} must be <= {_MOST_LOSS:g} (P_in/P_out, 60 dB), got {most:g}")
    return loss


def checked_responsivity(value: Any) -> float:
    """``value`` as a responsivity [A/W] that a photodiode may have.

    Raises
    ------
    ParameterError
        Not in (0, 10] A/W.

    Examples
    --------
    >>> checked_responsivity(0.8)
    0.8
    """
    found = one_number("responsivity", value, unit="A/W", above=0.0)
    if found > _MOST_RESPONSIVITY:
        raise ParameterError(
            f"responsivity must be <= {_MOST_RESPONSIVITY:g} A/W, got {found:g}: a photodiode gives at most "
            f"about 1.25 A/W at 1.55 µm without gain; did you mean {found * 1e-3:g} A/W (mA/W)?"
        )
    return found
