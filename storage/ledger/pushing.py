"""Heads in a git repository: a line for each, appended by commits that are never forced."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from configs.children import child_environment
from configs.errors import BadInput, Damaged, Failed, Unreachable
from configs.remedies import Mend
from storage.ledger.entry import Head

if TYPE_CHECKING:
    from collections.abc import Sequence

WAIT_S = 60
ATTEMPTS = 5
IDENTITY = (
    "-c",
    "user.name=qraft",
    "-c",
    "user.email=qraft@localhost",
    "-c",
    "commit.gpgsign=false",
)


def push_head(repository: str, branch: str, ledger: str, head: Head) -> bool:
    """Append a head to the file of a ledger, and push that.

    Parameters
    ----------
    repository
        A path or a URL that git can push to.
    ledger
        The ledger's id, after which the file is named.

    Returns
    -------
    bool
        Whether it was not there before.

    Raises
    ------
    Unreachable
        If git cannot push there.
    """
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="qraft-heads-") as folder:
            there = _fetch(Path(folder), repository, branch)
            path = Path(folder) / f"{ledger}.heads"
            lines = path.read_text(encoding="utf-8").split() if path.exists() else []
            if str(head) in lines:
                return False
            path.write_text("\n".join([*lines, str(head)]) + "\n", encoding="utf-8")
            _git(folder, "add", path.name)
            _git(folder, *IDENTITY, "commit", "-q", "-m", f"Head {head.seq} of {ledger[:12]}")
            done = _run(folder, "push", "-q", repository, f"HEAD:refs/heads/{branch}")
            if done.returncode == 0:
                return True
            if not there or not _moved(done.stderr):
                raise Unreachable(f"git cannot push to {repository}", hint=_last(done.stderr))
    raise Unreachable(f"others push to {repository} without pause", hint="trying again is safe")


def pushed_heads(repository: str, branch: str, ledger: str) -> Sequence[Head]:
    """Return all heads of a ledger that were ever pushed, the oldest first.

    Each state of the file counts, so that a later commit takes nothing back.

    Raises
    ------
    BadInput
        If none was.
    Damaged
        If a line is no head.
    """
    with tempfile.TemporaryDirectory(prefix="qraft-heads-") as folder:
        if not _fetch(Path(folder), repository, branch):
            raise BadInput(f"{repository} has no branch {branch}")
        name = f"{ledger}.heads"
        commits = _git(folder, "log", "--format=%H", "HEAD", "--", name).split()
        texts = [
            done.stdout
            for commit in commits
            if (done := _run(folder, "show", f"{commit}:{name}")).returncode == 0
        ]
    found = dict.fromkeys(line for text in reversed(texts) for line in text.split())
    if not found:
        raise BadInput(
            f"{repository} has no head of this ledger",
            remedy=Mend.PUSH_HEADS(repository=repository),
        )
    return [_read(line) for line in found]


def _read(line: str) -> Head:
    seq, colon, digest = line.partition(":")
    if not colon or not seq.isdigit() or len(digest) != 64:
        raise Damaged(f"`{line[:40]}` in the repository of heads is no head")
    return Head(int(seq), digest)


def _fetch(folder: Path, repository: str, branch: str) -> bool:
    """Check out a branch, or begin it; return whether it was there."""
    _git(folder, "init", "-q", ".")
    listed = _run(folder, "ls-remote", repository, f"refs/heads/{branch}")
    if listed.returncode != 0:
        raise Unreachable(f"git cannot read {repository}", hint=_last(listed.stderr))
    if not listed.stdout.strip():
        return False
    _git(folder, "fetch", "-q", repository, f"refs/heads/{branch}")
    _git(folder, "checkout", "-q", "FETCH_HEAD")
    return True


def _git(folder: str | Path, *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode != 0:
        raise Failed(f"git {arguments[0]} failed", hint=_last(done.stderr))
    return done.stdout


def _run(folder: str | Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git; it asks nobody, and runs nothing that a repository brings."""
    environment = child_environment({"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"})
    try:
        return subprocess.run(  # noqa: S603 - no shell, and the arguments are ours
            ["git", "-c", "core.hooksPath=/dev/null", *arguments],  # noqa: S607
            cwd=folder, env=environment, text=True, capture_output=True, check=False,
            timeout=WAIT_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Failed("git is not installed", hint="it is what pushes heads") from error
    except subprocess.TimeoutExpired as error:
        raise Unreachable(f"git {arguments[0]} took longer than {WAIT_S} s") from error


def _moved(complaint: str) -> bool:
    return "fetch first" in complaint or "non-fast-forward" in complaint or "rejected" in complaint


def _last(text: str) -> str:
    return text.strip().rpartition("\n")[2]
