"""From tokens to a tree: precedence climbing, with Python's precedences as qlib has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from taskspecs.expressions.arguments import MAX_DEPTH, apply
from taskspecs.expressions.constants import fold
from taskspecs.expressions.nodes import Call, Field, Node, Number, Text
from taskspecs.expressions.operators import BY_SIGN, OPERATORS
from taskspecs.expressions.source import Source
from taskspecs.expressions.tokens import Token, tokenize

if TYPE_CHECKING:
    from configs.errors import BadInput

MAX_CHARACTERS: Final = 10_000
"""Longest expression that is read at all."""

COMPARISON: Final = 1
UNARY: Final = 6
BINDING: Final = {
    ">": COMPARISON, ">=": COMPARISON, "<": COMPARISON, "<=": COMPARISON,
    "==": COMPARISON, "!=": COMPARISON,
    "|": 2, "&": 3, "+": 4, "-": 4, "*": 5, "/": 5, "**": 7,
}  # fmt: skip
"""How strongly each sign binds; as in Python, & and | bind more strongly than comparisons."""

_WORDS: Final = {
    "and": "write & between conditions, each in parentheses",
    "or": "write | between conditions, each in parentheses",
    "not": "write Not(condition)",
    "if": "write If(condition, a, b)",
    "else": "write If(condition, a, b)",
}


def parse(text: str) -> Node:
    """Read one expression.

    Parameters
    ----------
    text
        In qlib's language, as `Corr($close, Log($volume + 1), 20)`; may span lines.

    Returns
    -------
    Node
        A tree in which `$a + $b` and `Add($a, $b)` are the same and arithmetic between literals
        is done.

    Raises
    ------
    BadInput
        With the column, a caret, and what is allowed there.

    Examples
    --------
    >>> parse("$close > 2 * 5")
    Call(operator='Gt', arguments=(Field(name='close'), Number(value=10)))
    """
    source = Source(text)
    if not text.strip():
        raise source.error(0, "an expression cannot be empty", "as Mean($close, 20) / $close")
    if len(text) > MAX_CHARACTERS:
        raise source.error(
            MAX_CHARACTERS, f"an expression has at most {MAX_CHARACTERS:,} characters"
        )
    return _Parser(source).read()


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens = list(tokenize(source))
        self._next = 0
        self._open = 0

    def read(self) -> Node:
        node = self._expression(0)
        if self._peek().kind != "end":
            raise self._unexpected(self._peek())
        if not isinstance(node, Call | Field):
            raise self._source.error(
                node.at, "the expression reads no field", "it needs a series, as $close"
            )
        return node

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _expect(self, sign: str, opened: Token) -> None:
        if self._peek().text == sign:
            self._take()
        elif self._peek().kind == "end":
            raise self._source.error(opened.at, "this parenthesis is never closed", "add ')'")
        else:
            raise self._unexpected(self._peek())

    def _expression(self, minimum: int) -> Node:
        self._open += 1
        if self._open > MAX_DEPTH:
            raise self._source.error(
                self._peek().at,
                f"nested deeper than {MAX_DEPTH} levels",
                "give parts of it names of their own",
            )
        left = self._operand()
        while (binding := BINDING.get(self._peek().text, -1)) >= max(minimum, 0):
            left = self._infix(left, binding)
        self._open -= 1
        return left

    def _infix(self, left: Node, binding: int) -> Node:
        sign = self._take()
        right_side = UNARY if sign.text == "**" else binding + 1
        right = self._expression(right_side)
        if binding == COMPARISON and BINDING.get(self._peek().text) == COMPARISON:
            raise self._source.error(
                self._peek().at,
                "comparisons cannot be chained",
                "put each into parentheses: ($a > $b) & ($b > $c)",
            )
        name = BY_SIGN[sign.text]
        if isinstance(left, Number) and isinstance(right, Number):
            return fold(self._source, name, left, right, sign.at)
        return apply(self._source, name, (left, right), sign.at)

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "field":
            return Field(token.text[1:], token.at)
        if token.kind == "text":
            return Text(token.text[1:-1], token.at)
        if token.kind == "word":
            return self._call(token)
        if token.text == "(":
            inner = self._expression(0)
            self._expect(")", token)
            return inner
        if token.text in {"-", "+"}:
            return self._signed(token)
        raise self._unexpected(token)

    def _number(self, token: Token) -> Number:
        whole = token.text.replace("_", "").isdigit()
        if len(token.text) > 40:
            raise self._source.error(token.at, "a number has at most 40 characters")
        value = int(token.text) if whole else float(token.text)
        if value == float("inf"):
            raise self._source.error(token.at, f"{token.text} is out of range")
        return Number(value, token.at)

    def _signed(self, token: Token) -> Node:
        operand = self._expression(UNARY)
        if token.text == "+":
            return operand
        if isinstance(operand, Number):
            return Number(-operand.value, token.at)
        return apply(self._source, "Neg", (operand,), token.at)

    def _call(self, word: Token) -> Node:
        opened = self._peek()
        if opened.text != "(":
            raise self._bare(word)
        self._take()
        arguments: list[Node] = []
        while self._peek().text != ")":
            arguments.append(self._expression(0))
            if self._peek().text != ",":
                break
            self._take()
        self._expect(")", opened)
        return apply(self._source, word.text, tuple(arguments), word.at)

    def _bare(self, word: Token) -> BadInput:
        if word.text in _WORDS:
            return self._source.error(
                word.at, f"'{word.text}' is not part of the language", _WORDS[word.text]
            )
        if word.text in OPERATORS:
            example = OPERATORS[word.text].example
            return self._source.error(
                word.at, f"{word.text} needs its arguments in parentheses", f"as {example}"
            )
        return self._source.error(
            word.at,
            f"'{word.text}' is neither a field nor an operator",
            f"did you mean ${word.text}?",
        )

    def _unexpected(self, token: Token) -> BadInput:
        if token.kind == "end":
            return self._source.error(token.at, "the expression ends too early")
        if token.kind == "period":
            return self._source.error(
                token.at,
                f"{token.text} needs qlib's point-in-time database",
                "join such data as columns and write $name",
            )
        if token.text == ")":
            return self._source.error(token.at, "this parenthesis was never opened, or is empty")
        return self._source.error(
            token.at, f"'{token.text}' was not expected here", _WORDS.get(token.text)
        )
