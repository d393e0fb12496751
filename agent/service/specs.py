"""TaskSpecs as a person names or writes them, and errors that find their line in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.service.service import Service
    from configs.document import Document
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True)
class Spec:
    """A TaskSpec, and the document that it was read from, where there is one."""

    taskspec: TaskSpec
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Written(Spec):
    """A TaskSpec that was read from a document."""

    document: Document


def read_spec(service: Service, wanted: str) -> Written:
    """Read a TaskSpec by the name of a shipped one, or by its path.

    Raises
    ------
    BadInput
        Located in the file, if there is no such TaskSpec or it is no valid one.
    """
    from taskspecs.catalogue import find
    from taskspecs.load import load

    return Written(*load(find(wanted), service.workspace.root))


class locating:  # noqa: N801 - reads as a statement
    """Give the errors inside it their line in the TaskSpec's file.

    Parameters
    ----------
    spec
        What the errors are about.
    """

    def __init__(self, spec: Spec) -> None:
        self._document = spec.document

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Locate an error that knows only its key."""
        from configs.errors import QraftError

        if self._document is None or not isinstance(error, QraftError):
            return
        if error.place and error.place.line is None:
            raise self._document.located(error) from error
