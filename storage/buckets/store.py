"""The lake in a bucket: MinIO, or any store that speaks S3 and keeps `If-None-Match`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import obstore

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, Failed, MissingSecret, Refused, did_you_mean
from configs.remedies import Mend
from storage.buckets.patience import Patience
from storage.lake.objects import MOST_BYTES, AlreadyExists, DriverObjects, check_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from configs.remedies import Remedy
    from storage.lake.objects import ObjectInfo

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
FORM = "as s3://bucket/folder?endpoint=http://127.0.0.1:9000"
KEY, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
CONNECT = timedelta(seconds=5)
ANSWER = timedelta(seconds=60)
TRIES = 2
TRY_FOR = timedelta(seconds=90)
"""What the driver itself tries again, in about a tenth of a second; see
`storage.buckets.patience`."""
LINK_FOR = timedelta(days=7)
"""The longest that a store lets a signed address live."""
PAGE_ATTRIBUTES = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a lake is; who may use it stands in the environment alone."""

    name: str
    folder: str
    endpoint: str
    region: str

    def below(self, path: str) -> str:
        """Return the key of the object of a path in the lake's folder."""
        return f"{self.folder}/{path}" if self.folder else path


def parse_bucket(url: str) -> Bucket:
    """Read ``s3://bucket/folder?endpoint=URL&region=NAME``.

    Raises
    ------
    BadInput
        If it has another form, or carries a secret.

    Examples
    --------
    >>> parse_bucket("s3://qraft/lake?endpoint=http://127.0.0.1:9000").folder
    'lake'
    """
    parts = urlsplit(url)
    shown = without_secrets(url)
    options = dict(parse_qsl(parts.query))
    if "@" in parts.netloc:
        raise BadInput(f"`{shown}` carries a name", hint=f"set {KEY} and {SECRET} instead")
    for name in options:
        if name not in {"endpoint", "region"}:
            raise BadInput(
                f"`{shown}` has an unknown option `{name}`",
                hint=did_you_mean(name, ["endpoint", "region"]),
            )
    if not _BUCKET.fullmatch(parts.netloc):
        raise BadInput(f"`{shown}` names no bucket", hint=FORM)
    endpoint = options.get("endpoint", "")
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise BadInput(f"`{shown}`: endpoint must begin with http:// or https://", hint=FORM)
    folder = parts.path.strip("/")
    return Bucket(
        parts.netloc, check_path(folder) if folder else "", endpoint,
        options.get("region", "us-east-1"),
    )  # fmt: skip


def credentials(environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Return the key and the secret by which the store knows us.

    Raises
    ------
    BadInput
        If they are not in the environment.
    """
    missing = [name for name in (KEY, SECRET) if not environment.get(name)]
    if missing:
        raise MissingSecret(
            f"the lake is in a bucket, and {' and '.join(missing)} is not set",
            hint="secrets come from the environment only",
        )
    return environment[KEY], environment[SECRET]


class BucketObjects(DriverObjects):
    """Objects below a folder of a bucket.

    Parameters
    ----------
    bucket
        The bucket, which exists.

    Raises
    ------
    BadInput
        If the environment does not say who we are.
    """

    def __init__(self, bucket: Bucket) -> None:
        from obstore.store import S3Store

        key, secret = credentials()
        self.bucket = bucket
        self._s3 = S3Store(
            bucket.name,
            prefix=bucket.folder or None,
            endpoint=bucket.endpoint or None,
            region=bucket.region,
            access_key_id=key,
            secret_access_key=secret,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": ANSWER,
            },
            retry_config={
                "max_retries": TRIES,
                "retry_timeout": TRY_FOR,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=5),
                    "base": 2,
                },
            },
        )
        super().__init__(self._s3, f"the bucket {bucket.name}")
        self.patience = Patience(f"the bucket {bucket.name} at {bucket.endpoint or 'Amazon S3'}")

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        """Return an object's bytes, or raise :class:`NotFound` or :class:`TooLong`."""
        return self.patience(lambda: super(BucketObjects, self).get(path, most=most))

    def head(self, path: str) -> ObjectInfo:
        """Return an object's name and size, or raise :class:`NotFound`."""
        return self.patience(lambda: super(BucketObjects, self).head(path))

    def list(self, prefix: str = "", *, after: str = "") -> tuple[ObjectInfo, ...]:
        """Return all objects under a folder, sorted by path."""
        return self.patience(lambda: super(BucketObjects, self).list(prefix, after=after))

    def put(self, path: str, data: bytes | Path) -> None:
        """Create or replace an object atomically, from bytes or from a local file."""
        self.patience(lambda: super(BucketObjects, self).put(path, data))

    def delete(self, path: str) -> None:
        """Remove an object; one that is not there is removed already."""
        self.patience(lambda: super(BucketObjects, self).delete(path))

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object atomically, or raise `AlreadyExists` and change nothing.

        A request whose answer was lost is sent again and then finds the object that it made itself:
        equal bytes are ours.
        """
        try:
            self.patience(lambda: super(BucketObjects, self).put_new(path, data))
        except AlreadyExists:
            if self.get(path) != data:
                raise

    def url(self, path: str) -> str:
        """Return where an object is; it carries no secret."""
        return f"s3://{self.bucket.name}/{self.bucket.below(self._checked(path))}"

    def link(self, path: str) -> str:
        """Return an address that a browser opens for `LINK_FOR`, whoever follows it."""
        with self._speaking_of(path):
            return obstore.sign(self._s3, "GET", self._checked(path), LINK_FOR)

    def removal(self, path: str) -> Remedy:
        """Return the deed that removes what is below a path, from any folder."""
        endpoint = self.bucket.endpoint
        if not endpoint:
            return Mend.REMOVE_OBJECTS(url=self.url(path))
        return Mend.REMOVE_OBJECTS_AT(url=self.url(path), endpoint=endpoint)

    def _refused(self, path: str, error: Exception) -> Failed | None:
        """What no patience mends: no such bucket, or a clock that is a quarter of an hour out."""
        if "NoSuchBucket" in str(error):
            return Refused(f"there is no bucket {self.bucket.name}", remedy=Mend.PREPARE_STORES())
        if "RequestTimeTooSkewed" not in str(error):
            return None
        return Refused(
            f"{self._name} does not let us use `{path}`: this machine's clock is out",
            hint="the store's clock is another by more than 15 minutes; set this machine's right",
        )

    def _attributes(self, path: str) -> dict[str, str]:
        """A browser shows what is said to be a page, and keeps anything else as a file."""
        return PAGE_ATTRIBUTES if path.endswith(".html") else {}
