"""The rules of the judge, compiled: for sweeps, and for whatever asks a thousand times.

Nothing is approximated: what these kernels do not cover is refused by name, and everything else
they trade as qlib does, order by order.
"""
