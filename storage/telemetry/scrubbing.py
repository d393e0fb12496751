"""Secrets never reach a log: what the environment keeps secret, and passwords in URLs."""

from __future__ import annotations

import os
import re

from configs.endpoints.url import HIDDEN, without_secrets

_SECRET = re.compile(
    r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|CREDENTIAL)", re.IGNORECASE
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,40}://[^\s\"'\\]+")  # bounded: linear in any text
SHORTEST = 6
"""A shorter secret would be found in words that are none."""


def scrub(text: str) -> str:
    """Hide secrets in a text.

    Examples
    --------
    >>> scrub("cannot reach clickhouse://ann:pa55@db:8123/qraft")
    'cannot reach clickhouse://ann:***@db:8123/qraft'
    """
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    return _URL.sub(lambda found: without_secrets(found[0]), text)


def _secrets() -> list[str]:
    """Return the environment's secrets, the longest first, for one may contain another."""
    found = {
        value for name, value in os.environ.items()
        if _SECRET.search(name) and len(value) >= SHORTEST
    }  # fmt: skip
    return sorted(found, key=len, reverse=True)
