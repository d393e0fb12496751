"""Steps that one pass can serve become one step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasks.features.compilation.graph import Constant, Operand, Part, Step

if TYPE_CHECKING:
    from collections.abc import Sequence


def fuse_orders(
    steps: Sequence[Step], outputs: Sequence[Operand]
) -> tuple[list[Step], list[Operand]]:
    """Let one sorted window serve every quantile, median and rank of one series and length.

    Parameters
    ----------
    steps
        In order.
    outputs
        Operands to keep track of.

    Returns
    -------
    tuple
        Steps and outputs, renumbered.
    """
    groups: dict[tuple[Operand, ...], list[Operand]] = {}
    for step in steps:
        if step.kernel == "order":
            groups.setdefault(step.operands[:2], []).append(step.operands[2])
    fused: list[Step] = []
    moved: list[Operand] = []
    places: dict[tuple[Operand, ...], int] = {}
    for step in steps:
        renumbered = replace(step, operands=tuple(_move(o, moved) for o in step.operands))
        if step.kernel != "order":
            moved.append(len(fused))
            fused.append(renumbered)
            continue
        key = step.operands[:2]
        if key not in places:
            places[key] = len(fused)
            kinds = tuple(groups[key])
            operands = (*renumbered.operands[:2], *kinds)
            fused.append(replace(renumbered, operands=operands, width=len(kinds)))
        moved.append(Part(places[key], groups[key].index(step.operands[2])))
    return fused, [_move(o, moved) for o in outputs]


def _move(operand: Operand, moved: list[Operand]) -> Operand:
    if isinstance(operand, Constant):
        return operand
    if isinstance(operand, Part):
        target = moved[operand.register]
        if not isinstance(target, int):
            raise TypeError("a part of a part")
        return Part(target, operand.row)
    return moved[operand]
