"""Where a value stands in a message: keys of objects, and places in lists, as `data.0.p`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tasks.streams.event import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

ABSENT: Final = object()
"""What is found where there is nothing."""
MOST_BITS: Final = 200
"""Of a whole number; a longer one is none that counts."""


def value_at(path: str) -> Callable[[Any], Any]:
    """Return what finds a value in a message; `ABSENT` where there is none.

    Examples
    --------
    >>> value_at("data.0.p")({"data": [{"p": 1}]})
    1
    """
    if "." not in path and not path.isdigit():
        return lambda told: told.get(path, ABSENT) if type(told) is dict else ABSENT
    parts = path.split(".")

    def find(told: Any) -> Any:
        for part in parts:
            if isinstance(told, dict):
                told = told.get(part, ABSENT)
            elif isinstance(told, list) and part.isdigit() and int(part) < len(told):
                told = told[int(part)]
            else:
                return ABSENT
        return told

    return find


def text_at(path: str, what: str) -> Callable[[Any], str]:
    """Return what finds a text, or a number as it is written.

    Parameters
    ----------
    what
        The reason for which a message is malformed that has something else there.
    """
    if "." in path or path.isdigit():
        find = value_at(path)
        return lambda told: _text(find(told), what)

    def text(told: Any) -> str:
        value = told.get(path, ABSENT) if type(told) is dict else ABSENT
        return value if type(value) is str else _text(value, what)

    return text


def _text(value: Any, what: str) -> str:
    if isinstance(value, str):
        return value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and value.bit_length() <= MOST_BITS:
        return str(value)
    raise Malformed("missing" if value is ABSENT else what, f"no {what} where one should be")
