"""A file that grows, or a folder in which files appear."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from watchfiles import awatch

from configs.errors import BadInput
from storage.journal.record import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.connectors.port import Resume, Sink
    from taskspecs.sources.connection import FileConnection

MOST_FILES: Final = 10_000
LOOK_MS: Final = 1_000
"""Where a folder tells no changes, as some mounted ones, it is looked at so often."""
YIELD_EVERY: Final = 128
MARK_EVERY: Final = 5_000
"""Messages after which the place is written down again."""


class FileConnector:
    """Brings the lines of files, or whole files, each once, whatever is killed meanwhile.

    A record OPENED says how far every file was read; each RAW after it is the next line of the
    file that it names. So the place to go on from is in the journal, and nowhere else.

    Parameters
    ----------
    spec
        Which files.
    root
        The workspace.
    resume
        How far the journal has come; none if it is empty.
    """

    def __init__(self, spec: FileConnection, root: Path, resume: Resume | None = None) -> None:
        self._spec = spec
        self._path = (root / spec.path).resolve()
        if not self._path.is_relative_to(root.resolve()):
            raise BadInput(f"{spec.path!r} leaves the workspace {root}")
        self._places: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._named = ""
        self._since = 0
        self._skip = 0
        if resume is not None:
            self._go_on(resume)
        self.connections = 0
        self.trouble = ""

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled; see `Connector`."""
        watched = self._path if self._path.is_dir() else self._path.parent
        if not watched.is_dir():
            raise BadInput(f"there is no folder {watched}", next_command=f"mkdir -p {watched}")
        self.connections = 1
        await self._look(sink)
        async for _ in awatch(
            watched, debounce=50, step=10, rust_timeout=LOOK_MS, yield_on_timeout=True,
            recursive=False, ignore_permission_denied=True,
        ):  # fmt: skip
            await self._look(sink)

    def _go_on(self, resume: Resume) -> None:
        try:
            told = json.loads(resume.opened[: 4 << 20])
            self._places = {str(name): int(at) for name, at in told["files"].items()}
            self._named, self._skip = str(told["place"]), resume.messages
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput("the journal does not say how far files were read") from error

    async def _look(self, sink: Sink) -> None:
        """Bring what is new in all files, by their names."""
        # Where a restart has to find its place, the file that the journal names comes first.
        for file in sorted(
            self._files(), key=lambda file: bool(self._skip) and file.name != self._named
        ):
            if self._spec.records == "lines":
                await self._bring(file, self._lines(file), sink)
            else:
                await self._bring(file, self._whole(file), sink)

    def _files(self) -> list[Path]:
        if not self._path.is_dir():
            return [self._path] if self._path.is_file() else []
        found = sorted(
            file for file in self._path.glob(self._spec.pattern)
            if file.is_file() and not file.is_symlink() and not file.name.startswith(".")
        )  # fmt: skip
        if len(found) > MOST_FILES:
            self.trouble = f"more than {MOST_FILES:,} files; the first {MOST_FILES:,} are read"
        return found[:MOST_FILES]

    async def _bring(self, file: Path, messages: Iterator[tuple[bytes, int]], sink: Sink) -> None:
        for body, end in messages:
            if self._skip and file.name == self._named:
                self._skip -= bool(body)
                self._places[file.name] = end
                continue
            if file.name != self._named or self._since % MARK_EVERY == 0:
                await self._mark(file.name, sink)
            self._places[file.name] = end
            self._since += 1
            if body:
                await sink.put(Kind.RAW, body)
            if self._since % YIELD_EVERY == 0:
                await asyncio.sleep(0)

    async def _mark(self, name: str, sink: Sink) -> None:
        self._named, self._since, self._skip = name, 0, 0
        told = {"connection": self.connections, "place": name, "files": self._places}
        await sink.put(Kind.OPENED, json.dumps(told).encode())

    def _lines(self, file: Path) -> Iterator[tuple[bytes, int]]:
        """Yield the lines that are complete, each with where it ends; none for one too long."""
        at = self._places.get(file.name, 0)
        with file.open("rb") as opened:
            if opened.seek(0, 2) < at:
                at = self._places[file.name] = 0  # it was written anew
                self._named = ""
            opened.seek(at)
            while line := opened.readline(self._spec.max_message_bytes + 1):
                if not line.endswith(b"\n"):
                    if len(line) <= self._spec.max_message_bytes:
                        return
                    self.trouble = f"{file.name}: a line is too long, and was passed over"
                    line = b"" if _to_end_of_line(opened) else line
                    if line:
                        return
                at = opened.tell()
                yield line.strip(b"\r\n"), at

    def _whole(self, file: Path) -> Iterator[tuple[bytes, int]]:
        """Yield a file that was not brought yet in this size, once it has stopped growing."""
        size = file.stat().st_size
        growing = self._sizes.get(file.name) != size
        self._sizes[file.name] = size
        if not size or growing or self._places.get(file.name) == size:
            return
        if size > self._spec.max_message_bytes:
            self.trouble = f"{file.name} is too large, and was passed over"
            self._places[file.name] = size
            return
        yield file.read_bytes(), size


def _to_end_of_line(opened: object) -> bool:
    """Read to the end of a line; whether it has one yet."""
    read = opened.readline  # type: ignore[attr-defined]
    while part := read(1 << 20):
        if part.endswith(b"\n"):
            return True
    return False
