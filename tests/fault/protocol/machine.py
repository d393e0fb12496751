"""The protocol of ledger and gate as a state machine: writers, forgers, clocks, crashes.

After each step the real code, read by a machine that saw all before and by one that never did, is
compared with the model, and what was said once is held against what is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from configs.errors import QraftError
from gate.deciding.policy import pending_policy, propose_policy, sign_policy
from gate.deciding.raising import release_brake
from gate.deciding.root import enrol, reset_clock, revoke
from gate.policy.stages import Act, Stage
from gate.strategies.strategies import stand
from gate.strategies.tightening import TIGHTENING, Halted, halt_all
from storage.ledger import Entry
from tests.fault.protocol import forgers, tampering
from tests.fault.protocol.world import (
    MACHINES,
    NAMES,
    PEOPLE,
    POLICIES,
    Post,
    Sent,
    World,
    runner_of,
)  # fmt: skip
from tests.office import GOOD, public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.strategies.strategies import Standing
    from storage.ledger import Ledger
    from storage.ledger.ledger import Entries
    from tests.fault.protocol.model import Book
    from tests.fault.protocol.processes import Process

VOID = "void"
LONGEST_AHEAD = timedelta(days=181)
"""So far, at most, may a wrong clock bring a ledger by which people have decided something."""


class Asked(NamedTuple):
    """What a command is about."""

    name: str
    person: str
    pick: int


def _approves(post: Post, asked: Asked) -> Any:
    signs = {0: False, 1: True}.get(asked.pick % 5)
    return post.approves(asked.person, asked.name, signs=signs)


def _signs_policy(post: Post, asked: Asked) -> Any:
    waiting = pending_policy(post.ledger)
    return sign_policy(post.ledger, waiting, post.swears(asked.person), reason="I read it")


def _revokes(post: Post, asked: Asked) -> Any:
    keys = (public_key("bob"), runner_of("other").public, public_key("cyd"))
    since = None if asked.pick % 2 else max(1, len(post.ledger.entries()) - asked.pick % 9)
    return revoke(post.ledger, keys[asked.pick % 3], since=since, reason="lost",
                  actor=asked.person, swear=post.swears(asked.person))  # fmt: skip


def _writes_figures(post: Post, asked: Asked) -> Any:
    body = {"strategy": asked.name, "run_id": "r1",
            "figures": {"paper_bars": float(80 + asked.pick % 40)}}  # fmt: skip
    return post.ledger.append("paper", body, actor="run")


COMMANDS: dict[str, Callable[[Post, Asked], Any]] = {
    "tries": lambda post, asked: post.tries(f"t{asked.pick % 9}", asked.name),
    "proposes": lambda post, asked: post.proposes(f"r{asked.pick % 4}", asked.name),
    "proposes badly": lambda post, asked: post.proposes(
        f"r{asked.pick % 4}", asked.name, {**GOOD, "leak_clean": 0.0}
    ),
    "approves": _approves,
    "approves again": _approves,
    "promotes": lambda post, asked: post.promotes((post.standing(asked.name).stage is Stage.PAPER
                                                  and Stage.LIVE) or Stage.PAPER, asked.name),
    "tightens": lambda post, asked: post.tightens(
        sorted(TIGHTENING - {Act.RETIRE})[asked.pick % 3], asked.name
    ),
    "resumes": lambda post, asked: post.resumes(asked.name),
    "halts all": lambda post, asked: halt_all(post.ledger, reason=f"stop {asked.pick}",
                                              actor=asked.person),
    "releases": lambda post, asked: release_brake(
        post.desk, reason="go", actor=asked.person, swear=post.swears(asked.person)
    ),
    "publishes": lambda post, asked: post.publishes(
        asked.name, halted_before=bool(post.world.must_be_halted(post.machine))
    ),
    "publishes again": lambda post, asked: post.publishes(
        asked.name, halted_before=bool(post.world.must_be_halted(post.machine))
    ),
    "proposes a policy": lambda post, asked: propose_policy(
        post.ledger, POLICIES[sorted(POLICIES)[asked.pick % len(POLICIES)]], reason="it was time",
        actor=asked.person,
    ),
    "signs a policy": _signs_policy,
    "revokes": _revokes,
    "enrols": lambda post, asked: enrol(
        post.ledger, "other", runner_of("other").public, reason="new", actor=asked.person,
        swear=post.swears(asked.person),
    ),
    "resets the clock": lambda post, asked: reset_clock(
        post.ledger, post.tick, reason="wrong", actor=asked.person, swear=post.swears(asked.person)
    ),
    "writes figures": _writes_figures,
}  # fmt: skip

NAME, PERSON = st.sampled_from(NAMES), st.sampled_from(PEOPLE)
MACHINE = st.sampled_from(("desk", "desk", "other"))
COMMAND, PICK = st.sampled_from(sorted(COMMANDS)), st.integers(0, 999)
ASKED = st.builds(Asked, NAME, PERSON, PICK)
BETWEEN = st.sampled_from(
    ["time", "the clock is set back", "proposed anew", "proposed badly", "moved", "figures",
     "promoted by a lie", "a key is taken back", "the policy is changed"]
)  # fmt: skip
SKEWS = st.sampled_from(
    [timedelta()] * 2
    + [timedelta(days=days) for days in (1, -1, 400, -400, 3_652)]
    + [timedelta(seconds=30)]
)


class Protocol(RuleBasedStateMachine):
    """Two machines, two people, a forger, wrong clocks, full disks, and processes that die."""

    steps: ClassVar[int] = 0
    reached: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.checked = 0
        self.looked: Any = None
        self.views: dict[str, Any] = {}
        self.understood: tuple[Any, Standing] | None = None
        self.confirmed: list[Entry] = []
        self.releases: dict[int, set[int]] = {}
        self.do("desk", lambda post: post.tries())
        self.goes_well(NAMES[0], "paper")

    def teardown(self) -> None:
        self.world.close()

    # what people and machines do

    def do(self, machine: str, act: Callable[[Post], Any], slot: int = 9) -> Process:
        self.world.processes[slot] = process = self.world.begin(machine, act)
        process.finish()
        self._ended(slot)
        return process

    def command(self, slot: int, machine: str, command: str, asked: Asked) -> None:
        def act(post: Post) -> Any:
            if command == "releases":  # what stands when it is begun, or when it is signed
                post.before_signing = lambda: self.releases.update({slot: set(self.world.halts)})
                post.before_signing()
            return COMMANDS[command](post, asked)

        self.world.processes[slot] = self.world.begin(machine, act)

    def _ended(self, slot: int) -> None:
        """Take note of what a process said at its end."""
        process = self.world.processes.get(slot)
        if process is None or not process.done:
            return
        del self.world.processes[slot]
        result = process.result
        if isinstance(result, Entry):
            self.confirmed.append(result)
        if isinstance(result, Halted):
            self.world.was_halted(process.machine, by_entry=result.entry is not None)
            self._count("halts")
        if slot in self.releases:
            before = self.releases.pop(slot)
            if self.world.book().halted is None:  # also where it died after it was written
                self.world.lifted(before)
        if process.refusal is not None:
            self._count("refusals")

    @rule(slot=st.integers(0, 2), machine=MACHINE, command=COMMAND, asked=ASKED)
    def begins(self, slot: int, machine: str, command: str, asked: Asked) -> None:
        if slot in self.world.processes:
            self.world.processes[slot].finish()
            self._ended(slot)
        self.command(slot, machine, command, asked)

    @precondition(lambda self: self.world.processes)
    @rule(slot=st.integers(0, 2), count=st.integers(1, 12))
    def goes_on(self, slot: int, count: int) -> None:
        for _ in range(count):
            if slot in self.world.processes:
                self.world.processes[slot].go()
                self._ended(slot)

    @precondition(lambda self: self.world.processes)
    @rule(slot=st.integers(0, 2), after=st.integers(0, 12),
          moment=st.sampled_from(["before", "after"]))  # fmt: skip
    def dies(self, slot: int, after: int, moment: str) -> None:
        self.goes_on(slot, after)
        if slot in self.world.processes:
            self.world.processes[slot].doom = moment
            self.world.processes[slot].finish()
            self._ended(slot)
            self._count("deaths")

    @rule(machine=MACHINE, command=COMMAND, asked=ASKED)
    def does(self, machine: str, command: str, asked: Asked) -> None:
        self.command(9, machine, command, asked)
        self.world.processes[9].finish()
        self._ended(9)

    @rule(name=NAME, far=st.sampled_from(["paper", "approved", "live", "live"]))
    def goes_well(self, name: str, far: str) -> None:
        """Without this rule hardly anything would ever be live, and nothing could go wrong."""
        world = self.world
        world.store.full = False
        world.skew.clear()
        self.finish_all()
        newest = world.book().time
        world.now = max(world.now, newest) if newest else world.now
        if world.book().policy is not None:
            self.does("desk", "releases", Asked(name, "ann", 1))
        self.do("desk", lambda post: post.proposes(f"r{len(world.facts()) % 5}", name))
        self.do("desk", lambda post: post.approves("ann", name, signs=False))
        self.do("desk", lambda post: post.resumes(name))
        self.do("desk", lambda post: post.promotes(Stage.PAPER, name))
        if far != "paper":
            self.do("desk", lambda post: post.approves("ann", name, signs=True))
        if far in {"approved", "live"}:
            self.do("other", lambda post: post.approves("bob", name, signs=True))
        if far == "live":
            self.do("desk", lambda post: post.promotes(Stage.LIVE, name))
            self.do("desk", lambda post: post.publishes(name, halted_before=False))

    @rule(name=NAME, far=st.sampled_from(["one", "approved", "live"]), between=st.lists(BETWEEN,
          min_size=1, max_size=2), pick=PICK)  # fmt: skip
    def goes_well_but_for_what_comes_between(
        self, name: str, far: str, between: list[str], pick: int
    ) -> None:
        """What was approved is approved no more, or still, when it is promoted and published."""
        self.goes_well(name, far)
        for what in between:
            self._between(what, name, pick)
        if far == "one":
            self.the_desk_lies_all_the_way(name, check=True, approvals=False)
        self.do("desk", lambda post: post.promotes(Stage.LIVE, name))
        self.do("desk", lambda post: post.publishes(name, halted_before=False))

    def _between(self, what: str, name: str, pick: int) -> None:
        if what == "time":
            self.world.now += timedelta(days=(1, 35, 95)[pick % 3])
        elif what == "the clock is set back":
            self.world.now += timedelta(days=95)
            self.does("desk", "writes figures", Asked(name, "ann", pick))
            self.world.skew["desk"] = -timedelta(days=95)
        elif what == "proposed anew":
            self.world.running["code"] = f"c{pick % 4}"
            self.do("desk", lambda post: post.proposes(f"r{pick % 5}", name))
        elif what == "proposed badly":
            figures = {**GOOD, "leak_clean": 0.0}
            self.do("desk", lambda post: post.proposes(f"r{pick % 5}", name, figures))
        elif what == "moved":
            self.do("desk", lambda post: post.tightens(Act.DEMOTE, name))
            self.do("desk", lambda post: post.approves("ann", name, signs=False))
            self.do("desk", lambda post: post.promotes(Stage.PAPER, name))
        elif what == "figures":
            self.does("desk", "writes figures", Asked(name, "ann", pick))
        elif what == "promoted by a lie":
            self.the_desk_lies_all_the_way(name, (pick % 4) > 1, approvals=bool(pick % 2))
        elif what == "a key is taken back":
            self.does("desk", "revokes", Asked(name, "ann", 3 * (pick % 2)))
        else:
            self.the_policy_is_changed(sorted(POLICIES)[pick % len(POLICIES)], "desk")

    @rule(pick=PICK)
    def an_old_release_is_written_again(self, pick: int) -> None:
        self.does("desk", "halts all", Asked(NAMES[0], "bob", pick))
        self.does("desk", "releases", Asked(NAMES[0], "ann", pick))
        self.does("desk", "halts all", Asked(NAMES[0], "bob", pick))
        self.world.store.delete("halted/all.json")
        forgers.replay_newest(self.world, "resumption")

    @rule(name=NAME, pick=PICK)
    def another_machine_stops_one_and_is_taken_back(self, name: str, pick: int) -> None:
        self.goes_well(name, "paper")
        self.does("desk", "enrols", Asked(name, "ann", pick))
        seen = len(self.world.facts())
        self.do("other", lambda post: post.tightens(Act.HALT, name))
        self.do("desk", lambda post: revoke(
            post.ledger, runner_of("other").public, since=seen, reason="lost", actor="ann",
            swear=post.swears("ann"),
        ))  # fmt: skip

    @rule(machine=MACHINE, pick=PICK)
    def halts_everything(self, machine: str, pick: int) -> None:
        self.does(machine, "halts all", Asked(NAMES[0], "bob", pick))

    @rule(to=st.sampled_from(sorted(POLICIES)), machine=MACHINE)
    def the_policy_is_changed(self, to: str, machine: str) -> None:
        self.do(machine, lambda post: propose_policy(post.ledger, POLICIES[to], reason="time",
                                                     actor="ann"))  # fmt: skip
        for person in PEOPLE:
            self.do(machine, lambda post, p=person: _signs_policy(post, Asked("", p, 0)))

    def finish_all(self) -> None:
        for slot in list(self.world.processes):
            self.world.processes[slot].finish()
            self._ended(slot)

    # what the world does

    @rule(full=st.booleans())
    def the_disk_is_full_or_not(self, full: bool) -> None:
        self.world.store.full = full

    @rule(days=st.sampled_from([1, 20, 40, 100]))
    def time_goes_by(self, days: int) -> None:
        self.world.now += timedelta(days=days)

    @rule(machine=st.sampled_from(MACHINES), skew=SKEWS)
    def a_clock_is_set(self, machine: str, skew: timedelta) -> None:
        self.world.skew[machine] = skew

    @rule(part=st.sampled_from(["code", "data"]), value=st.sampled_from(["c", "d", "x"]))
    def something_changes(self, part: str, value: str) -> None:
        self.world.running[part] = value

    # what somebody without a key does

    @rule(kind=st.sampled_from(forgers.KINDS), name=NAME, person=PERSON,
          way=st.sampled_from(forgers.WAYS), pick=PICK)  # fmt: skip
    def forges(self, kind: str, name: str, person: str, way: str, pick: int) -> None:
        body = forgers.wish(self.world, kind, name, person, self.world.book())
        forgers.write(self.world, kind, body, way, pick)
        self._count("forged")

    @rule(name=NAME, way=st.sampled_from(forgers.WAYS), pick=PICK)
    def forges_a_whole_promotion(self, name: str, way: str, pick: int) -> None:
        for kind, person in (
            ("check", "ann"), ("approval", "ann"), ("approval", "bob"), ("promotion", "ann"),
        ):  # fmt: skip
            self.forges(kind, name, person, way, pick)

    @rule(way=st.sampled_from(forgers.WAYS), pick=PICK)
    def undoes_a_halt(self, way: str, pick: int) -> None:
        self.world.store.delete("halted/all.json")
        self.forges("resumption", NAMES[0], "ann", way, pick)

    @rule(pick=PICK, change=st.sampled_from(sorted(forgers.CHANGES)))
    def writes_an_old_line_again(self, pick: int, change: str) -> None:
        forgers.replay(self.world, pick, forgers.CHANGES[change])

    @rule(pick=PICK)
    def writes_a_line_of_elsewhere(self, pick: int) -> None:
        forgers.replay_from_elsewhere(self.world, pick)

    @rule(what=st.sampled_from(sorted(forgers.JUNK)))
    def plants_junk(self, what: str) -> None:
        forgers.plant_junk(self.world, forgers.JUNK[what])

    @rule()
    def takes_the_mark_away(self) -> None:
        self.world.store.delete("halted/all.json")

    # what somebody does who can sign as a machine, and as no person

    @rule(kind=st.sampled_from(["check", "promotion", "approval", "paper", "halt", "resumption",
                                "policy", "runner", "revocation", "clock"]),
          name=NAME, person=PERSON)  # fmt: skip
    def the_desk_lies(self, kind: str, name: str, person: str) -> None:
        body = forgers.wish(self.world, kind, name, person, self.world.book())
        if kind == "policy" or body.get("revoked") == runner_of("desk").public:
            return
        self.do("desk", lambda post: post.ledger.append(kind, body, actor=person))

    @rule(name=NAME, check=st.booleans(), approvals=st.booleans())
    def the_desk_lies_all_the_way(self, name: str, check: bool, approvals: bool) -> None:
        for kind, person in (
            *([("check", "ann")] if check else []),
            *([("approval", "ann"), ("approval", "bob")] if approvals else []),
            ("promotion", "ann"),
        ):
            self.the_desk_lies(kind, name, person)

    @rule(pick=PICK)
    def the_desk_undoes_a_halt(self, pick: int) -> None:
        self.does("desk", "halts all", Asked(NAMES[0], "bob", pick))
        self.world.store.delete("halted/all.json")
        self.the_desk_lies("resumption", NAMES[0], "ann")

    # what is done to entries that are there

    @precondition(lambda self: not self.world.processes)
    @rule(kind=st.sampled_from(tampering.KINDS), pick=PICK)
    def tampers(self, kind: Callable[[Any, int], set[str]], pick: int) -> None:
        """Whatever is done is told by its name, hands out nothing, and is healed by a backup."""
        world = self.world
        whole = world.store.copy()
        lines = [raw for path, raw in whole.items() if path.startswith("ledger/")]
        if len(lines) < 4:
            return
        reader = world.open("desk")
        before, head = self._faults(reader), reader.head()
        seen = self._seen("desk")
        content = dict(whole)
        expected = kind(content, pick)
        world.store.restore(content)
        after = self._faults(world.open("desk"))
        changed = expected and content != whole
        # A planted line names all that comes before it, so it is called changed, too.
        planted = {"changed", "forked"} if not all(map(tampering.is_whole, lines)) else set()
        assert not changed or expected <= after <= expected | before | planted, (kind, after)
        if changed and "foreign" not in expected:
            cold = {p.fault for p in world.open("stranger").verify(head).problems}
            assert cold, kind.__name__
        told = self._seen("desk")
        assert told is None or told == seen, (kind.__name__, told, seen)
        world.store.restore(whole)
        assert self._seen("desk") == seen
        self._count("tampered")

    @staticmethod
    def _faults(ledger: Ledger) -> set[str]:
        return {problem.fault for problem in ledger.verify().problems}

    def _seen(self, machine: str) -> dict[str, Any] | None:
        """What a machine makes of the ledger; None where it refuses it."""
        ledger = self.world.open(machine)
        try:
            entries = ledger.entries()
        except QraftError:
            return None
        standing = self._standing(entries)
        return {
            "stages": {s.strategy: str(s.stage) for s in standing.strategies},
            "halted": standing.brake is not None,
            "entries": list(entries),
            "void": ledger.void(),
            "latest": ledger.trust.latest,
        }

    def _standing(self, entries: Entries) -> Standing:
        """Where everything stands; what several machines read alike is made out once."""
        lines = (list(entries), entries.mark)
        if self.understood is None or self.understood[0] != lines:
            self.understood = (lines, stand(entries, POLICIES["first"]))
        return self.understood[1]

    # what must hold

    @invariant()
    def what_must_hold_holds(self) -> None:
        Protocol.steps += 1
        facts, book = self.world.facts(), self.world.book()
        marks = [self.world.marked(machine) for machine in MACHINES]
        if (now := (book.hashes, marks)) != self.looked:  # else there is nothing new to be read
            self.views = {machine: self._seen(machine) for machine in ("stranger", *MACHINES)}
            self._read_as_it_was_written(book, self.views)
            self.looked = now
        for machine in MACHINES:
            if self.world.must_be_halted(machine):
                told = self.views[machine]
                assert told is not None, machine
                assert told["halted"], f"a halt was lost on {machine}"
        for sent in self.world.sent[self.checked :]:
            self._may_be_sent(sent)
        self.checked = len(self.world.sent)
        for entry in self.confirmed:
            assert facts[entry.seq - 1].hash == entry.hash, f"{entry.seq} was confirmed, and is not"
        assert book.time is not None
        latest = max([self.world.now, *self.world.sworn_times()])
        assert book.time <= latest + LONGEST_AHEAD, "a wrong clock froze the gate"

    def _read_as_it_was_written(self, book: Book, views: dict[str, Any]) -> None:
        """What counts is what was really written, from a checkpoint as from nothing."""
        cold = views["stranger"]
        assert cold is not None, "an honest ledger was refused"
        counted = [entry.seq for entry in cold["entries"] if entry.kind != VOID]
        assert counted == book.counted, (counted, book.counted, cold["void"])
        assert cold["latest"] == _text(book.time), (cold["latest"], book.time)
        stages = {name: stand.stage for name, stand in book.stands.items()}
        for machine, told in views.items():
            assert told is not None, f"an honest ledger was refused on {machine}"
            for part in ("entries", "void", "latest"):
                assert told[part] == cold[part], f"{part} from a checkpoint differ on {machine}"
            marked = self.world.marked(machine)
            assert told["halted"] == (marked or book.halted is not None), machine
            expected = {
                name: "halted" if marked and stage in {"paper", "live"} else stage
                for name, stage in stages.items()
            }
            assert told["stages"] == expected, (machine, told["stages"], expected)
        for stage in stages.values():
            self._count(stage)

    def _may_be_sent(self, sent: Sent) -> None:
        """A signal left from a stage, by evidence and by approvals that were there."""
        assert not sent.halted_before, f"sent though all was said to be halted: {sent}"
        book = self.world.book(sent.seen)
        stand = book.stands[sent.strategy]
        assert book.halted is None, sent
        assert stand.stage == sent.stage, (sent, stand)
        self._count(f"sent {sent.stage}")
        if sent.stage == "live":
            assert book.time is not None
            there = book.approvers(sent.strategy, "live", max(sent.now, book.time))
            assert sent.people <= there, (sent, there)
            assert len(there) >= 2, sent
            content = tuple(stand.digests[part] for part in ("spec", "code", "data"))
            assert sent.content == content, (sent, stand)

    @classmethod
    def _count(cls, what: str) -> None:
        cls.reached[what] = cls.reached.get(what, 0) + 1


def _text(moment: datetime | None) -> str:
    return moment.isoformat(timespec="microseconds") if moment else ""
