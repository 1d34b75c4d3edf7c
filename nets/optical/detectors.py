"""From light to current: photodiodes, and the noise of their readings."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from nets.optical.part_checks import checked_responsivity
from nets.optical.receiver import Receiver
from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import Untrained, light_kind, whole_number
from photonic.errors import ParameterError, one_number, unknown_name

__all__ = ["Detector", "LaserNoise"]

LaserNoise = Literal["common", "independent"]


class Detector(Untrained):
    """A photodiode for each channel: I = R |E|² + I_dark, a current in ampere.

    Where a generator is given and ``bandwidth`` is set, each reading has normal noise of variance

    σ² = 2 q I B + 4 k_B T B/R_L + RIN (I − I_dark)² B

    (shot noise, thermal noise of the load, intensity noise of the laser; see for instance
    G. P. Agrawal, Fiber-Optic Communication Systems, section 4.4). Shot and thermal noise are drawn for
    each photodiode. The intensity noise of one laser moves all photocurrents of a row by the same share,
    so that ratios of them do not see it; with ``laser_noise="independent"`` each photodiode has a
    laser of its own.

    Parameters
    ----------
    channels : int
        Photodiodes.
    responsivity : float
        R [A/W], of the light that arrives.
    takes : {"fields", "powers"}
        What arrives.
    dark_current : float
        I_dark [A].
    bandwidth : float, optional
        B of the electronics [Hz]; without it readings have no noise.
    load_resistance : float, optional
        R_L [Ω]; without it there is no thermal noise.
    temperature : float
        T of the load [K].
    relative_intensity_noise : float
        RIN of the laser [1/Hz].
    laser_noise : {"common", "independent"}
        Whether one laser lights all photodiodes, or each its own.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        Settings out of bounds; noise without a bandwidth.

    Notes
    -----
    Gradients with noise are those of the readings: dI/dP holds dσ/dP times the numbers drawn.

    Examples
    --------
    >>> import numpy as np
    >>> Detector(1, 0.8).forward(np.array([[0.03 + 0.04j]]))[0]  # 2.5 mW
    array([[0.002]])
    """

    gives: Kind = "numbers"

    def __init__(
        self,
        channels: int,
        responsivity: float,
        *,
        takes: Kind = "fields",
        dark_current: float = 0.0,
        bandwidth: float | None = None,
        load_resistance: float | None = None,
        temperature: float = 300.0,
        relative_intensity_noise: float = 0.0,
        laser_noise: LaserNoise = "common",
        name: str = "detector",
    ) -> None:
        self.name = name
        self.inputs = self.outputs = whole_number("channels", channels)
        self.takes = light_kind(takes)
        self.responsivity = checked_responsivity(responsivity)
        self.dark_current = one_number("dark_current", dark_current, unit="A", at_least=0.0)
        self.relative_intensity_noise = one_number(
            "relative_intensity_noise", relative_intensity_noise, unit="1/Hz", at_least=0.0
        )
        if laser_noise not in get_args(LaserNoise):
            raise unknown_name("laser_noise", laser_noise, get_args(LaserNoise))
        self.laser_noise: LaserNoise = laser_noise
        self.receiver = Receiver(
            bandwidth=bandwidth, load_resistance=load_resistance, temperature=temperature
        )
        if relative_intensity_noise and bandwidth is None:
            raise ParameterError("relative_intensity_noise needs the bandwidth [Hz]")

    @property
    def noisy(self) -> bool:  # type: ignore[override]
        """Whether readings have noise where a generator is given."""
        return self.receiver.bandwidth is not None

    @property
    def identity(self) -> str:
        """Text of every setting."""
        noise = ""
        if self.noisy:
            noise = f", {self.receiver!r}, {self.relative_intensity_noise!r}/Hz {self.laser_noise}"
        settings = f"{self.responsivity!r} A/W, {self.dark_current!r} A{noise}"
        return f"Detector({self.inputs}, {self.takes}, {settings})"

    def noise(self, current: Any) -> np.ndarray:
        """Standard deviation [A] of readings whose mean is ``current`` [A]; 0 without a bandwidth."""
        mean = np.asarray(current, float)
        own = np.sqrt(self.receiver.variance(mean))
        return np.hypot(own, self._laser_share * (mean - self.dark_current))

    @property
    def _laser_share(self) -> float:
        """Standard deviation of the laser's power over its mean [1]."""
        return (self.relative_intensity_noise * (self.receiver.bandwidth or 0.0)) ** 0.5

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Currents [A] of a batch, shape (rows, channels)."""
        signal = checked_signal(signal, self.inputs, self.takes, self.name)
        power = signal.real**2 + signal.imag**2 if self.takes == "fields" else signal
        current = self.responsivity * power + self.dark_current
        if generator is None or not self.noisy:
            return current, (signal, None)
        mean = current.astype(np.float64)
        noise, slope = self.receiver.draw(mean, generator)
        read, steep = mean + noise, 1 + slope
        if self.relative_intensity_noise:
            lasers = (len(mean), 1 if self.laser_noise == "common" else self.inputs)
            more = self._laser_share * generator.standard_normal(lasers)
            read, steep = read + more * (mean - self.dark_current), steep + more
        return read.astype(current.dtype), (signal, steep.astype(current.dtype))

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/dP = R dL/dI, and g = 2 R E dL/dI of fields."""
        if not wanted:
            return None
        signal, steep = kept
        slope = self.responsivity * upstream
        if steep is not None:
            slope *= steep
        return 2 * slope * signal if self.takes == "fields" else slope
