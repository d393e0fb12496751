"""Heads kept elsewhere: pushed to a git repository, timestamped by an authority."""

from __future__ import annotations

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from configs.errors import BadInput, Damaged, Unreachable
from storage.ledger import Head
from storage.ledger.pushing import push_head, pushed_heads
from storage.ledger.stamping import stamp_head, stamped_at, statement

LEDGER = "ab" * 32
ONE, TWO = Head(1, "1" * 64), Head(2, "2" * 64)


@pytest.fixture
def repository(tmp_path):
    place = tmp_path / "heads.git"
    subprocess.run(["git", "init", "-q", "--bare", place], check=True)
    return str(place)


def test_every_head_that_was_pushed_is_found_again(repository):
    with pytest.raises(BadInput, match="no branch"):
        pushed_heads(repository, "heads", LEDGER)
    assert push_head(repository, "heads", LEDGER, ONE)
    assert not push_head(repository, "heads", LEDGER, ONE)
    assert push_head(repository, "heads", LEDGER, TWO)
    assert push_head(repository, "heads", "cd" * 32, TWO)
    assert pushed_heads(repository, "heads", LEDGER) == [ONE, TWO]


def test_what_was_pushed_is_not_taken_back_by_a_later_commit(repository, tmp_path):
    push_head(repository, "heads", LEDGER, ONE)
    clone = tmp_path / "clone"
    git = ["git", "-c", "user.name=eve", "-c", "user.email=eve@x"]
    subprocess.run(["git", "clone", "-q", "-b", "heads", repository, clone], check=True)
    (clone / f"{LEDGER}.heads").write_text(f"{TWO}\n")
    subprocess.run([*git, "commit", "-qam", "rewritten"], cwd=clone, check=True)
    subprocess.run([*git, "push", "-q"], cwd=clone, check=True)
    assert pushed_heads(repository, "heads", LEDGER) == [ONE, TWO]


def test_a_repository_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Unreachable, match="cannot read"):
        push_head(str(tmp_path / "none"), "heads", LEDGER, ONE)


CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {0}/serial
crypto_device = builtin
signer_cert = {0}/cert.pem
signer_key = {0}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
"""


@pytest.fixture
def authority(tmp_path):
    """A real responder: openssl's, behind HTTP."""
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "ts.cnf").write_text(CONFIG.format(tmp_path))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=t",
         "-addext", "extendedKeyUsage=critical,timeStamping", "-keyout", "key.pem", "-out",
         "cert.pem"], cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip

    class Responder(BaseHTTPRequestHandler):
        def do_POST(self):
            (tmp_path / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            subprocess.run(
                ["openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out",
                 "reply"], cwd=tmp_path, check=True, capture_output=True,
            )  # fmt: skip
            raw = (tmp_path / "reply").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Responder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_head_is_stamped_and_openssl_believes_it(authority, tmp_path):
    path = stamp_head(authority, LEDGER, ONE, folder=tmp_path / "stamps")
    about = statement(LEDGER, ONE)
    assert stamped_at(path.read_bytes(), about).tzinfo is not None
    subprocess.run(
        ["openssl", "ts", "-verify", "-in", path, "-data", path.with_suffix(".head"), "-CAfile",
         tmp_path / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    with pytest.raises(Damaged, match="something else"):
        stamped_at(path.read_bytes(), statement(LEDGER, TWO))
    with pytest.raises(Damaged, match="cannot be read"):
        stamped_at(b"junk", about)
