"""What changes is shown as it happens, and after the server was away: no hole, nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from filelock import FileLock

from agent.service.runs.process import LOCK, REQUEST, append_event

ROWS = """[...document.querySelectorAll('section[aria-labelledby]')].at(-1).innerText
  .match(/number=\\d+/g)?.map((each) => Number(each.slice(7))).reverse() || []"""


def write_lines(site, numbers):
    path = site.workspace / ".qraft" / "telemetry.jsonl"
    with path.open("a", encoding="utf-8") as file:
        for number in numbers:
            file.write(
                json.dumps({"at": "2026-01-01T00:00:00Z", "event": "told", "number": number}) + "\n"
            )


def test_the_line_survives_the_servers_restart(site):
    site.load("system")
    site.wait("return document.querySelector('.state.live')")
    site.click("Show as it happens")
    write_lines(site, range(10))
    site.wait(f"return ({ROWS}).length === 10")
    site.stop()
    site.wait("return document.querySelector('.state.broken')")
    write_lines(site, range(10, 20))
    site.start()
    site.wait("return document.querySelector('.state.live')")
    write_lines(site, range(20, 30))
    site.wait(f"return ({ROWS}).length >= 30")
    assert site.run(ROWS) == list(range(30))


def test_a_run_is_shown_stage_by_stage(site):
    folder = site.workspace / ".qraft" / "started" / "a1b2c3"
    folder.mkdir(parents=True)
    asked = {
        "study": "by_hand",
        "road": "http",
        "as_of": None,
        "started_at": datetime.now(UTC).isoformat(),
    }
    site.load("now")
    site.wait_for("Nothing runs.")
    with FileLock(folder / LOCK):
        append_event(folder, "begun")
        (folder / REQUEST).write_text(json.dumps(asked))
        site.wait_for("by_hand")
        append_event(folder, "stage_started", stage="features")
        append_event(folder, "stage_progress", stage="features", fraction=0.5)
        site.wait("return document.querySelector('.stages .running progress')?.value === 0.5")
        append_event(folder, "stage_done", stage="features", seconds=1.5, rows=1_234)
        site.wait_for("1,234 rows")
        append_event(folder, "done", run_id="0" * 12, computed=["features"])
    site.wait_for("Nothing runs.")
    site.run("location.hash = '#/started/a1b2c3'")
    site.wait_for("See the run", "stage_done")
    assert site.wrong() == []


def test_feedback_is_kept_and_shown(site, alarm):
    site.load(f"pattern/{alarm}")
    site.wait_for("Nobody has rated it yet.")
    hostile = "<img src=x onerror=window.hurt=1>"
    site.write("main textarea", hostile)
    site.click("Useless")
    site.wait_for("Kept on the ledger.", hostile)
    assert site.run("[window.hurt ?? null, document.querySelectorAll('img').length]") == [None, 0]
