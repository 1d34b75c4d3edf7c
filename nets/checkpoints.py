"""Training that can be interrupted: everything needed to go on, in one npz file."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError, ParameterError

__all__ = ["SCHEMA", "load_checkpoint", "save_checkpoint"]

SCHEMA = 1


def save_checkpoint(path: str | Path, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> None:
    """Write ``arrays`` and ``settings`` (JSON types) to ``path``: either wholly or not at all."""
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, schema=np.int64(SCHEMA), settings=np.array(json.dumps(settings)), **arrays)  # type: ignore[arg-type]
        os.replace(part, path)
    except OSError as reason:
        raise DataError(f"{path}: the checkpoint cannot be written ({reason.strerror or reason})") from None
    finally:
        with contextlib.suppress(OSError):  # what an earlier process that was killed left goes too
            for left in path.parent.iterdir():
                if left.name.startswith(f"{path.name}.") and left.suffix == ".part":
                    left.unlink(missing_ok=True)


def load_checkpoint(path: str | Path, settings: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays of a checkpoint, if it was made with the same ``settings``.

    Raises
    ------
    DataError
        Not a checkpoint of this schema, or damaged.
    ParameterError
        Made with other settings; the message names the first that differs.
    """
    try:
        # opened here, since NumPy leaves a damaged file open
        with Path(path).open("rb") as source, np.load(source, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        schema, saved = int(arrays.pop("schema")), json.loads(str(arrays.pop("settings")))
    except (OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as reason:
        raise DataError(f"{path}: not a checkpoint of this package ({reason})") from None
    if schema != SCHEMA:
        raise DataError(f"{path}: checkpoint of schema {schema}, this version reads {SCHEMA}")
    wanted = json.loads(json.dumps(settings))
    for key in sorted({*saved, *wanted}):
        if saved.get(key) != wanted.get(key):
            name, there, here = _first_apart(key, saved.get(key), wanted.get(key))
            raise ParameterError(f"checkpoint {path} was made with {name} {there!r}, not {here!r}")
    return arrays


def _first_apart(key: str, saved: Any, wanted: Any) -> tuple[str, Any, Any]:
    """The setting itself, or the first text of a list of them that differs: the others would hide it."""
    lists = [value for value in (saved, wanted) if isinstance(value, list) and value]
    if len(lists) == 2 and all(isinstance(value[0], str) for value in lists):
        for k, (there, here) in enumerate(zip_longest(saved, wanted)):
            if there != here:
                return f"{key}[{k}]", there, here
    return key, saved, wanted
