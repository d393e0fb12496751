"""Forests of half-space trees, planted quickly."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import HalfSpaceTrees
from river.tree.padded import PaddedBranch, PaddedLeaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskspecs.detectors import HalfSpaceTreesDetector

_branch: Any = PaddedBranch  # River's constructors carry no types
_leaf: Any = PaddedLeaf
TREES = frozenset({"trees", "_tree_nodes"})
COUNTED = "counted"


class Forest(HalfSpaceTrees):
    """River's half-space trees over fields in [0, 1], with trees that were drawn before.

    River draws its trees when it learns the first bar, which takes as long as scoring hundreds.
    Equal settings draw equal trees, so they are drawn once in a process and copied. Scores equal
    those of River's class bit for bit.
    """

    def __init__(self, spec: HalfSpaceTreesDetector) -> None:
        super().__init__(spec.n_trees, spec.height, spec.window_bars, seed=spec.seed)
        self._spec = spec
        self._plant()

    def _plant(self) -> None:
        spec = self._spec
        drawn = _draw(spec.n_trees, spec.height, spec.seed, tuple(sorted(spec.fields)))
        with _collector_paused():
            self._tree_nodes = [[] for _ in drawn]
            self.trees = [
                _copy(tree, nodes) for tree, nodes in zip(drawn, self._tree_nodes, strict=True)
            ]

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, with what the nodes have counted as one array instead of the trees."""
        counted = [(node.l_mass, node.r_mass) for nodes in self._tree_nodes for node in nodes]
        return {
            **{name: value for name, value in vars(self).items() if name not in TREES},
            COUNTED: np.array(counted, dtype=np.int64),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Plant the trees again, and let their nodes have counted what they had."""
        vars(self).update({name: value for name, value in state.items() if name != COUNTED})
        self._plant()
        nodes = [node for nodes in self._tree_nodes for node in nodes]
        for node, (left, right) in zip(nodes, state[COUNTED].tolist(), strict=True):
            node.l_mass, node.r_mass = left, right


def _copy(node: Any, nodes: list[Any]) -> Any:
    """Copy a tree with empty nodes, by their constructors, and list them.

    Not by pickle: objects that did not go through `__init__` have slower attributes.
    """
    if isinstance(node, PaddedLeaf):
        copy = _leaf(r_mass=0, l_mass=0)
    else:
        left, right = node.children
        copy = _branch(_copy(left, nodes), _copy(right, nodes), node.feature, node.threshold, 0, 0)
    nodes.append(copy)
    return copy


@lru_cache(maxsize=8)
def _draw(n_trees: int, height: int, seed: int, fields: tuple[str, ...]) -> tuple[Any, ...]:
    forest: Any = HalfSpaceTrees(n_trees=n_trees, height=height, seed=seed)
    forest.learn_one(dict.fromkeys(fields, 0.5))
    return tuple(forest.trees)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection: ten thousand new nodes, none of them garbage, trigger it often."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
