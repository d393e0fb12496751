"""Compiled loops over columns of many symbols laid end to end.

Every kernel writes into its first argument and takes, last, the bounds of the symbols: symbol `s`
is `bounds[s]:bounds[s + 1]`. A window never crosses a bound. A value is a function of the rows of
its window alone, in a fixed order of operations, so the same rows give the same bytes wherever a
computation starts.

Look-ahead: none. What is written for a row depends on rows of its symbol up to that row, or on rows
at its own time; only a reference to later rows, which labels alone may make, reads ahead.
"""
