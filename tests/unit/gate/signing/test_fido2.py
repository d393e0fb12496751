"""Keys on security keys: the library `fido2` speaks to a device in software, and checks it too."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest
from fido2 import cose
from fido2.webauthn import AuthenticatorData

from configs.errors import Failed, Forbidden
from configs.keys.public import count_of, signature_fits
from configs.keys.signers import fido2
from gate.deciding.keyring import HeldKey, Keyring
from gate.deciding.signing import fido2 as devices
from gate.deciding.signing.asked import Asked
from tests.stand_ins.security_key import SecurityKey
from tests.unit.gate.signing.test_ssh_agent import Person

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = b"qraft approval 1: go"


class Held:
    """A person with a security key."""

    def __init__(self, folder: Path, algorithm: int = -8) -> None:
        self.device = SecurityKey(algorithm)
        self.keyring = Keyring(folder / "keys")
        made = devices.make("ann", Person(), lambda: self.device)
        self.keyring.add("ann", made.public, devices.FORMAT, {"credential": made.credential})
        self.public = made.public
        self.name = base64.b64decode(made.credential)

    def signs(self, message: bytes = MESSAGE) -> str:
        asked = Asked(self.keyring, HeldKey("ann", self.public), message, Person())
        return devices.sign(asked, lambda: self.device)

    def forged(self, message: bytes = MESSAGE, party: str = fido2.RELYING_PARTY, **more) -> str:
        said = hashlib.sha256(fido2.client_data(message)).digest()
        return fido2.write_signature(*self.device.assertion(self.name, party, said, **more))


@pytest.fixture(params=[-8, -7], ids=["ed25519", "p256"])
def held(request, tmp_path) -> Held:
    return Held(tmp_path, request.param)


def test_a_devices_signature_fits_here_and_by_the_library(held):
    signature = held.signs()
    assert signature_fits(held.public, signature, MESSAGE)
    assert not signature_fits(held.public, signature, MESSAGE + b".")
    raw = base64.b64decode(signature.removeprefix(fido2.PREFIX))
    data, rest = AuthenticatorData(raw[:37]), raw[37:]
    private = held.device.keys[held.name][1]
    kind = cose.EdDSA if held.device.algorithm == -8 else cose.ES256
    asked = hashlib.sha256(fido2.client_data(MESSAGE)).digest()
    kind.from_cryptography_key(private.public_key()).verify(bytes(data) + asked, rest)
    assert data.is_user_present()
    assert count_of(signature) == data.counter == 1


def test_a_device_that_nobody_touches_signs_nothing(held):
    held.device.touched = False
    with pytest.raises(Forbidden, match="did not sign"):
        held.signs()


def test_another_device_does_not_sign(held):
    held.device = SecurityKey(held.device.algorithm)
    with pytest.raises(Forbidden, match="did not sign"):
        held.signs()


def test_an_assertion_for_another_party_or_without_a_touch_is_refused(held):
    assert signature_fits(held.public, held.forged(), MESSAGE)
    for party in ("example.com", "qraft", "gate.qraft.example", ""):
        assert not signature_fits(held.public, held.forged(party=party), MESSAGE)
    assert not signature_fits(held.public, held.forged(up=False), MESSAGE)


def test_every_byte_of_an_assertion_has_a_meaning(held):
    signature = held.signs()
    raw = base64.b64decode(signature.removeprefix(fido2.PREFIX))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x01
        text = fido2.PREFIX + base64.b64encode(bytes(changed)).decode()
        assert not signature_fits(held.public, text, MESSAGE)
    for text in (
        "",
        fido2.PREFIX,
        signature + "=",
        raw.hex(),
        fido2.PREFIX + "AAAA",
        fido2.PREFIX + base64.b64encode(raw[:37]).decode(),
    ):
        assert not signature_fits(held.public, text, MESSAGE)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(32),
        b"\x05" + b"\x01" * 32,
        b"\x02" + b"\xff" * 32,
        bytes(33),
        bytes(65),
    ],
)
def test_what_is_no_key_is_refused(raw):
    with pytest.raises(ValueError, match=r".+"):
        fido2.read_key(fido2.write_key(raw))


def test_the_library_is_an_extra_and_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Failed, match="library `fido2`, which is not installed"):
        devices.make("ann", Person())


def test_checking_needs_no_library(held, monkeypatch):
    import sys

    signature = held.signs()
    for name in [name for name in sys.modules if name.partition(".")[0] == "fido2"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert signature_fits(held.public, signature, MESSAGE)


def test_no_device_is_said(monkeypatch):
    monkeypatch.setattr("fido2.hid.CtapHidDevice.list_devices", lambda: iter(()))
    with pytest.raises(Failed, match="no security keys are plugged in"):
        devices.plugged_in()
