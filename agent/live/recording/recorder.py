"""The recording process of a source: its connector, its journal, its document, its mail."""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from agent.live.alerting import Alerts, Seen
from agent.live.home import read_json, write_json, write_whole
from agent.live.recording.following import fill_gaps, note_joined
from agent.live.recording.mail import letters
from agent.live.recording.sink import JournalSink, clock_us
from agent.live.telling import tell_alert
from configs.output import talk
from storage.journal.record import Kind
from storage.journal.writer import Writer
from storage.telemetry.lines import record as note
from taskspecs.sources.load import canonical

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agent.live.home import SourceHome
    from agent.live.recording.following import Ask
    from agent.live.recording.reloading import Watched
    from configs.output import Talk
    from taskspecs.sources.spec import SourceSpec

    Connect = Callable[[SourceSpec, JournalSink], Awaitable[None]]
    """Runs a source's connector into a sink; returns where the source has ended."""

LOOK_S: Final = 0.25
STATUS_S: Final = 1.0
WHOLE_AT: Final = 0.5
"""Detection is whole again at this part of the lag at which it is thinned."""


class Recorder:
    """Records one source.

    Parameters
    ----------
    home
        The source's folders.
    watched
        Its document.
    connect
        Runs the connector.
    ask
        Asks the source's history for what is missing.
    first
        The number of the journal's first segment, where there is none.
    """

    def __init__(
        self,
        home: SourceHome,
        watched: Watched,
        connect: Connect,
        *,
        ask: Ask | None = None,
        first: int = 0,
        say: Talk = talk,
    ) -> None:
        self._home, self._watched, self._connect = home, watched, connect
        self._first, self._say, self._ask = first, say, ask
        self._state = "starting"
        self._thinned = int(read_json(home.status("record")).get("keep_every", 1))
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End :meth:`run` soon; call it in its loop."""
        self._stop.set()

    async def run(self) -> None:
        """Record until stopped, or until the source has ended.

        Raises
        ------
        Busy
            If another process records this source.
        Failed
            If the journal cannot be written; what was promised stands.
        """
        with Writer(self._home.journal, first=self._first, say=self._say) as writer:
            async with JournalSink(writer) as sink:
                try:
                    await self._record(sink)
                finally:
                    self._state = "ended"
                    self._write_status(sink)

    async def _record(self, sink: JournalSink) -> None:
        write_whole(self._home.spec, canonical(self._watched.spec))
        await sink.put(Kind.SPEC, canonical(self._watched.spec))
        follow = [("joins", note_joined(self._home, sink, self._spec))]
        if self._ask is not None:
            follow.append(("history", fill_gaps(self._home, sink, self._spec, self._ask)))
        connecting = asyncio.create_task(self._keep_connected(sink), name="connector")
        beside = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("ticks", sink.tick()),
                ("mail", self._take_mail(sink)),
                ("status", self._keep_status(sink)),
                ("alerts", self._alert(sink)),
                ("stop", self._stop.wait()),
                *follow,
            )
        ]
        try:
            done, _ = await asyncio.wait([connecting, *beside], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._stop.set()
            for task in (connecting, *beside):
                task.cancel()
            for task in (connecting, *beside):
                with suppress(asyncio.CancelledError, Exception):
                    await task
        sink.raise_failed()

    def _spec(self) -> SourceSpec:
        return self._watched.spec

    async def _keep_connected(self, sink: JournalSink) -> None:
        """Run the connector; begin it anew where a change of the document asks for that."""
        changes = asyncio.create_task(self._follow_document(sink))
        try:
            while True:
                self._state = "running"
                spec = self._watched.spec
                running = asyncio.ensure_future(self._connect(spec, sink))
                try:
                    while not running.done() and _reaches(self._watched.spec) == _reaches(spec):
                        if changes.done():
                            changes.result()
                        await asyncio.wait([running], timeout=LOOK_S)
                    if running.done():
                        running.result()
                        return
                finally:
                    running.cancel()
                    with suppress(asyncio.CancelledError):
                        await running
        finally:
            changes.cancel()
            with suppress(asyncio.CancelledError):
                await changes

    async def _follow_document(self, sink: JournalSink) -> None:
        async for changed in self._watched.changes(self._stop):
            if self._watched.trouble:
                self._say(f"{self._home.name} goes on as it was: {self._watched.trouble}", "error")
                self._note("stream_document_refused", trouble=self._watched.trouble)
            elif changed:
                write_whole(self._home.spec, canonical(self._watched.spec))
                await sink.put(Kind.SPEC, canonical(self._watched.spec))
                self._say(f"{self._home.name}: its document has changed, and takes effect")
                self._note("stream_document_changed")

    async def _take_mail(self, sink: JournalSink) -> None:
        while True:
            for letter in letters(self._home.mail):
                await sink.put(letter.kind, letter.record_body())
                await sink.durable()
                letter.path.unlink(missing_ok=True)
            await self._thin(sink)
            await asyncio.sleep(LOOK_S)

    async def _alert(self, sink: JournalSink) -> None:
        """Tell the source's operators what begins and what ends; see `alerts` of its document."""
        alerts = Alerts()
        while True:
            flow = read_json(self._home.status("flow"))
            seen = Seen(
                silent_s=(clock_us() - sink.message_us) / 1e6,
                behind_s=float(flow.get("behind_s", 0.0)),
                gaps=int(flow.get("counts", {}).get("gaps", 0)),
            )
            for news in alerts.look(self._watched.spec.alerts, seen):
                self._say(f"{self._home.name}: {news}", "warning" if news.began else "info")
                self._note("stream_alert", **news._asdict())
                await asyncio.to_thread(tell_alert, self._home, news, clock_us())
            await asyncio.sleep(STATUS_S)

    async def _thin(self, sink: JournalSink) -> None:
        """Let detection be thinned while the flow is far behind; that is a record, too."""
        rule = self._watched.spec.thinning
        lag_s = float(read_json(self._home.status("flow")).get("behind_s", 0.0))
        wanted = self._thinned
        if lag_s >= rule.lag_s:
            wanted = rule.keep_every
        elif lag_s < rule.lag_s * WHOLE_AT:
            wanted = 1
        if wanted == self._thinned:
            return
        self._thinned = wanted
        await sink.put(Kind.THINNED, json.dumps({"keep_every": wanted}).encode())
        said = f"one value of {wanted} is looked at" if wanted > 1 else "detection is whole again"
        self._say(f"{self._home.name}: the flow is {lag_s:.0f} s behind: {said}", "warning")
        self._note("stream_thinned", keep_every=wanted, behind_s=lag_s)

    async def _keep_status(self, sink: JournalSink) -> None:
        while True:
            sink.raise_failed()
            self._write_status(sink)
            await asyncio.sleep(STATUS_S)

    def _write_status(self, sink: JournalSink) -> None:
        writer = sink.writer
        status: dict[str, Any] = {
            "pid": os.getpid(),
            "at": time.time(),
            "state": self._state,
            "document": str(self._watched.path),
            "document_trouble": self._watched.trouble,
            "written": list(writer.written),
            "durable": list(writer.durable),
            "newest_us": writer.last_us,
            "keep_every": self._thinned,
            "connections": sink.line.connections if sink.line else 0,
            "line_trouble": sink.line.trouble if sink.line else "",
            "counts": dict(sink.counts),
        }
        write_json(self._home.status("record"), status, synced=False)

    def _note(self, event: str, **facts: Any) -> None:
        note(self._home.workspace, event, source=self._home.name, **facts)


def _reaches(spec: SourceSpec) -> tuple[Any, ...]:
    """Return what of a document concerns its connector."""
    return spec.connect, spec.symbols, spec.decode
