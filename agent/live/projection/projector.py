"""The projector's rounds: it alone loads what live sources bring, and it alone lets go of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from agent.live.home import SourceHome, sources_here
from agent.live.projection.housekeeping import keep_house, trim_outputs
from agent.live.projection.projecting import Projection
from configs.errors import Busy, QraftError
from configs.output import talk
from configs.remedies import Mend
from storage.locks import hold
from storage.open import open_lake, open_warehouse
from taskspecs.sources.flow import Keeping
from taskspecs.sources.load import restore

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from configs.output import Talk
    from configs.settings import Settings
    from configs.workspace import Workspace

ROUND_S: Final = 5.0
RULES_S: Final = 600.0


class Projector:
    """Loads, seals and lets go, for all sources of a workspace.

    Parameters
    ----------
    workspace, settings
        Whose sources, and where its stores are.
    """

    def __init__(self, workspace: Workspace, settings: Settings, *, say: Talk = talk) -> None:
        self._workspace, self._settings, self._say = workspace, settings, say
        self._lake = open_lake(settings, workspace)
        self._said: dict[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Go round until told to stop, and once more then.

        Raises
        ------
        Busy
            If another process projects this workspace.
        """
        with projecting(self._workspace):
            rounds = 0
            while not stop.is_set():
                self.round(tidy=rounds % int(RULES_S / ROUND_S) == 0)
                rounds += 1
                stop.wait(ROUND_S)
            self.round(tidy=False)

    def round(self, *, tidy: bool = True) -> int:
        """Load what is new of every source, seal hours, let go; return how many rows there were.

        What fails for one source is said, and does not keep the others from going on.
        """
        projections = {
            name: Projection(SourceHome(self._workspace, name), self._lake)
            for name in sources_here(self._workspace)
        }
        due = {name: each for name, each in projections.items() if tidy or self._is_due(each)}
        count = 0
        if due:
            with open_warehouse(self._settings, self._workspace) as warehouse:
                for name, projection in due.items():
                    with self._saying(name, "load"):
                        count += projection.load(warehouse)
                        if tidy:
                            projection.forget_old(warehouse, _rules(projection.home))
        for name, projection in projections.items():
            with self._saying(name, "seal"):
                rules, home = _rules(projection.home), projection.home
                keep_house(home, self._lake, rules, projected=projection.read, say=self._say)
                trim_outputs(home, projected=projection.made.at, hot_days=rules.hot_days)
        return count

    def _is_due(self, projection: Projection) -> bool:
        found: list[bool] = []
        with self._saying(projection.home.name, "load"):
            found.append(projection.is_due())
        return any(found)

    @contextmanager
    def _saying(self, name: str, what: str) -> Iterator[None]:
        """Say what is wrong, once for as long as it is."""
        key = f"{name}/{what}"
        try:
            yield
        except QraftError as error:
            if self._said.get(key) != error.what:
                self._say(f"{name}: {error}", "error")
            self._said[key] = error.what
        else:
            self._said.pop(key, None)


@contextmanager
def projecting(workspace: Workspace) -> Iterator[None]:
    """Be the one projector of a workspace."""
    workspace.locks.mkdir(parents=True, exist_ok=True)
    what = "the projector of this workspace"
    try:
        with hold(workspace.locks / "projector.lock", what=what, timeout_s=0.5):
            yield
    except Busy as error:
        raise Busy(f"{what} runs already", remedy=Mend.SHOW_STREAM()) from error


def rebuild(
    workspace: Workspace, settings: Settings, names: list[str], *, say: Talk = talk
) -> dict[str, int]:
    """Load sources anew from their journals and outputs; return rows by source.

    Raises
    ------
    Busy
        If a projector is at work.
    """
    lake = open_lake(settings, workspace)
    counts = {}
    with projecting(workspace), open_warehouse(settings, workspace, on_wait=say) as warehouse:
        for name in names:
            projection = Projection(SourceHome(workspace, name), lake)
            projection.begin_anew(warehouse)
            counts[name] = 0
            while fresh := projection.load(warehouse):
                counts[name] += fresh
                say(f"{name}: {counts[name]:,} rows")
    return counts


def _rules(home: SourceHome) -> Keeping:
    """Return how long a source's rows are kept, by the document that is in force."""
    try:
        return restore(home.spec.read_bytes()).keep
    except (OSError, QraftError):
        return Keeping()
