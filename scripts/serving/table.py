"""The servers there are: where their source is, how they are started, how they answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
CONFIGS = Path(__file__).resolve().parents[2] / "configs"


@dataclass(frozen=True, slots=True)
class GoSource:
    """A program in a Go module; `go build` fetches it and checks it against the checksum database.

    Attributes
    ----------
    module, version, package
        What to build.
    replace
        The `replace` lines of the module's own go.mod, which Go ignores in a dependency.
    """

    module: str
    version: str
    package: str
    replace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes
    ----------
    ports
        By what they are for, with the usual number; the first is the one that clients use.
    command
        Arguments, with `{home}` for its folder, `{PORT}` for a port of its own by name, and
        `{server.PORT}` for a port of another.
    health
        What answers when it is ready: a path of HTTP on the port named, or none for a bare TCP.
    environment
        More of the process's environment, with the same fields and the secrets.
    source
        None for a program of the Python environment.
    """

    name: str
    ports: dict[str, int]
    command: tuple[str, ...]
    health: tuple[str, str | None]
    environment: dict[str, str]
    source: GoSource | None


_SERVICE = "github.com/mreiferson/go-svc v1.2.2-0.20210815184239-7a96e00010f6"
_NSQ = {
    "module": "github.com/nsqio/nsq",
    "version": "v1.3.0",
    "replace": (f"github.com/judwhite/go-svc => {_SERVICE}",),
}

SERVERS: tuple[Server, ...] = (
    Server(
        "nsqlookupd",
        {"http": 4161, "tcp": 4160},
        (
            "nsqlookupd",
            f"--tcp-address={LOOPBACK}:{{tcp}}",
            f"--http-address={LOOPBACK}:{{http}}",
            f"--broadcast-address={LOOPBACK}",
        ),
        ("http", "/ping"),
        {},
        GoSource(**_NSQ, package="github.com/nsqio/nsq/apps/nsqlookupd"),  # type: ignore[arg-type]
    ),
    Server(
        "nsqd",
        {"tcp": 4150, "http": 4151},
        (
            "nsqd",
            f"--tcp-address={LOOPBACK}:{{tcp}}",
            f"--http-address={LOOPBACK}:{{http}}",
            f"--broadcast-address={LOOPBACK}",
            f"--lookupd-tcp-address={LOOPBACK}:{{nsqlookupd.tcp}}",
            "--data-path={home}",
            # What is confirmed and waits is in a file, and synced. Killed, nsqd still loses what is
            # in flight to a consumer: ours keeps it first, and our publisher tells it again.
            "--mem-queue-size=0",
            "--sync-every=1",
            "--max-msg-timeout=1h",
        ),
        ("http", "/ping"),
        {},
        GoSource(**_NSQ, package="github.com/nsqio/nsq/apps/nsqd"),  # type: ignore[arg-type]
    ),
    Server(
        "minio",
        {"s3": 9000, "console": 9001},
        (
            "minio",
            "server",
            f"--address={LOOPBACK}:{{s3}}",
            f"--console-address={LOOPBACK}:{{console}}",
            "{home}/data",
        ),
        ("s3", "/minio/health/ready"),
        {
            "MINIO_ROOT_USER": "{user}",
            "MINIO_ROOT_PASSWORD": "{password}",
            "MINIO_UPDATE": "off",
            "MINIO_BROWSER": "off",
            # Files dropped into a bucket are told to nsqd, with no code of ours between.
            "MINIO_NOTIFY_NSQ_ENABLE_QRAFT": "on",
            "MINIO_NOTIFY_NSQ_NSQD_ADDRESS_QRAFT": f"{LOOPBACK}:{{nsqd.tcp}}",
            "MINIO_NOTIFY_NSQ_TOPIC_QRAFT": "qraft.files",
            "MINIO_NOTIFY_NSQ_QUEUE_DIR_QRAFT": "{home}/notifications",
        },
        GoSource(
            "github.com/minio/minio",
            "v0.0.0-20250907161309-07c3a429bfed",
            "github.com/minio/minio",
        ),
    ),
    Server(
        "toxiproxy",
        {"http": 8474},
        ("toxiproxy", f"-host={LOOPBACK}", "-port={http}"),
        ("http", "/version"),
        {},
        GoSource(
            "github.com/Shopify/toxiproxy/v2",
            "v2.12.0",
            "github.com/Shopify/toxiproxy/v2/cmd/server",
        ),
    ),
    Server(
        "luigid",
        {"http": 8082},
        ("luigid", f"--address={LOOPBACK}", "--port={http}", "--state-path={home}/state.pickle"),
        ("http", "/api/worker_list"),
        # Without it luigid forgets a run ten minutes after its end.
        {"LUIGI_CONFIG_PATH": f"{CONFIGS}/luigid.cfg"},
        None,
    ),
)
BY_NAME: dict[str, Server] = {server.name: server for server in SERVERS}
