"""Images and labels in IDX files, as MNIST is published."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError

__all__ = ["FILES", "FILE_CHECKSUMS", "found", "idx_array", "packed"]

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
# MD5 of the raw (unpacked) files, by data set
FILE_CHECKSUMS: dict[str, Mapping[str, str]] = {
    "mnist": {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion-mnist": {"t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a"},
}


def packed(name: str) -> Any:
    """The file of that name that comes with this package."""
    return resources.files("nets").joinpath("data", "mnist", f"{name}.gz")


def found(folder: Path, name: str) -> Path:
    """The file of that name in ``folder``, gzipped or not.

    Raises
    ------
    DataError
        There is none.
    """
    for path in (folder / name, folder / f"{name}.gz", folder / f"{name.replace('-idx', '.idx')}"):
        if path.is_file():
            return path
    raise DataError(f"{folder / name}: no such file (nor with .gz)")


def idx_array(file: Any, checksums: Mapping[str, str] | None = None) -> np.ndarray:
    """Unsigned bytes of an IDX file, gzipped or not, in the shape that it states.

    Parameters
    ----------
    file : path or importlib resource
        Format: two zero bytes, type 8 (unsigned byte), rank, big-endian sizes, data
        (http://yann.lecun.com/exdb/mnist/).
    checksums : mapping, optional
        MD5 of the unpacked content by file name (without .gz); the file must agree.

    Raises
    ------
    DataError
        Missing, cut short, of another type, or of another content.
    """
    name = Path(str(file)).name.removesuffix(".gz")
    try:
        raw = file.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as reason:
        raise DataError(f"{file}: cannot be read ({reason})") from None
    rank = raw[3] if len(raw) > 3 else 0
    if raw[:3] != b"\x00\x00\x08" or not rank or len(raw) < 4 + 4 * rank:
        raise DataError(f"{file}: not an IDX file of bytes, it begins with {raw[:4].hex(' ') or 'nothing'}")
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    data = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    expected = int(np.prod(shape, dtype=np.int64))
    if data.size != expected:
        raise DataError(f"{file}: holds {data.size} bytes, its header says {expected} {shape}")
    known = (checksums or {}).get(name)
    if known and hashlib.md5(raw, usedforsecurity=False).hexdigest() != known:
        raise DataError(f"{file}: its content is not the published one (MD5 differs)")
    return data.reshape(shape)
