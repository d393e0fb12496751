"""What a prompt came to: a TaskSpec, where each of its values is from, and what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.grammar.drafts.changes import Change
    from agent.assistant.grammar.drafts.document import Plain
    from taskspecs.schema import TaskSpec


TEMPLATE: Final[Mapping[str, Any]] = {
    "kind": "template",
    "model": None,
    "note": "No language model took part: a fixed grammar for English and Chinese fills in a "
    "TaskSpec that ships, and asks about every word that it did not use.",
}
"""What drafted where no model did."""


class Slot(NamedTuple):
    """One value of the TaskSpec and where it is from."""

    key: str
    value: Any
    words: str
    """The words of the prompt that say so; empty for a default."""
    source: Literal["prompt", "default", "model"]
    note: str = ""
    """The convention by which the words became the value."""


class Question(NamedTuple):
    """What only the person can say."""

    text: str
    about: str
    """The words that it is about; empty where they are missing."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where those words stand in the prompt."""


class Citation(NamedTuple):
    """What a choice rests on."""

    number: int
    kind: str
    title: str
    passage: str


class Base(NamedTuple):
    """The shipped study that was filled in."""

    name: str
    why: str


class Draft(NamedTuple):
    """What a prompt came to."""

    prompt: str
    base: Base
    spec: TaskSpec
    document: Plain
    """The same as the plain values of its YAML."""
    slots: tuple[Slot, ...]
    changes: tuple[Change, ...]
    """What differs from the shipped study."""
    questions: tuple[Question, ...]
    citations: tuple[Citation, ...]
    assistant: Mapping[str, Any] = TEMPLATE
    """Who drafted: the template assistant or which models, and what they took."""
