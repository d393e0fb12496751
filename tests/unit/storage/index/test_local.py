"""The index in a folder: kept, sealed, one process at a time."""

from __future__ import annotations

import pickle
from uuid import UUID

import pytest

from configs.errors import Busy
from storage.index import local
from storage.index.local import open_local
from storage.index.port import Passage

ONE = Passage(str(UUID(int=1)), "d", "note", "Momentum", "It fell.")
TWO = Passage(str(UUID(int=2)), "e", "run", "Momentum", "It rose, 它涨了.", "2020-01-01", "r")


def passages(index, **asked):
    return [each.passage for each in index.search("momentum", **asked)]


@pytest.fixture
def opened(tmp_path):
    def opening(key=b"k" * 32, on_wait=None):
        return open_local(
            tmp_path / "index", key=key, embedder=None, lock_timeout_s=0.1, on_wait=on_wait
        )

    return opening


def test_what_was_put_in_is_there_when_it_is_opened_again(opened):
    with opened() as index:
        index.upsert([ONE])
    with opened() as index:
        assert [each.passage for each in index.search("momentum")] == [ONE]


def test_words_are_found_again_without_opening_the_store(opened, monkeypatch):
    with opened() as index:
        index.upsert([ONE, TWO])
    with opened() as index:
        before = index.search("momentum")
    monkeypatch.setattr(local, "_connect", lambda _: pytest.fail("the store was opened"))
    with opened() as index:
        assert index.search("momentum") == before
        assert passages(index, kinds=["run"]) == [TWO]
        assert index.count() == 2


def test_what_changes_is_found_in_what_was_kept_too(opened):
    with opened() as index:
        index.upsert([ONE])
    with opened() as index:
        assert passages(index) == [ONE]
        index.upsert([TWO])
        assert passages(index) == [ONE, TWO]
    with opened() as index:
        assert passages(index) == [ONE, TWO]
        index.delete(["d"])
    with opened() as index:
        assert passages(index) == [TWO]


def test_a_file_of_words_that_another_hand_changed_is_made_anew(opened, tmp_path):
    with opened() as index:
        index.upsert([ONE])
    with opened() as index:
        index.search("momentum")
    (path,) = (tmp_path / "index").glob("*.words")
    whole = path.read_bytes()
    for other in (whole.replace(b"It fell.", b"It rose."), whole[:100], b""):
        path.write_bytes(other)
        with opened() as index:
            assert passages(index) == [ONE]
        assert path.read_bytes() == whole


def test_another_waits_and_then_says_so(opened):
    said = []
    with (
        opened(),
        pytest.raises(Busy, match="the index is still used"),
        opened(on_wait=said.append),
    ):
        pass
    assert said


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("it was unpickled",))


def test_what_another_hand_wrote_is_never_unpickled(opened, tmp_path):
    import sqlite3

    with opened() as index:
        index.upsert([ONE])
    (store,) = (tmp_path / "index").glob("collection/*/storage.sqlite")
    connection = sqlite3.connect(store)
    with connection:
        connection.execute("UPDATE passages SET point = ?", (pickle.dumps(Bomb()),))
    connection.close()
    said = []
    with opened(on_wait=said.append) as index:
        assert index.count() == 0
    assert "made anew" in said[0]


def test_another_key_opens_nothing(opened):
    with opened() as index:
        index.upsert([ONE])
    with opened(key=b"other" * 8) as index:
        assert index.count() == 0
