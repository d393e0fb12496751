"""What changed between two approvals of one study, line by line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gate.statements.numbers import YES_OR_NO, write_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gate.statements.facts import Checked, Facts

DIGESTS = ("spec", "code", "data", "evidence", "policy")


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Iterate over a document's leaves: where each is, and what it says.

    Examples
    --------
    >>> list(flatten({"data": {"symbols": ["A", "B"]}, "name": "x"}))
    [('data.symbols.0', 'A'), ('data.symbols.1', 'B'), ('name', 'x')]
    """
    if isinstance(value, dict) and value:
        for name in sorted(value):
            yield from flatten(value[name], f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from flatten(part, f"{path}.{place}")
    else:
        yield path, str(value)


def compare(
    said: Mapping[str, str], facts: Facts, said_before: Mapping[str, str], before: Facts | None
) -> list[str]:
    """Say by fields what is another than at the last approval; empty where nothing is.

    Parameters
    ----------
    said, said_before
        The digests of `DIGESTS` and the stage `to`, by name.
    before
        What was shown then; none where the approval is of before statements showed anything.
    """
    lines = [
        f"{name}: {said_before[name][:12] or 'none'} -> {said[name][:12] or 'none'}"
        for name in ("to", *DIGESTS)
        if said[name] != said_before[name]
    ]
    if before is None:
        return [*lines, "what was shown then is not on the ledger"]
    lines += _mappings("figure", _figures(before), _figures(facts))
    lines += _mappings("check", _checks(before), _checks(facts))
    lines += _symbols(set(before.symbols), set(facts.symbols))
    lines += _mappings("bound", dict(flatten(before.bounds)), dict(flatten(facts.bounds)))
    return lines + list(_mappings("spec", dict(flatten(before.spec)), dict(flatten(facts.spec))))


def _figures(facts: Facts) -> dict[str, str]:
    return {one.name: write_number(one.value, one.unit) for one in facts.figures}


def _checks(facts: Facts) -> dict[str, str]:
    return {one.name: say_check(one) for one in facts.checks}


def say_check(check: Checked) -> str:
    """Say what a check found, what it must be, and whether it is."""
    verdict = "holds" if check.passed else "advises against" if check.advice else "FAILS"
    figure = write_number(check.figure, check.unit)
    if check.unit == YES_OR_NO:
        return f"{verdict}: {figure}, must be {write_number(check.threshold, check.unit)}"
    return f"{verdict}: {figure}, must be {check.bound} {write_number(check.threshold, '')}"


def _symbols(before: set[str], now: set[str]) -> Iterator[str]:
    yield from (f"symbol no more: {symbol}" for symbol in sorted(before - now))
    yield from (f"symbol added: {symbol}" for symbol in sorted(now - before))


def _mappings(what: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name, "none"), now.get(name, "none")
        if old != new:
            yield f"{what} {name}: {old} -> {new}"
