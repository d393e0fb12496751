"""From how a source is reached to what brings its messages: a table, by the kind of connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from configs.errors import BadInput
from taskspecs.sources.connection import (
    FileConnection,
    PollConnection,
    ReplayConnection,
    TopicConnection,
    WebSocketConnection,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from storage.connectors.port import Connector, Resume
    from storage.events.port import Bus
    from storage.journal.record import Record
    from taskspecs.sources.spec import SourceSpec


@dataclass(frozen=True, slots=True)
class Around:
    """What connectors need of the workspace.

    Attributes
    ----------
    root
        The workspace.
    symbols
        What is asked for, as the source writes them.
    bus
        Opens the workspace's bus; for topics.
    journal
        Reads the journal of another source of the workspace by its name; for replays.
    resume
        How far the source's own journal has come; for files.
    """

    root: Path
    symbols: Sequence[str] = ()
    bus: Callable[[], Bus] | None = None
    journal: Callable[[str], Iterable[Record]] | None = None
    resume: Resume | None = None


def open_connector(spec: SourceSpec, around: Around) -> Connector:
    """Return what brings a source's messages; nothing is reached before it is run.

    Raises
    ------
    BadInput
        If what the source names cannot be used in this workspace.
    """
    return _OPENERS[type(spec.connect)](spec.connect, around)


def _websocket(spec: WebSocketConnection, around: Around) -> Connector:
    from storage.connectors.websocket import WebSocketConnector

    return WebSocketConnector(spec, around.symbols)


def _poll(spec: PollConnection, around: Around) -> Connector:
    from storage.connectors.poll import PollConnector

    return PollConnector(spec, around.symbols)


def _file(spec: FileConnection, around: Around) -> Connector:
    from storage.connectors.file import FileConnector

    return FileConnector(spec, around.root, around.resume)


def _topic(spec: TopicConnection, around: Around) -> Connector:
    from storage.connectors.topic import TopicConnector

    if around.bus is None:
        raise BadInput("there is no bus to read the topic from")
    return TopicConnector(spec, around.bus())


def _replay(spec: ReplayConnection, around: Around) -> Connector:
    from storage.connectors.replay import ReplayConnector, read_recording

    root = around.root.resolve()
    path = (root / spec.path).resolve()
    if path.is_file() and path.is_relative_to(root):
        return ReplayConnector(spec, read_recording(path))
    if around.journal is None:
        raise BadInput(f"there is no recording {spec.path!r} in the workspace {root}")
    return ReplayConnector(spec, around.journal(spec.path))


_OPENERS: Final[dict[type, Callable[[Any, Around], Connector]]] = {
    WebSocketConnection: _websocket,
    PollConnection: _poll,
    FileConnection: _file,
    TopicConnection: _topic,
    ReplayConnection: _replay,
}
