"""`qraft doctor`: what is configured, what is reachable, what is missing, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output
from configs.standpoint import advise

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.health import Finding


@click.command()
@click.option("--deep", is_flag=True, help="Read every byte of every result; slow for large lakes.")
@output.as_json
@click.pass_obj
def doctor(context: Context, deep: bool, as_json: bool) -> None:
    """Check this machine and this workspace; changes nothing. Exits with 1 if something is wrong.

    Example: qraft doctor
    """
    from agent.service.health import check_up
    from configs.errors import Failed

    findings = check_up(context, deep=deep)
    output.write(as_json, findings, lambda: _show(findings))
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if wrong:
        things = "one thing needs" if len(wrong) == 1 else f"{len(wrong)} things need"
        raise Failed(f"{things} mending: {', '.join(finding.what for finding in wrong)}")


def _show(findings: list[Finding]) -> None:
    rows = [{"": f.state, "what": f.what, "found": f.found} for f in findings]
    output.print_rows(rows, ["", "what", "found"], empty="")
    mends = [(f.what, _mend(f)) for f in findings if f.state == "wrong"]
    if any(mend for _, mend in mends):
        click.echo("\nTo mend it:")
    for what, mend in mends:
        if mend:
            click.echo(f"  {what}: {advise(mend)}")


def _mend(finding: Finding) -> str:
    """Word what mends a finding."""
    from agent.cli.wording import word
    from configs.remedies import Mend, Remedy

    told = [Remedy(Mend(each.name), each.arguments) for each in finding.remedies]
    return "; ".join([finding.mend or "", *map(word, told)]).removeprefix("; ")
