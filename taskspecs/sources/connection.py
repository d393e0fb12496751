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


class WebSocketConnection(Section):
    """A WebSocket that sends messages."""

    by: Literal["websocket"]
    url: _Url
    """`wss://...`; `ws://` on this machine only. `{symbols}` stands for the symbols as the format
    writes them."""
    headers: dict[Header, str | Secret] = Field(default_factory=dict, max_length=32)
    """Headers of the handshake; secrets by the name of an environment variable: `{env: TOKEN}`."""
    subscribe: Annotated[tuple[str | dict[str, Any], ...], Field(max_length=256)] = ()
    """Messages sent once the line is open, texts or objects; `{symbols}` and `{symbol}` in them
    stand for all symbols, or for one message each."""
    heartbeat: Heartbeat | None = None
    """What is sent regularly; default WebSocket pings alone."""
    silent_s: Seconds = 30.0
    """Without a message for so long, the line is held dead and made anew."""
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
    """`https://...`; `http://` on this machine only. `{symbol}` makes one request for each symbol;
    `{since_ms}` stands for the time of the newest event that was seen."""
    headers: dict[Header, str | Secret] = Field(default_factory=dict, max_length=32)
    params: dict[str, str | Secret] = Field(default_factory=dict, max_length=32)
    """What is asked behind the `?`."""
    every_s: Seconds = 60.0
    """Seconds between two requests."""
    timeout_s: Seconds = 30.0
    backoff_s: tuple[Seconds, Seconds] = (1.0, 300.0)
    """The first and the longest wait after a failure; `Retry-After` is heeded."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=256 << 20)] = 16 << 20


class FileConnection(Section):
    """A file that grows, or a folder in which files appear."""

    by: Literal["file"]
    path: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    """A file or a folder in the workspace."""
    pattern: str = "*"
    """Of a folder, the files that count, as `*.jsonl`."""
    records: Literal["lines", "whole"] = "lines"
    """`lines`: each line is a message, the file may grow. `whole`: each file that is complete is
    one."""
    max_message_bytes: Annotated[int, Field(ge=1_024, le=256 << 20)] = 4 << 20


class TopicConnection(Section):
    """A topic of the workspace's bus."""

    by: Literal["nsq"]
    topic: Annotated[str, StringConstraints(pattern=r"^[.a-zA-Z0-9_-]{1,64}$")]
    channel: Annotated[str, StringConstraints(pattern=r"^[.a-zA-Z0-9_-]{1,64}$")] = "qraft"


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
