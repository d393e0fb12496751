"""Shipped specs are found by name and can be run; a person's own are found by path."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from tasks.ingest.origin.sources import locate
from taskspecs.catalogue import find, shipped
from taskspecs.load import load


@pytest.mark.parametrize("name", shipped())
def test_what_ships_is_right_and_says_what_it_is(name):
    spec, _ = load(shipped()[name])
    assert spec.name == name
    assert len(spec.description) > 40


def test_a_name_a_path_and_a_path_of_what_ships(tmp_path, monkeypatch):
    own = tmp_path / "us_momentum.yaml"
    own.write_text("name: mine\n")
    monkeypatch.chdir(tmp_path)
    assert find("us_momentum") == shipped()["us_momentum"]
    assert find("us_momentum.yaml").resolve() == own
    assert find(str(own)) == own
    monkeypatch.chdir("/")
    assert find("taskspecs/us_momentum.yaml") == shipped()["us_momentum"]


def test_a_near_miss_is_told(tmp_path):
    with pytest.raises(BadInput, match="there is no TaskSpec `us_momentun`") as refused:
        find("us_momentun")
    assert "did you mean 'us_momentum'?" in str(refused.value)
    with pytest.raises(BadInput, match="there is no TaskSpec"):
        find(str(tmp_path))


def test_a_study_of_ones_own_file_says_what_to_put_where(tmp_path):
    spec, _ = load(find("alpha158_lightgbm"))
    with pytest.raises(BadInput) as refused:
        locate(spec.data, tmp_path)
    for words in ("prices/daily.parquet", "put a CSV, Excel or Parquet of bars there", "volume"):
        assert words in str(refused.value)
