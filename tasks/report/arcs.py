"""The DAG as an arc diagram: stages down a line, and an arc from each to those that read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.report.provenance import StageRows

ROW = 62
TOP = 30
LINE = 138
WIDTH = 380
_REACH = 19
_FURTHEST = 118
_THIS = "report"


@dataclass(frozen=True, slots=True)
class Dot:
    """A stage: its height on the page, what stands beside it, and where its row is."""

    y: int
    name: str
    detail: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Arc:
    """An input: the path of a curve to the left of the line, ending in an arrow."""

    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """What the inline SVG draws; units are pixels."""

    width: int
    height: int
    line: int
    dots: tuple[Dot, ...]
    arcs: tuple[Arc, ...]


def draw(stages: Sequence[StageRows], read_here: Sequence[str]) -> Diagram:
    """Lay out the stages and this page below them.

    Parameters
    ----------
    stages
        Each after its inputs.
    read_here
        The stages whose files this page was made from.
    """
    place = {stage.name: number for number, stage in enumerate(stages)}
    dots = [
        Dot(_y(number), stage.name, f"{stage.key[:12]}  ·  {_files(stage)}", stage.anchor)
        for number, stage in enumerate(stages)
    ]
    arcs = [
        _arc(place[name], number, name, stage.name)
        for number, stage in enumerate(stages)
        for name in stage.inputs
        if name in place and place[name] < number
    ]
    last = len(stages)
    dots.append(Dot(_y(last), _THIS, "this page", None))
    arcs += [_arc(place[name], last, name, _THIS) for name in read_here if name in place]
    return Diagram(WIDTH, _y(last) + TOP, LINE, tuple(dots), tuple(arcs))


def _files(stage: StageRows) -> str:
    count = len(stage.files)
    return f"{count} file" if count == 1 else f"{count} files"


def _y(number: int) -> int:
    return TOP + ROW * number


def _arc(begin: int, end: int, source: str, target: str) -> Arc:
    """Bend the arc the further left the longer it is; a curve goes 3/4 of the way to its bend."""
    top, bottom = _y(begin) + 4, _y(end) - 4
    bend = LINE - 20 - min(_REACH * (end - begin), _FURTHEST)
    path = f"M{LINE - 6} {top} C{bend} {top}, {bend} {bottom}, {LINE - 8} {bottom}"
    return Arc(path, f"{target} reads {source}")
