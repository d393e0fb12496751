"""Files that come while nobody looks are told by the next who does."""

from __future__ import annotations

import time

import pytest

from agent.road.triggers import watching
from storage.events.boxes import Boxes


@pytest.mark.parametrize("before", [[], ["old.csv"]])
def test_a_file_that_came_while_no_listener_ran_is_told_once(tmp_path, monkeypatch, before):
    monkeypatch.setattr(watching, "LOOK_S", 0.02)
    folder = tmp_path / "data"
    folder.mkdir()
    for name in before:
        (folder / name).write_text("a")
    with Boxes(tmp_path / "events") as boxes:
        with watching.watching(folder, boxes.outbox):
            pass
        (folder / "new.csv").write_text("b")
        for _ in range(2):
            with watching.watching(folder, boxes.outbox):
                deadline = time.monotonic() + 60
                while not boxes.outbox.untold() and time.monotonic() < deadline:
                    time.sleep(0.02)
        told = boxes._file.rows("SELECT body FROM outgoing")
    assert len(told) == 1
    assert b"new.csv" in told[0][0]
