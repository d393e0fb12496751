"""Where the processes of a run are: here, or on a Dask cluster that the settings name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = "local"
ANSWER_WITHIN_S = 10.0


@contextmanager
def compute_on(where: str) -> Iterator[None]:
    """Let joblib send its work to a cluster while this is open.

    Parameters
    ----------
    where
        `local` for processes of this machine, or the address of a Dask scheduler,
        `tcp://host:port`, whose workers have Qraft installed.

    Raises
    ------
    BadInput
        If the extra `dask` is not installed.
    Unreachable
        If no scheduler answers.
    """
    if where == LOCAL:
        yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise BadInput(
            f"the setting `compute` is {without_secrets(where)}, and Dask is not installed",
            hint="uv sync --extra dask",
        ) from error
    from joblib import parallel_config

    try:
        client = Client(where, timeout=ANSWER_WITHIN_S)
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"no Dask scheduler answers at {without_secrets(where)}",
            hint="start `dask scheduler` and `dask worker`, or set `compute: local`",
        ) from error
    with client, parallel_config(backend="dask", n_jobs=-1):
        yield
