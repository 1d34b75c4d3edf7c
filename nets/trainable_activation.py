"""Neurons that learn their own shape: the heaters of a silicon device trained together with the weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from nets.activations import Elementwise
from nets.neuron_loops import encode, read_out
from nets.neuron_settings import COUPLINGS, NAMES, NeuronMaps, Neurons, kept_detunings
from photonic.curve import Curve
from photonic.device import check_power
from photonic.device_response import SETTINGS, response_with_slopes
from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError, check, one_number, shown
from photonic.heater_slopes import smooth_heater_power
from photonic.heaters import Heaters

__all__ = ["TrainableActivation", "trained"]


_GAIN = 80.0  # [1], at which the default start rises by 2 per unit of z far above its knee


class _Kept(NamedTuple):
    """What the last `fill` met and found."""

    z: np.ndarray
    parameters: np.ndarray
    slopes: np.ndarray  # dy/d(setting, scale, bias), (rows, n, 6)


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainableActivation(Elementwise):
    """Activation y(z) of cavity-loaded interferometers whose settings are learned with the weights.

    The pre-activation z becomes an input power P = P_full (bias + scale·z), held in [0, P_full] with slope
    0; the output is y = gain·P_out/P_full. Detuning, arm phase, both couplings, scale and bias are
    trained, of each neuron or of the layer, through the exact slopes of the steady state
    (`photonic.device_response`). Smooth maps keep the detuning where the ring has one stable state up to
    full scale, and the couplings in [0.02, 0.98].

    Parameters
    ----------
    start : CavityLoadedMZI, or a sequence of them
        What training starts from; of several, neurons take them in turn. They share ring, port and losses.
    power_max : float
        Full scale P_full [W].
    bias, scale : float
        Starting encoding: power at z = 0 and per unit of z, in full scales [1]; scale > 0.
    per : {"neuron", "layer"}
        Whether every neuron has settings of its own or the layer has one set.
    spread : float
        Standard deviation of the random start of the free numbers of the four settings [1].
    seed : int
        Of the spread.
    rate : float
        How fast settings learn beside the weights [1].
    gain : float, optional
        Output scaling [1]; by default the start devices reach 1 on average, at most.
    heater_penalty : float
        Price of the electrical heater power (`photonic.heater_slopes`), added to the loss [1/W].
    heaters : Heaters
        What they are.
    name : str
        What tables and figures call it.
    detunings : (float, float), optional
        Detunings that are kept to [rad/s], each with one stable state up to full scale; by default those of
        `photonic.stable_detunings` around the (first) start.
    width : int, optional
        Neurons; a network sets it.
    learned : ndarray, optional
        Free numbers to start from instead, as training left them.

    Raises
    ------
    ParameterError
        Wrong numbers, devices that differ in more than their settings, a start outside the stable range,
        detunings without one stable state or, with a price, out of the heater's reach.

    Examples
    --------
    >>> from nets import Network
    >>> network = Network((4, 3, 2), trained(), seed=0)
    >>> neurons = network.activations[0].at(network.activation_parameters[0])
    >>> len(neurons.devices()), neurons.parameters.size
    (3, 18)
    """

    start: CavityLoadedMZI | Sequence[CavityLoadedMZI]
    power_max: float
    bias: float
    scale: float
    per: Literal["neuron", "layer"] = "neuron"
    spread: float = 0.0
    seed: int = 0
    rate: float = 1.0
    gain: float | None = None
    heater_penalty: float = 0.0
    heaters: Heaters = field(default_factory=Heaters, repr=False)
    name: str = "photonic:trained"
    detunings: tuple[float, float] | None = None
    width: int | None = None
    learned: np.ndarray | None = field(default=None, repr=False)
    _start: np.ndarray = field(init=False, repr=False)
    _memory: list[_Kept] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        self._check()
        priced = self.heaters if self.heater_penalty else None
        kept = kept_detunings(self.first, self.power_max, self.detunings, priced)
        object.__setattr__(self, "detunings", kept)
        if self.gain is None:
            object.__setattr__(self, "gain", self._usual_gain())
        check("gain", self.gain, above=0.0)
        rows = 1 if self.per == "layer" or self.width is None else int(self.width)
        if self.learned is None:
            free = self.maps.free(self._starts(rows), self.scale, self.bias)
            draws = np.random.default_rng(self.seed).standard_normal((rows, len(SETTINGS)))
            free[:, : len(SETTINGS)] += self.spread / self.rate * draws
        else:
            free = np.array(self.learned, dtype=float)
            if free.size != rows * len(NAMES):
                raise ParameterError(f"learned must hold {rows * len(NAMES)} numbers, got {free.size}")
        free.setflags(write=False)
        object.__setattr__(self, "_start", free.reshape(-1))

    def _check(self) -> None:
        if not self._devices:
            raise ParameterError("start must hold at least one device")
        for device in self._devices:
            if not isinstance(device, CavityLoadedMZI):
                raise ParameterError(f"start must be a CavityLoadedMZI, or several, got {shown(device)}")
            if not (device.ring.same(self.first.ring) and _fixed(device) == _fixed(self.first)):
                raise ParameterError("start devices must share ring, port and losses")
        if self.width is not None and (
            isinstance(self.width, bool) or not isinstance(self.width, int | np.integer) or self.width < 1
        ):
            raise ParameterError(f"width must be a whole number >= 1, got {self.width!r}")
        check_power("power_max", self.power_max, above=0.0)
        one_number("power_max", self.power_max)
        one_number("bias", self.bias)
        one_number("scale", self.scale, above=0.0)
        one_number("spread", self.spread, at_least=0.0)
        one_number("rate", self.rate, above=0.0)
        one_number("heater_penalty", self.heater_penalty, unit="1/W", at_least=0.0)
        if self.per not in ("neuron", "layer"):
            raise ParameterError(f"per must be 'neuron' or 'layer', got {self.per!r}")

    # ----------------------------------------------------------------- what it is made of
    @property
    def _devices(self) -> list[CavityLoadedMZI]:
        return list(self.start) if isinstance(self.start, list | tuple) else [self.start]  # type: ignore[list-item]

    @property
    def first(self) -> CavityLoadedMZI:
        """The first start device; ring, port and losses are those of all."""
        return self._devices[0]

    @property
    def maps(self) -> NeuronMaps:
        """From free numbers to settings."""
        low, high = self.detunings  # type: ignore[misc]
        return NeuronMaps((low, high), self.rate)

    def _starts(self, rows: int) -> list[CavityLoadedMZI]:
        devices = self._devices
        low, high = self.detunings  # type: ignore[misc]
        for device in devices:
            if not low <= float(device.detuning) <= high:
                raise ParameterError(
                    f"the detuning of a start device must lie in [{low:.4g}, {high:.4g}] rad/s, where there "
                    f"is one stable state up to {self.power_max:g} W, got {float(device.detuning):.4g}"
                )
        return [devices[k % len(devices)] for k in range(rows)]

    def _usual_gain(self) -> float:
        tops = [np.max(d.curve(self.power_max, 101).power_out) for d in self._starts(len(self._devices))]
        return float(self.power_max / np.mean(tops))

    def for_width(self, width: int) -> TrainableActivation:
        """The same for a layer of ``width`` neurons, with a memory of its own."""
        if self.width not in (None, width):
            raise ParameterError(f"the activation has {self.width} neurons, the layer {width}")
        return replace(self, width=width)

    def at(self, parameters: np.ndarray) -> TrainableActivation:
        """The same with ``parameters`` that training has found."""
        return replace(self, learned=np.array(parameters, dtype=float))

    @property
    def parameters(self) -> np.ndarray:
        """Free numbers of the start, neuron after neuron, in the order of `nets.neuron_settings.NAMES`."""
        return self._start

    def neurons(self, parameters: np.ndarray | None = None) -> Neurons:
        """Settings and encoding of each neuron, (n, 4), (n,), (n,); of the start if left out."""
        return self.maps.neurons(self._free(parameters))

    def _free(self, parameters: np.ndarray | None) -> np.ndarray:
        given = self._start if parameters is None else np.asarray(parameters, dtype=float)
        return given.reshape(-1, len(NAMES))

    # ----------------------------------------------------------------- value, slope, gradient
    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        z = self._rows(x)
        found = self._filled(z, parameters)
        value[...] = found[0].reshape(x.shape)
        if derivative is not None:
            derivative[...] = found[1].reshape(x.shape)

    def _rows(self, x: np.ndarray) -> np.ndarray:
        """``x`` as (rows, neurons) in float64."""
        if self.width is not None and (x.ndim == 0 or x.shape[-1] != self.width):
            raise ParameterError(f"inputs must have shape (..., {self.width}), got {x.shape}")
        return np.array(x, dtype=float).reshape(-1, self.width or 1)

    def _filled(self, z: np.ndarray, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(y, dy/dz); what the gradient needs is kept."""
        settings, scale, bias = self.neurons(parameters)
        scale, bias = (np.broadcast_to(v, z.shape[1]) for v in (scale, bias))
        power, value, slope = np.empty_like(z), np.empty_like(z), np.empty_like(z)
        encode(z, scale, bias, float(self.power_max), power)
        device = self.first
        found = response_with_slopes(
            device.ring,
            power,
            settings,
            device.insertion_loss,
            device.arm_loss,
            device.port,
            single_valued=True,
        )
        by_parameter = np.empty((*z.shape, len(NAMES)))
        per_watt = float(self.gain) / self.power_max  # type: ignore[arg-type]
        read_out(
            z, scale, bias, power, per_watt, float(self.power_max), found.field, found.field_slope,
            found.settings_slope, value, slope, by_parameter,
        )  # fmt: skip
        self._memory[:] = [_Kept(z, np.array(parameters), by_parameter)]
        return value, slope

    def parameter_gradient(self, x: np.ndarray, upstream: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        z = self._rows(x)
        kept = self._memory[0] if self._memory else None
        if kept is None or not (np.array_equal(kept.z, z) and np.array_equal(kept.parameters, parameters)):
            self._filled(z, parameters)
            kept = self._memory[0]
        by_setting = np.einsum("rn,rnk->nk", np.asarray(upstream, dtype=float).reshape(z.shape), kept.slopes)
        free = self._free(parameters)
        if len(free) == 1:
            by_setting = by_setting.sum(axis=0, keepdims=True)
        return (by_setting * self.maps.slopes(free)).reshape(-1)

    def saturated(self, z: Any) -> np.ndarray:
        """Whether each pre-activation ``z`` asks for a power outside [0, P_full]."""
        _, scale, bias = self.neurons()
        z = np.asarray(z, dtype=float)
        x = bias + scale * z
        return (x < -1e-6) | (x > 1 + 1e-6)

    # ----------------------------------------------------------------- heaters
    def penalty(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        if self.heater_penalty == 0.0:
            return 0.0
        free = self._free(parameters)
        power, slopes = smooth_heater_power(self.heaters, self.first.ring, self.maps.neurons(free).settings)
        price = self.heater_penalty * (self._copies(len(free)))
        added = np.zeros_like(free)
        added[:, : len(SETTINGS)] = price * slopes * self.maps.slopes(free)[:, : len(SETTINGS)]
        gradient += added.reshape(-1)
        return float(price * power.sum())

    def _copies(self, rows: int) -> int:
        """How many neurons have each row of settings."""
        return (self.width or 1) // rows

    def heater_power(self, parameters: np.ndarray | None = None) -> np.ndarray:
        """Electrical power of each neuron's heaters [W], shape (n,)."""
        return np.array([self.heaters.power(device).total for device in self.devices(parameters)])

    # ----------------------------------------------------------------- for the chip and the eye
    def devices(self, parameters: np.ndarray | None = None) -> list[CavityLoadedMZI]:
        """The device of each neuron (of the layer: one), set as ``parameters`` say."""
        rows = self.neurons(parameters).settings
        return [
            replace(
                self.first,
                detuning=float(row[0]),
                arm_phase=float(row[1]),
                input_coupling=float(row[2]),
                output_coupling=float(row[3]),
            )
            for row in rows
        ]

    def curves(self, parameters: np.ndarray | None = None, points: int = 401) -> list[Curve]:
        """The transfer curve of each neuron up to full scale."""
        return [device.curve(self.power_max, points) for device in self.devices(parameters)]

    @property
    def encoding(self) -> str:
        """How a number becomes a power and back, in one sentence."""
        unit = float(self.power_max / self.gain)  # type: ignore[operator]
        return (
            f"x = {self.bias:g} + {self.scale:g} z of full scale {self.power_max:g} W at the start, both "
            f"trained, held at the ends of [0, 1] with slope 0; y = P_out / {unit:g} W; "
            f"{self.first.regime} device"
        )

    def statement(self) -> str:
        """What is random, frozen, trained and back-propagated, in words."""
        half = float(self.first.ring.linewidth) / 2
        low, high = (end / half for end in self.detunings)  # type: ignore[union-attr]
        drawn = f"the settings start {self.spread:g} apart, drawn with seed {self.seed}"
        random = drawn if self.spread else "nothing but the weights: neurons start from the given devices"
        price = f"; the loss pays {self.heater_penalty:g} per watt of heater" if self.heater_penalty else ""
        rate = "the rate" if self.rate == 1 else f"{self.rate:g} times the rate"
        whose = "each neuron" if self.per == "neuron" else "the layer"
        return (
            f"Random: {random}.\n"
            f"Frozen: the ring, its losses and effects ({self.first.regime}), the {self.first.port} port, "
            f"full scale {self.power_max:g} W, output scaling; no noise, no crosstalk between neurons.\n"
            f"Trained: detuning in [{low:.3g}, {high:.3g}] half-linewidths, where the ring has one stable "
            f"state up to full scale, arm phase, both couplings in [{COUPLINGS[0]:g}, {COUPLINGS[1]:g}], "
            f"power per unit of z and power at z = 0, of {whose}, at {rate} of the "
            f"weights{price}.\n"
            "Back-propagated: the exact slopes of the steady state by power and settings; slope 0 where the "
            "power would be below 0 (dark) or above full scale (held)."
        )

    @property
    def identity(self) -> str:
        device = self.first
        losses = f"{device.port}, {device.insertion_loss!r}, {device.arm_loss!r}"
        ring = (*device.ring.coefficients(), device.ring.index_per_carrier)
        numbers = (self._start, np.array(ring, dtype=float), np.array(self.detunings))
        digest = hashlib.blake2b(b"".join(np.ascontiguousarray(v).tobytes() for v in numbers), digest_size=8)
        heaters = repr(self.heaters) if self.heater_penalty else ""
        return (
            f"{self.name}: {self.encoding}; per {self.per}, rate {self.rate:g}; {losses}; "
            f"penalty {self.heater_penalty:g} {heaters}; {digest.hexdigest()}"
        )

    def __repr__(self) -> str:
        return f"TrainableActivation({self.name}: {self.encoding})"


def _fixed(device: CavityLoadedMZI) -> tuple[Any, ...]:
    return device.port, float(device.insertion_loss), float(device.arm_loss)


def trained(**changed: Any) -> TrainableActivation:
    """The default neurons that learn their shape; keywords of `TrainableActivation` change that.

    They start as ln(1 + e^z): device and encoding are a least-squares fit to it over −5 ≤ z ≤ 9, to 1e-3
    rms, of `photonic.parameters.RIB_RING` with its heat frozen. Output scaling and rate were chosen on
    MNIST training digits held out. Another ``start`` gets full scale, bias and scale of the presets.

    Examples
    --------
    >>> import numpy as np
    >>> neurons = trained()
    >>> y = neurons.value(np.array([-4.0, 0.0, 4.0]))
    >>> softplus = np.log1p(np.exp([-4.0, 0.0, 4.0]))
    >>> ((y - y[0]) / (y[2] - y[0])).round(3).tolist()
    [0.0, 0.169, 1.0]
    >>> ((softplus - softplus[0]) / (softplus[2] - softplus[0])).round(3).tolist()
    [0.0, 0.169, 1.0]
    """
    from photonic.presets import POWER_MAX, SOFTPLUS

    given: dict[str, Any] = {"power_max": POWER_MAX, "bias": 0.3, "scale": 0.15}
    if "start" not in changed:
        detuning = SOFTPLUS.ring.detuning(half_linewidths=0.5421)
        start = replace(
            SOFTPLUS, detuning=detuning, arm_phase=1.1364, input_coupling=0.773, output_coupling=0.8384
        )
        given = {"start": start, "power_max": 4e-3, "bias": 0.3173, "scale": 0.0365, "gain": _GAIN}
    return TrainableActivation(**{**given, "rate": 0.1, **changed})
