"""A research in its workspace: from the question to the notebook and the proposals."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from agent.research.journal import Journal
from agent.research.loop import read_study, search, steps_of
from agent.research.memory import known_ideas
from agent.research.notebook import write_notebook
from agent.research.placebo import write_placebo
from agent.research.ranking import rank
from configs.errors import BadInput
from gate.families import Families
from gate.trials import RESEARCH
from storage.locks import hold
from storage.open import open_lake, open_ledger
from tasks.ingest.sources import digest as data_digest
from tasks.run import run
from tasks.sweep.trying import try_study
from taskspecs.identity import SHORT, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.research.loop import Step
    from agent.research.ranking import Ranked
    from agent.research.rules import Plain
    from configs.settings import Settings
    from configs.workspace import Workspace
    from tasks.sweep.trying import Tried

FOLDER: Final = "research"
SAME_RESEARCH_WAIT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Research:
    """What came of a research.

    Attributes
    ----------
    ranked
        Its trials, the best first.
    trials
        How many there are on its data in all, those of others included.
    proposed
        The strategies that were proposed, at stage dryrun.
    placebo
        The trials on prices without memory, the best first; empty if it was not asked for.
    """

    id: str
    ended: str
    ranked: list[Ranked]
    trials: int
    proposed: list[str]
    placebo: list[Ranked]
    notebook: Path


class Laboratory:
    """The workspace of a research.

    Parameters
    ----------
    say
        Told of each trial, in a line.
    """

    def __init__(
        self, workspace: Workspace, settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._say = say
        self._lake = open_lake(settings, workspace)
        self._ledger = open_ledger(settings, workspace)
        self._folder = workspace.home / FOLDER

    def research(
        self, prompt: str, base: Plain, *, budget_runs: int, proposals: int, placebo: bool
    ) -> Research:
        """Search, rank, propose, and write the notebook; the same call goes on after a kill.

        Parameters
        ----------
        prompt
            What was asked.
        base
            The study that it came to, as plain values.
        budget_runs
            Trials at most; a larger budget later goes on from where this one ended.
        proposals
            Strategies to propose at most: of a Sharpe ratio above zero, no two the same bet.
        placebo
            Search prices in shuffled blocks, under other names, by the same loop too.

        Raises
        ------
        BadInput
            If the study does not fit the data, or another process does this research.
        """
        spec = read_study(base)
        bytes_digest = data_digest(spec.data, self._workspace.root)
        name = digest({"prompt": prompt, "study": base, "data": bytes_digest})[:SHORT]
        with self._alone(name):
            steps, ended, passed_over = self._search(name, base, budget_runs)
            ranked, trials = self._rank(steps)
            chosen = [each for each in ranked if each.step.score > 0 and each.same_as is None]
            proposed = [self._propose(each.step) for each in chosen[:proposals]]
            other = self._placebo(name, base, steps[0], budget_runs) if placebo else []
            text = write_notebook(
                prompt, ranked, ended=ended, trials=trials, passed_over=passed_over,
                proposed=proposed, placebo=other,
            )  # fmt: skip
            path = self._workspace.reports / f"research-{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Research(name, ended, ranked, trials, proposed, other, path)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        self._workspace.locks.mkdir(parents=True, exist_ok=True)
        lock = self._workspace.locks / f"research-{name}.lock"
        with hold(lock, timeout_s=SAME_RESEARCH_WAIT_S, what="this research"):
            yield

    def _search(
        self, name: str, base: Plain, budget_runs: int
    ) -> tuple[list[Step], str, list[dict[str, Any]]]:
        journal = Journal(self._folder / f"{name}.jsonl")
        known = known_ideas(self._lake, self._ledger, self._folder, but=name)
        ended = search(
            base,
            journal,
            partial(try_study, workspace=self._workspace, settings=self._settings, road=RESEARCH),
            known=known,
            budget_runs=budget_runs,
            say=self._say,
        )
        return steps_of(journal), ended, journal.of("passed over")

    def _rank(self, steps: list[Step]) -> tuple[list[Ranked], int]:
        entries = self._ledger.entries()
        families = Families(entries)
        family = families.of_run(steps[0].run_id)
        trials = len(families.trials(family)) if family else len(steps)
        returns = {step.number: self._again(step).returns for step in steps if not step.refusal}
        return rank(steps, returns, trials=trials), trials

    def _again(self, step: Step) -> Tried:
        """Read a trial; it is done, so nothing is computed."""
        spec = read_study(step.document)
        return try_study(spec, self._workspace, self._settings, road=RESEARCH)

    def _propose(self, step: Step) -> str:
        """Run a trial by the judge; a finished run proposes itself, at stage dryrun."""
        self._say(f"run by qlib: {step.strategy}")
        outcome = run(read_study(step.document), self._workspace, self._settings, road=RESEARCH)
        return outcome.session.plan.strategy

    def _placebo(self, name: str, base: Plain, question: Step, budget_runs: int) -> list[Ranked]:
        """Do the same on prices without memory; nothing of it is proposed."""
        self._say("placebo: the same on shuffled prices")
        place = str((self._folder / f"{name}.parquet").relative_to(self._workspace.root))
        shuffled = write_placebo(base, self._again(question).bars, self._workspace, place)
        steps, _, _ = self._search(f"{name}-placebo", shuffled, budget_runs)
        return self._rank(steps)[0]


def refuse_open_questions(questions: list[str]) -> None:
    """Refuse a prompt that was not understood whole.

    Raises
    ------
    BadInput
        With the questions.
    """
    if questions:
        listed = "\n".join(f"{number}. {text}" for number, text in enumerate(questions, 1))
        raise BadInput(
            f"{len(questions)} questions are open, and nothing was tried",
            hint=listed,
            next_command="qraft ask PROMPT --plan-only   (with other words)",
        )
