"""What a TaskSpec may say of detectors of a change of clusters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from taskspecs.detectors.base import Detector, Seed


class ChangeOfClusters(Detector):
    """What detectors of a change of clusters have in common."""

    window_bars: Annotated[int, Field(ge=40, le=100_000)] = 250
    """Bars from which scales and the first state are learnt; no alarm before."""
    state_bars: Annotated[int, Field(ge=10, le=100_000)] = 100
    """Bars that make up one state; states are compared as each is full."""
    min_change: Annotated[float, Field(gt=0, lt=1)] = 0.12
    """Least distance between two states, in [0, 1], that is a change."""


class StreamKMeansDetector(ChangeOfClusters):
    """Cluster change: the centres of a k-means over chunks moved (O'Callaghan et al., 2002)."""

    detector: Literal["stream_kmeans"]
    n_clusters: Annotated[int, Field(ge=1, le=50)] = 3
    """Centres; those that no bar is near to have no weight."""
    seed: Seed = 42
    """The first centres are drawn from this seed."""


class DbStreamDetector(ChangeOfClusters):
    """Cluster change: dense regions moved, came or went (Hahsler and Bolanos, 2016)."""

    detector: Literal["dbstream"]
    radius: Annotated[float, Field(gt=0, le=100)] = 1.5
    """Of a micro-cluster, in robust standard deviations."""
    fading: Annotated[float, Field(gt=0, le=1)] = 0.02
    """A micro-cluster's weight halves in one over so many bars."""
