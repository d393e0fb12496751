"""The expression language: qlib's, parsed properly, typed, and refused with a place when wrong.

Examples
--------
>>> node = check("Ref($close, 20)/$close", known_fields={"close"}, allow_lookahead=False)
>>> to_text(node), analyse(node).lookback_rows
('Ref($close, 20) / $close', 20)
"""

from taskspecs.expressions.analysis import Analysis, analyse, fields
from taskspecs.expressions.checking import check
from taskspecs.expressions.nodes import Call, Field, Node, Number, Text
from taskspecs.expressions.parser import parse
from taskspecs.expressions.text import to_text

__all__ = [
    "Analysis",
    "Call",
    "Field",
    "Node",
    "Number",
    "Text",
    "analyse",
    "check",
    "fields",
    "parse",
    "to_text",
]
