"""Private keys: sealed, nobody else's to read, and where they seem to be."""

from __future__ import annotations

import json
import stat

import pytest

from configs.errors import BadInput, Failed, Forbidden
from configs.keys.public import read_public_key
from gate.approval.approvals import signature_fits
from gate.deciding.keyring import Keyring, default_folder
from gate.deciding.listed import key_to_use
from tests.office import POLICY, public_key

WORDS = "a few good words"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("config") / "keys"
    return folder, Keyring(folder).make("ann", WORDS)


def test_a_key_signs_with_its_passphrase_only(made):
    folder, key = made
    signature = Keyring(folder).sign("ann", WORDS, b"hello")
    assert signature_fits(key.public, signature, b"hello")
    assert not signature_fits(key.public, signature, b"hallo")
    with pytest.raises(Forbidden, match="does not open"):
        Keyring(folder).sign("ann", WORDS + " ", b"hello")
    assert Keyring(folder).held() == [key]


def test_nothing_of_the_private_half_or_the_passphrase_is_on_disk(made):
    folder, _ = made
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = json.loads(path.read_bytes())
    assert kept.keys() == {"format", "person", "public", "salt", "nonce", "sealed"}
    assert WORDS not in path.read_text()


def test_a_key_is_never_overwritten_and_a_short_passphrase_none(made):
    folder, _ = made
    with pytest.raises(BadInput, match="there is a key of ann already"):
        Keyring(folder).make("ann", WORDS)
    with pytest.raises(BadInput, match="at least 12 letters"):
        Keyring(folder).make("bob", "short")
    assert [key.person for key in Keyring(folder).held()] == ["ann"]


@pytest.mark.parametrize("words", [
    "aaaaaaaaaaaa", "password1234", "abcabcabcabc", "123456789012", "qwertyuiop12",
    "annannannann", "qraftqraftqraft", "letmeinletmein", "a" * 500,
])  # fmt: skip
def test_a_passphrase_that_is_easy_to_guess_makes_no_key(tmp_path, words):
    with pytest.raises(BadInput, match="too easy to guess") as refusal:
        Keyring(tmp_path / "keys").make("ann", words)
    assert refusal.value.hint
    assert not (tmp_path / "keys").exists()


def test_a_long_passphrase_is_judged_by_its_beginning(tmp_path):
    words = "tiger lamp quiet " * 50
    assert Keyring(tmp_path / "keys").make("ann", words).person == "ann"


def test_a_file_that_was_changed_is_no_key(made, tmp_path):
    folder, _ = made
    kept = json.loads(next(folder.iterdir()).read_bytes())
    tmp_path.chmod(0o700)
    for name, value, error in (
        ("public", public_key("eve"), Forbidden),
        ("person", "eve", Failed),
        ("extra", "1", Failed),
        ("format", "other", Failed),
    ):
        path = tmp_path / "ann.key.json"
        path.write_text(json.dumps({**kept, name: value}))
        path.chmod(0o600)
        if name == "person":
            path.rename(tmp_path / "eve.key.json")
            with pytest.raises(Forbidden):
                Keyring(tmp_path).sign("eve", WORDS, b"x")
            (tmp_path / "eve.key.json").unlink()
            continue
        with pytest.raises(error):
            Keyring(tmp_path).sign("ann", WORDS, b"x")


def test_keys_are_in_the_home_and_not_in_a_workspace(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/is/ignored")
    assert default_folder() == tmp_path / ".config" / "qraft" / "keys"


def test_the_key_that_signs_is_here_and_listed(made):
    folder, key = made
    held = Keyring(folder).held()
    policy = POLICY.model_copy(update={"keys": {"ann": key.public}})
    assert key_to_use(held, policy, None) == key
    for wrong in (POLICY, POLICY.model_copy(update={"keys": {"ann": public_key("ann")}})):
        with pytest.raises(Forbidden, match="it cannot sign"):
            key_to_use(held, wrong, None)
    with pytest.raises(Forbidden, match="the key of bob"):
        key_to_use(held, policy, "bob")


WEAK = [
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "01" + "00" * 30 + "80", "ee" + "ff" * 30 + "ff",
]  # fmt: skip
"""Points of small order and encodings of them that are not the shortest."""


@pytest.mark.parametrize("weak", WEAK)
def test_a_key_under_which_anybody_can_sign_is_refused(weak):
    from configs.keys.public import write_public_key

    with pytest.raises(ValueError, match="weak key"):
        read_public_key(write_public_key(bytes.fromhex(weak)))


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:AAAA", public_key("ann")[8:], public_key("ann") + "\n"]
)
def test_a_key_is_written_in_one_way(text):
    with pytest.raises(ValueError, match="not a public key"):
        read_public_key(text)
