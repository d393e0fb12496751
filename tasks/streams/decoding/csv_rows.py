"""Rows of CSV, named by their heading: of whole files, or one by one as they come."""

from __future__ import annotations

import csv
from typing import Final

import msgspec

from tasks.streams.decoding.json_text import read, reader
from tasks.streams.event import Malformed

MOST_ROWS: Final = 200_000
LONGEST_CELL: Final = 10_000


class Rows:
    """Reads CSV; a message of one line is a row of the heading that came before it."""

    def __init__(self) -> None:
        self._heading: list[str] = []

    def read(self, body: bytes) -> list[dict[str, str]]:
        """Return rows by the names of their columns.

        Raises
        ------
        Malformed
            `encoding`, `csv`, or `shape` if a row has not as many cells as the heading.
        """
        lines = _lines(body)
        if not lines:
            return []
        if len(lines) == 1 and self._heading:
            return [] if lines[0] == self._heading else [_named(self._heading, lines[0])]
        if len(set(lines[0])) != len(lines[0]):
            raise Malformed("csv", "a heading that names two columns alike")
        if len(lines) == 1:
            self._heading = lines[0]
        return [_named(lines[0], row) for row in lines[1:]]

    def freeze(self) -> bytes:
        """Return the heading."""
        return msgspec.json.encode(self._heading) if self._heading else b""

    def thaw(self, state: bytes) -> None:
        """Go on from there."""
        self._heading = read(reader(list[str]), state) if state else []


def _lines(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("encoding", str(error)) from None
    try:
        rows = [row for row in csv.reader(text.splitlines(), strict=True) if row]
    except csv.Error as error:
        raise Malformed("csv", str(error)) from None
    if len(rows) > MOST_ROWS or any(len(cell) > LONGEST_CELL for row in rows[:1] for cell in row):
        raise Malformed("range", "more rows, or longer names, than a message has")
    return rows


def _named(heading: list[str], row: list[str]) -> dict[str, str]:
    if len(row) != len(heading):
        raise Malformed("shape", "a row that has not as many cells as the heading")
    return dict(zip(heading, row, strict=True))
