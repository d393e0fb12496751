"""YAML is read safely, within bounds, with the place of every key and value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs import document
from configs.document import MAX_BYTES, MAX_DEPTH, dotted_path, parse_document, read_document
from configs.errors import SPEC, BadInput, Place

TEXTS = st.text(st.characters(max_codepoint=0xD7FF), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def parse(text: str):
    return parse_document(text.encode(), file="f.yaml")


def assert_read_or_refused(raw: bytes):
    try:
        document = parse_document(raw, file="f.yaml")
    except BadInput as error:
        refusal = error
    else:
        refusal = None
        assert isinstance(document.value, dict)
    assert refusal is None or "f.yaml" in str(refusal)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_json_is_read_as_json(value):
    assert parse(json.dumps(value)).value == value
    assert parse(json.dumps(value, indent=2)).value == value


@given(st.text(st.sampled_from(list("ab: -\n\t[]{},&*!?|>'\"#%@`~<=0.")), max_size=60))
def test_any_text_is_read_or_refused_kindly(text):
    assert_read_or_refused(text.encode())


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_kindly(raw):
    assert_read_or_refused(raw)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1), ("-7", -7), ("+3", 3), ("007", 7), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0),
        ("1e3", 1000.0), ("-2.5E-3", -0.0025), ("true", True), ("FALSE", False), ("null", None),
        ("~", None), ("", None), ("yes", "yes"), ("ON", "ON"), ("NO", "NO"), ("16:00", "16:00"),
        ("2020-01-31", "2020-01-31"), ("0x10", "0x10"), ("1_000", "1_000"), (".inf", ".inf"),
        (".nan", ".nan"), ("'1'", "1"), ('"true"', "true"), ("$close", "$close"), ("nan", "nan"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(written, value):
    read = parse(f"key: {written}").value["key"]
    assert read == value
    assert type(read) is type(value)


TEXT = """\
name: study
signal:
  expression: $close
detection:
  - detector: adwin
    watch: [$close, "$open"]
    delta: 0.01
"""


def test_every_value_knows_its_place():
    document = parse(TEXT)
    lines = TEXT.splitlines()
    for path, written in document.written.items():
        place = document.place(path)
        at = lines[place.line - 1][place.column - 1 :].lstrip('"')
        assert at.startswith(written), path
        assert place.key == dotted_path(path)


def test_every_key_knows_its_place():
    document = parse(TEXT)
    lines = TEXT.splitlines()
    for path in document.keys:
        place = document.place(path, of_key=True)
        assert lines[place.line - 1][place.column - 1 :].startswith(f"{path[-1]}:"), path


def test_what_is_missing_stands_where_its_parent_stands():
    place = parse(TEXT).place(("detection", 0, "scope"))
    assert (place.line, place.key) == (5, "detection[0].scope")


def test_an_error_that_names_a_key_finds_its_line():
    document = parse(TEXT)
    located = document.located(BadInput("too low", place=Place(SPEC, key="detection[0].delta")))
    assert str(located).startswith("f.yaml:7:12, key detection[0].delta: too low")
    unwritten = BadInput("too low", place=Place(SPEC, key="detection[0].delta.x"))
    assert str(document.located(unwritten)).startswith("f.yaml:7:12, key detection[0].delta.x")
    elsewhere = BadInput("too low", place=Place("other.yaml", key="name"))
    assert document.located(elsewhere) is elsewhere


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
REFUSED = {
    "alias bomb": (BOMB, "f.yaml:1:4, key a: anchors and aliases"),
    "alias alone": ("a: *b\n", "f.yaml:1:4, key a: anchors and aliases"),
    "anchored key": ("&k a: 1\n", "f.yaml:1:1"),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1, key a: the key `a` was already given in"),
    "duplicate below": ("a:\n  b: 1\n  b: 2\n", "f.yaml:3:3, key a.b: the key `b` was already"),
    "tagged text": ("a: !!binary aGk=\n", "f.yaml:1:4, key a: the tag"),
    "tagged object": ("a: !!python/object:os.system {x: 1}\n", "key a: the tag"),
    "tagged list": ("a: !mine [1]\n", "key a: the tag !mine is not allowed"),
    "set": ("a: !!set {x}\n", "key a: the tag"),
    "complex key": ("? [a, b]\n: 1\n", "f.yaml:1:3: a key must be plain text"),
    "list": ("- a\n- b\n", "f.yaml:1:1: expected `key: value` lines"),
    "nothing": ("# only a comment\n", "f.yaml:1:1: expected `key: value` lines"),
    "two documents": ("a: 1\n---\nb: 2\n", "f.yaml:2:1: more than one document"),
    "unclosed": ("a: [1, 2\n", "f.yaml:2:1: not valid YAML"),
    "tab": ("a:\n\tb: 1\n", "f.yaml:2:1: not valid YAML"),
    "control character": ("a: 1\nb: x\x01y\n", "f.yaml:2:5: the character U+0001 is not allowed"),
    "too deep": (f"a: {'[' * 60}{']' * 60}\n", f"nested deeper than {MAX_DEPTH} levels"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_where(case):
    text, expected = REFUSED[case]
    with pytest.raises(BadInput) as refused:
        parse(text)
    assert expected in str(refused.value)


def test_values_have_a_bound(monkeypatch):
    monkeypatch.setattr(document, "MAX_NODES", 1_000)
    parse(f"a: [{'1,' * 900}1]\n")
    with pytest.raises(BadInput, match="more than 1,000 values"):
        parse(f"a: [{'1,' * 1_100}1]\n")


def test_files_have_bounds(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * MAX_BYTES)
    with pytest.raises(BadInput, match="at most 1,048,576 are read"):
        read_document(path)
    with pytest.raises(BadInput, match=r"is not UTF-8 text \(byte 3\)"):
        parse_document(b"a: \xff", file="f.yaml")
    with pytest.raises(BadInput, match=r"cannot read .*missing\.yaml"):
        read_document(tmp_path / "missing.yaml")
    with pytest.raises(BadInput, match="cannot read"):
        read_document(tmp_path)


def test_a_byte_order_mark_is_no_content():
    assert parse_document(b"\xef\xbb\xbfa: 1", file="f.yaml").value == {"a": 1}
