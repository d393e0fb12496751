"""A grammar in stages: patterns over kinds of lexemes; the longest match claims its span.

A stage reads lexemes from left to right. Where patterns match, the longest is replaced by what its
rule makes of it; what no pattern wants stays as it is, for later stages or for a question.

Source of the method: Abney, "Partial Parsing via Finite-State Cascades", 1996.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.assistant.grammar.words.lexeme import Lexeme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LINKS = frozenset({"LINK"})
"""Kinds that may stand between the parts of a pattern without being named: `the`, `of`, `的`."""

Matched = dict[str, Lexeme]


class Made(NamedTuple):
    """What a rule makes of a match."""

    kind: str
    value: Any


class _Item(NamedTuple):
    """One part of a pattern."""

    name: str
    kinds: frozenset[str]
    least: int
    most: int


@dataclass(frozen=True)
class Rule:
    """A pattern and what is made of it.

    Parameters
    ----------
    pattern
        Parts with blanks between: a kind (``TO``), alternatives (``TO|DASH``), optional
        (``TO?``), any number (``SEP|SYMBOL*``), named (``a=DATE``).
    make
        From the named lexemes to the product; None where the pattern does not fit after all. A
        name that matched nothing is absent; one that matched often holds the last.
    unless_next
        Kinds that, where one of them follows, own the end of the match: no match then.
    only_before
        Kinds of which one must follow, where anything does; empty for any.
    """

    pattern: str
    make: Callable[[Mapping[str, Lexeme]], Made | None]
    unless_next: frozenset[str] = frozenset()
    only_before: frozenset[str] = frozenset()

    @cached_property
    def items(self) -> tuple[_Item, ...]:
        """The parts of the pattern."""
        return tuple(_item(text) for text in self.pattern.split())


def _item(text: str) -> _Item:
    least, most = {"?": (0, 1), "*": (0, 99)}.get(text[-1], (1, 1))
    name, _, kinds = text.rstrip("?*").rpartition("=")
    return _Item(name, frozenset(kinds.split("|")), least, most)


def rewrite(
    lexemes: Sequence[Lexeme],
    rules: Sequence[Rule],
    kinds_of: Callable[[Lexeme], frozenset[str]],
) -> list[Lexeme]:
    """Run one stage.

    Parameters
    ----------
    rules
        Of two matches of equal length, that of the earlier rule counts.
    kinds_of
        All the kinds that a lexeme passes for, its own among them.
    """
    kinds = [kinds_of(lexeme) for lexeme in lexemes]
    written: list[Lexeme] = []
    place = 0
    while place < len(lexemes):
        best: tuple[int, Made] | None = None
        for rule in rules:
            for end, matched in _matches(rule.items, lexemes, kinds, place):
                if (best and end <= best[0]) or not _may_end(rule, kinds, end):
                    continue
                made = rule.make(matched)
                if made:
                    best = (end, made)
        if best is None:
            written.append(lexemes[place])
            place += 1
            continue
        end, made = best
        first, last = lexemes[place], lexemes[end - 1]
        written.append(Lexeme(made.kind, made.value, first.start, last.end, first.glued))
        place = end
    return written


def _may_end(rule: Rule, kinds: Sequence[frozenset[str]], end: int) -> bool:
    """Whether a rule takes what follows its match."""
    if rule.only_before and end < len(kinds) and not kinds[end] & rule.only_before:
        return False
    return not _next(kinds, end) & rule.unless_next


def _next(kinds: Sequence[frozenset[str]], end: int) -> frozenset[str]:
    """Return what follows, but for links and dashes."""
    while end < len(kinds) and kinds[end] & (LINKS | {"DASH"}):
        end += 1
    return kinds[end] if end < len(kinds) else frozenset()


def _matches(
    items: Sequence[_Item], lexemes: Sequence[Lexeme], kinds: Sequence[frozenset[str]], place: int
) -> Iterator[tuple[int, Matched]]:
    """Yield every way in which `items` match from `place`: the end, and the named lexemes."""
    yield from _continue(items, lexemes, kinds, place, {}, begun=False)


def _continue(
    items: Sequence[_Item],
    lexemes: Sequence[Lexeme],
    kinds: Sequence[frozenset[str]],
    place: int,
    matched: Matched,
    *,
    begun: bool,
) -> Iterator[tuple[int, Matched]]:
    if not items:
        if begun:
            yield place, matched
        return
    item, rest = items[0], items[1:]
    here = place
    while begun and here < len(lexemes) and kinds[here] & LINKS and not kinds[here] & item.kinds:
        here += 1
    if here < len(lexemes) and item.kinds & kinds[here]:
        named = {**matched, item.name: lexemes[here]} if item.name else matched
        again = (item._replace(least=0, most=item.most - 1), *rest) if item.most > 1 else rest
        yield from _continue(again, lexemes, kinds, here + 1, named, begun=True)
    if item.least == 0:
        yield from _continue(rest, lexemes, kinds, place, matched, begun=begun)
