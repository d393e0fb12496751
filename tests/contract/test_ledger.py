"""What a ledger promises over every object store."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import BadInput, Damaged
from configs.remedies import Mend
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.ledger import Entry, Head, Ledger
from storage.ledger.entry import GENESIS, follow, path_of, read_slot
from storage.ledger.runner import installed_runner
from storage.ledger.verification import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return MemoryObjects() if request.param == "memory" else FolderObjects(tmp_path / "lake")


def trial(run_id: str = "r", **more) -> dict:
    return {"run_id": run_id, "strategy": "a@1", "family": "f", "road": "command", **more}


HALT = {"strategy": "*", "reason": "stop"}


def fill(store, count: int) -> Ledger:
    ledger = Ledger(store)
    for number in range(count):
        ledger.append("trial", trial(f"r{number}", figure=number / 7), actor="command")
    return ledger


def test_entries_follow_one_another(store):
    ledger = fill(store, 3)
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.prev for entry in entries] == [GENESIS, entries[0].hash, entries[1].hash]
    assert ledger.head() == Head(3, entries[2].hash)
    assert Ledger(store).entries() == entries
    assert ledger.verify().ok


def test_an_empty_ledger_is_whole(store):
    ledger = Ledger(store)
    assert ledger.entries() == []
    assert ledger.head() == Head()
    assert ledger.verify(Head()).ok


def test_an_entry_is_stored_as_json_with_the_time_it_was_written(store):
    at = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    ledger = Ledger(store, clock=lambda: at)
    entry = ledger.append("halt", {**HALT, "reason": "Zoë"}, actor="zoe")
    value = json.loads(store.get("ledger/000000000001.json"))
    assert value["at"] == "2026-01-02T03:04:05.000006+00:00"
    assert value["body"] == {"strategy": "*", "reason": "Zoë"}
    assert value == {
        "seq": 1, "prev": GENESIS, "kind": "halt", "at": entry.at, "actor": "zoe",
        "body": {"strategy": "*", "reason": "Zoë"}, "hash": entry.hash,
        "key": ledger.runner.public, "signature": entry.signature,
    }  # fmt: skip


def test_entries_can_be_asked_for_by_kind(store):
    ledger = fill(store, 2)
    halt = ledger.append("halt", HALT, actor="command")
    assert ledger.entries("halt") == [halt]
    assert len(ledger.entries("trial")) == 2


def test_two_ledgers_over_one_store_see_each_other(store):
    one, other = Ledger(store), Ledger(store)
    one.append("trial", trial(n=1), actor="one")
    other.append("trial", trial(n=2), actor="other")
    assert one.append("trial", trial(n=3), actor="one").seq == 3
    assert [e.body["n"] for e in other.entries()] == [1, 2, 3]


def test_unless_sees_all_entries_and_forbids(store):
    ledger = fill(store, 2)
    assert ledger.append("trial", trial(), actor="x", unless=lambda seen: len(seen) == 2) is None
    assert ledger.append("trial", trial(), actor="x", unless=lambda seen: len(seen) == 3).seq == 3


def test_unless_sees_what_another_writer_added_in_between(store):
    ledger, rival = Ledger(store), Ledger(store)
    seen: list[int] = []

    def unless(entries: list[Entry]) -> bool:
        seen.append(len(entries))
        if len(seen) == 1:
            rival.append("trial", trial("same"), actor="rival")
        return any(entry.body.get("run_id") == "same" for entry in entries)

    assert ledger.append("trial", trial("same"), actor="late", unless=unless) is None
    assert seen == [0, 1]
    assert [entry.actor for entry in ledger.entries()] == ["rival"]


def test_threads_never_share_a_number(store):
    shared = Ledger(store)

    def write(number: int) -> list[int]:
        ledger = shared if number % 2 else Ledger(store)
        return [ledger.append("trial", trial(n=number), actor="t").seq for _ in range(12)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [seq for seqs in pool.map(write, range(8)) for seq in seqs]
    assert sorted(numbers) == list(range(1, 97))
    assert Ledger(store).verify().ok


def test_a_condition_that_allows_one_entry_admits_one_of_many_writers(store):
    def write(number: int) -> Entry | None:
        return Ledger(store).append("halt", {**HALT, "by": number}, actor="t", unless=bool)

    with ThreadPoolExecutor(16) as pool:
        written = [entry for entry in pool.map(write, range(32)) if entry]
    assert len(written) == 1


WRITER = """
import sys
from pathlib import Path
from storage.ledger import Ledger
from storage.lake.objects import FolderObjects
ledger = Ledger(FolderObjects(Path(sys.argv[1])))
for n in range(40):
    run = {"run_id": f"r{n}", "strategy": "a@1"}
    ledger.append("trial", {**run, "family": "f", "road": "p", "by": sys.argv[2]}, actor="p")
    taken = lambda seen: any(e.kind == "halt" and e.body == run for e in seen)
    ledger.append("halt", run, actor=sys.argv[2], unless=taken)
"""


def test_processes_never_share_a_number(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=ROOT)
        for name in ("one", "two", "three")
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    ledger = Ledger(FolderObjects(tmp_path))
    assert ledger.verify().ok
    assert len(ledger.entries("trial")) == 120
    assert sorted(e.body["run_id"] for e in ledger.entries("halt")) == sorted(
        f"r{n}" for n in range(40)
    )


@pytest.mark.parametrize(
    "body",
    [{"x": float("nan")}, {"x": object()}, {"x": {1, 2}}, {"x": b"bytes"}, {"x": "\ud800"}],
    ids=["nan", "object", "set", "bytes", "surrogate"],
)
def test_a_body_that_is_not_json_is_refused_and_nothing_is_written(store, body):
    ledger = Ledger(store)
    with pytest.raises(BadInput, match="not JSON"):
        ledger.append("trial", {**trial(), **body}, actor="x")
    assert store.list() == ()


def test_an_unknown_kind_is_refused_with_its_neighbour(store):
    with pytest.raises(BadInput, match="did you mean 'trial'"):
        Ledger(store).append("trail", {}, actor="x")


def test_what_is_read_back_equals_what_was_returned(store):
    body = trial(tuple=(1, 2), keys={10: None, 9: 1}, deep=[{"a": 0.1}, True])
    entry = Ledger(store).append("trial", {**trial(), **body}, actor="x")
    kept = {"tuple": [1, 2], "keys": {"10": None, "9": 1}, "deep": [{"a": 0.1}, True]}
    assert entry.body == {**trial(), **kept}
    assert Ledger(store).entries() == [entry]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), json_values), min_size=1, max_size=4))
def test_any_json_body_survives(bodies):
    store = MemoryObjects()
    ledger = Ledger(store)
    written = [ledger.append("trial", {**trial(), **body}, actor="x") for body in bodies]
    assert Ledger(store).entries() == written
    assert ledger.verify(written[-1].head).ok


names = st.text(st.sampled_from('"\\,:{}aé'), max_size=12) | st.sampled_from(
    ['","seq":', ',"prev":"x"', '"hash":"', '\\","signature":""}']
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, names | st.dictionaries(names, names)), names)
def test_what_a_runner_signed_is_found_in_what_is_read(body, actor):
    runner = installed_runner()
    first = follow(Head(), kind="trial", at="x", actor=actor, body=body, runner=runner)
    entry = follow(
        first.head,
        kind="trial",
        at="x",
        actor=actor,
        runner=runner,
        body={**body, "hash": first.hash, "seq": 1, "prev": body},
        ledger=first.hash,
    )
    for one, ledger in ((first, ""), (entry, first.hash)):
        slot = read_slot(one.to_json(), one.seq, one.prev)
        assert slot.intact
        assert slot.entry == one
        assert slot.statement(ledger) == one.statement(ledger)


def faults(ledger: Ledger, head: Head | None = None) -> set[tuple[str, str]]:
    return {
        (problem.fault, problem.path)
        for problem in ledger.verify(*([head] if head else [])).problems
    }


def test_every_flipped_bit_of_every_byte_is_caught():
    store = MemoryObjects()
    ledger = fill(store, 3)
    stored = {seq: store.get(path_of(seq)) for seq in (1, 2, 3)}
    for seq, original in stored.items():
        for place in range(len(original)):
            for bit in range(8):
                changed = bytearray(original)
                changed[place] ^= 1 << bit
                found = verify({**stored, seq: bytes(changed)}).problems
                assert ("changed", path_of(seq)) in {(p.fault, p.path) for p in found}
    assert ledger.verify().ok


@pytest.mark.parametrize(
    "edit", [lambda raw: raw + b"\n", lambda raw: b" " + raw, lambda raw: raw[:-1], lambda raw: b""]
)
def test_bytes_added_or_taken_are_caught(store, edit):
    ledger = fill(store, 2)
    store.put(path_of(1), edit(store.get(path_of(1))))
    assert faults(ledger) == {("changed", path_of(1))}


def test_a_missing_entry_is_named(store):
    ledger = fill(store, 6)
    store.delete(path_of(2))
    store.delete(path_of(4))
    store.delete(path_of(5))
    verdict = ledger.verify()
    assert [(p.fault, p.path) for p in verdict.problems] == [
        ("missing", path_of(2)),
        ("missing", path_of(4)),
    ]
    assert "entries 4 to 5" in verdict.problems[1].meaning
    with pytest.raises(Damaged, match="000000000002"):
        Ledger(store, place="").entries()
    if isinstance(store, FolderObjects):  # who saw them goes on with what was seen
        assert len(Ledger(store).entries("trial")) == 6


def test_exchanged_entries_are_named(store):
    ledger = fill(store, 4)
    second, third = store.get(path_of(2)), store.get(path_of(3))
    store.put(path_of(2), third)
    store.put(path_of(3), second)
    assert {("reordered", path_of(2)), ("reordered", path_of(3))} <= faults(ledger)


def test_an_entry_replaced_by_a_well_formed_one_breaks_the_chain(store):
    ledger = fill(store, 3)
    before = ledger.entries()[0]
    forged = Ledger(MemoryObjects())
    forged.append("trial", trial("forged"), actor="x")
    store.put(path_of(1), forged.entries()[0].to_json())
    assert before.seq == 1
    assert faults(ledger) == {("unchained", path_of(2))}


def test_what_was_cut_off_is_missed_with_an_exported_head(store):
    ledger = fill(store, 3)
    head = ledger.head()
    store.delete(path_of(3))
    stranger = Ledger(store, place="")
    assert stranger.verify().ok
    assert faults(stranger, head) == {("truncated", path_of(3))}
    if isinstance(store, FolderObjects):
        assert faults(Ledger(store)) == {("truncated", "ledger")}


def test_a_ledger_written_anew_differs_from_an_exported_head(store):
    head = fill(store, 3).head()
    for seq in (1, 2, 3):
        store.delete(path_of(seq))
    anew = Ledger(store, place="")
    for number in range(4):
        anew.append("trial", trial(f"r{number}"), actor="command")
    assert anew.verify().ok
    assert faults(anew, head) == {("rewritten", path_of(3))}


def test_a_head_stays_valid_while_the_ledger_grows(store):
    ledger = fill(store, 2)
    head = ledger.head()
    ledger.append("trial", trial(), actor="x")
    assert ledger.verify(head).ok


def test_objects_that_are_no_entries_are_named(store):
    ledger = fill(store, 1)
    store.put("ledger/notes.txt", b"")
    store.put("ledger/000000000000.json", b"")
    assert faults(ledger) == {
        ("foreign", "ledger/notes.txt"),
        ("foreign", "ledger/000000000000.json"),
    }


def test_a_number_far_away_is_a_gap_and_not_a_long_walk(store):
    ledger = fill(store, 1)
    store.put("ledger/999999999999.json", b"{}")
    assert faults(ledger) == {("missing", path_of(2)), ("changed", "ledger/999999999999.json")}


@pytest.mark.parametrize("edit", ["change", "delete"])
def test_nothing_is_added_to_a_ledger_whose_end_was_tampered_with(store, edit):
    ledger = fill(store, 2)
    if edit == "change":
        store.put(path_of(2), store.get(path_of(1)))
    else:
        store.delete(path_of(2))
    with pytest.raises(Damaged) as refused:
        ledger.append("trial", trial(), actor="x")
    assert refused.value.remedy == Mend.VERIFY_LEDGER()


def test_nothing_is_added_to_a_ledger_that_was_changed_before_it_was_opened(store):
    fill(store, 3)
    store.put(path_of(2), store.get(path_of(2)).replace(b"r1", b"r9"))
    ledger = Ledger(store, place="")
    for _ in range(2):
        with pytest.raises(Damaged, match="000000000002"):
            ledger.append("trial", trial(), actor="x")
    assert len(store.list("ledger")) == 3


def chained(head: Head, **changed) -> tuple[str, bytes]:
    """Write an entry as anybody can who knows the format and holds no key."""
    import hashlib

    rest = {
        "seq": head.seq + 1, "prev": head.hash, "kind": "trial",
        "at": "2026-01-02T03:04:05.000006+00:00", "actor": "x", "body": trial("forged"), **changed,
    }  # fmt: skip
    plain = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    digest = hashlib.sha256(json.dumps(rest, **plain).encode()).hexdigest()
    return path_of(head.seq + 1), json.dumps({**rest, "hash": digest}, **plain).encode()


@pytest.mark.parametrize(
    ("planted", "why"),
    [
        ({"body": []}, "not of the right types"),
        ({"kind": ["trial"]}, "not of the right types"),
        ({"kind": "decree"}, "no kind `decree`"),
        ({"body": {}}, "has no `run_id`"),
        ({"body": trial(3)}, "`run_id` of this trial"),
        ({"at": "soon"}, "time cannot be read"),
        ({}, "nobody known signed it"),
        ({"key": "ed25519:x", "signature": "00"}, "signature does not fit"),
        ({"body": trial(deep=json.loads("[" * 500 + "]" * 500))}, "nobody known signed it"),
    ],
)
def test_what_nobody_known_signed_stands_there_and_counts_for_nothing(store, planted, why):
    ledger = fill(store, 2)
    store.put(*chained(ledger.head(), **planted))
    for reader in (ledger, Ledger(store)):
        assert [entry.kind for entry in reader.entries()] == ["trial", "trial", "void"]
        assert why in reader.void()[3]
    verdict = ledger.verify()
    assert verdict.ok
    assert [seq for seq, _ in verdict.void] == [3]
    assert ledger.append("halt", HALT, actor="x").seq == 4
    assert Ledger(store).verify().ok


@pytest.mark.parametrize("junk", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null"])
def test_bytes_that_are_no_entry_take_a_number_and_nothing_else(store, junk):
    ledger = fill(store, 2)
    store.put(path_of(3), junk)
    assert ledger.append("halt", HALT, actor="x").seq == 4
    reader = Ledger(store)
    assert [entry.kind for entry in reader.entries()] == ["trial", "trial", "void", "halt"]
    assert reader.verify().ok
    assert reader.verify().void == ((3, "it is no entry"),)


def test_what_is_too_long_to_be_an_entry_is_not_read_and_stops_nothing(store, monkeypatch):
    monkeypatch.setattr("storage.ledger.log.LONGEST_BYTES", 5_000)
    ledger = fill(store, 2)
    store.put(path_of(3), b"x" * 5_001)
    assert ledger.append("halt", HALT, actor="x").seq == 4
    reader = Ledger(store)
    assert [entry.kind for entry in reader.entries()] == ["trial", "trial", "void", "halt"]
    assert reader.verify().ok


def test_nothing_before_a_planted_line_can_be_replaced(store):
    ledger = fill(store, 1)
    ledger.append("halt", HALT, actor="bob")
    store.put(path_of(3), b"junk")
    head = ledger.append("trial", trial("r9"), actor="x").head
    store.put(*chained(ledger.entries()[0].head, kind="halt", body={"strategy": "none@0"}))
    stranger = Ledger(store, place="")
    assert not stranger.verify(head).ok
    with pytest.raises(Damaged, match="was changed"):
        stranger.entries()
