"""What ships with Qraft, as documents: the specs, and the reference of operators and detectors."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import taskspecs
from agent.memory.document import Document

FOLDER: Final = Path(taskspecs.__path__[0])
MANUALS: Final = {
    "operators": FOLDER / "expressions" / "README.md",
    "detectors": FOLDER / "detectors" / "README.md",
}


def shipped_files() -> list[Path]:
    """Return the files that are remembered."""
    return [*sorted(FOLDER.glob("*.yaml")), *MANUALS.values()]


def shipped() -> list[Document]:
    """Return the shipped specs, and the manuals by their headings."""
    specs = [
        Document(
            f"spec:{path.stem}",
            "spec",
            f"study {path.stem}, which ships",
            path.read_text(encoding="utf-8"),
        )
        for path in sorted(FOLDER.glob("*.yaml"))
    ]
    manuals = [
        Document(f"{kind}:{path.name}", kind, kind, path.read_text(encoding="utf-8"))
        for kind, path in MANUALS.items()
    ]
    return [*specs, *manuals]
