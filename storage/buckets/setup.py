"""What a lake's bucket is set up with, by MinIO's own client; every step may be repeated.

The bucket keeps versions and can lock objects, so that an entry of the ledger cannot be replaced or
removed before its time, whoever holds the keys. Results that no run has made again for a year, and
old versions, are let go; a file dropped into ``raw/dropped/`` is told to NSQ by the store itself.
The bucket may be shared: rules of others are left as they are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from configs.errors import Failed, Unreachable
from configs.remedies import Mend
from storage.buckets.rules import LIFECYCLE, NOTIFICATION, expire, merged, others, tell
from storage.buckets.store import credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from storage.buckets.client import RuleClient
    from storage.buckets.rules import Kind
    from storage.buckets.store import Bucket

DROPPED = "raw/dropped"
"""The folder of the lake for files that start runs."""
QUEUE = "arn:minio:sqs::QRAFT:nsq"
"""The target that MinIO's own settings name: `MINIO_NOTIFY_NSQ_..._QRAFT`."""
RESULT_DAYS = 365
OLD_VERSION_DAYS = 30
TRIES = 3
NO_VERSIONS = "it keeps no versions (mc version enable turns them on)"
NO_LOCKS = (
    "it cannot lock objects, so the ledger's entries cannot be kept in it: object lock cannot be "
    "turned on later, name another bucket, which qraft up --prepare makes with it"
)
_MADE_AGAIN = ("feature", "report")
"""The zones whose results any run can make again; raw data, bars and the ledger stay."""


def prepare(bucket: Bucket) -> Iterator[str]:
    """Do all of it, saying what is there then; a store without NSQ is told so, and used as it is.

    Rules that are not ours stay byte for byte as they are.
    """
    made = make_bucket(bucket)
    versions, locks = protection(bucket)
    yield f"{'made' if made else 'there'}, {_said(versions, locks)}"
    theirs = put_rules(bucket, LIFECYCLE)
    after = f"results are let go after {RESULT_DAYS} days, old versions after {OLD_VERSION_DAYS}"
    yield after + _beside(theirs)
    try:
        theirs = put_rules(bucket, NOTIFICATION)
    except Failed as error:
        yield f"files that are dropped are not told to NSQ: {error.what}"
    else:
        yield f"files dropped into {DROPPED}/ are told to NSQ" + _beside(theirs)


def make_bucket(bucket: Bucket) -> bool:
    """Make a bucket that can lock objects, unless it is there; return whether it was made."""
    if is_there(bucket):
        return False
    with speaking_of(bucket):
        minio_client(bucket).make_bucket(bucket.name, object_lock=True)
    return True


def is_there(bucket: Bucket, *, patience_s: float | None = None) -> bool:
    """Whether the bucket exists.

    Parameters
    ----------
    patience_s
        Seconds to wait for an answer, once; default as long and as often as for work.
    """
    with speaking_of(bucket):
        return bool(minio_client(bucket, patience_s=patience_s).bucket_exists(bucket.name))


def protection(bucket: Bucket) -> tuple[bool, bool]:
    """Return whether the bucket keeps versions, and whether it can lock objects."""
    from minio.error import S3Error

    client = minio_client(bucket)
    with speaking_of(bucket):
        versions = client.get_bucket_versioning(bucket.name).status == "Enabled"
        try:
            client.get_object_lock_config(bucket.name)
        except S3Error as error:
            if error.code != "ObjectLockConfigurationNotFoundError":
                raise
            return versions, False
    return versions, True


def what_is_missing(bucket: Bucket) -> list[str]:
    """Return what a bucket that is there lacks, each in a sentence."""
    versions, locks = protection(bucket)
    missing = [] if versions else [NO_VERSIONS]
    if not locks:
        missing.append(NO_LOCKS)
    for kind, ours in OURS.items():
        document = _document(bucket, kind)
        if merged(document, kind, ours(bucket), below=_below(bucket, "")) is not None:
            missing.append(f"the rules of its {kind.query} are not those of qraft up --prepare")
    return missing


def put_rules(bucket: Bucket, kind: Kind) -> int:
    """Put our rules of a kind among those of others, and look whether someone did so meanwhile.

    S3 knows no condition on such a change: what was written is read again and compared.

    Returns
    -------
    int
        How many rules of others there are.

    Raises
    ------
    Failed
        If the store was started without its NSQ target, or someone else changes the rules again
        and again at the same time.
    """
    ours, below = OURS[kind](bucket), _below(bucket, "")
    for _ in range(TRIES):
        before = _document(bucket, kind)
        theirs = others(before, kind, ours, below=below)
        wanted = merged(before, kind, ours, below=below)
        if wanted is None:
            return len(theirs)
        with speaking_of(bucket):
            minio_client(bucket).put_rules(bucket.name, kind.query, wanted)
        after = _document(bucket, kind)
        lost = set(theirs) - set(others(after, kind, ours, below=below))
        if not lost and merged(after, kind, ours, below=below) is None:
            return len(theirs)
    raise Failed(
        f"the {kind.query} of the bucket {bucket.name} is being changed by someone else",
        hint="look at its rules (mc ilm rule ls, mc event ls)",
        remedy=Mend.PREPARE_STORES(),
    )


def _lifecycle(bucket: Bucket) -> dict[str, str]:
    names = {zone: f"qraft:{_below(bucket, zone)}" for zone in _MADE_AGAIN}
    ours = {
        name: expire(name, _below(bucket, f"{zone}/"), days=RESULT_DAYS)
        for zone, name in names.items()
    }
    versions = f"qraft:{_below(bucket, 'versions')}"
    return ours | {versions: expire(versions, _below(bucket, ""), old_days=OLD_VERSION_DAYS)}


def _notification(bucket: Bucket) -> dict[str, str]:
    name = f"qraft:{_below(bucket, DROPPED)}"
    return {name: tell(name, _below(bucket, f"{DROPPED}/"), QUEUE)}


OURS: Final[Mapping[Kind, Callable[[Bucket], dict[str, str]]]] = {
    LIFECYCLE: _lifecycle,
    NOTIFICATION: _notification,
}
"""The rules that are ours, by their kind: old results and old versions are let go (what was never
uploaded whole, MinIO itself clears), and the store tells NSQ of files that are dropped."""


def _document(bucket: Bucket, kind: Kind) -> str:
    with speaking_of(bucket):
        return minio_client(bucket).get_rules(bucket.name, kind.query)


def _said(versions: bool, locks: bool) -> str:
    if versions and locks:
        return "with versions and locks"
    missing = ([] if versions else [NO_VERSIONS]) + ([] if locks else [NO_LOCKS])
    return f"but {'; and '.join(missing)}"


def _beside(others: int) -> str:
    return f", beside {others} {'rule' if others == 1 else 'rules'} of others" if others else ""


def minio_client(bucket: Bucket, *, patience_s: float | None = None) -> RuleClient:
    """Return MinIO's client for the store of a bucket."""
    import urllib3

    from storage.buckets.client import RuleClient

    key, secret = credentials()
    parts = urlsplit(bucket.endpoint or "https://s3.amazonaws.com")
    return RuleClient(
        parts.netloc, access_key=key, secret_key=secret, secure=parts.scheme == "https",
        region=bucket.region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=patience_s or 5, read=patience_s or 30),
            # Longer silences are the business of `storage.buckets.patience`.
            retries=urllib3.Retry(3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
            if patience_s is None else False,
        ),
    )  # fmt: skip


def _below(bucket: Bucket, path: str) -> str:
    return f"{bucket.folder}/{path}" if bucket.folder else path


@contextmanager
def speaking_of(bucket: Bucket) -> Iterator[None]:
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
