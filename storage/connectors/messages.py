"""What we say to a source: subscriptions and addresses with symbols put in, and secrets."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from configs.errors import MissingSecret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskspecs.sources.connection import Secret

_ONE = re.compile(r"\{symbol(:lower)?\}")
_ALL = re.compile(r"\{symbols(:lower)?\}")


def fill(text: str, symbol: str) -> str:
    """Put one symbol into a text.

    Examples
    --------
    >>> fill("/ws/{symbol:lower}@trade", "BTCUSDT")
    '/ws/btcusdt@trade'
    """
    return _ONE.sub(lambda found: symbol.lower() if found[1] else symbol, text)


def fill_all(text: str, symbols: Sequence[str]) -> str:
    """Put all symbols into a text, with commas between."""
    return _ALL.sub(
        lambda found: ",".join(each.lower() if found[1] else each for each in symbols), text
    )


def subscriptions(
    messages: Sequence[str | dict[str, Any]], symbols: Sequence[str], at_once: int
) -> Iterator[str]:
    """Yield the messages that ask for symbols.

    Parameters
    ----------
    messages
        As a document writes them; see `taskspecs.sources.connection`.
    symbols
        As the exchange writes them.
    at_once
        Symbols in one message, at most.

    Examples
    --------
    >>> list(subscriptions([{"op": "sub", "args": ["{symbols}@t"]}], ["A", "B", "C"], 2))
    ['{"op": "sub", "args": ["A@t", "B@t"]}', '{"op": "sub", "args": ["C@t"]}']
    >>> list(subscriptions(["sub {symbol}"], ["A", "B"], 9))
    ['sub A', 'sub B']
    """
    for message in messages:
        written = json.dumps(message)
        if _ONE.search(written):
            for symbol in symbols:
                yield write(_each(message, symbol))
        elif _ALL.search(written):
            for start in range(0, len(symbols), at_once):
                yield write(_together(message, symbols[start : start + at_once]))
        else:
            yield write(message)


def write(message: str | dict[str, Any]) -> str:
    """Return a message as it is sent."""
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)


def revealed(given: Mapping[str, str | Secret]) -> dict[str, str]:
    """Return headers or parameters with their secrets, from the environment.

    Raises
    ------
    MissingSecret
        Naming the variable that is not set.
    """
    return {name: _value(each) for name, each in given.items()}


def _value(each: str | Secret) -> str:
    if isinstance(each, str):
        return each
    found = os.environ.get(each.env)
    if not found:
        raise MissingSecret(
            f"the environment variable {each.env} is not set, and the source needs it",
            next_command=f"export {each.env}=...",
        )
    return found


def _each(value: Any, symbol: str) -> Any:
    if isinstance(value, str):
        return fill(value, symbol)
    if isinstance(value, list):
        return [_each(member, symbol) for member in value]
    if isinstance(value, dict):
        return {key: _each(member, symbol) for key, member in value.items()}
    return value


def _together(value: Any, symbols: Sequence[str]) -> Any:
    if isinstance(value, str):
        return fill_all(value, symbols)
    if isinstance(value, dict):
        return {key: _together(member, symbols) for key, member in value.items()}
    if not isinstance(value, list):
        return value
    members: list[Any] = []
    for member in value:
        if _ALL.search(json.dumps(member)):
            members += [_together(member, [symbol]) for symbol in symbols]
        else:
            members.append(member)
    return members
