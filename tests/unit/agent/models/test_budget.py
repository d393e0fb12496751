"""Money is counted through kills, tears and rivals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.models.budget import WORKSPACE, Budget
from agent.models.errors import OverBudget
from configs.endpoints.llm import LlmSettings, PriceSpec
from configs.errors import BadInput, Damaged


def purse(folder: Path, limit: float = 1.0, **others: float) -> Budget:
    return Budget(folder / "models" / "spending.jsonl", {WORKSPACE: limit, **others})


def test_a_reservation_counts_until_it_is_settled(tmp_path: Path) -> None:
    mine = purse(tmp_path)
    name = mine.reserve(0.7, "m")
    with pytest.raises(OverBudget):
        mine.reserve(0.4, "m")
    mine.settle(name, 0.1)
    assert mine.spent() == pytest.approx(0.1)
    mine.reserve(0.9, "m")


def test_each_account_has_its_own_limit(tmp_path: Path) -> None:
    mine = purse(tmp_path, 10.0, **{"research r1": 0.5})
    mine.reserve(0.4, "m")
    with pytest.raises(OverBudget, match="research r1"):
        mine.reserve(0.2, "m")
    assert purse(tmp_path).spent() == pytest.approx(0.4)


def test_what_a_killed_process_reserved_still_counts(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from agent.models.budget import Budget\n"
        f"Budget(Path({str(tmp_path)!r}) / 'models' / 'spending.jsonl', "
        "{'workspace': 1.0}).reserve(0.6, 'm')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[4], env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    assert purse(tmp_path).spent() == pytest.approx(0.6)
    with pytest.raises(OverBudget):
        purse(tmp_path).reserve(0.5, "m")


def test_a_torn_last_line_is_passed_over_and_what_follows_it_counts(tmp_path: Path) -> None:
    mine = purse(tmp_path)
    mine.reserve(0.2, "m")
    with mine.path.open("a") as file:
        file.write('{"id": "torn", "reser')
    assert mine.spent() == pytest.approx(0.2)
    mine.reserve(0.3, "m")
    assert mine.spent() == pytest.approx(0.5)


def test_a_line_that_is_not_what_was_written_is_said(tmp_path: Path) -> None:
    mine = purse(tmp_path)
    mine.reserve(0.2, "m")
    with mine.path.open("a") as file:
        file.write('{"id": nonsense}\n')
    with pytest.raises(Damaged, match="line 2"):
        mine.spent()


def test_a_budget_needs_prices_of_all_models() -> None:
    with pytest.raises(ValueError, match="prices"):
        LlmSettings(model="openai:x", budget_usd=1.0)
    price = PriceSpec(input_usd_per_mtok=1, output_usd_per_mtok=1)
    LlmSettings(model="openai:x", budget_usd=1.0, prices={"openai:x": price})


def test_settings_are_read_from_the_file_and_keys_are_refused_there(tmp_path: Path) -> None:
    from configs.settings import load_settings
    from configs.workspace import Workspace
    from tests.consent import agree_to_settings

    path = tmp_path / "qraft.yaml"
    path.write_text("llm: {model: 'openai:x', base_url: 'http://127.0.0.1:1/v1'}\n")
    agree_to_settings(tmp_path)
    assert load_settings(Workspace(tmp_path)).llm.model == "openai:x"
    path.write_text("llm: {model: 'openai:x', api_key: sk-1}\n")
    with pytest.raises(BadInput, match="api_key"):
        load_settings(Workspace(tmp_path))
    path.write_text("llm: {model: 'openai:x', base_url: 'http://me:pw@host/v1'}\n")
    with pytest.raises(BadInput):
        load_settings(Workspace(tmp_path))
