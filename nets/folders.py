"""Folders that hold results: recognised by a small file, never mistaken for somebody else's."""

from __future__ import annotations

import json
from pathlib import Path

from photonic.errors import DataError, ParameterError

__all__ = ["MARK", "claim", "write_text"]

MARK = ".photonic-neuron.json"
SCHEMA = 1


def claim(folder: str | Path, kind: str) -> Path:
    """Make ``folder`` ready for results of one ``kind`` and mark it as ours.

    Raises
    ------
    ParameterError
        The folder holds files that are not ours, or results of another kind.
    DataError
        The folder cannot be made or written.
    """
    path = Path(folder).expanduser()
    mark = path / MARK
    try:
        path.mkdir(parents=True, exist_ok=True)
        if mark.exists():
            found = _kind(mark)
            if found != kind:
                raise ParameterError(
                    f"{path} holds the results of a {found}, not of a {kind}: choose another folder"
                )
        elif any(path.iterdir()):
            raise ParameterError(
                f"{path} is not empty and was not made by this program: choose another folder"
            )
        mark.write_text(json.dumps({"schema": SCHEMA, "kind": kind}) + "\n", encoding="utf-8")
    except OSError as reason:
        raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None
    return path


def write_text(path: Path, text: str) -> None:
    """Write a file wholly or not at all; an error names the file."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as reason:
        raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None


def _kind(mark: Path) -> str:
    try:
        return str(json.loads(mark.read_text(encoding="utf-8"))["kind"])
    except (ValueError, KeyError, TypeError):
        return "program unknown to this version"
