"""The activation of light by a device: its ring, its arms and the power that really arrives."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nets.neuron_settings import COUPLINGS
from nets.optical.heater_bill import checked_heaters
from nets.optical.self_transfer import FieldTransfer, PowerTransfer, SelfTransfer, trained_names
from nets.optical.stage import Kind
from nets.setting_maps import Bounded, SettingMap, Shifted
from photonic.curve import Curve
from photonic.device import BRIGHT, Device
from photonic.device_response import SETTINGS, response_with_slopes
from photonic.devices import CavityLoadedMZI, RingThrough
from photonic.errors import OutsideValidityWarning, ParameterError, one_number, shown
from photonic.ring_device import RingDevice

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["LightActivation"]

_BELOW_END = 0.999  # of the power where stability ends, at which the response has a vertical slope
_STEP = 1e-30  # imaginary step in a power, in units of the highest one


class LightActivation(SelfTransfer):
    """One device a channel: a field z leaves as H(|z|²) z, amplitude and nonlinear phase both.

    H is the device's own complex response, exact at every power, with its exact slopes by power and
    settings. With ``kind="powers"`` channels are separate guides or wavelengths, P_out = |H|² P.

    Parameters
    ----------
    device : photonic.Device or Curve
        `CavityLoadedMZI`, `RingThrough`, `RingDrop`, `MachZehnder`; or, for powers only, a transfer
        curve without jumps.
    channels : int
    kind : {"fields", "powers"}
    power_max : float
        Highest power of one channel [W] that may arrive. It says only that the device has one stable
        state at each power up to it, not that its heat stays frozen: what that asks of the symbols
        depends on the powers that arrive, and `OpticalNetwork.budget` tells it. May be left out with a
        curve: then it is the end of its domain.
    trained : sequence of {"detuning", "arm_phase", "input_coupling", "output_coupling"}
        Settings of a `CavityLoadedMZI` that are learned with the weights: the detuning within the
        stable interval about the device's own up to ``power_max``, couplings within [0.02, 0.98].
        They start at the device's.
    outside : {"raise", "warn"}
        What a power above ``power_max`` does: `ParameterError`, or `OutsideValidityWarning` and the
        response there if it is single-valued.
    per : {"neuron", "layer"}
        One of each trained setting a channel, or one for all.
    name : str

    Raises
    ------
    ParameterError
        Wrong numbers; a device that is bistable or self-pulsates below ``power_max``; settings
        that this device does not have; a curve with ``kind="fields"``.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic import presets
    >>> stage = LightActivation(presets.CLAMPED_RELU, 2, power_max=2e-3)
    >>> fields = np.sqrt(np.array([[0.1e-3, 1.6e-3]])) + 0j  # √W
    >>> out, _ = stage.forward(fields)
    >>> np.round(np.abs(out) ** 2 / np.abs(fields) ** 2, 3).tolist()  # dark below, open above
    [[0.028, 0.691]]
    """

    def __init__(
        self,
        device: Device | Curve,
        channels: int,
        *,
        kind: Kind = "fields",
        power_max: float | None = None,
        trained: Sequence[str] = (),
        outside: Literal["raise", "warn"] = "raise",
        per: Literal["neuron", "layer"] = "neuron",
        name: str = "",
    ) -> None:
        if outside not in ("raise", "warn"):
            raise ParameterError(f"outside must be 'raise' or 'warn', got {outside!r}")
        self.device, self.outside, self._limited = _checked_device(device, kind), outside, True
        self.power_max = _checked_power_max(self.device, power_max)
        known = SETTINGS if isinstance(device, CavityLoadedMZI) else ()
        if trained and not known:
            raise ParameterError(f"only a CavityLoadedMZI has settings to train, got {type(device).__name__}")
        names = trained_names(trained, SETTINGS)
        self._compiled = _as_loaded(self.device)
        start = {n: float(getattr(self.device, n)) for n in known}
        maps = _maps(self.device, names, self.power_max) if names else {}
        super().__init__(channels, kind, name or f"light: {type(device).__name__}", start, maps, per)
        if not isinstance(self.device, Curve):
            self.device.curve(self.power_max, 16)  # refuses folds, self-pulsation and arrays by name

    @property
    def identity(self) -> str:
        """Text that differs whenever an untrained setting differs."""
        return (
            f"{super().identity}; {type(self.device).__name__} {_digest(self.device)}, "
            f"up to {self.power_max!r} W, {self.outside} outside"
        )

    @property
    def one_wavelength(self) -> bool:
        """Whether it is a resonance, which light of many wavelengths on one guide cannot drive.

        What a measured curve holds for, it does not tell.
        """
        return hasattr(self.device, "ring")

    @property
    def regime(self) -> str:
        """``"frozen heat"``, ``"cw"``, ...: what the response holds for."""
        return self.device.regime

    def devices(self) -> tuple[Device, ...]:
        """The device of each channel as it stands, trained settings included."""
        if isinstance(self.device, Curve):
            raise ParameterError(f"{self.name} stands for a measured curve: there is no device to name")
        if not self.trained:
            return (self.device,) * self.inputs
        values = {n: np.broadcast_to(self.settings[n], self.inputs) for n in self.trained}
        return tuple(
            dataclasses.replace(self.device, **{n: float(v[k]) for n, v in values.items()})
            for k in range(self.inputs)
        )

    def curves(self, points: int = 401) -> list[Curve]:
        """Transfer curve of the device of each channel, from 0 to `power_max`."""
        if isinstance(self.device, Curve):
            return [self.device] * self.inputs
        if not self.trained:
            return [self.device.curve(self.power_max, points)] * self.inputs
        return [device.curve(self.power_max, points) for device in self.devices()]

    def heater_power(self, heaters: Heaters | None = None) -> np.ndarray:
        """Electrical power of the heaters of each neuron [W], shape (channels,): sums of `Heaters.power`.

        Parameters
        ----------
        heaters : photonic.heaters.Heaters, optional
            Of every neuron; ``Heaters()`` if left out. What the mean heat of the light spares is not
            taken off.

        Raises
        ------
        ParameterError
            A measured curve; settings that these heaters do not reach; a number instead of heaters.

        Examples
        --------
        >>> from photonic import presets
        >>> LightActivation(presets.SOFTPLUS, 2, power_max=1e-3).heater_power().round(4).tolist()
        [0.0263, 0.0263]
        """
        each = checked_heaters(heaters)
        different = self.devices() if self.trained else self.devices()[:1]
        return np.array(np.broadcast_to([each.power(device).total for device in different], self.inputs))

    def without_limit(self) -> LightActivation:
        """The same neurons, answering above `power_max` wherever the device has one state there."""
        out = copy.copy(self)
        out._limited = False
        return out

    def check_signal(self, power: np.ndarray) -> None:
        """Raise, or warn, where ``power`` [W] exceeds `power_max`."""
        highest = float(power.max(initial=0.0))
        if not self._limited and not isinstance(self.device, Curve):
            return
        if highest <= self.power_max * (1.0 + 1e-6):  # float32 rounds by less
            return
        text = (
            f"{highest:.6g} W arrives at a channel of {self.name}, which is known up to "
            f"power_max = {self.power_max:g} W"
        )
        if self.outside == "raise" or isinstance(self.device, Curve) or not np.isfinite(highest):
            raise ParameterError(f"{text}: lower the laser power, add loss before it, or raise power_max")
        warnings.warn(text, OutsideValidityWarning, stacklevel=3)

    def transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> FieldTransfer:
        """H and its slopes, from the compiled loop where the device is a ring in an interferometer."""
        if self._compiled is None:
            return _stepped(self.device, power, self.power_max)
        loaded = self._compiled
        columns = [np.atleast_1d(settings.get(n, getattr(loaded, n))).astype(float) for n in SETTINGS]
        found = response_with_slopes(
            loaded.ring,
            power,
            np.stack(np.broadcast_arrays(*columns), axis=1),
            float(loaded.insertion_loss),
            float(loaded.arm_loss),
            loaded.port,
            settings_slopes=bool(self.trained),
            single_valued=bool(power.max(initial=0.0) <= self.power_max * (1.0 + 1e-6)),
        )
        changes = () if found.settings_slope is None else np.moveaxis(found.settings_slope, -1, 0)
        return FieldTransfer(
            found.field, found.field_slope, tuple(changes[SETTINGS.index(n)] for n in self.trained)
        )

    def _highest_power(self) -> float | np.ndarray:
        """End of a curve; else up to where there is one stable state, at most what waveguides carry."""
        if isinstance(self.device, Curve):
            return float(self.device.domain[1])
        devices: tuple[Any, ...] = self.devices() if self.trained else self.devices()[:1]
        if not isinstance(self.device, RingDevice):
            return BRIGHT
        from photonic.stable_region import stable_power

        share = np.array([float(device.ring_fraction) for device in devices])
        detuning = [float(device.detuning) for device in devices]
        bus = _BELOW_END * stable_power(self.device.ring, BRIGHT, detuning)
        limit = np.divide(bus, share, out=np.full(share.shape, BRIGHT), where=share > 0)
        return np.minimum(limit, BRIGHT)

    def power_transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> PowerTransfer:
        """P_out and its slopes; of a curve, its own."""
        if not isinstance(self.device, Curve):
            return super().power_transfer(power, settings)
        inside = np.clip(power, *self.device.domain)  # `check_signal` allows for rounding only
        # rounding between samples of 0 W may leave less than nothing
        return PowerTransfer(np.maximum(self.device(inside), 0.0), self.device.derivative(inside))


def _checked_device(device: Any, kind: str) -> Any:
    if isinstance(device, Curve):
        if kind == "fields":
            raise ParameterError("a curve of powers has no phase: use kind='powers', or give the device")
        if device.jumps.size:
            where = ", ".join(f"{p:.4g} W" for p in device.jumps)
            raise ParameterError(f"the curve jumps at {where}, where it has no slope")
        if device.domain[0] > 0:
            raise ParameterError(f"the curve must begin at 0 W, got {device.domain[0]:g} W")
        _check_dips(device)
        return device
    if not isinstance(device, Device):
        raise ParameterError(f"device must be a photonic device or a Curve, got {shown(device)}")
    return device.plain()


def _check_dips(curve: Curve) -> None:
    """Refuse a curve whose given slopes take it below 0 W between its samples."""
    power = np.linspace(*curve.domain, 64 * curve.power_in.size)
    out = curve(power)
    lowest = int(np.argmin(out))
    if out[lowest] < -1e-12 * out.max():
        raise ParameterError(
            f"the curve gives {out[lowest]:.3g} W at {power[lowest]:.4g} W, between samples: "
            "leave its slope out"
        )


def _checked_power_max(device: Any, power_max: float | None) -> float:
    if isinstance(device, Curve):
        end = float(device.domain[1])
        return (
            end if power_max is None else one_number("power_max", power_max, unit="W", above=0.0, at_most=end)
        )
    if power_max is None:
        raise ParameterError("power_max must be given: the highest power of one channel [W]")
    milli = {"milliwatts": 1e-3, "microwatts": 1e-6}
    return one_number("power_max", power_max, unit="W", above=0.0, plausible=(1e-12, 10.0), scales=milli)


def _as_loaded(device: Any) -> CavityLoadedMZI | None:
    """The device as a ring in an interferometer, if it is one that the compiled loop knows."""
    if isinstance(device, RingThrough):
        device = CavityLoadedMZI(device.ring, device.detuning, 0.0, 0.0, 0.0, port="bar")
    known = (
        isinstance(device, CavityLoadedMZI) and device.ring.traps is None and device.ring.index_law is None
    )
    return device if known else None


def _maps(device: CavityLoadedMZI, names: Sequence[str], power_max: float) -> dict[str, SettingMap]:
    """Smooth maps that keep trained settings where the device has one stable state."""
    from photonic.stable_region import check_stable, stable_detunings

    coupling = Bounded(*COUPLINGS)
    maps: dict[str, SettingMap] = {
        "arm_phase": Shifted(float(device.arm_phase)),
        "input_coupling": coupling,
        "output_coupling": coupling,
    }
    share = 1.0 - COUPLINGS[0] if "input_coupling" in names else 1.0 - float(device.input_coupling)
    highest, here = power_max * share / float(device.insertion_loss), float(device.detuning)
    if "detuning" not in names:
        check_stable(device.ring, highest, (here, here))
        return {n: maps[n] for n in names}
    low, high = stable_detunings(device.ring, highest, around=here)
    if not low < here < high:
        raise ParameterError(
            f"detuning {here:.6g} rad/s lies outside [{low:.6g}, {high:.6g}] rad/s, where the ring has one "
            f"stable state whatever the coupling up to {power_max:g} W: choose another start or power_max"
        )
    maps["detuning"] = Bounded(float(f"{low:.6g}"), float(f"{high:.6g}"))
    return {n: maps[n] for n in names}


def _stepped(device: Device, power: np.ndarray, power_max: float) -> FieldTransfer:
    """H and dH/dP by a complex step through the formulas of the device."""
    step = _STEP * power_max
    re, im = device.output_field(power + 1j * step, "single", device.solution(power))
    return FieldTransfer(np.real(re) + 1j * np.real(im), (np.imag(re) + 1j * np.imag(im)) / step)


def _digest(device: Any) -> str:
    if isinstance(device, Curve):
        columns = (device.power_in, device.power_out, device.derivative(device.power_in))
        data = b"".join(np.ascontiguousarray(c).tobytes() for c in columns)
    else:
        from photonic.storage import dumps

        data = dumps(device).encode()
    return hashlib.blake2b(data, digest_size=8).hexdigest()
