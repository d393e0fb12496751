"""A change of clusters: how far the state of some bars is from the state before."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from scipy.spatial.distance import cdist

from tasks.detection.protocol import Alarm, BlockByBlock, Numbers
from tasks.detection.scaling.block_scale import BlockScale

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from taskspecs.detectors.cluster import ChangeOfClusters

_SIGMAS_EACH_WAY = 8.0
_MOST_SCORES = 200
_MOST_STATES = 6


class State(NamedTuple):
    """Clusters: centres in robust standard deviations, shape (k, fields), and weights of sum 1."""

    centres: NDArray[np.float64]
    weights: NDArray[np.float64]


class Clusterer(Protocol):
    """One of River's clusterers."""

    def learn(self, bars: NDArray[np.float64]) -> None:
        """Learn bars, shape (n, fields), in robust standard deviations from the medians."""

    def centres(self) -> NDArray[np.float64]:
        """Return the centres, shape (k, fields), k > 0, in an order that does not depend on them.

        Only called after `learn`.
        """


def learn_each(learn_one: Callable[[dict[int, float]], None], bars: NDArray[np.float64]) -> None:
    """Give bars, shape (n, fields), to one of River's clusterers as the dicts that it takes.

    Parameters
    ----------
    learn_one
        Of a clusterer; it is given place to value.
    bars
        Float64, shape (n, fields), in the order of time.

    Notes
    -----
    Look-ahead: none; bars one after the other.
    """
    if bars.shape[1] == 1:
        for value in bars[:, 0].tolist():
            learn_one({0: value})
    else:
        for bar in bars.tolist():
            learn_one(dict(enumerate(bar)))


def distance(one: State, other: State) -> float:
    """Return how far two states are from each other, in [0, 1].

    Energy distance between the weighted centres over the greatest it could be: with E(X, Y) the
    mean distance between centres of the two states, and E(X, X') and E(Y, Y') those within each,
    1 - (E(X, X') + E(Y, Y')) / (2 E(X, Y)). Two centres d robust deviations apart are at a distance
    of sqrt(1 + d^2), for bars lie about one deviation from their centre. So it is 0 for equal
    states, 0.29 where a single cluster moved by one deviation, 0.55 by two, 0.68 by three, and
    never reaches 1.

    Source: Szekely and Rizzo, "Energy statistics: a class of statistics based on distances",
    Journal of Statistical Planning and Inference 2013 (their coefficient of inhomogeneity), with
    the multiquadric in the place of the Euclidean distance, which is of negative type, too.

    Examples
    --------
    >>> here = State(np.array([[0.0], [2.0]]), np.array([0.5, 0.5]))
    >>> there = State(np.array([[9.0]]), np.array([1.0]))
    >>> distance(here, here), round(distance(here, there), 2)
    (0.0, 0.84)
    """
    within, between = _mean_distances(one, other)
    return min(1.0, max(0.0, 1.0 - within / (2.0 * between)))


def _mean_distances(one: State, other: State) -> tuple[float, float]:
    """Return the mean distances within both states, added up, and that between them."""
    centres, n = np.concatenate([one.centres, other.centres]), len(one.weights)
    lengths = np.sqrt(1.0 + cdist(centres, centres, "sqeuclidean"))
    within = _mean(one, lengths[:n, :n], one) + _mean(other, lengths[n:, n:], other)
    return within, _mean(one, lengths[:n, n:], other)


def _mean(one: State, lengths: NDArray[np.float64], other: State) -> float:
    return float(one.weights @ lengths.copy() @ other.weights)  # of one layout, so of one rounding


class ClusterChangeDetector(BlockByBlock):
    """One of River's clusterers, whose state is taken every `state_bars` bars and compared.

    *Scale.* Fields enter as robust standard deviations from the median, by a `BlockScale` learnt
    once from the first `window_bars` bars: a moving scale would hide what moves. 8 deviations
    either way are the most that counts.

    *State.* The centres, each with the share of the last `state_bars` bars that are nearest to it;
    a centre with none has no weight.

    *Alarm.* Each new state is compared with the last six since the change before, taken together
    (all their centres, weighted alike); at a `distance` of `min_change` or more it speaks, and the
    new state begins the next reference. The first `window_bars` bars and the first two states say
    nothing.

    *States.* `prev_state` and `new_state` hold the share of each cluster and its centre in each
    field, in the unit of the source, heaviest first, and the number of clusters with any weight;
    those of `prev_state` are of the last state before.

    *Contributors.* Each field in turn is left out of the distance; a field's share is how far the
    energy distance drops without it over the sum of the drops.

    *Confidence.* 1 - (1 + number of past distances not below it) / (n + 1).

    *Score.* The distance, in [0, 1], at bars at which a state is full; None at the others.

    Look-ahead: none; bars up to the present.
    """

    def __init__(self, spec: ChangeOfClusters, clusterer: Clusterer) -> None:
        self._spec = spec
        self._clusterer = clusterer
        self._scale = BlockScale(spec.window_bars, len(spec.fields))
        self._is_scaled = False
        self._pending = np.empty((0, len(spec.fields)))
        self._until = spec.window_bars
        self._reference: list[State] = []
        self._scores = array("d")

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        scores, alarms = np.full(len(values), np.nan), []
        row = 0
        while row < len(values):
            part = values[row : row + self._until]
            row += len(part)
            self._until -= len(part)
            self._take(part)
            if self._until == 0:
                told, alarm = self._compare()
                scores[row - 1] = told
                if alarm is not None:
                    alarms.append((row - 1, alarm))
        return scores, alarms

    def _take(self, rows: NDArray[np.float64]) -> None:
        if self._is_scaled:
            rows = self._deviations(rows)
            self._clusterer.learn(rows)
        self._pending = np.concatenate([self._pending, rows])

    def _deviations(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return (self._scale.unit(rows) - 0.5) * (2.0 * _SIGMAS_EACH_WAY)

    def _compare(self) -> tuple[float, Alarm | None]:
        """Take the state of the pending bars, and say how far it is from those before."""
        rows, self._pending = self._pending, self._pending[:0]
        self._until = self._spec.state_bars
        if not self._is_scaled:
            self._learn_scale(rows)
            return np.nan, None
        state = self._state(rows)
        known = self._reference
        if len(known) < 2:
            known.append(state)
            return np.nan, None
        before = State(
            np.concatenate([one.centres for one in known]),
            np.concatenate([one.weights for one in known]) / len(known),
        )
        told = distance(before, state)
        alarm = self._alarm(told, before, state) if told >= self._spec.min_change else None
        self._scores.append(told)
        del self._scores[:-_MOST_SCORES]
        self._reference = [state] if alarm is not None else [*known[1 - _MOST_STATES :], state]
        return told, alarm

    def _learn_scale(self, rows: NDArray[np.float64]) -> None:
        self._scale.learn(rows)
        self._scale.renew()
        self._is_scaled = True
        self._clusterer.learn(self._deviations(rows))

    def _state(self, deviations: NDArray[np.float64]) -> State:
        centres = self._clusterer.centres()
        nearest = cdist(deviations, centres, "sqeuclidean").argmin(axis=1)
        counts = np.bincount(nearest, minlength=len(centres))
        used = counts > 0
        return State(centres[used], counts[used] / len(deviations))

    def _alarm(self, told: float, before: State, state: State) -> Alarm:
        past = sum(one >= told for one in self._scores)
        return Alarm(
            prev_state=self._numbers(self._reference[-1]),
            new_state=self._numbers(state),
            metrics={
                "score": (told, "ratio"),
                "min_change": (self._spec.min_change, "ratio"),
                "past_states": (len(self._scores), "count"),
            },
            confidence=1.0 - (1.0 + past) / (len(self._scores) + 1.0),
            contributors=self._shares(before, state),
            since_bars=self._spec.state_bars - 1,
        )

    def _numbers(self, state: State) -> Numbers:
        order = np.argsort(-state.weights, kind="stable")
        numbers: dict[str, tuple[float, str]] = {"clusters": (len(order), "count")}
        for rank, cluster in enumerate(order.tolist(), start=1):
            numbers[f"cluster {rank} share"] = (float(state.weights[cluster]), "ratio")
            centre = self._scale.centre + state.centres[cluster] * self._scale.sigma
            for field, value in zip(self._spec.fields, centre.tolist(), strict=True):
                numbers[f"cluster {rank} {field}"] = (value, "source")
        return numbers

    def _shares(self, before: State, state: State) -> tuple[tuple[str, float], ...]:
        fields = self._spec.fields
        if len(fields) == 1:
            return ((fields[0], 1.0),)
        whole = _energy(before, state)
        drops = [
            max(0.0, whole - _energy(_without(before, i), _without(state, i)))
            for i in range(len(fields))
        ]
        total = sum(drops) or 1.0
        return tuple((field, drop / total) for field, drop in zip(fields, drops, strict=True))


def _energy(one: State, other: State) -> float:
    within, between = _mean_distances(one, other)
    return 2.0 * between - within


def _without(state: State, field: int) -> State:
    return State(np.delete(state.centres, field, axis=1), state.weights)
