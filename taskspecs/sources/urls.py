"""Addresses of sources: encrypted, or on this machine, and of one host that no client misreads."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from configs.errors import BadInput
from configs.url import without_secrets

ENCRYPTED: Final = {"wss": "ws", "https": "http"}
"""The scheme that is asked for, and its plain form, which is for this machine alone."""
PLACEHOLDER: Final = re.compile(r"\{(symbols?)(:lower)?\}")
"""Where symbols are put in: their names as the exchange writes them, or in lower case."""
_ONE: Final = re.compile(r"\{symbol(:lower)?\}")
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._\-]+)(:[0-9]{1,5})?")


def check_url(url: str, scheme: str) -> None:
    """Refuse an address that is not of a scheme, or that is plain and leads elsewhere.

    Parameters
    ----------
    scheme
        ``wss`` or ``https``.

    Raises
    ------
    BadInput
        Saying what is allowed.
    """
    parts = urlsplit(url)
    plain = ENCRYPTED[scheme]
    if parts.scheme not in {scheme, plain}:
        raise BadInput(f"`{without_secrets(url)}` is no {scheme}:// address")
    if any(ord(letter) <= 32 or letter == "\\" for letter in url):
        raise BadInput("an address has neither spaces nor backslashes")
    if not _HOST.fullmatch(parts.netloc):
        raise BadInput(
            f"`{without_secrets(url)}` names no host",
            hint="user and password do not stand in an address: use `headers` with `{env: NAME}`",
        )
    if "{" in parts.netloc or parts.fragment:
        raise BadInput("an address has one fixed host, and no `#`")
    if parts.scheme == plain and not is_here(url):
        raise BadInput(
            f"`{plain}://` is for this machine only; elsewhere it would be read and changed by "
            "others on the way",
            hint=f"write {scheme}://{parts.netloc}",
        )


def asks_each_alone(url: str) -> bool:
    """Whether an address is asked once for each symbol.

    Examples
    --------
    >>> asks_each_alone("https://a.example/{symbol:lower}"), asks_each_alone("https://a.example/all")
    (True, False)
    """
    return bool(_ONE.search(url))


def host_of(url: str) -> str:
    """Return scheme, host and port, as ``wss://stream.example:9443``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_here(url: str) -> bool:
    """Whether an address is of this very machine.

    Examples
    --------
    >>> is_here("ws://127.0.0.1:80"), is_here("http://[::1]/"), is_here("http://localhost.example")
    (True, True, False)
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
