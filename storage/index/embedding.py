"""Texts to dense vectors: any OpenAI-compatible endpoint, or fastembed on this machine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, Failed, Unreachable
from configs.remedies import Mend
from storage.http import exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from configs.settings import Embeddings
    from storage.index.port import Embedder

ANSWER_S: Final = 60.0
LARGEST_ANSWER: Final = 256 * 2**20
"""Bytes; a thousand vectors are about 20 MB."""
TRIES: Final = 3


class Endpoint:
    """Embeddings from an OpenAI-compatible endpoint.

    Parameters
    ----------
    model
        Its name there.
    base_url
        What ``/embeddings`` follows.
    api_key
        Sent as a bearer token.
    """

    def __init__(self, model: str, base_url: str, api_key: str) -> None:
        self.name = f"{model}@{without_secrets(base_url)}"
        self._model = model
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._api_key = api_key

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text.

        Raises
        ------
        Unreachable
            If the endpoint does not answer.
        Failed
            If it refuses, or does not answer with vectors.
        """
        import httpx

        transport = httpx.HTTPTransport(retries=TRIES - 1)
        headers = {"Authorization": f"Bearer {self._api_key}"}
        body = {"model": self._model, "input": list(texts)}
        shown = without_secrets(self._url)
        try:
            with httpx.Client(transport=transport, timeout=ANSWER_S) as client:
                raw = exchange(
                    client, "POST", self._url, largest=LARGEST_ANSWER, json=body, headers=headers
                )
            rows = sorted(json.loads(raw)["data"], key=lambda row: row["index"])
            vectors = [[float(part) for part in row["embedding"]] for row in rows]
        except httpx.HTTPStatusError as error:
            raise Failed(f"{shown} refuses: {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{shown} does not answer: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Failed(f"{shown} answers with something else than vectors") from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise Failed(f"{shown} answers with {len(vectors)} vectors to {len(texts)} texts")
        return vectors


class OnThisMachine:
    """Embeddings by fastembed; its models are downloaded at their first use."""

    def __init__(self, model: str) -> None:
        self.name = f"fastembed:{model}"
        self._model: Any = None
        self._named = model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text.

        Raises
        ------
        BadInput
            If the extra is not installed.
        """
        if self._model is None:
            try:
                from fastembed import TextEmbedding
            except ImportError as error:
                raise BadInput(
                    "`embeddings: fastembed:...` needs the extra `embeddings`",
                    remedy=Mend.INSTALL_EXTRA(extra="embeddings"),
                ) from error
            self._model = TextEmbedding(self._named)
        return [[float(part) for part in vector] for vector in self._model.embed(list(texts))]


def make_embedder(settings: Embeddings | None) -> Embedder | None:
    """Return what the settings name; None where they name nothing.

    Raises
    ------
    BadInput
        If the endpoint's key is not in the environment.
    """
    if settings is None:
        return None
    kind, _, model = settings.model.partition(":")
    if kind == "fastembed":
        return OnThisMachine(model)
    api_key = os.environ.get(settings.api_key_variable, "")
    if not api_key:
        raise BadInput(
            f"`embeddings` needs a key in the environment: {settings.api_key_variable}",
            remedy=Mend.SET_VARIABLE(variable=settings.api_key_variable),
        )
    return Endpoint(model, settings.base_url, api_key)
