"""Attempts of a program, of what a model asks for, and of the environment, to reach a decision."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from configs.endpoints.account import account_name
from configs.errors import Forbidden
from gate.deciding.keyring import Keyring
from gate.deciding.terminal import ControllingTerminal

REPOSITORY = Path(__file__).parents[3]
DECIDING = {"gate.deciding", "agent.cli.gate"}
ROOT = "agent.cli.main"
IMPORTING = {"import_module", "__import__"}
WORDS = "a few good words"


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("agent", "tasks", "gate", "storage", "taskspecs", "configs")


def sources(package: str) -> list[Path]:
    return sorted((REPOSITORY / package).rglob("*.py"))


@pytest.mark.parametrize("package", ["agent", "tasks", "storage", "taskspecs", "configs"])
def test_no_import_leads_to_what_decides(graph, package):
    deciding = {m for m in graph.modules if any(m == d or m.startswith(f"{d}.") for d in DECIDING)}
    modules = {m for m in graph.modules if m == package or m.startswith(f"{package}.")} - deciding
    assert modules
    assert deciding
    reached = {(m, d) for m in modules for d in deciding if graph.chain_exists(m, d)}
    assert reached == set()


def calls(tree: ast.AST, names: set[str]) -> bool:
    """Whether a function of one of these names is called, however it is reached."""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in names
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("package", ["agent", "tasks", "storage"])
def test_only_the_root_imports_the_gate_by_a_name(package):
    """An import graph sees no ``import_module(...)``: who calls it must not name the gate."""
    for path in sources(package):
        where = path.relative_to(REPOSITORY).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if where == f"{ROOT.replace('.', '/')}.py" or not calls(tree, IMPORTING):
            continue
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        assert not any(str(text).startswith("gate") for text in texts), where


@pytest.mark.parametrize("package", ["agent", "tasks"])
def test_nothing_is_evaluated_and_no_command_line_of_ours_is_started(package):
    for path in sources(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, path
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                assert words[:3] != ["qraft", "gate", "approve"], path


def started(code: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a session of its own, as whatever serves a model runs."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, text=True, capture_output=True, check=False,
        stdin=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), **environment},
    )  # fmt: skip


def test_a_program_without_a_terminal_cannot_answer(tmp_path):
    done = started(
        "from importlib import import_module\n"
        "terminal = import_module('gate.deciding.terminal').ControllingTerminal()\n"
        "from configs.errors import Forbidden\n"
        "for ask in (terminal.ask, terminal.ask_secret):\n"
        "    try: ask('? ')\n"
        "    except Forbidden: print('refused')\n",
        tmp_path,
    )
    assert done.stdout.split() == ["refused", "refused"], done.stderr


@pytest.mark.parametrize(
    "variable", ["QRAFT_PASSPHRASE", "PASSPHRASE", "QRAFT_KEY", "SSH_ASKPASS", "LOGNAME"]
)
def test_no_variable_answers_for_a_person(tmp_path, variable):
    Keyring(tmp_path / "qraft" / "keys").make("ann", WORDS)
    done = started(
        "from agent.cli.main import main; import sys\n"
        f"sys.argv = ['qraft', '-w', {str(tmp_path)!r}, 'gate', 'keys', 'new', 'bob']\n"
        "main()",
        tmp_path, **{variable: WORDS},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "no flag, variable or pipe" in done.stderr
    assert WORDS not in done.stdout + done.stderr


def test_no_pipe_answers_for_a_person(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", "-w", str(tmp_path), "gate", "keys", "new", "ann"],
        cwd=REPOSITORY, text=True, capture_output=True, check=False, start_new_session=True,
        input=f"{WORDS}\n{WORDS}\n", env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 3
    assert not (tmp_path / "qraft").exists()


@pytest.mark.parametrize("flag", ["--passphrase", "--password", "--key", "--yes", "-y", "--force"])
@pytest.mark.parametrize("command", ["approve", "promote", "resume"])
def test_no_flag_answers_for_a_person(command, flag):
    from click import NoSuchOption

    from agent.cli.gate.root import gate

    with pytest.raises((NoSuchOption, Exception), match="No such option"):
        gate.main([command, "study", flag, WORDS], standalone_mode=False, obj=None)


def test_who_one_is_is_not_a_matter_of_the_environment(monkeypatch):
    before = account_name()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "ann")
    assert account_name() == before


def test_a_terminal_that_is_a_file(tmp_path, monkeypatch):
    answers = tmp_path / "answers"
    answers.write_text("study@aaaaaaaaaaaa\n")
    monkeypatch.setattr("gate.deciding.terminal.DEVICE", str(answers))
    with pytest.raises(Forbidden):
        ControllingTerminal().ask("type it: ")


@pytest.fixture
def ring(tmp_path):
    folder = tmp_path / "keys"
    Keyring(folder).make("ann", WORDS)
    return folder


def test_a_keyring_that_is_a_link(ring, tmp_path):
    (tmp_path / "linked").symlink_to(ring)
    with pytest.raises(Forbidden, match="symbolic link"):
        Keyring(tmp_path / "linked").sign("ann", WORDS, b"x")


def test_a_key_that_is_a_link(ring):
    (ring / "eve.key.json").symlink_to(ring / "ann.key.json")
    with pytest.raises(Forbidden, match="symbolic link"):
        Keyring(ring).sign("eve", WORDS, b"x")


def test_a_key_under_another_name(ring):
    kept = json.loads((ring / "ann.key.json").read_bytes())
    path = ring / "bob.key.json"
    path.write_text(json.dumps({**kept, "person": "bob"}))
    path.chmod(0o600)
    with pytest.raises(Forbidden, match="does not open"):
        Keyring(ring).sign("bob", WORDS, b"x")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_can_read_or_replace(ring, mode):
    (ring / "ann.key.json").chmod(mode)
    with pytest.raises(Forbidden, match="can be read by others"):
        Keyring(ring).sign("ann", WORDS, b"x")


def test_a_key_file_that_asks_for_all_memory(ring):
    path = ring / "ann.key.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "n": 2**40}))
    with pytest.raises(Exception, match="is no key of Qraft's"):
        Keyring(ring).sign("ann", WORDS, b"x")


@pytest.mark.parametrize("name", ["../ann", "a/b", "ANN", "", "ann\n", "аnn", "-rf"])
def test_a_name_that_leaves_the_keyring(name, tmp_path):
    from agent.cli.gate.keys import new
    from configs.errors import BadInput

    with pytest.raises(BadInput, match="cannot name a person"):
        new.callback.__wrapped__(None, name)
