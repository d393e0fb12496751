"""Models are filled strictly; a mistake is told with its place, its value and what is allowed."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from configs.document import parse_document
from configs.errors import BadInput
from configs.section import Section
from configs.validation import validate


class Cat(Section):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)] = 9


class Dog(Section):
    kind: Literal["dog"]
    tricks: tuple[str, ...] = ()


class House(Section):
    street: str
    number: int = 1
    pets: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...] = ()
    colour: Literal["red", "blue"] = "red"
    size: Literal["large"] | int = 3


def read(text):
    return validate(House, parse_document(text.encode(), file="h.yaml"))


def test_what_is_right_becomes_the_model():
    house = read("street: Elm\npets:\n  - {kind: cat, lives: 3}\n  - {kind: dog, tricks: [sit]}\n")
    assert house.pets == (Cat(kind="cat", lives=3), Dog(kind="dog", tricks=("sit",)))


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("street: Elm\nnumbr: 2\n", "h.yaml:2:1, key numbr", ["unknown key `numbr`", "'number'"]),
        ("stret: Elm\n", "h.yaml:1:1, key stret", ["unknown key `stret`", "'street'"]),
        ("number: 2\n", "h.yaml:1:1, key street", ["the key `street` is missing"]),
        ("street: 12\n", "h.yaml:1:9, key street", ["`12`", 'in quotes: "12"']),
        ("street: 000012\n", "h.yaml:1:9, key street", ["`000012`", 'in quotes: "000012"']),
        ("street: Elm\nnumber: '2'\n", "h.yaml:2:9, key number", ["`2`", "valid integer"]),
        ("street: Elm\nnumber: 2.5\n", "h.yaml:2:9, key number", ["`2.5`", "integer"]),
        ("street: Elm\nnumber: true\n", "h.yaml:2:9, key number", ["`true`", "integer"]),
        ("street: Elm\nnumber:\n", "key number", ["`(nothing)`"]),
        ("street: Elm\ncolour: rde\n", "h.yaml:2:9, key colour", ["`rde`", "did you mean 'red'"]),
        ("street: Elm\npets: [{kind: cta}]\n", "h.yaml:2:15, key pets[0].kind", ["'cat'", "dog"]),
        ("street: Elm\npets: [{lives: 2}]\n", "key pets[0]", ["the key `kind` is missing"]),
        ("street: Elm\npets: [{kind: cat, lives: 10}]\n", "key pets[0].lives", ["`10`", "9"]),
        ("street: Elm\npets: [{kind: cat, live: 1}]\n", "key pets[0].live", ["'lives'", "kind"]),
        ("street: Elm\npets: {}\n", "key pets", ["array"]),
        ("street: Elm\nsize: huge\n", "h.yaml:2:7, key size", ["`huge`"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told(text, place, words):
    with pytest.raises(BadInput) as refused:
        read(text)
    message = str(refused.value)
    assert place in message
    assert [word for word in words if word not in message] == []


def test_a_keys_suggestions_are_those_of_its_own_kind():
    with pytest.raises(BadInput) as refused:
        read("street: Elm\npets: [{kind: dog, lives: 2}]\n")
    assert "allowed: kind, tricks" in str(refused.value)


def test_other_mistakes_are_counted_by_place():
    with pytest.raises(BadInput, match="2 more mistakes after this one"):
        read("street: 1\nnumber: x\ncolour: y\n")
    with pytest.raises(BadInput) as refused:
        read("street: Elm\nsize: huge\n")  # a union fails once for each of its members
    assert "more mistake" not in str(refused.value)


def test_a_long_value_is_cut():
    with pytest.raises(BadInput) as refused:
        read(f"street: Elm\ncolour: {'x' * 5000}\n")
    assert len(refused.value.what) < 200
