"""Keys in ssh-agent: a real agent signs, and `ssh-keygen -Y verify` is asked, too."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from configs.children import child_environment
from configs.errors import BadInput, Failed, Forbidden
from configs.keys.public import count_of, signature_fits
from configs.keys.signers import ssh
from gate.deciding.keyring import HeldKey, Keyring
from gate.deciding.signing.asked import Asked
from gate.deciding.signing.ssh_agent import FORMAT, VARIABLE, Agent, choose
from gate.deciding.signing.table import sign
from tests.office import private_key, public_key

MESSAGE = b"qraft approval 1: go"
pytestmark = pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="no OpenSSH here")


class Person:
    """Who sits at the terminal, and types what they are asked for."""

    def __init__(self, answer: str = "ann") -> None:
        self.answer = answer

    def ask(self, prompt: str) -> str:
        return self.answer

    ask_secret = ask


def run(*arguments, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        arguments, check=False, capture_output=True, env=child_environment(), **more
    )


@pytest.fixture(scope="module")
def agent():
    """A real agent with two Ed25519 keys and one of a kind that the gate does not take."""
    folder = Path(tempfile.mkdtemp(prefix="qa"))  # a socket's path is short
    socket = folder / "s"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], env=child_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(socket)
    try:
        while not socket.exists():
            assert process.poll() is None
        for name, kind in (("ann@desk", "ed25519"), ("bob@desk", "ed25519"), ("old", "ecdsa")):
            made = folder / name
            assert not run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", made,
                           ).returncode  # fmt: skip
            assert not run("ssh-add", "-q", made).returncode
        yield folder
    finally:
        process.terminate()
        process.wait()
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})
        shutil.rmtree(folder)


def key_of(comment: str) -> str:
    return ssh.write_key(choose(comment, Agent().identities()).blob)


def signed(comment: str = "ann@desk", message: bytes = MESSAGE, answer: str = "ann") -> str:
    asked = Asked(Keyring(Path("nowhere")), HeldKey("ann", key_of(comment)), message,
                  Person(answer))  # fmt: skip
    return sign(asked)


def by_openssh(folder: Path, public: str, signature: str, message: bytes,
               namespace: str = ssh.NAMESPACE) -> bool:  # fmt: skip
    """What OpenSSH says of a signature."""
    blob = public.removeprefix(ssh.PREFIX)
    kind = ssh.read_key(public).kind.decode()
    (folder / "allowed").write_text(f"ann {kind} {blob}\n")
    text = signature.removeprefix(ssh.MARKS)
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    armoured = ["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]
    (folder / "signature").write_text("\n".join(armoured))
    done = run("ssh-keygen", "-Y", "verify", "-f", folder / "allowed", "-I", "ann", "-n", namespace,
               "-s", folder / "signature", input=message)  # fmt: skip
    return done.returncode == 0


def test_an_agents_signature_fits_here_and_by_openssh(agent):
    public, signature = key_of("ann@desk"), signed()
    assert signature_fits(public, signature, MESSAGE)
    assert by_openssh(agent, public, signature, MESSAGE)
    assert not by_openssh(agent, public, signature, MESSAGE + b".")
    assert count_of(signature) is None


def test_what_openssh_signs_fits_in_our_namespace_only(agent):
    for namespace, fits in ((ssh.NAMESPACE, True), ("git", False), ("file", False)):
        done = run("ssh-keygen", "-Y", "sign", "-f", agent / "ann@desk", "-n", namespace,
                   input=MESSAGE)  # fmt: skip
        text = "".join(done.stdout.decode().splitlines()[1:-1])
        assert signature_fits(key_of("ann@desk"), ssh.MARKS + text, MESSAGE) is fits
    done = run("ssh-keygen", "-Y", "sign", "-f", agent / "ann@desk", "-n", ssh.NAMESPACE,
               "-O", "hashalg=sha256", input=MESSAGE)  # fmt: skip
    text = "".join(done.stdout.decode().splitlines()[1:-1])
    assert not signature_fits(key_of("ann@desk"), ssh.MARKS + text, MESSAGE)


def test_a_key_is_named_by_comment_or_fingerprint_and_by_nothing_else(agent):
    there = Agent().identities()
    assert [one.comment for one in there] == ["ann@desk", "bob@desk"]
    printed = run("ssh-keygen", "-l", "-f", agent / "ann@desk").stdout.decode().split()[1]
    assert choose(printed, there) == choose("ann@desk", there) == there[0]
    for name in ("old", "", "ann", "SHA256:"):
        with pytest.raises(BadInput, match="no Ed25519 keys"):
            choose(name, there)
    with pytest.raises(BadInput, match="several"):
        choose("ann@desk", [*there, there[1]._replace(comment="ann@desk")])


def test_a_person_says_that_they_sign(agent):
    with pytest.raises(Forbidden, match="nothing was signed"):
        signed(answer="bob")


def test_the_key_is_kept_without_anything_secret(agent, tmp_path):
    keyring = Keyring(tmp_path / "keys")
    keyring.add("ann", key_of("ann@desk"), FORMAT)
    assert keyring.held() == [HeldKey("ann", key_of("ann@desk"))]
    with pytest.raises(BadInput, match="kept another way"):
        keyring.sign("ann", "words", b"x")
    with pytest.raises(BadInput, match="there is a key of ann already"):
        keyring.add("ann", key_of("bob@desk"), FORMAT)


def test_no_agent_and_an_agent_that_lies(agent, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(Failed, match="there is no ssh-agent"):
        Agent().identities()
    with pytest.raises(Failed, match="does not answer"):
        Agent(str(tmp_path / "none")).identities()


@pytest.mark.parametrize("answer", [
    b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x05\x0c\xff\xff\xff\xff",
    b"\0\0\0\x09\x0c\0\0\0\x01\xff\xff\xff\xff", b"\0\0\0\x01\x05", b"\0\0\x10\0\x0c",
])  # fmt: skip
def test_an_agent_that_answers_nonsense_is_refused(answer):
    import socket
    from threading import Thread

    folder = Path(tempfile.mkdtemp(prefix="qa"))
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def speak() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        speaker = Thread(target=speak)
        speaker.start()
        with pytest.raises((Failed, Forbidden, ValueError)):
            Agent(str(path)).identities()
        speaker.join()
    shutil.rmtree(folder)


# A key on a security key, in software: OpenSSH is asked whether it is made as theirs are.

APPLICATION = b"ssh:"


def device_key() -> ssh.Key:
    raw = private_key("device").public_key().public_bytes_raw()
    return ssh.Key(ssh.ON_DEVICE, raw, APPLICATION)


def on_device(
    message: bytes, counter: int, flags: int = 1, application: bytes = APPLICATION
) -> str:
    said = (hashlib.sha256(application).digest() + bytes([flags]) + counter.to_bytes(4, "big")
            + hashlib.sha256(ssh.to_be_signed(message)).digest())  # fmt: skip
    signature = private_key("device").sign(said)
    answer = ssh.pack(ssh.ON_DEVICE) + ssh.pack(signature)
    return ssh.write_signature(device_key(), answer + bytes([flags]) + counter.to_bytes(4, "big"))


def test_a_security_keys_signature_fits_here_and_by_openssh(agent):
    public, signature = ssh.write_key(device_key().to_blob()), on_device(MESSAGE, 7)
    assert signature_fits(public, signature, MESSAGE)
    assert by_openssh(agent, public, signature, MESSAGE)
    assert count_of(signature) == 7


def test_a_security_key_that_nobody_touched_or_of_another_application_is_refused():
    public = ssh.write_key(device_key().to_blob())
    assert not signature_fits(public, on_device(MESSAGE, 7, flags=0), MESSAGE)
    assert not signature_fits(public, on_device(MESSAGE, 7, flags=4), MESSAGE)
    assert not signature_fits(public, on_device(MESSAGE, 7, application=b"ssh:git"), MESSAGE)


def test_every_bit_of_a_signature_has_a_meaning():
    public, signature = ssh.write_key(device_key().to_blob()), on_device(MESSAGE, 7)
    raw = base64.b64decode(signature.removeprefix(ssh.MARKS))
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            text = ssh.MARKS + base64.b64encode(bytes(changed)).decode()
            assert not signature_fits(public, text, MESSAGE)
    for text in (
        signature + "=",
        signature + "\n",
        signature.replace("sshsig:", "ssh:"),
        ssh.MARKS + base64.b64encode(raw + b"\0").decode(),
        raw.hex(),
        ssh.MARKS,
        "",
    ):
        assert not signature_fits(public, text, MESSAGE)


def test_a_kind_of_signature_fits_no_other_kind_of_key():
    private = Ed25519PrivateKey.from_private_bytes(b"ann".ljust(32, b"."))
    raw = private.public_key().public_bytes_raw()
    plain = private.sign(MESSAGE).hex()
    as_ssh = ssh.write_key(ssh.Key(ssh.PLAIN, raw).to_blob())
    assert signature_fits(public_key("ann"), plain, MESSAGE)
    assert not signature_fits(as_ssh, plain, MESSAGE)
    assert not signature_fits("fido2:" + public_key("ann").removeprefix("ed25519:"), plain, MESSAGE)
    answer = ssh.pack(ssh.PLAIN) + ssh.pack(private.sign(ssh.to_be_signed(MESSAGE)))
    signature = ssh.write_signature(ssh.Key(ssh.PLAIN, raw), answer)
    assert signature_fits(as_ssh, signature, MESSAGE)
    assert not signature_fits(public_key("ann"), signature, MESSAGE)


def test_one_key_under_two_names_is_one_person_whatever_its_kind():
    from pydantic import ValidationError

    from configs.keys.root_of_trust import Root

    as_ssh = ssh.write_key(
        ssh.Key(ssh.PLAIN, private_key("ann").public_key().public_bytes_raw()).to_blob()
    )
    with pytest.raises(ValidationError, match="have the same key"):
        Root.model_validate({"keys": {"ann": public_key("ann"), "bob": as_ssh}})
    with pytest.raises(ValidationError, match="is a runner"):
        Root.model_validate({"runners": {"desk": as_ssh}})
