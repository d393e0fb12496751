"""Passages by words: shipped specs, the references of operators and detectors, finished runs."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import taskspecs
from taskspecs.catalogue import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

MANUALS: Final = {
    "operators": "expressions/README.md",
    "detectors": "detectors/README.md",
}
_WORD = re.compile(r"[a-z]+|[0-9]+|[\u3400-\u9fff]")
_HEADING = re.compile(r"^## ", flags=re.MULTILINE)


class Passage(NamedTuple):
    """A piece of text that can be found, under an id that stays the same."""

    id: str
    kind: str
    title: str
    text: str
    date: str = ""
    run_id: str = ""


def shipped_passages() -> Iterator[Passage]:
    """List what ships: a passage a TaskSpec, a passage a chapter of a reference."""
    for name, path in shipped().items():
        yield Passage(f"spec:{name}", "spec", name, path.read_text(encoding="utf-8"))
    folder = Path(taskspecs.__path__[0])
    for kind, place in MANUALS.items():
        chapters = _HEADING.split((folder / place).read_text(encoding="utf-8"))
        for number, chapter in enumerate(chapters):
            title = chapter.partition("\n")[0].strip("# `")
            yield Passage(f"{kind}:{number}", kind, title, chapter.strip())


def run_passages(runs: Iterable[Mapping[str, Any]]) -> Iterator[Passage]:
    """List finished runs, as `qraft runs list` gives them."""
    for run in runs:
        figures = ", ".join(f"{name} {value}" for name, value in run["metrics"].items())
        yield Passage(
            f"run:{run['run_id']}", "run", f"{run['name']} {run['run_id']}",
            f"{run['description']}\n{run['source']}, gate stage {run['gate_stage']}\n{figures}",
            f"{run['tried_at']:%Y-%m-%d}" if run["tried_at"] else "", run["run_id"],
        )  # fmt: skip


def find_passages(
    passages: Iterable[Passage], query: str, limit: int
) -> list[tuple[float, Passage]]:
    """Return the passages that share the query's rarest words, the best first.

    Examples
    --------
    >>> passages = [Passage("a", "note", "", "momentum decays"), Passage("b", "note", "", "drift")]
    >>> [(round(score, 2), passage.id) for score, passage in find_passages(passages, "drift", 5)]
    [(0.69, 'b')]

    References
    ----------
    Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond": its
    weight of a word and saturation of its count, k1 = 1.2, without correction for length.
    """
    known = [(passage, Counter(words(f"{passage.title} {passage.text}"))) for passage in passages]
    wanted = set(words(query))
    weights = {
        word: math.log(1 + (len(known) - n + 0.5) / (n + 0.5))
        for word in wanted
        if (n := sum(word in counts for _, counts in known))
    }
    scored = [
        (sum(w * 2.2 * c[word] / (c[word] + 1.2) for word, w in weights.items()), passage)
        for passage, c in known
    ]
    found = [(score, passage) for score, passage in scored if score > 0]
    return sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:limit]


def words(text: str) -> list[str]:
    """Return the words of a text, lower case; of Chinese, its characters.

    Examples
    --------
    >>> words("Half-space trees, 20日动量")
    ['half', 'space', 'trees', '20', '日', '动', '量']
    """
    return _WORD.findall(text.lower())
