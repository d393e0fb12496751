"""A TaskSpec as YAML that explains itself: a comment at what a person is most likely to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.assistant.outline.outline import Outline

WIDTH = 96
BEFORE: Final[Mapping[str, str]] = {
    "data": "Which bars. Others of the same file: symbols: [A, B], start: 2015-01-01, "
    "end: 2020-12-31.",
    "features": "What is computed from the bars of each symbol, in qlib's expression language; "
    "`sets: [alpha158]` adds ready ones.",
    "aggregation": "How symbols are compared: normalise: none, rank, zscore; `every: week` decides "
    "once a week.",
    "signal": "One number for each symbol and bar, more is better. The label is what it is judged "
    "against.",
    "detection": "Detectors of drift, anomalies and changes, and what each watches; "
    "taskspecs/detectors/README.md lists them.",
    "backtest": "How the signal is traded: at the next bar, at its close, after costs.",
}
"""What stands above a section."""
AFTER: Final = ('Again by itself: schedule: {cron: "30 18 * * 1-5", timezone: America/New_York}',)
"""What stands at the end: what a person may want next."""
GATE: Final = "What the gate asks before it goes further: qraft gate check"


def write(outline: Outline, *, command: str) -> str:
    """Write a TaskSpec with comments; it reads back as the outline's values.

    Parameters
    ----------
    command
        What made it, for whoever wonders later.
    """
    document, reasons = outline.document, {each.key: each.why for each in outline.choices}
    lines = [
        f"# Made by: {_one_line(command)}",
        "# Every key is explained in taskspecs/schema.py; a mistake is answered with its line.",
    ]
    for section, value in document.items():
        if section in BEFORE:
            lines += ["", *_comment(BEFORE[section])]
        lines += _block(section, value, reasons)
    left_out = list(_comment_all(reasons, document))
    lines += ["", *left_out] if left_out else []
    lines += ["", *(f"# {line}" for line in AFTER), f"# {GATE} {document['name']}"]
    return "\n".join(lines) + "\n"


def _block(path: str, value: Any, reasons: Mapping[str, str], indent: str = "") -> Iterator[str]:
    """Write a key and what it holds; the reason of a choice stands behind its key."""
    name = path.rpartition(".")[2]
    why = f"  # {_one_line(reasons[path])}" if path in reasons else ""
    if isinstance(value, dict) and value:
        yield f"{indent}{_dump({name: None})[0].removesuffix(' null')}{why}"
        for key, part in value.items():
            yield from _block(f"{path}.{key}", part, reasons, f"{indent}  ")
        return
    first, *others = _dump({name: value})
    yield f"{indent}{first}{why}"
    yield from (f"{indent}{line}" for line in others)


def _comment_all(reasons: Mapping[str, str], document: Mapping[str, Any]) -> Iterator[str]:
    """Say what was left out: it has no line of its own."""
    for key, why in reasons.items():
        section, _, rest = key.partition(".")
        name = rest.rpartition(".")[2]
        if rest.startswith("define.") and name not in document[section].get("define", {}):
            yield f"# {_one_line(name)} is {_one_line(why)}"


def _dump(value: Any) -> list[str]:
    text = yaml.dump(value, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=WIDTH - 4)
    return str(text).rstrip("\n").split("\n")


class _Indented(yaml.SafeDumper):
    """Writes lists a step to the right of their key, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _comment(text: str) -> Iterator[str]:
    from textwrap import wrap

    yield from (f"# {line}" for line in wrap(text, WIDTH - 2))


def _one_line(text: str) -> str:
    return " ".join(text.split())
