"""URLs as they may be shown: without what only their owner should know."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
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
    before, at, after = text.rpartition("@")
    scheme = _SCHEME.match(before)
    user, colon, _ = before[scheme.end() if scheme else 0 :].partition(":")
    if at and colon:
        before = f"{scheme[0]}{user}:{HIDDEN}" if scheme else HIDDEN
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", before + at + after)
