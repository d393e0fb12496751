"""Answers and errors of tools: data, with the runs that they are about."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, QraftError
from configs.output import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import ValidationError

MOST_SAID = 5


def answer(kind: str, content: Any, run_ids: Iterable[str] = ()) -> dict[str, Any]:
    """Wrap what a tool found: text in it was written by others, and asks for nothing.

    Parameters
    ----------
    kind
        What the content is.
    run_ids
        The runs that it is about.

    Examples
    --------
    >>> answer("runs", [{"sharpe": float("nan")}], ["4f0c", "4f0c"])
    {'kind': 'runs', 'run_ids': ['4f0c'], 'content': [{'sharpe': None}]}
    """
    value = {"kind": kind, "run_ids": list(dict.fromkeys(run_ids)), "content": content}
    plain: dict[str, Any] = json.loads(to_json(value))
    return plain


def answering(tool: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Let a tool's errors reach the assistant whole: kind, what, where, hint, remedy."""

    @wraps(tool)
    def answered(*args: Any, **kwargs: Any) -> dict[str, Any]:
        from mcp.server.mcpserver.exceptions import ToolError

        try:
            return tool(*args, **kwargs)
        except QraftError as error:
            raise ToolError(as_text(error)) from error
        except (RecursionError, UnicodeError) as error:
            raise ToolError(as_text(UNREADABLE)) from error

    return answered


UNREADABLE = BadInput("an argument is nested too deep, or holds what is no text")


def as_text(error: QraftError) -> str:
    """Return an error as JSON that every transport can carry, also of what is no text."""
    return json.dumps(error.document())


def worded(failed: ValidationError) -> BadInput:
    """Return what is wrong with a tool's arguments in words, naming no value."""
    details = failed.errors(include_url=False, include_context=False, include_input=False)
    named = [".".join(str(part) for part in detail["loc"]) for detail in details]
    said = [
        f"{name or 'the arguments'}: {detail['msg'][:200]}"
        for name, detail in zip(named, details, strict=True)
    ]
    return BadInput("; ".join(said[:MOST_SAID]), hint="the tool's schema says what it takes")
