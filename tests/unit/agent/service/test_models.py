"""Every answer is a model that a face can publish: frozen, described, with a schema."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

import agent.service
from agent.service.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator


def modules() -> list[str]:
    found = pkgutil.walk_packages(agent.service.__path__, "agent.service.")
    return [each.name for each in found]


def models(root: type[Model] = Model) -> Iterator[type[Model]]:
    for each in root.__subclasses__():
        yield each
        yield from models(each)


for _name in modules():
    importlib.import_module(_name)


def test_the_room_is_no_larger_than_a_room_may_be():
    rooms = [agent.service.__path__, *(m.__path__ for m in packages())]
    assert all(len(list(pkgutil.iter_modules(path))) <= 16 for path in rooms)


def packages():
    return [
        importlib.import_module(each.name)
        for each in pkgutil.iter_modules(agent.service.__path__, "agent.service.")
        if each.ispkg
    ]


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model.__name__)
def test_a_model_has_a_schema_and_says_what_it_is(model):
    schema = model.model_json_schema(mode="serialization")
    assert schema["additionalProperties"] is False
    assert schema["description"]
    assert model.model_config["frozen"]


def test_no_two_answers_have_one_name():
    names = [model.__name__ for model in models()]
    assert sorted(names) == sorted(set(names))
