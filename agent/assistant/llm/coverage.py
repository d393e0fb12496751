"""The prompt held against a model's plan: what did not land, and what nobody asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.drafts.document import get
from agent.assistant.grammar.leftovers import choices
from agent.assistant.grammar.questions import ask
from agent.assistant.grammar.words.lexicon import read
from agent.assistant.grammar.words.numbers import combine
from agent.assistant.grammar.words.quantities import BARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.assistant.grammar.drafts.changes import Change
    from agent.assistant.grammar.drafts.draft import Draft, Question, Slot
    from agent.assistant.llm.proposal import Reason

_NUMBER: Final = re.compile(r"(?<![A-Za-z_\d.])\d+(?:\.\d+)?")
FACTORS: Final = (1.0, 0.01, 0.0001, 100.0, 10.0, *(float(bars) for bars in set(BARS.values())))
"""By which a number of the prompt may be turned into that of a spec: shares, basis points, bars."""
WORDLESS: Final = ("name", "description", "backtest.n_drop")


def missing(
    template: Draft, plain: Mapping[str, Any], reasons: Sequence[Reason]
) -> Iterator[Question]:
    """Ask about whatever the prompt says that is not in the plan.

    Parameters
    ----------
    template
        What the grammar read: values it is sure of, and words that it could not use.
    plain
        The model's TaskSpec with its defaults.
    reasons
        Which words the model used for which key.
    """
    for slot in template.slots:
        if slot.source == "prompt" and not _landed(slot, plain):
            here = _brief(get(plain, slot.key))
            yield ask(
                "model_differs", template.prompt, *_spans(template.prompt, slot.words),
                key=slot.key, a=_brief(slot.value), b=here,
            )  # fmt: skip
    no_idea = ask("no_study", template.prompt, choices=choices(template.prompt))
    for question in template.questions:
        answered = question.spans and all(
            _used(template.prompt[start:end], plain, reasons) for start, end in question.spans
        )
        if question != no_idea and not answered:
            yield question


def invented(
    prompt: str, changes: Sequence[Change], template: Draft, reasons: Sequence[Reason]
) -> Iterator[Question]:
    """Ask about what a model set though no words of the prompt say so."""
    said = {slot.key for slot in template.slots if slot.source == "prompt" or slot.note}
    numbers = _numbers_of(prompt)
    for change in changes:
        key = change.key
        if key in WORDLESS or key in said or any(key.startswith(f"{k}") for k in said):
            continue
        backed = any(_same(reason.key, key) and _occurs(reason.words, prompt) for reason in reasons)
        if not (backed and _numbers_in(change.after) <= numbers):
            yield ask("model_unsaid", prompt, key=key, a=_brief(change.after))


def _landed(slot: Slot, plain: Mapping[str, Any]) -> bool:
    here = get(plain, slot.key)
    if slot.key.startswith("features.define."):
        defined = [*get(plain, "features.define", {}).values(), get(plain, "signal.expression")]
        return any(_squeezed(slot.value) in _squeezed(text) for text in defined if text)
    if slot.key == "detection":
        rows = [{name: row[name] for name in slot.value[0]} for row in here] if slot.value else here
        return all(row in rows for row in slot.value)
    if isinstance(slot.value, dict) and isinstance(here, dict):
        return all(here.get(name) == value for name, value in slot.value.items())
    if slot.key == "data.symbols" and slot.value and here:
        return set(slot.value) == set(here)
    return bool(here == slot.value)


def _used(words: str, plain: Mapping[str, Any], reasons: Sequence[Reason]) -> bool:
    """Whether a model says what it made of some words, and their numbers are there."""
    for reason in reasons:
        value = get(plain, reason.key)
        if _occurs(words, reason.words) and value is not None:
            there = _numbers_in(value)
            wanted = [number.value for number in _read_numbers(words)]
            if all(any(round(n * f, 9) in there for f in FACTORS) for n in wanted):
                return True
    return False


def _read_numbers(text: str) -> list[Any]:
    return [lexeme.value for lexeme in combine(read(text)) if lexeme.kind == "NUM"]


def _numbers_of(prompt: str) -> set[float]:
    """Return the numbers that a prompt may mean, in any unit; 0 to 2 need no saying."""
    said = {round(n.value * factor, 9) for n in _read_numbers(prompt) for factor in FACTORS}
    return said | {0.0, 1.0, 2.0}


def _numbers_in(value: Any) -> set[float]:
    return {round(float(found), 9) for found in _NUMBER.findall(str(value))}


def _same(said: str, key: str) -> bool:
    """Whether a reason's key is a change's, or of the section it stands in."""
    plain = key.partition("[")[0]
    return bool(said) and (plain.startswith(said) or said.startswith(plain))


def _occurs(words: str, text: str) -> bool:
    return bool(words.strip()) and " ".join(words.lower().split()) in " ".join(text.lower().split())


def _squeezed(text: object) -> str:
    return "".join(str(text).split())


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _spans(prompt: str, words: str) -> list[tuple[int, int]]:
    """Find the words behind a slot again; a list of several stands apart in the prompt."""
    start = prompt.find(words)
    if start >= 0:
        return [(start, start + len(words))]
    places = [(prompt.find(part), part) for part in words.split(", ")]
    return [(place, place + len(part)) for place, part in places if place >= 0]
