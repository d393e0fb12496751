"""English vocabulary: what is studied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.ask.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "TOPIC",
        "us_momentum",
        (
            "momentum|cross-sectional momentum|price momentum|trend following|trend-following|trend"
            "|trends|relative strength|mom|us_momentum"
        ),
    ),
    (
        "TOPIC",
        "us_reversal",
        (
            "reversal|reversals|short-term reversal|short-term mean reversion|mean reversion"
            "|mean-reversion|mean reverting|mean-reverting|contrarian|reversion|oversold"
            "|us_reversal"
        ),
    ),
    ("RANKED", "us_momentum", "winners|best performers|past winners|recent winners"),
    ("RANKED", "us_reversal", "losers|worst performers|past losers|recent losers"),
    ("FEATURE", "volatility", "volatility|vol|realised volatility|realized volatility"),
    ("FEATURE", "relative_volume", "volume|trading volume|relative volume|relative_volume"),
    ("SERIES", "$dispersion", "dispersion|market dispersion|cross-sectional dispersion"),
    ("SERIES", "$breadth", "breadth|market breadth"),
    (
        "SERIES",
        "$average_correlation",
        (
            "correlation|correlations|average correlation|market correlation"
            "|market's correlation|market's average correlation"
        ),
    ),
    ("SERIES", "$equal_weight_return", "market return|market returns|equal-weight return"),
    ("MARKET", None, "market|market-wide|market wide"),
    (
        "WINDOW",
        None,
        (
            "window|lookback|look-back|lookback window|lookback period|look back|formation period"
            "|horizon|period"
        ),
    ),
    (
        "DETECTOR",
        "drift",
        (
            "drift|drifts|concept drift|regime change|regime changes|regime shift|regime shifts"
            "|change point|change points|changepoint|changepoints|structural break"
            "|structural breaks|drift detection|drift detector|drift detectors|adwin|adwin detector"
        ),
    ),
    (
        "DETECTOR",
        "anomaly",
        (
            "anomaly|anomalies|anomalous days|outlier|outliers|anomaly detection|anomaly detector"
            "|anomaly detectors|outlier detection|half space trees|half space tree|hst"
            "|halfspacetrees"
        ),
    ),
    (
        "OTHER_DETECTOR",
        None,
        (
            "page hinkley|pagehinkley|kswin|hddm|isolation forest|lof|cusum|local outlier factor"
            "|one-class svm|autoencoder|denstream|dbstream|clustream|cluster change|cluster changes"
        ),
    ),
    ("PARAMETER", "detection.drift.delta", "delta|adwin delta"),
    ("PARAMETER", "detection.anomaly.n_trees", "trees|n_trees"),
    ("PARAMETER", "detection.anomaly.quantile", "quantile"),
    ("NORMALISE", "rank", "rank|ranks|ranked|ranking|cross-sectional rank"),
    (
        "NORMALISE",
        "zscore",
        (
            "zscore|z-score|z-scores|zscored|z-scored|z-score normalised|z-score normalized"
            "|standardised|standardized"
        ),
    ),
    ("NORMALISE", "robust_zscore", "robust zscore|robust z-score|robust z-scores"),
    (
        "NORMALISE",
        "none",
        (
            "without normalisation|no normalisation|raw features|unnormalised|without normalization"
            "|no normalization"
        ),
    ),
    ("ADJUST", True, "adjusted prices|adjusted close|adjusted data|adjusted"),
    ("ADJUST", False, "unadjusted prices|raw prices|unadjusted|unadjusted close|unadjusted data"),
)
"""Kind, value, phrases separated by bars."""
