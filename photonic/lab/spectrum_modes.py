"""Free spectral range and group index from the frequencies of a comb of modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonic.lab.spectrum_quantities import Z95, Quantity, plain
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Modes", "modes"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Modes:
    """ν(m) = ν₀ + f m + d m²/2 of one family of modes; m = 0 is the mode nearest to the reference.

    ``spacing`` f and ``bend`` d [Hz] with their ``covariance``; ``scatter`` [Hz] of the modes about the
    curve; ``quantile`` for 95 % with as few degrees of freedom as there are.
    """

    frequency: float
    spacing: float
    bend: float | None
    covariance: np.ndarray
    scatter: float | None
    quantile: float
    count: int

    @property
    def free_spectral_range(self) -> Quantity:
        """λ²/c · dν/dm [m] at the reference: exactly λ²/(n_g L)."""
        scale = SPEED_OF_LIGHT / self.frequency**2
        return plain(self.spacing * scale, self.covariance[0, 0] ** 0.5 * scale, "m", self.quantile)

    def group_index(self, circumference: float) -> Quantity:
        """c/(L dν/dm) [1] at the reference; ``circumference`` [m]."""
        value = SPEED_OF_LIGHT / (circumference * self.spacing)
        return plain(value, value * self.covariance[0, 0] ** 0.5 / self.spacing, "1", self.quantile)

    def group_index_slope(self, circumference: float) -> Quantity | None:
        """dn_g/dλ [1/m] at the reference, or None where fewer than three modes are known."""
        if self.bend is None:
            return None
        scale = self.frequency**2 / (circumference * self.spacing**3)
        gradient = np.array([-3 * self.bend / self.spacing, 1.0]) * scale
        error = float(gradient @ self.covariance @ gradient) ** 0.5
        return plain(self.bend * scale, error, "1/m", self.quantile)


def modes(
    numbers: Sequence[int], frequencies: Sequence[float], errors: Sequence[float], reference: int
) -> Modes | None:
    """Curve through modes with the ``numbers``; None if there are fewer than two.

    Parameters
    ----------
    numbers : sequence of int
        Mode numbers, rising with frequency, from any zero.
    frequencies, errors : sequence of float
        Frequencies and their standard errors [Hz].
    reference : int
        Number of the mode at which spacing and bend are wanted.

    Notes
    -----
    Modes scatter about a smooth curve by more than their own errors (roughness, ripple), so the errors
    of spacing and bend are taken from that scatter wherever there are enough modes to show it.
    """
    from scipy.stats import t

    m = np.asarray(numbers, dtype=float) - reference
    nu, sigma = np.asarray(frequencies, dtype=float), np.asarray(errors, dtype=float)
    if m.size < 2:
        return None
    order = min(m.size, 3)
    design = np.stack([m**0, m, m * m / 2][:order], axis=1)
    scaled = nu - nu.mean()
    inverse = np.linalg.pinv(design)
    coefficients = inverse @ scaled
    covariance = (inverse * sigma**2) @ inverse.T
    freedom = m.size - order
    scatter, quantile = None, Z95
    if freedom > 0:
        variance = float(np.sum((scaled - design @ coefficients) ** 2)) / freedom
        scatter = variance**0.5
        seen = variance * inverse @ inverse.T
        if seen[1, 1] > covariance[1, 1]:
            covariance, quantile = seen, float(t.ppf(0.975, freedom))
    full = np.zeros((2, 2))
    full[: order - 1, : order - 1] = covariance[1:, 1:]
    return Modes(
        frequency=float(coefficients[0] + nu.mean()),
        spacing=float(coefficients[1]),
        bend=float(coefficients[2]) if order == 3 else None,
        covariance=full,
        scatter=scatter,
        quantile=quantile,
        count=int(m.size),
    )
