"""A model's proposal of a TaskSpec: validated by the schema, repaired at most twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.assistant.grammar.drafts.document import get, to_yaml
from agent.assistant.llm.prompts import correction, opening, tool
from agent.models.answer import Usage
from agent.models.errors import Refused
from configs.document import read_document
from configs.errors import BadInput, Place
from taskspecs.catalogue import shipped
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.llm.passages import Passage
    from agent.models.answer import Answer
    from agent.models.chat import Chat
    from taskspecs.schema import TaskSpec

MOST_REPAIRS: Final = 2
FILE: Final = "the model's plan"
NOT_ITS_OWN: Final = frozenset({"name", "description", "gate"})
"""Keys that a model does not set: whose study it is, what is said of it, where it goes."""


class Reason(NamedTuple):
    """Why a model set a key."""

    key: str
    words: str
    passage: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A TaskSpec that is valid in itself, and who proposed it why."""

    document: Plain
    spec: TaskSpec
    reasons: tuple[Reason, ...]
    model: str
    usage: Usage
    repairs: int


def propose(chat: Chat, prompt: str, passages: Sequence[Passage]) -> Proposal:
    """Ask for a TaskSpec, and again with what is wrong, at most twice.

    Raises
    ------
    Refused
        If there is no valid TaskSpec after all repairs.
    OverBudget, NoAnswer, BadInput
        See :meth:`agent.models.chat.Chat.ask`.
    """
    messages = opening(prompt, passages)
    usage = Usage()
    problem = ""
    for repairs in range(MOST_REPAIRS + 1):
        answer = chat.ask(messages, tool())
        usage += answer.usage
        said = json.dumps(answer.value, ensure_ascii=False) if answer.value else answer.text
        try:
            document, spec = _understand(answer, prompt)
        except BadInput as error:
            problem = str(error)
            messages = [*messages, *correction(said or "(nothing)", problem)]
            continue
        reasons = tuple(_reasons(answer.value or {}))
        return Proposal(document, spec, reasons, answer.model, usage, repairs)
    raise Refused(
        f"{' and '.join(chat.models)} gave no valid plan in {MOST_REPAIRS + 1} tries: {problem}"
    )


def _understand(answer: Answer, prompt: str) -> tuple[Plain, TaskSpec]:
    """Validate what was proposed; what a sentence cannot grant is not taken from a model."""
    if answer.value is None:
        raise BadInput(answer.problem or "there was no plan")
    proposed, base = answer.value.get("spec"), answer.value.get("base")
    if not isinstance(proposed, dict):
        raise BadInput("`spec` is missing", place=Place(FILE, key="spec"))
    if base not in shipped():
        raise BadInput(f"no study `{base}` ships", place=Place(FILE, key="base"))
    mine = {key: part for key, part in proposed.items() if key not in NOT_ITS_OWN}
    document = _over(dict(read_document(shipped()[str(base)]).value), mine)
    for key, path in _paths(document):
        if path not in prompt:
            raise BadInput(f"the request names no file `{path}`", place=Place(FILE, key=key))
    return document, parse(to_yaml(document), file=FILE)


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Plain:
    """Lay changes over a study: key by key, null takes away; a signal is one thing."""
    laid = dict(base)
    for key, value in changes.items():
        if value is None:
            laid.pop(key, None)
        elif isinstance(value, dict) and isinstance(laid.get(key), dict) and key != "signal":
            laid[key] = _over(laid[key], value)
        else:
            laid[key] = value
    return laid


def _paths(document: Plain) -> Iterator[tuple[str, str]]:
    for key in ("data.path", "aggregation.groups.path"):
        if (path := get(document, key)) is not None:
            yield key, str(path)
    if get(document, "features.files") is not None:
        yield "features.files", "features.files"
    sets = get(document, "features.sets", [])
    for name in sets if isinstance(sets, list) else []:
        if str(name).endswith((".yaml", ".yml")):
            yield "features.sets", str(name)


def _reasons(value: Mapping[str, Any]) -> Iterator[Reason]:
    rows = value.get("reasons")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            yield Reason(*(str(row.get(part) or "") for part in Reason._fields))
