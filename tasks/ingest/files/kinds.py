"""What a file is, by its first bytes."""

from __future__ import annotations

from configs.errors import BadInput

PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
COLUMNAR = {b"PAR1": "Parquet", b"ARROW1": "Arrow", b"\xff\xff\xff\xff": "Arrow stream"}
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_EXPORT = "export it as CSV or Parquet"
_REFUSED = {
    b"\x89HDF": ("an HDF5 file", _EXPORT),
    b"SQLite": ("an SQLite database", _EXPORT),
    b"%PDF": ("a PDF", "look for the table's CSV or Excel file where you had it from"),
    b"DBN": ("a Databento DBN file", "download it as CSV, or convert it with the dbn tool"),
    b"FEA1": ("a Feather file of the first version", "write it again with a newer pyarrow"),
    b"\x80\x02": ("a pickle", "pickles can run code when they are read: write CSV or Parquet"),
    b"\x80\x03": ("a pickle", "pickles can run code when they are read: write CSV or Parquet"),
    b"\x80\x04": ("a pickle", "pickles can run code when they are read: write CSV or Parquet"),
    b"\x80\x05": ("a pickle", "pickles can run code when they are read: write CSV or Parquet"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it, or pack it as zip"),
    b"Rar!": ("a RAR archive", "unpack it, or pack it as zip"),
    b"Obj\x01": ("an Avro file", _EXPORT),
    b"ORC": ("an ORC file", _EXPORT),
    b"\x89PNG": ("a picture", _EXPORT),
    b"\xff\xd8\xff": ("a picture", _EXPORT),
    b"GIF8": ("a picture", _EXPORT),
    b"\x7fELF": ("a program", _EXPORT),
    b"MZ": ("a program", _EXPORT),
}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<table", b"<?xml", b"<meta")


def starts(head: bytes, table: dict[bytes, str]) -> str | None:
    """Return what a table calls the magic bytes at the beginning, if it knows them.

    Examples
    --------
    >>> starts(b"PAR1....", COLUMNAR)
    'Parquet'
    """
    return next((kind for magic, kind in table.items() if head.startswith(magic)), None)


def refuse_others(head: bytes, name: str) -> None:
    """Refuse what is told to be something else than bars, and say what it is.

    Parameters
    ----------
    head
        The file's first bytes, at least sixteen where it has them.

    Raises
    ------
    BadInput
        With what to do instead.
    """
    known = next((what for magic, what in _REFUSED.items() if head.startswith(magic)), None)
    if known and not (known[0] == "a program" and head[:16].isascii() and b"\0" not in head[:64]):
        raise BadInput(f"`{name}` is {known[0]}", hint=known[1])
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise BadInput(
            f"`{name}` is a web page or XML, not a table",
            hint="a download that failed or wanted a login often leaves one, and some sites call a"
            " page .xls: open it in a browser, and export the table as CSV",
        )
    if name.lower().endswith((".parquet", ".pq")):
        raise BadInput(
            f"`{name}` is no Parquet file: it does not begin as one",
            hint="perhaps it was not downloaded whole",
        )
