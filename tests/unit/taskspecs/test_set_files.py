"""A person's own set of features is a file of the workspace, and part of what the spec is."""

from __future__ import annotations

import re

import pytest

from configs.errors import BadInput
from taskspecs.features import all_expressions
from taskspecs.identity import resolved, spec_hash
from taskspecs.load import load
from taskspecs.schema import TaskSpec

SPEC = "name: mine\nfeatures:\n  sets: [kbar, sets/own.yaml]\nsignal: {expression: $MA20}\n"
OWN = "MA20: Mean($close, 20) / $close\nup: $close > $open\n"


@pytest.fixture
def written(tmp_path):
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "own.yaml").write_text(OWN)
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


def test_its_features_are_the_specs(written):
    spec, _ = load(written / "spec.yaml", written)
    expressions = all_expressions(spec.features)
    assert expressions["MA20"] == "Mean($close, 20) / $close"
    assert "KMID" in expressions
    again = TaskSpec.model_validate(resolved(spec))
    assert all_expressions(again.features) == expressions


def test_its_content_is_part_of_the_identity(written):
    before = spec_hash(load(written / "spec.yaml", written)[0])
    assert spec_hash(load(written / "spec.yaml", written)[0]) == before
    (written / "sets" / "own.yaml").write_text(OWN.replace("20) /", "21) /"))
    assert spec_hash(load(written / "spec.yaml", written)[0]) != before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("MA20: Mean($close, 20, 3)\n", r"own\.yaml:1.*Mean takes 2 arguments"),
        ("a: $close\nMA20: Meen($close, 20)\n", r"own\.yaml:2.*there is no operator 'Meen'"),
        ("MA20: Ref($close, -1)\n", r"own\.yaml:1.*looks 1 rows ahead"),
        ("MA20: $price\n", r"own\.yaml:1.*there is no field \$price"),
        ("close: $open\n", r"own\.yaml.*cannot be called `close`"),
        ("9x: $open\n", r"own\.yaml:1.*cannot name a feature"),
        ("- $open\n", r"own\.yaml"),
    ],
)
def test_what_is_wrong_in_it_is_located(written, content, complaint):
    (written / "sets" / "own.yaml").write_text(content)
    with pytest.raises(BadInput) as error:
        load(written / "spec.yaml", written)
    assert re.search(complaint, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    "name", ["../own.yaml", "/etc/own.yaml", "sets/won.yaml", "sets", "link.yaml"]
)
def test_it_must_be_there_and_in_the_workspace(written, name):
    (written.parent / "own.yaml").write_text(OWN)
    (written / "link.yaml").symlink_to(written.parent / "own.yaml")
    (written / "spec.yaml").write_text(SPEC.replace("sets/own.yaml", name))
    with pytest.raises(BadInput, match=r"spec\.yaml:3|signal"):
        load(written / "spec.yaml", written)


def test_its_content_is_not_written_by_hand(written):
    (written / "spec.yaml").write_text(
        "name: mine\nfeatures:\n  files: {a.yaml: {x: $close}}\nsignal: {expression: $x}\n"
    )
    with pytest.raises(BadInput, match=r"spec\.yaml:3.*filled in"):
        load(written / "spec.yaml", written)
