"""Lines of a text file as instruments and spreadsheets write it: encodings, notes, cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from photonic.errors import DataError

__all__ = ["Line", "cell_splitter", "content_and_notes", "decoded", "metadata_of"]

_MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip: unpack it first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    b"\x89HDF": "an HDF5 file: save the numbers as CSV, .npz or MATLAB 5 (.mat)",
    b"%PDF": "a PDF document",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f�]")
_NOTE = re.compile(r"\s*[\"']?\s*(?:#|%|!|//)\s?")
_PAIR = re.compile(r"\s*([^:=]{1,80}?)\s*[:=]\s*(\S.*?)\s*")


class Line(NamedTuple):
    """A line and its number in the file, from 1."""

    row: int
    text: str


def decoded(raw: bytes, file: str) -> str:
    """Text of UTF-8, UTF-16 or Windows (Latin) bytes.

    Raises
    ------
    DataError
        Nothing in it, or not text.
    """
    if not raw.strip(b"\x00 \t\r\n\f\v\xef\xbb\xbf\xff\xfe"):
        raise DataError(f"{file}: the file is empty")
    for magic, what in _MAGIC.items():
        if raw.startswith(magic):
            raise DataError(f"{file}: this is {what}")
    encodings = _wide(raw) or ("utf-8-sig", "cp1252")
    text = None
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeError:
            continue
    if text is None:
        raise DataError(f"{file}: not text in UTF-8, UTF-16 or Windows-1252 (Latin)")
    control = _CONTROL.search(text)
    if control:
        row = len(re.findall(r"\r\n|\n|\r", text[: control.start()])) + 1
        raise DataError(f"{file}: row {row}: not text: it holds the control character {control[0]!r}")
    return text


def _wide(raw: bytes) -> tuple[str, ...]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = raw[:2000]
    if head[1::2].count(0) > 0.4 * len(head) / 2 and not head[0::2].count(0):
        return ("utf-16-le",)
    if head[0::2].count(0) > 0.4 * len(head) / 2 and not head[1::2].count(0):
        return ("utf-16-be",)
    return ()


def content_and_notes(text: str) -> tuple[list[Line], list[Line]]:
    """The lines that are not blank, and the notes among them (behind #, %, ! or //) apart."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    content, notes = [], []
    for row, line in enumerate(text.split("\n"), 1):
        # The quick way for nearly all lines of a long file: they begin with a digit or a sign.
        if line[:1].isdigit() or line[:1] == "-":
            content.append(Line(row, line))
        elif note := _NOTE.match(line):
            notes.append(Line(row, line[note.end() :].strip().removesuffix('"').strip(",;\t ")))
        elif line.strip(" \t,;|\f\v"):
            content.append(Line(row, line))
    return content, notes


def cell_splitter(delimiter: str | None, file: str) -> Callable[[Line], list[str]]:
    """Function that takes a line apart; ``" "`` stands for any white space, None for no separator."""

    def split(line: Line) -> list[str]:
        if delimiter is None:
            return [line.text.strip().strip('"').strip()]
        if '"' not in line.text:
            cells = line.text.split(None if delimiter == " " else delimiter)
        elif delimiter == " ":
            cells = [cell.strip('"') for cell in re.findall(r'"[^"]*"|[^\s"]+', line.text)]
        else:
            try:
                cells = next(csv.reader([line.text], delimiter=delimiter, skipinitialspace=True, strict=True))
            except (csv.Error, StopIteration):
                raise DataError(f"{file}: row {line.row}: quotation marks that do not close") from None
        return [cell.strip() for cell in cells]

    return split


def metadata_of(
    notes: Iterable[Line], preamble: Iterable[Line] = (), split: Callable[[Line], list[str]] | None = None
) -> dict[str, Any]:
    """``Key: value`` lines as a dictionary of text; all other lines are listed under ``notes``.

    With ``split``, a line of several cells in the ``preamble`` is a pair too: the first cell and the rest.
    """
    above = {line.row for line in preamble}
    found: dict[str, Any] = {}
    rest: list[str] = []
    for line in sorted([*notes, *preamble]):
        pair = _PAIR.fullmatch(line.text.strip('"'))
        cells = [cell for cell in split(line) if cell] if split and line.row in above and not pair else []
        if pair:
            key, value = pair[1], pair[2].strip(",;\t ")
        elif len(cells) > 1:
            key, value = cells[0], " ".join(cells[1:])
        else:
            rest.append(line.text.strip())
            continue
        found[key] = f"{found[key]}; {value}" if key in found else value
    if any(rest):
        words = "notes" if "notes" not in found else "other notes"
        found[words] = [note for note in rest if note]
    return found
