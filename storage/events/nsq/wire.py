"""One connection to nsqd that notices when the other side is gone."""

from __future__ import annotations

import json
import logging
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from configs.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_before = set(logging.getLogger("nsq").handlers)
from nsq import constants, util  # noqa: E402
from nsq.connection import Connection  # noqa: E402
from nsq.response import Error, Response  # noqa: E402

# Imported, nsq-py logs every connection to standard error; what matters is raised by us.
for _handler in set(logging.getLogger("nsq").handlers) - _before:
    logging.getLogger("nsq").removeHandler(_handler)
logging.getLogger("nsq").addHandler(logging.NullHandler())
logging.getLogger("nsq").propagate = False

CONNECT_S = 5.0
_CHUNK_BYTES = 1 << 18
_SIZE = struct.Struct(">l")
_LARGEST_FRAME = 16 << 20
"""No frame of ours is larger: a length beyond it means that this is not nsqd."""


class Gone(Unreachable):
    """The other side closed the connection, or stopped speaking NSQ."""


class Wire(Connection):  # type: ignore[misc]  # nsq-py carries no types
    """A connection of nsq-py with its own socket handling replaced.

    Parameters
    ----------
    host, port
        Of nsqd.
    timeout
        Seconds within which it must take the connection and answer to our name.
    options
        Of NSQ's command IDENTIFY.

    Raises
    ------
    Unreachable
        If nobody answers in time.
    """

    def __init__(self, host: str, port: int, *, timeout: float = CONNECT_S, **options: Any) -> None:
        self._buffer = b""
        self.heard = time.monotonic()
        super().__init__(host, port, timeout=timeout, **options)

    def connect(self, force: bool = False) -> bool:
        """Connect, introduce ourselves, and wait for the answer; never for ever."""
        self._reset()
        try:
            self._socket = socket.create_connection((self.host, self.port), timeout=self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            about = util.pack(json.dumps(self._identify_options).encode())
            self._socket.sendall(constants.MAGIC_V2 + constants.IDENTIFY + constants.NL + about)
            self.identified(self.answer(self._timeout))
        except OSError as error:
            self.drop()
            raise Unreachable(
                f"nsqd at {self.host}:{self.port} does not answer: {error}"
            ) from error
        except BaseException:
            self.drop()
            raise
        return True

    def ask(self, topic: bytes, bodies: Sequence[bytes], timeout_s: float) -> Response:
        """Publish messages on a blocking socket, and return the answer."""
        self._socket.settimeout(timeout_s)
        self.mpub(topic, *bodies)
        return self.answer(timeout_s)

    def nonblocking(self) -> None:
        """From here on commands wait in :meth:`pending` until :meth:`flush` sends them."""
        self._blocking = 0
        self._socket.setblocking(False)

    def answer(self, timeout_s: float) -> Response:
        """Wait for one answer on a blocking socket.

        Raises
        ------
        Unreachable
            If none comes in time, or the other side is gone.
        """
        deadline = time.monotonic() + timeout_s
        while not (found := self._frames(1)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unreachable(f"nsqd at {self.host}:{self.port} did not answer in time")
            self._socket.settimeout(left)
            try:
                self._take()
            except OSError as error:
                raise Gone(f"nsqd at {self.host}:{self.port}: {error}") from error
        return found[0]

    def read(self) -> list[Response]:
        """Return what came since the last time; for a non-blocking socket.

        Raises
        ------
        Gone
            If the other side is gone.
        """
        try:
            self._take()
        except BlockingIOError:
            return []
        except OSError as error:
            raise Gone(f"nsqd at {self.host}:{self.port}: {error}") from error
        return self._frames()

    def flush(self) -> int:
        """Send some of what waits; what the socket does not take stays, once."""
        data = b"".join(self._pending)
        self._pending.clear()
        try:
            sent = int(self._socket.send(data))
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise Gone(f"nsqd at {self.host}:{self.port}: {error}") from error
        if sent < len(data):
            self._pending.appendleft(data[sent:])
        return sent

    def drop(self) -> None:
        """Close without another word."""
        if self._socket is not None:
            self._socket.close()
        self._reset()

    def _take(self) -> None:
        chunk = self._socket.recv(_CHUNK_BYTES)
        if not chunk:
            raise Gone(f"nsqd at {self.host}:{self.port} closed the connection")
        self.heard = time.monotonic()
        self._buffer += chunk

    def _frames(self, at_most: int | None = None) -> list[Response]:
        """Cut whole frames off the front of what was received."""
        buffer, start = bytes(self._buffer), 0
        found: list[Response] = []
        make: Callable[..., Response] = Response.from_raw
        while len(buffer) - start >= _SIZE.size and (at_most is None or len(found) < at_most):
            (size,) = _SIZE.unpack_from(buffer, start)
            if not _SIZE.size <= size <= _LARGEST_FRAME:
                raise Gone(f"what answers at {self.host}:{self.port} does not speak NSQ")
            end = start + _SIZE.size + size
            if end > len(buffer):
                break
            try:
                found.append(make(self, buffer[start + _SIZE.size : end]))
            except (TypeError, struct.error) as error:
                raise Gone(f"what answers at {self.host}:{self.port} does not speak NSQ") from error
            start = end
        self._buffer = buffer[start:]
        return found


__all__ = ["CONNECT_S", "Error", "Gone", "Response", "Wire"]
