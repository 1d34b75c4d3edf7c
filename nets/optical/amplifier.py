"""Optical amplifiers: gain, the light they emit by themselves, and where their gain saturates."""

from __future__ import annotations

from typing import Any

import numpy as np

from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import Untrained, light_kind, whole_number
from photonic.errors import ParameterError, one_number
from photonic.units import PLANCK, SPEED_OF_LIGHT

__all__ = ["Amplifier", "saturated_gain"]

_MOST_GAIN = 1e6  # P_out/P_in of one amplifier: more is a mistake


class Amplifier(Untrained):
    """An amplifier in every channel, of one polarisation: P_out = G P, E_out = √G E.

    Where a generator is given it adds its amplified spontaneous emission: to the field a complex
    normal number of mean square

    P_ASE = n_sp h ν (G − 1) B,  with n_sp from the noise figure F = 2 n_sp (G − 1)/G + 1/G

    (E. Desurvire, Erbium-Doped Fiber Amplifiers, Wiley 1994, chapter 2; half of it is in each
    quadrature). Powers are those of such a field: mean G P + P_ASE, variance 2 G P P_ASE + P_ASE²,
    the beating of signal and emission and of the emission with itself; never negative.

    With ``saturation_power`` the gain falls with the power that enters, ln(G₀/G) = (G − 1) P/P_sat
    (A. E. Siegman, Lasers, section 7.7). n_sp stays that of the small-signal gain.

    Parameters
    ----------
    channels : int
        Amplifiers.
    gain : float
        P_out/P_in [1] for faint light, >= 1.
    noise_figure : float
        F [1] as a ratio, >= 2 − 1/G, the limit of quantum mechanics for an amplifier of any phase.
    bandwidth : float
        B [Hz] of the light that goes on: of the filter behind it, or of a symbol, 1/duration.
    wavelength : float
        Of the light [m].
    saturation_power : float, optional
        P_sat [W], measured inside the amplifier; without it the gain is the same at every power.
    kind : {"fields", "powers"}
        What goes through.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        Settings out of bounds.

    Notes
    -----
    Gradients with noise: of a field those of the readings; of a power the mean of the readings'
    slopes over the unknown phase between signal and emission, given what was read, which is finite
    in the dark: the mean over many draws is the slope of the mean loss.

    Examples
    --------
    >>> import numpy as np
    >>> amplifier = Amplifier(1, 100.0, noise_figure=4.0, bandwidth=10e9, kind="powers")
    >>> amplifier.forward(np.array([[2e-6]]))[0]
    array([[0.0002]])
    >>> round(float(amplifier.emission(100.0)) * 1e6, 3)  # µW
    0.256
    """

    noisy = True

    def __init__(
        self,
        channels: int,
        gain: float,
        *,
        noise_figure: float,
        bandwidth: float,
        wavelength: float = 1.55e-6,
        saturation_power: float | None = None,
        kind: Kind = "fields",
        name: str = "amplifier",
    ) -> None:
        self.name = name
        self.inputs = self.outputs = whole_number("channels", channels)
        self.takes = self.gives = light_kind(kind)
        self.gain = one_number("gain", gain, unit="[1]", at_least=1.0)
        if self.gain > _MOST_GAIN:
            raise ParameterError(
                f"gain must be <= {_MOST_GAIN:g} (P_out/P_in, 60 dB), got {self.gain:g}: not in dB"
            )
        self.noise_figure = one_number("noise_figure", noise_figure, unit="[1]")
        if self.noise_figure < 2 - 1 / self.gain:
            raise ParameterError(
                f"noise_figure must be >= 2 − 1/gain = {2 - 1 / self.gain:.6g} as a ratio "
                f"(3 dB is 2), got {self.noise_figure:g}"
            )
        self.bandwidth = one_number("bandwidth", bandwidth, unit="Hz", above=0.0)
        micro = {"micrometres": 1e-6, "nanometres": 1e-9}
        self.wavelength = one_number(
            "wavelength", wavelength, unit="m", above=0.0, plausible=(0.2e-6, 20e-6), scales=micro
        )
        self.saturation_power = saturation_power
        if saturation_power is not None:
            self.saturation_power = one_number("saturation_power", saturation_power, unit="W", above=0.0)

    @property
    def identity(self) -> str:
        """Text of every setting."""
        noise = f"{self.noise_figure!r}, {self.bandwidth!r} Hz, {self.wavelength!r} m"
        return f"Amplifier({self.inputs}, {self.gain!r}, {noise}, {self.saturation_power!r} W, {self.takes})"

    @property
    def inversion(self) -> float:
        """n_sp [1], >= 1; infinite without gain, where what is emitted does not depend on it."""
        return (self.noise_figure * self.gain - 1) / (2 * (self.gain - 1)) if self.gain > 1 else np.inf

    def emission(self, gain: Any) -> np.ndarray:
        """P_ASE [W] of one polarisation in the bandwidth, where the gain is ``gain`` [1]."""
        photons = PLANCK * SPEED_OF_LIGHT / self.wavelength * self.bandwidth
        if self.gain == 1:
            return np.full_like(np.asarray(gain, float), photons * (self.noise_figure - 1) / 2)
        return self.inversion * photons * (np.asarray(gain, float) - 1)

    def _gain(self, power: np.ndarray) -> tuple[Any, Any]:
        """Gain [1] and its slope [1/W] at the powers that enter."""
        if self.saturation_power is None:
            return self.gain, 0.0
        gain = saturated_gain(self.gain, power / self.saturation_power)
        return gain, -gain * (gain - 1) / (self.saturation_power + gain * power)

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Amplified light, same shape."""
        signal = checked_signal(signal, self.inputs, self.takes, self.name)
        wide = signal.astype(np.complex128 if self.takes == "fields" else np.float64)
        power = wide.real**2 + wide.imag**2 if self.takes == "fields" else wide
        gain, slope = self._gain(power)
        out = np.sqrt(gain) * wide if self.takes == "fields" else gain * wide
        steep: Any = None
        if generator is not None:
            emitted = self.emission(gain)
            drawn = generator.standard_normal((2, *wide.shape)) * np.sqrt(emitted / 2)
            if self.takes == "fields":
                steep = drawn[0] + 1j * drawn[1]
                out = out + steep
            else:
                mean, out = out, (np.sqrt(out) + drawn[0]) ** 2 + drawn[1] ** 2
                steep = mean, out, emitted
        return out.astype(signal.dtype), (wide, power, gain, slope, steep)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/d(in), the change of a saturating gain, and of its emission, included."""
        if not wanted:
            return None
        wide, power, gain, slope, noise = kept
        # where the gain is saturated, the emission falls with it
        emission_slope = 0.0 if self.gain == 1 else slope * self.emission(2.0)
        if self.takes == "powers":
            passed, by_emission = (1.0, 0.0) if noise is None else _mean_slopes(*noise)
            below = upstream * (passed * (gain + slope * power) + by_emission * emission_slope)
            return below.astype(upstream.dtype)
        below = np.sqrt(gain) * upstream
        if self.saturation_power is not None:
            # δE_out = √G δE + E δ√G + n δP_ASE/(2 P_ASE): what moves with the power P = |E|²
            moving = wide * slope / (2 * np.sqrt(gain))
            if noise is not None and self.gain > 1:
                moving = moving + noise * slope / (2 * np.maximum(gain - 1, np.finfo(float).tiny))
            below = below + 2 * wide * (upstream.real * moving.real + upstream.imag * moving.imag)
        return below.astype(upstream.dtype)


def saturated_gain(gain: float, power: np.ndarray) -> np.ndarray:
    """G [1] from ln(G₀/G) = (G − 1) p; ``power`` p = P/P_sat [1] >= 0, G₀ = ``gain`` >= 1.

    Examples
    --------
    >>> g = saturated_gain(100.0, np.array([0.1]))
    >>> bool(np.allclose(np.log(100.0 / g), 0.1 * (g - 1)))
    True
    """
    target = np.log(gain)
    y = np.full_like(power, target)  # y = ln G; convex and rising: Newton's steps only come down
    for _ in range(100):
        step = (y + np.expm1(y) * power - target) / (1 + np.exp(y) * power)
        y = np.maximum(y - step, 0.0)
        if np.max(np.abs(step), initial=0.0) < 1e-14 * max(target, 1.0):
            break
    return np.exp(y)


def _mean_slopes(mean: np.ndarray, read: np.ndarray, emitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a reading y by the amplified power x and by the emission s, over the phase between.

    y = |√x + n|² with mean |n|² = s. Given x and y the phase has von Mises' law, and cos θ the mean
    I₁(κ)/I₀(κ), κ = 2√(x y)/s; so dy/dx = √(y/x) I₁/I₀, and y/s depends on x/s only.
    """
    from scipy.special import i0e, i1e

    emits = np.broadcast_to(emitted > 0, mean.shape)
    emitted = np.where(emits, emitted, 1.0)
    kappa = 2 * np.sqrt(mean * read) / emitted
    dark = read / emitted  # the limit for x → 0
    lit = np.sqrt(read / np.where(mean > 0, mean, 1.0)) * (i1e(kappa) / i0e(kappa))
    by_power = np.where(emits, np.where(mean > 0, lit, dark), 1.0)
    return by_power, (read - mean * by_power) / emitted
