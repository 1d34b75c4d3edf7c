"""From voltage back to light: a laser behind a Mach–Zehnder modulator for each channel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import whole_number
from photonic.errors import one_number, unknown_name

__all__ = ["Modulator"]

_WATTS = (1e-12, 10.0)
_SCALES = {"milliwatts": 1e-3, "microwatts": 1e-6}


class Modulator:
    """Each voltage sets the power of a channel, P = P_laser (f + (1 − f) sin²(π (V + V_b)/(2 V_π))).

    The transfer of an ideal Mach–Zehnder modulator with power extinction 1/f (B. E. A. Saleh and M. C.
    Teich, Fundamentals of Photonics, section on integrated electro-optic modulators). It is periodic:
    a voltage beyond the peak brings the power down again, and nothing is clipped.

    Parameters
    ----------
    channels : int
    laser_power : float
        P_laser [W] of one channel, the highest power behind its modulator.
    half_wave_voltage : float
        V_π [V]: from the least power to the highest.
    bias_voltage : float
        V_b [V]; the starting value where it is trained.
    extinction_ratio : float
        1/f [1], >= 1; infinite for an ideal one.
    trained : sequence of {"bias_voltage"}
        Whether the bias voltages are learned, one of each channel, in units of V_π.
    name : str

    Raises
    ------
    ParameterError
        Settings out of bounds.

    Examples
    --------
    >>> import numpy as np
    >>> stage = Modulator(3, 1e-3, half_wave_voltage=2.0)
    >>> stage.forward(np.array([[0.0, 1.0, 2.0]]))[0].round(9).tolist()  # dark, half, full [W]
    [[0.0, 0.0005, 0.001]]
    """

    takes: Kind = "numbers"
    gives: Kind = "powers"
    noisy = False

    def __init__(
        self,
        channels: int,
        laser_power: float,
        *,
        half_wave_voltage: float = 1.0,
        bias_voltage: float = 0.0,
        extinction_ratio: float = math.inf,
        trained: Sequence[str] = (),
        name: str = "modulator",
    ) -> None:
        self.name = name
        self.inputs = self.outputs = whole_number("channels", channels)
        self.laser_power = one_number(
            "laser_power", laser_power, unit="W", above=0.0, plausible=_WATTS, scales=_SCALES
        )
        self.half_wave_voltage = one_number("half_wave_voltage", half_wave_voltage, unit="V", above=0.0)
        self.bias_voltage = one_number("bias_voltage", bias_voltage, unit="V")
        if extinction_ratio != math.inf:
            extinction_ratio = one_number("extinction_ratio", extinction_ratio, at_least=1.0)
        self.floor = 1.0 / extinction_ratio
        for part in trained:
            if part != "bias_voltage":
                raise unknown_name("trained setting", part, ("bias_voltage",))
        self.size = self.inputs if trained else 0
        self.bind(np.zeros(self.size), np.zeros(self.size))
        self._start()

    @property
    def identity(self) -> str:
        """Text of every setting, starting values included."""
        volts = f"{self.half_wave_voltage!r} V, bias {self.bias_voltage!r} V"
        trained = ", bias trained" if self.size else ""
        return f"Modulator({self.inputs}, {self.laser_power!r} W, {volts}, floor {self.floor!r}{trained})"

    def __repr__(self) -> str:
        return f"<{self.name}: {self.identity}>"

    @property
    def supply(self) -> float:
        """Of all lasers [W]."""
        return self.outputs * self.laser_power

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Bias voltages over V_π [1], where they are trained."""
        self._parameters, self._gradient = parameters, gradient

    def initialise(self, generator: np.random.Generator) -> None:
        """Bias voltages as given; nothing is drawn."""
        self._start()

    def _start(self) -> None:
        self._parameters[:] = self.bias_voltage / self.half_wave_voltage

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Powers [W] of a batch of voltages [V], shape (rows, channels)."""
        signal = checked_signal(signal, self.inputs, "numbers", self.name)
        fixed = signal.dtype.type(self.bias_voltage / self.half_wave_voltage)
        bias = self._parameters if self.size else fixed
        half = (0.5 * math.pi) * (signal / signal.dtype.type(self.half_wave_voltage) + bias)
        sine, cosine = np.sin(half), np.cos(half)
        power = self.laser_power * (self.floor + (1 - self.floor) * sine * sine)
        return power, (sine, cosine)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/dV [1/V] from dL/dP [1/W], by dP/dV = P_laser (1 − f) π sin(φ) cos(φ)/V_π."""
        sine, cosine = kept
        per_bias = upstream * ((math.pi * self.laser_power * (1 - self.floor)) * sine * cosine)
        if self.size:
            self._gradient[:] = per_bias.sum(axis=0)
        return per_bias / per_bias.dtype.type(self.half_wave_voltage) if wanted else None
