"""A detector's state is read without running what a file names, and goes on bit for bit."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from tasks.detection.execution.state import NoState, freeze, thaw
from tasks.detection.registry import REGISTRY, build_detector
from taskspecs.detectors import DetectorSpec


def detector(name):
    adapter = TypeAdapter(DetectorSpec)
    try:
        return build_detector(adapter.validate_python({"detector": name, "watch": ["$a", "$b"]})), 2
    except ValidationError:
        return build_detector(adapter.validate_python({"detector": name, "watch": "$a"})), 1


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_detector_goes_on_from_its_state(name):
    one, fields = detector(name)
    values = np.random.default_rng(4).normal(size=(900, fields))
    values[600:] += 2
    seconds = np.arange(900) * 86_400.0
    one.run(values[:500], seconds[:500])
    state = freeze(one)
    other = thaw(state)
    assert opened(freeze(other)) == opened(state)
    assert freeze(other) == state
    scores, alarms = one.run(values[500:], seconds[500:])
    again, same = other.run(values[500:], seconds[500:])
    assert scores.tobytes() == again.tobytes()
    assert alarms == same


def opened(payload):
    """Return the nodes of a state, so that it can be seen in what two of them differ."""
    raw = zlib.decompress(payload)
    (size,) = struct.unpack_from("<Q", raw)
    return [*json.loads(raw[8 : 8 + size]), raw[8 + size :]]


def packed(root, nodes, buffer=b""):
    text = json.dumps([root, nodes]).encode()
    return zlib.compress(struct.pack("<Q", len(text)) + text + buffer)


GUARD = "tasks.detection.guard:Guarded"
ATTEMPTS = {
    "a function": [["class", "os:system"]],
    "a function of ours": [["class", "tasks.detection.guard:usable_rows"]],
    "a module of ours, and what it imports": [
        ["class", "tasks.detection.execution.state:import_module"]
    ],
    "a class that was imported there": [["class", "tasks.detection.task:RunTask"]],
    "through an attribute": [["class", "tasks.detection.execution.state:_Reader.get"]],
    "through double underscores": [["class", "tasks.detection.guard:Guarded.__init__"]],
    "a built-in": [["class", "builtins:eval"]],
    "a short name": [["class", "eval"]],
    "a neighbour by name": [["class", "tasks.detectionevil:X"]],
    "called": [["call", "subprocess:Popen", [1]], ["tuple", "id"]],
    "called, of ours": [["call", GUARD, [1]], ["tuple", 1, 2]],
    "an object": [["object", "subprocess:Popen", [1], None], ["tuple", "id"]],
    "a partial": [["partial", [1], [2], [3]], ["class", "os:system"], ["tuple", "id"], ["dict"]],
    "a partial of no class": [["partial", 7, [1], [2]], ["tuple"], ["dict"]],
    "a method of a class": [["method", [1], "__subclasses__"], ["class", GUARD]],
    "a method of text": [["method", "x", "format"]],
    "a method of a dict": [["method", [1], "update"], ["dict"]],
    "a double underscore": [["method", [1], "__reduce__"], ["object", GUARD, [2], None],
                            ["tuple"]],
    "objects in an array": [["array", "|O", [1], "C", 0, 8]],
    "times in an array": [["array", "<M8[D]", [1], "C", 0, 8]],
    "more than there is": [["array", "<f8", [2], "C", 0, 16]],
    "before the beginning": [["bytes", -8, 8]],
    "text in a column": [["column", "u", 0, 8]],
    "itself within itself": [["tuple", [0]]],
    "nothing": [["tuple", [7]]],
    "another kind": [["reduce", "os:system", "id"]],
    "a kind that is no kind": [["_node", 1]],
    "the reader itself": [["", 1]],
}  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_is_no_state_of_a_detector_is_refused(attempt):
    with pytest.raises(NoState):
        thaw(packed([0], ATTEMPTS[attempt], b"\0" * 8))


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", zlib.compress(b""), zlib.compress(b"\xff" * 8), packed([0], []),
     packed(None, [])[:-3], packed([0], [["list"] + [[n] for n in range(1, 2)]]),
     zlib.compress(struct.pack("<Q", 200_000) + b"[" * 200_000)],
)  # fmt: skip
def test_what_is_no_state_at_all_is_refused(raw):
    with pytest.raises(NoState):
        thaw(raw)


def test_what_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("tasks.detection.execution.state.LARGEST", 1_000)
    with pytest.raises(NoState, match="too large"):
        thaw(zlib.compress(b"\0" * 1_000_000))


@pytest.mark.parametrize("value", [object(), np.array([object()]), open, pytest.fail, lambda: 1])
def test_what_is_no_state_is_not_written(value):
    with pytest.raises(NoState):
        freeze([value])


def test_what_was_one_object_is_one_again():
    shared = np.arange(3.0)
    fortran = np.asfortranarray(np.ones((2, 3)))
    inner = [shared, {"a": shared}, fortran]
    inner.append(inner)
    found = thaw(freeze(inner))
    assert found[0] is found[1]["a"]
    assert found[3] is found
    assert found[2].flags.f_contiguous
    assert not found[2].flags.c_contiguous
