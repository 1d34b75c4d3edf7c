"""A microring weight bank: wavelengths weighed by rings and summed in a pair of photodiodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from nets.optical.bank_buses import checked_bus_length, checked_bus_phases
from nets.optical.bank_channels import wavelength_channels
from nets.optical.bank_heaters import ring_powers
from nets.optical.bank_optics import BankOptics, BankSpectra
from nets.optical.bank_precision import noisy_detunings, quantised_detunings
from nets.optical.bank_programming import OwnWeight, check_reached, own_weight, programmed_detunings
from nets.optical.heater_bill import checked_heaters
from nets.optical.part_checks import checked_loss, checked_responsivity
from nets.optical.receiver import Receiver
from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import told, whole_number
from photonic.errors import ParameterError, checked_seed, one_number, real_numbers, unknown_name
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["WeightBank"]

Detection = Literal["balanced", "drop"]


class WeightBank:
    """Rings that weigh the powers on N wavelengths, for each of M outputs.

    The light of N channels, on one guide, is shared out to M banks. Bank m has one add-drop ring for each
    channel, between an input bus and a drop bus. With balanced detection (A. N. Tait et al., J. Lightwave
    Technol. 32, 4029 (2014); IEEE J. Sel. Top. Quantum Electron. 22, 312 (2016)) the outputs are

        y_m = G 𝓡/(M ℓ) Σ_j w_mj P_j,   w_mj = D_mj − T_mj,

    with D_mj and T_mj the share of channel j that reaches the end of the drop and of the input bus. Every
    ring acts on every channel, periodically in its free spectral range. Trained are all M·N detunings.

    Light that a ring drops runs back past the rings before it, which move some of it to the input bus
    again. By default these passes add as powers, as they do on average over unknown phases of the
    buses. With ``bus_phases`` they interfere, exactly; see `nets.optical.bank_cascade`. That moves
    weights by about a tenth where channels stand five linewidths apart, and half as much at twice that:
    a real bank is programmed by what comes out of it. Rings are linear here: keep each channel well
    below the power at which they heat or fill with carriers.

    With ``detection="drop"`` nothing is detected: y_m = Σ_j D_mj P_j/(M ℓ) are the powers on the M drop
    buses, each on N wavelengths. Such a sum can drive what answers to power alone: a photodiode, an
    absorber, a guide heated or filled with carriers. It cannot drive one resonance.

    Where a generator is given and ``bandwidth`` B is set, the difference of the currents I₊ and I₋ of
    both photodiodes has normal noise of variance 2 q (I₊ + I₋) B + 2 · 4 k_B T B/R_L (shot noise of
    both, thermal noise of a load each). Lasers and photodiodes have no other noise.

    Parameters
    ----------
    inputs, outputs : int
        Channels N and banks M [1].
    ring : Ring, optional
        The ring of every channel, its wavelength in the middle of all; an assumed one, of loaded quality
        factor 1e4 and 18 nm free spectral range, if left out (`nets.optical.bank_ring.BANK_RING`).
    channel_spacing : float, optional
        [Hz]; if left out, channels stand evenly over a free spectral range.
    detection : {"balanced", "drop"}
        What comes out: numbers, or powers [W].
    responsivity : float
        𝓡 of each photodiode [A/W]; the default is an assumption.
    transimpedance : float
        G, volts per ampere of the difference of both currents [Ω]; a number out is a voltage in volts, which
        at the default of 1 Ω reads as the current in amperes.
    excess_loss : float
        ℓ, power in over power into all banks [1], >= 1.
    bandwidth, load_resistance : float, optional
        B [Hz] and R_L [Ω] of each photodiode; without B there is no noise, without R_L no thermal noise.
    temperature : float
        T of the loads [K].
    bus_phases : float or array_like, optional
        Phase of one round between neighbouring rings, along one bus and back on the other, at the middle
        frequency [rad]; broadcast to shape (outputs, inputs − 1).
    bus_length : float
        Length of that round [m], with the ring's group index; with ``bus_phases`` only.
    detunings : array_like, optional
        δ [half-linewidths], shape (outputs, inputs); > 0 puts a ring to the red of its channel.
        Training starts there. If left out, every ring stands on its channel until `initialise` draws.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        More channels than a free spectral range holds; numbers out of bounds.

    Warns
    -----
    ChannelOverlapWarning
        Channels closer than a linewidth.

    Examples
    --------
    >>> import numpy as np
    >>> bank = WeightBank.from_weights([[0.5, -0.25], [0.0, 0.75]], responsivity=1.0)
    >>> out, _ = bank.forward(np.array([[1e-3, 2e-3]]))  # powers [W] of two wavelengths
    >>> [round(1e6 * float(y), 6) for y in out[0]]  # half of Σ w P, µA
    [0.0, 750.0]
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        ring: Ring | None = None,
        channel_spacing: float | None = None,
        detection: Detection = "balanced",
        responsivity: float = 1.0,
        transimpedance: float = 1.0,
        excess_loss: float = 1.0,
        bandwidth: float | None = None,
        load_resistance: float | None = None,
        temperature: float = 300.0,
        bus_phases: Any = None,
        bus_length: float = 0.0,
        detunings: Any = None,
        name: str = "weight bank",
    ) -> None:
        self.inputs, self.outputs = whole_number("inputs", inputs), whole_number("outputs", outputs)
        if detection not in ("balanced", "drop"):
            raise unknown_name("detection", detection, ("balanced", "drop"))
        self.detection, self.name = detection, name
        self.wavelengths_mixed = detection == "drop"  # in each channel out
        self.responsivity = checked_responsivity(responsivity)
        self.transimpedance = one_number("transimpedance", transimpedance, unit="Ω", above=0.0)
        self.excess_loss = one_number("excess_loss", checked_loss("excess_loss", excess_loss))
        self.receiver = Receiver(
            bandwidth=bandwidth, load_resistance=load_resistance, temperature=temperature
        )
        if self.noisy and detection != "balanced":
            raise ParameterError("bandwidth is that of balanced detection: with 'drop' nothing is detected")
        self.optics = BankOptics(
            channels=wavelength_channels(self.inputs, ring, channel_spacing),
            balanced=detection == "balanced",
            bus_phases=checked_bus_phases(bus_phases, (self.outputs, self.inputs - 1)),
            bus_length=checked_bus_length(bus_length, bus_phases is None),
        )
        self._start = None if detunings is None else self._shaped("detunings", detunings, "half-linewidths")
        self.detunings = np.zeros((self.outputs, self.inputs)) if self._start is None else self._start.copy()
        self._gradient = np.zeros_like(self.detunings)

    def _shaped(self, name: str, values: Any, unit: str, **bounds: float) -> np.ndarray:
        given = real_numbers(name, values, unit=unit, **bounds)
        if given.shape != (self.outputs, self.inputs):
            raise ParameterError(
                f"{name} must be of shape ({self.outputs}, {self.inputs}), got shape {given.shape}"
            )
        return given

    # ------------------------------------------------------------------ physics
    @property
    def wavelengths(self) -> np.ndarray:
        """Of the channels [m], rising, shape (inputs,)."""
        return self.optics.channels.wavelengths

    @property
    def channel_spacing(self) -> float:
        """Between neighbours [Hz]."""
        return self.optics.channels.spacing

    @property
    def weight_range(self) -> tuple[float, float]:
        """Weights [1] of a ring alone: halfway to the next channel, and on its channel."""
        return self._own().range

    def weights(self) -> np.ndarray:
        """Effective weights w [1], what neighbouring rings take included, shape (outputs, inputs)."""
        return self.optics.weigh(self._float64())[0]

    def crosstalk_matrix(self) -> np.ndarray:
        """∂w_mj/∂δ_mi [1 per half-linewidth], shape (outputs, inputs j, inputs i).

        The diagonal is what a ring does to its own channel; beside it stands what it does to others.
        """
        return np.moveaxis(self.optics.slopes(self.optics.weigh(self._float64())[1]), 0, -1)

    def spectra(self, wavelength: Any) -> BankSpectra:
        """Through and drop power of each bank over the power at its input, at a ``wavelength`` [m].

        Examples
        --------
        >>> bank = WeightBank(1, 1)
        >>> found = bank.spectra(bank.wavelengths)
        >>> round(float(found.drop[0, 0] - found.through[0, 0]), 3)
        0.947
        """
        light = real_numbers("wavelength", wavelength, unit="m", plausible=(0.4e-6, 20e-6))
        if not light.size:
            raise ParameterError("wavelength must hold at least one number [m], got none")
        given = self.optics.cascade(self._float64(), 2 * math.pi * SPEED_OF_LIGHT / light.ravel())
        shape = (self.outputs, *light.shape)
        return BankSpectra(light, given.through.reshape(shape), given.drop.reshape(shape))

    def heater_power(self, heaters: Heaters | None = None) -> np.ndarray:
        """Electrical power of each ring's heater [W], shape (outputs, inputs); see `bank_heaters`.

        Cold rings stand on their channels, or where ``heaters.detuning_unheated`` [rad/s] says. Heat moves
        them red: a ring to the blue of that goes a free spectral range round, with a warning.

        >>> float(WeightBank(2, 1, detunings=[[0.0, 1.0]]).heater_power().sum().round(6))  # half a linewidth
        0.000654
        """
        return ring_powers(self.optics.channels, self._float64(), checked_heaters(heaters))

    def _float64(self) -> np.ndarray:
        return self.detunings.astype(np.float64)

    def _own(self) -> OwnWeight:
        return own_weight(self.optics.channels, self.optics.balanced)

    # ------------------------------------------------------------------ programming
    @classmethod
    def from_weights(cls, weights: Any, *, corrected: bool = True, **settings: Any) -> Self:
        """Bank with those effective ``weights`` [1], shape (outputs, inputs); see `programmed`.

        Parameters
        ----------
        weights : array_like
            w [1].
        corrected : bool
            Whether for what neighbours take.
        **settings
            As for `WeightBank`, without ``detunings``.
        """
        given = real_numbers("weights", weights, unit="[1]")
        if given.ndim != 2:
            raise ParameterError(f"weights must be of shape (outputs, inputs), got shape {given.shape}")
        return cls(given.shape[1], given.shape[0], **settings).programmed(given, corrected=corrected)

    def programmed(self, weights: Any, *, corrected: bool = True) -> Self:
        """The same bank with detunings that give ``weights`` [1], shape (outputs, inputs).

        Detunings lie between 0 and halfway to the next channel, to the red, as heaters move rings. Where not
        ``corrected`` for what neighbours take, each ring is set as if it were alone.

        Raises
        ------
        ParameterError
            Weights out of reach.

        Examples
        --------
        >>> bank = WeightBank(2, 1).programmed([[0.5, -0.5]])
        >>> [round(float(w), 6) for w in bank.weights()[0]]
        [0.5, -0.5]
        """
        least = -1.0 if self.optics.balanced else 0.0
        wanted, own = self._shaped("weights", weights, "[1]", at_least=least, at_most=1.0), self._own()
        if not corrected:
            alone = own.detunings(own.clipped_line(wanted))
            check_reached(wanted, own.value(alone), own)
            return self._with(alone)

        def slopes(detunings: np.ndarray, banks: np.ndarray) -> np.ndarray:
            return np.moveaxis(self.optics.slopes(self.optics.weigh(detunings, banks)[1]), 0, -1)

        return self._with(programmed_detunings(wanted, own, lambda d, b: self.optics.weigh(d, b)[0], slopes))

    def with_weight_precision(self, bits: float, *, seed: int) -> Self:
        """The same bank, each ring set a little wrong: bits = log2(range/σ) with σ the error of a weight.

        Errors are normal, of σ = (highest − lowest of `weight_range`)/2^bits, independent, drawn once
        from ``seed``, and made by detunings, so that weights stay physical. A draw beyond what a ring
        can do is drawn again.
        """
        exponent = one_number("bits", bits, unit="[1]", above=0.0, at_most=64.0)
        generator = np.random.default_rng(checked_seed("seed", seed))
        return self._with(noisy_detunings(self._float64(), self._own(), exponent, generator))

    def with_quantised_weights(self, bits: int) -> Self:
        """The same bank, each ring at the nearest of 2^bits settings, evenly spaced in its own weight.

        The settings run over `weight_range`; a trained ring beyond it takes the nearest end.
        """
        levels = whole_number("bits", bits)
        if levels > 52:
            raise ParameterError(f"bits must be <= 52, got {levels}")
        return self._with(quantised_detunings(self._float64(), self._own(), levels))

    def with_detuning_error(self, sigma: float, *, seed: int) -> Self:
        """The same bank, each ring off by a normal error of ``sigma`` [half-linewidths]."""
        width = one_number("sigma", sigma, unit="half-linewidths", at_least=0.0)
        drawn = np.random.default_rng(checked_seed("seed", seed)).standard_normal(self.detunings.shape)
        return self._with(self._float64() + width * drawn)

    def _with(self, detunings: np.ndarray) -> Self:
        """The same bank with those detunings, bound to nothing."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.detunings, other._start = detunings, detunings.copy()
        other._gradient = np.zeros_like(detunings)
        return other

    # ------------------------------------------------------------------ stage
    one_wavelength = True  # in each channel in

    def __repr__(self) -> str:
        return f"<WeightBank of {self.inputs} wavelengths to {self.outputs} banks, {self.detection}>"

    @property
    def takes(self) -> Kind:
        """Powers, one wavelength a channel."""
        return "powers"

    @property
    def gives(self) -> Kind:
        """Numbers [V] of balanced detection, else powers."""
        return "numbers" if self.optics.balanced else "powers"

    @property
    def size(self) -> int:
        """Detunings that are trained."""
        return self.inputs * self.outputs

    @property
    def noisy(self) -> bool:
        """Whether what is detected has noise where a generator is given."""
        return self.receiver.bandwidth is not None

    @property
    def identity(self) -> str:
        """Text of every setting that is not trained, the start included."""
        ring, optics = self.optics.channels.ring, self.optics
        rates = (ring.coupling_rate, ring.drop_coupling_rate, ring.intrinsic_rate)
        numbers = [ring.wavelength, ring.group_index, ring.circumference, *rates, self.channel_spacing]
        numbers += [self.responsivity, self.transimpedance, self.excess_loss, optics.bus_length]
        phases = None if optics.bus_phases is None else optics.bus_phases.tolist()
        values = [float(x) for x in numbers]
        noise = f", {self.receiver!r}" if self.noisy else ""
        settings = f"{self.detection}{noise}, {values}, {phases}, start={told(self._start)}"
        return f"WeightBank({self.inputs}, {self.outputs}, {settings})"

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let the detunings, and their gradient, be views of these two flat arrays."""
        self.detunings = parameters.reshape(self.outputs, self.inputs)
        self._gradient = gradient.reshape(self.outputs, self.inputs)

    def initialise(self, generator: np.random.Generator) -> None:
        """Start at the given detunings; without any, draw weights of mean 0 and variance 1/inputs.

        They are uniform, over at most 80 % of the lower and the upper reach. Those of
        ``detection="drop"`` are uniform over the reach. Neighbours then add what they take.
        """
        if self._start is not None:
            self.detunings[...] = self._start
            return
        own = self._own()
        low, high = own.range
        if self.optics.balanced:
            high = min(math.sqrt(3 / self.inputs), 0.8 * min(-low, high))
            low = -high
        drawn = generator.uniform(low, high, self.detunings.shape)
        self.detunings[...] = own.detunings(own.clipped_line(drawn))

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Sums of weighed powers, shape (rows, outputs), from powers [W], shape (rows, inputs)."""
        signal = checked_signal(signal, self.inputs, "powers", self.name)
        weights, given = self.optics.weigh(self._float64())
        matrix = (self._scale() * weights).astype(signal.dtype)
        out = signal @ matrix.T
        if generator is None or not self.noisy:
            return out, (signal, matrix, given, None)
        both = self._scale() / self.transimpedance * (given.drop + given.through)
        current = signal @ both.T  # I₊ + I₋ [A]
        noise, slope = self.receiver.draw(current, generator, photodiodes=2)
        return (out + self.transimpedance * noise).astype(out.dtype), (signal, matrix, given, slope)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Set the gradient of all detunings; dL/dP [1/W] where it is ``wanted``."""
        signal, matrix, given, slope = kept
        seeds = self._scale() * (upstream.T @ signal).astype(np.float64)
        below, sums = upstream @ matrix if wanted else None, 0.0
        if slope is not None:
            noise = self._scale() * upstream * slope  # dL/dP of D + T = 1 on that channel
            sums = noise.T @ signal
            if below is not None:
                below = (below + noise @ (given.drop + given.through)).astype(upstream.dtype)
        self._gradient[...] = self.optics.slopes(given, seeds, sums).sum(axis=2).T
        return below

    def _scale(self) -> float:
        """What one watt of weight 1 on one channel gives."""
        detected = self.transimpedance * self.responsivity if self.optics.balanced else 1.0
        return detected / (self.outputs * self.excess_loss)
