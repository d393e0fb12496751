from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from taskspecs.detectors import DetectorSpec

ADAPTER: TypeAdapter[DetectorSpec] = TypeAdapter(DetectorSpec)


def test_defaults_are_enough() -> None:
    drift = ADAPTER.validate_python({"detector": "adwin", "watch": " $close "})
    assert drift.watched == ("$close",)
    assert drift.scope == "symbol"


def test_what_is_watched_keeps_its_order() -> None:
    trees = ADAPTER.validate_python({"detector": "half_space_trees", "watch": ["$b", "$a"]})
    assert trees.watched == ("$b", "$a")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"detector": "adwim", "watch": "$close"}, "adwin"),
        ({"detector": "adwin", "watch": "$close", "window": 3}, "window"),
        ({"detector": "adwin", "watch": "$close", "delta": float("nan")}, "delta"),
        ({"detector": "half_space_trees", "watch": ["$a", "$a"]}, r"watched twice: \$a"),
        ({"detector": "half_space_trees", "watch": []}, "watch"),
    ],
)
def test_what_cannot_be_meant_is_refused(content: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        ADAPTER.validate_python(content)
