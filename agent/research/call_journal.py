"""Calls of a model that are made at most once each: what was answered is kept before it is used.

A call is announced in the journal, made, and its answer written and synced, in this order. After a
kill, an answer that is there is used again; a call that was announced and has no answer may have
been paid for, so it is not made again either: whoever asked does without it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Protocol

from agent.models.answer import Answer, Usage
from agent.models.errors import NoAnswer, Refused
from configs.errors import Failed, QraftError
from storage.telemetry.scrubbing import scrub
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.models.answer import Message
    from agent.research.journal import Journal

LONGEST: Final = 20_000
"""Characters of an answer that are kept."""
STATES: Final = ("asking", "answered", "unanswered", "not asked")


class Asker(Protocol):
    """A model that answers a conversation, as `agent.models.chat.Chat`."""

    def ask(self, messages: Sequence[Message], tool: Mapping[str, Any] | None = None) -> Answer:
        """Answer messages."""


class Unanswered(Failed):
    """A call of this place was made and brought no answer; it is not made again."""


def ask_once(
    chat: Asker,
    journal: Journal,
    place: tuple[int, int],
    messages: Sequence[Message],
    tool: Mapping[str, Any],
) -> Answer:
    """Ask at a place of the research, or return what was answered there.

    Parameters
    ----------
    place
        The number of the trial that is to be chosen, and the turn of the conversation about it. It
        tells calls apart, and not what was said: what others do meanwhile may change that.

    Raises
    ------
    Unanswered
        If the call was made and has no answer.
    OverBudget
        If it might exceed a budget; it was not made, and a later one may be.
    BadInput
        If the key is not accepted; likewise.
    """
    line = _last(journal, place)
    state = line["step"] if line else "not asked"
    if line and state == "answered":
        return _read(line)
    if line and state != "not asked":
        raise Unanswered(line.get("because") or "the call was interrupted, and may have been paid")
    said = digest([[message._asdict() for message in messages], dict(tool)])
    number, turn = place
    journal.write("asking", number=number, turn=turn, request=said)
    try:
        answer = chat.ask(messages, tool)
    except (NoAnswer, Refused) as error:
        journal.write("unanswered", number=number, turn=turn, because=scrub(error.what))
        raise Unanswered(scrub(error.what)) from error
    except QraftError as error:
        journal.write("not asked", number=number, turn=turn, because=scrub(error.what))
        raise
    journal.write("answered", number=number, turn=turn, request=said, answer=_written(answer))
    return _read(journal.lines[-1])


def used(journal: Journal) -> Usage:
    """Return what the answers of a research took, those before a kill included."""
    return sum((_read(line).usage for line in journal.of("answered")), Usage())


def _last(journal: Journal, place: tuple[int, int]) -> dict[str, Any] | None:
    found = (
        line for line in reversed(journal.lines)
        if line["step"] in STATES and (line["number"], line["turn"]) == place
    )  # fmt: skip
    return next(found, None)


def _written(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain values that JSON can hold, without any secret that it repeats."""
    value, problem = _kept(answer)
    text = _whole(scrub(answer.text))[:LONGEST]
    usage = asdict(answer.usage)
    return {
        "text": text, "value": value, "problem": problem, "model": answer.model, "usage": usage,
    }  # fmt: skip


def _kept(answer: Answer) -> tuple[Any, str | None]:
    """Return what was called with, and why there is nothing of it."""
    try:
        text = scrub(json.dumps(answer.value, ensure_ascii=False))
        if len(text) <= LONGEST:
            return json.loads(_whole(text), parse_constant=lambda _: None), answer.problem
    except (ValueError, RecursionError):
        return None, "the arguments cannot be read"
    return None, f"the arguments have more than {LONGEST:,} characters"


def _whole(text: str) -> str:
    """Replace halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _read(line: Mapping[str, Any]) -> Answer:
    told = line["answer"]
    return Answer(**{**told, "usage": Usage(**told["usage"])})
