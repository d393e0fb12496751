"""The studies of a workspace that rerun by themselves."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import BadInput, QraftError
from taskspecs.catalogue import find
from taskspecs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from configs.settings import Settings
    from configs.workspace import Workspace
    from taskspecs.schema import TaskSpec

LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Study:
    """A TaskSpec and its file."""

    path: Path
    spec: TaskSpec


def named_studies(names: Sequence[str], root: Path | None = None) -> list[Study]:
    """Load studies by name or path.

    Raises
    ------
    BadInput
        Located, if one of them is wrong, or two have one name.
    """
    return _distinct([Study(path, load(path, root)[0]) for path in map(find, names)])


def watched_files(workspace: Workspace, settings: Settings) -> list[Path]:
    """Return the files that the settings name as studies."""
    found = [path for pattern in settings.studies for path in workspace.root.glob(pattern)]
    return sorted(dict.fromkeys(found))


def watched_studies(
    workspace: Workspace, settings: Settings, *, say: Callable[[str], None]
) -> list[Study]:
    """Load the studies that the settings name; one that cannot be read is said and passed over."""
    return list(watch_workspace(workspace, settings, say=say)())


def watch_workspace(
    workspace: Workspace, settings: Settings, *, say: Callable[[str], None]
) -> StudyWatch:
    """Return the studies that the settings name, as they change."""

    def read(path: Path) -> Study:
        workspace.inside(str(path.relative_to(workspace.root)))
        return Study(path, load(path, workspace.root)[0])

    return StudyWatch(lambda: watched_files(workspace, settings), read, say=say)


def watch_named(names: Sequence[str], root: Path, *, say: Callable[[str], None]) -> StudyWatch:
    """Return studies by name or path, as they change.

    Raises
    ------
    BadInput
        Located, if one of them is wrong at the beginning, or two have one name.
    """
    paths = [study.path for study in named_studies(names, root)]
    return StudyWatch(lambda: paths, lambda path: Study(path, load(path, root)[0]), say=say)


def wakers(study: Study) -> str:
    """Say what makes a study run."""
    wakers = [trigger.says() for trigger in study.spec.triggers]
    if schedule := study.spec.schedule:
        wakers.append(f"the clock, {schedule.cron} {schedule.timezone}")
    return "; ".join(wakers) or "nothing wakes it"


def _distinct(studies: list[Study]) -> list[Study]:
    seen: dict[str, Path] = {}
    for study in studies:
        name = study.spec.name
        if name in seen and seen[name] != study.path:
            raise BadInput(
                f"{seen[name]} and {study.path} are both called `{name}`",
                hint="a study's name is what is scheduled and woken; give each its own",
            )
        seen[name] = study.path
    return list({study.spec.name: study for study in studies}.values())


class StudyWatch:
    """The studies as their files are now, for a command that runs for days.

    A study that is added, changed or removed is seen. A file that cannot be read, or that takes the
    name of another, leaves the study as it was; that is said once for each state of the file.

    Parameters
    ----------
    find
        Returns the files to look at.
    read
        Reads one of them.
    say
        Told what changes.
    """

    def __init__(
        self,
        find: Callable[[], Sequence[Path]],
        read: Callable[[Path], Study],
        *,
        say: Callable[[str], None],
    ) -> None:
        self._find = find
        self._read_file = read
        self._say = say
        self._known: dict[Path, tuple[object, Study | None]] = {}
        self._current: tuple[Study, ...] = ()
        self._looked = float("-inf")
        self._lock = threading.Lock()
        self._began = False
        self._clashes: set[str] = set()

    def __call__(self) -> tuple[Study, ...]:
        """Return the studies, from files that were looked at within the last second; any thread."""
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_S:
                self._look()
                self._looked = time.monotonic()
            return self._current

    def _look(self) -> None:
        before = {study.spec.name: study for study in self._current}
        known = {}
        for path in self._find():
            state, study = self._known.get(path, (None, None))
            if (found := _state_of(path)) != state:
                study = self._read(path, study)
            known[path] = found, study
        self._known = known
        now: dict[str, Study] = {}
        clashes: set[str] = set()
        for path, (_, study) in known.items():
            if study is None:
                continue
            first = now.setdefault(study.spec.name, study)
            if first is not study:
                clashes.add(
                    f"{path.name} is passed over: {first.path.name} is called "
                    f"`{study.spec.name}`, too"
                )
        for clash in sorted(clashes - self._clashes):
            self._say(clash)
        self._clashes = clashes
        self._current = tuple(now.values())
        if self._began:
            self._tell(before, now)
        self._began = True

    def _read(self, path: Path, before: Study | None) -> Study | None:
        try:
            return self._read_file(path)
        except (QraftError, OSError, ValueError, RecursionError) as error:
            goes_on = "; it goes on as it was before" if before is not None else ""
            self._say(f"{path.name} is passed over{goes_on}: {error}")
            return before

    def _tell(self, before: dict[str, Study], now: dict[str, Study]) -> None:
        for name in sorted({*before, *now}):
            if name not in before:
                self._say(f"{name} is new: {wakers(now[name])}")
            elif name not in now:
                self._say(f"{name} is gone")
            elif before[name].spec != now[name].spec:
                self._say(f"{name} has changed: {wakers(now[name])}")


def _state_of(path: Path) -> object:
    """Return what differs when a file is written or replaced."""
    try:
        found = path.stat()
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino
