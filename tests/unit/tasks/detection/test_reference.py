from __future__ import annotations

from pathlib import Path

import taskspecs.detectors
from tasks.detection.reference import write_reference
from tasks.detection.registry import REGISTRY


def test_the_reference_is_what_the_classes_say() -> None:
    """Where it is not, write `write_reference()` into the file."""
    page = Path(taskspecs.detectors.__file__).with_name("README.md")
    assert page.read_text(encoding="utf-8") == write_reference()


def test_every_detector_names_its_source_and_its_states() -> None:
    sections = write_reference().split("\n## ")
    pages = {section.split("\n")[0].strip("`"): section for section in sections}
    shared = {name: page for name, page in pages.items() if name not in REGISTRY}
    for name in REGISTRY:
        rules = [page for base, page in shared.items() if f"[{base}]" in pages[name]]
        whole = pages[name] + "".join(rules)
        assert "*States.*" in whole or "states states" in whole, name
        assert "ontributors" in whole, name
        assert "Source: " in whole or "ensemble" in name, name
