"""A research in its workspace: from the question to the notebook and the proposals."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.research.drawing import draw_notebook, write_notebook
from agent.research.ideas.memory import known_ideas
from agent.research.journal import Journal
from agent.research.loop import search
from agent.research.notebook import Notebook
from agent.research.placebo import write_placebo
from agent.research.ranking import rank
from agent.research.steps import read_study, steps_of
from agent.research.template import choose_by_rules
from configs.errors import BadInput
from configs.remedies import Mend
from gate.evidence.families import Families
from gate.evidence.trials import RESEARCH
from storage.locks import hold
from storage.open import open_lake, open_ledger
from tasks.ingest.origin.sources import digest as data_digest
from tasks.runs.run import run
from tasks.sweep.trying import try_study
from taskspecs.identity import SHORT, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.models.answer import Usage
    from agent.research.ranking import Ranked
    from agent.research.rules import Plain
    from agent.research.session import Model
    from agent.research.steps import Choose, Step
    from configs.settings import Settings
    from configs.workspace import Workspace
    from tasks.sweep.trying import Tried

FOLDER: Final = "research"
SAME_RESEARCH_WAIT_S: Final = 1.0
STOPPED: Final = "a person stopped it, and the same command goes on"


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
    models
        Who was asked what to try; empty where the rules alone chose.
    used
        What the models' answers took, those before a kill included.
    """

    id: str
    ended: str
    ranked: list[Ranked]
    trials: int
    proposed: list[str]
    placebo: list[Ranked]
    notebook: Path
    models: tuple[str, ...]
    used: Usage | None


class _Searched(NamedTuple):
    """What a search came to."""

    steps: list[Step]
    ended: str
    passed_over: list[dict[str, Any]]
    stopped: bool


class ResearchService:
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
        self,
        prompt: str,
        base: Plain,
        *,
        budget_runs: int,
        proposals: int,
        placebo: bool,
        model: Model | None = None,
    ) -> Research:
        """Search, rank, propose, and write the notebook; the same call goes on after a kill.

        A person's Ctrl-C ends the search; what was tried is ranked and written down, and nothing is
        proposed.

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
        model
            Who chooses the variants; None for the rules.

        Raises
        ------
        BadInput
            If the study does not fit the data, or another process does this research.
        """
        spec = read_study(base)
        bytes_digest = data_digest(spec.data, self._workspace.root)
        name = digest({"prompt": prompt, "study": base, "data": bytes_digest})[:SHORT]
        with self._alone(name):
            choose = self._hire(model, name, prompt)
            found = self._search(name, base, budget_runs, choose)
            ranked, trials = self._rank(found.steps)
            proposed = [] if found.stopped else self._propose_best(ranked, proposals)
            other: list[Ranked] = []
            if placebo and not found.stopped:
                other = self._placebo(name, base, found.steps[0], budget_runs, choose)
            notebook = Notebook(
                prompt=prompt, ranked=ranked, ended=found.ended, trials=trials,
                passed_over=found.passed_over, proposed=proposed, placebo=other,
                models=() if model is None else model.names, used=self._used(model, name),
            )  # fmt: skip
            path = self._write(name, notebook)
        return Research(
            name, found.ended, ranked, trials, proposed, other, path, notebook.models, notebook.used
        )

    def _hire(self, model: Model | None, name: str, prompt: str) -> Choose:
        if model is None:
            return choose_by_rules
        return model.researcher(name, prompt, self._journal(name), self._say)

    def _used(self, model: Model | None, name: str) -> Usage | None:
        if model is None:
            return None
        return model.used(name, [self._journal(name), self._journal(f"{name}-placebo")])

    def _write(self, name: str, notebook: Notebook) -> Path:
        """Write the notebook, as Markdown and as a page beside it; return the first."""
        folder = self._workspace.reports
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"research-{name}.md"
        path.write_text(write_notebook(notebook), encoding="utf-8")
        path.with_suffix(".html").write_text(draw_notebook(notebook), encoding="utf-8")
        return path

    def _journal(self, name: str) -> Journal:
        return Journal(self._folder / f"{name}.jsonl")

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        self._workspace.locks.mkdir(parents=True, exist_ok=True)
        lock = self._workspace.locks / f"research-{name}.lock"
        with hold(lock, timeout_s=SAME_RESEARCH_WAIT_S, what="this research"):
            yield

    def _search(self, name: str, base: Plain, budget_runs: int, choose: Choose) -> _Searched:
        journal = self._journal(name)
        known = known_ideas(self._lake, self._ledger, self._folder, but=name)
        try_ = partial(try_study, workspace=self._workspace, settings=self._settings, road=RESEARCH)
        stopped = False
        try:
            ended = search(
                base, journal, try_, known=known, budget_runs=budget_runs, choose=choose,
                say=self._say,
            )  # fmt: skip
        except KeyboardInterrupt:
            if not journal.of("tried"):
                raise
            stopped, ended = True, STOPPED
        return _Searched(steps_of(journal), ended, journal.of("passed over"), stopped)

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

    def _propose_best(self, ranked: list[Ranked], most: int) -> list[str]:
        chosen = [each for each in ranked if each.step.score > 0 and each.same_as is None]
        return [self._propose(each.step) for each in chosen[:most]]

    def _propose(self, step: Step) -> str:
        """Run a trial by the judge; a finished run proposes itself, at stage dryrun."""
        self._say(f"run by qlib: {step.strategy}")
        outcome = run(read_study(step.document), self._workspace, self._settings, road=RESEARCH)
        return outcome.session.plan.strategy

    def _placebo(
        self, name: str, base: Plain, question: Step, budget_runs: int, choose: Choose
    ) -> list[Ranked]:
        """Do the same on prices without memory; nothing of it is proposed."""
        self._say("placebo: the same on shuffled prices")
        place = str((self._folder / f"{name}.parquet").relative_to(self._workspace.root))
        shuffled = write_placebo(base, self._again(question).bars, self._workspace, place)
        found = self._search(f"{name}-placebo", shuffled, budget_runs, choose)
        return self._rank(found.steps)[0]


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
            remedy=Mend.ASK_ANOTHER_WAY(),
        )
