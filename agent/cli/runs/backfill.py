"""`qraft run SPEC --from D1 --to D2`: the same study as of many past times."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agent.cli.serving.standing import stopping
from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from agent.cli.context import Context
    from agent.road.backfill.filling import Filled
    from agent.road.backfill.partitions import Every

_SHOWN = ("sharpe", "annual_return", "max_drawdown")


def backfill_file(
    context: Context, spec: str, *, first: date, last: date, every: Every | None, as_json: bool
) -> None:
    """Run a TaskSpec as of each partition, and show what came of each.

    Raises
    ------
    Failed
        If a partition failed, or was not come to; the same command goes on.
    """
    from agent.road.backfill.filling import fill
    from agent.road.backfill.partitions import partitions
    from agent.road.runner.pool import RunPool
    from storage.telemetry.shipping import shipping
    from taskspecs.catalogue import find
    from taskspecs.load import load

    path = find(spec)
    taskspec, _ = load(path, context.workspace.root)
    times = partitions(taskspec, first, last, every=every)
    done: list[Filled] = []
    with (
        shipping(context.workspace, context.settings, say=output.talk),
        stopping() as stop,
        RunPool(1) as pool,
        _progress(len(times)) as tell,
    ):
        root = context.workspace.root
        for filled in fill(root, path.resolve(), times, pool.submit, stopped=stop.is_set):
            done.append(filled)
            tell(filled)
    rows = _rows(context, done)
    value = {"study": taskspec.name, "partitions": len(times), "runs": rows}
    columns = ["as_of", "state", "run_id", "seconds", *_SHOWN]
    output.write(as_json, value, lambda: output.print_rows(rows, columns, empty="nothing was run"))
    _conclude(done, len(times))


def _rows(context: Context, done: list[Filled]) -> list[dict[str, Any]]:
    from storage.warehouse.runs import values_of

    figures: dict[str, dict[str, float | None]] = {}
    runs = sorted({filled.run_id for filled in done if filled.run_id})
    if runs:
        with context.warehouse() as warehouse:
            figures = values_of(warehouse, runs=runs, names=_SHOWN)
    return [
        {
            "as_of": filled.as_of,
            "state": filled.state,
            "run_id": filled.run_id or None,
            "computed": list(filled.computed),
            "seconds": round(filled.seconds, 3),
            "error": filled.error or None,
            **{name: figures.get(filled.run_id, {}).get(name) for name in _SHOWN},
        }
        for filled in done
    ]


def _conclude(done: list[Filled], wanted: int) -> None:
    """End with the exit code of what failed; the errors themselves are told."""
    from configs.errors import BadInput, Failed

    failed = [filled for filled in done if filled.state == "failed"]
    untried = wanted - len(done)
    if not failed and not untried:
        return
    kind = BadInput if failed and all(each.exit_code == 2 for each in failed) else Failed
    what = [f"{len(failed)} of {wanted} partitions failed"] if failed else []
    what += [f"{untried} of {wanted} were not come to"] if untried else []
    hint = f"{failed[0].as_of:%Y-%m-%d %H:%M}: {failed[0].error}" if failed else None
    raise kind("; ".join(what), hint=hint, remedy=Mend.TRY_AGAIN())


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Filled], None]]:
    """Tell of each partition: above a bar with an estimate on a terminal, else a line each."""
    count = 0

    def line(filled: Filled) -> str:
        nonlocal count
        count += 1
        what = filled.error.partition("\n")[0] if filled.error else filled.run_id
        when = f"{filled.as_of:%Y-%m-%d %H:%M}"
        return f"{count:>5}/{total}  {when}  {filled.state:<8} {filled.seconds:6.1f} s  {what}"

    if not sys.stderr.isatty():
        yield lambda filled: output.talk(line(filled))
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("backfill", total=total)

        def tell(filled: Filled) -> None:
            progress.console.print(line(filled), highlight=False, style="dim")
            progress.advance(task)

        yield tell
