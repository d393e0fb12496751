"""Who brings bars, by the name that a person gives: a live source, an exchange, a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean
from tasks.sources.history.asking import silent
from tasks.sources.providers.exchange import ExchangeHistory
from tasks.sources.providers.libraries import LIBRARIES
from tasks.streams.decoding import known
from tasks.streams.decoding.formats import FORMATS, HISTORIES
from taskspecs.sources.catalogue import find, own, shipped
from taskspecs.sources.consent import require_consent
from taskspecs.sources.load import load

if TYPE_CHECKING:
    from configs.output import Talk
    from configs.workspace import Workspace
    from tasks.sources.providers.port import Provider


def provider_of(
    name: str, workspace: Workspace, say: Talk = silent
) -> tuple[Provider, tuple[str, ...]]:
    """Return who brings bars, and the symbols that are usual there.

    Parameters
    ----------
    name
        A source by its name or path, an exchange as `binance`, or a library as `yfinance`.

    Raises
    ------
    BadInput
        If there is none of the name, with near matches.
    Forbidden
        If a source of the workspace would reach whom nobody agreed to.
    """
    if name in LIBRARIES:
        return LIBRARIES[name](), ()
    sources = {**shipped(), **own(workspace)}
    if name in HISTORIES and name not in sources:
        name = _candles_of(name)
    elif name not in sources and not name.endswith(".yaml"):
        raise BadInput(
            f"nobody called `{name}` brings bars",
            hint=did_you_mean(name, [*sources, *HISTORIES, *LIBRARIES]),
            next_command="qraft sources list",
        )
    path = find(name, workspace)
    spec, _ = load(path, known())
    require_consent(spec, path)
    return ExchangeHistory(spec, say), spec.symbols


def _candles_of(history: str) -> str:
    """Return the shipped source of an exchange's candles."""
    return next(
        name
        for name, each in FORMATS.items()
        if each.of_candles and each.history is not None and each.history.name == history
    )
