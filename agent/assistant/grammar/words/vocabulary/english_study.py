"""English vocabulary: what is studied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "TOPIC",
        "us_momentum",
        (
            "momentum|cross-sectional momentum|price momentum|trend following|trend-following"
            "|trend|trends|relative strength|mom|us_momentum"
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
    (
        "LABEL",
        None,
        (
            "label|labels|target|prediction target|label is|target is|predict|predicts"
            "|predicting|forecast|forecasting|forecasts"
        ),
    ),
    ("NEXT", None, "next|following|coming|future|ahead|the next|the following"),
    ("MARKET", None, "market|market-wide|market wide"),
    (
        "WINDOW",
        None,
        (
            "window|lookback|look-back|lookback window|lookback period|look back"
            "|formation period|horizon|period|measured over|computed over"
            "|calculated over|formed over|looking back"
        ),
    ),
    (
        "DETECTOR",
        "drift",
        (
            "drift|drifts|concept drift|regime change|regime changes|regime shift|regime shifts"
            "|change point|change points|changepoint|changepoints|structural break"
            "|structural breaks|drift detection|drift detector|drift detectors"
        ),
    ),
    (
        "DETECTOR",
        "anomaly",
        (
            "anomaly|anomalies|anomalous days|outlier|outliers|anomaly detection"
            "|anomaly detector|anomaly detectors|outlier detection"
        ),
    ),
    ("DETECTOR", "drift:adwin", "adwin|adwin detector|adaptive windowing"),
    (
        "DETECTOR",
        "drift:page_hinkley",
        "page hinkley|pagehinkley|page-hinkley test|page hinkley test|page_hinkley|cusum",
    ),
    ("DETECTOR", "drift:kswin", "kswin|kolmogorov-smirnov windowing"),
    ("DETECTOR", "drift:hddm_a", "hddm_a|hddm-a|hddma"),
    ("DETECTOR", "drift:hddm_w", "hddm_w|hddm-w|hddmw"),
    ("DETECTOR", "drift:ddm", "ddm|drift detection method"),
    ("DETECTOR", "drift:eddm", "eddm|early drift detection method"),
    ("DETECTOR", "drift:fhddm", "fhddm"),
    (
        "DETECTOR",
        "anomaly:half_space_trees",
        "half space trees|half space tree|hst|halfspacetrees|half_space_trees",
    ),
    ("DETECTOR", "anomaly:gaussian_scorer", "gaussian scorer|gaussian_scorer|gaussianscorer"),
    ("DETECTOR", "anomaly:one_class_svm", "one-class svm|one class svm|oneclasssvm|one_class_svm"),
    ("DETECTOR", "anomaly:predictive_anomaly", "predictive anomaly|predictive anomaly detection"),
    ("DETECTOR", "anomaly:loda", "loda"),
    ("DETECTOR", "anomaly:ensemble", "ensemble detector|anomaly ensemble|ensemble of detectors"),
    ("DETECTOR", "cluster", "cluster change|cluster changes|cluster shifts|cluster drift"),
    (
        "DETECTOR",
        "cluster:stream_kmeans",
        "stream k-means|streaming k-means|stream_kmeans|kmeans|k-means",
    ),
    ("DETECTOR", "cluster:dbstream", "dbstream"),
    (
        "OTHER_DETECTOR",
        None,
        (
            "hddm|isolation forest|isolation forests|iforest|lof|local outlier factor"
            "|autoencoder|autoencoders|denstream|clustream|dbscan|birch|hmm|hidden markov model"
        ),
    ),
    ("PARAMETER", "delta", "delta|adwin delta"),
    ("PARAMETER", "n_trees", "trees|n_trees"),
    ("PARAMETER", "quantile", "quantile"),
    ("PARAMETER", "threshold", "threshold"),
    ("PARAMETER", "cooldown_bars", "cooldown|cooldown_bars|cool-down|cooldown of"),
    ("PARAMETER", "warmup_bars", "warm-up|warmup|warmup_bars"),
    ("PARAMETER", "n_clusters", "clusters|n_clusters"),
    ("PARAMETER", "nu", "nu"),
    ("PARAMETER", "n_std", "n_std"),
    ("PARAMETER", "lags", "lags"),
    ("PARAMETER", "radius", "radius"),
    ("NORMALISE", "rank", "rank|ranks|ranked|ranking|cross-sectional rank"),
    (
        "NORMALISE",
        "zscore",
        (
            "zscore|z-score|z-scores|z-score normalisation|z-score normalization"
            "|zscore normalisation|zscore normalization|zscored|z-scored|z-score normalised"
            "|z-score normalized|standardised|standardized"
        ),
    ),
    ("NORMALISE", "robust_zscore", "robust zscore|robust z-score|robust z-scores"),
    (
        "NORMALISE",
        "none",
        (
            "without normalisation|no normalisation|raw features|unnormalised"
            "|without normalization|no normalization"
        ),
    ),
    ("ADJUST", True, "adjusted prices|adjusted close|adjusted data|adjusted"),
    ("ADJUST", False, "unadjusted prices|raw prices|unadjusted|unadjusted close|unadjusted data"),
)
"""Kind, value, phrases separated by bars."""
