"""Send telemetry to OpenObserve: its JSON ingestion, batches from the file, again until taken."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, MissingSecret
from storage.http import exchange
from storage.telemetry.spool import Spooled, read_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.workspace import Workspace

PASSWORD = "OPENOBSERVE_PASSWORD"  # noqa: S105  the variable's name
FORM = "as openobserve://user@host:5080/organisation/stream, or with ?secure=1"
ANSWER_S = 10.0
LARGEST_ANSWER = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True, slots=True)
class Stream:
    """Where telemetry goes; the password stays out of what is shown."""

    url: str
    user: str
    password: str = field(repr=False)


def parse_stream(url: str, environment: Mapping[str, str] = os.environ) -> Stream:
    """Read ``openobserve://user@host:port/organisation/stream``.

    Raises
    ------
    BadInput
        If it has another form, carries the password, or the environment has none.

    Examples
    --------
    >>> parse_stream("openobserve://ann@127.0.0.1:5080/default/qraft", {PASSWORD: "x"}).url
    'http://127.0.0.1:5080/api/default/qraft/_json'
    """
    shown = without_secrets(url)
    parts = urlsplit(url)
    if parts.password is not None:
        raise BadInput(f"`{shown}` carries a password", hint=f"set {PASSWORD} instead")
    names = parts.path.strip("/").split("/")
    named = len(names) == 2 and all(_NAME.fullmatch(name) for name in names)
    if not parts.hostname or not parts.username or not named:
        raise BadInput(f"`{shown}` is no stream", hint=FORM)
    if not environment.get(PASSWORD):
        raise MissingSecret(f"telemetry goes to {parts.hostname}, and {PASSWORD} is not set")
    scheme = "https" if "secure=1" in parts.query else "http"
    where = f"{scheme}://{parts.hostname}:{parts.port or 5080}/api/{names[0]}/{names[1]}/_json"
    return Stream(where, unquote(parts.username), environment[PASSWORD])


class Sender:
    """Sends what the file has and the server has not.

    Parameters
    ----------
    stream
        Where to.
    workspace
        Whose telemetry.
    """

    def __init__(self, stream: Stream, workspace: Workspace) -> None:
        import httpx

        self._stream = stream
        self._workspace = workspace
        self._client = httpx.Client(
            auth=(stream.user.encode(), stream.password.encode()), timeout=ANSWER_S
        )

    def send(self) -> Spooled:
        """Send one batch; say how much was sent, left out and is left.

        Raises
        ------
        OSError
            If the server does not take it; it stays in the file.
        """
        import httpx

        batch = read_batch(self._workspace)
        if batch.events:
            try:
                told = exchange(
                    self._client, "POST", self._stream.url, largest=LARGEST_ANSWER,
                    json=[_stamped(event) for event in batch.events],
                )  # fmt: skip
                _refuse_partial(json.loads(told))
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise ConnectionError(f"telemetry was not taken: {error}") from error
        batch.done()
        return batch

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _stamped(event: dict[str, Any]) -> dict[str, Any]:
    """Add the server's own time stamp, in microseconds since 1970; nested values become text."""
    at = datetime.fromisoformat(str(event["at"]))
    flat = {key: _flat(value) for key, value in event.items()}
    return {"_timestamp": int(at.timestamp() * 1e6), **flat}


def _flat(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON knows none of these
    return value


def _refuse_partial(told: Any) -> None:
    """OpenObserve answers 200 and counts what it did not take."""
    failed = sum(int(status.get("failed", 0)) for status in told.get("status", []))
    if failed:
        raise ValueError(f"{failed} records were refused")
