"""A model as the researcher: it chooses among admissible variants, and decides nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from agent.explain.prose.text import check
from agent.models.errors import OverBudget
from agent.research.bounds import FILE, change
from agent.research.call_journal import Unanswered, ask_once
from agent.research.ideas.likeness import fingerprint
from agent.research.prompts import LONGEST_WORDS, SCHEMA, correction, opening
from agent.research.steps import Choice, read_study
from agent.research.template import admissible, choose_by_rules, pass_over, seen_ideas
from configs.errors import BadInput, Failed, Place, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.models.answer import Answer
    from agent.research.call_journal import Asker
    from agent.research.journal import Journal
    from agent.research.rules import Variant
    from agent.research.steps import Step

    Listed = Mapping[str, tuple[Step, Variant]]

MOST_REPAIRS: Final = 2
MOST_LISTED: Final = 24
ID_SHOWN: Final = 8
"""Hexadecimal digits of an idea by which a variant is named to a model."""
DECIDED_BY_PEOPLE: Final = re.compile(
    r"\b(?:approv|promot|demot)\w*|\b(?:go|goes|going|went|trade[sd]?) live\b|\blive trading\b"
    r"|批准|审批|上线|实盘|晋级",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ModelResearcher:
    """Chooses what is tried next by asking a model; see `agent.research.steps.Choose`.

    Where the model has no usable answer, after two repairs, the rules choose instead, and that is
    said; where the budget does not allow a call, the research ends.

    Parameters
    ----------
    question
        What the person asked.
    passages
        From the memory: data to the model.
    say
        Told, in a sentence, where the rules chose.
    """

    chat: Asker
    question: str
    passages: Sequence[Mapping[str, str]] = ()
    say: Callable[[str], None] = lambda _: None

    def __call__(
        self, steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
    ) -> Choice | str:
        """Choose, or say why the research ends."""
        try:
            return self._ask(steps, journal, known)
        except OverBudget as error:
            return f"the budget of money is spent: {error.what}"
        except Unanswered as error:
            self.say(f"the rules choose, not the model: {error.what}")
            return choose_by_rules(steps, journal, known)

    def _ask(
        self, steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
    ) -> Choice | str:
        some = islice(admissible(steps, journal, known), MOST_LISTED)
        listed = {idea[:ID_SHOWN]: (parent, variant) for parent, variant, idea in some}
        passed_over = journal.of("passed over")
        messages = opening(self.question, steps, listed, passed_over, self.passages)
        problem = ""
        for turn in range(MOST_REPAIRS + 1):
            answer = ask_once(self.chat, journal, (len(steps), turn), messages, SCHEMA)
            try:
                return _understand(answer, steps, listed, journal, known)
            except BadInput as error:
                problem = str(error)
                messages = [*messages, *correction(_said(answer), problem)]
        raise Unanswered(f"no proposal of {MOST_REPAIRS + 1} could be used: {problem}")


def _understand(
    answer: Answer,
    steps: Sequence[Step],
    listed: Listed,
    journal: Journal,
    known: Mapping[str, str],
) -> Choice:
    """Read a proposal, and refuse what may not be tried or costs a run for nothing.

    Raises
    ------
    BadInput
        Located: what is wrong with it.
    """
    if answer.value is None:
        raise BadInput(answer.problem or "there was no proposal")
    words = _words(answer.value)
    parent, variant = _variant(answer.value, steps, listed)
    try:
        idea = fingerprint(read_study(variant.document))
    except RecursionError as error:
        raise BadInput("an expression is nested too deeply", place=_at("changes")) from error
    before = seen_ideas(steps).get(idea) or known.get(idea)
    if before is not None:
        if idea in known:
            pass_over(journal, idea, variant.hypothesis, known[idea])
        raise BadInput(f"this idea is known: {before}", hint="choose another")
    return Choice(parent.number, variant, by=answer.model, words=words)


def _variant(
    value: Mapping[str, Any], steps: Sequence[Step], listed: Listed
) -> tuple[Step, Variant]:
    name, changes, of = value.get("variant"), value.get("changes"), value.get("of")
    if bool(name) == bool(changes):
        raise BadInput("give either `variant` or `changes`", place=_at("variant"))
    if name:
        if str(name) not in listed:
            raise BadInput(
                f"no variant `{str(name)[:80]}` is listed", hint=did_you_mean(str(name), listed),
                place=_at("variant"),
            )  # fmt: skip
        return listed[str(name)]
    traded = {step.number: step for step in steps if not step.refusal}
    if not isinstance(of, int) or of not in traded:
        raise BadInput(
            f"`{str(of)[:80]}` is no trial that could be traded",
            hint=f"one of {', '.join(map(str, traded))}", place=_at("of"),
        )  # fmt: skip
    if not isinstance(changes, dict):
        raise BadInput("`changes` is a mapping of keys to values", place=_at("changes"))
    try:
        return traded[of], change(traded[of], changes)
    except RecursionError as error:
        raise BadInput("an expression is nested too deeply", place=_at("changes")) from error


def _words(value: Mapping[str, Any]) -> str:
    """Return what a model says of its choice; it may say why, and not how much or what follows."""
    words = " ".join(str(value.get("words") or "").split())
    if len(words) > LONGEST_WORDS:
        raise BadInput(f"more than {LONGEST_WORDS} characters", place=_at("words"))
    if decided := DECIDED_BY_PEOPLE.search(words):
        raise BadInput(f"`{decided[0]}`: people decide that, elsewhere", place=_at("words"))
    try:
        check(words, {})
    except Failed as error:
        raise BadInput(error.what, place=_at("words")) from error
    return words


def _at(key: str) -> Place:
    return Place(FILE, key=key)


def _said(answer: Answer) -> str:
    return (
        json.dumps(answer.value, ensure_ascii=False) if answer.value else answer.text or "(nothing)"
    )
