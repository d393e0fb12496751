"""Whether what a person was shown is what the ledger says: the text is made again from it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.evidence import evidence_digest
from gate.evidence import proposals
from gate.statements.text import digest_text, write_text
from storage.ledger.entry import VOID
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from gate.approval.approvals import Approval
    from gate.statements.facts import Facts
    from storage.ledger import Entry

APPROVAL = "approval"


def previous_of(study: str, entries: Sequence[Entry], up_to: int) -> Entry | None:
    """Return the last approval of a study among the first entries, whatever its spec was then."""
    for entry in entries[:up_to][::-1]:
        if entry.kind == APPROVAL and entry.body["strategy"].partition("@")[0] == study:
            return entry
    return None


def misstatement(
    approval: Approval, entries: Sequence[Entry], read: Callable[[Entry], Approval | None]
) -> str | None:
    """Say why what was shown is not what the ledger says; None where it is, or nothing was named.

    Parameters
    ----------
    entries
        The ledger, at least up to the head that the statement names.
    read
        Reads the entry of an approval.
    """
    said, facts = approval.statement, approval.facts
    if not said.shown:
        return "it shows what it does not name" if facts is not None or said.although else None
    if facts is None or digest_text(approval.text) != said.shown:
        return "the text that it names is not there"
    proposal = _proposal(approval, entries)
    if proposal is None:
        return "the evidence that it shows was not proposed"
    return _other_facts(approval, facts, proposal) or _other_text(approval, facts, entries, read)


def _other_text(
    approval: Approval,
    facts: Facts,
    entries: Sequence[Entry],
    read: Callable[[Entry], Approval | None],
) -> str | None:
    said = approval.statement
    before = previous_of(said.strategy.partition("@")[0], entries, said.head_seq)
    if facts.previous != (before.seq if before else 0):
        named = entries[facts.previous - 1] if 0 < facts.previous <= said.head_seq else None
        if named is not None and named.kind == VOID and (not before or before.seq < named.seq):
            return None  # what it compares with was taken back since: nobody can write it again
        return "it compares with another approval than the one before"
    if approval.text != write_text(said, facts, read(before) if before else None):
        return "the text that was shown says something else than its facts"
    return None


def _proposal(approval: Approval, entries: Sequence[Entry]) -> Entry | None:
    said = approval.statement
    for entry in entries[: said.head_seq][::-1]:
        if entry.kind != proposals.KIND or entry.body["run_id"] != said.run_id:
            continue
        same = entry.body["strategy"] == said.strategy
        if same and evidence_digest(entry.body["evidence"]) == said.digests.evidence:
            return entry
    return None


def _other_facts(approval: Approval, facts: Facts, proposal: Entry) -> str | None:
    said, evidence = approval.statement, proposal.body["evidence"]
    if {one.name: one.value for one in facts.figures} != evidence["figures"]:
        return "its figures are not those that were proposed"
    if facts.proposer != str(proposal.body.get("proposer", "")):
        return "it names another proposer"
    if not _of_mandate(facts, evidence.get("mandate")):
        return "its symbols and bounds are not those that were proposed"
    if facts.spec and digest(dict(facts.spec)) != said.digests.spec:
        return "its spec is not the one whose digest it names"
    although = said.although or {"checks": []}
    if list(facts.failing) != list(although["checks"]):
        return "checks failed that it does not name, or it names others"
    return None


def _of_mandate(facts: Facts, mandate: Mapping[str, Any] | None) -> bool:
    if not mandate:
        return not facts.bounds
    rest = {name: value for name, value in mandate.items() if name != "symbols"}
    return list(facts.symbols) == sorted(mandate["symbols"]) and dict(facts.bounds) == rest
