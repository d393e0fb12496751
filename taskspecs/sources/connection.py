"""How a source is reached: by WebSocket, by asking, by a file, by a topic, by a journal."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configs.section import Section

Seconds = Annotated[float, Field(gt=0, le=86_400)]
_Url = Annotated[str, StringConstraints(min_length=8, max_length=2_000)]
_Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Header = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-]{1,64}$")]


class Secret(Section):
    """A value that is never written down: the name of the environment variable that holds it."""

    env: _Variable
    """The variable's name, as `EXCHANGE_TOKEN`."""


class Heartbeat(Section):
    """What is sent while nothing else is, so that the other side keeps the line."""

    every_s: Seconds
    """Seconds between two of them."""
    message: str | dict[str, Any]
    """The text, or an object that is sent as JSON."""


class Snapshot(Section):
    """A state that is asked for beside the stream, whose messages only say what changed."""

    url: _Url
    """`https://...`; asked once for each symbol, which is `{symbol}` in it."""
    after_s: Annotated[float, Field(ge=0, le=3_600)] = 1.0
    """So long after the line was opened, for what comes meanwhile to be on hand."""
    every_s: Seconds | None = None
    """Asked again so often; default only when a line is new."""
    pause_s: Annotated[float, Field(ge=0, le=60)] = 0.2
    """Seconds between the requests of two symbols."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=64 << 20)] = 4 << 20
    """Longer answers are refused."""


class WebSocketConnection(Section):
    """A WebSocket that sends messages."""

    by: Literal["websocket"]
    url: _Url
    """`wss://...`; `ws://` on this machine only. `{symbols}` stands for the symbols as the format
    writes them."""
    headers: dict[Header, Secret | str] = Field(default_factory=dict, max_length=32)
    """Headers of the handshake; secrets by the name of an environment variable: `{env: TOKEN}`."""
    subscribe: Annotated[tuple[str | dict[str, Any], ...], Field(max_length=256)] = ()
    """Messages sent once the line is open, texts or objects. `{symbol}` in one makes it one message
    for each symbol; a member of a list with `{symbols}` stands there once for each, and elsewhere
    `{symbols}` is all of them with commas between. `{symbol:lower}` is in lower case."""
    symbols_per_message: Annotated[int, Field(ge=1, le=5_000)] = 100
    """Symbols that `{symbols}` stands for at most; the message is repeated for the rest."""
    message_pause_s: Annotated[float, Field(ge=0, le=60)] = 0.25
    """Seconds between two messages of ours."""
    snapshot: Snapshot | None = None
    """What is asked by HTTP when a line is new, for formats that need it."""
    heartbeat: Heartbeat | None = None
    """What is sent regularly; default WebSocket pings alone."""
    silent_s: Seconds = 30.0
    """Without a message for so long, the line is held dead and made anew."""
    not_data: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=2, max_length=100)], ...],
        Field(max_length=16),
    ] = ()
    """Short messages with one of these texts in them, as answers to heartbeats, do not count as
    messages for `silent_s`."""
    min_uptime_s: Annotated[float, Field(ge=0, le=3_600)] = 10.0
    """A line must have lived so long before the wait for the next one starts small again."""
    backoff_s: tuple[Seconds, Seconds] = (1.0, 60.0)
    """The first and the longest wait before a line is made again; doubled each time, with
    jitter."""
    lifetime_s: Annotated[float, Field(gt=0, le=864_000)] | None = None
    """The line is renewed after so long, before the other side ends it, as 85,800 for Binance."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=64 << 20)] = 4 << 20
    """Larger messages end the line."""

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        if self.backoff_s[0] > self.backoff_s[1]:
            raise ValueError("`backoff_s` is the first and the longest wait: the first is longer")
        return self


class PollConnection(Section):
    """An address that is asked again and again."""

    by: Literal["poll"]
    url: _Url
    """`https://...`; `http://` on this machine only. `{symbol}` makes one request for each
    symbol."""
    headers: dict[Header, Secret | str] = Field(default_factory=dict, max_length=32)
    """Headers of each request; secrets by the name of an environment variable: `{env: TOKEN}`."""
    params: dict[str, Secret | str] = Field(default_factory=dict, max_length=32)
    """What is asked behind the `?`."""
    every_s: Seconds = 60.0
    """Seconds from one round of requests to the next."""
    pause_s: Annotated[float, Field(ge=0, le=3_600)] = 0.5
    """Seconds between the requests of two symbols."""
    timeout_s: Seconds = 30.0
    """Seconds after which a request is given up."""
    backoff_s: tuple[Seconds, Seconds] = (1.0, 300.0)
    """The first and the longest wait after a failure; `Retry-After` is heeded."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=256 << 20)] = 16 << 20
    """Longer answers are refused."""


class FileConnection(Section):
    """A file that grows, or a folder in which files appear."""

    by: Literal["file"]
    path: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    """A file or a folder in the workspace."""
    pattern: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00]{1,200}$")] = "*"
    """Of a folder, the files that count, as `*.jsonl`."""
    records: Literal["lines", "whole"] = "lines"
    """`lines`: each line is a message, the file may grow. `whole`: each file that is complete is
    one."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=256 << 20)] = 4 << 20
    """Longer messages are passed over, and said."""


class TopicConnection(Section):
    """A topic of the workspace's bus."""

    by: Literal["nsq"]
    topic: Annotated[str, StringConstraints(pattern=r"^[.a-zA-Z0-9_-]{1,64}$")]
    """The topic's name."""
    channel: Annotated[str, StringConstraints(pattern=r"^[.a-zA-Z0-9_-]{1,64}$")] = "qraft"
    """The channel; sources of one channel share the messages between them."""


class ReplayConnection(Section):
    """What another source's journal, or a recording, says, again."""

    by: Literal["replay"]
    path: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    """The name of a source of this workspace, or a recording's file in it."""
    speed: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """How many times faster than it was; default as fast as it goes."""


Connection = Annotated[
    WebSocketConnection | PollConnection | FileConnection | TopicConnection | ReplayConnection,
    Field(discriminator="by"),
]
