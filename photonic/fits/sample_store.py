"""Finished samples of a bootstrap in a file, so that a run that was killed goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import DataError

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["Outcome", "SampleStore", "fingerprint"]

Outcome = list[float] | str  # the numbers of a sample, or why there are none


def fingerprint(fit: Fit) -> str:
    """Digest of what the samples of a fit follow from: data, settings, solution, noise."""
    digest = hashlib.blake2b(digest_size=16)
    for experiment in fit.experiments:
        digest.update(repr((sorted(experiment.at.items()), sorted(experiment.shift.items()))).encode())
        for name, value in sorted(vars(experiment.measured).items()):
            if isinstance(value, np.ndarray):
                digest.update(name.encode() + value.tobytes())
    digest.update(fit.sigma.tobytes())
    numbers = [(n, e.value, e.start, e.bounds) for n, e in fit.estimates.items()]
    digest.update(repr((numbers, fit.noise, fit.loss, fit.guess)).encode())
    return digest.hexdigest()


class SampleStore:
    """Lines of JSON: what the samples belong to, then one line for each chunk of them."""

    def __init__(self, path: str | Path | None, header: dict[str, Any]) -> None:
        self.path = None if path is None else Path(path)
        self.outcomes: dict[int, Outcome] = {}
        if self.path is None:
            return
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # what a killed run left half written is done again
        if not whole:
            self.path.write_text(json.dumps(header) + "\n", encoding="utf-8")
            return
        try:
            lines = [json.loads(line) for line in whole.splitlines()]
            there = {key: lines[0][key] for key in header}
            for line in lines[1:]:
                self.outcomes.update((int(i), o) for i, o in line.items())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(f"{self.path}: no samples of a bootstrap") from None
        for key, wanted in header.items():
            if there[key] != wanted:
                text = f"its samples are of another {key} ({there[key]}, not {wanted})"
                raise DataError(f"{self.path}: {text}: name another file")
        if whole != text:
            self.path.write_text(whole, encoding="utf-8")

    def add(self, indices: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Write a finished chunk."""
        if self.path is not None:
            line = json.dumps({str(i): o for i, o in zip(indices, outcomes, strict=True)})
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
