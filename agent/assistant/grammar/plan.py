"""The template assistant: from a sentence to a draft of a TaskSpec, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.checks import Said, check_all
from agent.assistant.grammar.deriving import derive
from agent.assistant.grammar.drafts.draft import Base, Draft
from agent.assistant.grammar.filling import filled, symbols_of
from agent.assistant.grammar.leftovers import choices, names_others, open_questions
from agent.assistant.grammar.listing import list_citations, list_slots
from agent.assistant.grammar.merging import merge
from agent.assistant.grammar.questions import ask
from agent.assistant.grammar.reading import read
from agent.assistant.grammar.saying.modelling import KIND, SETS
from agent.assistant.grammar.studies import BY_NAME, STUDIES
from agent.assistant.grammar.words.sources import SAMPLE
from configs.document import read_document
from configs.errors import BadInput
from configs.remedies import Mend
from taskspecs.catalogue import find

if TYPE_CHECKING:
    from datetime import date

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.grammar.reading import Reading
    from agent.assistant.grammar.studies import Study

LONGEST: Final = 2_000
"""Characters of a prompt."""


def plan(prompt: str, today: date) -> Draft:
    """Draft a TaskSpec from a prompt, in English or Chinese.

    Nothing is dropped silently: a number, date, symbol, condition or word of the prompt that sets
    nothing becomes a question, and so does what is ambiguous or contradicts itself. Runs nothing,
    reads no data.

    Parameters
    ----------
    prompt
        At most 2,000 characters.
    today
        What `this year` counts from; `the last five years` counts from the end of the prices.

    Returns
    -------
    Draft
        With a TaskSpec that is valid in itself; it may be run if there are no questions.

    Raises
    ------
    BadInput
        If the prompt is empty or too long.

    Examples
    --------
    >>> from datetime import date
    >>> prompt = "60-day momentum since 2008, hold the best 3, only if VIX < 20"
    >>> draft = plan(prompt, date(2026, 1, 1))
    >>> draft.spec.features.define["momentum"], draft.spec.backtest.topk, draft.spec.data.start
    ('$close / Ref($close, 60) - 1', 3, datetime.date(2008, 1, 1))
    >>> [question.about for question in draft.questions]
    ['only if VIX < 20']
    """
    if not prompt.strip():
        raise BadInput("the prompt is empty", remedy=Mend.ASK_THE_EXAMPLE())
    if len(prompt) > LONGEST:
        raise BadInput(f"the prompt has {len(prompt):,} characters; at most {LONGEST:,} are read")
    reading = read(prompt, today, SAMPLE)
    study, why, open_topics = _choose(reading, prompt)
    original: Plain = dict(read_document(find(study.name)).value)
    merged = merge(reading, prompt, study, original)
    source = reading.source
    symbols = symbols_of(merged.values, source)
    values, derived = derive(
        merged.values,
        symbols,
        original,
        source,
        topic=bool(reading.topics),
        others=names_others(reading),
    )
    document, spec, changes, invalid = filled(original, values, merged, study, prompt)
    said = Said(prompt, study, source, document, merged, symbols)
    questions = (
        *open_topics,
        *open_questions(reading, prompt, study),
        *merged.questions,
        *check_all(said),
    )
    # What the schema refuses has mostly been asked about already, in better words.
    questions = questions or tuple(invalid)
    return Draft(
        prompt=prompt,
        base=Base(study.name, why),
        spec=spec,
        document=document,
        slots=tuple(list_slots(prompt, spec, merged, derived)),
        changes=tuple(changes),
        questions=tuple(dict.fromkeys(questions)),
        citations=tuple(list_citations(study, original, merged, derived)),
    )


def _choose(reading: Reading, prompt: str) -> tuple[Study, str, list[Question]]:
    """Choose the shipped study that the prompt names."""
    named = dict(reversed(reading.topics))
    if not named and {KIND, SETS} <= {fill.key for fill, _ in reading.fills}:
        return STUDIES[0], "it trades and watches what the model's signal needs", []
    if not named:
        why = "the prompt names no idea; this is the first of the studies that ship"
        return STUDIES[0], why, [ask("no_study", prompt, choices=choices(prompt))]
    study = BY_NAME[reading.topics[0][0]]
    start, end = named[study.name]
    why = f'the prompt says "{prompt[start:end]}"'
    if len(named) == 1:
        return study, why, []
    spans = sorted(named.values())
    return study, why, [ask("two_studies", prompt, *spans, choices=choices(prompt))]
