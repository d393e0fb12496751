"""A world of two machines that share a ledger, two people with keys, and what really happened.

What the world knows is the truth: who wrote each line, what each person signed, what was said to be
halted, what was sent. The machine compares it with what the gate makes of the bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import storage.ledger.ledger as ledgers
from configs.errors import QraftError
from gate.policy.in_force import document_of, policy_in_force
from gate.policy.stages import Stage
from gate.signals.authority import authorise
from gate.strategies.strategies import running
from storage.ledger import Ledger
from storage.ledger.runner import VARIABLE, Runner
from tests.fault.protocol import model
from tests.fault.protocol.processes import Kept, Process, Shared
from tests.forging import canonical
from tests.office import POLICY, START, Office, private_key, public_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gate.deciding.approving import Approver
    from gate.deciding.swearing import Swears
    from gate.policy.policy import Policy
    from storage.ledger import Entry

PLACE = "memory:shared"
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where what the machines keep is written, if the system has such a place: it is gone soon."""
MACHINES = ("desk", "other")
NAMES = ("one@aaaaaaaaaaaa", "two@bbbbbbbbbbbb")
PEOPLE = ("ann", "bob")


def runner_of(machine: str) -> Runner:
    return Runner(Ed25519PrivateKey.from_private_bytes(machine.encode().ljust(32, b"#")))


def policies() -> dict[str, Policy]:
    """The policies that are ever proposed by anybody."""
    first = POLICY.model_copy(update={"keys": {name: public_key(name) for name in PEOPLE}})
    three = {**first.keys, "cyd": public_key("cyd")}
    both = {machine: runner_of(machine).public for machine in MACHINES}
    short = POLICY.live.model_copy(update={"lasts_days": 30})
    strict = POLICY.live.model_copy(update={"checks": {"leak": 1, "paper_bars": 100}})
    return {
        "first": first,
        "short": first.model_copy(update={"live": short, "keys": three}),
        "strict": first.model_copy(update={"live": strict}),
        "both": first.model_copy(update={"runners": both}),
        "desk": first.model_copy(update={"runners": {"desk": both["desk"]}}),
    }


POLICIES = policies()


def _in_model(name: str, policy: Policy) -> model.Policy:
    document = document_of(policy)
    steps = {"paper": policy.paper, "live": policy.live}
    return model.Policy(
        name=name,
        digest=hashlib.sha256(canonical(document).encode()).hexdigest(),
        asks={to: policy.digest(Stage(to)) for to in steps},
        checks={to: dict(step.checks) for to, step in steps.items()},
        approvals={to: step.approvals for to, step in steps.items()},
        lasts={to: timedelta(days=step.lasts_days) for to, step in steps.items()},
        keys={person: str(key) for person, key in policy.keys.items()},
        runners=frozenset(str(key) for key in policy.runners.values()),
    )


IN_MODEL = {name: _in_model(name, policy) for name, policy in POLICIES.items()}
DOCUMENTS = {canonical(document_of(policy)): name for name, policy in POLICIES.items()}


@dataclass(frozen=True)
class Sent:
    """A signal that left."""

    strategy: str
    stage: str
    seen: int
    people: frozenset[str]
    content: tuple[str, ...]
    now: datetime
    halted_before: bool


class Post(Office):
    """An office on one machine of the world."""

    def __init__(self, world: World, machine: str) -> None:
        self.world, self.machine = world, machine
        super().__init__(store=world.store, policy=POLICIES["first"], now=world.clock(machine))
        self.policy = POLICIES["first"]
        self.running = dict(world.running)
        self.before_signing: Callable[[], None] = lambda: None

    def reopen(self) -> None:
        self.ledger = self.world.open(self.machine, self.tick)

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def swears(self, person: str) -> Swears:
        return self._noting(super().swears(person), person)

    def approver(self, person: str, *, signs: bool = True) -> Approver:
        given = super().approver(person, signs=signs)
        sign = given.sign

        def signed(statement: Any) -> str:
            signature = sign(statement)
            if signature:
                self.world.note(signature, person, statement.to_bytes())
            return signature

        object.__setattr__(given, "sign", signed)
        return given

    def publishes(self, name: str, *, halted_before: bool) -> None:
        """Send what a strategy decided, as what follows a strategy does."""
        entries = self.ledger.entries()
        policy = policy_in_force(entries, self.policy)
        strategy = running(entries, policy, name)
        if strategy is None:
            return
        people: frozenset[str] = frozenset()
        now = self.tick()
        if strategy.stage is Stage.LIVE:
            people = frozenset(authorise(entries, policy, name, self.running, now).people)
        content = tuple(self.running[part] for part in ("spec", "code", "data"))
        self.world.sent.append(
            Sent(name, str(strategy.stage), len(entries), people, content, now, halted_before)
        )

    def _noting(self, swears: Swears, person: str) -> Swears:
        sign = swears.sign

        def signed(said: bytes) -> str:
            self.before_signing()
            signature = sign(said)
            self.world.note(signature, person, said)
            return signature

        object.__setattr__(swears, "sign", signed)
        return swears


@dataclass
class World:
    """Everything there is."""

    store: Shared = field(default_factory=Shared)
    now: datetime = START
    skew: dict[str, timedelta] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=lambda: {"spec": "s", "code": "c", "data": "d"})
    signed: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """Signature to who made it, and what it is over."""
    by_own_key: set[str] = field(default_factory=set)
    """Paths of forged lines that fit their signature, which is of the forger's own key."""
    sent: list[Sent] = field(default_factory=list)
    halts: dict[int, set[str]] = field(default_factory=dict)
    """Halts that were said, and that no person has lifted: on which machines each must hold."""
    processes: dict[int, Process] = field(default_factory=dict)
    _halts: int = 0
    _told: dict[tuple[Any, ...], model.Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="qraft-world-", dir=IN_MEMORY))

    def close(self) -> None:
        for process in self.processes.values():
            process.die()
        shutil.rmtree(self.home)

    def clock(self, machine: str) -> datetime:
        return self.now + self.skew.get(machine, timedelta())

    @contextmanager
    def on(self, machine: str) -> Iterator[None]:
        """Be on a machine: what it keeps outside every workspace is its own."""
        before = os.environ[VARIABLE]
        os.environ[VARIABLE] = str(self.home / machine)
        try:
            yield
        finally:
            os.environ[VARIABLE] = before

    def open(self, machine: str, clock: Callable[[], datetime] | None = None) -> Ledger:
        """Open the ledger on a machine, as a process of its own; `stranger` has never seen it."""
        place = None if machine == "stranger" else PLACE
        with self.on(machine):
            kept, ledgers.Checkpoint = ledgers.Checkpoint, Kept  # type: ignore[misc, attr-defined]
            try:
                return Ledger(
                    self.store, clock=clock or (lambda: self.clock(machine)), place=place,
                    runner=runner_of(machine),
                )  # fmt: skip
            finally:
                ledgers.Checkpoint = kept  # type: ignore[misc, attr-defined]

    def note(self, signature: str, person: str, said: bytes) -> None:
        self.signed[signature] = (person, json.loads(said))

    def sworn_times(self) -> Iterator[datetime]:
        """What people have sworn that the time is: they may say another word later."""
        for _, said in self.signed.values():
            if "now" in said:
                yield datetime.fromisoformat(said["now"])

    def begin(self, machine: str, act: Callable[[Post], Any]) -> Process:
        """Begin a command on a machine; it has not done anything yet."""
        self.now += timedelta(seconds=1)
        return Process(machine, lambda: act(Post(self, machine)))

    def do(self, machine: str, act: Callable[[Post], Any]) -> Process:
        """Do a command from its beginning to its end, without that anybody comes between."""
        process = self.begin(machine, act)
        process.finish()
        return process

    def was_halted(self, machine: str, *, by_entry: bool) -> None:
        """Note that somebody was told that everything is halted.

        What could not be written to the ledger is a mark that somebody may take away, and the
        machine's own.
        """
        self._halts += 1
        self.halts[self._halts] = set(MACHINES) if by_entry else {machine}

    def must_be_halted(self, machine: str) -> bool:
        return any(machine in machines for machines in self.halts.values())

    def lifted(self, halts: set[int]) -> None:
        for halt in halts:
            self.halts.pop(halt, None)

    def facts(self, content: dict[str, bytes] | None = None) -> list[model.Fact]:
        """Tell the truth about the ledger's lines."""
        content = self.store.copy() if content is None else content
        lines = [content[path] for path in sorted(content) if path.startswith("ledger/")]
        facts: list[model.Fact] = []
        first = ""
        for seq, raw in enumerate(lines, 1):
            machine = self.store.machines.get(f"ledger/{seq:012d}.json", "")
            before = facts[-1].hash if facts else "0" * 64
            about = (seq, raw, machine, first, before)
            if about not in self._told:  # the same line is always told in the same way
                self._told[about] = self._fact(*about)
            facts.append(self._told[about])
            first = first or facts[0].hash
        return facts

    def _fact(self, seq: int, raw: bytes, machine: str, ledger: str, before: str) -> model.Fact:
        named = hashlib.sha256(before.encode() + raw).hexdigest()
        nothing = model.Fact(seq, named, "", {}, START)
        try:
            value = json.loads(raw)
            at, body, kind = datetime.fromisoformat(value["at"]), value["body"], value["kind"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return nothing
        if value.get("key") and not machine and f"ledger/{seq:012d}.json" not in self.by_own_key:
            return model.Fact(seq, value["hash"], "", {}, START)  # its signature fits nothing
        runner = runner_of(machine).public if machine else ""
        try:
            return model.Fact(
                seq, value["hash"], kind, self._noted(kind, body), at, runner,
                self._signer(kind, body, ledger),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError):
            return model.Fact(seq, value["hash"], "", {}, START)

    def _signer(self, kind: str, body: dict[str, Any], ledger: str) -> str:
        """Who has really signed what a line says, for this ledger."""
        if kind not in model.BY_PEOPLE_ALONE:
            return ""
        person, said = self.signed.get(str(body.get("signature")), ("", {}))
        told = dict(said)
        purpose, here = told.pop("purpose", ""), told.pop("ledger", ledger)
        if kind == "approval":
            same, by = body["statement"] == told, body["statement"]["by"]
        else:
            same = {name: value for name, value in body.items() if name != "signature"} == told
            by = body.get("by")
        return person if same and by == person and here == ledger and kind in purpose else ""

    @staticmethod
    def _noted(kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Add what the digests in a body are of."""
        if kind == "policy":
            name = DOCUMENTS.get(canonical(body["document"]), "")
            return {**body, "document": {"_name": name}}
        if kind == "proposal":
            named = {part: body["evidence"][part] for part in ("spec", "code", "data")}
            whole = hashlib.sha256(canonical(body["evidence"]).encode()).hexdigest()
            mandate = body["evidence"].get("mandate")
            bound = hashlib.sha256(canonical(mandate).encode()).hexdigest() if mandate else ""
            return {**body, "_digests": {**named, "evidence": whole}, "_mandate": bound}
        return body

    def book(self, until: int | None = None) -> model.Book:
        """The ledger as it is to be understood."""
        return model.read(self.facts()[:until], IN_MODEL)

    def marked(self, machine: str) -> bool:
        """Whether a mark says on a machine that everything is halted."""
        own = self.home / machine / "halted"
        return "halted/all.json" in self.store.copy() or (own.is_dir() and any(own.iterdir()))

    def newest(self, kind: str) -> Entry | None:
        with suppress(QraftError):
            found = self.open("stranger").entries(kind)
            return found[-1] if found else None
        return None


__all__ = ["MACHINES", "NAMES", "PEOPLE", "POLICIES", "Post", "Sent", "World", "private_key"]
