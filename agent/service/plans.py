"""Plans: what a run would do, stage by stage, and what a sentence asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from agent.service.model import Model
from agent.service.specs import locating

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from agent.assistant.grammar.drafts.draft import Draft
    from agent.service.service import Service
    from agent.service.specs import Spec
    from taskspecs.schema import FeaturesSpec


class PlannedStage(Model):
    """A stage of a run that is not begun."""

    stage: str
    state: Literal["done", "to compute"]
    key: str
    reads: str
    """The stages that it is made from."""


class PlannedFeature(Model):
    """A feature, what it needs and what it costs."""

    feature: str
    expression: str
    history_rows: int | None
    """Rows before its own; none where it needs all."""
    looks_ahead_rows: int
    across_symbols: bool
    cost_ns_per_row: float


class Plan(Model):
    """What running a TaskSpec would do."""

    run_id: str
    strategy: str
    stages: list[PlannedStage]
    features: list[PlannedFeature]


class Slot(Model):
    """One value of a drafted TaskSpec, and where it is from."""

    key: str
    value: Any
    words: str
    """The words of the prompt that say so; empty for a default."""
    source: Literal["prompt", "default", "model"]
    note: str


class OpenQuestion(Model):
    """What only the person can say."""

    text: str
    about: str
    """The words that it is about; empty where they are missing."""


class Drafted(Model):
    """What a prompt came to; while there are questions, it is not to be run."""

    prompt: str
    base: dict[str, str]
    """The shipped study that was filled in, and why."""
    spec: dict[str, Any]
    """The TaskSpec."""
    slots: list[Slot]
    questions: list[OpenQuestion]
    citations: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    """What differs from the shipped study."""
    assistant: dict[str, Any]
    """Who drafted, and what they took."""


def plan_run(service: Service, spec: Spec, *, as_of: datetime | None = None) -> Plan:
    """Say what running a TaskSpec would do; writes nothing.

    Raises
    ------
    BadInput
        Located in the spec's document, if it does not fit the data.
    """
    from tasks.runs.run import plan_run as plan_

    with locating(spec):
        planned = plan_(spec.taskspec, service.workspace, service.settings, as_of=as_of)
    done = planned.done(service.lake)
    return Plan(
        run_id=planned.run_id,
        strategy=planned.strategy,
        stages=[
            PlannedStage(
                stage=stage.name,
                state="done" if done[stage.name] else "to compute",
                key=stage.key,
                reads=", ".join(stage.inputs),
            )
            for stage in planned.stages
        ],
        features=_features(planned.spec.features),
    )


def drafting(service: Service, *, by_model: bool = True) -> Callable[[str], Draft]:
    """Return who drafts: the models of the workspace's settings, else the template assistant."""
    from agent.assistant.llm.drafting import draft_by_template
    from agent.assistant.llm.drafting import drafting as drafting_

    return drafting_(service, service.say) if by_model else draft_by_template


def describe_draft(draft: Draft) -> Drafted:
    """Tell a draft."""
    from agent.assistant.grammar.drafts.shown import to_json

    return Drafted.model_validate(to_json(draft))


def draft_spec(service: Service, prompt: str, *, by_model: bool = True) -> Drafted:
    """Turn a sentence, in English or Chinese, into a TaskSpec; runs nothing.

    Raises
    ------
    BadInput
        If the prompt is empty or too long.
    """
    return describe_draft(drafting(service, by_model=by_model)(prompt))


def _features(spec: FeaturesSpec) -> list[PlannedFeature]:
    """Analyse every expression: the rows of history it needs, and what it costs."""
    from taskspecs.expressions import analyse, parse
    from taskspecs.features import all_expressions

    found = ((name, text, analyse(parse(text))) for name, text in all_expressions(spec).items())
    return [
        PlannedFeature(
            feature=name,
            expression=text,
            history_rows=analysis.lookback_rows,
            looks_ahead_rows=analysis.lookahead_rows,
            across_symbols=analysis.cross_section,
            cost_ns_per_row=analysis.cost,
        )
        for name, text, analysis in found
    ]
