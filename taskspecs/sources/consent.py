"""What a SourceSpec would reach and send, and whether the workspace's person agreed to it.

Whoever may write to a workspace may write a source there. One that names a host would make this
machine call it; one that names a variable of the environment would send its value there. Both are
agreed to once, as settings' endpoints are; see `configs.trust`. What ships is ours, and holds no
secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import Forbidden, Place, QraftError
from configs.trust import CONNECT, Sending, not_agreed
from taskspecs.sources.catalogue import FOLDER, is_shipped, own
from taskspecs.sources.checks import addresses
from taskspecs.sources.connection import PollConnection, Secret, WebSocketConnection
from taskspecs.sources.load import load
from taskspecs.sources.urls import host_of, is_here

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace
    from taskspecs.sources.spec import SourceSpec


def sendings(spec: SourceSpec) -> list[Sending]:
    """Return all that a source would reach, and every secret that it would send there."""
    secrets = _secrets(spec)
    found = []
    for path, url, _ in addresses(spec):
        host, key = host_of(url), f"{FOLDER}/{spec.name}: {'.'.join(map(str, path))}"
        if path == ("connect", "url"):
            found += [Sending(key, variable, host) for variable in secrets]
        if not is_here(url):
            found.append(Sending(key, CONNECT, host))
    return found


def require_consent(spec: SourceSpec, path: Path) -> None:
    """Refuse a source that would reach what nobody agreed to.

    Parameters
    ----------
    path
        The document that it was read from.

    Raises
    ------
    Forbidden
        With the command by which a person agrees.
    """
    if is_shipped(path):
        return
    refused = not_agreed(sendings(spec))
    if refused:
        raise Forbidden(
            f"nobody agreed to this yet: {refused[0]}",
            place=Place(str(path), key=refused[0].setting.rpartition(": ")[2]),
            hint="a workspace's sources are anybody's who may write there; agree once, at a "
            "terminal",
            next_command="qraft trust",
        )


def asked_of(workspace: Workspace) -> list[Sending]:
    """Return what the sources of a workspace ask for and nobody agreed to; broken ones ask nothing
    until they are mended.
    """
    found: list[Sending] = []
    for path in own(workspace).values():
        try:
            spec, _ = load(path)
        except QraftError:
            continue
        found += sendings(spec)
    return not_agreed(list(dict.fromkeys(found)))


def _secrets(spec: SourceSpec) -> list[str]:
    connect = spec.connect
    values: list[str | Secret] = []
    if isinstance(connect, WebSocketConnection | PollConnection):
        values += connect.headers.values()
    if isinstance(connect, PollConnection):
        values += connect.params.values()
    return sorted({value.env for value in values if isinstance(value, Secret)})
