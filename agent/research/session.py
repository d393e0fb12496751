"""A model hired as the researcher: what it may spend, and what it is told of the memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from agent.models.chat import Chat
from agent.research.call_journal import used
from agent.research.chooser import ModelResearcher
from configs.errors import BadInput
from storage.telemetry.scrubbing import scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.models.answer import Usage
    from agent.research.journal import Journal
    from configs.endpoints.llm import LlmSettings
    from configs.workspace import Workspace

ACCOUNT: Final = "research {name}"
MOST_PASSAGES: Final = 6
LONGEST_PASSAGE: Final = 1_200


@dataclass(frozen=True)
class Model:
    """The models of the settings, as one researcher.

    Parameters
    ----------
    llm
        The section ``llm``; it names a model.
    budget_usd
        US dollars that one research may spend in all, those before a kill included; None for no
        limit but the workspace's own.
    recall
        Finds passages of the memory by a question: ``id``, ``kind``, ``date``, ``title``, ``text``.

    Raises
    ------
    BadInput
        If there is a budget, and a model without a price.
    """

    llm: LlmSettings
    workspace: Workspace
    budget_usd: float | None
    recall: Callable[[str], Sequence[Mapping[str, str]]]

    def __post_init__(self) -> None:
        """Refuse a budget that could not be kept."""
        unpriced = [name for name in self.names if name not in self.llm.prices]
        if self.budget_usd is not None and unpriced:
            raise BadInput(
                f"a budget in dollars needs the price of {', '.join(unpriced)}",
                hint="in qraft.yaml: llm: {prices: {NAME: {input_usd_per_mtok: 0.25, "
                "output_usd_per_mtok: 2.0}}}",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Who is asked, in this order."""
        return (str(self.llm.model), *self.llm.fallbacks)

    def researcher(
        self, name: str, question: str, journal: Journal, say: Callable[[str], None]
    ) -> ModelResearcher:
        """Return the researcher of a research; what it recalls is kept in the journal."""
        limits = {} if self.budget_usd is None else {self._account(name): self.budget_usd}
        chat = Chat(self.llm, self.workspace, self.names, limits=limits, purpose="research")
        if not journal.of("recalled"):
            journal.write("recalled", passages=[_cut(each) for each in self.recall(question)])
        return ModelResearcher(chat, question, journal.of("recalled")[0]["passages"], say)

    def used(self, name: str, journals: Sequence[Journal]) -> Usage:
        """Return what a research took so far; money as the purse counts it, where it does."""
        total = sum((used(journal) for journal in journals[1:]), used(journals[0]))
        if self.budget_usd is None:
            return total
        purse = Chat(self.llm, self.workspace, self.names).purse
        return replace(total, usd=purse.spent(self._account(name)))

    @staticmethod
    def _account(name: str) -> str:
        return ACCOUNT.format(name=name)


def _cut(passage: Mapping[str, str]) -> dict[str, str]:
    return {key: scrub(str(text))[:LONGEST_PASSAGE] for key, text in passage.items()}
