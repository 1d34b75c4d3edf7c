"""Light that sets its own transmission: what every activation of light has in common.

Each channel by itself: a field z [√W] leaves as H(|z|²) z, a power P [W] as |H(P)|² P. Both come
from the one complex field transfer H(P), so |f(z)|² = g(|z|²) whatever H is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.setting_maps import SettingMap
from photonic.errors import ParameterError, one_number, unknown_name

__all__ = ["FieldTransfer", "PowerTransfer", "SelfTransfer", "trained_names"]

_LOOK = 513  # powers at which `working_power` looks for a change, decades and even steps together,
_FAINTEST = 1e-9  # down to this share of the highest one


class FieldTransfer(NamedTuple):
    """H [1], its slope dH/dP [1/W], dH/d(setting) for each trained one; complex, (rows, channels)."""

    field: np.ndarray
    slope: np.ndarray
    settings: tuple[np.ndarray, ...] = ()


class PowerTransfer(NamedTuple):
    """P_out [W], its slope dP_out/dP [1] and dP_out/d(setting); real, (rows, channels)."""

    power: np.ndarray
    slope: np.ndarray
    settings: tuple[np.ndarray, ...] = ()


class SelfTransfer:
    """A stage whose channels each go through H(P), P the power that really arrives.

    A subclass gives H in `transfer`. Settings that are trained are kept as free numbers behind
    smooth maps (`nets.setting_maps`), one of each a channel (``per="neuron"``) or for all of them
    (``per="layer"``). Inside, everything is float64; signals keep their own precision.
    """

    power_max: float = math.inf  # [W] highest power of a channel at which H is known

    def __init__(
        self,
        channels: int,
        kind: Kind,
        name: str,
        settings: Mapping[str, float],
        maps: Mapping[str, SettingMap],
        per: Literal["neuron", "layer"],
    ) -> None:
        self._channels = int(one_number("channels", channels, at_least=1))
        if self._channels != channels or isinstance(channels, bool):
            raise ParameterError(f"channels must be a whole number >= 1, got {channels!r}")
        if kind not in ("fields", "powers"):
            raise ParameterError(f"kind must be 'fields' or 'powers', got {kind!r}")
        if per not in ("neuron", "layer"):
            raise ParameterError(f"per must be 'neuron' or 'layer', got {per!r}")
        self.kind, self.name, self.per = kind, name, per
        self._start, self._maps = dict(settings), dict(maps)
        self._copies = self._channels if per == "neuron" else 1
        self.bind(np.zeros(self.size), np.zeros(self.size))
        self._write_start()

    # What a subclass says --------------------------------------------------------------------
    def transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> FieldTransfer:
        """H at ``power`` [W], shape (rows, channels); settings have shape (1 or channels,)."""
        raise NotImplementedError

    def power_transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> PowerTransfer:
        """|H|² P with dP_out/dP = |H|² + 2 P Re(conj(H) H′)."""
        found = self.transfer(power, settings)
        passed = _intensity(found.field)
        lever = 2.0 * power * found.field
        return PowerTransfer(
            passed * power,
            passed + _overlap(lever, found.slope),
            tuple(_overlap(lever, change) for change in found.settings),
        )

    def check_signal(self, power: np.ndarray) -> None:
        """Raise, or warn, where ``power`` [W] lies outside what the stage is known for."""

    # Stage -----------------------------------------------------------------------------------
    @property
    def inputs(self) -> int:
        """Channels in."""
        return self._channels

    outputs = inputs

    @property
    def takes(self) -> Kind:
        """Fields [√W] or powers [W]."""
        return self.kind

    gives = takes

    @property
    def trained(self) -> tuple[str, ...]:
        """Names of the settings that are trained."""
        return tuple(self._maps)

    @property
    def size(self) -> int:
        """How many numbers of it are trained."""
        return len(self._maps) * self._copies

    @property
    def identity(self) -> str:
        """Text that differs whenever an untrained setting differs."""
        start = ", ".join(f"{name} {value!r}" for name, value in self._start.items())
        maps = ", ".join(f"{name} {smooth!r}" for name, smooth in self._maps.items())
        trained = f"; trained per {self.per}: {maps}" if maps else ""
        return f"{type(self).__name__} of {self._channels} {self.kind}: {start}{trained}"

    def __repr__(self) -> str:
        return f"<{self.name}: {self.identity}>"

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let the free numbers and their gradient be views of flat arrays of `size`."""
        shape = (len(self._maps), self._copies)
        self._free, self._gradient = parameters.reshape(shape), gradient.reshape(shape)

    def initialise(self, generator: np.random.Generator) -> None:
        """Write the starting settings; nothing is drawn."""
        self._write_start()

    def _write_start(self) -> None:
        for row, (name, smooth) in zip(self._free, self._maps.items(), strict=True):
            row[:] = smooth.free(self._start[name])

    @property
    def settings(self) -> dict[str, np.ndarray]:
        """Every setting as it stands, float64, shape (channels,) or (1,) where all share it."""
        found = {name: np.array([value], dtype=float) for name, value in self._start.items()}
        for row, (name, smooth) in zip(self._free, self._maps.items(), strict=True):
            found[name] = np.asarray(smooth.value(row.astype(float)))
        return found

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Outgoing signal of shape (rows, channels), in the precision of ``signal``; without noise."""
        signal = checked_signal(signal, self._channels, self.kind, self.name)
        power = self._power(signal)
        self.check_signal(power)
        found: FieldTransfer | PowerTransfer
        if self.kind == "fields":
            found = self.transfer(power, self.settings)
            out = found.field * signal
        else:
            found = self.power_transfer(power, self.settings)
            out = found.power
        return out.astype(signal.dtype, copy=False), (signal, found)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Set the gradient of what is trained; dL/d(in) where it is ``wanted``.

        A change of H changes the loss by Re(conj(g) z δH), so dL/dz = conj(H) g + 2 Re(conj(g) H′ z) z.
        """
        signal, found = kept
        fields = self.kind == "fields"
        lever = np.conj(signal) * upstream if fields else upstream
        for row, free, change, smooth in zip(
            self._gradient, self._free, found.settings, self._maps.values(), strict=True
        ):
            each = _overlap(lever, change).sum(axis=0)
            row[:] = (each if self.per == "neuron" else each.sum()) * smooth.slope(free.astype(float))
        if not wanted:
            return None
        if fields:
            below = np.conj(found.field) * upstream + 2.0 * _overlap(lever, found.slope) * signal
        else:
            below = found.slope * upstream
        return below.astype(signal.dtype, copy=False)

    # What light it needs ---------------------------------------------------------------------
    @property
    def working_power(self) -> float:
        """Input power of a channel [W] at which |H|² has moved away from its value in the dark.

        By a tenth of the largest |H|² at any power at which the stage can work, whatever arrives; the
        median of the channels; inf where no power moves it that far. Well below it the stage is linear.
        """
        columns = self._copies if self._maps else 1  # without trained settings all channels are alike
        top = np.broadcast_to(self._highest_power(), columns)
        shares = np.union1d(np.geomspace(_FAINTEST, 1.0, _LOOK), np.linspace(0.0, 1.0, _LOOK))
        powers = shares[:, None] * top
        passed = self.power_transfer(powers, self.settings).power / np.where(powers > 0, powers, 1.0)
        passed[0] = passed[1]  # in the dark the ratio is that of faint light
        moved = np.abs(passed - passed[0]) - 0.1 * passed.max(axis=0)
        return float(np.median([_first_crossing(p, m) for p, m in zip(powers.T, moved.T, strict=True)]))

    def _highest_power(self) -> float | np.ndarray:
        """Highest power [W] at which a channel can work, one number or one a channel."""
        return self.power_max

    def _power(self, signal: np.ndarray) -> np.ndarray:
        if self.kind == "fields":
            return signal.real.astype(float) ** 2 + signal.imag.astype(float) ** 2
        return signal.astype(float)


def trained_names(trained: Any, known: Any) -> tuple[str, ...]:
    """The names ``trained``, checked against those ``known``, in the order of ``known``."""
    asked = (trained,) if isinstance(trained, str) else tuple(trained)
    for name in asked:
        if name not in known:
            raise unknown_name("trained setting", name, known)
    return tuple(name for name in known if name in asked)


def _overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Re(conj(one) · other), elementwise; the plain product where both are real."""
    return one.real * other.real + one.imag * other.imag if np.iscomplexobj(other) else one * other


def _intensity(field: np.ndarray) -> np.ndarray:
    return field.real**2 + field.imag**2


def _first_crossing(powers: np.ndarray, moved: np.ndarray) -> float:
    """Power [W] at which ``moved`` first rises through 0, linear between the samples."""
    beyond = np.flatnonzero(moved >= 0)
    if not beyond.size:
        return math.inf
    k = int(beyond[0])
    return float(np.interp(0.0, moved[k - 1 : k + 1], powers[k - 1 : k + 1])) if k else float(powers[0])
