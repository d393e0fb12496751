"""Answers and errors of tools: data, with the runs that they are about."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from configs.errors import QraftError
from configs.output import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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
    """Let a tool's errors reach the assistant whole: kind, what, where, hint, next command."""

    @wraps(tool)
    def answered(*args: Any, **kwargs: Any) -> dict[str, Any]:
        from mcp.server.mcpserver.exceptions import ToolError

        try:
            return tool(*args, **kwargs)
        except QraftError as error:
            raise ToolError(json.dumps(describe(error), ensure_ascii=False)) from error

    return answered


def describe(error: QraftError) -> dict[str, Any]:
    """Return an error as plain values.

    Examples
    --------
    >>> from configs.errors import BadInput
    >>> describe(BadInput("no such run", next_command="qraft runs list"))["kind"]
    'BadInput'
    """
    place = error.place
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "place": place
        and {"file": place.file, "line": place.line, "column": place.column, "key": place.key},
        "hint": error.hint,
        "next_command": error.next_command,
    }
