"""URLs as they may be shown: without what only their owner should know."""

from __future__ import annotations

import re

_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^:@/?\s]*(?=:)")
_SECRET_PARAMETER = re.compile(
    r"([?&][^=&#\s]*(?:password|passwd|secret|token|key)[^=&#\s]*=)[^&#\s]*", re.IGNORECASE
)
HIDDEN = "***"


def without_secrets(text: str) -> str:
    """Hide passwords, tokens and keys in a URL; of one that is not well formed, more than these.

    Examples
    --------
    >>> without_secrets("clickhouse://ann:pa:ss@db:8443/qraft?access_key=abc&secure=1")
    'clickhouse://ann:***@db:8443/qraft?access_key=***&secure=1'
    >>> without_secrets("file:///home/ann@work/lake")
    'file:///home/ann@work/lake'
    >>> without_secrets("clickhouse:ann:secret@db")
    '***@db'
    """
    head, at, tail = text.rpartition("@")
    if at and ":" in head.partition("://")[2]:
        user = _USER.match(head)
        head = f"{user[0]}:{HIDDEN}" if user else HIDDEN
    elif at and "://" not in head and ":" in head:
        head = HIDDEN
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", head + at + tail)
