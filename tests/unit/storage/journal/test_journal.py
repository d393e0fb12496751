"""What a journal promised stands, whatever is cut off, flipped, set back or filled up."""

import errno
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import Busy, Damaged, Failed
from configs.remedies import Mend
from storage.journal.archive import Archive
from storage.journal.folder import JournalFolder
from storage.journal.frame import FIRST, HEAD_BYTES
from storage.journal.mending import mend
from storage.journal.reader import Reader
from storage.journal.record import BEGINNING, Cursor, Kind, Record
from storage.journal.sealing import expire, retire, seal
from storage.journal.segment import records_of, summarise
from storage.journal.writer import HOUR_US, Writer
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects

AT = 1_704_160_800_000_000  # 2024-01-02 02:00 UTC


def said(lines):
    return lambda message, level="info": lines.append(message)


def make(count, *, start=AT, step=1_000):
    return [Record(start + n * step, Kind.RAW, b"message %d" % n) for n in range(count)]


def read_all(folder, cursor=BEGINNING, *, into=None, **more):
    reader = Reader(folder, cursor, **more)
    found = [] if into is None else into
    while records := reader.read(7):
        found += records
    reader.close()
    return found


@pytest.fixture
def folder(tmp_path):
    return JournalFolder(tmp_path / "journal" / "trades")


def test_what_was_appended_is_read_from_any_record_on(folder):
    records, cursors = make(50), [BEGINNING]
    with Writer(folder) as writer:
        cursors += [writer.append([record]) for record in records]
    assert cursors == sorted(cursors)
    for n in (0, 1, 17, 49, 50):
        assert read_all(folder, cursors[n]) == records[n:]


def test_a_reader_in_another_place_follows_what_is_written(folder):
    with Writer(folder) as writer:
        reader, careful = Reader(folder), Reader(folder, durable=True)
        writer.write(make(3))
        assert reader.read() == make(3)
        assert careful.read() == []
        writer.sync()
        assert careful.read() == make(3)
        assert reader.read() == []
        writer.append(make(4)[3:])
        assert reader.read() == careful.read() == make(4)[3:]


def test_a_clock_that_is_set_back_stands_still(folder):
    with Writer(folder) as writer:
        writer.append([Record(AT, Kind.RAW, b"a"), Record(AT - 5, Kind.RAW, b"b")])
    with Writer(folder) as writer:
        writer.append([Record(AT - HOUR_US, Kind.TICK, b"")])
    assert [record.arrival_us for record in read_all(folder)] == [AT, AT, AT]


def test_two_writers_are_refused(folder):
    with Writer(folder), pytest.raises(Busy, match="written by another process"), Writer(folder):
        pass


def test_a_tail_cut_at_any_byte_loses_nothing_that_was_promised(folder):
    with Writer(folder) as writer:
        kept = writer.append(make(5)).offset
        writer.write(make(8)[5:])
        whole = folder.segment(0).read_bytes()
    mark = folder.mark.read_bytes()
    for cut in range(kept, len(whole) + 1):
        folder.segment(0).write_bytes(whole[:cut])
        folder.mark.write_bytes(mark[:8] + kept.to_bytes(8, "little"))
        lines = []
        with Writer(folder, say=said(lines)) as writer:
            writer.append(make(9)[8:])
        found = read_all(folder)
        assert found[:5] == make(5)
        assert found[-1] == make(9)[8]
        assert found[5:-1] == make(8)[5 : len(found) - 1]
        for aside in folder.path.glob("*.torn-*"):
            assert any(aside.name in line for line in lines)
            aside.unlink()


def test_what_was_promised_and_is_cut_off_is_said_and_not_passed_over(folder):
    with Writer(folder) as writer:
        writer.append(make(5))
        end = writer.append(make(6)[5:]).offset
    path = folder.segment(0)
    path.write_bytes(path.read_bytes()[: end - 1])
    lines = []
    with Writer(folder, say=said(lines)) as writer:
        writer.append(make(7)[6:])
    assert "damaged at byte" in lines[0]
    reader = Reader(folder)
    assert reader.read() == make(5)
    for _ in range(2):  # asked again, it says so again
        with pytest.raises(Damaged, match=r"00000000\.seg is damaged"):
            reader.read()
    assert read_all(folder, Cursor(1, 0)) == make(7)[6:]


def test_every_flipped_bit_is_found(folder):
    with Writer(folder) as writer:
        for record in make(6):
            writer.append([record])
    path = folder.segment(0)
    whole = path.read_bytes()
    last_sync = len(whole) - HEAD_BYTES - 16  # of the last frame nobody was promised anything
    for place in range(last_sync):
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        )
        found = []
        with pytest.raises(Damaged) as error:
            read_all(folder, into=found)
        assert str(path) in str(error.value)
        assert found == make(6)[: len(found)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=30), st.data())
def test_any_bytes_come_back_as_they_were(tmp_path_factory, bodies, data):
    folder = JournalFolder(tmp_path_factory.mktemp("journal") / "any")
    records = [Record(AT + n, Kind.RAW, body) for n, body in enumerate(bodies)]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(bodies)), max_size=4)))
    with Writer(folder) as writer:
        for first, last in zip([0, *cuts], [*cuts, len(bodies)], strict=True):
            writer.append(records[first:last])
    assert read_all(folder) == records


def test_a_full_disk_leaves_the_journal_whole(folder, monkeypatch):
    pwrite = os.pwrite

    def refuse(file, raw, place):
        if len(raw) > 30:
            return pwrite(file, raw[:30], place)
        raise OSError(errno.ENOSPC, "No space left on device")

    with Writer(folder) as writer:
        writer.append(make(3))
        monkeypatch.setattr(os, "pwrite", refuse)
        with pytest.raises(Failed, match=r"00000000\.seg.* no space left") as error:
            writer.append(make(6)[3:])
        assert error.value.remedy is not None
        assert error.value.remedy.name is Mend.FREE_SPACE
        assert read_all(folder) == make(3)
        monkeypatch.undo()
        writer.append(make(6)[3:])
    assert read_all(folder) == make(6)


def test_a_disk_that_does_not_sync_is_promised_nothing_more(folder, monkeypatch):
    def refuse(file):
        raise OSError(errno.EIO, "Input/output error")

    with Writer(folder) as writer:
        kept = writer.append(make(3))
        monkeypatch.setattr(os, "fdatasync", refuse)
        with pytest.raises(Failed):
            writer.append(make(4)[3:])
        monkeypatch.undo()
        with pytest.raises(Failed):
            writer.append(make(5)[4:])
        assert writer.durable == kept


def test_a_forged_frame_in_a_message_is_no_frame(folder):
    with Writer(folder) as writer:
        writer.append(make(2))
        stolen = folder.segment(0).read_bytes()[FIRST:]
    with Writer(JournalFolder(folder.path.with_name("other"))) as writer:
        writer.append([Record(AT, Kind.RAW, stolen)])
        path = writer.folder.segment(0)
        end = writer.write([Record(AT, Kind.RAW, stolen)]).offset
    path.write_bytes(path.read_bytes()[: end - 1])  # a tail that holds whole frames of another
    mark = writer.folder.mark
    mark.write_bytes(bytes(16))
    lines = []
    with Writer(writer.folder, say=said(lines)):
        assert "damaged" not in lines[0]
    assert read_all(writer.folder) == [Record(AT, Kind.RAW, stolen)]


@pytest.fixture
def hours(folder, tmp_path):
    """A journal of three hours, and a lake."""
    records = [r for h in range(3) for r in make(20, start=AT + h * HOUR_US)]
    with Writer(folder) as writer:
        writer.append(records)
    return folder, Lake(FolderObjects(tmp_path / "lake")), records


def test_hours_are_sealed_once_and_read_as_one(hours):
    folder, lake, records = hours
    assert folder.numbers() == [0, 1, 2]
    sealed = seal(folder, lake)
    assert [each.prefix for each in sealed] == [
        "raw/streams/trades/2024-01-02/02", "raw/streams/trades/2024-01-02/03"
    ]  # fmt: skip
    assert [each.summary for each in sealed] == [summarise(records[:20]), summarise(records[20:40])]
    assert seal(folder, lake) == []
    middle = [end for end, _ in records_of(folder.segment(1))][9]
    assert retire(folder, lake, read=Cursor(1, 0)) == [0]
    assert retire(folder, lake, read=Cursor(2, 0)) == [1]
    archive = Archive(lake, "trades")
    assert read_all(folder, older=archive) == records
    assert read_all(folder, Cursor(1, middle), older=archive) == records[30:]
    assert archive.next_segment() == 2
    with pytest.raises(Damaged, match="neither in"):
        read_all(folder, Cursor(1, middle))


def test_nothing_leaves_before_the_archive_agrees(hours):
    folder, lake, _ = hours
    seal(folder, lake)
    [stored] = Archive(lake, "trades").hours()[0].manifest.files
    path = lake.local_path(stored)
    raw = path.read_bytes()
    path.write_bytes(raw[:-9] + b"x" + raw[-8:])
    with pytest.raises(Damaged):
        retire(folder, lake, read=Cursor(2, 0))
    assert folder.numbers() == [0, 1, 2]
    path.write_bytes(raw)
    assert retire(folder, lake, read=Cursor(2, 0)) == [0, 1]


def test_what_is_older_than_it_is_kept_leaves_the_lake(hours):
    folder, lake, records = hours
    seal(folder, lake)
    assert expire(folder, lake, before_us=AT + HOUR_US) == []  # still in the folder
    retire(folder, lake, read=Cursor(2, 0))
    assert expire(folder, lake, before_us=AT + HOUR_US) == ["raw/streams/trades/2024-01-02/02"]
    assert read_all(folder, older=Archive(lake, "trades")) == records[20:]


def test_a_damaged_hour_waits(hours):
    folder, lake, _ = hours
    path = folder.segment(0)
    raw = path.read_bytes()
    path.write_bytes(raw[:200] + b"\0" + raw[201:])
    with pytest.raises(Damaged, match=r"00000000\.seg is damaged"):
        seal(folder, lake)
    assert Archive(lake, "trades").hours() == []


@pytest.mark.parametrize("place", range(FIRST, FIRST + 400, 7))
def test_what_is_lost_is_given_up_and_said_and_cursors_stay(folder, place):
    with Writer(folder) as writer:
        ends = [writer.append([record]) for record in make(8)]
    path = folder.segment(0)
    raw = path.read_bytes()
    path.write_bytes(raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :])
    [lost] = mend(folder, 0)
    assert lost.offset <= place < lost.offset + lost.size
    assert (path.stat().st_size, path.with_suffix(".damaged").stat().st_size) == (len(raw),) * 2
    found = read_all(folder)
    kept = [record for record in found if record.kind is Kind.RAW]
    assert len(kept) >= 7
    assert all(record in make(8) for record in kept)
    behind = [end for end in ends if end.offset >= lost.offset + lost.size]
    for end in behind:
        assert read_all(folder, end) == make(8)[ends.index(end) + 1 :]
    assert mend(folder, 0) == []
