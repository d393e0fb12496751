from pathlib import Path

import pytest
from qlib.contrib.data.loader import Alpha158DL, Alpha360DL

from configs.errors import BadInput
from taskspecs.expressions import check
from taskspecs.expressions.sets import SETS, expand
from taskspecs.expressions.sets.files import load


@pytest.mark.parametrize(("name", "loader"), [("alpha158", Alpha158DL), ("alpha360", Alpha360DL)])
def test_sets_are_qlibs_own(name: str, loader: type[Alpha158DL]) -> None:
    texts, names = loader.get_feature_config()
    assert list(expand(name).items()) == list(zip(names, texts, strict=True))


def test_kbar_is_the_start_of_alpha158() -> None:
    assert list(expand("kbar").items()) == list(expand("alpha158").items())[:9]


@pytest.mark.parametrize("name", sorted(SETS))
def test_every_expression_can_be_a_feature(name: str) -> None:
    for text in expand(name).values():
        check(
            text,
            known_fields=("open", "high", "low", "close", "volume", "vwap"),
            allow_lookahead=False,
        )


def test_unknown_sets_are_refused_with_near_matches() -> None:
    with pytest.raises(BadInput, match="did you mean 'alpha158'"):
        expand("alpha185")


def test_a_set_of_ones_own_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("ma5: Mean($close, 5) / $close\nspread: >-\n  $high\n  - $low\n")
    assert load(path, known_fields=("close", "high", "low")) == {
        "ma5": "Mean($close, 5) / $close", "spread": "$high - $low",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("ok: $close\nbad: Maen($close, 5)\n", "did you mean 'Mean'", 2),
        ("ok: $close\n5x: $close\n", "cannot name a feature", 2),
        ("label: Ref($close, -1)\n", "only a label may read the future", 1),
        ("number: 5\n", "an expression is text, not 5", 1),
        ("ok: $clos\n", "did you mean 'close'", 1),
        ("- $close\n", "key: value", 1),
    ],
)
def test_mistakes_in_files_are_located(tmp_path: Path, text: str, says: str, line: int) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        load(path, known_fields=("close",))
    assert says in str(caught.value)
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == (str(path), line)
