"""Files of the laboratory, opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photonic.errors import DataError, ParameterError
from photonic.lab.array_files import array_table, holds_arrays
from photonic.lab.tables import Table
from photonic.lab.text_tables import text_table

__all__ = ["metadata_with", "table_in"]


def table_in(path: str | Path, delimiter: str | None = None, decimal: str | None = None) -> Table:
    """The table in a file: text in any of the usual layouts, .npy, .npz or .mat.

    Raises
    ------
    DataError
        No such file, a folder, or one that holds no table; see `text_table` and `array_table`.
    ParameterError
        A delimiter of more than one character; a decimal mark that is neither ``"."`` nor ``","``.
    """
    if delimiter is not None and (
        not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\n\r'
    ):
        raise ParameterError(f"delimiter must be one character, got {delimiter!r}")
    if decimal not in (None, ".", ","):
        raise ParameterError(f"decimal must be '.' or ',', got {decimal!r}")
    try:
        place = Path(path)
    except TypeError:
        raise ParameterError(f"path must be the name of a file, got {path!r}") from None
    if place.is_dir():
        raise DataError(f"{place}: this is a folder, not a file")
    try:
        raw = place.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{place}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if holds_arrays(raw, str(place)):
        return array_table(raw, str(place))
    return text_table(raw, str(place), delimiter, decimal)


def metadata_with(words: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The ``words`` of a file and our ``own`` entries; a word under the same name is renamed."""
    return {f"{key} (in the file)" if key in own else key: value for key, value in words.items()} | dict(own)
