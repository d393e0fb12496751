"""The flow of a source: a pure function from the records of its journal to all that is shown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

from configs.errors import BadInput
from storage.journal.record import Kind
from tasks.detection.execution.state import NoState, freeze, thaw
from tasks.streams.documents import keep_every_of, rating_of
from tasks.streams.intake import Intake
from tasks.streams.levels import FirstLevel, SecondLevel
from tasks.streams.order.gaps import FOREVER, NEVER
from tasks.streams.order.ordering import Ordering
from tasks.streams.order.tally import Tally
from tasks.streams.outputs import Outputs
from tasks.streams.watching.watching import Watching
from tasks.streams.windows.windows import Windows
from taskspecs.sources.load import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storage.journal.record import Record
    from tasks.streams.decoder import Decoder
    from taskspecs.sources.spec import SourceSpec

    Make = Callable[[SourceSpec], Decoder]

CLOCKED: Final = frozenset({"websocket", "nsq"})
"""Connections whose events are of the present, so that a tick says that time has passed."""
VERSION: Final = 1
STORED: Final = 0
"""A state is written every few seconds: packing it would take longer than all else."""


class Flow:
    """What is made of a source's journal.

    Records come in their order, in pushes of any size: outputs, put behind each other, are the same
    bytes however the records were cut, frozen and thawed on the way or not. No clock is read, no
    random number drawn.

    Parameters
    ----------
    spec
        The source. A record SPEC with another document takes effect when the window is over that is
        open when it comes; one that is no document is answered, and changes nothing.
    decoder
        Of the source's messages, new.
    make
        Makes the decoder of another document; default `tasks.streams.decoding.make`.
    bars_only
        Whether features, operators on bars and detectors are left out: bars are the same.

    Raises
    ------
    BadInput
        If an operator, an expression or a detector of the document cannot be.

    Notes
    -----
    Look-ahead: what a push returns depends on the records up to its last.
    """

    def __init__(
        self,
        spec: SourceSpec,
        decoder: Decoder,
        make: Make | None = None,
        *,
        bars_only: bool = False,
    ) -> None:
        self._bars_only = bars_only
        self.spec = spec = self._heeded(spec)
        self._make = make or _shipped
        self._tally = Tally()
        self._intake = Intake(decoder, self._tally)
        self._order = Ordering(spec.order, self._tally, clocked=spec.connect.by in CLOCKED)
        self._first = FirstLevel(spec, decoder.scales, self._tally)
        self._windows = Windows(spec, decoder.scales)
        self._second = SecondLevel(spec)
        self._watching = Watching(spec, decoder.scales)
        self._next: SourceSpec | None = None
        self._next_at = FOREVER
        self._out = Outputs()

    def push(self, records: Sequence[Record]) -> Outputs:
        """Take the next records; return what became certain with them."""
        order, intake, take = self._order, self._intake, self._first.take
        for arrival, kind, body in records:
            order.begin(arrival, tick=kind == Kind.TICK)
            if kind == Kind.RAW:
                for event in intake.decode(body, arrival):
                    if (sound := take(event)) is not None:
                        order.take(sound)
            elif kind != Kind.TICK:
                _HANDLERS[kind](self, body)
            if order.watermark >= self._next_at:
                self._reload()
        self._settle()
        return self._returned()

    def finish(self) -> Outputs:
        """Return what is held back, as if nothing came any more: for recordings that are over."""
        self._order.finish()
        self._settle()
        return self._returned()

    def reload(self, spec: SourceSpec) -> None:
        """Let another document take effect when the window that is open now is over.

        Raises
        ------
        BadInput
            If an operator, an expression or a detector of it cannot be; nothing has changed then.
        """
        spec = self._heeded(spec)
        if spec == self.spec:
            self._next, self._next_at = None, FOREVER
            return
        SecondLevel(spec), FirstLevel(spec, self._intake.decoder.scales, Tally())
        Watching(spec, self._intake.decoder.scales)
        self._next = spec
        watermark = self._order.watermark
        self._next_at = NEVER if watermark == NEVER else self._windows.end_of(watermark + 1)
        if watermark == NEVER:
            self._reload()

    def _heeded(self, spec: SourceSpec) -> SourceSpec:
        """Return what this flow follows of a document."""
        return spec.model_copy(update=_NOTHING_MORE) if self._bars_only else spec

    def _reload(self) -> None:
        spec, self._next, self._next_at = self._next, None, FOREVER
        assert spec is not None  # noqa: S101 - for the type: there is a time only with a document
        self._settle()
        if spec.decode != self.spec.decode or spec.symbols != self.spec.symbols:
            self._intake.decoder = self._make(spec)
        scales = self._intake.decoder.scales
        self._order.adopt(spec.order, clocked=spec.connect.by in CLOCKED)
        self._first.adopt(spec, scales)
        self._windows.adopt(spec, scales)
        self._second.adopt(spec)
        self._watching.adopt(spec, scales)
        self.spec = spec
        self._out.replies.append({"about": "spec", "said": "took effect"})

    def _settle(self) -> None:
        """Bring all that may go on through to the end."""
        begun = self._order.count
        events = self._first.pass_on(self._order.take_released())
        crossings = self._order.take_crossings()
        if events:
            self._out.events += [event for _, event in events]
            self._windows.add([event for _, event in events])
            self._watching.watch_events(events, begun)
        bars = self._windows.close(self._order.watermark)
        if bars.height:
            self._out.bars = self._out.bars.vstack(bars)
            refined = self._second.refine(bars)
            self._out.features = self._second.features(self._out.features, refined)
            self._watching.watch_bars(refined, bars["ts"], crossings)

    def _returned(self) -> Outputs:
        out, self._out = self._out, Outputs()
        taken = self._tally.take()
        out.drops, out.late, out.notes = taken.drops, taken.late, taken.notes
        out.gaps, out.wants = taken.gaps, taken.wants
        out.scores, out.patterns, withheld = self._watching.take()
        out.notes += Counter(withheld=withheld)
        out.thresholds = self._watching.thresholds.factors()
        if self._order.watermark != NEVER:
            out.watermark_us = self._order.watermark
            out.lag_us = self._order.now - self._order.watermark
        return out

    def _take_spec(self, body: bytes) -> None:
        try:
            self.reload(restore(body))
        except BadInput as error:
            self._tally.notes["spec_refused"] += 1
            self._out.replies.append({"about": "spec", "said": str(error)})

    def _take_opened(self, _: bytes) -> None:
        self._intake.decoder.opened()
        self._order.regain_line()

    def _take_closed(self, _: bytes) -> None:
        self._order.lose_line()

    def _take_history(self, body: bytes) -> None:
        events, symbol = self._intake.decode_answer(body, self._order.now)
        for event in events:
            if (sound := self._first.take(event)) is not None:
                self._order.take(sound)
        if symbol is not None:
            self._order.heed_answer(symbol)

    def _take_thinned(self, body: bytes) -> None:
        keep_every = keep_every_of(body)
        if keep_every is None:
            self._tally.notes["thinning_refused"] += 1
            return
        self._settle()
        self._watching.thin(keep_every)

    def _take_feedback(self, body: bytes) -> None:
        rating = rating_of(body)
        if rating is None:
            self._tally.notes["feedback_refused"] += 1
            return
        self._settle()
        self._out.replies.append(self._watching.heed(rating))

    def _take_joined(self, body: bytes) -> None:
        self._settle()
        if not self._second.join(body):
            self._tally.notes["join_refused"] += 1

    def freeze(self) -> bytes:
        """Return the state as bytes: plain values and arrays, bounded; it runs no code when read.

        To be taken between pushes.
        """
        if self._order.watermark != NEVER:
            self._windows.put_together(self._order.watermark)
        state = {
            "version": VERSION,
            "bars_only": self._bars_only,
            "spec": self.spec.model_dump_json(),
            "next": None if self._next is None else self._next.model_dump_json(),
            "next_at": self._next_at,
            **{name: getattr(self, f"_{name}").freeze() for name in _PARTS},
        }
        return freeze(state, level=STORED)

    @classmethod
    def thaw(cls, payload: bytes, make: Make | None = None) -> Self:
        """Return the flow that was frozen.

        Raises
        ------
        NoState
            If the bytes are no state of a flow of this version.
        """
        state: Mapping[str, Any] = thaw(payload)
        if not isinstance(state, dict) or state.get("version") != VERSION:
            raise NoState("it is no state of a flow, or one of another version")
        spec = restore(state["spec"].encode())
        flow = cls(spec, (make or _shipped)(spec), make, bars_only=state["bars_only"])
        for name in _PARTS:
            getattr(flow, f"_{name}").thaw(state[name])
        flow._next = restore(state["next"].encode()) if state["next"] else None
        flow._next_at = state["next_at"]
        return flow


_NOTHING_MORE: Final[dict[str, Any]] = {"features": {}, "then": (), "detection": ()}
_PARTS: Final = ("intake", "order", "first", "windows", "second", "watching")
_HANDLERS: Final[Mapping[int, Callable[[Flow, bytes], None]]] = {
    Kind.SPEC: Flow._take_spec,  # noqa: SLF001 - the table of its own methods
    Kind.OPENED: Flow._take_opened,  # noqa: SLF001
    Kind.CLOSED: Flow._take_closed,  # noqa: SLF001
    Kind.HISTORY: Flow._take_history,  # noqa: SLF001
    Kind.THINNED: Flow._take_thinned,  # noqa: SLF001
    Kind.FEEDBACK: Flow._take_feedback,  # noqa: SLF001
    Kind.JOINED: Flow._take_joined,  # noqa: SLF001
}


def _shipped(spec: SourceSpec) -> Decoder:
    from tasks.streams.decoding import make

    decoder: Decoder = make(spec)
    return decoder
