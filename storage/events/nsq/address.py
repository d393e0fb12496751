"""Where nsqd is, read from a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, did_you_mean

_HOST = re.compile(r"(?P<host>[A-Za-z0-9.\-]+)(?::(?P<port>\d{1,5}))?")
NSQD_PORT = 4150
LOOKUPD_PORT = 4161
FORM = "as nsq://host:4150 or nsq://host:4150,other:4150?lookupd=host:4161"

Host = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Address:
    """Brokers that are named, and directories that name more."""

    nsqd: tuple[Host, ...]
    lookupd: tuple[Host, ...]


def parse_address(url: str) -> Address:
    """Read ``nsq://host:port,...?lookupd=host:port,...``.

    Raises
    ------
    BadInput
        If it has another form, or asks for TLS.

    Examples
    --------
    >>> parse_address("nsq://127.0.0.1?lookupd=127.0.0.1:4161").nsqd
    (('127.0.0.1', 4150),)
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    unknown = [name for name in options if name != "lookupd"]
    if any(name.startswith("tls") for name in unknown):
        raise BadInput(
            f"`{without_secrets(url)}`: connections to nsqd are not encrypted by Qraft",
            hint="keep nsqd on loopback, or put both ends of a tunnel (WireGuard, stunnel) there",
        )
    if unknown:
        raise BadInput(
            f"`{without_secrets(url)}` has an unknown option `{unknown[0]}`",
            hint=did_you_mean(unknown[0], ["lookupd"]),
        )
    address = Address(
        _hosts(parts.netloc, NSQD_PORT, url), _hosts(options.get("lookupd", ""), LOOKUPD_PORT, url)
    )
    if not address.nsqd:
        raise BadInput(f"`{without_secrets(url)}` names no nsqd", hint=FORM)
    return address


def _hosts(text: str, usual: int, url: str) -> tuple[Host, ...]:
    found = []
    for piece in filter(None, text.split(",")):
        match = _HOST.fullmatch(piece)
        port = int(match["port"] or usual) if match else 0
        if match is None or not 0 < port < 65_536:
            raise BadInput(f"`{without_secrets(url)}` has no such address: `{piece}`", hint=FORM)
        found.append((match["host"], port))
    return tuple(found)
