"""Naming a package costs nothing; its functions come when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tasks.backtest
import tasks.signal

HEAVY = ("polars", "pandas", "numpy", "qlib", "scipy")


def test_packages_import_nothing_heavy():
    program = (
        "import sys, tasks.backtest, tasks.signal;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_qlib_waits_for_a_backtest_that_can_be_run():
    program = "import sys, tasks.backtest.simulation; print('qlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("package", [tasks.backtest, tasks.signal])
def test_what_is_not_there_is_an_error(package):
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        package.nonsense  # noqa: B018
