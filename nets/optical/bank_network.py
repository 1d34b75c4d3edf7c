"""Networks of many wavelengths: microring weight banks, photodiodes, modulators and photonic neurons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nets import tasks
from nets.architecture import Architecture
from nets.optical.coherent_network import optical_findings, receiver_words
from nets.optical.encoders import PowerEncoder
from nets.optical.light_activation import LightActivation
from nets.optical.modulator import Modulator
from nets.optical.optical_network import OpticalNetwork
from nets.optical.readout import Readout
from nets.optical.stage import Stage
from nets.optical.weight_bank import WeightBank
from nets.tasks import Task
from nets.trainable import Trainable
from photonic.errors import ParameterError, one_number
from photonic.units import engineering

__all__ = ["BankNetwork"]

_RESPONSIVITY = 0.8  # [A/W], assumed, that of the coherent networks


@dataclass(frozen=True, kw_only=True)
class BankNetwork(Architecture):
    """Broadcast and weight: one wavelength a feature, one weight bank and one neuron a hidden unit.

    Features set the powers of a comb of wavelengths. Each layer shares the light out to its banks,
    whose balanced photodiodes drive one modulator each; the modulated light of another laser passes a
    photonic neuron (all at powers in watts) and is one wavelength for the next layer (A. N. Tait et
    al., J. Lightwave Technol. 32, 4029 (2014)). The banks of the output only drive the scores.

    Images of more than ``channels`` pixels are averaged to so many.

    Parameters
    ----------
    name : str
    channels : int
        Most wavelengths of the first layer, a square number [1].
    laser_power : float
        Of all wavelengths of a layer together [W].
    neuron_power : float
        Of the laser of one neuron [W]; the full scale of its preset.
    preset : str
        Bias of the photonic neurons, see `photonic.presets`; heat frozen.
    trained : tuple of str
        Their settings that are learned with the weights.
    swing : float
        Voltage [V_π] at the modulator when one wavelength at full power has weight 1; sets the
        transimpedance behind the photodiodes.
    bandwidth, load_resistance : float or None
        Of each photodiode [Hz], [Ω], assumptions; without them no noise, no thermal noise. Noise is met
        only where training or testing asks for it.
    learning_rates : tuple of float
        Its grid [1].

    Examples
    --------
    >>> architecture = BankNetwork(name="banks", channels=16)
    >>> architecture.network(architecture.task(tasks.load("digits")), (8,), seed=0).sizes
    (16, 16, 8, 8, 8, 10, 10)
    """

    name: str
    channels: int = 49
    laser_power: float = 20e-3
    neuron_power: float = 2e-3
    preset: str = "sigmoid"
    trained: tuple[str, ...] = ()
    swing: float = 1.0
    bandwidth: float | None = 10e9
    load_resistance: float | None = 50.0
    learning_rates: tuple[float, ...] | None = (5e-3, 1e-2, 2e-2)

    def __post_init__(self) -> None:
        milli = {"milliwatts": 1e-3, "microwatts": 1e-6}
        for name in ("laser_power", "neuron_power"):
            one_number(name, getattr(self, name), unit="W", above=0.0, plausible=(1e-12, 1.0), scales=milli)
        one_number("swing", self.swing, above=0.0)

    @property
    def noisy(self) -> bool:  # type: ignore[override]
        return self.bandwidth is not None

    @property
    def identity(self) -> str:
        own = {k: v for k, v in vars(self).items() if k not in ("name", "learning_rates")}
        return f"BankNetwork({', '.join(f'{k}={v!r}' for k, v in own.items())})"

    @property
    def encoding(self) -> str:
        return (
            f"numbers as powers of wavelengths that share {engineering(self.laser_power, 'W')}, weight banks "
            f"with balanced photodiodes of {_RESPONSIVITY:g} A/W"
            f"{receiver_words(self.bandwidth, self.load_resistance)}, modulators of "
            f"{engineering(self.neuron_power, 'W')} before free-carrier neurons ({self.preset}, heat frozen"
            f"{', own settings learned' if self.trained else ''})"
        )

    def task(self, task: Task) -> Task:
        if task.pairs:
            raise ParameterError(f"{self.name} encodes powers, and task {task.name} holds complex amplitudes")
        return task if task.features <= self.channels else tasks.averaged(task, self.channels)

    def network(self, task: Task, hidden: tuple[int, ...], seed: int) -> OpticalNetwork:
        from photonic import presets

        if not hidden:
            raise ParameterError(f"{self.name} needs at least one hidden layer of neurons")
        device = presets.preset(self.preset).device
        stages: list[Stage] = [
            PowerEncoder(task.features, self.laser_power / task.features, domain=task.domain, name="comb")
        ]
        widths = (task.features, *hidden)
        for k, (before, after) in enumerate(pairwise(widths), 1):
            full = self.laser_power / before if k == 1 else self.neuron_power
            stages += [
                self._bank(before, after, full, f"bank {k}"),
                Modulator(
                    after, self.neuron_power, bias_voltage=0.5, trained=("bias_voltage",),
                    name=f"modulators {k}",
                ),
                LightActivation(
                    device, after, kind="powers", power_max=self.neuron_power, trained=self.trained,
                    name=f"photonic, layer {k}",
                ),
            ]  # fmt: skip
        last = len(widths)
        stages.append(self._bank(widths[-1], task.classes, self.neuron_power, f"bank {last}"))
        stages.append(Readout(task.classes, 3.0, trained=("gain", "offset"), name="scores"))
        return OpticalNetwork(stages, seed=seed)

    def _bank(self, inputs: int, outputs: int, full: float, name: str) -> WeightBank:
        transimpedance = self.swing * outputs / (_RESPONSIVITY * full)
        return WeightBank(
            inputs, outputs, responsivity=_RESPONSIVITY, transimpedance=transimpedance,
            bandwidth=self.bandwidth, load_resistance=self.load_resistance, name=name,
        )  # fmt: skip

    def findings(self, network: Trainable, task: Task) -> dict[str, Any]:
        return optical_findings(network, task)
