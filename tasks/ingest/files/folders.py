"""A folder of files as one source: packed the same way each time, so that it has one digest."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from configs.errors import BadInput
from tasks.ingest.files import limits

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path) -> bytes:
    """Return a zip archive, not compressed, of all files in a folder and below.

    Hidden files are left out, and links that lead out of the folder are not followed. Equal
    folders give equal bytes.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    BadInput
        If it holds no file, or more than is read.
    """
    root = folder.resolve()
    files = [
        path
        for path in sorted(folder.rglob("*"), key=lambda each: each.relative_to(folder).as_posix())
        if path.is_file() and path.resolve().is_relative_to(root)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]  # fmt: skip
    if not files:
        raise BadInput(f"the folder {folder} holds no file")
    if len(files) > limits.MEMBERS:
        raise BadInput(f"the folder {folder} holds {len(files):,} files, more than are read")
    packed = io.BytesIO()
    size = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            content = path.read_bytes()
            size += len(content)
            if size > limits.UNPACKED_BYTES:
                raise BadInput(
                    f"the folder {folder} holds more than {limits.UNPACKED_BYTES / 2**30:.0f} GiB",
                    hint="write its bars as one Parquet file",
                )
            name = path.relative_to(folder).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return packed.getvalue()
