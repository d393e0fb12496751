"""MinIO's client, with the documents of rules as the store keeps them."""

from __future__ import annotations

import base64
import hashlib

from minio import Minio
from minio.error import S3Error

_NONE_YET = {"NoSuchLifecycleConfiguration", "NoSuchBucketPolicy"}


class RuleClient(Minio):
    """A client that reads and writes rules as text.

    The client's own classes know only some of what a rule may say: what they read and write again
    would lose the rest of other people's rules.
    """

    def get_rules(self, bucket: str, query: str) -> str:
        """Return a document of rules; empty if there is none."""
        try:
            answer = self._execute("GET", bucket, query_params={query: ""})
        except S3Error as error:
            if error.code in _NONE_YET:
                return ""
            raise
        return bytes(answer.data).decode()

    def put_rules(self, bucket: str, query: str, document: str) -> None:
        """Replace a document of rules."""
        body = document.encode()
        # S3 asks for this digest to see what was lost on the way; nothing rests on its strength.
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        headers: dict[str, str | list[str] | tuple[str]] = {"Content-MD5": digest}
        self._execute("PUT", bucket, body=body, headers=headers, query_params={query: ""})
