"""An activation of light by an absorber that more light makes more transparent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nets.optical.self_transfer import FieldTransfer, SelfTransfer
from nets.optical.stage import Kind
from photonic.errors import ConvergenceError, one_number

__all__ = ["SaturableAbsorber"]

_STEPS = 60  # Newton needs fewer than 10 as a rule
_LAST_STEP = 1e-10  # of the depth [1]
_SATURATED = 1e3  # saturation powers and optical depths beyond which the absorber is all but clear


class SaturableAbsorber(SelfTransfer):
    """A guide that absorbs less the more light there is: dP/dz = −α₀ P/(1 + P/P_sat).

    Integrated over its length, ln(T/T₀) = (P/P_sat) (1 − T) with T₀ = e^(−optical depth); T by
    Newton's method, exact to round-off. The field goes through √T, without a change of phase
    (a two-level absorber on resonance). Y. Shen et al., Nature Photonics 11, 441 (2017), use the
    same law, written σ τ_s I₀ = ½ ln(T/T₀)/(1 − T): there I₀ = 1/(2 σ τ_s) is our P_sat.

    Parameters
    ----------
    channels : int
    optical_depth : float
        α₀ times the length, −ln T₀ [1]: absorption of faint light.
    saturation_power : float
        P_sat [W] at which the absorption coefficient has halved.
    kind : {"fields", "powers"}
    name : str

    Raises
    ------
    ParameterError
        Numbers out of bounds.

    Examples
    --------
    >>> import numpy as np
    >>> stage = SaturableAbsorber(3, optical_depth=2.0, saturation_power=1e-3, kind="powers")
    >>> powers = np.array([[1e-9, 1e-3, 1e-1]])  # W
    >>> np.round(stage.forward(powers)[0] / powers, 4).tolist()  # e^-2, and clearer
    [[0.1353, 0.2785, 0.9802]]
    """

    def __init__(
        self,
        channels: int,
        *,
        optical_depth: float,
        saturation_power: float,
        kind: Kind = "fields",
        name: str = "saturable absorber",
    ) -> None:
        milli = {"milliwatts": 1e-3, "microwatts": 1e-6}
        start = {
            "optical_depth": one_number("optical_depth", optical_depth, above=0.0, at_most=100.0),
            "saturation_power": one_number(
                "saturation_power",
                saturation_power,
                unit="W",
                above=0.0,
                plausible=(1e-15, 10.0),
                scales=milli,
            ),
        }
        super().__init__(channels, kind, name, start, {}, "layer")

    def transfer(self, power: np.ndarray, settings: Mapping[str, np.ndarray]) -> FieldTransfer:
        """√T and its slope, by dT/ds = T (1 − T)/(1 + s T) with s = P/P_sat."""
        saturation = float(settings["saturation_power"][0])
        strength = power / saturation
        depth = absorbed_depth(strength, float(settings["optical_depth"][0]))
        field = np.exp(-0.5 * depth)
        passed = field * field
        slope = -0.5 * np.expm1(-depth) * field / ((1.0 + strength * passed) * saturation)
        return FieldTransfer(field + 0j, slope + 0j)

    def _highest_power(self) -> float:
        depth, saturation = (float(self.settings[n][0]) for n in ("optical_depth", "saturation_power"))
        return _SATURATED * (1.0 + depth) * saturation


def absorbed_depth(strength: np.ndarray, optical_depth: float) -> np.ndarray:
    """−ln T [1] of the absorber when P_in/P_sat is ``strength`` [1], elementwise.

    Root u of optical_depth − u − s (1 − e^−u). It falls and is convex in u, so Newton's steps from
    the left of the root come near it from that side and never overshoot.
    """
    strength = np.asarray(strength, dtype=float)
    # optical_depth − s is left of the root too, and near it where absorption is strong throughout
    depth = np.maximum(optical_depth / (1.0 + strength), optical_depth - strength)
    for _ in range(_STEPS):
        fading = np.exp(-depth)
        step = (optical_depth - depth + strength * np.expm1(-depth)) / (1.0 + strength * fading)
        depth = depth + step
        if not np.any(np.abs(step) > _LAST_STEP * depth):  # the error is of the order of its square
            return depth
    worst = float(np.max(np.abs(step)))
    raise ConvergenceError(f"transmission of the absorber not found: last step {worst:g}", depth)
