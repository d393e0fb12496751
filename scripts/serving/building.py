"""Build servers from the Go module proxy, once: the programs stay in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.table import GoSource, Server

GO_NEEDED = "go 1.24"
BUILD_TIMEOUT_S = 1_800


class CannotBuild(Exception):
    """Says what is missing, and what to do."""


def cache() -> Path:
    """Return the folder of the programs that were built."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "qraft" / "servers"


def program(server: Server) -> Path:
    """Return the server's program, which is built if it has not been.

    Raises
    ------
    CannotBuild
        If there is no Go, or it fails.
    """
    if server.source is None:
        return Path(sys.executable).with_name(server.command[0])
    built = cache() / f"{server.name}-{server.source.version}"
    if not built.exists():
        _build(server.name, server.source, built)
    return built


def _build(name: str, source: GoSource, target: Path) -> None:
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        raise CannotBuild(
            f"{name} is built from source, and there is no Go on the PATH: "
            "install Go 1.24 or newer, or run configs/compose.yaml with Docker"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"building {name} {source.version} (once; some minutes for minio) ...", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        replaced = "".join(f"replace {line}\n" for line in source.replace)
        Path(folder, "go.mod").write_text(
            f"module servers\n\n{GO_NEEDED}\n\nrequire {source.module} {source.version}\n{replaced}"
        )
        unfinished = Path(folder, "program")
        command = [go, "build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", str(unfinished)]
        done = subprocess.run(
            [*command, source.package],
            cwd=folder, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CannotBuild(f"{name} could not be built:\n{done.stderr[-2_000:]}")
        unfinished.replace(target)
