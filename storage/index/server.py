"""The index on a Qdrant server, through the same client."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, Refused, Unreachable, did_you_mean
from storage.index.qdrant import QdrantIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.index.port import Embedder

API_KEY: Final = "QDRANT_API_KEY"
FORM: Final = "as qdrant://host:6333/collection, or with ?secure=1 for TLS"
PORT: Final = 6333
ANSWER_S: Final = 30
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]{0,63}")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is; its key stays out of what is shown."""

    url: str
    collection: str
    api_key: str | None = field(default=None, repr=False)


def parse_server(url: str, environment: Mapping[str, str] = os.environ) -> Server:
    """Read ``qdrant://host:port/collection?secure=1``.

    Raises
    ------
    BadInput
        If it has another form, or carries a secret.

    Examples
    --------
    >>> parse_server("qdrant://127.0.0.1", {})
    Server(url='http://127.0.0.1:6333', collection='passages')
    """
    shown = without_secrets(url)
    parts = urlsplit(url)
    if parts.username is not None:
        raise BadInput(f"`{shown}` carries a secret", hint=f"set {API_KEY} instead")
    options = dict(parse_qsl(parts.query))
    for name in options:
        if name != "secure":
            hint = did_you_mean(name, ["secure"])
            raise BadInput(f"`{shown}` has an unknown option `{name}`", hint=hint)
    collection = parts.path.strip("/") or "passages"
    try:
        port = parts.port or PORT
    except ValueError as error:
        raise BadInput(f"`{shown}` has no such port", hint=FORM) from error
    if not parts.hostname or not _NAME.fullmatch(collection):
        raise BadInput(f"`{shown}` names no host or no collection", hint=FORM)
    scheme = "https" if options.get("secure") == "1" else "http"
    return Server(
        f"{scheme}://{parts.hostname}:{port}", collection, environment.get(API_KEY) or None
    )


class ServerIndex(QdrantIndex):
    """An index on a server."""

    def _index_payload(self) -> None:
        from qdrant_client.models import PayloadSchemaType

        for name in ("kind", "document"):
            self._client.create_payload_index(self.name, name, PayloadSchemaType.KEYWORD)


@contextmanager
def open_server(server: Server, *, embedder: Embedder | None) -> Iterator[ServerIndex]:
    """Connect to a server; the collection is made at its first use.

    Raises
    ------
    Unreachable
        If it does not answer.
    Refused
        With its own words, if it refuses.
    """
    from qdrant_client import QdrantClient
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    client = QdrantClient(
        url=server.url, api_key=server.api_key, timeout=ANSWER_S, check_compatibility=False
    )
    try:
        yield ServerIndex(client, collection=server.collection, embedder=embedder)
    except ResponseHandlingException as error:
        raise Unreachable(
            f"the index at {server.url} does not answer: {error.source}",
            hint="is Qdrant running there? `index: qdrant-local://.qraft/index` needs no server",
        ) from error
    except UnexpectedResponse as error:
        said = f"{error.status_code} {error.reason_phrase}"
        raise Refused(f"the index at {server.url} refuses: {said}") from error
    finally:
        client.close()
