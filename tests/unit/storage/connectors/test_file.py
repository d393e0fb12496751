"""Lines of files come once each, in order, however often the process is begun anew."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from configs.errors import BadInput
from storage.connectors.file import FileConnector
from storage.connectors.port import Resume
from storage.journal.record import Kind
from taskspecs.sources.connection import FileConnection
from tests.exchange.kept import Kept, running
from tests.exchange.server import until


def connector(root, resume=None, **settings):
    settings = {"by": "file", "path": "incoming"} | settings
    return FileConnector(FileConnection(**settings), root, resume)


def resume_of(sink: Kept) -> Resume | None:
    last = [place for place, record in enumerate(sink.records) if record.kind is Kind.OPENED]
    if not last:
        return None
    return Resume(sink.records[last[-1]].body, len(sink.records) - last[-1] - 1)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "incoming").mkdir()
    return tmp_path / "incoming"


def test_lines_that_are_complete_are_brought_as_files_grow(folder):
    async def main():
        sink = Kept()
        async with running(connector(folder.parent), sink):
            (folder / "a.jsonl").write_text("1\n2\nhalf")
            await until(lambda: sink.raw == [b"1", b"2"])
            with (folder / "a.jsonl").open("a") as file:
                file.write(" of it\n\n3\r\n")
            await until(lambda: sink.raw == [b"1", b"2", b"half of it", b"3"])
            (folder / "b.jsonl").write_text("4\n")
            (folder / ".hidden").write_text("no\n")
            (folder / "link").symlink_to("/etc/passwd")
            await until(lambda: sink.raw[4:] == [b"4"])

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(5))
def test_each_line_comes_once_whatever_is_killed(folder, seed):
    draws = random.Random(seed)
    wanted = [f"{name}{number}" for name in "ab" for number in range(60)]

    async def look(resume, most):
        sink = Kept()
        made = connector(folder.parent, resume)
        put = sink.put

        async def killed(kind, body):
            if len(sink.records) >= most:
                raise KeyboardInterrupt
            await put(kind, body)

        sink.put = killed
        with suppress(KeyboardInterrupt):
            await made._look(sink)
        return sink

    kept = Kept()
    for name in "ab":
        (folder / f"{name}.jsonl").write_text("")
    for number in range(60):
        for name in "ab":
            with (folder / f"{name}.jsonl").open("a") as file:
                file.write(f"{name}{number}\n" + "\n" * draws.randrange(2))
        if draws.random() < 0.4:
            part = asyncio.run(look(resume_of(kept), draws.randrange(12)))
            kept.records += part.records
    kept.records += asyncio.run(look(resume_of(kept), 10**6)).records
    assert sorted(body.decode() for body in kept.raw) == sorted(wanted)
    for name in "ab":
        mine = [body.decode() for body in kept.raw if body.decode().startswith(name)]
        assert mine == [each for each in wanted if each.startswith(name)]


def test_whole_files_are_brought_once_they_are_complete(folder):
    async def main():
        sink = Kept()
        async with running(connector(folder.parent, records="whole", pattern="*.csv"), sink):
            (folder / "a.csv").write_text("Date,Close\n2026-01-01,1\n")
            (folder / "b.txt").write_text("no")
            await until(lambda: len(sink.raw) == 1)
            (folder / "a.csv").write_text("Date,Close\n2026-01-01,1\n2026-01-02,2\n")
            await until(lambda: len(sink.raw) == 2)
        assert sink.raw[1].endswith(b"2026-01-02,2\n")

    asyncio.run(main())


def test_a_line_without_end_is_passed_over_and_takes_no_memory(folder):
    (folder / "a.jsonl").write_bytes(b"x" * 3_000_000 + b"\nshort\n")

    async def main():
        sink = Kept()
        made = connector(folder.parent, max_message_bytes=1_024)
        async with running(made, sink):
            await until(lambda: sink.raw)
        assert sink.raw == [b"short"]
        assert "too long" in made.trouble

    asyncio.run(main())


def test_a_file_that_was_written_anew_is_read_from_its_beginning(folder):
    async def main():
        sink = Kept()
        (folder / "a.jsonl").write_text("1\n2\n3\n")
        async with running(connector(folder.parent), sink):
            await until(lambda: len(sink.raw) == 3)
            (folder / "a.jsonl").write_text("4\n")
            await until(lambda: sink.raw[3:] == [b"4"])

    asyncio.run(main())


def test_what_is_outside_is_refused(folder):
    (folder / "out").symlink_to("/etc")
    with pytest.raises(BadInput, match="leaves the workspace"):
        connector(folder.parent, path="incoming/out")
    with pytest.raises(BadInput, match="there is no folder"):
        asyncio.run(connector(folder.parent, path="no/such").run(Kept()))
    with pytest.raises(BadInput, match="how far"):
        connector(folder.parent, Resume(b"{}", 1))
