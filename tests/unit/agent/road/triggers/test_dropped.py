"""Files put into a folder are told once they no longer grow, whoever looks and whenever."""

from __future__ import annotations

import os
from pathlib import Path

from agent.road.triggers.dropped import Folder


def told(folder: Folder, rounds: int = 4) -> list[str]:
    names = []
    for _ in range(rounds):
        for event, state in folder.arrived():
            names.append(event.payload["name"])
            folder.told(event.payload["name"], state)
    return names


def test_a_file_is_told_when_it_no_longer_grows(tmp_path):
    (tmp_path / "old.csv").write_text("a")
    folder = Folder(tmp_path)
    growing = tmp_path / "new.csv"
    events = []
    for content in ("a", "ab", "abc", "abc", "abc", "abc"):
        if not growing.exists() or growing.read_text() != content:
            growing.write_text(content)
        for event, state in folder.arrived():
            events.append(event)
            folder.told(event.payload["name"], state)
    assert [event.payload["name"] for event in events] == ["new.csv"]
    assert events[0].payload["bytes"] == 3


def test_what_came_while_nobody_looked_is_told(tmp_path):
    (tmp_path / "old.csv").write_text("a")
    known = Folder(tmp_path).known
    (tmp_path / "missed.csv").write_text("b")
    assert told(Folder(tmp_path, known)) == ["missed.csv"]


def test_what_was_not_kept_is_told_again(tmp_path):
    (tmp_path / "old.csv").write_text("a")
    folder = Folder(tmp_path)
    (tmp_path / "new.csv").write_text("b")
    for _ in range(3):
        arrived = folder.arrived()
    assert len(arrived) == 1  # its keeper is killed here
    assert told(folder) == ["new.csv"]
    assert told(folder) == []


def test_a_name_that_no_event_can_carry_is_passed_over(tmp_path):
    folder = Folder(tmp_path, {"x": (0, 0)})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.csv")).touch()
    assert told(folder) == []
