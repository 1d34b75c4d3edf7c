"""An activation of light by a detour through electronics: part of the light drives a modulator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from nets.optical.part_checks import checked_responsivity
from nets.optical.self_transfer import FieldTransfer, SelfTransfer, trained_names
from nets.optical.stage import Kind
from nets.setting_maps import Bounded, Positive, SettingMap, Shifted
from photonic.errors import check, one_number

__all__ = ["ElectroOptic"]

_NAMES = ("gain_phase", "bias_phase", "alpha")


class ElectroOptic(SelfTransfer):
    """A tap, a photodiode and an amplifier that drive a Mach–Zehnder modulator in the same guide.

    f(z) = i √(1−α) e^(iθ/2) cos(θ/2) z with θ = g_φ |z|² + φ_b: I. A. D. Williamson et al., IEEE
    J. Sel. Top. Quantum Electron. 26, 7700412 (2020). The light that goes on carries the share
    1 − α of the *power*, so |f|² = (1−α) cos²(θ/2) |z|². The detour is taken as instantaneous.

    The paper has e^(−iθ/2): there fields go as exp(+iωt), here as exp(−iωt), where a longer path
    adds a positive phase, as in the meshes. |f|² is the same.

    Parameters
    ----------
    channels : int
    gain_phase : float
        g_φ [rad/W]: phase of the modulator per power that comes in, before the tap.
    bias_phase : float
        φ_b [rad]; at π no light leaves in the dark, and the more comes in, the more goes through.
    alpha : float
        Share of the power [1] that is tapped off, in (0, 1).
    kind : {"fields", "powers"}
    trained : sequence of {"gain_phase", "bias_phase", "alpha"}
        Settings that are learned with the weights. Where ``alpha`` is, g_φ stays as it is: the
        amplifier makes up for it.
    per : {"neuron", "layer"}
        One of each trained setting a channel, or one for all.
    name : str

    Raises
    ------
    ParameterError
        Numbers out of bounds; an unknown setting.

    Examples
    --------
    >>> import numpy as np
    >>> stage = ElectroOptic(1, gain_phase=np.pi / 1e-3, bias_phase=np.pi)
    >>> out, _ = stage.forward(np.array([[1e-3**0.5 + 0j]]))  # 1 mW
    >>> round(float(abs(out[0, 0])**2) * 1e3, 9)  # all but the tapped tenth, mW
    0.9
    """

    def __init__(
        self,
        channels: int,
        *,
        gain_phase: float,
        bias_phase: float = math.pi,
        alpha: float = 0.1,
        kind: Kind = "fields",
        trained: Sequence[str] = (),
        per: Literal["neuron", "layer"] = "neuron",
        name: str = "electro-optic",
    ) -> None:
        start = {
            "gain_phase": one_number("gain_phase", gain_phase, unit="rad/W", above=0.0),
            "bias_phase": one_number("bias_phase", bias_phase, unit="rad"),
            "alpha": one_number("alpha", alpha, above=0.0, below=1.0),
        }
        maps: dict[str, SettingMap] = {
            "gain_phase": Positive(start["gain_phase"]),
            "bias_phase": Shifted(start["bias_phase"]),
            "alpha": Bounded(0.0, 1.0),
        }
        names = trained_names(trained, _NAMES)
        super().__init__(channels, kind, name, start, {n: maps[n] for n in names}, per)

    @classmethod
    def from_circuit(
        cls,
        channels: int,
        *,
        half_wave_voltage: float,
        transimpedance: float,
        responsivity: float = 0.8,
        alpha: float = 0.1,
        bias_voltage: float | None = None,
        **options: Kind | Sequence[str] | str,
    ) -> ElectroOptic:
        """From the parts: g_φ = π α 𝓡 G/V_π and φ_b = π V_b/V_π (Williamson et al. 2020).

        Parameters
        ----------
        channels : int
        half_wave_voltage : float
            V_π of the modulator [V].
        transimpedance : float
            G, volts at the modulator per ampere of the photodiode [Ω].
        responsivity : float
            𝓡 of the photodiode [A/W]; 0.8 A/W as in the authors' public notebook.
        alpha : float
            Share of the power [1] that is tapped off.
        bias_voltage : float, optional
            V_b [V]; V_π if left out.
        **options
            As for `ElectroOptic`: ``kind, trained, per, name``.

        Examples
        --------
        >>> stage = ElectroOptic.from_circuit(1, half_wave_voltage=10.0, transimpedance=1e3)
        >>> round(float(stage.settings["gain_phase"][0]), 6)  # rad/W
        25.132741
        """
        check("half_wave_voltage", half_wave_voltage, unit="V", above=0.0)
        check("transimpedance", transimpedance, unit="Ω", above=0.0)
        checked_responsivity(responsivity)
        bias = half_wave_voltage if bias_voltage is None else bias_voltage
        check("bias_voltage", bias, unit="V")
        return cls(
            channels,
            gain_phase=math.pi * alpha * responsivity * transimpedance / half_wave_voltage,
            bias_phase=math.pi * bias / half_wave_voltage,
            alpha=alpha,
            **options,  # type: ignore[arg-type]
        )

    def transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> FieldTransfer:
        """H = i √(1−α) (1 + e^(iθ))/2, the same as with e^(iθ/2) cos(θ/2)."""
        gain, alpha = settings["gain_phase"], settings["alpha"]
        angle = gain * power + settings["bias_phase"]
        turned = np.cos(angle) + 1j * np.sin(angle)
        kept = np.sqrt(1.0 - alpha)
        field = (0.5j * kept) * (1.0 + turned)
        per_angle = (-0.5 * kept) * turned
        changes = {"gain_phase": lambda: per_angle * power, "bias_phase": lambda: per_angle}
        changes["alpha"] = lambda: field * (-0.5 / (1.0 - alpha))
        return FieldTransfer(field, per_angle * gain, tuple(changes[name]() for name in self.trained))

    def _highest_power(self) -> float:
        return float(2.0 * math.pi / self.settings["gain_phase"].min())  # one period of |H|²
