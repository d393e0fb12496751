"""The operators' reference, written from their classes and the models of their settings."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, RootModel

from tasks.streams.operators.registry import LEVEL_ONE, LEVEL_TWO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasks.streams.operators.registry import Kind

_PREAMBLE = """# Operators of live sources

What a SourceSpec may put under `operators`, on events, and under `then`, on bars that closed and
their features. Each is one file, one line of `registry.py`, and one line of
`tests/checks/streams/conftest.py`, whose suite holds every one to the same: however its input is
cut, frozen and thawed, the same bytes; no look-ahead; bounded memory; errors at their keys.

```yaml
operators:
  - validate: {price: {above: 0}}
  - dedupe: sequence
  - clip: {price: {jump: 0.2, do: flag}}
then:
  - derive: {busy: "$volume / Mean($volume, 20)"}
  - normalise: {columns: [busy], by: robust}
  - filter: $volume > 0
```

Order, bars and features are sections of their own: `order`, `bars`, `features`. Where a document
says nothing else, prices are above 0.
"""


def write_reference() -> str:
    """Write the reference as Markdown.

    Returns
    -------
    str
        The text of `README.md` beside this file.
    """
    parts = [_PREAMBLE, *_level("Level one: events", LEVEL_ONE)]
    return "\n".join([*parts, *_level("Level two: bars", LEVEL_TWO)])


def _level(title: str, kinds: Mapping[str, Kind]) -> Iterator[str]:
    yield f"## {title}\n"
    for name, kind in kinds.items():
        about = re.split(r"\n\nExamples\n-{3,}", inspect.cleandoc(kind.made.__doc__ or ""))[0]
        yield f"### `{name}`\n\n{about}\n"
        yield from _settings(kind.settings)


def _settings(model: type[BaseModel], within: str = "") -> Iterator[str]:
    if issubclass(model, RootModel):
        yield f"{inspect.cleandoc(model.__doc__ or '')}\n"
        return
    rows = []
    for name, field in model.model_fields.items():
        default = "" if field.is_required() else f"`{_plain(field.default)}`"
        meaning = " ".join((field.description or "").split())
        rows.append(f"| `{within}{name}` | {default} | {meaning} |")
    yield "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            yield from _settings(inner, f"{within}{name}.")


def _models(annotation: Any) -> list[type[BaseModel]]:
    found = [annotation, *get_args(annotation)]
    return [one for one in found if isinstance(one, type) and issubclass(one, BaseModel)]


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "{}"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
