"""The detectors' reference, written from their models and the classes that are made from them."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from tasks.detection.protocol import BarByBar, BlockByBlock
from tasks.detection.registry import REGISTRY
from taskspecs.detectors import DetectorSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

    from tasks.detection.registry import Kind
    from taskspecs.detectors.base import Detector

_PREAMBLE = """# Detectors

What a TaskSpec may put under `detection`, one entry for each: `detector` names it, `watch` is an
expression or a list of them, everything else has a default.

```yaml
detection:
  - detector: adwin
    watch: $close / Ref($close, 1) - 1
  - detector: half_space_trees
    watch: [$close / Ref($close, 1) - 1, $volume / Mean($volume, 20)]
  - detector: page_hinkley
    scope: cross_section
    watch: $close / Ref($close, 1) - 1
```

- **Order.** Bars are taken in the order of their times, one series for each symbol, one for the
  market, or one for the moments of a time's values across symbols (at least 5 of them). Two bars at
  one time are refused. A late bar is for the next run.
- **Missing.** A bar with a missing, infinite or larger value than 1e50 does not reach the detector.
- **Episodes.** Alarms at most `cooldown_bars` usable bars apart are one pattern.
- **Units.** `source` is the unit of the watched expression; every number of a state has its unit.
"""


def write_reference() -> str:
    """Write the reference as Markdown.

    Returns
    -------
    str
        The text of `README.md` beside `taskspecs.detectors`.
    """
    models = {_name(model): model for model in get_args(get_args(DetectorSpec)[0])}
    shared = ("scope", "watch", "cooldown_bars")
    parts = [_PREAMBLE, "## Settings that all have\n", _settings(models["adwin"], shared)]
    bases: dict[str, type] = {}
    for name, kind in REGISTRY.items():
        own = [field for field in models[name].model_fields if field not in {*shared, "detector"}]
        made, *stands_on = _lineage(kind)
        bases |= {base.__name__: base for base in stands_on}
        rules = ", ".join(f"[{base.__name__}](#{base.__name__.lower()})" for base in stands_on)
        parts.append(f"## `{name}`\n\nFinds: {kind.finds.replace('_', ' ')}.\n")
        parts.append(_as_markdown(made))
        parts += [f"Rules, states and contributors: {rules}.\n"] if rules else []
        parts.append(_settings(models[name], own))
    for name, base in bases.items():
        parts.append(f"## {name}\n\n{_as_markdown(base)}")
    return "\n".join(parts)


def _name(model: type[Detector]) -> str:
    name: str = get_args(model.model_fields["detector"].annotation)[0]
    return name


def _lineage(kind: Kind) -> list[type]:
    """Return a detector's class and those it stands on that say what it does."""
    made = getattr(import_module(f"tasks.detection.{kind.module}"), kind.name)
    return [
        one
        for one in made.__mro__
        if one.__module__.startswith("tasks.detection.") and one not in {BarByBar, BlockByBlock}
    ]


def _settings(model: type[Detector], names: Iterable[str]) -> str:
    rows = [_setting(name, model.model_fields[name]) for name in names]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _setting(name: str, field: FieldInfo) -> str:
    default = "" if field.is_required() else f"`{_plain(field.default)}`"
    meaning = " ".join((field.description or "").split())
    return f"| `{name}` | {default} | {meaning} |"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _as_markdown(made: type) -> str:
    """Return the prose of a class's docstring: without its parameters and examples."""
    text = inspect.cleandoc(made.__doc__ or "")
    prose = re.split(r"\n(?:Parameters|Examples)\n-{3,}", text)[0].strip()
    return re.sub(r"\n{3,}", "\n\n", prose) + "\n"
