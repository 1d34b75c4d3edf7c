"""Spoken vowels: log area ratios of eleven vowels of British English by fifteen speakers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import numpy as np

from photonic.errors import DataError

__all__ = ["VOWELS", "vowel_rows"]

# heed, hid, head, had, hud, hard, hod, hoard, hood, who'd, heard, in the letters of the data set
VOWELS = ("hid", "hId", "hEd", "hAd", "hYd", "had", "hOd", "hod", "hUd", "hud", "hed")
_HEADINGS = ["test", "speaker", "sex", *(f"f{k}" for k in range(1, 11)), "vowel"]


def vowel_rows(chosen: Sequence[str] = VOWELS, features: int = 10) -> tuple[np.ndarray, ...]:
    """Training features and labels, testing features and labels of the chosen vowels.

    Parameters
    ----------
    chosen : sequence of str
        Names in `VOWELS`; labels count in this order.
    features : int
        How many log area ratios, the first ones.

    Returns
    -------
    train_inputs, train_labels, test_inputs, test_labels : ndarray
        Inputs (rows, features) of float32 [1], scaled so that each feature of these training rows
        runs from 0 to 1. A test value beyond what was met in training stays outside [0, 1].

    Raises
    ------
    DataError
        The file of the package is damaged.
    """
    file = resources.files("nets").joinpath("data", "vowel", "vowel.csv")
    try:
        lines = file.read_text(encoding="ascii").split("\n")
        table = np.array([[float(x) for x in line.split(",")] for line in lines[1:] if line])
    except (OSError, ValueError) as reason:
        raise DataError(f"{file}: cannot be read ({reason})") from None
    if lines[0].split(",") != _HEADINGS or table.shape != (990, 14):
        raise DataError(f"{file}: not the 990 utterances that it should hold")
    vowel = table[:, -1].astype(int)
    wanted = [VOWELS.index(name) for name in chosen]
    label = np.array([wanted.index(v) if v in wanted else -1 for v in vowel])
    parts = [(label >= 0) & (table[:, 0] == flag) for flag in (0, 1)]
    values = table[:, 3 : 3 + features]
    low, high = values[parts[0]].min(axis=0), values[parts[0]].max(axis=0)
    train, test = ((((values[rows] - low) / (high - low)).astype(np.float32), label[rows]) for rows in parts)
    return *train, *test
