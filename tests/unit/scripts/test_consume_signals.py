"""The consumer's one file, by itself: in an interpreter that knows nothing of Qraft."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import sysconfig
from datetime import UTC, datetime, timedelta

import pytest

from configs.children import child_environment
from configs.settings import Settings
from configs.workspace import Workspace
from gate.signals.envelope import read_envelope, seal
from storage.events.envelope import LIVE
from storage.open import open_bus
from tests.office import STUDY, Office, public_key
from tests.signalling import SCRIPT, Desk, eve, load_consumer, signed

ALONE = """
import importlib.util, runpy, sys
sys.path.append(sys.argv.pop(1))
ours = ("agent", "tasks", "gate", "storage", "taskspecs", "configs", "pydantic", "tests")
assert not [name for name in ours[:6] if importlib.util.find_spec(name)]
script = sys.argv.pop(1)
sys.argv[0] = script
runpy.run_path(script, run_name="__main__")
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
assert foreign <= {"cryptography", "_openssl", "_cffi_backend", "cffi", "__main__"}, foreign
"""
"""Runs the file without what is installed beside it: no folder of ours, no `.pth` file."""
consumer = load_consumer()


def run_alone(*arguments: str, lines: bytes = b"") -> str:
    site = sysconfig.get_paths()["purelib"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, site, str(SCRIPT), *arguments],
        input=lines, capture_output=True, check=False, cwd="/", env=child_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def desk() -> Desk:
    office = Office(now=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10))
    office.reaches_live()
    return Desk(office)


@pytest.fixture(scope="module")
def raws(desk) -> list[bytes]:
    return [desk.publish() for _ in range(3)]


@pytest.fixture
def flag(tmp_path):
    (tmp_path / "halted").mkdir()
    return tmp_path / "halted" / "all.json"


@pytest.fixture
def options(desk, tmp_path, flag):
    signers = [part for person in ("ann", "bob") for part in ("--signer", public_key(person))]
    return ["--key", desk.key, "--halted", str(flag), "--book", str(tmp_path / "book.sqlite"),
            "--once", *signers]  # fmt: skip


def wanted(tmp_path) -> list[tuple]:
    book = sqlite3.connect(tmp_path / "book.sqlite")
    found = book.execute("SELECT symbol, weight FROM wanted ORDER BY symbol").fetchall()
    book.close()
    return found


def test_the_file_alone_acts_once_and_refuses_all_else(desk, raws, options, tmp_path):
    forged = signed(read_envelope(raws[1]).document, eve())
    lines = b"\n".join([raws[0], forged, raws[0], b"rm -rf /", raws[2], raws[1]]) + b"\n"
    told = [line for line in run_alone(*options, "-", lines=lines).splitlines()
            if line[:1] != " "]  # fmt: skip
    faults = ["acted", "unknown key", "repeated", "no signal", "acted", "not monotone"]
    assert len(told) == len(faults) + 1
    for line, fault in zip(told, faults, strict=False):
        assert fault in line, line
    assert wanted(tmp_path) == [("AAPL", 0.5), ("IBM", 0.25)]
    again = run_alone(*options, "-", lines=raws[2] + b"\n")
    assert "repeated" in again  # its book outlives it


def test_the_file_alone_reads_a_workspaces_spool(desk, raws, options, tmp_path):
    bus = open_bus(Settings(), Workspace(tmp_path))
    bus.publish(LIVE, [raws[0], b"{}", raws[1]])
    bus.close()
    spool = next(tmp_path.rglob("events.sqlite"))
    told = run_alone(*options, str(spool))
    assert told.count(": acted") == 2
    assert "3 handled" in told
    assert "0 handled" in run_alone(*options, str(spool))


@pytest.fixture
def make(desk, tmp_path, flag):
    book = consumer.open_book(tmp_path / "book.sqlite")

    def made(**rules):
        rules = consumer.Rules(**{"keys": {desk.key}, "halted": [flag], **rules})
        return consumer.Consumer(book, rules, consumer.act)

    yield made
    book.close()


def test_while_a_halt_is_in_force_nothing_is_acted_on(desk, raws, make, flag):
    now = desk.office.now
    flag.write_text("{")
    assert make().receive(raws[0], now).fault == "halted"
    flag.unlink()
    flag.symlink_to("/nowhere")
    assert make().receive(raws[0], now).fault == "halted"
    flag.unlink()
    flag.parent.rmdir()
    verdict = make().receive(raws[0], now)
    assert (verdict.fault, "nobody can tell" in verdict.why) == ("halted", True)
    flag.parent.mkdir()
    assert make().receive(raws[0], now).acted


def test_what_is_too_late_is_not_acted_on(desk, raws, make):
    now = desk.office.now
    late = make().receive(raws[0], now + timedelta(days=5))
    assert (late.fault, late.why.partition(" ")[0]) == ("too late", "valid_until")
    long = seal(desk.signal(valid_until=now + timedelta(days=900)), desk.runner)
    ended = make().receive(long, now + timedelta(days=91))
    assert (ended.fault, ended.why.partition(" ")[0]) == ("too late", "approval_expires")


def test_ones_own_bounds_hold_beside_those_that_were_approved(desk, raws, make):
    now = desk.office.now
    assert make(weight=0.4).receive(raws[0], now).why == "AAPL: 50.0%"
    assert make(gross=0.7).receive(raws[0], now).why == "75.0% in all"
    assert make(weight=0.5, gross=0.75).receive(raws[0], now).acted


def test_people_whose_keys_are_pinned_must_have_signed(desk, raws, make):
    now, ann, bob, eve_ = desk.office.now, *map(public_key, ("ann", "bob", "eve"))
    assert make(signers={ann, eve_}).receive(raws[0], now).why == "1 of 2 known people signed it"
    assert make(signers={ann, eve_}, signatures=1).receive(raws[0], now).acted
    assert make(signers={ann, bob}).receive(raws[1], now).acted


def test_without_a_pinned_key_there_is_no_consumer(make):
    with pytest.raises(ValueError, match="pin at least one"):
        make(keys=())


def test_what_an_engine_fails_at_is_not_remembered(desk, raws, make):
    one = make()

    def fails(book, signal):
        book.execute("DELETE FROM wanted")
        raise OSError("the broker is away")

    one.act = fails
    with pytest.raises(OSError, match="broker"):
        one.receive(raws[0], desk.office.now)
    one.act = consumer.act
    assert one.receive(raws[0], desk.office.now).acted


def test_a_signal_held_by_one_of_two_consumers_is_acted_on_once(desk, raws, make, tmp_path):
    other = consumer.open_book(tmp_path / "book.sqlite")
    assert make().receive(raws[0], desk.office.now).acted
    second = consumer.Consumer(other, consumer.Rules(keys={desk.key}), consumer.act)
    assert second.receive(raws[0], desk.office.now).fault == "repeated"
    other.close()


def test_what_is_wanted_is_the_newest_signal_and_nothing_beside_it(desk, make):
    one = make()
    for targets in ((("AAPL", 0.5),), (("MSFT", 0.25), ("IBM", 0.25)), ()):
        assert one.receive(desk.publish(targets=targets), desk.office.now).acted
        found = one.book.execute("SELECT symbol, weight FROM wanted ORDER BY symbol").fetchall()
        assert found == sorted(targets)
    assert json.loads(desk.publish())["source"] == STUDY
