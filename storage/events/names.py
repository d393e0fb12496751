"""Names of topics and channels: NSQ's rule, kept on every bus."""

from __future__ import annotations

import re

from configs.errors import BadInput

_NAME = re.compile(r"[.a-zA-Z0-9_-]{1,64}")


def checked(name: str) -> str:
    """Return a topic's or a channel's name.

    Raises
    ------
    BadInput
        If no bus could carry it.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"`{name}` cannot name a topic or a channel", hint="1 to 64 of letters, digits, . _ -"
        )
    return name


def checked_bodies(bodies: list[bytes], largest: int) -> list[bytes]:
    """Return messages that can be published.

    Raises
    ------
    BadInput
        If one of them is empty or too large.
    """
    for body in bodies:
        if not 0 < len(body) <= largest:
            raise BadInput(f"a message of {len(body)} bytes", hint=f"1 to {largest} bytes")
    return bodies
