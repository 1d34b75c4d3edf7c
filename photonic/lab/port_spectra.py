"""The spectrum of one port at low power, as a fit takes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from photonic.device import check_power
from photonic.errors import ParameterError, one_number, real_numbers, unknown_name
from photonic.lab.measured_spectrum import MeasuredSpectrum

__all__ = ["Port", "PortSpectrum", "port_spectrum"]

Port = Literal["through", "drop", "bar", "cross"]


@dataclass(frozen=True, eq=False, repr=False)
class PortSpectrum:
    """Output power against wavelength around one resonance, so faint that nothing is nonlinear.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        Vacuum wavelength [m], rising.
    power_out : array_like, shape (n,)
        Output power [W], or transmission [1] if ``relative``.
    sigma : array_like, shape (n,) or one number, optional
        Standard deviation of one reading, in the unit of ``power_out``, > 0.
    metadata : mapping
        Anything to keep with the data (JSON types).
    repeats : array_like of int, shape (n,), or one number, optional
        How many sweeps each point is the mean of; one if left out.
    port : {"through", "drop", "bar", "cross"}, optional
        Which port of the ring or the interferometer; that of the device if left out.
    laser_power : float, optional
        Power at the input [W] all through the sweep; if left out, the largest reading, so that an
        "output_scale" free for this spectrum starts near 1.
    relative : bool
        Whether ``power_out`` is a ratio to the input power [1] instead of a power [W].

    Raises
    ------
    ParameterError
        Wavelengths that do not rise, arrays of unlike shapes, an unknown port.

    Examples
    --------
    >>> PortSpectrum([1.5499e-6, 1.55e-6, 1.5501e-6], [0.9, 0.1, 0.9], port="through", relative=True)
    PortSpectrum(3 points, 1549.9 nm to 1550.1 nm, through, relative)
    """

    wavelength: Any
    power_out: Any
    sigma: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    repeats: Any = None
    port: Port | None = None
    laser_power: float | None = None
    relative: bool = False

    def __post_init__(self) -> None:
        spectrum = MeasuredSpectrum(self.wavelength, self.power_out, relative=self.relative)
        wavelength, out = spectrum.wavelength, spectrum.power
        if out.shape[1] != 1:
            raise ParameterError(f"power_out must be one-dimensional, got {out.shape[1]} columns")
        if self.port is not None and self.port not in get_args(Port):
            raise unknown_name("port", self.port, get_args(Port))
        columns = {"wavelength": wavelength, "power_out": out[:, 0]}
        if self.sigma is not None:
            unit = "[1]" if self.relative else "W"
            columns["sigma"] = _like(
                "sigma", real_numbers("sigma", self.sigma, unit=unit, above=0.0), wavelength
            )
        repeats = real_numbers("repeats", 1 if self.repeats is None else self.repeats, at_least=1)
        if np.any(repeats != np.round(repeats)):
            raise ParameterError(f"repeats must hold whole numbers, got {self.repeats!r}")
        columns["repeats"] = _like("repeats", repeats.astype(int), wavelength)
        if self.laser_power is not None:
            if self.relative:
                raise ParameterError("laser_power is for readings in W: relative ones are ratios to it")
            check_power("laser_power", self.laser_power, above=0.0)
            object.__setattr__(self, "laser_power", one_number("laser_power", self.laser_power, unit="W"))
        for name, array in columns.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        span = f"{self.wavelength[0] * 1e9:.7g} nm to {self.wavelength[-1] * 1e9:.7g} nm"
        port = "" if self.port is None else f", {self.port}"
        return f"PortSpectrum({len(self)} points, {span}{port}{', relative' if self.relative else ''})"

    def __len__(self) -> int:
        return int(self.wavelength.size)

    @property
    def standard_error(self) -> np.ndarray | None:
        """Standard deviation of each point, the mean of its ``repeats``; None without ``sigma``."""
        return None if self.sigma is None else self.sigma / np.sqrt(self.repeats)

    @property
    def reference(self) -> float:
        """What a reading of full transmission is [W or 1], scales aside."""
        if self.relative:
            return 1.0
        return float(np.max(self.power_out)) if self.laser_power is None else self.laser_power

    def take(self, which: Any) -> PortSpectrum:
        """Some of the points, with the same `reference`: a slice, a mask or rising indices."""
        chosen = {name: getattr(self, name)[which] for name in ("wavelength", "power_out", "repeats")}
        sigma = None if self.sigma is None else self.sigma[which]
        power = None if self.relative else self.reference
        return dataclasses.replace(self, sigma=sigma, laser_power=power, **chosen)


def port_spectrum(spectrum: MeasuredSpectrum, channel: str | None = None, **more: Any) -> PortSpectrum:
    """One channel of a measured spectrum for a fit; ``more`` are the other arguments of `PortSpectrum`.

    Raises
    ------
    ParameterError
        There are several channels and none was chosen, or there is none of that name.

    Examples
    --------
    >>> both = MeasuredSpectrum([1.54e-6, 1.55e-6], [[1e-3, 0.0], [1e-4, 8e-4]], ("through", "drop"))
    >>> port_spectrum(both, "drop", port="drop").power_out.tolist()
    [0.0, 0.0008]
    """
    names = tuple(spectrum.channels or ())
    if channel is None:
        if len(names) > 1:
            listed = ", ".join(map(repr, names))
            raise ParameterError(
                f"a fit takes one channel of a spectrum, got {listed}: port_spectrum(spectrum, channel)"
            )
        channel = names[0]
    more = {"metadata": spectrum.metadata, "relative": spectrum.relative, **more}
    return PortSpectrum(spectrum.wavelength, spectrum.channel(channel), **more)


def _like(name: str, array: np.ndarray, wavelength: np.ndarray) -> np.ndarray:
    if array.ndim and array.shape != wavelength.shape:
        raise ParameterError(
            f"{name} must have the shape of wavelength {wavelength.shape}, got {array.shape}"
        )
    return np.array(np.broadcast_to(array, wavelength.shape))
