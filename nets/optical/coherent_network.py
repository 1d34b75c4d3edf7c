"""Networks of one wavelength: meshes of interferometers with an activation of light behind each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from nets import tasks
from nets.architecture import Architecture
from nets.optical.amplifier import Amplifier
from nets.optical.detectors import Detector
from nets.optical.electro_optic import ElectroOptic
from nets.optical.encoders import FieldEncoder
from nets.optical.light_activation import LightActivation
from nets.optical.matrix_mesh import MatrixMesh
from nets.optical.mesh import MZIMesh
from nets.optical.optical_network import OpticalNetwork
from nets.optical.readout import Readout
from nets.optical.saturable_absorber import SaturableAbsorber
from nets.optical.stage import Stage
from nets.optical.untrained import whole_number
from nets.tasks import Task
from nets.trainable import Trainable
from photonic.errors import ParameterError, one_number, unknown_name
from photonic.units import db, engineering

__all__ = ["CoherentNetwork", "optical_findings", "receiver_words"]

Neuron = Literal["none", "electro-optic", "photonic", "saturable"]
Matrices = Literal["unitary", "any"]

_RESPONSIVITY = 0.8  # [A/W], as in the public notebook to Williamson et al. 2020
_DARK_CURRENT = 1e-9  # [A], assumed
_NOISE_FIGURE, _BANDWIDTH = 4.0, 10e9  # 6 dB [1] and [Hz] of the amplifiers, assumed
# smallest current of the logarithm [A]: the dark current, so that readings without noise never meet it
_FLOOR = _DARK_CURRENT
# phase of the modulators if all light were in one guide [rad]: 0.05 π a unit of power, with the 23.3 units
# that 16 Fourier coefficients of mean modulus 1 hold on average over the MNIST training digits
_FULL_PHASE = 0.05 * math.pi * 23.3


@dataclass(frozen=True, kw_only=True)
class CoherentNetwork(Architecture):
    """Light of one laser: encoder, then ``layers`` times mesh and activation, then photodiodes.

    A task of more than ``modes`` features must be one of square images: their lowest Fourier
    coefficients are encoded as complex fields that share the whole laser power, whatever the image.
    Other features are encoded as amplitudes: the laser is shared out evenly, and each guide's
    modulator passes the share (x/m)² of its part, m being the largest number of the task's domain.

    Scores are logarithms of the currents' shares, so that the softmax gives the shares themselves,
    as I. A. D. Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26, 7700412 (2020), have it.

    Parameters
    ----------
    name : str
    neuron : {"none", "electro-optic", "photonic", "saturable"}
        What stands behind each mesh.
    modes : int
        Guides where features are Fourier coefficients [1].
    layers : int
        Meshes [1]; with any matrices as many as the widths need.
    laser_power : float
        Of all guides together, per example [W].
    matrices : {"unitary", "any"}
        One mesh a layer, as wide as the input; or two with attenuators between them, of the hidden
        widths asked for.
    preset : str
        Bias of the photonic neurons, see `photonic.presets`; heat frozen.
    trained : tuple of str
        Their settings that are learned with the phases, neuron by neuron.
    optical_depth, saturation_power : float
        Of saturable absorbers [1], [W].
    interferometer_loss : float
        P_in/P_out of each interferometer [1], >= 1.
    amplifier_gain : float
        P_out/P_in [1] of an amplifier in each guide in front of every mesh but the first; 1 for none.
    trained_gain : bool
        Whether the gain of the scores is learned; it is 1 where it is not.
    bandwidth : float or None
        Of the photodiodes [Hz], an assumption; without it they have no noise.
    load_resistance : float or None
        Of each photodiode [Ω], an assumption; without it there is no thermal noise. Noise is met only
        where training or testing asks for it.
    learning_rates : tuple of float
        Its grid [1].

    Examples
    --------
    >>> architecture = CoherentNetwork(name="two meshes", neuron="electro-optic")
    >>> architecture.network(architecture.task(tasks.load("digits")), (), seed=0).parameters.size
    512
    """

    name: str
    neuron: Neuron
    modes: int = 16
    layers: int = 2
    laser_power: float = 20e-3
    matrices: Matrices = "unitary"
    preset: str = "sigmoid"
    trained: tuple[str, ...] = ()
    optical_depth: float = 2.0
    saturation_power: float = 30e-6
    interferometer_loss: float = 1.0
    amplifier_gain: float = 1.0
    trained_gain: bool = False
    bandwidth: float | None = 10e9
    load_resistance: float | None = 50.0
    learning_rates: tuple[float, ...] | None = (2e-3, 5e-3, 1e-2, 2e-2)

    def __post_init__(self) -> None:
        milli = {"milliwatts": 1e-3, "microwatts": 1e-6}
        one_number("laser_power", self.laser_power, unit="W", above=0.0, plausible=(1e-12, 1.0), scales=milli)
        whole_number("layers", self.layers)
        whole_number("modes", self.modes)
        for name, kind in (("neuron", Neuron), ("matrices", Matrices)):
            if getattr(self, name) not in get_args(kind):
                raise unknown_name(name, getattr(self, name), get_args(kind))
        if self.neuron == "photonic":
            from photonic import presets

            presets.preset(self.preset)  # refuses what it does not know
        if self.trained and self.neuron != "photonic":
            raise ParameterError(
                f"trained settings are those of photonic neurons, and neuron is {self.neuron!r}"
            )

    @property
    def noisy(self) -> bool:  # type: ignore[override]
        return self.amplifier_gain != 1 or self.bandwidth is not None

    @property
    def identity(self) -> str:
        own = {k: v for k, v in vars(self).items() if k not in ("name", "learning_rates")}
        return f"CoherentNetwork({', '.join(f'{k}={v!r}' for k, v in own.items())})"

    @property
    def encoding(self) -> str:
        words = {
            "none": "no activation",
            "electro-optic": "electro-optic activations",
            "photonic": f"free-carrier neurons ({self.preset}, heat frozen"
            f"{', own settings learned' if self.trained else ''})",
            "saturable": f"saturable absorbers of {engineering(self.saturation_power, 'W')}",
        }
        gain = db(self.amplifier_gain)
        amplifiers = f"amplifiers of {gain:.1f} dB between them, " if gain else ""
        return (
            f"numbers as fields of a laser of {engineering(self.laser_power, 'W')}, {self.layers} "
            f"{'meshes' if self.matrices == 'unitary' else 'pairs of meshes with attenuators'} with "
            f"{words[self.neuron]}, {amplifiers}photodiodes of {_RESPONSIVITY:g} A/W"
            f"{receiver_words(self.bandwidth, self.load_resistance)}, scores from shares of the current"
        )

    def task(self, task: Task) -> Task:
        view = task if task.pairs or task.features <= self.modes else tasks.fourier(task, self.modes)
        channels = view.features // 2 if view.pairs else view.features
        if self.matrices == "unitary" and channels < view.classes:
            raise ParameterError(
                f"{self.name} would have {channels} guides for task {task.name}, fewer than its "
                f"{view.classes} classes: a network of any matrices, svd:saturable, can have more"
            )
        return view

    def widths(self, hidden: tuple[int, ...]) -> tuple[int, ...]:
        return hidden if self.matrices == "any" else ()

    def _guides(self, task: Task, hidden: tuple[int, ...]) -> list[int]:
        """Guides in front of every matrix, and behind the last one."""
        first = task.features // 2 if task.pairs else task.features
        if self.matrices == "any":
            return [first, *self.widths(hidden), task.classes]
        return [first] * (self.layers + 1)

    def idle(self, task: Task, hidden: tuple[int, ...]) -> int:
        """Directions in the trained numbers along which no score changes, whatever the others are.

        Neurons and photodiodes answer to powers, so the phase of each guide behind a mesh only adds to
        those of the next mesh or is not detected: N of its N². Of N guides behind the last mesh C are
        read: mixing the others, (N − C)(N − C − 1) more, changes nothing, nor do the settings of
        their neurons. Meshes with nothing between them are one. Of n inputs and m outputs, any
        matrix has 2nm real numbers whatever its meshes have. With loss in the interferometers, whose
        paths differ in it, some of this mixing shows; only the phases are counted then.
        """
        widths = self._guides(task, hidden)
        lossless = self.interferometer_loss == 1
        if self.matrices == "any":
            ends = ((m, max(n, m), abs(n - m)) for n, m in pairwise(widths))
            return sum(m + most + lossless * apart * (apart - 1) for m, most, apart in ends)
        guides, dark = widths[0], widths[0] - task.classes
        meshes = self.layers * guides + lossless * dark * (dark - 1)
        if self.neuron == "none":
            merged = lossless and self.amplifier_gain == 1
            return meshes + merged * (self.layers - 1) * (guides**2 - guides)
        return meshes + (dark * len(self.trained) if self.neuron == "photonic" else 0)

    def network(self, task: Task, hidden: tuple[int, ...], seed: int) -> OpticalNetwork:
        widths = self._guides(task, hidden)
        stages: list[Stage] = [self._encoder(task, widths[0])]
        for k, (before, after) in enumerate(pairwise(widths), 1):
            if k > 1 and self.amplifier_gain != 1:
                stages.append(self._amplifier(before, k))
            stages.append(self._mesh(before, after))
            # with any matrices the last one only gathers what the absorbers made of the light
            if self.neuron != "none" and not (self.matrices == "any" and k == len(widths) - 1):
                stages.append(self._activation(after, k))
        stages.append(
            Detector(
                widths[-1], _RESPONSIVITY, dark_current=_DARK_CURRENT, bandwidth=self.bandwidth,
                load_resistance=self.load_resistance,
            )
        )  # fmt: skip
        learned = ("gain",) if self.trained_gain else ()
        stages.append(
            Readout(widths[-1], 1.0, outputs=task.classes, law="log-share", trained=learned, floor=_FLOOR)
        )
        return OpticalNetwork(stages, seed=seed)

    def _encoder(self, task: Task, guides: int) -> FieldEncoder:
        if task.pairs:
            return FieldEncoder(task.features, pairs=True, total_power=self.laser_power)
        return FieldEncoder(
            task.features, full_scale=self.laser_power / guides, largest=max(map(abs, task.domain))
        )

    def _amplifier(self, channels: int, layer: int) -> Amplifier:
        return Amplifier(
            channels, self.amplifier_gain, noise_figure=_NOISE_FIGURE, bandwidth=_BANDWIDTH,
            name=f"amplifier, layer {layer}",
        )  # fmt: skip

    def _mesh(self, before: int, after: int) -> Stage:
        if self.matrices == "any":
            return MatrixMesh(before, after, insertion_loss=self.interferometer_loss)
        return MZIMesh(before, insertion_loss=self.interferometer_loss)

    def _activation(self, channels: int, layer: int) -> Stage:
        name = f"{self.neuron}, layer {layer}"
        if self.neuron == "electro-optic":
            return ElectroOptic(channels, gain_phase=_FULL_PHASE / self.laser_power, name=name)
        if self.neuron == "saturable":
            return SaturableAbsorber(
                channels, optical_depth=self.optical_depth, saturation_power=self.saturation_power, name=name
            )
        from photonic import presets

        # a mesh may bring all light into one guide
        highest = self.laser_power * self.amplifier_gain ** (layer - 1)
        device = presets.preset(self.preset).device
        return LightActivation(device, channels, power_max=highest, trained=self.trained, name=name)

    def findings(self, network: Trainable, task: Task) -> dict[str, Any]:
        return optical_findings(network, task)


def receiver_words(bandwidth: float | None, load_resistance: float | None) -> str:
    """What makes the noise of photodiodes, to follow their name; nothing without a bandwidth."""
    if bandwidth is None:
        return ""
    load = "" if load_resistance is None else f" and {engineering(load_resistance, 'Ω')}"
    return f", {engineering(bandwidth, 'Hz')}{load}"


def optical_findings(network: Any, task: Task) -> dict[str, Any]:
    """The power budget of a trained network over its first test examples, JSON types."""
    return {"budget": network.budget(task.test_inputs[:256], warn=False).as_dict()}
