"""The device that a fit found, its numbers checked and their origin told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from photonic.device import Device
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import changed, unit_of
from photonic.provenance import Sourced

__all__ = ["fitted_device"]


def fitted_device(device: Device, values: Mapping[str, float], experiments: Sequence[Experiment]) -> Any:
    """``device`` with ``values`` of dotted names; those of its ring say which data they were fitted to."""
    moved: Any = changed(device, values)
    parts: dict[str, Any] = {}
    for f in dataclasses.fields(moved):
        part: Any = getattr(moved, f.name)
        if dataclasses.is_dataclass(part):
            changes = _origins(part, f.name, values, experiments)
            parts[f.name] = dataclasses.replace(part, **changes)  # type: ignore[type-var]
    return dataclasses.replace(moved, **parts)


def _origins(
    part: Any, name: str, values: Mapping[str, float], experiments: Sequence[Experiment]
) -> dict[str, Any]:
    """The ``sources`` of a part with those of its fitted numbers changed; nothing for parts without."""
    own = {n.removeprefix(f"{name}."): v for n, v in values.items() if n.startswith(f"{name}.")}
    if not own or not hasattr(part, "sources"):
        return {}
    files = [str(e.measured.metadata.get("file", "")) for e in experiments]
    where = ", ".join(dict.fromkeys(file for file in files if file)) or "measured data"
    made = {
        n: Sourced(v, unit_of(f"{name}.{n}"), None, f"fitted to {where}", "fitted")
        for n, v in own.items()
        if "." not in n
    }
    return {"sources": {**part.sources, **made}}
