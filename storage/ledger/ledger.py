"""The ledger: what counts of a log, and the way to add to it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from configs.errors import BadInput, Damaged, Forbidden, QraftError, did_you_mean
from configs.remedies import Mend
from storage.lake.objects import AlreadyExists, FolderObjects
from storage.ledger.bodies import KINDS, flaw_of
from storage.ledger.checkpoint import Checkpoint, Pin
from storage.ledger.clocks import APART, Told, Witnesses, out_of_bounds
from storage.ledger.entry import FOLDER, Entry, Head, follow, read_slots
from storage.ledger.evidence import KeptEvidence
from storage.ledger.inspection import inspect_each
from storage.ledger.kill_switch import Brake, Mark
from storage.ledger.log import HINTS, Log
from storage.ledger.runner import installed_runner, state_folder
from storage.ledger.trust import CLOCK, REVOCATION, TIGHTENING, Trust, judge
from storage.ledger.verification import Problem, Verdict, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from storage.lake.objects import ObjectStore
    from storage.ledger.runner import Runner
    from storage.ledger.versions import Versions


TIMELESS = TIGHTENING | {REVOCATION}
"""Kinds that are written whatever the clock says: what only takes away waits for nobody."""

REPEATABLE = frozenset({"data", "trial", "outcome", "proposal", "feedback", "check"})
"""Kinds that a run can write again: a ledger of these alone is no loss but for what it counted."""


class Entries(list[Entry]):
    """Entries as they are to be read, the oldest first, and the brake beside the ledger.

    An entry that counts for nothing stands at its place without its content, under the kind
    `storage.ledger.entry.VOID`: whoever looks for a kind does not meet it.
    """

    def __init__(self, entries: Sequence[Entry] = (), mark: Entry | None = None) -> None:
        super().__init__(entries)
        self.mark = mark
        """The brake, if it is pulled, as the entry that it stands for."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Entries: ...
    def __getitem__(self, place: Any) -> Any:
        """Return an entry, or a part of them under the same brake."""
        found = super().__getitem__(place)
        return Entries(found, self.mark) if isinstance(place, slice) else found


def _now() -> datetime:
    return datetime.now(UTC)


def _no_doubt(_: datetime) -> str:
    return ""


class Ledger:
    """The entries below ``ledger/`` of an object store, of which those count that somebody signed.

    Parameters
    ----------
    store
        Where the objects are.
    clock
        Tells the time, UTC; default this machine's, which is held against others.
    runner
        Signs what is added; default this installation's, made at its first use.
    place
        What the ledger is known by outside, as a URL; default the folder's. A store without a place
        is not remembered.
    say
        Told once, in a sentence, what a person should know of a ledger that is new here.

    Examples
    --------
    >>> from storage.lake.objects import MemoryObjects
    >>> ledger = Ledger(MemoryObjects())
    >>> halt = {"strategy": "*", "reason": "stop"}
    >>> ledger.append("halt", halt, actor="ann").seq
    1
    >>> ledger.verify().ok
    True
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        clock: Callable[[], datetime] | None = None,
        runner: Runner | None = None,
        place: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        if place is None and isinstance(store, FolderObjects):
            place = (store.root / FOLDER).as_uri()
        self._store = store
        self._clock = clock or _now
        self._witness = Witnesses(store).doubt if clock is None else _no_doubt
        self._runner = runner
        self._say = say or (lambda _: None)
        self.checkpoint = Checkpoint(place) if place else None
        own = state_folder() / "halted" / self.checkpoint.name if self.checkpoint else None
        self.brake = Brake(store, own)
        self._lock = RLock()
        self._accepted = False
        self._holders = 0
        self._behind = self._brake_behind = True
        self._mark: Mark | None = None
        self._forget()

    def _forget(self) -> None:
        self._log = Log(self._store, self.checkpoint)
        self._trust: Trust | None = None
        self._read: list[Entry] = []
        self._void: dict[int, str] = {}

    @property
    def id(self) -> str:
        """The ledger's id: the hash of its first entry; empty where there is none."""
        self.entries()
        return self._log.id

    @property
    def evidence(self) -> KeptEvidence:
        """What is kept beside the ledger for as long as it stands."""
        return KeptEvidence(self._store)

    def stored(self) -> dict[int, bytes]:
        """Read everything anew: number and bytes of each entry, whatever they are."""
        return self._log.stored()[0]

    @property
    def runner(self) -> Runner:
        """Who signs what is added."""
        if self._runner is None:
            self._runner = installed_runner()
        return self._runner

    @property
    def trust(self) -> Trust:
        """What is believed of the ledger, as it was read last."""
        self.entries()
        return self._believed()

    @property
    def versions(self) -> Versions:
        """The versions of the policy, as they were read last."""
        return self.trust.versions

    @contextmanager
    def held(self) -> Iterator[None]:
        """Read the ledger once for all that is asked within, as for the length of a command.

        What this object adds is seen at once; what others add, and the brake, where
        :meth:`catch_up` is called, and where another writer was quicker with an entry. So what is
        added within is as safe as outside: a number is given once, and `unless` is asked again.
        """
        with self._lock:
            if not self._holders:
                self.catch_up()
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1

    def catch_up(self) -> None:
        """Let the next who asks read on, also within :meth:`held`."""
        with self._lock:
            self._behind = self._brake_behind = True

    def append(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        actor: str,
        unless: Callable[[Sequence[Entry]], bool] | None = None,
    ) -> Entry | None:
        """Add an entry, unless the entries before it forbid it.

        The check and the addition are one step: whatever another writer adds in between is seen by
        `unless` before the entry is added.

        Parameters
        ----------
        kind
            One of `storage.ledger.bodies.KINDS`.
        body
            JSON values that fit the kind's model.
        actor
            Who says so.
        unless
            Looks at all entries so far; if it returns true, nothing is added.

        Returns
        -------
        Entry or None
            The new entry, or None where `unless` held.

        Raises
        ------
        BadInput
            If the kind is unknown or the body does not fit it.
        Forbidden
            If it would count for nothing: nobody known would have signed it. If the clock is out:
            what only takes away is written then under the newest time that is believed.
        Damaged
            If the ledger is not whole; nothing is added to such a ledger.
        """
        if kind not in KINDS:
            raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))
        while True:
            known = self.entries()
            if unless is not None and unless(known):
                return None
            entry = self._next(known, kind, body, actor)
            self._refuse_worthless(entry)
            try:
                self._log.put(entry)
            except AlreadyExists:
                self.catch_up()
                continue
            self._take_up()
            self._keep()
            self.brake.set_aside()
            return entry

    @overload
    def entries(self) -> Entries: ...
    @overload
    def entries(self, kind: str) -> list[Entry]: ...
    def entries(self, kind: str | None = None) -> list[Entry]:
        """Return all entries as they are to be read, or those of one kind, the oldest first.

        Raises
        ------
        Damaged
            If an entry was changed, is missing, or does not follow the one before it; if entries
            that this installation saw are gone.
        """
        with self._lock:
            if self._trust is None:
                self._open()
            elif self._behind or not self._holders:
                self._log.catch_up()
            self._behind = False
            if self._take_up():
                self._keep()
            if kind is not None:
                return [entry for entry in self._read if entry.kind == kind]
            if self._brake_behind or not self._holders:
                self._mark = self.brake.pulled()
                self._brake_behind = False
            return Entries(self._read, self._mark.to_entry() if self._mark else None)

    def written(self) -> list[tuple[Entry, str]]:
        """Return all entries as they were written, and why which do not count; for people to see.

        No decision may rest on them.
        """
        self.entries()
        return [(entry, self._void.get(entry.seq, "")) for entry, _ in self._log.known]

    def void(self) -> dict[int, str]:
        """Return the numbers of entries that count for nothing, and why."""
        self.entries()
        return dict(self._void)

    def head(self) -> Head:
        """Return the newest entry's number and hash; number 0 for a ledger without entries."""
        self.entries()
        return self._log.head

    def halt_at_once(self, *, reason: str, actor: str) -> list[str]:
        """Pull the brake; return where the mark could not be made. The ledger is not asked."""
        at = self._clock().astimezone(UTC).isoformat(timespec="microseconds")
        return self.brake.pull(Mark(at, actor, reason))

    def accept(self) -> Pin | None:
        """Take the ledger as it is, where what this installation saw of it is gone.

        Only a person may ask for it. Return what was seen before.
        """
        pin = self.checkpoint.pin() if self.checkpoint else None
        if self.checkpoint is not None and pin is not None:
            self.checkpoint.give_up(pin)
        self._forget()
        self._accepted = True
        return pin

    def verify(self, *heads: Head) -> Verdict:
        """Read everything anew and name whatever is changed, missing, replaced or reordered.

        Parameters
        ----------
        heads
            Heads exported earlier, all of which are looked at; what this installation saw itself is
            looked at in any case.
        """
        stored, foreign = self._log.stored()
        verdict = verify(stored, foreign, heads=heads)
        problems = list(verdict.problems)
        if loss := self._log.loss():
            problems.append(Problem(loss.fault, FOLDER, loss.meaning))
        flagged: Mapping[str, str] = getattr(self._store, "flagged", {})
        problems += [Problem("versions", path, why) for path, why in sorted(flagged.items())]
        slots = read_slots(stored)
        ledger = slots[1].entry.hash if 1 in slots else ""
        known = inspect_each((slot, ledger if n > 1 else "") for n, slot in slots.items())
        _, _, void = judge(list(known))
        return Verdict(verdict.entries, verdict.head, tuple(problems), tuple(sorted(void.items())))

    def _next(
        self, known: Sequence[Entry], kind: str, body: Mapping[str, Any], actor: str
    ) -> Entry:
        at = self._time_of(kind).isoformat(timespec="microseconds")
        head = known[-1].head if known else Head()
        try:
            entry = follow(
                head, kind=kind, at=at, actor=actor, body=body,
                runner=self.runner, ledger=self._log.id,
            )  # fmt: skip
        except (TypeError, ValueError) as error:
            raise BadInput(f"the body of this {kind} is not JSON", hint=str(error)) from error
        if why := flaw_of(kind, entry.body):
            raise BadInput(f"the ledger does not take this {kind}: {why}")
        return entry

    def ahead(self) -> str:
        """Say in a sentence that the ledger's time is ahead of the clock; empty where it is not."""
        self.entries()
        now, told = self._clock().astimezone(UTC), self._told()
        if told.newest is None or told.newest - now <= APART:
            return ""
        return (
            f"an entry is of {told.newest:%Y-%m-%d %H:%M:%S} UTC, and the clock says "
            f"{now:%Y-%m-%d %H:%M:%S}: one of the two clocks is wrong"
        )

    def _told(self) -> Told:
        trust = self._believed()
        newest, word = (
            datetime.fromisoformat(text) if text else None for text in (trust.latest, trust.word)
        )
        return Told(newest, word, trust.versions.current is not None)

    def _time_of(self, kind: str) -> datetime:
        """Tell the time under which an entry is written, if the clock can be believed."""
        at, told = self._clock().astimezone(UTC), self._told()
        why = "" if kind == CLOCK else out_of_bounds(at, told, self._witness)
        if not why:
            return at
        if kind in TIMELESS:
            return told.newest or at
        raise Forbidden(
            f"this machine's clock says {at:%Y-%m-%d %H:%M:%S} UTC, and {why}; nothing was written",
            hint="set the clock right; halting works with any clock",
            remedy=Mend.RESET_CLOCK(),
        )

    def _refuse_worthless(self, entry: Entry) -> None:
        """Refuse what would count for nothing: it is told now, not found out later."""
        why = self._believed().would_doubt(entry)
        if not why:
            return
        first = "of the first edition" in why
        raise Forbidden(
            f"nothing can be added to this ledger from here: {why}",
            hint=None if first else (
                f"this machine's runner is {self.runner.public}; whoever may sign enrols it, once"
            ),
            remedy=Mend.MIGRATE_LEDGER() if first else Mend.ENROL_RUNNER(),
        )  # fmt: skip

    def _believed(self) -> Trust:
        return self._trust or Trust()

    def _take_up(self) -> bool:
        """Judge what was read since; return whether there was anything."""
        with self._lock:
            fresh = self._log.known[len(self._read) :]
            if not fresh and self._trust is not None:
                return False
            if self._trust is None:
                self._judge_all()
                return True
            for known in fresh:
                entry, why = self._trust.take(*known)
                self._read.append(entry)
                if why:
                    self._void[entry.seq] = why
            if self._trust.looks_back or any(entry.kind == "migration" for entry, _ in fresh):
                self._judge_all()
            return True

    def _judge_all(self) -> None:
        self._trust, self._read, self._void = judge(self._log.known)

    def _keep(self) -> None:
        """Remember what was seen, outside the workspace; a folder that is read-only keeps less."""
        known = self._log.known
        if self.checkpoint is None or not known:
            return
        head, founder = self._log.head, self._believed().founder
        pin = Pin(self.checkpoint.place, self._log.id, head.seq, head.hash, founder)
        with suppress(OSError, RecursionError):
            self.checkpoint.keep(pin, known)

    def _open(self) -> None:
        """Read a ledger that was not opened yet, if it is the one that was seen here."""
        self._begin_anew_where_nothing_is_lost()
        pin = self.checkpoint.pin() if self.checkpoint else None
        self._log.catch_up()
        if self.checkpoint is None or not self._log.known:
            return
        self._judge_all()
        if pin is not None and pin.seq:
            self._refuse_founder(pin)
        elif not self._accepted:
            self._refuse_old_copy()
        founder = self._believed().founder
        if founder and not (pin and pin.founder == founder):
            with suppress(QraftError):
                self._tell_founder(founder)
        self._keep()

    def _tell_founder(self, founder: str) -> None:
        if founder != self.runner.public:
            self._say(
                f"this ledger is new to this machine; it was begun by the runner {founder}, "
                "which is believed from now on"
            )

    def _begin_anew_where_nothing_is_lost(self) -> None:
        """Let a person delete a workspace in which nobody decided anything; say so."""
        loss = self._log.loss()
        if loss is None or loss.fault not in {"gone", "replaced"} or self.checkpoint is None:
            return
        pin = self.checkpoint.pin()
        kept = self.checkpoint.entries(pin) if pin else []
        if pin and kept and all(entry.kind in REPEATABLE for entry, _ in kept):
            self.checkpoint.give_up(pin)
            self._log = Log(self._store, self.checkpoint)
            self._say(f"{loss.meaning}, and no decision; another one begins")

    def _refuse_founder(self, pin: Pin) -> None:
        """Refuse a ledger of the first edition that somebody else migrated."""
        founder = self._believed().founder
        if founder in {pin.founder, ""} or (not pin.founder and founder == self.runner.public):
            return
        self._forget()
        raise Forbidden(
            f"this ledger was migrated by a runner that is not known here: {founder}",
            hint="if it is a colleague's, take it as it is",
            remedy=Mend.ACCEPT_HEAD(),
        )

    def _refuse_old_copy(self) -> None:
        """Refuse a copy of a ledger that is known elsewhere, and goes on there."""
        assert self.checkpoint is not None  # noqa: S101 - asked for before
        others = self.checkpoint.others(self._log.id)
        head = self._log.head
        hashes = {entry.hash for entry, _ in self._log.known}
        if not others or any(pin.hash in hashes for pin in others):
            return
        newest = max(others, key=lambda pin: pin.seq)
        self._forget()
        raise Damaged(
            f"this is an old copy of the ledger at {newest.place}: it ends at entry {head.seq}, "
            f"and {newest.seq} entries were seen there",
            hint=HINTS["truncated"],
            remedy=Mend.ACCEPT_HEAD(),
        )
