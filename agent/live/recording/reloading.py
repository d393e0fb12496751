"""A source's document while it runs: a change that is valid takes effect, any other is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, QraftError
from taskspecs.sources.load import canonical, load

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator
    from pathlib import Path

    from taskspecs.sources.load import Known
    from taskspecs.sources.spec import SourceSpec

DEBOUNCE_MS: Final = 50
STEP_MS: Final = 10


class Watched:
    """A document and what it last said.

    Parameters
    ----------
    path
        The YAML.
    known
        What other rooms know of the names in it.

    Raises
    ------
    BadInput
        If it is not valid to begin with.
    """

    def __init__(self, path: Path, known: Known) -> None:
        self.path, self._known = path, known
        self.spec: SourceSpec = load(path, known)[0]
        self.trouble = ""
        """What is wrong with the document as it is now; file, line and key."""

    def look(self) -> bool:
        """Read the document again; say whether what it means has changed, and is valid."""
        try:
            spec, document = load(self.path, self._known)
            if spec.name != self.spec.name:
                raise BadInput(
                    f"`name` was {self.spec.name} and is {spec.name}: a source that runs keeps it",
                    place=document.place(("name",)),
                    hint="stop it, and run the other one",
                )
        except QraftError as error:
            self.trouble = str(error)
            return False
        self.trouble = ""
        changed = canonical(spec) != canonical(self.spec)
        self.spec = spec
        return changed

    async def changes(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """Yield, each time the file was touched, what :meth:`look` says."""
        from watchfiles import awatch

        # The folder, for editors put a new file in the place of the old one.
        async for found in awatch(
            self.path.parent,
            stop_event=stop,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            recursive=False,
            ignore_permission_denied=True,
        ):
            if any(touched.endswith(f"/{self.path.name}") for _, touched in found):
                yield self.look()
