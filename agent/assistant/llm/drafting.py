"""Who drafts in a workspace: the models of its settings, else the template assistant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.plan import plan as plan_by_template
from agent.models.errors import NoAnswer, OverBudget, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.assistant.grammar.drafts.draft import Draft
    from agent.assistant.llm.passages import Retrieve
    from storage.open import Stores

OWN: Final = ("run", "pattern", "feedback", "rejection", "note")
"""Kinds of passages that are a workspace's own."""


def draft_by_template(prompt: str) -> Draft:
    """Draft without a model; see `agent.assistant.grammar.plan.plan`."""
    return plan_by_template(prompt, datetime.now(UTC).date())


def drafting(stores: Stores, say: Callable[[str], None]) -> Callable[[str], Draft]:
    """Return what drafts as the settings have it.

    Parameters
    ----------
    stores
        The workspace; its settings say whether a model drafts, its memory is at the model's hand.
    say
        Told why the template assistant drafts where a model was to.

    Returns
    -------
    callable
        From a prompt to a draft. Where the models give no plan the template assistant drafts, and
        the draft says why.
    """
    llm = stores.settings.llm
    if llm.model is None:
        return draft_by_template
    from agent.assistant.llm.plan import plan
    from agent.models.chat import Chat

    chat = Chat(llm, stores.workspace, (llm.model, *llm.fallbacks))

    def draft(prompt: str) -> Draft:
        today = datetime.now(UTC).date()
        try:
            return plan(prompt, today, chat, retrieve=_remembered(stores, say))
        except (NoAnswer, OverBudget, Refused) as error:
            say(f"{error}\nthe template assistant drafts instead")
            instead = draft_by_template(prompt)
            note = f"{instead.assistant['note']} A model was to draft, and did not: {error.what}"
            return instead._replace(assistant={**instead.assistant, "note": note})

    return draft


def _remembered(stores: Stores, say: Callable[[str], None]) -> Retrieve:
    """Find what ships, and what the workspace remembers of its own."""
    from agent.assistant.llm.passages import Passage, retrieve_shipped
    from agent.memory.recall import retrieve

    def find(query: str) -> list[Passage]:
        found = [each.passage for each in retrieve(stores, query, kinds=OWN, say=say)]
        own = [Passage(each.id, each.kind, each.title, each.text) for each in found]
        return [*retrieve_shipped(query), *own]

    return find
