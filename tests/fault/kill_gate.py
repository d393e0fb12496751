"""Kills commands of the gate, each in a process of its own, at every point of every write.

Run as ``python -m tests.fault.kill_gate FOLDER REPEATS``. Prints a JSON line for each kill, and
one with ``{"failed": ...}`` where something did not hold. The parent touches no store, so that its
children can be forked cheaply.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import storage.lake.objects
from agent.cli.gate.keys import new
from configs.errors import QraftError
from gate.deciding.keyring import Keyring, default_folder
from gate.deciding.raising import release_brake
from gate.policy.stages import Act, Stage
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all
from storage.lake.objects import FolderObjects
from tests.office import Office

POINTS = ("before", "written", "flushed", "after")
WORDS = "a few good words"


class Deadly(FolderObjects):
    """A folder whose user is killed at a point of its next write."""

    point = ""

    def put_new(self, path: str, data: bytes) -> None:
        self._die("before")
        super().put_new(path, data)
        self._die("after")

    def _die(self, point: str) -> None:
        if self.point == point:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(office: Office, point: str) -> None:
    """Choose where the process dies: around a write, or around its way to the disk."""
    office.store.point = point
    flush = storage.lake.objects._flush

    def deadly(place: Path) -> None:
        office.store._die("written")
        flush(place)
        office.store._die("flushed")

    storage.lake.objects._flush = deadly


def to_dryrun(office: Office) -> None:
    office.tries()
    office.proposes()


def to_approved(office: Office) -> None:
    office.reaches_paper()
    office.approves("ann")
    office.approves("bob")


def halted(office: Office) -> None:
    office.reaches_live()
    office.tightens(Act.HALT)


def ready_to_resume(office: Office) -> None:
    halted(office)
    office.approves("ann", signs=False)


def stopped(office: Office) -> None:
    office.reaches_live()
    halt_all(office.ledger, reason="stop", actor="bob")


Scene = tuple[Callable[[Office], Any], Callable[[Office], Any], str, str]
SCENES: dict[str, Scene] = {
    "approve paper": (to_dryrun, lambda o: o.approves("ann"), "dryrun", "dryrun"),
    "promote paper": (
        lambda o: (to_dryrun(o), o.approves("ann")),
        lambda o: o.promotes(Stage.PAPER), "dryrun", "paper",
    ),
    "approve live": (
        Office.reaches_paper, lambda o: o.approves("bob"), "paper", "paper",
    ),
    "promote live": (to_approved, lambda o: o.promotes(Stage.LIVE), "paper", "live"),
    "refuse live": (
        Office.reaches_paper, lambda o: o.promotes(Stage.LIVE), "paper", "paper",
    ),
    "demote": (
        Office.reaches_live,
        lambda o: o.tightens(Act.DEMOTE, to=Stage.PAPER), "live", "paper",
    ),
    "halt": (Office.reaches_live, lambda o: o.tightens(Act.HALT), "live", "halted"),
    "halt all": (
        Office.reaches_live,
        lambda o: halt_all(o.ledger, reason="stop", actor="bob"), "live", "halted",
    ),
    "resume": (ready_to_resume, Office.resumes, "halted", "paper"),
    "release": (
        stopped, lambda o: release_brake(o.desk, reason="go", actor="bob", swear=o.swears("bob")),
        "halted", "halted",
    ),
    "reject": (to_dryrun, lambda o: o.tightens(Act.REJECT), "dryrun", "rejected"),
    "retire": (Office.reaches_live, lambda o: o.tightens(Act.RETIRE), "live", "retired"),
}  # fmt: skip
"""Name to how it begins, the command, and where it stands before and after."""


def child(act: Callable[[], None]) -> int:
    """Run something in a process of its own; return how it ended."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException as error:
            print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    return status


def opened(folder: Path) -> Office:
    """Open the office that a folder holds, at the time that its ledger knows."""
    office = Office(store=Deadly(folder))
    entries = office.ledger.entries()
    if entries:
        from datetime import datetime

        office.now = max(datetime.fromisoformat(entry.at) for entry in entries)
    return office


def look_and_go_on(folder: Path, scene: Scene) -> None:
    """See that nothing is half done; give the command again; see that it is done, once."""
    _, command, before, after = scene
    office = opened(folder)
    assert office.ledger.verify().ok
    assert str(office.stage) in {before, after}, office.stage
    count = len(office.ledger.entries())
    with contextlib.suppress(QraftError):
        command(office)
    assert office.ledger.verify().ok
    assert str(office.stage) == after, office.stage
    assert len(office.ledger.entries()) - count <= 2  # what the checks found, and the promotion
    assert stand(office.ledger.entries(), office.policy).strategies[0].unfounded == ()


def kill_commands(folder: Path, repeats: int) -> None:
    for repeat in range(repeats):
        for name, scene in SCENES.items():
            for point in POINTS:
                place = folder / f"{repeat}-{name}-{point}".replace(" ", "-")
                assert child(lambda p=place, s=scene: s[0](opened(p))) == 0

                def dies(p: Path = place, s: Scene = scene, at: str = point) -> None:
                    office = opened(p)
                    arm(office, at)
                    s[1](office)

                killed = child(dies)
                went_on = child(lambda p=place, s=scene: look_and_go_on(p, s))
                report(f"{name} {point}", killed, went_on)


def make_key(folder: Path, point: str) -> None:
    """Make a key as the command does, with a person who types; die where it is said."""
    from gate.deciding import terminal

    terminal.ControllingTerminal.ask_secret = lambda self, prompt: WORDS  # type: ignore[method-assign]
    office = opened(folder)
    link, unlink = os.link, Path.unlink

    def die(at: str) -> None:
        if at == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def deadly_link(source: Path, target: Path) -> None:
        die("unlinked")
        link(source, target)
        die("linked")

    def deadly_unlink(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        die("tidied")

    os.link, Path.unlink = deadly_link, deadly_unlink  # type: ignore[assignment,method-assign]
    office.store.point = point
    opened_ = type("Opened", (), {"ledger": office.ledger})()
    new.main(["ann"], obj=opened_, standalone_mode=False)


def has_one_key(folder: Path) -> None:
    make_key_again(folder)
    (key,) = Keyring(default_folder()).held()
    assert Keyring(default_folder()).sign("ann", WORDS, b"x")
    told = [dict(entry.body) for entry in opened(folder).ledger.entries("key")]
    assert told == [{"person": "ann", "public": key.public}], told


def make_key_again(folder: Path) -> None:
    with contextlib.suppress(QraftError):
        make_key(folder, "")


def kill_keys(folder: Path) -> None:
    for point in ("unlinked", "linked", "tidied", "before", "after"):
        os.environ["XDG_CONFIG_HOME"] = str(folder / f"config-{point}")
        place = folder / f"keys-{point}"
        killed = child(lambda p=place, at=point: make_key(p, at))
        report(f"keys new {point}", killed, child(lambda p=place: has_one_key(p)))


def report(name: str, killed: int, went_on: int) -> None:
    dead = os.WIFSIGNALED(killed) and os.WTERMSIG(killed) == signal.SIGKILL
    print(json.dumps({"kill": name, "killed": dead, "went_on": went_on == 0}), flush=True)


if __name__ == "__main__":
    kill_commands(Path(sys.argv[1]), int(sys.argv[2]))
    kill_keys(Path(sys.argv[1]))
