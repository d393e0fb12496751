"""Machine code is used as long as all code that it was made of is what it was."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tasks.features.kernels import compiling

SOURCE = """
from tasks.features.kernels.compiling import compiled

@compiled
def kernel(value):
    return value + {added}
"""


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    # Bytecode of a file of the same second and size would be taken for this one's.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def made(digest, added):
        path = tmp_path / "made.py"
        path.write_text(SOURCE.format(added=added))
        monkeypatch.setattr(compiling, "_digest_of", lambda _: digest)
        spec = importlib.util.spec_from_file_location("made", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.kernel

    return made


def test_code_of_another_digest_is_made_anew_and_the_old_one_goes(kernel, tmp_path):
    assert kernel("a" * 16, 1)(1.0) == 2.0
    (first,) = tmp_path.rglob("*.nbi")
    assert "a" * 16 in first.name
    assert kernel("b" * 16, 2)(1.0) == 3.0
    (second,) = tmp_path.rglob("*.nbi")
    assert "b" * 16 in second.name
    assert not first.exists()


def test_code_of_the_same_digest_is_read_again(kernel):
    kernel("a" * 16, 1)(1.0)
    again = kernel("a" * 16, 1)
    again(1.0)
    assert sum(again.stats.cache_hits.values()) == 1


def test_code_that_cannot_be_told_is_kept_nowhere(kernel, tmp_path):
    assert kernel(None, 1)(1.0) == 2.0
    assert not list(tmp_path.rglob("*.nbi"))


def test_a_kernels_digest_is_of_all_that_it_reaches():
    module = "tasks.backtest.fast.loop"
    from tasks.dag.code.closure import own_code

    reached = own_code().of((module,), {}, without=()).sources
    assert {"tasks.backtest.fast.book", "tasks.backtest.fast.orders"} <= set(reached)
    assert compiling._digest_of(module) == own_code().of((module,), {}, without=()).digest[:16]
