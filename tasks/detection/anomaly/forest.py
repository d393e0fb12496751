"""Forests of half-space trees: River's, drawn by it, and walked by compiled code."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import HalfSpaceTrees
from river.tree.padded import PaddedLeaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Drawn = tuple["NDArray[np.int32]", "NDArray[np.float64]"]


@lru_cache(maxsize=8)
def draw(n_trees: int, height: int, seed: int, fields: Sequence[str]) -> Drawn:
    """Return River's trees for fields in [0, 1], as arrays; equal settings draw equal trees.

    River draws its trees when it learns the first bar, and so does this, once in a process.

    Returns
    -------
    tuple
        Shape (trees, nodes) each: which field a node asks for, and what it is compared with. The
        children of node n are 2 n + 1 and 2 n + 2.
    """
    forest: Any = HalfSpaceTrees(n_trees=n_trees, height=height, seed=seed)
    forest.learn_one(dict.fromkeys(fields, 0.5))
    places = {name: place for place, name in enumerate(fields)}
    field = np.zeros((n_trees, (2 << height) - 1), np.int32)
    split = np.zeros(field.shape)
    for tree, root in enumerate(forest.trees):
        left = [(root, 0)]
        while left:
            node, at = left.pop()
            if isinstance(node, PaddedLeaf):
                continue
            field[tree, at], split[tree, at] = places[node.feature], node.threshold
            below, above = node.children
            left += [(below, 2 * at + 1), (above, 2 * at + 2)]
    field.setflags(write=False)
    split.setflags(write=False)
    return field, split
