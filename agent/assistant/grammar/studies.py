"""The shipped studies that the assistant chooses from, and what of them it can turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Study(NamedTuple):
    """A shipped TaskSpec, by what it is about."""

    name: str
    feature: str
    """The feature that its signal is."""
    english: str
    chinese: str


STUDIES: Final = (
    Study("us_momentum", "momentum", "momentum (winners go on winning)", "动量（强者恒强）"),
    Study("us_reversal", "reversal", "reversal (losers recover)", "反转（超跌反弹）"),
)
"""In the order of preference where a prompt says nothing."""

BY_NAME: Final = {study.name: study for study in STUDIES}

EXPRESSIONS: Final[Mapping[str, str]] = {
    "momentum": "$close / Ref($close, {n}) - 1",
    "reversal": "1 - $close / Ref($close, {n})",
    "volatility": "Std($close / Ref($close, 1) - 1, {n})",
    "relative_volume": "$volume / Mean($volume, {n})",
}
"""Features whose window, in bars, can be said."""

DETECTORS: Final[Mapping[str, str]] = {
    "drift": "adwin",
    "anomaly": "half_space_trees",
    "cluster": "stream_kmeans",
}
"""What finds which type of pattern, unless a prompt names another."""

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "drift": frozenset(
        {"adwin", "page_hinkley", "kswin", "hddm_a", "hddm_w", "ddm", "eddm", "fhddm"}
    ),
    "anomaly": frozenset(
        {"half_space_trees", "gaussian_scorer", "one_class_svm", "predictive_anomaly", "loda",
         "ensemble"}
    ),
    "cluster": frozenset({"stream_kmeans", "dbstream"}),
}  # fmt: skip
"""All that find a type of pattern."""

DETECTOR_DEFAULTS: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("drift", "symbol"): {"detector": "adwin", "watch": "Abs($close / Ref($close, 1) - 1)"},
    ("drift", "market"): {"detector": "adwin", "scope": "market", "watch": "$dispersion"},
    ("anomaly", "symbol"): {
        "detector": "half_space_trees",
        "watch": ["$volatility", "$relative_volume", "$close / Ref($close, 1) - 1"],
    },
    ("anomaly", "market"): {
        "detector": "half_space_trees",
        "scope": "market",
        "watch": ["$equal_weight_return", "$dispersion"],
    },
    ("cluster", "symbol"): {
        "detector": "stream_kmeans",
        "watch": ["$volatility", "$relative_volume", "$close / Ref($close, 1) - 1"],
    },
    ("cluster", "market"): {
        "detector": "stream_kmeans",
        "scope": "market",
        "watch": ["$equal_weight_return", "$dispersion"],
    },
}
"""What is added where a study has no detector of a type and scope."""


def feature_name(said: str, study: Study) -> str:
    """Return the feature that a prompt's word means in a study."""
    if said == "main":
        return study.feature
    topic = said.removeprefix("topic.")
    return BY_NAME[topic].feature if topic in BY_NAME else said
