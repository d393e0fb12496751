"""Signatures by each kind of key that people have: the gate and the consumer's one file agree.

What neither may take is made by keys in software that sign whatever they are told.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.keys.public import material, signature_fits
from configs.keys.signers import ed25519, fido2, ssh
from configs.keys.signers.ssh import pack
from gate.deciding.approving import Approver
from gate.signals.envelope import read_envelope, seal
from gate.signals.rules import Fault
from taskspecs.identity import digest
from tests.office import START, STUDY, Office, private_key, public_key
from tests.signalling import Desk, load_consumer, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MESSAGE = b"qraft approval 1: go"
consumer = load_consumer()


def both_take(key: str, signature: str, message: bytes = MESSAGE) -> bool:
    """Ask both; they agree, and on whose key it is."""
    found = consumer.signed_by(key, signature, message)
    assert (found is not None) == signature_fits(key, signature, message), (key, signature)
    assert found is None or found == material(key)
    return found is not None


def plain(person: str, message: bytes = MESSAGE) -> tuple[str, str]:
    return public_key(person), private_key(person).sign(message).hex()


def on_ssh(
    person: str, message: bytes = MESSAGE, *, device: bool = False, flags: int = 1,
    namespace: bytes = b"qraft-gate", reserved: bytes = b"", algorithm: str = "sha512",
    application: bytes = b"ssh:", at: bytes | None = None, blob: bytes = b"",
) -> tuple[str, str]:  # fmt: skip
    """Sign as an agent does, for any purpose.

    `at` is the application that the device signs for, `blob` how the key is written.
    """
    private = private_key(person)
    kind = ssh.ON_DEVICE if device else ssh.PLAIN
    key = blob or ssh.Key(kind, private.public_key().public_bytes_raw(), application).to_blob()
    purpose = [namespace, reserved, algorithm.encode()]
    hashed = hashlib.new(algorithm, message).digest()
    said = b"SSHSIG" + b"".join(map(pack, [*purpose, hashed]))
    used = bytes([flags]) + (7).to_bytes(4, "big") if device else b""
    if device:
        of = hashlib.sha256(application if at is None else at).digest()
        said = of + used + hashlib.sha256(said).digest()
    answer = pack(kind) + pack(private.sign(said)) + used
    raw = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(pack, [key, *purpose, answer]))
    return ssh.write_key(key), ssh.MARKS + base64.b64encode(raw).decode()


def on_fido2(
    person: str, message: bytes = MESSAGE, *, curve: bool = False, flags: int = 1,
    party: str = "gate.qraft", count: int = 7, **client: Any,
) -> tuple[str, str]:  # fmt: skip
    """Sign as a device does, for any party, with whatever client data."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(message).digest()).decode().rstrip("=")
    document = {"type": "webauthn.get", "challenge": challenge, "origin": "qraft:gate",
                "crossOrigin": False, **client}  # fmt: skip
    data = hashlib.sha256(party.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
    asked = hashlib.sha256(json.dumps(document, separators=(",", ":")).encode()).digest()
    if not curve:
        private = private_key(person)
        public, made = private.public_key().public_bytes_raw(), private.sign(data + asked)
    else:
        point = ec.derive_private_key(int.from_bytes(person.encode(), "big"), ec.SECP256R1())
        public = point.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        made = point.sign(data + asked, ec.ECDSA(SHA256()))
    return fido2.write_key(public), fido2.write_signature(data, made)


def on_security_key(person: str, message: bytes = MESSAGE, **more: Any) -> tuple[str, str]:
    return on_ssh(person, message, device=True, **more)


def on_p256(person: str, message: bytes = MESSAGE, **more: Any) -> tuple[str, str]:
    return on_fido2(person, message, curve=True, **more)


WAYS: dict[str, Callable[..., tuple[str, str]]] = {
    "ed25519": plain, "ssh": on_ssh, "ssh on a device": on_security_key,
    "fido2": on_fido2, "fido2, P-256": on_p256,
}  # fmt: skip
DEVICES = {
    on_security_key: {0x01, 0x05},
    **{way: {0x01 | more << 2 for more in range(8)} for way in (on_fido2, on_p256)},
}
"""With which flags each counts: touched, and for the rest whatever its kind may say."""


def unwrap(signature: str) -> tuple[str, bytes]:
    marks, _, text = signature.rpartition(":")
    return (f"{marks}:", base64.b64decode(text)) if marks else ("", bytes.fromhex(text))


def rewrap(marks: str, raw: bytes) -> str:
    return marks + base64.b64encode(raw).decode() if marks else raw.hex()


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request) -> Callable[..., tuple[str, str]]:
    return request.param


def test_what_a_person_signs_fits_their_key_and_message_alone(way):
    key, signature = way("ann")
    assert both_take(key, signature)
    assert not both_take(key, signature, MESSAGE + b".")
    for other in WAYS.values():
        for person in ("ann", "bob"):
            fits = other is way and person == "ann"
            assert both_take(other(person)[0], signature) is fits
            assert both_take(key, other(person)[1]) is fits


def test_every_byte_of_a_signature_and_of_a_key_has_a_meaning(way):
    key, signature = way("ann")
    for text, takes in ((signature, lambda other: both_take(key, other)),
                        (key, lambda other: both_take(other, signature))):  # fmt: skip
        marks, raw = unwrap(text)
        for place in range(len(raw)):
            flipped = bytearray(raw)
            flipped[place] ^= 1 << place % 8
            assert not takes(rewrap(marks, bytes(flipped))), place
        for other in (raw[:-1], raw[1:], raw + b"\0", b"\0" + raw, raw * 2, b""):
            assert not takes(rewrap(marks, other))


def respelt(text: str) -> Iterator[str]:
    """The same bytes, or nearly, in other letters."""
    marks, raw = unwrap(text)
    yield from (text + "=", text + "\n", " " + text, text[:-1], text + "\0", text.upper())
    yield from (text.removeprefix(marks) if marks else f"ed25519:{text}", marks + raw.hex() + "0")
    yield from (f"{marks or 'fido2:'}{text}", text.replace(":", ": "), text + "\u0661", marks, "")
    yield text.rstrip("=") if text.endswith("=") else text[:4] + " " + text[4:]
    for prefix in ("ed25519:", "ssh:", "sshsig:", "fido2:", "sk:"):
        yield prefix + base64.b64encode(raw).decode()


def test_there_is_one_way_to_write_a_key_and_a_signature(way):
    key, signature = way("ann")
    for text in respelt(signature):
        assert text == signature or not both_take(key, text), text
    for text in respelt(key):
        assert text == key or not both_take(text, signature), text


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.__name__)
def test_a_device_was_touched_and_says_nothing_that_is_not_known(device):
    taken = {flags for flags in range(256) if both_take(*device("ann", flags=flags))}
    assert taken == DEVICES[device]


ELSEWHERE: dict[str, tuple[Callable[..., tuple[str, str]], dict[str, Any]]] = {
    "for git": (on_ssh, {"namespace": b"git"}),
    "for git, on a device": (on_security_key, {"namespace": b"git"}),
    "for a name that begins alike": (on_ssh, {"namespace": b"qraft-gate2"}),
    "for no name": (on_ssh, {"namespace": b""}),
    "with something reserved": (on_ssh, {"reserved": b"x"}),
    "by another digest": (on_ssh, {"algorithm": "sha256"}),
    "for a login": (on_security_key, {"at": b"ssh:login"}),
    "for no application": (on_security_key, {"at": b""}),
    **{
        f"{name}, {way.__name__}": (way, more)
        for way in (on_fido2, on_p256)
        for name, more in {
            "for a site": {"party": "example.com"},
            "for a party below": {"party": "x.gate.qraft"},
            "for no party": {"party": ""},
            "to make a key": {"type": "webauthn.create"},
            "from a page": {"origin": "https://gate.qraft"},
            "from a frame": {"crossOrigin": True},
            "with more said": {"topOrigin": "qraft:gate"},
        }.items()
    },
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_was_signed_for_something_else_fits_nothing(name):
    way, more = ELSEWHERE[name]
    assert both_take(*way("ann"))
    assert not both_take(*way("ann", **more))


def test_a_device_may_have_any_application_and_count():
    for application in (b"", b"ssh:", b"ssh:desk", b"\xff" * 300):
        assert both_take(*on_security_key("ann", application=application))
    for count in (0, 2**32 - 1):
        assert both_take(*on_fido2("ann", count=count))
    assert not both_take(*on_security_key("ann", application=b"x" * 1_500))  # too long a text


RAW = private_key("ann").public_key().public_bytes_raw()
ON_DEVICE = pack(ssh.ON_DEVICE) + pack(RAW)
ODD_KEYS: dict[str, dict[str, Any]] = {
    "a byte more": {"blob": pack(ssh.PLAIN) + pack(RAW) + b"x"},
    "with an application": {"blob": pack(ssh.PLAIN) + pack(RAW) + pack(b"ssh:")},
    "its length too short": {"blob": pack(ssh.PLAIN) + (31).to_bytes(4, "big") + RAW},
    "its length too long": {"blob": pack(ssh.PLAIN) + (33).to_bytes(4, "big") + RAW},
    "of another kind": {"blob": pack(b"ssh-ed448") + pack(RAW)},
    "of no kind": {"blob": pack(RAW)},
    "on a device, a byte more": {"blob": ON_DEVICE + pack(b"ssh:") + b"x", "at": b"ssh:x"},
    "on a device, a byte less": {"blob": ON_DEVICE + pack(b"ssh:")[:-1], "at": b"ssh"},
    "on a device, of no application": {"blob": ON_DEVICE, "at": b""},
}


@pytest.mark.parametrize("name", ODD_KEYS)
def test_a_key_of_ssh_is_written_in_one_way(name):
    more = ODD_KEYS[name]
    assert not both_take(*on_ssh("ann", device="at" in more, **more))


def weak_keys() -> Iterator[bytes]:
    heights = {*consumer.WEAK, *(consumer.FIELD + n for n in (0, 1, 2, 18))}
    for height in heights:
        for sign in (0, 2**255):
            yield (height + sign).to_bytes(32, "little")


def test_under_a_weak_key_nobody_signed():
    nobody = (1).to_bytes(32, "little") + bytes(32)  # fits any message, under a key of order one
    assert consumer.WEAK == ed25519._SMALL_ORDER
    data = hashlib.sha256(b"gate.qraft").digest() + b"\1" + bytes(4)
    for raw in weak_keys():
        assert not both_take("ed25519:" + base64.b64encode(raw).decode(), nobody.hex())
        assert not both_take(fido2.write_key(raw), fido2.write_signature(data, nobody))
        for kind, used in ((ssh.PLAIN, b""), (ssh.ON_DEVICE, b"\1" + bytes(4))):
            key = ssh.Key(kind, raw, b"ssh:")
            text = ssh.write_signature(key, pack(kind) + pack(nobody) + used)
            assert not both_take(ssh.write_key(key.to_blob()), text)


EDIT = st.tuples(st.floats(0, 1), st.integers(0, 5), st.binary(max_size=5))


@given(way=st.sampled_from(list(WAYS.values())), edits=st.lists(EDIT, min_size=1, max_size=3),
       of_key=st.booleans())  # fmt: skip
@settings(max_examples=300)
def test_both_find_the_same_of_whatever_is_spliced(way, edits, of_key):
    key, signature = way("ann")
    marks, before = unwrap(key if of_key else signature)
    raw = before
    for where, gone, put in edits:
        at = int(where * len(raw))
        raw = raw[:at] + put + raw[at + gone :]
    text = rewrap(marks, raw)
    assert both_take(*(text, signature) if of_key else (key, text)) is (raw == before)


class Devices(Office):
    """An office of people with a security key each: one by SSH, one by FIDO2."""

    ways: ClassVar = {"ann": on_security_key, "bob": on_fido2}

    def with_keys(self, *people):
        keys = {person: self.ways[person](person)[0] for person in people}
        return self.policy.model_copy(update={"keys": keys})

    def approver(self, person, *, signs=True):
        way = self.ways[person]
        public = way(person)[0] if signs else ""
        return Approver(
            person, public, lambda said: way(person, said.to_bytes())[1] if signs else ""
        )


@pytest.fixture(scope="module")
def desk() -> Desk:
    office = Devices(now=START)
    office.reaches_live()
    return Desk(office)


def receive(desk: Desk, raw: bytes, *signers: str) -> Any:
    book = consumer.open_book(":memory:")
    rules = consumer.Rules(keys={desk.key}, signers=signers)
    verdict = consumer.Consumer(book, rules, consumer.act).receive(raw, desk.office.now)
    book.close()
    return verdict


def test_a_signal_that_devices_approved_is_acted_on(desk):
    raw = desk.publish()
    keys = [way(person)[0] for person, way in Devices.ways.items()]
    assert desk.verifier().verify(raw).found.fault is Fault.NONE
    assert receive(desk, raw, *keys).acted
    assert receive(desk, raw, keys[0], public_key("bob")).why == "1 of 2 known people signed it"
    assert receive(desk, raw, *map(public_key, Devices.ways)).fault == "approval not in force"


FORGED: dict[str, tuple[str, Callable[..., tuple[str, str]], dict[str, Any]]] = {
    "made for git": ("ann", on_security_key, {"namespace": b"git"}),
    "not touched": ("ann", on_security_key, {"flags": 0}),
    "by a key of its own": ("eve", on_security_key, {}),
    "for a site": ("bob", on_fido2, {"party": "example.com"}),
    "not touched, FIDO2": ("bob", on_fido2, {"flags": 0}),
    "by a key of its own, FIDO2": ("eve", on_fido2, {}),
    "by another kind": ("bob", on_p256, {}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_runner_cannot_carry_what_a_device_did_not_sign_for_the_gate(desk, name):
    person, way, more = FORGED[name]
    payload = json.loads(json.dumps(read_envelope(seal(desk.signal(), desk.runner)).document))
    place = 0 if way is on_security_key else 1
    statement = payload["approvals"][place]["statement"]
    message = consumer.canonical({"purpose": "qraft approval 1", **statement})
    payload["approvals"][place]["signature"] = way(person, message, **more)[1]
    payload["approval"] = digest(payload["approvals"])
    raw = desk.tell(signed(payload, desk.runner))
    keys = [each(person)[0] for person, each in Devices.ways.items()]
    assert receive(desk, raw, *keys).why == "1 of 2 known people signed it"
    assert desk.verifier().verify(raw).found.fault is Fault.APPROVAL
    assert payload["strategy"] == STUDY


def test_one_person_with_two_ways_to_sign_is_one(desk):
    payload = read_envelope(seal(desk.signal(), desk.runner)).document
    keys, given = [], []
    for way, each in zip((plain, on_ssh), payload["approvals"], strict=True):
        message = consumer.canonical({"purpose": "qraft approval 1", **each["statement"]})
        key, signature = way("ann", message)
        keys.append(key)
        given.append({**each, "key": key, "signature": signature})
    raw = signed({**payload, "approvals": given, "approval": digest(given)}, desk.runner)
    assert receive(desk, raw, *keys).why == "1 of 2 known people signed it"
