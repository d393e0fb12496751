import pytest
from qlib.contrib.data.loader import Alpha158DL, Alpha360DL

from configs.errors import BadInput
from taskspecs.expressions import check
from taskspecs.expressions.sets import SETS, expand


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
