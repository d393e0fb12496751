"""The thread that keeps a subscription's connections alive, whatever the rest is busy with."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import Unreachable
from storage.events.nsq.discovery import find_brokers
from storage.events.nsq.waiting import wait_for
from storage.events.nsq.wire import Error, Gone, Wire
from storage.jitter import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from nsq.response import Message, Response

    from storage.events.nsq.address import Address, Host
    from storage.events.nsq.waiting import Open

HEARTBEAT_S = 5.0
SILENT_S = 2.5 * HEARTBEAT_S
"""A broker that was not heard for so long is gone, though its connection seems open."""
LOOK_S = 15.0
"""How often the directories are asked."""
CYCLE_S = 0.25
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0
GOODBYE_S = 2.0
CONNECT_S = 2.0
_HARMLESS = (b"E_FIN_FAILED", b"E_REQ_FAILED", b"E_TOUCH_FAILED")
"""The message's lease had ended: it is delivered again, which its handler must bear anyway."""


@dataclass
class Peer:
    """A broker, and when to call it again."""

    wire: Wire | None = None
    failures: int = 0
    next_call: float = 0.0

    def failed(self) -> None:
        """Call again later, and later still the next time, not all at once."""
        self.wire = None
        pause = min(FIRST_PAUSE_S * 2.0**self.failures, LONGEST_PAUSE_S)
        self.failures += 1
        self.next_call = time.monotonic() + spread(pause, 0.5, 1.0)


class Pump(threading.Thread):
    """Connects, subscribes, answers heartbeats, hands messages on and settles them."""

    def __init__(
        self, address: Address, topic: str, channel: str, *, in_flight: int, lease_s: float,
        arrived: Callable[[list[Message]], None],
    ) -> None:  # fmt: skip
        super().__init__(name=f"nsq {topic}/{channel}", daemon=True)
        self._address = address
        self._topic, self._channel = topic, channel
        self._in_flight = in_flight
        self._lease_ms = int(lease_s * 1000)
        self._arrived = arrived
        self._peers: dict[Host, Peer] = {host: Peer() for host in address.nsqd}
        self._look_at = 0.0
        self._commands: deque[tuple[Wire, bytes]] = deque()
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_in.setblocking(False)
        self._woken = False
        self._ending = False
        self.subscribed = threading.Event()

    def settle(self, wire: Wire, command: bytes) -> None:
        """Send a command about a message; from any thread."""
        self._commands.append((wire, command))
        if not self._woken:
            self._woken = True
            self._wake_out.send(b".")

    def end(self) -> None:
        """Send what waits, say goodbye, close."""
        self._ending = True
        self._wake_out.send(b".")
        self.join()
        self._wake_in.close()
        self._wake_out.close()

    def run(self) -> None:
        """Go round until told to end."""
        while not self._ending:
            self._look_and_call()
            self._cycle(CYCLE_S)
        self._say_goodbye()

    @property
    def wires(self) -> list[Wire]:
        """The connections there are."""
        return [peer.wire for peer in list(self._peers.values()) if peer.wire is not None]

    def _look_and_call(self) -> None:
        now = time.monotonic()
        if self._address.lookupd and now >= self._look_at:
            self._look_at = now + spread(LOOK_S, 0.8, 1.0)
            for host in find_brokers(self._address.lookupd, self._topic):
                self._peers.setdefault(host, Peer())
        called = False
        for host, peer in self._peers.items():
            if peer.wire is None and now >= peer.next_call:
                called |= self._call(host, peer)
        if called:
            self._share_out()

    def _call(self, host: Host, peer: Peer) -> bool:
        try:
            wire = Wire(
                *host, timeout=CONNECT_S, heartbeat_interval=int(HEARTBEAT_S * 1000),
                msg_timeout=self._lease_ms,
            )  # fmt: skip
        except Unreachable:
            peer.failed()
            return False
        wire.nonblocking()
        wire.sub(self._topic.encode(), self._channel.encode())
        peer.wire = wire
        return True

    def _share_out(self) -> None:
        """Share the messages that may be in flight between the brokers."""
        wires = self.wires
        for wire in wires:
            wire.rdy(min(max(1, self._in_flight // len(wires)), wire.max_rdy_count))

    def _cycle(self, wait_s: float) -> None:
        self._take_commands()
        peers = {peer.wire: peer for peer in self._peers.values() if peer.wire is not None}
        wires = list(peers)
        pending = [wire for wire in wires if wire.pending()]
        files: list[Open] = [self._wake_in, *wires]
        readable, writable = wait_for(files, pending, wait_s)
        if self._wake_in in readable:
            self._woken = False
            self._wake_in.recv(4096)
        now = time.monotonic()
        lost = False
        for wire in wires:
            try:
                if wire in readable:
                    self._handle(wire, wire.read())
                elif now - wire.heard > SILENT_S:
                    raise Gone(f"nsqd at {wire.host}:{wire.port} is silent")
                if wire in writable or wire.pending():
                    wire.flush()
            except Unreachable:
                wire.drop()
                peers[wire].failed()
                lost = True
        if lost:
            self._share_out()

    def _take_commands(self) -> None:
        for _ in range(len(self._commands)):
            wire, command = self._commands.popleft()
            if wire.alive():  # else the message has gone back to its queue already
                wire.send(command)

    def _handle(self, wire: Wire, frames: list[Response]) -> None:
        messages = []
        for frame in frames:
            if hasattr(frame, "attempts"):
                messages.append(frame)
            elif frame.data == b"_heartbeat_":
                wire.nop()
            elif isinstance(frame, Error) and not frame.data.startswith(_HARMLESS):
                raise Gone(f"nsqd at {wire.host}:{wire.port}: {frame.data.decode()}")
            elif frame.data == b"OK":
                self._peers[wire.host, wire.port].failures = 0  # it took our subscription
                self.subscribed.set()
        if messages:
            self._arrived(messages)

    def _say_goodbye(self) -> None:
        """Flush, and let nsqd close first: to close on unread messages cuts off what was sent."""
        self._take_commands()
        for wire in self.wires:
            wire.cls()
        deadline = time.monotonic() + GOODBYE_S
        open_wires = self.wires
        while open_wires and (left := deadline - time.monotonic()) > 0:
            waiting = [wire for wire in open_wires if wire.pending()]
            readable, writable = wait_for(open_wires, waiting, left)
            for wire in readable | writable:
                try:
                    frames = wire.read() if wire in readable else []
                    if wire in writable:
                        wire.flush()
                except Unreachable:
                    open_wires.remove(wire)
                    continue
                if any(frame.data == b"CLOSE_WAIT" for frame in frames):
                    open_wires.remove(wire)
        for wire in self.wires:
            wire.drop()
