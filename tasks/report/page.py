"""The page: all parts of the report in one HTML file that needs nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from configs.numbers import whole
from tasks.report.contents import fill
from tasks.report.csp import content_policy

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs


def render(inputs: ReportInputs) -> str:
    """Draw the report of a run.

    Parameters
    ----------
    inputs
        The results of its stages; any frame may be empty.

    Returns
    -------
    str
        HTML, complete: styles, scripts and data are inside, and a policy inside it forbids the
        browser to fetch anything. Equal inputs give equal text. Every text from the data is
        escaped.

    Notes
    -----
    Look-ahead: it looks at the whole period: for judging, not for trading.
    """
    return _environment().get_template("page.html").render(_context(inputs))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["whole"] = whole
    return environment


def _context(inputs: ReportInputs) -> dict[str, Any]:
    scripts = (get_plotlyjs(), _text_of("page.js"))
    return {
        "style": Markup(_text_of("style.css")),  # noqa: S704 - a file of this package
        "scripts": [Markup(script) for script in scripts],  # noqa: S704 - plotly's and ours
        "policy": content_policy(scripts),
        **fill(inputs),
    }


def _text_of(name: str) -> str:
    loader = _environment().loader
    return loader.get_source(_environment(), name)[0] if loader else ""
