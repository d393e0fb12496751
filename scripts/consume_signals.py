"""What stands between Qraft's live signals and a broker: copy this one file into your engine.

It needs Python 3.11, `cryptography`, and nothing of Qraft. A signal is acted on once, in the order
of time, while it is valid, within the bounds that were approved, and only if a key that you pinned
signed it; all else is refused with the reason. Pin the people's keys too (`signers`), and nobody
can change symbols, bounds or expiry without them, whoever holds the runner's key.

    rules = Rules(keys={"ed25519:..."}, halted=[Path(".qraft/lake/halted/all.json")])
    verdict = Consumer(open_book(Path("book.sqlite")), rules, act).receive(raw, datetime.now(UTC))

`act` is yours: it is called in the transaction that remembers the signal. What this file does when
it is run is to write the wanted weights into a table, from the spool of a workspace, or from lines
on its input:

    consume_signals.py --key KEY --halted .qraft/lake/halted/all.json .qraft/events/events.sqlite
    nsq_tail --topic qraft.signals.live ... | consume_signals.py --key KEY --halted FILE -

`qraft gate runners list` prints the keys of runners, `qraft gate keys list` those of people.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

LARGEST_BYTES = 256 * 1024
SLACK = timedelta(seconds=60)
"""By how much the clocks of two machines may differ."""
ROUNDING = 1e-9
POLL_S = 0.5
BOOK = """
CREATE TABLE IF NOT EXISTS done (
    sha256 TEXT PRIMARY KEY, strategy TEXT, stage TEXT, ts TEXT, sequence TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS wanted (
    strategy TEXT, symbol TEXT, weight REAL, approval TEXT, PRIMARY KEY (strategy, symbol));
"""


class Refused(Exception):
    """Why something is not acted on: a word for programs, a sentence for people."""

    def __init__(self, fault: str, why: str) -> None:
        super().__init__(f"{fault}: {why}")
        self.fault, self.why = fault, why


@dataclass(frozen=True)
class Rules:
    """Whom and what you believe.

    keys        Public keys of runners whose signals you act on; at least one.
    halted      Flag files: while one of them is there, or its folder is away, nothing is acted on.
    stage       `live`, or `paper` to rehearse.
    strategies  As `name@hash`; those alone, where any are named.
    signers     Public keys of the people whose approvals you ask for, as `ed25519:`, `ssh:` or
                `fido2:`; where none are named, the runner is believed about them.
    signatures  How many of those people have to have signed.
    gross, weight
                Your own bounds, as shares of the account: they hold beside what was approved.
    """

    keys: Collection[str]
    halted: Collection[Path] = ()
    stage: str = "live"
    strategies: Collection[str] = ()
    signers: Collection[str] = ()
    signatures: int = 2
    gross: float = math.inf
    weight: float = math.inf


@dataclass(frozen=True)
class Verdict:
    """What became of a message: `acted`, or the fault and why."""

    fault: str
    why: str = ""
    signal: dict[str, Any] | None = None

    @property
    def acted(self) -> bool:
        return self.fault == "acted"


Act = Callable[[sqlite3.Connection, dict[str, Any]], None]


class Consumer:
    """Acts on signals, one after the other; what was acted on is in the book for good."""

    def __init__(self, book: sqlite3.Connection, rules: Rules, act: Act) -> None:
        if not rules.keys:
            raise ValueError("pin at least one runner's key: whose signals would be believed?")
        self.book, self.rules, self.act = book, rules, act

    def receive(self, raw: bytes, now: datetime) -> Verdict:
        """Act on a message, or say why not; that it was done, and doing it, are one transaction."""
        signal: dict[str, Any] | None = None
        self.book.execute("BEGIN IMMEDIATE")
        try:
            signal = read_signal(raw, self.rules.keys)
            check_times(signal, now)
            check_bounds(signal, signal["mandate"])
            check_approvals(signal)
            missed = self._check_new(signal, raw)
            self._check_rules(signal, now)
            self._remember(signal, raw, now)
            self.act(self.book, signal)
        except Refused as refusal:
            self.book.rollback()
            return Verdict(refusal.fault, refusal.why, signal)
        except BaseException:
            self.book.rollback()
            raise
        self.book.commit()
        return Verdict("acted", f"{missed} before it did not arrive" if missed else "", signal)

    def _check_new(self, signal: dict[str, Any], raw: bytes) -> int:
        """Refuse what is no news; return how many signals before it did not arrive."""
        known = "SELECT 1 FROM done WHERE sha256 = ?"
        if self.book.execute(known, (sha256(raw),)).fetchone():
            raise Refused("repeated", "it was acted on before")
        newest = self.book.execute(
            "SELECT ts, sequence FROM done WHERE strategy = ? AND stage = ?"
            " ORDER BY rowid DESC LIMIT 1",
            (signal["strategy"], signal["stage"]),
        )
        for ts, sequence in newest:
            if moment(signal["ts"]) <= moment(ts) or signal["sequence"] <= int(sequence):
                raise Refused("not monotone", f"number {sequence}, of {ts}, was acted on before")
            return int(signal["sequence"]) - int(sequence) - 1
        return 0

    def _check_rules(self, signal: dict[str, Any], now: datetime) -> None:
        rules = self.rules
        if signal["stage"] != rules.stage:
            raise Refused("not ours", f"it is a signal for {signal['stage']}")
        if rules.strategies and signal["strategy"] not in rules.strategies:
            raise Refused("not ours", f"{signal['strategy']} is not among your strategies")
        if rules.signers:
            check_signers(signal, rules.signers, rules.signatures)
        check_bounds(signal, {**signal["mandate"], "gross": rules.gross, "weight": rules.weight})
        ends = ("valid_until", *(("approval_expires",) if signal["stage"] == "live" else ()))
        for name in ends:
            if moment(signal[name]) <= now:
                raise Refused("too late", f"{name} was {signal[name]}")
        for flag in rules.halted:
            check_flag(flag)

    def _remember(self, signal: dict[str, Any], raw: bytes, now: datetime) -> None:
        self.book.execute(
            "INSERT INTO done VALUES (?, ?, ?, ?, ?, ?)",
            (sha256(raw), signal["strategy"], signal["stage"], signal["ts"],
             str(signal["sequence"]), now.isoformat()),
        )  # fmt: skip


def read_signal(raw: bytes, keys: Collection[str]) -> dict[str, Any]:
    """Return what a message says, if it is a signal that one of these keys signed."""
    if len(raw) > LARGEST_BYTES:
        raise Refused("no signal", f"{len(raw)} bytes")
    try:
        value = json.loads(raw, object_pairs_hook=named_once, parse_constant=no_number)
        if canonical(value) != raw:
            raise Refused("no signal", "it is not written in the one way to write it")
    except (ValueError, RecursionError) as error:
        raise Refused("no signal", str(error)[:200]) from error
    if misfit := find_misfit(value, ENVELOPE):
        raise Refused("no signal", f"`{misfit}` is not what it has to be")
    signal: dict[str, Any] = value["payload"]
    about = [signal["strategy"], signal["stage"], signal["ts"]]
    said = (value["event_id"], signal["idempotency_key"], value["source"], value["ts"])
    key = sha256(canonical(about))[:32]
    if said != (key, key, signal["strategy"], signal["ts"]):
        raise Refused("no signal", "its envelope says something else than its payload")
    if signal["key"] not in keys:
        raise Refused("unknown key", f"you did not pin {signal['key']}")
    unsigned = {name: part for name, part in signal.items() if name != "signature"}
    message = canonical({**unsigned, "purpose": "qraft signal 1"})
    if signed_by(signal["key"], signal["signature"], message) is None:
        raise Refused("bad signature", "it is not what its key signed")
    return signal


def check_times(signal: dict[str, Any], now: datetime) -> None:
    if moment(signal["ts"]) > moment(signal["published_at"]):
        raise Refused("from the future", "it was signed before its bar was over")
    if moment(signal["published_at"]) > now + SLACK:
        raise Refused("from the future", f"it is of {signal['published_at']}")


def check_bounds(signal: dict[str, Any], bounds: dict[str, Any]) -> None:
    seen: set[str] = set()
    for target in signal["targets"]:
        symbol, weight = target["symbol"], target["weight"]
        if symbol in seen or symbol not in bounds["symbols"]:
            raise Refused("outside bounds", f"{symbol} is named twice, or was not approved")
        seen.add(symbol)
        if abs(weight) > bounds["weight"] + ROUNDING or (bounds["long_only"] and weight < 0):
            raise Refused("outside bounds", f"{symbol}: {weight:.1%}")
    gross = sum(abs(target["weight"]) for target in signal["targets"])
    if gross > bounds["gross"] + ROUNDING:
        raise Refused("outside bounds", f"{gross:.1%} in all")


def check_approvals(signal: dict[str, Any]) -> None:
    """Hold a signal against the approvals that it carries."""
    given = signal["approvals"]
    said = [each["statement"] for each in given]
    digest = sha256(canonical(given)) if given else ""
    if signal["approval"] != digest or signal["approved_by"] != [each["by"] for each in said]:
        raise Refused("approval not in force", "it names other approvals than it carries")
    if signal["stage"] != "live":
        return
    mandate = sha256(canonical(signal["mandate"]))
    covered = [signal[name] for name in ("strategy", "stage", "spec", "code", "data")]
    for each in said:
        digests = [each["digests"][name] for name in ("spec", "code", "data")]
        if [each["strategy"], each["to"], *digests, each.get("mandate")] != [*covered, mandate]:
            raise Refused("approval not in force", f"{each['by']} approved something else")
    if not said or signal["approval_expires"] != min(each["expires"] for each in said):
        raise Refused("approval not in force", "nobody approved it, or until another time")


def check_signers(signal: dict[str, Any], signers: Collection[str], needed: int) -> None:
    """Ask for the signatures of people whose keys are known here, each once, however written."""
    there = {
        signed_by(each["key"], each["signature"],
                  canonical({"purpose": "qraft approval 1", **each["statement"]}))
        for each in signal["approvals"]
        if each["key"] in signers
    } - {None}  # fmt: skip
    if len(there) < needed:
        raise Refused("approval not in force", f"{len(there)} of {needed} known people signed it")


def check_flag(flag: Path) -> None:
    """Refuse while a halt is in force, or nobody can tell whether it is."""
    try:
        stopped = flag.is_symlink() or flag.exists()
        away = not flag.parent.is_dir()
    except OSError as error:
        raise Refused("halted", f"{flag} cannot be looked for: {error}") from error
    if stopped:
        raise Refused("halted", f"{flag} is there")
    if away:
        raise Refused(
            "halted", f"{flag.parent} is not there: nobody can tell whether all is halted"
        )


def canonical(value: Any) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused("no signal", f"`{text[:40]}` is no time")
    return found


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is named twice")
    return found


def no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


# Signatures, of each kind of key that people have. All of one is checked: it has one form.

NAMESPACE, PARTY = b"qraft-gate", b"gate.qraft"
"""What SSH's and FIDO2's signatures are made for here: those for a login or a site do not fit."""
TOUCHED, VERIFIED, BACKED_UP = 0x01, 0x04, 0x08 | 0x10
"""Flags by which a device says how it was used; the first is always asked for."""
FIELD = 2**255 - 19
EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
WEAK = {0, 1, FIELD - 1, EIGHTH, FIELD - EIGHTH}
"""Under a key of these heights a signature fits any message."""


def signed_by(key: str, signature: str, message: bytes) -> bytes | None:
    """Return the bytes of a key that signed this; two keys with the same ones are one person's."""
    for prefix, read in KINDS.items():
        if key.startswith(prefix):
            try:
                return read(key, signature, message)
            except (InvalidSignature, ValueError):
                return None
    return None


def by_passphrase(key: str, signature: str, message: bytes) -> bytes:
    if not re.fullmatch("[0-9a-f]{128}", signature):
        raise ValueError("no signature of Ed25519")
    return check_ed25519(unwrap("ed25519:", key), bytes.fromhex(signature), message)


def by_ssh(key: str, signature: str, message: bytes) -> bytes:
    """SSHSIG: what is not the signature itself, a device's flags or its count is known before."""
    blob, raw = unwrap("ssh:", key), unwrap("sshsig:", signature)
    plain = blob.startswith(pack(b"ssh-ed25519"))
    kind = pack(b"ssh-ed25519" if plain else b"sk-ssh-ed25519@openssh.com")
    public, application = blob[len(kind) + 4 :][:32], blob[len(kind) + 40 :]
    if blob != kind + pack(public) + (b"" if plain else pack(application)):
        raise ValueError("another kind of key")
    used = b"" if plain else raw[-5:]
    made = raw[: len(raw) - len(used)][-64:]
    purpose = pack(NAMESPACE) + pack(b"") + pack(b"sha512")
    said = b"SSHSIG" + purpose + pack(hashlib.sha512(message).digest())
    answer = pack(kind + pack(made) + used)
    if raw != b"SSHSIG" + (1).to_bytes(4, "big") + pack(blob) + purpose + answer:
        raise ValueError("another signature")
    if used:
        check_touch(used[0], VERIFIED)
        said = hashlib.sha256(application).digest() + used + hashlib.sha256(said).digest()
    return check_ed25519(public, made, said)


def by_fido2(key: str, signature: str, message: bytes) -> bytes:
    """WebAuthn's assertion: digest of the name, flags, count, and the signature."""
    public, raw = unwrap("fido2:", key), unwrap("fido2:", signature, 1_024)
    data, made = raw[:37], raw[37:]
    if not made or data[:32] != hashlib.sha256(PARTY).digest():
        raise ValueError("made for something else")
    check_touch(data[32], VERIFIED | BACKED_UP)
    asked = base64.urlsafe_b64encode(hashlib.sha256(message).digest()).decode().rstrip("=")
    client = {"type": "webauthn.get", "challenge": asked, "origin": "qraft:gate",
              "crossOrigin": False}  # fmt: skip
    client_data = json.dumps(client, separators=(",", ":")).encode()
    said = data + hashlib.sha256(client_data).digest()
    if len(public) != 33:
        return check_ed25519(public, made, said)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    point.verify(made, said, ec.ECDSA(SHA256()))
    return public


KINDS = {"ed25519:": by_passphrase, "ssh:": by_ssh, "fido2:": by_fido2}


def check_ed25519(public: bytes, signature: bytes, message: bytes) -> bytes:
    height = int.from_bytes(public, "little") % 2**255
    if height >= FIELD or height in WEAK:
        raise ValueError("a weak key")
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    return public


def check_touch(flags: int, more: int) -> None:
    if not flags & TOUCHED or flags & ~(TOUCHED | more):
        raise ValueError("nobody touched the device")


def unwrap(prefix: str, text: str, longest: int = 2_048) -> bytes:
    """Return the bytes behind a prefix, if they are written in the one way to write them."""
    raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    if len(text) > longest or text != prefix + base64.b64encode(raw).decode():
        raise ValueError(f"no base 64 behind {prefix}")
    return raw


def pack(part: bytes) -> bytes:
    """Write a string as SSH does."""
    return len(part).to_bytes(4, "big") + part


# The form of a message. A schema is a check of a value, a list of one schema, or a dict of them.


def text(least: int, most: int, pattern: str = "") -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, str)
        and least <= len(value) <= most
        and (not pattern or re.fullmatch(pattern, value) is not None)
    )


def is_time(value: Any) -> bool:
    try:
        found = datetime.fromisoformat(value)
        return found.tzinfo is not None and found.astimezone(UTC).isoformat() == value
    except (ValueError, TypeError, OverflowError):
        return False


def number(least: float) -> Callable[[Any], bool]:
    return lambda value: type(value) is float and math.isfinite(value) and value > least


def count(least: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= least


NAME, TEXT, SHA = text(1, 500), text(0, 20_000), text(64, 64, "[0-9a-f]*")
STATEMENT = {
    **dict.fromkeys(("strategy", "to", "run_id", "by"), NAME),
    **dict.fromkeys(("policy", "given", "expires", "reason"), TEXT),
    "digests": dict.fromkeys(("spec", "code", "data", "evidence"), TEXT),
    "head_seq": count(0), "head_hash": text(0, 256, "[0-9a-f]*"),
}  # fmt: skip
"""What a person signed; what else it says is signed with it."""
PAYLOAD = {
    **dict.fromkeys(("strategy", "run_id", "scores", "idempotency_key"), NAME),
    **dict.fromkeys(("ledger", "spec", "code", "data"), SHA),
    **dict.fromkeys(("ts", "valid_until", "published_at"), is_time),
    "version": lambda value: type(value) is int and value == 1,
    "stage": lambda value: value in ("paper", "live"),
    "sequence": count(1),
    "targets": [{"symbol": NAME, "weight": number(-math.inf)}],
    "absent": [NAME],
    "mandate": {
        "symbols": [NAME], "gross": number(0), "weight": number(0),
        "long_only": lambda value: isinstance(value, bool),
    },
    "approval": text(0, 64, "([0-9a-f]{64})?"),
    "approvals": [{"statement": STATEMENT, "key": TEXT, "signature": TEXT}],
    "approved_by": [NAME],
    "approval_expires": TEXT,
    "key": text(52, 52, "ed25519:[A-Za-z0-9+/]{43}="),
    "signature": text(128, 128, "[0-9a-f]*"),
}  # fmt: skip
ENVELOPE = {
    "event_id": NAME, "type": lambda value: value == "signal", "source": NAME, "ts": is_time,
    "payload": PAYLOAD, "meta": {"version": lambda value: type(value) is int and value == 1},
}  # fmt: skip


def find_misfit(value: Any, schema: Any, where: str = "") -> str:
    """Return the first part that does not fit; empty where all does."""
    if callable(schema):
        return "" if schema(value) else where
    if isinstance(schema, list):
        parts = enumerate(value) if isinstance(value, list) else [(0, None)]
        inner = ((f"{where}[{n}]", part, schema[0]) for n, part in parts)
    else:
        more = isinstance(value, dict) and value.keys() - schema.keys()
        if (
            not isinstance(value, dict)
            or schema.keys() - value.keys()
            or (more and schema is not STATEMENT)
        ):
            return where or "all of it"
        inner = ((f"{where}.{n}".lstrip("."), value[n], each) for n, each in schema.items())
    return next((misfit for at, part, each in inner if (misfit := find_misfit(part, each, at))), "")


# The example: what is wanted is written into a table, and put your orders where `act` is.


def open_book(path: Path) -> sqlite3.Connection:
    """Open what was done so far: it outlives this program, so that nothing is acted on twice."""
    book = sqlite3.connect(path, isolation_level=None)
    book.executescript("PRAGMA synchronous = FULL;" + BOOK)
    return book


def act(book: sqlite3.Connection, signal: dict[str, Any]) -> None:
    """Bring the strategy to the wanted weights; what is not named is not held."""
    book.execute("DELETE FROM wanted WHERE strategy = ?", (signal["strategy"],))
    book.executemany(
        "INSERT INTO wanted VALUES (?, ?, ?, ?)",
        [
            (signal["strategy"], target["symbol"], target["weight"], signal["approval"])
            for target in signal["targets"]
        ],
    )


def messages_of(source: str, topic: str, channel: str, *, once: bool) -> Iterator[bytes]:
    """Yield messages; one of a spool is deleted when the next is asked for."""
    if source == "-":
        yield from (line.rstrip(b"\n") for line in sys.stdin.buffer)
        return
    spool = sqlite3.connect(f"{Path(source).absolute().as_uri()}?mode=rw", uri=True, timeout=30)
    try:
        with spool:
            spool.execute("INSERT OR IGNORE INTO channel VALUES (?, ?)", (topic, channel))
            claim = "UPDATE message SET channel = ? WHERE topic = ? AND channel = ''"
            spool.execute(claim, (channel, topic))
        due = "SELECT id, body FROM message WHERE topic = ? AND channel = ? ORDER BY id LIMIT 1"
        while (found := spool.execute(due, (topic, channel)).fetchone()) or not once:
            if found is None:
                time.sleep(POLL_S)
                continue
            yield found[1]
            with spool:
                spool.execute("DELETE FROM message WHERE id = ?", (found[0],))
    finally:
        spool.close()


def show(verdict: Verdict) -> None:
    about = verdict.signal or {}
    whose = f"{about['strategy']} {about['ts']}: " if about else ""
    print(f"{whose}{verdict.fault}{': ' if verdict.why else ''}{verdict.why}", flush=True)
    for target in about["targets"] if verdict.acted else []:
        print(f"  {target['symbol']} {target['weight']:.1%}", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Act on signals until stopped; with --once, until there are no more."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", help="a workspace's events.sqlite, or - for lines on the input")
    parser.add_argument("--key", action="append", required=True, help="of a runner; repeatable")
    parser.add_argument("--halted", action="append", required=True, type=Path, help="flag file")
    parser.add_argument("--signer", action="append", default=[], help="of a person; repeatable")
    parser.add_argument("--signatures", type=int, default=2, help="how many signers are asked for")
    parser.add_argument("--stage", choices=["live", "paper"], default="live")
    parser.add_argument("--strategy", action="append", default=[], help="only this; repeatable")
    parser.add_argument("--gross", type=float, default=math.inf)
    parser.add_argument("--weight", type=float, default=math.inf)
    parser.add_argument("--book", type=Path, default=Path("book.sqlite"))
    parser.add_argument("--channel", default="execution")
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args(arguments)
    rules = Rules(
        keys=given.key, halted=given.halted, stage=given.stage, strategies=given.strategy,
        signers=given.signer, signatures=given.signatures, gross=given.gross, weight=given.weight,
    )  # fmt: skip
    book = open_book(given.book)
    consumer, topic = Consumer(book, rules, act), f"qraft.signals.{given.stage}"
    handled = 0
    try:
        for raw in messages_of(given.source, topic, given.channel, once=given.once):
            show(consumer.receive(raw, datetime.now(UTC)))
            handled += 1
    except KeyboardInterrupt:
        print("stopped; what was not settled comes again")
    finally:
        print(f"{handled} handled; what is wanted is in the table `wanted` of {given.book}")
        book.close()


if __name__ == "__main__":
    main()
