"""What a lake's bucket is set up with, by MinIO's own client; every step may be repeated.

The bucket keeps versions and can lock objects, so that an entry of the ledger cannot be replaced or
removed before its time, whoever holds the keys. Results that no run has made again for a year, and
old versions, are let go; a file dropped into ``raw/dropped/`` is told to NSQ by the store itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from configs.errors import Failed, Unreachable
from storage.buckets import BucketObjects, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from minio import Minio

    from storage.buckets import Bucket

DROPPED = "raw/dropped"
"""The folder of the lake for files that start runs."""
QUEUE = "arn:minio:sqs::QRAFT:nsq"
"""The target that MinIO's own settings name: `MINIO_NOTIFY_NSQ_..._QRAFT`."""
RESULT_DAYS = 365
OLD_VERSION_DAYS = 30
LEDGER_YEARS = 10
_MADE_AGAIN = ("feature", "report")
"""The zones whose results any run can make again; raw data, bars and the ledger stay."""


def prepare(bucket: Bucket) -> Iterator[str]:
    """Do all of it, saying what was done; a store without NSQ is told so, and used as it is."""
    make_bucket(bucket)
    yield "there, with versions and locks"
    set_lifecycle(bucket)
    yield f"results are let go after {RESULT_DAYS} days, old versions after {OLD_VERSION_DAYS}"
    try:
        tell_of_dropped_files(bucket)
    except Failed as error:
        yield f"files that are dropped are not told to NSQ: {error.what}"
    else:
        yield f"files dropped into {DROPPED}/ are told to NSQ"


def make_bucket(bucket: Bucket) -> None:
    """Make a bucket that can lock objects, unless it is there."""
    if not is_there(bucket):
        with _speaking_of(bucket):
            minio_client(bucket).make_bucket(bucket.name, object_lock=True)


def is_there(bucket: Bucket) -> bool:
    """Whether the bucket exists."""
    with _speaking_of(bucket):
        return bool(minio_client(bucket).bucket_exists(bucket.name))


def set_lifecycle(bucket: Bucket) -> None:
    """Let go of old results and old versions; MinIO itself clears what was never uploaded whole."""
    from minio.commonconfig import ENABLED, Filter
    from minio.lifecycleconfig import (
        Expiration,
        LifecycleConfig,
        NoncurrentVersionExpiration,
        Rule,
    )

    rules = [
        Rule(
            ENABLED,
            rule_filter=Filter(prefix=_below(bucket, zone)),
            rule_id=f"qraft-{zone}",
            expiration=Expiration(days=RESULT_DAYS),
        )
        for zone in _MADE_AGAIN
    ]
    rules.append(
        Rule(
            ENABLED,
            rule_filter=Filter(prefix=_below(bucket, "")),
            rule_id="qraft-versions",
            noncurrent_version_expiration=NoncurrentVersionExpiration(OLD_VERSION_DAYS),
        )
    )
    with _speaking_of(bucket):
        minio_client(bucket).set_bucket_lifecycle(bucket.name, LifecycleConfig(rules))


def tell_of_dropped_files(bucket: Bucket) -> None:
    """Let the store itself publish to NSQ when a file is dropped into the raw zone.

    Raises
    ------
    Failed
        If the store was started without its NSQ target.
    """
    from minio.notificationconfig import NotificationConfig, PrefixFilterRule, QueueConfig

    config = QueueConfig(
        ["s3:ObjectCreated:*"],
        config_id="qraft-dropped",
        prefix_filter_rule=PrefixFilterRule(_below(bucket, DROPPED)),
        queue=QUEUE,
    )
    with _speaking_of(bucket):
        minio_client(bucket).set_bucket_notification(
            bucket.name, NotificationConfig(queue_config_list=[config])
        )


class RetainedObjects(BucketObjects):
    """Objects that, once created, cannot be replaced or removed for ten years: the ledger's."""

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object and lock it; one that was created and not locked is locked now."""
        from minio.commonconfig import COMPLIANCE
        from minio.retention import Retention

        super().put_new(path, data)
        until = datetime.now(UTC) + timedelta(days=365 * LEDGER_YEARS)

        def lock() -> None:
            with _speaking_of(self.bucket):
                minio_client(self.bucket).set_object_retention(
                    self.bucket.name, _below(self.bucket, path), Retention(COMPLIANCE, until)
                )

        self.patience(lock)


def minio_client(bucket: Bucket) -> Minio:
    """Return MinIO's client for the store of a bucket."""
    import urllib3
    from minio import Minio

    key, secret = credentials()
    parts = urlsplit(bucket.endpoint or "https://s3.amazonaws.com")
    return Minio(
        parts.netloc, access_key=key, secret_key=secret, secure=parts.scheme == "https",
        region=bucket.region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=30),
            # Longer silences are the business of `storage.patience`.
            retries=urllib3.Retry(3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        ),
    )  # fmt: skip


def _below(bucket: Bucket, path: str) -> str:
    return f"{bucket.folder}/{path}" if bucket.folder else path


@contextmanager
def _speaking_of(bucket: Bucket) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except MinioException as error:
        raise Failed(f"the bucket {bucket.name} could not be set up: {error}") from error
    except (HTTPError, OSError) as error:
        raise Unreachable(
            f"the store of the bucket {bucket.name} does not answer at {bucket.endpoint}",
            hint=str(error).partition("\n")[0],
        ) from error
