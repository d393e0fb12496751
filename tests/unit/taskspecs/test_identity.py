"""Equal content, equal name; anything that matters makes another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspecs.identity import SHORT, canonical_json, digest, resolved, run_id, spec_hash
from taskspecs.load import parse
from taskspecs.schema import TaskSpec

TEXT = "name: study\nsignal: {expression: $close}\nbacktest: {topk: 3, n_drop: 1}\n"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


@given(VALUES)
def test_canonical_json_is_json_and_stable(value):
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_makes_no_difference(value):
    assert digest(value) == digest(dict(reversed(value.items())))


def test_what_is_no_json_has_no_digest():
    with pytest.raises(ValueError, match="JSON"):
        digest(float("nan"))


def test_writing_a_default_out_changes_nothing():
    written = TEXT + "data: {source: sample, frequency: day, adjust: true}\naggregation: {}\n"
    assert spec_hash(parse(written)) == spec_hash(parse(TEXT))
    assert spec_hash(parse("# a comment\n" + TEXT)) == spec_hash(parse(TEXT))


@pytest.mark.parametrize(
    "change",
    [
        ("topk: 3", "topk: 4"), ("$close}", "$open}"), ("study", "study2"),
        ("n_drop: 1", "n_drop: 1, account: 5"),
    ],
)  # fmt: skip
def test_a_change_makes_another(change):
    assert spec_hash(parse(TEXT.replace(*change))) != spec_hash(parse(TEXT))


def test_a_spec_survives_its_resolved_form():
    spec = parse(TEXT)
    again = TaskSpec.model_validate_json(canonical_json(resolved(spec)), strict=True)
    assert again == spec
    assert spec_hash(again) == spec_hash(spec)


def test_a_run_is_its_spec_its_time_and_its_data():
    spec, when = parse(TEXT), datetime(2020, 1, 2, tzinfo=UTC)
    names = {
        run_id(spec, None, "a"), run_id(spec, None, "b"), run_id(spec, when, "a"),
        run_id(spec, when + timedelta(days=1), "a"),
        run_id(parse(TEXT.replace("topk: 3", "topk: 4")), None, "a"),
    }  # fmt: skip
    assert len(names) == 5
    assert run_id(spec, None, "a") == run_id(parse(TEXT), None, "a")
    assert all(len(name) == SHORT for name in names)


def test_identity_is_the_same_in_every_process():
    program = (
        "from taskspecs.load import parse; from taskspecs.identity import spec_hash\n"
        f"print(spec_hash(parse({TEXT!r})))"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }  # fmt: skip
    assert hashes == {spec_hash(parse(TEXT))}
