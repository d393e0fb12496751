"""A person's own notes: Markdown, and PDF where the extra is installed, in a workspace's folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from agent.memory.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from configs.workspace import Workspace

LARGEST_BYTES: Final = 20_000_000
SUFFIXES: Final = (".md", ".markdown", ".txt", ".pdf")


def note_files(workspace: Workspace, folder: str) -> list[Path]:
    """Return the notes, none that a link leads out of the workspace to.

    Raises
    ------
    BadInput
        If the folder is outside of the workspace.
    """
    root = workspace.inside(folder)
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and path.resolve().is_relative_to(root)
    )


def notes(workspace: Workspace, folder: str, say: Callable[[str], None]) -> list[Document]:
    """Read the notes; what cannot be read is said, and left out.

    Parameters
    ----------
    say
        Told, in a sentence, what is left out and why.
    """
    read = []
    for path in note_files(workspace, folder):
        name = path.relative_to(workspace.root).as_posix()
        try:
            text = _text(path)
        except _Unreadable as error:
            say(f"{name} is not remembered: {error}")
            continue
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        read.append(Document(f"note:{name}", "note", name, text, date=day))
    return read


class _Unreadable(Exception):
    """A note cannot be read; the reason is the message."""


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_BYTES:
        raise _Unreadable(f"it is larger than {LARGEST_BYTES // 1_000_000} MB")
    if path.suffix.lower() == ".pdf":
        return _pdf(path)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _Unreadable("it is no text in UTF-8, or may not be read") from error


def _pdf(path: Path) -> str:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise _Unreadable("PDF needs the extra `pdf`: uv sync --extra pdf") from error
    try:
        return "\n\n".join(page.extract_text() for page in PdfReader(path).pages)
    except (PyPdfError, OSError, ValueError, KeyError) as error:
        raise _Unreadable("it is no PDF that can be read") from error
