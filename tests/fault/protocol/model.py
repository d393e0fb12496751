"""What the gate promises, said a second time: a small model that is written from gate/README.md.

It calls nothing of what it is compared with. Who really wrote a line, and what a person really
signed, it is told by the world in which that happened, so it needs no signatures: a forged line is
forged because the world knows that it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

TIGHTENING = {"halt", "demotion", "rejection", "retirement"}
RUNNING = {"paper", "live"}
MOVES = {
    ("promotion", "dryrun"): "paper",
    ("promotion", "paper"): "live",
    ("resumption", "halted"): "paper",
    ("resumption", "rejected"): "dryrun",
    ("demotion", "live"): "paper",
    ("demotion", "paper"): "dryrun",
    ("halt", "paper"): "halted",
    ("halt", "live"): "halted",
    ("rejection", "dryrun"): "rejected",
    ("rejection", "paper"): "rejected",
    **{("retirement", stage): "retired"
       for stage in ("dryrun", "paper", "live", "halted", "rejected")},
}  # fmt: skip
ASKED = {("promotion", "paper"), ("promotion", "live"), ("resumption", "paper")}
"""What an act leads to where the policy is asked."""
SHOWN = {"facts", "text"}
"""What stands beside a statement that names the text that was shown."""
BY_PEOPLE_ALONE = {
    "approval", "policy_signature", "runner", "revocation", "clock", "resumption"
}  # fmt: skip
"""Kinds that count from any machine, by a person's signature."""


@dataclass(frozen=True)
class Fact:
    """A line of the ledger, and the truth about it.

    Attributes
    ----------
    runner
        The key of the machine that really wrote it; empty where it is forged.
    person
        Who really signed what it says, for this ledger; empty where nobody did.
    """

    seq: int
    hash: str
    kind: str
    body: dict[str, Any]
    at: datetime
    runner: str = ""
    person: str = ""


@dataclass(frozen=True)
class Policy:
    """A policy as the world made it: what it asks for, and by which digests it is known."""

    name: str
    digest: str
    asks: dict[str, str]
    """Stage to the digest of what is asked for it."""
    checks: dict[str, dict[str, float]]
    approvals: dict[str, int]
    lasts: dict[str, timedelta]
    keys: dict[str, str]
    until: dict[str, datetime] = field(default_factory=dict)
    runners: frozenset[str] = frozenset()

    @property
    def signatures(self) -> int:
        return min(2, len(self.keys))


@dataclass(frozen=True)
class Stand:
    """Where a strategy stands."""

    stage: str
    since: int
    granted: int
    digests: dict[str, str]
    mandate: str = ""
    """The digest of the symbols and bounds that it asks for."""
    approvals: tuple[Fact, ...] = ()
    found: Fact | None = None


@dataclass
class Book:
    """The ledger as it is to be understood, line by line."""

    policies: dict[str, Policy]
    founder: str = ""
    enrolled: set[str] = field(default_factory=set)
    revoked: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    """Since when a revocation is known, by the order of lines."""
    policy: Policy | None = None
    version: int = 0
    proposed: dict[str, Policy] = field(default_factory=dict)
    signers: dict[str, set[str]] = field(default_factory=dict)
    stands: dict[str, Stand] = field(default_factory=dict)
    halted: Fact | None = None
    time: datetime | None = None
    counted: list[int] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    def take(self, fact: Fact) -> None:
        before = self.hashes[-1] if self.hashes else ""
        self.hashes.append(fact.hash)
        if fact.seq == 1:
            self.founder = fact.runner
        by_machine = self._machine_counts(fact)
        by_person = fact.kind in BY_PEOPLE_ALONE and self._person_counts(fact)
        if not by_machine and not by_person:
            return
        if not by_machine:
            said = fact.body["statement"]["given"] if fact.kind == "approval" else None
            assert self.time is not None
            fact = replace(fact, at=datetime.fromisoformat(said) if said else self.time)
        if not self._in_place(fact, before):
            return
        self.counted.append(fact.seq)
        self.time = max(self.time, fact.at) if self.time else fact.at
        getattr(self, f"_{fact.kind}", self._other)(fact)

    # who is believed

    def _machine_counts(self, fact: Fact) -> bool:
        if not fact.runner:
            return False
        revoked = self.told if fact.kind in TIGHTENING else self.revoked
        if revoked.get(fact.runner, fact.seq + 1) <= fact.seq:
            return False
        listed = self.policy.runners if self.policy else frozenset()
        if fact.runner in self.enrolled:
            return True
        return fact.runner in listed if listed else fact.runner == self.founder

    def _person_counts(self, fact: Fact) -> bool:
        if not fact.person or self.policy is None:
            return False
        key = self.policy.keys.get(fact.person)
        if key is None or key != fact.body["key"]:
            return False
        own = fact.kind == "revocation" and fact.body["revoked"] == key
        if (self.told if own else self.revoked).get(key, fact.seq + 1) <= fact.seq:
            return False
        until = self.policy.until.get(fact.person)
        return until is None or self.time is None or self.time < until

    def _in_place(self, fact: Fact, before: str) -> bool:
        body = fact.body
        sworn = self._person_counts(fact)
        free = not (self.policy and self.policy.signatures)
        if fact.kind == "clock":
            return body["head_hash"] == before and (free or sworn)
        if fact.kind == "runner":
            return free or sworn
        if fact.kind == "revocation":
            return body["revoked"] == fact.runner or free or sworn
        if fact.kind == "policy_signature":
            return sworn
        if fact.kind == "resumption" and body["strategy"] == "*":
            return free or sworn
        return fact.kind != "migration"

    # what it says

    def _clock(self, fact: Fact) -> None:
        self.time = datetime.fromisoformat(fact.body["now"])

    def _runner(self, fact: Fact) -> None:
        self.enrolled.add(fact.body["runner"])

    def _revocation(self, fact: Fact) -> None:
        key = fact.body["revoked"]
        self.told.setdefault(key, fact.seq)
        since = max(fact.body["since"], 1)
        self.revoked[key] = min(since, self.revoked.get(key, fact.seq + 1))

    def _policy(self, fact: Fact) -> None:
        named = self._named(fact)
        if named and self._follows(fact):
            self.proposed[named.digest] = named
            self._settle(named.digest)

    def _policy_signature(self, fact: Fact) -> None:
        if self._follows(fact):
            name = fact.body["digest"]
            signers = self.signers.setdefault(name, set())
            if name in self.proposed:
                signers.add(fact.person)
                self._settle(name)

    def _named(self, fact: Fact) -> Policy | None:
        """Which of the world's policies a document is; all that are written are of the world."""
        return next(
            (p for p in self.policies.values() if p.name == fact.body["document"]["_name"]), None
        )

    def _follows(self, fact: Fact) -> bool:
        digest = self.policy.digest if self.policy else ""
        return (fact.body["version"], fact.body["previous"]) == (self.version + 1, digest)

    def _settle(self, name: str) -> None:
        needed = self.policy.signatures if self.policy else 0
        if len(self.signers.get(name, ())) >= needed:
            self.policy, self.version = self.proposed[name], self.version + 1
            self.proposed.clear()
            self.signers.clear()

    # strategies

    def _proposal(self, fact: Fact) -> None:
        name = fact.body["strategy"]
        old = self.stands.pop(name, None)
        digests, mandate = fact.body["_digests"], fact.body["_mandate"]
        self.stands[name] = (
            replace(old, digests=digests, mandate=mandate, found=None) if old
            else Stand("dryrun", fact.seq, fact.seq, digests, mandate)
        )  # fmt: skip

    def _approval(self, fact: Fact) -> None:
        said = fact.body["statement"]
        exact = fact.body.keys() - SHOWN == {"strategy", "to", "statement", "key", "signature"}
        same = (said["strategy"], said["to"]) == (fact.body["strategy"], fact.body["to"])
        if (stand := self.stands.get(fact.body["strategy"])) and exact and same:
            self.stands[said["strategy"]] = replace(stand, approvals=(*stand.approvals, fact))

    def _check(self, fact: Fact) -> None:
        if stand := self.stands.get(fact.body["strategy"]):
            held = fact.body["verdict"] == "held" and fact.body.get("digests")
            self.stands[fact.body["strategy"]] = replace(stand, found=fact if held else None)

    def _paper(self, fact: Fact) -> None:
        stand = self.stands.get(fact.body["strategy"])
        if stand and stand.stage in RUNNING:
            self.stands[fact.body["strategy"]] = replace(stand, found=None)

    def _other(self, fact: Fact) -> None:
        if fact.kind not in {kind for kind, _ in MOVES}:
            return
        name = fact.body["strategy"]
        if name == "*":
            self._all(fact)
        elif stand := self.stands.get(name):
            self._move(name, stand, fact)

    _resumption = _other

    def _all(self, fact: Fact) -> None:
        if fact.kind == "resumption":
            answered = self.halted and (
                (fact.body["halt"], fact.body["halt_hash"]) == (self.halted.seq, self.halted.hash)
            )
            self.halted = None if answered else self.halted
        elif fact.kind == "halt":
            self.halted = fact
            for name, stand in self.stands.items():
                if stand.stage in RUNNING:
                    self.stands[name] = _moved(stand, "halted", fact)

    def _move(self, name: str, stand: Stand, fact: Fact) -> None:
        after = MOVES.get((fact.kind, stand.stage))
        if after is None or fact.body.get("to", after) != after:
            return
        if (fact.kind, after) in ASKED and not self._may_go_up(name, stand, after, fact):
            return
        self.stands[name] = _moved(stand, after, fact)

    def _may_go_up(self, name: str, stand: Stand, to: str, fact: Fact) -> bool:
        policy = self.policy
        if self.halted or policy is None or fact.body.get("policy") != policy.asks[to]:
            return False
        found = stand.found.body if stand.found else None
        if found is None or found["to"] != to or found.get("policy") != policy.asks[to]:
            return False
        if found["digests"] != stand.digests:
            return False
        figures = {one["name"]: one["figure"] for one in found["results"]}
        if any((figures.get(n) or 0.0) < least for n, least in policy.checks[to].items()):
            return False
        assert self.time is not None
        return len(self.approvers(name, to, self.time)) >= policy.approvals[to]

    def approvers(self, name: str, to: str, now: datetime) -> set[str]:
        """Who has said yes to this step, of this content, in a way that counts now."""
        stand, policy = self.stands[name], self.policy
        if policy is None or not all(stand.digests.values()):
            return set()
        since = stand.granted if stand.stage == to else stand.since
        return {
            fact.body["statement"]["by"]
            for fact in stand.approvals
            if self._counts(fact, stand, (policy, to), since, now)
        }

    def _counts(
        self, fact: Fact, stand: Stand, step: tuple[Policy, str], since: int, now: datetime
    ) -> bool:
        policy, to = step
        said, body = fact.body["statement"], fact.body
        given, expires = (datetime.fromisoformat(said[n]) for n in ("given", "expires"))
        if said["to"] != to or said["policy"] != policy.asks[to]:
            return False
        named = (said["digests"], said.get("mandate", ""))
        if named != (stand.digests, stand.mandate) or not since <= said["head_seq"] < fact.seq:
            return False
        if not said["head_seq"] or self.hashes[said["head_seq"] - 1] != said["head_hash"]:
            return False
        if given > fact.at or expires - given > policy.lasts[to] or not given <= now < expires:
            return False
        if not body["key"] and not body["signature"]:
            return to == "paper"
        until = policy.until.get(said["by"])
        listed = policy.keys.get(said["by"]) == body["key"] and fact.person == said["by"]
        back = self.revoked.get(body["key"], fact.seq + 1) <= fact.seq
        return listed and not back and (until is None or max(now, given) < until)


def _moved(stand: Stand, after: str, fact: Fact) -> Stand:
    return replace(stand, stage=after, since=fact.seq, granted=stand.since, found=None)


def read(facts: list[Fact], policies: dict[str, Policy]) -> Book:
    """Understand a ledger; a key taken back from an earlier line on makes it be read again."""
    revoked: dict[str, int] = {}
    while True:
        book = Book(policies, revoked=dict(revoked))
        for fact in facts:
            book.take(fact)
        if book.revoked == revoked:
            return book
        revoked = book.revoked
