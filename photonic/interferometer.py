"""Two arms between two couplers: the linear optics of every Mach–Zehnder device here."""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.errors import ParameterError, check, concrete
from photonic.namespace import listed, namespace

__all__ = ["check_interferometer", "outputs", "upper_share"]

_Field = tuple[Any, Any]  # real and imaginary part


def check_interferometer(device: Any) -> None:
    """Raise unless phase, couplings, losses and port of ``device`` are sound."""
    check("arm_phase", device.arm_phase, unit="rad")
    for name in ("arm_phase", "input_coupling", "output_coupling", "insertion_loss", "arm_loss"):
        object.__setattr__(device, name, listed(getattr(device, name)))
    for name in ("input_coupling", "output_coupling"):
        check(name, getattr(device, name), at_least=0.0, at_most=1.0)
    for name in ("insertion_loss", "arm_loss"):
        value = getattr(device, name)
        if np.all(concrete(value) > 0) and np.any(concrete(value) < 1):
            got = float(np.min(concrete(value)))
            hint = f"did you mean {1 / got:g} (a transmission of {got:g})?"
            raise ParameterError(f"{name} must be >= 1 (P_in/P_out), got {got:g}: {hint}")
        check(name, value, at_least=1.0)
    if device.port not in ("bar", "cross"):
        raise ParameterError(f"port must be 'bar' or 'cross', got {device.port!r}")


def upper_share(device: Any) -> Any:
    """Share of the input power in arm 1 behind the first coupler [1]."""
    return (1 - device.input_coupling) / device.insertion_loss


def outputs(device: Any, arm: _Field) -> tuple[_Field, _Field]:
    """Bar and cross output, each (re, im), for the transfer ``arm`` of arm 1.

    With couplers [[√(1−k), i√k], [i√k, √(1−k)]] and e^{iφ} in arm 2,
    bar = √((1−k_in)(1−k_out)) t − √(k_in k_out) e^{iφ} and
    cross = i [√((1−k_in) k_out) t + √(k_in (1−k_out)) e^{iφ}].
    """
    k_in, k_out = _scalar(device.input_coupling), _scalar(device.output_coupling)
    xp = namespace(device.arm_phase)
    loss, other = _scalar(device.insertion_loss) ** -0.5, _scalar(device.arm_loss) ** -0.5
    cos, sin = other * _scalar(xp.cos(device.arm_phase)), other * _scalar(xp.sin(device.arm_phase))
    through_bar = loss * ((1 - k_in) * (1 - k_out)) ** 0.5
    other_bar = loss * (k_in * k_out) ** 0.5
    through_cross = loss * ((1 - k_in) * k_out) ** 0.5
    other_cross = loss * (k_in * (1 - k_out)) ** 0.5
    bar = (through_bar * arm[0] - other_bar * cos, through_bar * arm[1] - other_bar * sin)
    cross = (
        -(through_cross * arm[1] + other_cross * sin),
        through_cross * arm[0] + other_cross * cos,
    )
    return bar, cross


def _scalar(value: Any) -> Any:
    """A NumPy number as a Python number, so that it gives way to any array library."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and value.ndim == 0 else value
