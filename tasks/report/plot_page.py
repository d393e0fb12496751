"""A page of one plot and one table, in one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from tasks.report.csp import content_policy
from tasks.report.figures.harmless import script_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINES = 8
"""Colours of lines that the style sheet has."""


def line_colour(number: int) -> str:
    """Return the colour of a plot's line, as the style sheet names it for light and dark."""
    return f"var(--line-{number % LINES})"


def render_plot(
    package: str, figure: Mapping[str, Any] | None, headings: Sequence[str],
    rows: Sequence[Sequence[str]], **words: object,
) -> str:  # fmt: skip
    """Draw a plot over a table, with the words around them from a package's ``page.html``.

    Parameters
    ----------
    package
        Whose folder ``templates`` holds ``page.html``, which extends ``plot.html`` of this one.
    figure
        ``data`` and ``layout`` as Plotly takes them, colours also as ``var(--name)`` of
        ``sheet.css``; None for a page without a plot.
    headings, rows
        Of the table, ready to be read.
    words
        What the template asks for; always ``title`` (of the page) and ``label`` (of the plot).

    Returns
    -------
    str
        HTML with styles, scripts and data inside; it fetches nothing. Equal input, equal text.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("tasks.report", "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    environment.filters["breakable"] = _breakable
    scripts = () if figure is None else (get_plotlyjs(), _text_of(environment, "plot.js"))
    return environment.get_template("page.html").render(
        headings=headings,
        rows=rows,
        content="" if figure is None else Markup(script_json(figure)),  # noqa: S704 - written for it
        style=Markup(_text_of(environment, "sheet.css")),  # noqa: S704 - a file of this package
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - plotly's and ours
        policy=content_policy(scripts),
        **words,
    )


def _breakable(text: object) -> Markup:
    """Let a long name be broken after an underscore, and nowhere within its words."""
    return Markup("_<wbr>").join(str(text).split("_"))


def _text_of(environment: Environment, name: str) -> str:
    loader = environment.loader
    return loader.get_source(environment, name)[0] if loader else ""
