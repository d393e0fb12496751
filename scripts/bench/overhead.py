"""What Qraft's detectors cost beside a bare River loop, in one process, as CPU time.

The bare loop is River's documented one, written as a River user would for speed: its methods bound
to local names, numbers in a list, the dict that River wants made for each event, nothing stored but
the last score. A drift detector is updated and asked for `drift_detected` at each event; an anomaly
detector scores and learns; a clusterer learns, and its centres are read once a state. Where a model
predicts (the DDM family, predictive anomalies), the loop keeps its last values, and predicts and
learns with River's own model. The values are drawn standardised, so the loop does no scaling.

Ours takes an array, standardises, guards against missing values, keeps a score for each bar, and
confirms, describes and attributes what it finds, all of it measured. The stream has a shift every
5,000 events. Below zero are detectors whose work is River's, to the last bit, with less ceremony
than River's own classes have (`tests/unit/tasks/detection/test_equal_to_river.py`).
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter
from river import anomaly, cluster, drift, feature_extraction, linear_model
from river.drift import binary

from tasks.detection.registry import REGISTRY, build_detector
from taskspecs.detectors import DetectorSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    Loop = Callable[[], Any]

SHIFT_EVERY = 5_000
EVENTS = {
    "adwin": 200_000, "page_hinkley": 200_000, "kswin": 3_000, "half_space_trees": 6_000,
    "loda": 6_000, "gaussian_scorer": 60_000,
}  # fmt: skip
"""So many that each side takes some tenths of a second."""
USUAL_EVENTS = 20_000


def overheads(rounds: int = 5) -> dict[str, dict[str, float]]:
    """Return, for each detector, events a second of both sides, each the best of the rounds."""
    return {name: _overhead(name, rounds) for name in REGISTRY if name != "ensemble"}


def _overhead(name: str, rounds: int) -> dict[str, float]:
    spec: Any = TypeAdapter(DetectorSpec).validate_python({"detector": name, "watch": "$x"})
    events = EVENTS.get(name, USUAL_EVENTS)
    rng = np.random.default_rng(1)
    values = rng.normal(size=events) + 3.0 * ((np.arange(events) // SHIFT_EVERY) % 2)
    bare = _bare(spec, values)
    column = values[:, None]
    pairs = [(_cpu(bare()), _cpu(partial(build_detector(spec).run, column))) for _ in range(rounds)]
    river, ours = (min(side) for side in zip(*pairs, strict=True))
    return {
        "river_events_per_s": events / river,
        "our_events_per_s": events / ours,
        "overhead": ours / river - 1.0,
    }


def _cpu(loop: Loop) -> float:
    began = time.process_time()
    loop()
    return time.process_time() - began


def _bare(spec: Any, values: np.ndarray) -> Callable[[], Loop]:
    """Return what makes a bare loop anew; what it makes before the loop is not measured."""
    kind = REGISTRY[spec.detector].finds
    if kind == "drift":
        make = partial(_errors_loop if hasattr(spec, "lags") else _drift_loop, spec, values)
    elif kind == "anomaly":
        make = partial(_anomaly_loop, spec, values)
    else:
        make = partial(_cluster_loop, spec, values)
    return make


def _drift_loop(spec: Any, values: np.ndarray) -> Loop:
    detector: Any = {
        "adwin": lambda: drift.ADWIN(delta=spec.delta, clock=1),
        "page_hinkley": lambda: drift.PageHinkley(30, spec.delta, spec.threshold),
        "kswin": lambda: drift.KSWIN(spec.alpha, spec.window_bars, spec.stat_bars, spec.seed),
        "hddm_a": lambda: binary.HDDMA(two_sided_test=True),
        "hddm_w": lambda: binary.HDDMW(two_sided_test=True),
    }[spec.detector]()
    if spec.detector.startswith("hddm"):
        values = np.clip(0.5 + values / 6.0, 0.0, 1.0)
    return partial(_update_all, detector, values.tolist())


def _update_all(detector: Any, events: list[float]) -> None:
    update = detector.update
    for event in events:
        update(event)
        if detector.drift_detected:
            pass


def _errors_loop(spec: Any, values: np.ndarray) -> Loop:
    detector: Any = {
        "ddm": binary.DDM,
        "eddm": binary.EDDM,
        "fhddm": lambda: binary.FHDDM(confidence_level=spec.drift_confidence),
    }[spec.detector]()
    of_an_error = float(spec.detector != "fhddm")
    return partial(_err_all, detector, _model(), values.tolist(), of_an_error)


def _model() -> Any:
    return linear_model.PARegressor(C=0.01, mode=1, eps=0.0)


def _err_all(detector: Any, model: Any, events: list[float], of_an_error: float) -> None:
    update, predict, learn = detector.update, model.predict_one, model.learn_one
    first = second = 0.0
    for value in events:
        known = {"0 2 before": second, "0 1 before": first}
        wrong = abs(value - predict(known)) > 1.4
        learn(known, value)
        update(of_an_error if wrong else 1.0 - of_an_error)
        if detector.drift_detected:
            pass
        first, second = value, first


def _anomaly_loop(spec: Any, values: np.ndarray) -> Loop:
    if spec.detector == "gaussian_scorer":
        scorer: Any = anomaly.GaussianScorer(spec.window_bars, spec.grace_bars)
        return partial(_score_values, scorer, values.tolist())
    if spec.detector == "predictive_anomaly":
        river: Any = anomaly.PredictiveAnomalyDetection(_model(), n_std=spec.n_std)
        return partial(_score_predictions, river, values.tolist())
    if spec.detector == "one_class_svm":
        sampler: Any = feature_extraction.RBFSampler(0.2, spec.n_components, spec.seed)
        return partial(_transform_all, sampler, anomaly.OneClassSVM(nu=spec.nu), values.tolist())
    river = {
        "half_space_trees": lambda: anomaly.HalfSpaceTrees(
            spec.n_trees, spec.height, spec.window_bars, seed=spec.seed
        ),
        "loda": lambda: anomaly.LODA(spec.n_bins, spec.n_random_cuts, seed=spec.seed),
    }[spec.detector]()
    return partial(_score_all, river, (0.5 + values / 16.0).tolist())


def _score_all(detector: Any, events: list[float]) -> Any:
    score, learn = detector.score_one, detector.learn_one
    for value in events:
        event = {"$x": value}
        told = score(event)
        learn(event)
    return told


def _score_values(detector: Any, events: list[float]) -> Any:
    score, learn = detector.score_one, detector.learn_one
    for value in events:
        told = score(None, value)
        learn(None, value)
    return told


def _score_predictions(detector: Any, events: list[float]) -> Any:
    score, learn = detector.score_one, detector.learn_one
    first = second = 0.0
    for value in events:
        known = {"0 2 before": second, "0 1 before": first}
        told = score(known, value)
        learn(known, value)
        first, second = value, first
    return told


def _transform_all(sampler: Any, detector: Any, events: list[float]) -> Any:
    transform, score, learn = sampler.transform_one, detector.score_one, detector.learn_one
    for value in events:
        features = transform({"$x": value})
        told = score(features)
        learn(features)
    return told


def _cluster_loop(spec: Any, values: np.ndarray) -> Loop:
    river: Any = {
        "stream_kmeans": lambda: cluster.STREAMKMeans(
            10, spec.n_clusters, halflife=0.2, sigma=1.0, seed=spec.seed
        ),
        "dbstream": lambda: cluster.DBSTREAM(spec.radius, spec.fading, 10),
    }[spec.detector]()
    return partial(_cluster_all, river, values.tolist(), spec.state_bars)


def _cluster_all(clusterer: Any, events: list[float], state_bars: int) -> Any:
    learn = clusterer.learn_one
    for start in range(0, len(events), state_bars):
        for value in events[start : start + state_bars]:
            learn({0: value})
        centres = clusterer.centers
    return centres
