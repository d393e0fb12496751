"""What nothing used, worded as questions; nothing of a prompt is dropped silently."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.questions import COUNTED, ask, is_chinese
from agent.assistant.grammar.studies import BY_NAME
from agent.assistant.grammar.words.kinds import kinds_of
from agent.assistant.grammar.words.lexicon import phrases
from agent.assistant.grammar.words.quantities import Duration
from agent.assistant.grammar.words.sources import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.grammar.questions import Span
    from agent.assistant.grammar.reading import Reading
    from agent.assistant.grammar.studies import Study
    from agent.assistant.grammar.words.lexeme import Ask, Lexeme
    from agent.assistant.grammar.words.sources import Source


OF_A_FILE: Final[Mapping[str, str]] = {
    "ticker": "file_ticker", "elsewhere": "file_elsewhere", "frequency": "file_frequency",
}  # fmt: skip
"""Questions that speak of the sample prices, and what is asked of a person's own file instead."""


def open_questions(reading: Reading, prompt: str, study: Study) -> list[Question]:
    """Return the grammar's own questions and those about unused words, in the prompt's order."""
    source = reading.source
    found = [(span[0], _own(request, span, prompt, source)) for request, span in reading.asks]
    found += [
        (run[0].start, _about(run, prompt, study, source)) for run in reading.leftovers if run
    ]
    return [question for _, question in sorted(found, key=lambda pair: pair[0])]


def names_others(reading: Reading) -> bool:
    """Whether words that nothing used may name symbols, so that more may be meant than are read."""
    if any(request.about == "elsewhere" for request, _ in reading.asks):
        return True
    kinds = {lexeme.kind for run in reading.leftovers for lexeme in run}
    return not kinds.isdisjoint(("TICKER", "ELSEWHERE"))


def _own(request: Ask, span: Span, prompt: str, source: Source) -> Question:
    values = dict(request.values)
    if request.about == "elsewhere":
        values["known"] = ", ".join(source.symbols)
    if request.about == "last_unit":
        values["last"] = str(source.last)
    if is_chinese(prompt):
        values = {name: _in_chinese(value) for name, value in values.items()}
    return ask(_asked(request.about, source), prompt, span, **values)


def _asked(about: str, source: Source) -> str:
    return OF_A_FILE.get(about, about) if source is FILE else about


def _in_chinese(value: Any) -> Any:
    if isinstance(value, Duration):
        return f"{value.number}{COUNTED[value.unit]}"
    return COUNTED[value].removeprefix("个") if value in COUNTED else value


def _about(run: Sequence[Lexeme], prompt: str, study: Study, source: Source) -> Question:
    span = (run[0].start, run[-1].end)
    kinds = {lexeme.kind for lexeme in run}
    known = ", ".join(source.symbols)
    if any("CONDITION" in kinds_of(lexeme) for lexeme in run):
        return ask("condition", prompt, span)
    if kinds == {"ELSEWHERE"}:
        return ask(_asked("elsewhere", source), prompt, span, a=run[0].value, known=known)
    if kinds == {"FEATURE"}:
        name = prompt[run[0].start : run[0].end]
        return ask("feature", prompt, span, a=_named(study, prompt), b=name)
    if "TICKER" in kinds:
        return ask(_asked("ticker", source), prompt, span, known=known)
    near = next(_near(run), None)
    if near:
        return ask("unused_near", prompt, span, near=near)
    return ask("unused", prompt, span)


def _named(study: Study, prompt: str) -> str:
    return study.chinese.partition("（")[0] if is_chinese(prompt) else study.feature


def _near(run: Sequence[Lexeme]) -> Iterator[str]:
    """Find what a mistyped word may have meant; only where it is all that is unknown."""
    if len(run) == 1 and run[0].kind == "UNKNOWN" and len(run[0].value) >= 4:
        yield from get_close_matches(run[0].value.lower(), _single_words(), n=1, cutoff=0.8)


@cache
def _single_words() -> tuple[str, ...]:
    return tuple(sorted(key[0] for key in phrases() if len(key) == 1 and key[0].isascii()))


def choices(prompt: str) -> str:
    """List the studies, in the language of the prompt."""
    chinese = is_chinese(prompt)
    named = [study.chinese if chinese else study.english for study in BY_NAME.values()]
    return ("，或 " if chinese else ", or ").join(named)
