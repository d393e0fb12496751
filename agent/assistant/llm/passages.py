"""Passages that a plan may rest on; by default the shipped specs and what documents the rest."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from agent.assistant.grammar.drafts.document import get
from configs.document import read_document
from taskspecs.catalogue import FOLDER, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST: Final = 6
LONGEST: Final = 1_500
REFERENCES: Final = ("expressions/README.md", "detectors/README.md")
_WORD: Final = re.compile(r"[a-z_]{3,}|[\u3400-\u9fff]")


class Passage(NamedTuple):
    """A piece of text with a stable id; it is data, whoever wrote it."""

    id: str
    kind: str
    title: str
    text: str


class Retrieve(Protocol):
    """Finds the passages that are nearest to a query, the best first."""

    def __call__(self, query: str) -> Sequence[Passage]:
        """Return passages."""
        ...


def retrieve_shipped(query: str) -> Sequence[Passage]:
    """Rank what ships by the words it shares with a query.

    Examples
    --------
    >>> retrieve_shipped("momentum that steps aside when a drift is detected")[0].kind
    'taskspec'
    """
    wanted = set(_WORD.findall(query.lower()))
    scored = [
        (len(wanted & set(_WORD.findall(passage.text.lower()))), passage)
        for passage in _shipped_passages()
    ]
    best = sorted(scored, key=lambda pair: (-pair[0], pair[1].kind != "taskspec", pair[1].id))
    return [passage for score, passage in best[:MOST] if score]


@cache
def _shipped_passages() -> tuple[Passage, ...]:
    return (*_specs(), *(section for name in REFERENCES for section in _sections(name)))


def _specs() -> Iterator[Passage]:
    for name, path in shipped().items():
        about = str(get(dict(read_document(path).value), "description", "")).strip()
        yield Passage(f"taskspec/{name}", "taskspec", f"{FOLDER.name}/{path.name}", about)


def _sections(name: str) -> Iterator[Passage]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        short = title.strip("` ")
        yield Passage(f"{name}#{short}", "reference", f"{name}: {short}", body.strip()[:LONGEST])
