"""Where a source's bytes are, and what identifies them; reads no table."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from configs.errors import BadInput, Failed, did_you_mean, in_spec
from configs.remedies import Mend
from configs.workspace import HOME
from tasks.ingest.files import folders

if TYPE_CHECKING:
    from taskspecs.schema import DataSpec

WANTED = (
    "put a CSV, Excel or Parquet of bars there, with a symbol, a date, open, high, low, close and "
    "volume, or name another; `qraft data check FILE` says how it would be read"
)
ADVICE = {"data.path": (WANTED,)}
"""What a missing file should have been, for those who have none yet, by the spec's key."""
FETCHED = f"{HOME}/fetched/"
LARGEST_MANIFEST = 1 << 26
SAMPLE_PACKAGE = "bokeh_sampledata"


def digest(data: DataSpec, workspace: Path) -> str:
    """Return the sha256 of the source's bytes, in hex; of a folder, of the archive that is kept.

    Parameters
    ----------
    data
        The `data` section of a spec.
    workspace
        The folder that `data.path` is relative to, and must stay in.

    Raises
    ------
    BadInput
        As :func:`locate`.
    Failed
        If the bytes cannot be read.
    """
    path = locate(data, workspace)
    try:
        return digest_of(path)
    except OSError as error:
        raise Failed(
            f"`{path}` cannot be read: {error.strerror or error}",
            remedy=Mend.INSPECT_FILE(path=path),
        ) from error


def digest_of(path: Path) -> str:
    """Return the sha256 of a file, or of the archive that a folder is kept as, in hex."""
    if path.is_dir():
        return hashlib.sha256(folders.pack(path)).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_of(path: Path) -> tuple[bytes, str]:
    """Return the bytes that are kept of a source, and the ending of their name."""
    if path.is_dir():
        return folders.pack(path), ".zip"
    return path.read_bytes(), "".join(path.suffixes[-2:]).lower()


def locate(data: DataSpec, workspace: Path) -> Path:
    """Return the file, or the folder of files, that holds the source's bytes.

    Parameters
    ----------
    data
        The `data` section of a spec.
    workspace
        The folder that `data.path` is relative to, and must stay in; links are followed and
        must stay in it too. What is in the lake, or streams, has a copy there, made by
        `tasks.runs.fetching`.

    Raises
    ------
    BadInput
        If the path leaves the workspace, or does not exist (near matches are named).
    Failed
        If the package with the sample prices is not installed.
    """
    if data.path is None:
        return sample()
    if data.source in {"lake", "stream"}:
        return inside(fetched(copy_of(data)), workspace, key="data.path")
    return inside(data.path, workspace, key="data.path", folder_too=True)


def copy_of(data: DataSpec) -> str:
    """Return what the copy of a source that is no file of the workspace is called.

    Examples
    --------
    >>> from taskspecs.schema import DataSpec
    >>> copy_of(DataSpec(source="stream", path="binance_trades"))
    'streams/binance_trades.parquet'
    """
    return f"streams/{data.path}.parquet" if data.source == "stream" else str(data.path)


def fetched(path: str) -> str:
    """Return where in a workspace the copy of an object of the lake is.

    Examples
    --------
    >>> fetched("dropped/prices.csv")
    '.qraft/fetched/dropped/prices.csv'
    """
    return f"{FETCHED}{path}"


def sample() -> Path:
    """Return the file of the sample's prices.

    Raises
    ------
    Failed
        If the package that holds it is not installed.
    """
    # The package is found, not imported: its modules want pandas.
    found = find_spec(SAMPLE_PACKAGE)
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "_data" / "stocks.csv.gz"
        if path.is_file():
            return path
    raise Failed(
        f"the sample prices are missing: the package {SAMPLE_PACKAGE} is not installed whole",
        remedy=Mend.INSTALL(),
    )


def inside(written: str, workspace: Path, *, key: str, folder_too: bool = False) -> Path:
    """Return a file of the workspace that a spec names under a key; see :func:`locate`."""
    root = workspace.resolve()
    if "\0" in written or ".." in Path(written).parts:
        raise _outside(written, root, key)
    path = (root / written).resolve()
    if not path.is_relative_to(root):
        raise _outside(written, root, key)
    if _is_ours(path, root, written):
        raise BadInput(
            f"{written!r} is what Qraft made, and no source",
            place=in_spec(key),
            hint="results are made from sources, and may hold what is sealed; name the source",
        )
    if path.is_file() or (folder_too and path.is_dir() and path != root):
        return path
    if path.is_dir():
        raise BadInput(
            f"`{written}` is a folder; name one file",
            place=in_spec(key),
            hint=_files_in(path, path.name),
        )
    raise BadInput(
        f"`{written}` does not exist in the workspace {root}",
        place=in_spec(key),
        hint="\n".join([_files_in(path.parent, path.name), *ADVICE.get(key, ())]),
    )


def _is_ours(path: Path, root: Path, written: str) -> bool:
    """Whether a file is in Qraft's own folder, or in a result wherever the lake is.

    Copies of what the lake was given (see :func:`fetched`) are sources, and so are the shuffled
    prices that a research writes to compare itself with.
    """
    home = (root / HOME).resolve()
    if path.is_relative_to(home) or HOME in path.relative_to(root).parts:
        fetched = written.startswith(FETCHED) and path.is_relative_to(home / "fetched")
        shuffled = path.parent == home / "research" and path.suffix == ".parquet"
        return not (fetched or shuffled)
    return any(_is_result(folder) for folder in path.parents if folder.is_relative_to(root))


def _is_result(folder: Path) -> bool:
    """Whether a folder of a lake holds a committed result."""
    try:
        found = json.loads((folder / "manifest.json").read_bytes()[:LARGEST_MANIFEST])
        return bool({"format", "dataset", "files"} <= found.keys())
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def _outside(written: str, root: Path, key: str) -> BadInput:
    return BadInput(
        f"{written!r} leaves the workspace {root}",
        place=in_spec(key),
        hint="write a path below the workspace, as `prices/bars.parquet`, and copy the file there",
    )


def _files_in(folder: Path, name: str) -> str:
    """Say which files there are in a folder, near matches first."""
    if not folder.is_dir():
        return f"there is no folder {folder}"
    names = [file.name for file in folder.iterdir() if not file.name.startswith(".")]
    return did_you_mean(name, names) if names else f"the folder {folder} is empty"
