"""What every object store does; the suite's own look at folders goes by the file system."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from configs.errors import BadInput, Failed
from storage.buckets.setup import make_bucket
from storage.buckets.store import KEY, SECRET, BucketObjects, parse_bucket
from storage.lake.objects import AlreadyExists, FolderObjects, MemoryObjects, NotFound, TooLong


@pytest.fixture(params=["folder", "memory", pytest.param("minio", marks=pytest.mark.server)])
def store(request, tmp_path):
    if request.param == "memory":
        return MemoryObjects()
    if request.param == "folder":
        return FolderObjects(tmp_path / "lake")
    return request.getfixturevalue("bucket_objects")


@pytest.fixture
def bucket_objects(servers, monkeypatch):
    """A folder of its own in a bucket of a real MinIO."""
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    endpoint = f"http://127.0.0.1:{servers.ports['minio']['s3']}"
    bucket = parse_bucket(f"s3://contract/{uuid.uuid4().hex}?endpoint={endpoint}")
    make_bucket(bucket)
    return BucketObjects(bucket)


def test_what_was_put_is_got(store):
    store.put("refined/ingest/0a1b/bars.parquet", b"\x00bytes\xff")
    assert store.get("refined/ingest/0a1b/bars.parquet") == b"\x00bytes\xff"
    assert store.head("refined/ingest/0a1b/bars.parquet").bytes == 7


def test_an_empty_object_is_an_object(store):
    store.put_new("empty", b"")
    assert store.get("empty") == b""


def test_put_replaces(store):
    store.put("a", b"old and longer")
    store.put("a", b"new")
    assert store.get("a") == b"new"


def test_a_local_file_can_be_put(store, tmp_path):
    local = tmp_path / "local"
    local.write_bytes(b"x" * 3_000_000)
    store.put("raw/local", local)
    assert store.get("raw/local") == b"x" * 3_000_000


def test_put_new_creates_once_and_never_changes(store):
    store.put_new("ledger/1", b"first")
    with pytest.raises(AlreadyExists, match="ledger/1"):
        store.put_new("ledger/1", b"second")
    assert store.get("ledger/1") == b"first"


def test_of_many_creators_one_succeeds(store):
    def create(number: int) -> int | None:
        try:
            store.put_new("one", str(number).encode())
        except AlreadyExists:
            return None
        return number

    with ThreadPoolExecutor(16) as pool:
        winners = [n for n in pool.map(create, range(64)) if n is not None]
    assert len(winners) == 1
    assert store.get("one") == str(winners[0]).encode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_what_is_not_there_is_not_found(store, method):
    store.put("a/b", b"")
    for path in ("a/c", "z"):
        with pytest.raises(NotFound, match=path):
            getattr(store, method)(path)


def test_a_folder_is_no_object(store):
    store.put("a/b", b"")
    with pytest.raises(Failed):
        store.get("a")


def test_a_list_is_sorted_and_keeps_to_its_folder(store):
    for path in ("ledger/2", "ledger2/1", "ledger/10", "ledger/1", "a", "ledger/deep/er"):
        store.put(path, b"..")
    listed = [info.path for info in store.list("ledger")]
    assert listed == ["ledger/1", "ledger/10", "ledger/2", "ledger/deep/er"]
    assert [info.path for info in store.list()] == ["a", *listed, "ledger2/1"]
    assert {info.bytes for info in store.list()} == {2}
    assert store.list("nothing") == ()


def test_deleting_twice_is_deleting(store):
    store.put("a", b"")
    store.delete("a")
    store.delete("a")
    assert store.list() == ()


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "./a", "a\\b", "a b", "a\0", "a\n",
     "a/\u202e", "C:/x", "a%2e%2e", "file:///etc/passwd"],
)  # fmt: skip
def test_paths_that_could_mean_something_else_are_refused(store, path):
    for act in (store.get, store.head, store.delete):
        with pytest.raises(BadInput):
            act(path)
    for act in (store.put, store.put_new):
        with pytest.raises(BadInput):
            act(path, b"")
    if path:
        with pytest.raises(BadInput):
            store.list(path)


def test_objects_of_a_folder_are_its_files(tmp_path):
    store = FolderObjects(tmp_path / "lake")
    store.put_new("a/b", b"content")
    assert (tmp_path / "lake/a/b").read_bytes() == b"content"
    assert store.local_path("a/b") == (tmp_path / "lake/a/b").resolve()


def test_reading_makes_no_folder(tmp_path):
    store = FolderObjects(tmp_path / "lake")
    assert store.list() == store.list("ledger") == ()
    for read in (store.get, store.head):
        with pytest.raises(NotFound):
            read("a/b")
    assert list(tmp_path.iterdir()) == []


def test_a_half_written_file_is_no_object(tmp_path):
    store = FolderObjects(tmp_path)
    store.put("a/whole", b"")
    (tmp_path / "a/half#1").write_bytes(b"ha")
    assert [info.path for info in store.list()] == ["a/whole"]


@pytest.mark.parametrize("method", ["get", "head", "delete", "local_path"])
def test_no_symbolic_link_leads_out_of_a_folder(tmp_path, method):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store = FolderObjects(tmp_path / "lake")
    store.put("first", b"")
    (tmp_path / "lake/link").symlink_to(outside)
    (tmp_path / "lake/file").symlink_to(outside / "secret")
    for path in ("link/secret", "file"):
        with pytest.raises(BadInput, match="symbolic link"):
            getattr(store, method)(path)
    with pytest.raises(BadInput, match="symbolic link"):
        store.put("link/new", b"")
    assert [p.name for p in outside.iterdir()] == ["secret"]


def test_a_folder_that_cannot_be_written_to_is_said_kindly(tmp_path):
    (tmp_path / "lake").mkdir()
    store = FolderObjects(tmp_path / "lake")
    (tmp_path / "lake/file").write_bytes(b"")
    with pytest.raises(Failed, match="file/below"):
        store.put("file/below", b"")


def test_an_object_has_a_url_without_secrets(store):
    store.put("report/a.html", b"page")
    url = store.url("report/a.html")
    assert url.endswith("report/a.html")
    assert "@" not in url
    with pytest.raises(BadInput):
        store.url("../a.html")


def test_what_is_longer_than_asked_for_is_not_read(store):
    store.put("raw/long.json", b"x" * 1_001)
    assert len(store.get("raw/long.json", most=1_001)) == 1_001
    with pytest.raises(TooLong, match=r"has 1001 bytes; at most 1000 are read"):
        store.get("raw/long.json", most=1_000)
