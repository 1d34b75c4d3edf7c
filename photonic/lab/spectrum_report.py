"""The result of a spectrum's fit in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from photonic.lab.spectrum_quantities import Quantity

if TYPE_CHECKING:
    from photonic.lab.spectrum_result import Resonance, SpectrumFit

__all__ = ["report_lines"]


def report_lines(found: SpectrumFit) -> Iterator[str]:
    """Lines of the report of a fit."""
    roles = ", ".join(f"{name}: {role}" for name, role in found.channels.items())
    kind = "ring in one arm of an interferometer" if found.kind == "mzi" else "ring"
    rings = "" if found.families == 1 else f", {found.families} families of modes (rings)"
    yield f"{len(found.resonances)} resonances of a {kind}{rings}"
    yield f"channels: {roles}"
    yield f"numbers at the reference, {1e9 * found.reference.wavelength.value:.3f} nm, with 95 % intervals:"
    yield _row("free spectral range", found.free_spectral_range_interval, 1e9, "nm")
    if found.circumference is not None:
        yield _row("group index", found.group_index_interval, 1.0, "")
        yield _row("its slope", found.group_index_slope, 1e-6, "1/µm")
    else:
        yield "  group index and loss         need radius= or circumference="
    yield _row("loaded quality factor", found.reference.quality_factor, 1.0, "")
    yield _row("extinction ratio", found.reference.extinction_db, 1.0, "dB")
    yield from _rate_lines(found)
    yield (
        f"residual: {found.raw_residual_db:.2f} dB rms of all samples within 3 linewidths; "
        f"{found.residual_db:.2f} dB without the ripple expected from the samples further out"
    )
    yield "  wavelength   loaded Q   extinction  splitting   samples    residual  regime"
    yield "        [nm]                    [dB]      [GHz]  /linewidth     [dB]"
    yield from map(_line, found.resonances)
    yield from (f"note: {note}" for note in found.notes)


def _rate_lines(found: SpectrumFit) -> Iterator[str]:
    reference = found.reference
    for regime, rates in reference.rates.items():
        name = "equal couplers (an assumption)" if regime == "symmetric" else f"{regime}-coupled"
        yield f"  {name}:"
        yield _row("  coupling rate", rates.coupling, 1e-9, "1/ns")
        if rates.drop_coupling is not None:
            yield _row("  drop coupling rate", rates.drop_coupling, 1e-9, "1/ns")
        yield _row("  intrinsic rate", rates.intrinsic, 1e-9, "1/ns")
        yield _row("  intrinsic quality factor", rates.intrinsic_quality_factor, 1.0, "")
        if found.circumference is not None:
            yield _row("  loss", found.loss_db_per_cm(regime), 1.0, "dB/cm")
    yield f"  regime {reference.regime}: {reference.reason}"


def _row(name: str, value: Quantity | None, factor: float, unit: str) -> str:
    if value is None:
        return f"  {name:<28} not known"
    low, high = factor * value.low, factor * value.high
    return f"  {name:<28} {factor * value.value:.5g} [{low:.5g}, {high:.5g}] {unit}".rstrip()


def _line(one: Resonance) -> str:
    depth = one.extinction_db
    extinction = (
        "         –"
        if depth is None
        else f"{'≥ ' if one.saturated else '  '}{min(depth.value, depth.low + 99):8.1f}"
    )
    split = "        –" if one.splitting is None else f"{one.splitting.value / 6.283185307e9:9.2f}"
    faint = " (faint)" if one.faint else ""
    return (
        f"  {1e9 * one.wavelength.value:10.4f} {one.quality_factor.value:10.0f}   {extinction}  {split}"
        f"  {one.samples:10.1f} {one.raw_residual_db:8.2f}  {one.regime}{faint}"
    )
