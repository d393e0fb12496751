"""The account that this process runs under."""

from __future__ import annotations

import os
import pwd


def account_name() -> str:
    """Name the account that this process runs under; the environment has no say in it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
