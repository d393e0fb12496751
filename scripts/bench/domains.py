"""Series of two sets of domains, each with the nuisances of its kind, and anomalies put into them.

`SET_TO` is what the ensemble's few numbers were set on, in series of `USUAL_ROWS` and `LONG_ROWS`.
`HELD_OUT` is other domains, scored as the last numbers were settled. Both hold what real monitoring
holds and no label marks: heavy tails, benign bursts, counts with zeros, quantised and stuck values,
missing and irregular rows, slow trends.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from labelled_series import FIRST, KINDS, WINDOW_SHARE, Labelled, inject

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draw = np.random.Generator
    Base = Callable[[Floats, Draw], Floats]

MINUTE, HOUR = 60.0, 3_600.0


def _day(seconds: Floats) -> Floats:
    return 2 * np.pi * (seconds / 86_400.0 % 1.0)


def _weekend(seconds: Floats) -> NDArray[np.bool_]:
    return (seconds / 86_400.0 + 3).astype(int) % 7 >= 5


def _autoregress(shocks: Floats, memory: float) -> Floats:
    level = np.zeros(len(shocks))
    for i in range(1, len(shocks)):
        level[i] = memory * level[i - 1] + shocks[i]
    return level


def _bursts(n: int, rng: Draw, share: float, size: float, decay: float) -> Floats:
    """Benign events that come by chance and die away."""
    return _autoregress((rng.random(n) < share) * size * rng.pareto(2.5, n), decay)


def _processor(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    jobs = (np.arange(n) % int(rng.integers(60, 300)) < 2) * rng.uniform(0, 6)
    load = rng.uniform(2, 40) + 0.5 * rng.standard_t(4, n) + jobs
    return np.round(np.clip(load + _bursts(n, rng, 0.004, 3, 0.3), 0, None), 2)


def _network(seconds: Floats, rng: Draw) -> Floats:
    swing = 1 + 0.4 * np.sin(_day(seconds))
    noise = np.exp(0.4 * rng.normal(size=len(seconds)))
    return np.round(1e5 * swing * noise + 1e5 * _bursts(len(seconds), rng, 0.01, 2, 0.5))


def _mentions(seconds: Floats, rng: Draw) -> Floats:
    rate = (
        rng.uniform(3, 60)
        * (1.05 + np.sin(_day(seconds) - 2))
        * np.where(_weekend(seconds), 0.6, 1.0)
    )
    rate = rate * (0.5 + _bursts(len(seconds), rng, 0.01, 0.5, 0.9)) + 0.2
    return rng.poisson(rate * rng.gamma(3, 1 / 3, len(seconds))).astype(float)


def _passengers(seconds: Floats, rng: Draw) -> Floats:
    turn, weekend = _day(seconds), _weekend(seconds)
    shape = 1.2 - np.cos(turn - 0.5) + np.where(weekend, 0.1, 0.4) * np.sin(2 * turn)
    slow = 1 + 0.1 * _autoregress(0.02 * rng.normal(size=len(seconds)), 0.999)
    return np.round(9_000 * shape * slow * (1 + 0.04 * rng.normal(size=len(seconds))))


def _machine(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    slow = _autoregress(0.4 * rng.normal(size=n), 0.997)
    return 85 + slow + 0.6 * rng.normal(size=n) - _bursts(n, rng, 0.002, 2, 0.95)


def _prices(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    level = _autoregress(0.1 * rng.standard_t(4, n), 0.95)
    return np.exp(level + 0.25 * rng.standard_t(4, n)) * (1 + 0.2 * np.sin(_day(seconds)))


def _speed(seconds: Floats, rng: Draw) -> Floats:
    rush = np.exp(-8 * (1 - np.cos(_day(seconds) - 2.2))) * ~_weekend(seconds)
    return np.round(65 - 25 * rush * rng.random(len(seconds)) - 3 * rng.gamma(1.5, 1, len(seconds)))


def _latency(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    return 40 + rng.gamma(4, 0.8, n) + _bursts(n, rng, 0.02, 4, 0.2) + 0.0005 * np.arange(n)


SET_TO: dict[str, Base] = {
    "processor": _processor, "network": _network, "mentions": _mentions, "passengers": _passengers,
    "machine": _machine, "prices": _prices, "speed": _speed, "latency": _latency,
}  # fmt: skip


def _requests(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    rate = 80 * (1.3 + np.sin(_day(seconds) - 1)) * (1 + 2e-4 * np.arange(n))
    return rng.poisson(rate * np.exp(0.2 * rng.standard_t(5, n))).astype(float)


def _meter(seconds: Floats, rng: Draw) -> Floats:
    n, turn = len(seconds), _day(seconds)
    shape = 3 + np.sin(turn - 2) + 0.7 * np.sin(2 * turn) - 0.8 * _weekend(seconds)
    return np.round(shape + _autoregress(0.02 * rng.normal(size=n), 0.998)
                    + 0.1 * rng.normal(size=n), 1)  # fmt: skip


def _keys(seconds: Floats, rng: Draw) -> Floats:
    awake = np.sin(_day(seconds) - 2) > 0.2
    return rng.poisson(8 * awake * (rng.random(len(seconds)) < 0.5) * rng.gamma(2, 0.5)).astype(
        float
    )


def _shifts(seconds: Floats, rng: Draw) -> Floats:
    """Levels among which a server's load moves as a matter of course."""
    n = len(seconds)
    states = rng.integers(0, 4, n)[np.cumsum(rng.random(n) < 0.012)]
    return 10 + 3 * states + 0.5 * rng.standard_t(5, n)


def _disk(seconds: Floats, rng: Draw) -> Floats:
    period = int(rng.integers(80, 400))
    return 30 + 40 * (np.arange(len(seconds)) % period) / period + rng.normal(size=len(seconds))


def _river(seconds: Floats, rng: Draw) -> Floats:
    n = len(seconds)
    return 2 + _bursts(n, rng, 0.01, 0.5, 0.97) + np.round(0.02 * rng.normal(size=n), 2)


def _thermostat(seconds: Floats, rng: Draw) -> Floats:
    n, period = len(seconds), int(rng.integers(8, 30))
    on = (np.arange(n) + rng.integers(0, 3, n)) % period < period / 3
    return 20 + 2 * on + np.sin(_day(seconds)) + 0.2 * rng.normal(size=n)


def _occupancy(seconds: Floats, rng: Draw) -> Floats:
    load = np.clip(np.sin(_day(seconds) - 1.8), 0, None) * np.where(_weekend(seconds), 0.4, 1.0)
    return np.round(
        20 * load * rng.gamma(6, 1 / 6, len(seconds)) + rng.gamma(1, 0.5, len(seconds)), 2
    )


HELD_OUT: dict[str, Base] = {
    "requests": _requests, "meter": _meter, "keys": _keys, "shifts": _shifts, "disk": _disk,
    "river": _river, "thermostat": _thermostat, "occupancy": _occupancy,
}  # fmt: skip


USUAL_ROWS = (1_300, 2_500, 4_000, 4_000, 6_000)
LONG_ROWS = (8_000, 12_000, 16_000)
"""As many windows in more rows: what rarely goes wrong has more time for false alarms."""


def generate_domains(
    bases: dict[str, Base], seed: int, copies: int = 1, rows: tuple[int, ...] = USUAL_ROWS
) -> list[Labelled]:
    """Return one series for each domain and kind of anomaly, `copies` times."""
    drawn = [(base, kind) for base in bases for kind in KINDS for _ in range(copies)]
    return [
        _one(f"{base}-{kind}", bases[base], kind, np.random.default_rng([seed, 977, number]), rows)
        for number, (base, kind) in enumerate(drawn)
    ]


def _one(name: str, base: Base, kind: str, rng: Draw, rows: tuple[int, ...]) -> Labelled:
    n = int(rng.choice(rows))
    step = float(rng.choice([5 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR]))
    steps = np.full(n, step)
    if rng.random() < 0.3:  # some rows never came
        steps *= 1 + (rng.random(n) < 0.03) * rng.integers(1, 12, n)
    seconds = FIRST + np.cumsum(steps)
    values = base(seconds, rng)
    count = int(rng.integers(0, 4))
    half = int(WINDOW_SHARE * n / max(1, count) / 2)
    windows = []
    for low, high in pairwise(np.linspace(0.18 * n, 0.97 * n, count + 1)):
        at = int(rng.uniform(low + half, max(low + half + 1, high - half)))
        inject(kind, values, at, rng, tightness=rng.uniform(0.6, 1.3))
        windows.append((at - half, min(n - 1, at + half)))
    return Labelled(name, seconds, values, tuple(windows))
