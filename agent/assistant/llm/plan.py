"""From a sentence to a draft of a TaskSpec by language models, held against the sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.drafts.changes import compare, describe
from agent.assistant.grammar.drafts.document import get, put, to_yaml
from agent.assistant.grammar.drafts.draft import Base, Citation, Draft, Slot
from agent.assistant.grammar.plan import plan as plan_by_template
from agent.assistant.llm.coverage import invented, missing
from agent.assistant.llm.passages import retrieve_shipped
from agent.assistant.llm.proposal import propose
from agent.assistant.llm.voting import vote
from taskspecs.catalogue import find, shipped
from taskspecs.load import load, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from agent.assistant.grammar.drafts.changes import Change
    from agent.assistant.llm.passages import Passage, Retrieve
    from agent.assistant.llm.proposal import Proposal, Reason
    from agent.models.chat import Chat
    from taskspecs.schema import TaskSpec

NOTE: Final = (
    "Language models drafted this; the grammar of the template assistant held it against the "
    "prompt, and what did not land, or nobody asked for, is a question."
)


def plan(prompt: str, today: date, chat: Chat, *, retrieve: Retrieve = retrieve_shipped) -> Draft:
    """Draft a TaskSpec with the models of a chat.

    Parameters
    ----------
    prompt
        At most 2,000 characters.
    today
        What `this year` counts from.
    chat
        Who is asked; models of ``llm.vote`` are asked beside it.
    retrieve
        Finds passages; they are data to the models.

    Raises
    ------
    BadInput
        If the prompt is empty or too long, or a key is not accepted.
    Refused, NoAnswer, OverBudget
        If there is no plan.
    """
    template = plan_by_template(prompt, today)
    passages = list(retrieve(prompt))
    chats = [chat, *(replace(chat, models=(name,)) for name in chat.settings.vote)]
    proposals = [propose(each, prompt, passages) for each in chats]
    for other in chats[1:]:
        chat.used = chat.used + other.used
    document, differing = vote(proposals, prompt)
    put(document, "gate.propose", False if template.spec.gate.propose is False else None)
    if not document.get("gate"):
        document.pop("gate", None)
    spec = parse(to_yaml(document))
    base, changes = _nearest(spec)
    if changes:
        put(document, "description", describe(base.name, changes))
        spec = parse(to_yaml(document))
    reasons = [reason for proposal in proposals for reason in proposal.reasons]
    plain = spec.model_dump(mode="json")
    questions = (
        *differing,
        *missing(template, plain, reasons),
        *invented(prompt, changes, template, reasons),
    )
    return Draft(
        prompt=prompt,
        base=base,
        spec=spec,
        document=document,
        slots=tuple(_slots(template, plain, changes, reasons)),
        changes=tuple(changes),
        questions=tuple(dict.fromkeys(questions)),
        citations=tuple(_citations(reasons, passages)),
        assistant=_assistant(proposals, chat),
    )


def _nearest(spec: TaskSpec) -> tuple[Base, list[Change]]:
    """Return the shipped study that differs least, and how."""
    after = spec.model_dump(mode="json")
    told = {}
    for name in shipped():
        before = load(find(name))[0].model_dump(mode="json")
        told[name] = [c for c in compare(before, after) if c.key not in {"name", "description"}]
    name = min(told, key=lambda each: (len(told[each]), each))
    return Base(name, "of the studies that ship it differs least"), told[name]


def _slots(
    template: Draft, plain: Mapping[str, Any], changes: Sequence[Change], reasons: Sequence[Reason]
) -> Iterator[Slot]:
    seen = set()
    for slot in template.slots:
        value = get(plain, slot.key)
        if slot.key == "detection" or value is not None:
            seen.add(slot.key)
            same = slot.source == "prompt" and value == slot.value
            yield slot._replace(value=value) if same else Slot(slot.key, value, "", "default")
    for change in changes:
        if change.key not in seen:
            words = next((r.words for r in reasons if r.key == change.key), "")
            yield Slot(change.key, change.after, words, "model", "by a language model")


def _citations(reasons: Sequence[Reason], passages: Sequence[Passage]) -> Iterator[Citation]:
    """Name the passages that reasons rest on; an id that was never shown is none."""
    known = {passage.id: passage for passage in passages}
    cited = dict.fromkeys((r.passage, r.key) for r in reasons if r.passage in known)
    for number, (name, key) in enumerate(cited, 1):
        passage = known[name]
        yield Citation(number, passage.kind, f"{passage.title} (for {key})", passage.text)


def _assistant(proposals: Sequence[Proposal], chat: Chat) -> dict[str, Any]:
    used = chat.used
    return {
        "kind": "model",
        "model": proposals[0].model,
        "models": [proposal.model for proposal in proposals],
        "repairs": [proposal.repairs for proposal in proposals],
        "usage": {
            "calls": used.calls, "input_tokens": used.input_tokens,
            "output_tokens": used.output_tokens, "usd": used.usd,
        },
        "note": NOTE,
    }  # fmt: skip
