"""Responses of many cavity-loaded interferometers at once, with their exact slopes, in one compiled loop.

For each element the stored energy U solves P_in(U) = s P (`photonic.cavity`, equation (7)), s the share of
the power that drives the ring; then H = A + B t(U), with A and B those of the two arms
(`photonic.interferometer`). The slopes follow from the implicit function theorem,

    dU/dP = s/F_U,   dU/dω_L = −F_δ/F_U,   dU/dk_in = P (ds/dk_in)/F_U,   F = P_in(U, δ)           (R1)

with dγ/dU and dδ/dU by a complex step through the formulas of `photonic.rates`, and the slopes of A, B and
s by a complex step through those of the interferometer.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from photonic.cavity import Cavity
from photonic.compiled import compiled
from photonic.device import check_power
from photonic.errors import ConvergenceError, ParameterError, check, concrete, one_number, real_numbers
from photonic.interferometer import outputs, upper_share
from photonic.rates import (
    Coefficients,
    absorption_rate,
    coupled_power,
    resonance_shift,
    settled_pairs,
    settled_temperature,
    through_transfer,
    total_rate,
)
from photonic.small_signal import hopf_table

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["SETTINGS", "ResponseSlopes", "response_with_slopes"]

SETTINGS = ("detuning", "arm_phase", "input_coupling", "output_coupling")

_STEP = 1e-40  # [J], imaginary step in U
_PER_STEP = 1e40  # [1/J]
_SMALL = 1e-30  # [1] or [rad], imaginary step in a setting of the interferometer
_NODES = 48  # of the table in which a solution is looked up first
_SOLVED, _FOLDED, _LOST = 0, 1, 2  # how a loop ended


class ResponseSlopes(NamedTuple):
    """Field transfer of n devices at (rows, n) powers, and its first derivatives.

    P_out = |field|² P, and what is derived from it follows by the product rule.
    """

    field: np.ndarray  # H [1], complex, shape (rows, n)
    field_slope: np.ndarray  # dH/dP [1/W], complex, shape (rows, n)
    settings_slope: (
        np.ndarray | None
    )  # dH/d(setting), complex, shape (rows, n, 4): [s/rad], [1/rad], [1], [1]
    energy: np.ndarray  # U in the ring [J], shape (rows, n)


def response_with_slopes(
    ring: Ring,
    power: Any,
    settings: Any,
    insertion_loss: float = 1.0,
    arm_loss: float = 1.0,
    port: Literal["bar", "cross"] = "cross",
    settings_slopes: bool = True,
    single_valued: bool = False,
) -> ResponseSlopes:
    """Field transfer of n devices that differ in their settings, with its slopes, exact to round-off.

    Parameters
    ----------
    ring : Ring
        The ring in each of them: one ring with the linear index law and without traps.
    power : array_like, shape (rows, n)
        Power at the input of each device [W].
    settings : array_like, shape (n, 4) or (1, 4)
        Columns `SETTINGS`: detuning [rad/s], arm phase [rad], input and output coupling [1].
    insertion_loss, arm_loss : float
        P_in/P_out [1], as of `photonic.CavityLoadedMZI`.
    port : {"bar", "cross"}
    settings_slopes : bool
        Whether the slopes by the settings are wanted; couplings must then lie inside (0, 1).
    single_valued : bool
        The caller knows that every ring has one stable state up to its largest power
        (`photonic.stable_region.stable_detunings`), which is then not examined again.

    Returns
    -------
    ResponseSlopes

    Raises
    ------
    ParameterError
        Wrong numbers or shapes; a ring of arrays, with traps or with another index law; a response that
        is multivalued or self-pulsates between 0 and the largest power of that device.

    Examples
    --------
    >>> import numpy as np
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> found = response_with_slopes(ring, [[0.2e-3]], [[0.0, np.pi, 0.5, 0.5]], port="bar")
    >>> round(float(np.abs(found.field[0, 0]) ** 2 * 0.2), 5)  # mW
    0.09479
    """
    power, settings = _checked(power, settings, settings_slopes)
    before = one_number("insertion_loss", insertion_loss, at_least=1.0)
    beside = one_number("arm_loss", arm_loss, at_least=1.0)
    if port not in ("bar", "cross"):
        raise ParameterError(f"port must be 'bar' or 'cross', got {port!r}")
    c, per_carrier = _numbers(ring)
    share, dark, ring_part = _optics(settings, before, beside, port)
    highest = np.max(power, axis=0, initial=0.0) * share[0].real
    if not single_valued:
        _check_single(ring, settings[:, 0], highest, share[0].real)
    shape = power.shape
    energy, field, slope = np.empty(shape), np.empty(shape, complex), np.empty(shape, complex)
    by_setting = np.empty((*shape, 4) if settings_slopes else (0, 0, 4), complex)
    top = 4 * c.coupling * highest / c.linear_loss**2 * (1 + 1e-9)  # a linear ring on resonance reaches it
    ended = differentiate(
        power, settings[:, 0].copy(), highest, top, c, per_carrier, share, dark, ring_part,
        energy, field, slope, by_setting,
    )  # fmt: skip
    if ended == _FOLDED:
        raise ParameterError("the response of a device is multivalued below its largest power")
    if ended == _LOST:
        raise ConvergenceError("no steady state was found to round-off in 100 steps", partial=energy)
    return ResponseSlopes(field, slope, by_setting if settings_slopes else None, energy)


# --- what the loop runs ------------------------------------------------------------------------------


def half_and_offset(energy: Any, detuning: Any, per_carrier: Any, c: Coefficients) -> Any:
    """Half the decay rate γ/2 [1/s] and laser minus hot resonance δ [rad/s], carriers and heat settled."""
    pairs = settled_pairs(energy, c)
    absorbed = absorption_rate(energy, pairs, c)
    temperature = settled_temperature(energy, absorbed, c)
    shift = resonance_shift(energy, per_carrier * pairs, temperature, c)
    return 0.5 * total_rate(absorbed, c), detuning - shift  # dividing complex numbers takes long


def power_and_slope(energy: Any, detuning: Any, per_carrier: Any, c: Coefficients) -> Any:
    """γ_c P_in(U) [W/s] and its slope [1/s²]."""
    stepped = energy + 1j * _STEP
    half, offset = half_and_offset(stepped, detuning, per_carrier, c)
    value = coupled_power(stepped, half, offset)
    return value.real, value.imag * _PER_STEP


def tabulated(highest: Any, top: Any, detuning: Any, per_carrier: Any, c: Coefficients, table: Any) -> int:
    """Fill columns (U, γ_c P_in, dU/d(γ_c P_in)) into ``table`` up to ``highest`` [W/s] or U = ``top`` [J].

    Returns how many there are; 0 if P_in falls before.
    """
    nodes = table.shape[1]
    for i in range(nodes):
        part = i / (nodes - 1)
        energy = top * part * part * part
        power, slope = power_and_slope(energy, detuning, per_carrier, c)
        table[0, i], table[1, i], table[2, i] = energy, power, 1.0 / slope if slope > 0.0 else 0.0
        if power >= highest and i:
            return i + 1
        if not slope > 0.0:
            return 0
    return nodes


def solved(target: Any, detuning: Any, per_carrier: Any, c: Coefficients, table: Any, nodes: int) -> float:
    """U [J] with γ_c P_in(U) = ``target`` [W/s], −1 if lost: cubic look-up, then Newton in its bracket."""
    if target == 0.0:
        return 0.0
    low, high = 0, nodes - 1
    while high - low > 1:
        middle = (low + high) // 2
        if table[1, middle] <= target:
            low = middle
        else:
            high = middle
    width = table[1, high] - table[1, low]
    x = min((target - table[1, low]) / width, 1.0)
    rise = table[0, high] - table[0, low]
    first, last = width * table[2, low], width * table[2, high]
    energy = table[0, low] + x * (first + x * (3 * rise - 2 * first - last + x * (first + last - 2 * rise)))
    bottom, top = table[0, low], table[0, high]
    if not bottom < energy < top:
        energy = (bottom + top) / 2
    for _ in range(100):
        power, slope = power_and_slope(energy, detuning, per_carrier, c)
        miss = power - target
        if miss > 0.0:
            top = energy
        else:
            bottom = energy
        step = miss / slope
        new = energy - step
        if not bottom <= new <= top:
            new = (bottom + top) / 2
            step = energy - new
        energy = new
        if abs(step) <= 1e-9 * energy:
            return energy
    return -1.0


@compiled
def differentiate(
    power: Any, detuning: Any, highest: Any, top: Any, c: Any, per_carrier: Any, share: Any, dark: Any,
    ring_part: Any, energy: Any, field: Any, slope: Any, by_setting: Any,
) -> int:  # fmt: skip
    """Fill energies, fields and their slopes, device by device; says how it ended.

    ``share``, ``dark`` and ``ring_part`` (4, n) hold s, A and B and their slopes by the three settings of
    the interferometer; ``by_setting`` stays as it is if it has no rows.
    """
    rows, n = power.shape
    table = np.empty((3, max(4, min(rows, _NODES))))
    for j in range(n):
        s, s_in = share[0, j].real, share[2, j].real
        a, b, at = dark[0, j], ring_part[0, j], detuning[j]
        nodes = tabulated(c.coupling * highest[j], max(top[j], _STEP), at, per_carrier, c, table)
        if nodes == 0:
            return _FOLDED
        for r in range(rows):
            p = power[r, j]
            u = solved(c.coupling * s * p, at, per_carrier, c, table, nodes)
            if u < 0.0:
                return _LOST
            half, offset = half_and_offset(u + 1j * _STEP, at, per_carrier, c)
            held = coupled_power(u + 1j * _STEP, half, offset)
            width = complex(half.real, -offset.real)  # D = γ/2 − iδ
            re, im = through_transfer(half.real, offset.real, c)
            t = complex(re, im)
            rate = (1.0 - t) / width  # −dt/d(−D) = γ_c/D²
            per_power = c.coupling * _STEP / held.imag  # 1/F_U
            by_energy = b * rate * complex(half.imag * _PER_STEP, -offset.imag * _PER_STEP)
            energy[r, j] = u
            field[r, j] = a + b * t
            slope[r, j] = by_energy * s * per_power
            if by_setting.shape[0]:
                pulled = -2.0 * u * offset.real / c.coupling * per_power  # dU/dω_L, F_δ = 2Uδ/γ_c
                by_setting[r, j, 0] = by_energy * pulled - 1j * b * rate
                by_setting[r, j, 1] = dark[1, j] + ring_part[1, j] * t
                moved = p * s_in * per_power  # dU/dk_in
                by_setting[r, j, 2] = dark[2, j] + ring_part[2, j] * t + by_energy * moved
                by_setting[r, j, 3] = dark[3, j] + ring_part[3, j] * t
    return _SOLVED


# --- what the loop needs -----------------------------------------------------------------------------


def _checked(power: Any, settings: Any, inside: bool) -> tuple[np.ndarray, np.ndarray]:
    power = np.atleast_1d(real_numbers("power", power))
    settings = real_numbers("settings", settings)
    check_power("power", power)
    if power.ndim != 2:
        raise ParameterError(f"power must have shape (rows, devices), got {power.shape}")
    n = power.shape[1]
    if settings.ndim != 2 or settings.shape[1] != 4 or settings.shape[0] not in (1, n):
        raise ParameterError(f"settings must have shape ({n}, 4) or (1, 4), got {settings.shape}")
    check("input_coupling", settings[:, 2], at_least=0.0, below=1.0)
    check("output_coupling", settings[:, 3], at_least=0.0, at_most=1.0)
    if inside:
        check("couplings whose slopes are wanted", settings[:, 2:], above=0.0, below=1.0)
    return power, np.ascontiguousarray(np.broadcast_to(settings, (n, 4)))


def _numbers(ring: Ring) -> tuple[Coefficients, float]:
    """Coefficients of one ring, and its index change per pair [m³], in plain floats."""
    if ring.traps is not None or ring.index_law is not None:
        raise ParameterError(
            "ring must have the linear index law and no traps: use the device's own gradient"
        )
    numbers = (*ring.coefficients(), ring.index_per_carrier)
    if any(np.ndim(concrete(v)) for v in numbers):
        raise ParameterError("ring must be one ring, got arrays: devices differ in their settings only")
    *c, per_carrier = (float(concrete(v)) for v in numbers)
    return Coefficients(*c), per_carrier


def _optics(
    settings: np.ndarray, insertion_loss: float, arm_loss: float, port: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """s, A and B of H = A + B t, each (4, n): the value, then its slopes by φ, k_in and k_out."""
    stepped = np.repeat(settings[None, :, 1:], 4, axis=0).astype(complex)
    for k in range(3):
        stepped[k + 1, :, k] += 1j * _SMALL
    device = SimpleNamespace(
        arm_phase=stepped[..., 0], input_coupling=stepped[..., 1], output_coupling=stepped[..., 2],
        insertion_loss=insertion_loss, arm_loss=arm_loss,
    )  # fmt: skip
    which = 0 if port == "bar" else 1
    dark, bright = (outputs(device, arm)[which] for arm in ((0.0, 0.0), (1.0, 0.0)))
    zero = [_joined(part) for part in dark]
    one = [_joined(part) for part in bright]
    a, b = zero[0] + 1j * zero[1], (one[0] - zero[0]) + 1j * (one[1] - zero[1])
    return _joined(upper_share(device)).astype(complex), a, b


def _joined(stepped: np.ndarray) -> np.ndarray:
    """Value and slopes from values with an imaginary step: Re of the first row, Im/step of the others."""
    found = np.imag(stepped) / _SMALL
    found[0] = np.real(stepped[0])
    return np.asarray(found)


def _check_single(ring: Ring, detuning: np.ndarray, highest: np.ndarray, share: np.ndarray) -> None:
    """Raise unless each ring has one state, which does not pulsate, up to the bus power ``highest`` [W]."""
    different, where = np.unique(detuning, return_inverse=True)
    cavity = Cavity(ring, different)
    limit = cavity.single_valued_limit()[where]
    if np.any(highest > limit):
        k = int(np.argmax(highest > limit))
        raise ParameterError(
            f"the response of device {k} is multivalued above {limit[k] / share[k]:.6g} W: "
            "choose a smaller power or another detuning"
        )
    energies = hopf_table(cavity, float(cavity.largest_energy(np.max(highest))))[0]
    if not energies.shape[-1]:
        return
    powers = np.moveaxis(np.array([cavity.input_power(u) for u in np.moveaxis(energies, -1, 0)]), 0, -1)
    first = np.min(np.where(np.isnan(powers), np.inf, powers), axis=-1)[where]
    if np.any(highest > first):
        k = int(np.argmax(highest > first))
        raise ParameterError(f"the response of device {k} self-pulsates above {first[k] / share[k]:.6g} W")
