"""`qraft schedule`: what it shows, and what it does to crontab and systemd."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from agent.cli.main import cli
from agent.road.clock.book import Book
from agent.road.clock.page import Missed, Page
from configs.errors import BadInput, Failed
from configs.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

STUDY = (
    "name: {}\nsignal: {{expression: $close}}\n"
    'schedule: {{cron: "{}", timezone: {}, calendar: XNYS}}\n'
)
NOW = datetime.now(UTC)
CRONTAB = """#!/bin/sh
kept={folder}/crontab
case "$1" in
-l) [ -e "$kept" ] && exec cat "$kept"; echo "no crontab for $(id -un)" >&2; exit 1;;
-) cat > "$kept.new" && mv "$kept.new" "$kept";;
esac
"""


@pytest.fixture
def studies(terminal):
    folder = terminal.workspace / "studies"
    folder.mkdir()
    (folder / "daily.yaml").write_text(STUDY.format("daily", "30 18 * * 1-5", "America/New_York"))
    (folder / "other.yaml").write_text(STUDY.format("other", "0 6 1 * *", "UTC"))
    return folder


@pytest.fixture
def book(terminal):
    return Book(Workspace(terminal.workspace.resolve()))


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of programs before all others, with a crontab that keeps a file there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    kept = tmp_path / "kept"
    kept.mkdir()
    program(folder / "crontab", CRONTAB.format(folder=kept))
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return folder, kept / "crontab"


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_what_was_missed_is_shown_with_the_reason(terminal, studies, book):
    page = Page(study="daily", done_until=NOW - timedelta(days=9))
    page = page.gave_up(Missed(at=NOW - timedelta(days=8), reason="the disk is full", attempts=4))
    book.write(page.failed(NOW - timedelta(days=7), "no column x", NOW, passing=False))
    (row, other) = terminal.json("schedule", "list")
    assert (row["missed"], row["last_missed"]["reason"]) == (1, "the disk is full")
    assert row["due"] >= 4
    assert (other["due"], other["missed"], other["done_until"]) == (0, 0, None)
    shown = terminal.out("schedule", "list")
    assert "the disk is full" in shown
    doctor = clock_finding(terminal)
    assert doctor["state"] == "wrong"


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"done_until": "2030-01-01T00:00:00Z"}', "2030-01-01 00:00 UTC, ahead of the clock"),
     ("", "is not the clock's book of daily")],
)  # fmt: skip
def test_a_book_that_is_not_to_be_relied_on_is_said_by_list_and_doctor(
    terminal, studies, book, text, said
):
    book.path("daily").parent.mkdir(parents=True)
    book.path("daily").write_text(text)
    row = terminal.json("schedule", "list")[0]
    assert said in row["note"]
    finding = clock_finding(terminal)
    assert finding["state"] == "wrong"
    assert said in finding["found"]
    assert book.path("daily").read_text() == text  # neither of them changes anything


def clock_finding(terminal):
    where = ["--workspace", str(terminal.workspace)]
    result = CliRunner().invoke(cli, [*where, "doctor", "--json"], standalone_mode=False)
    return next(row for row in json.loads(result.stdout) if row["what"] == "clock")


def test_a_crontab_is_merged_and_what_is_printed_can_be_piped(terminal, studies, programs, book):
    _, kept = programs
    kept.write_text("MAILTO=ann\n5 4 * * * backup\n")
    printed = terminal.out("schedule", "install")
    assert printed.startswith("MAILTO=ann\n5 4 * * * backup\n# >>> qraft")
    assert book.read("daily") is None
    terminal.call("schedule", "install", "--apply")
    assert kept.read_text() == printed
    assert book.read("daily").done_until > NOW
    assert "had its lines already" in terminal.call("schedule", "install", "--apply").stderr
    subprocess.run(["crontab", "-"], input=printed, text=True, check=True)
    assert terminal.out("schedule", "install") == printed
    assert kept.read_text().count("schedule run") == 2
    terminal.call("schedule", "remove")
    assert kept.read_text() == "MAILTO=ann\n5 4 * * * backup\n"
    assert "nothing of ours" in terminal.call("schedule", "remove").stderr


def test_the_first_crontab_is_made_and_a_refusal_is_told(terminal, studies, programs):
    folder, kept = programs
    terminal.call("schedule", "install", "--apply")
    assert kept.read_text().startswith("# >>> qraft")
    program(folder / "crontab", "#!/bin/sh\necho 'you are not allowed' >&2\nexit 1\n")
    with pytest.raises(Failed, match="not allowed"):
        terminal.call("schedule", "install", "--apply")


def test_settings_that_the_system_will_not_have_are_named(terminal, studies, programs, monkeypatch):
    monkeypatch.setenv("QRAFT_LAKE", "s3://b/lake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    told = terminal.call("schedule", "install")
    assert "QRAFT_LAKE, AWS_SECRET_ACCESS_KEY" in told.stderr
    assert "not-to-be-shown" not in told.output
    (terminal.workspace / ".env").write_text("")
    assert "QRAFT_LAKE" not in terminal.call("schedule", "install").stderr


def test_timers_are_written_and_taken_away_and_others_are_left(
    terminal, studies, programs, tmp_path
):
    folder, _ = programs
    program(folder / "systemctl", f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    units = tmp_path / "config" / "systemd" / "user"
    units.mkdir(parents=True)
    (units / "qraft-mine.timer").write_text("[Timer]\n")
    for _ in range(2):
        terminal.call("schedule", "install", "--for", "systemd", "--apply")
    assert len(list(units.glob("*.timer"))) == 3
    asked = (tmp_path / "asked").read_text()
    assert "--user enable --now qraft-daily-" in asked
    (studies / "other.yaml").unlink()
    terminal.call("schedule", "install", "--for", "systemd", "--apply")
    assert len(list(units.glob("*.timer"))) == 2
    terminal.call("schedule", "remove", "--for", "systemd")
    assert [path.name for path in units.iterdir()] == ["qraft-mine.timer"]


def test_a_unit_that_is_not_ours_is_not_written_over(terminal, studies, programs, tmp_path):
    units = tmp_path / "config" / "systemd" / "user"
    terminal.call("schedule", "install", "--for", "systemd", "--apply")
    timer = next(units.glob("qraft-daily-*.timer"))
    timer.write_text("mine")
    with pytest.raises(Failed, match="not of qraft's making"):
        terminal.call("schedule", "install", "--for", "systemd", "--apply")
    assert timer.read_text() == "mine"


def test_without_a_schedule_there_is_nothing_to_install(terminal):
    with pytest.raises(BadInput, match="schedule"):
        terminal.call("schedule", "install")


def test_with_nothing_due_nothing_heavy_is_loaded(terminal, studies, book):
    for name in ("daily", "other"):
        book.write(Page(study=name, done_until=datetime.now(UTC)))
    code = (
        "import sys; from agent.cli.main import cli;"
        f"cli.main(['--workspace', {str(terminal.workspace)!r}, 'schedule', 'run', '--once'],"
        " standalone_mode=False);"
        "print([m for m in ('luigi', 'polars', 'pandas', 'numpy', 'chdb', 'multiprocessing.spawn')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert "0 runs were due" in done.stderr
