"""Texts from data made harmless where they meet a script element or a plot."""

from __future__ import annotations

import html
import json
from typing import Any


def script_json(value: Any) -> str:
    r"""Write JSON that may stand inside a script element whatever texts it holds.

    Examples
    --------
    >>> script_json({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(array: Any) -> list[Any]:
    """Turn an array that plotly left as it is (an empty one) into a list."""
    values: list[Any] = array.tolist()
    return values


def plot_text(text: str, most: int = 120) -> str:
    """Make a text harmless where plotly.js reads mark-up, and short enough to show.

    Examples
    --------
    >>> plot_text("<b>x</b>")
    '&lt;b&gt;x&lt;/b&gt;'
    """
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return html.escape(" ".join(shown.split()), quote=False)
