"""Approvals: what a person says yes to, and what makes their yes void. Pure.

An approval is an entry of the ledger. Its statement binds the strategy, the stage, the digests of
spec, code, data and evidence, the mandate, the policy's digest, the ledger's head, and the text
that the person was shown; its signature, where the policy wants one, is over the statement's
canonical bytes. Nothing is stored about an approval being valid: it is asked each time, of what is
there now.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from configs.keys.public import signature_fits
from gate.checks.evidence import Digests
from gate.statements.checking import misstatement
from gate.statements.facts import read_facts
from storage.ledger.trust import APPROVED, approved_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from configs.keys.root_of_trust import Term
    from gate.policy.policy import Policy
    from gate.policy.stages import Stage
    from gate.statements.facts import Facts
    from storage.ledger import Entry

KIND = "approval"
PURPOSE = APPROVED


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person approves.

    Attributes
    ----------
    strategy, to, run_id
        What may go where, by the evidence of which run.
    digests
        Of spec, code, data and evidence, as they were when it was said.
    policy
        Digest of what the policy asked for.
    head_seq, head_hash
        The ledger's newest entry then.
    given, expires
        UTC, ISO 8601.
    by, reason
        Who says so, and why.
    mandate
        Digest of the symbols and bounds of its signals; empty in statements of before there were
        any.
    shown
        The sha256 of the text that they were shown; empty in statements of before there was one.
    although
        Where checks failed and they approve all the same: their `reason`, and which `checks`.
    """

    strategy: str
    to: str
    run_id: str
    digests: Digests
    policy: str
    head_seq: int
    head_hash: str
    given: str
    expires: str
    by: str
    reason: str
    mandate: str = ""
    shown: str = ""
    although: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, as it was said: what it does not say, it does not name."""
        said = {name: getattr(self, name) for name in _SAID} | {"digests": self.digests.document()}
        return {name: said[name] for name in said if said[name] or name not in _LATER}

    def to_bytes(self) -> bytes:
        """Return the only bytes that a signature of this statement is over."""
        return approved_bytes(self.document())


_SAID = tuple(part.name for part in fields(Statement))
_LATER = frozenset({"mandate", "shown", "although"})
"""What statements of before did not have."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A statement on the ledger.

    Attributes
    ----------
    seq, at
        Of its entry.
    key, signature
        The public key as the policy lists it, and the signature; empty where unsigned.
    facts, text
        What was shown, and as which text; none in approvals of before statements named it.
    """

    statement: Statement
    seq: int
    at: str
    key: str = ""
    signature: str = ""
    facts: Facts | None = None
    text: str = ""

    @property
    def by(self) -> str:
        """Who said so."""
        return self.statement.by


@dataclass(frozen=True, slots=True)
class ApprovalContext:
    """What an approval must stand on to count.

    Attributes
    ----------
    strategy, to
        The step that is asked for.
    digests
        Of what would run.
    policy
        As it is now.
    asked
        The digest of what the policy asks for the step.
    since
        The entry by which the strategy came to where it stands; what was approved before is spent.
    entries
        The ledger.
    now
        UTC.
    proposer
        The account that proposed it; empty where that is not known.
    revoked
        Keys that count no more, and the entry since which.
    mandate
        Digest of the symbols and bounds of what would run; empty where it has none.
    too_wide
        Whether those pass what the policy lets any strategy hold.
    """

    strategy: str
    to: Stage
    digests: Digests
    policy: Policy
    asked: str
    since: int
    entries: Sequence[Entry]
    now: datetime
    proposer: str = ""
    revoked: Mapping[str, int] = field(default_factory=dict)
    mandate: str = ""
    too_wide: bool = False


def body_of(
    statement: Statement,
    *,
    key: str = "",
    signature: str = "",
    facts: Facts | None = None,
    text: str = "",
) -> dict[str, Any]:
    """Return the body of an approval's entry."""
    shown = {"facts": facts.document(), "text": text} if facts is not None else {}
    return {
        "strategy": statement.strategy,
        "to": statement.to,
        "statement": statement.document(),
        "key": key,
        "signature": signature,
        **shown,
    }


def read_approval(entry: Entry) -> Approval | None:
    """Read an approval; None where the entry's body is not of that form."""
    body = entry.body
    try:
        said = dict(body["statement"])
        statement = Statement(**{**said, "digests": Digests(**said["digests"])})
        facts = read_facts(body["facts"]) if "facts" in body else None
        rest = {"key": body["key"], "signature": body["signature"], "text": body.get("text", "")}
        wellformed = body == body_of(statement, facts=facts, **rest)
    except (KeyError, TypeError, ValueError):
        return None
    texts = (*(getattr(statement, name) for name in _TEXTS), *rest.values())
    if not wellformed or not all(isinstance(text, str) for text in texts):
        return None
    return Approval(statement, entry.seq, entry.at, facts=facts, **rest)


_TEXTS = (
    "strategy", "to", "run_id", "policy", "head_hash", "given", "expires", "by", "reason",
    "mandate", "shown",
)  # fmt: skip


def why_void(approval: Approval, ground: ApprovalContext) -> str | None:
    """Say why an approval does not count, or None where it does."""
    return next((why for rule in RULES if (why := rule(approval, ground))), None)


def counted(approvals: Iterable[Approval], ground: ApprovalContext) -> dict[str, Approval]:
    """Return the approvals that count, by person: nobody counts twice."""
    return {a.by: a for a in approvals if why_void(a, ground) is None}


def _other_step(approval: Approval, ground: ApprovalContext) -> str | None:
    said = approval.statement
    if (said.strategy, said.to) != (ground.strategy, str(ground.to)):
        return f"it is for {said.strategy} to {said.to}"
    return None


def _other_ledger(approval: Approval, ground: ApprovalContext) -> str | None:
    said = approval.statement
    known = isinstance(said.head_seq, int) and 0 < said.head_seq < approval.seq
    if not known or said.head_seq > len(ground.entries):
        return "it was not given on this ledger"
    if ground.entries[said.head_seq - 1].hash != said.head_hash:
        return "it was given on another ledger, or the ledger was rewritten since"
    return None


def _spent(approval: Approval, ground: ApprovalContext) -> str | None:
    if approval.statement.head_seq < ground.since:
        return "the strategy was moved after it was given"
    return None


def _other_content(approval: Approval, ground: ApprovalContext) -> str | None:
    said, there = approval.statement.digests.document(), ground.digests.document()
    if not all(there.values()):
        return "what would run cannot be told"
    changed = [name for name, digest in there.items() if said[name] != digest]
    return f"changed since it was given: {', '.join(changed)}" if changed else None


def _other_mandate(approval: Approval, ground: ApprovalContext) -> str | None:
    if approval.statement.mandate != ground.mandate:
        return "it is for other symbols, or other bounds"
    return None


def _too_wide(_: Approval, ground: ApprovalContext) -> str | None:
    return "its symbols or bounds pass what the policy allows" if ground.too_wide else None


def _other_policy(approval: Approval, ground: ApprovalContext) -> str | None:
    if approval.statement.policy != ground.asked:
        return "the policy was changed after it was given"
    return None


def _expired(approval: Approval, ground: ApprovalContext) -> str | None:
    said = approval.statement
    given, expires = _time(said.given), _time(said.expires)
    written = _time(approval.at)
    if not given or not expires or not written:
        return "its times cannot be read"
    longest = timedelta(days=ground.policy.step(ground.to).lasts_days)
    # A past promotion is judged by the policy that it was given under, which is not at hand.
    overlong = ground.asked == ground.policy.digest(ground.to) and expires - given > longest
    if given > written or overlong:
        return "its times are not those at which it was written"
    if given > ground.now:  # by a clock that was set right since
        return "it was given at a time that has not come yet"
    return f"it expired at {said.expires}" if ground.now >= expires else None


def _unsigned(approval: Approval, ground: ApprovalContext) -> str | None:
    if not approval.signature and not approval.key:
        return "it is not signed" if ground.policy.step(ground.to).signed else None
    term = ground.policy.person(approval.by)
    if term is None or term.key != approval.key:
        return f"its key is not listed for {approval.by}"
    if why := _out_of_term(approval, ground, term):
        return why
    if not signature_fits(approval.key, approval.signature, approval.statement.to_bytes()):
        return "its signature does not fit"
    return None


def _out_of_term(approval: Approval, ground: ApprovalContext, term: Term) -> str | None:
    """Say why a key that is listed does not count for this approval."""
    if "approver" not in term.roles:
        return f"{approval.by} is listed, and not to approve"
    given = _time(approval.statement.given)
    if not term.counts_at(ground.now) or given is None or not term.counts_at(given):
        return f"the key of {approval.by} does not count at that time"
    if ground.revoked.get(approval.key, approval.seq + 1) <= approval.seq:
        return f"the key of {approval.by} was taken back"
    return None


def _misstated(approval: Approval, ground: ApprovalContext) -> str | None:
    if why := misstatement(approval, ground.entries, read_approval):
        return why
    if not _shows_checks(approval, ground):
        return "its checks are not those that the policy asks for, or did not end so"
    although = approval.statement.although
    if although is not None and not ground.policy.failing_may_be_approved:
        return "checks failed as it was given, and the policy forbids to approve then"
    return None


def _shows_checks(approval: Approval, ground: ApprovalContext) -> bool:
    """Whether what was shown are the checks of the policy's step, each with its verdict."""
    facts, step = approval.facts, ground.policy.step(ground.to)
    if facts is None or ground.asked != ground.policy.digest(ground.to):
        return True
    shown = {one.name: one.threshold for one in facts.checks}
    if len(shown) != len(facts.checks) or shown != {**step.advice, **step.checks}:
        return False
    lacking = step.lacks({one.name: one.figure for one in facts.checks})
    advice = {one.name for one in facts.checks if one.advice}
    return set(lacking) - advice == set(facts.failing)


def _own_proposal(approval: Approval, ground: ApprovalContext) -> str | None:
    if ground.policy.proposer_may_approve or approval.by != ground.proposer:
        return None
    return f"{approval.by} proposed it, and the policy wants somebody else"


RULES: tuple[Callable[[Approval, ApprovalContext], str | None], ...] = (
    _other_step, _other_ledger, _spent, _other_content, _other_mandate, _too_wide, _other_policy,
    _expired, _unsigned, _misstated, _own_proposal,
)  # fmt: skip
"""Everything that makes an approval void, in the order in which it is told."""


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def evidence_of(submitted: Mapping[str, Any]) -> Digests:
    """Return the digests of what a run submitted; empty where it did not say."""
    from gate.checks.evidence import evidence_digest

    named = {name: str(submitted.get(name) or "") for name in ("spec", "code", "data")}
    return Digests(**named, evidence=evidence_digest(submitted))
