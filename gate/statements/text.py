"""The text that a person is shown, and whose digest they sign. Pure.

It is made of the statement, the facts, and the approval before, and of nothing else, so that
anybody can make it again from the ledger. A change of how it is written is another edition: texts
of before must come out as they did.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from configs.escaping import escaped, plain_ascii
from gate.statements.differences import DIGESTS, compare, flatten, say_check
from gate.statements.numbers import write_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gate.approval.approvals import Approval, Statement
    from gate.statements.facts import Facts

EDITION: Final = "qraft approval, shown text 1"
_MOST_LINES = 200
_MOST_LETTERS = 1_000
_IN_A_ROW = 8


def write_text(statement: Statement, facts: Facts, before: Approval | None) -> str:
    """Write what a person approves.

    Parameters
    ----------
    statement
        Its own digest of the text is not looked at.
    before
        The last approval of the study; none where there is none.
    """
    sections: list[tuple[str, Iterable[str]]] = [
        (EDITION, _who(statement, facts)),
        ("Figures", (f"{_plain(one.name)}: {_number(one.value, one.unit)}"
                     for one in facts.figures)),
        (f"Checks for {_plain(statement.to)}", (f"{_plain(one.name)} {_plain(say_check(one))}"
                                                for one in facts.checks)),
        *_although(statement),
        (f"Symbols: {len(facts.symbols) or 'not known'}", _rows(facts.symbols)),
        *([("Bounds", _leaves(facts.bounds))] if facts.bounds else []),
        ("Bound by this signature", _bound(statement)),
        _since(statement, facts, before),
    ]  # fmt: skip
    if before is None:
        sections.append(("Spec", _leaves(facts.spec)))
    lines = [line for title, found in sections for line in _section(title, found)]
    return "\n".join(lines) + "\n"


def digest_text(text: str) -> str:
    """Return the sha256 of a text, by which a statement names it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _who(statement: Statement, facts: Facts) -> Iterator[str]:
    yield f"I approve {_plain(statement.strategy)} to go to {_plain(statement.to)}."
    yield f"by: {_plain(statement.by)}"
    yield f"reason: {_words(statement.reason)}"
    yield f"given: {_plain(statement.given)}"
    yield f"expires: {_plain(statement.expires)}"
    yield f"run: {_plain(statement.run_id)}"
    yield f"proposed by: {_plain(facts.proposer) or 'not known'}"


def _although(statement: Statement) -> Iterator[tuple[str, Iterable[str]]]:
    if statement.although is not None:
        failing = ", ".join(map(_plain, statement.although["checks"]))
        yield (
            "I APPROVE THIS ALTHOUGH CHECKS FAIL",
            [f"failing: {failing}", f"because: {_words(statement.although['reason'])}"],
        )


def _bound(statement: Statement) -> Iterator[str]:
    for name, value in _digests(statement).items():
        yield f"{name}: {_plain(value) or 'none'}"
    if statement.mandate:
        yield f"symbols and bounds: {_plain(statement.mandate)}"
    yield f"ledger: {statement.head_seq}:{_plain(statement.head_hash)}"


def _digests(statement: Statement) -> dict[str, str]:
    named = {name: getattr(statement.digests, name) for name in DIGESTS if name != "policy"}
    return {**named, "policy": statement.policy}


def _since(
    statement: Statement, facts: Facts, before: Approval | None
) -> tuple[str, Sequence[str]]:
    if before is None:
        return "Nothing of this study was approved before", ()
    there = before.statement
    title = f"Changed since entry {before.seq}, the approval by {_plain(there.by)}"
    changed = compare(
        {**_digests(statement), "to": statement.to}, facts,
        {**_digests(there), "to": there.to}, before.facts,
    )  # fmt: skip
    return title, [_plain(line) for line in changed] or ["nothing"]


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    yield title
    yield from (f"  {line}" for line in found[:_MOST_LINES])
    if len(found) > _MOST_LINES:
        rest = "\n".join(found[_MOST_LINES:])
        yield f"  and {len(found) - _MOST_LINES} more, sha256 {digest_text(rest)}"


def _rows(symbols: Sequence[str]) -> Iterator[str]:
    for first in range(0, len(symbols), _IN_A_ROW):
        yield ", ".join(map(_plain, symbols[first : first + _IN_A_ROW]))


def _leaves(value: Mapping[str, Any]) -> Iterator[str]:
    if value:
        yield from (f"{_plain(path)}: {_plain(said)}" for path, said in flatten(dict(value)))


def _number(value: float | None, unit: str) -> str:
    return _plain(write_number(value, unit))


def _plain(text: str) -> str:
    return _cut(plain_ascii(text))


def _words(text: str) -> str:
    """Write a person's own words, in whatever script they are."""
    return _cut(escaped(text))


def _cut(text: str) -> str:
    if len(text) <= _MOST_LETTERS:
        return text
    return f"{text[:_MOST_LETTERS]}... ({len(text)} letters, sha256 {digest_text(text)})"
