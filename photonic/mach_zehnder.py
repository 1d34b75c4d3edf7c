"""The plain Mach–Zehnder interferometer, its first arm linear or a nonlinear waveguide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic.branches import Sweep, check_sweep
from photonic.curve import Curve
from photonic.device import Device, check_power
from photonic.errors import ParameterError, check, concrete
from photonic.interferometer import check_interferometer, outputs, upper_share
from photonic.namespace import namespace
from photonic.waveguide import Waveguide

__all__ = ["MachZehnder"]


@dataclass(frozen=True, eq=False)
class MachZehnder(Device):
    """A Mach–Zehnder interferometer with a phase shifter in arm 2.

    Couplers [[√(1−k), i√k], [i√k, √(1−k)]]. Arm 1 is lossless, or ``arm_length`` of a nonlinear
    `Waveguide`: its loss and its nonlinear phase count, its linear phase is part of ``arm_phase``.
    Linear and 50:50, P_bar = P sin²(φ/2) and P_cross = P cos²(φ/2).

    Parameters
    ----------
    arm_phase : float
        Phase φ of arm 2 against arm 1 [rad].
    input_coupling, output_coupling : float
        Cross-coupled power k [1], in [0, 1]; arm 1 gets 1 − k of the input.
    port : {"bar", "cross"}
    insertion_loss, arm_loss : float
        P_in/P_out [1] (>= 1; 1 is lossless) before the first coupler, and of arm 2.
    waveguide : Waveguide, optional
        Of arm 1.
    arm_length : float
        Of arm 1 [m]; needed with a ``waveguide``.

    Examples
    --------
    >>> from math import pi
    >>> round(MachZehnder(pi / 3).transfer(1e-3) * 1e3, 9)  # mW
    0.25
    """

    arm_phase: Any
    input_coupling: Any = 0.5
    output_coupling: Any = 0.5
    port: Literal["bar", "cross"] = "bar"
    insertion_loss: Any = 1.0
    arm_loss: Any = 1.0
    waveguide: Waveguide | None = None
    arm_length: Any = None

    def __post_init__(self) -> None:
        check_interferometer(self)
        if self.arm_length is not None:
            scales = {"micrometres": 1e-6, "millimetres": 1e-3}
            check("arm_length", self.arm_length, unit="m", above=0.0, plausible=(1e-7, 10.0), scales=scales)
        if (self.waveguide is None) != (self.arm_length is None):
            raise ParameterError("waveguide and arm_length [m] go together: give both or neither")

    @property
    def regime(self) -> str:
        """``"linear"`` without a nonlinear waveguide, ``"frozen heat"`` with one."""
        return "linear" if self.waveguide is None else self.waveguide.regime

    def output_field(
        self, power: Any, sweep: Sweep = "single", solved: np.ndarray | None = None
    ) -> tuple[Any, Any]:
        """Real and imaginary part of the field transfer [1]; there is no hysteresis to sweep."""
        check_sweep(sweep)
        check_power("power", power)
        bar, cross = outputs(self, self._arm(power))
        return bar if self.port == "bar" else cross

    def _arm(self, power: Any) -> tuple[Any, Any]:
        """Field transfer (re, im) of arm 1 at input ``power`` [W]."""
        if self.waveguide is None:
            return 1.0 + 0 * power, 0 * power
        driven = power * upper_share(self)
        size = self.waveguide.transmission(driven, self.arm_length) ** 0.5
        phase = self.waveguide.phase(driven, self.arm_length)
        xp = namespace(phase)
        return size * xp.cos(phase), size * xp.sin(phase)

    def curve(self, power_max: float, points: int = 401, sweep: Sweep = "single") -> Curve:
        """Transfer curve from 0 to ``power_max`` [W] with its exact slope."""
        self._check_curve(power_max, points, sweep)
        device = self.plain()
        power = np.linspace(0.0, float(power_max), int(points))
        numbers = ("arm_phase", "input_coupling", "output_coupling")
        return Curve(
            power,
            device.transfer(power),
            slope=device.gradient(power, ["power"])["power"],
            regime=self.regime,
            branch=sweep,
            metadata={
                "device": "MachZehnder",
                "port": self.port,
                **{name: float(concrete(getattr(self, name))) for name in numbers},
            },
        )
