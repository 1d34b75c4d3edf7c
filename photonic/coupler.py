"""Two-by-two couplers and the tunable Mach-Zehnder coupler."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from photonic.errors import check
from photonic.material import number
from photonic.namespace import listed, namespace

__all__ = [
    "Coupler",
    "combine",
    "coupler",
    "coupling_phase",
    "tunable_coupler",
    "tunable_coupling",
    "tunable_global_phase",
]


class Coupler(NamedTuple):
    """A lossless symmetric 2×2 coupler [[t, iκ], [iκ, t]] with real t and κ.

    The two real numbers say everything, so that derivatives in any library and complex steps
    pass through; `combine` applies it to fields.
    """

    through: Any  # t = √(1 − k) [1], amplitude that stays in its guide
    cross: Any  # κ = √k [1], amplitude that crosses, a quarter period late

    def matrix(self) -> Any:
        """Complex matrix, shape (..., 2, 2): row = output, column = input."""
        xp = namespace(self.through, self.cross)
        t, c = number(self.through), number(self.cross)
        kind = xp.complex64 if getattr(t, "dtype", None) == xp.float32 else xp.complex128
        t, c = xp.astype(t, kind), 1j * xp.astype(c, kind)
        return xp.stack([xp.stack([t, c], axis=-1), xp.stack([c, t], axis=-1)], axis=-2)


def coupler(coupling: Any) -> Coupler:
    """Coupler that moves the share ``coupling`` of the power to the other guide.

    [[√(1−k), i√k], [i√k, √(1−k)]] for fields ~ exp(−iωt).

    Parameters
    ----------
    coupling : float or array
        Power coupling k [1], in [0, 1]. The slope of √k is infinite at 0, that of √(1−k) at 1.

    Raises
    ------
    ParameterError
        k outside [0, 1].

    Examples
    --------
    >>> t, c = coupler(0.36)
    >>> float(t), float(c)
    (0.8, 0.6)
    """
    check("coupling", coupling, at_least=0.0, at_most=1.0)
    coupling = listed(coupling)
    return Coupler((1 - coupling) ** 0.5, coupling**0.5)


def combine(element: Coupler, first: Any, second: Any) -> tuple[Any, Any]:
    """Fields behind a coupler: (t a + iκ b, iκ a + t b).

    Examples
    --------
    >>> combine(coupler(1.0), 1.0, 0.0)
    (0j, 1j)
    """
    t, c = element
    return t * first + 1j * (c * second), 1j * (c * first) + t * second


def tunable_coupling(phase: Any) -> Any:
    """Power coupling k = cos²(θ/2) [1] of two 50:50 couplers with a phase θ [rad] in between.

    The phase is in the upper arm. Without it all the power crosses; at π all of it stays.

    Examples
    --------
    >>> float(tunable_coupling(0.0)), round(float(tunable_coupling(math.pi)), 12)
    (1.0, 0.0)
    """
    check("phase", phase, unit="rad")
    xp = namespace(phase)
    return 0.5 * (1 + xp.cos(phase))


def coupling_phase(coupling: Any) -> Any:
    """Phase θ [rad] in [0, π] at which a tunable coupler has ``coupling`` [1]; its inverse.

    θ = 2 arctan2(√(1−k), √k).

    Examples
    --------
    >>> round(float(coupling_phase(0.5)) / math.pi, 12)
    0.5
    """
    check("coupling", coupling, at_least=0.0, at_most=1.0)
    coupling = number(coupling)
    if getattr(coupling, "dtype", None) is not None and str(coupling.dtype).startswith("complex"):
        return namespace(coupling).arccos(2 * coupling - 1)  # complex step: no arctan2 there
    xp = namespace(coupling)
    angle = getattr(xp, "atan2", None) or xp.arctan2
    return 2 * angle((1 - coupling) ** 0.5, coupling**0.5)


def tunable_global_phase(phase: Any) -> Any:
    """Phase [rad] that a tunable coupler adds to both outputs beside `coupler`: θ/2 + π/2.

    Exactly, for θ in [0, π]: `tunable_coupler` is e^(i(θ/2 + π/2)) D C(k) D, with C(k) the matrix
    of `coupler` at k = `tunable_coupling` and D = diag(1, −i), a quarter wave less in the lower
    guide before and behind.

    Examples
    --------
    >>> round(tunable_global_phase(0.0) / math.pi, 12)
    0.5
    """
    check("phase", phase, unit="rad")
    return 0.5 * (phase + math.pi)


def tunable_coupler(phase: Any) -> Any:
    """Matrix of two 50:50 couplers with a phase θ [rad] in the upper arm between them.

    C(½) diag(e^(iθ), 1) C(½) = i e^(iθ/2) [[sin(θ/2), cos(θ/2)], [cos(θ/2), −sin(θ/2)]].

    Returns
    -------
    array, shape (..., 2, 2)
        Complex; row = output, column = input.

    Examples
    --------
    >>> import numpy as np
    >>> np.round(np.abs(tunable_coupler(math.pi / 2)) ** 2, 12).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    check("phase", phase, unit="rad")
    phase = number(phase)
    xp = namespace(phase)
    kind = xp.complex64 if phase.dtype == xp.float32 else xp.complex128
    s, c = xp.astype(xp.sin(phase / 2), kind), xp.astype(xp.cos(phase / 2), kind)
    turn = 1j * (c + 1j * s)
    rows = [xp.stack([s, c], axis=-1), xp.stack([c, -s], axis=-1)]
    return turn[..., None, None] * xp.stack(rows, axis=-2)
