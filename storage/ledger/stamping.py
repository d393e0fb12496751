"""Timestamps by RFC 3161: an authority's word that a head was there at its time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from configs.errors import Damaged, Failed, Unreachable
from storage.http import exchange
from storage.ledger.runner import make_private_folder, state_folder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from storage.ledger.entry import Head

WAIT_S = 30
MOST_BYTES = 2**20
_TYPES = {"query": "application/timestamp-query", "reply": "application/timestamp-reply"}


def stamp_head(url: str, ledger: str, head: Head, *, folder: Path | None = None) -> Path:
    """Ask an authority to sign a head with its time; keep its answer.

    Whether the authority is to be believed is for its certificate to say, which a person has:
    ``openssl ts -verify -in FILE.tsr -data FILE.head -CAfile CERTIFICATE``.

    Parameters
    ----------
    url
        Where the authority answers.
    folder
        Where the answer is kept; default the installation's own.

    Returns
    -------
    Path
        The answer; what it is about is beside it, under ``.head``.

    Raises
    ------
    Unreachable
        If nobody answers.
    Damaged
        If the answer is about something else, or refuses.
    """
    import httpx
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    about = statement(ledger, head)
    request = (
        TimestampRequestBuilder().data(about).hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True).cert_request(cert_request=True).build()
    )  # fmt: skip
    try:
        with httpx.Client(timeout=WAIT_S) as client:
            raw = exchange(
                client, "POST", url, largest=MOST_BYTES, content=request.as_bytes(),
                headers={"Content-Type": _TYPES["query"]},
            )  # fmt: skip
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unreachable(
            f"the timestamp authority {url} does not answer", hint=str(error)[:200]
        ) from error
    stamped_at(raw, about, nonce=request.nonce)
    place = folder or state_folder() / "stamps"
    make_private_folder(place)
    path = place / f"{ledger[:12]}-{head.seq}.tsr"
    path.write_bytes(raw)
    path.with_suffix(".head").write_bytes(about)
    return path


def statement(ledger: str, head: Head) -> bytes:
    """Return what is stamped: the ledger and its head, as a line."""
    return f"qraft ledger {ledger} head {head}\n".encode()


def stamped_at(raw: bytes, about: bytes, *, nonce: int | None = None) -> datetime:
    """Return when an answer says that something was there, UTC.

    Raises
    ------
    Damaged
        If it is no answer, refuses, or is about something else.
    """
    from rfc3161_client import PKIStatus, decode_timestamp_response

    try:
        answer = decode_timestamp_response(raw)
        granted = PKIStatus(answer.status) in {PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS}
        if not granted:
            raise Failed(f"the timestamp authority refused: {answer.status_string}")
        info = answer.tst_info
    except ValueError as error:
        raise Damaged("the answer of the timestamp authority cannot be read") from error
    same = info.message_imprint.message == hashlib.sha256(about).digest()
    if not same or (nonce is not None and info.nonce != nonce):
        raise Damaged("the answer of the timestamp authority is about something else")
    return info.gen_time
