"""How the command line words remedies: each is a command that can be copied, or a deed in words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from configs.remedies import Mend

if TYPE_CHECKING:
    from configs.errors import QraftError
    from configs.remedies import Remedy

WORDS: Final[dict[Mend, str]] = {
    Mend.AGREE_TO_SETTINGS: "qraft trust",
    Mend.ASK_ANOTHER_WAY: "qraft ask PROMPT --plan-only   (with other words)",
    Mend.ASK_FOR_JSON: "qraft ask PROMPT --plan-only --json",
    Mend.ASK_THE_EXAMPLE: 'qraft ask "60-day momentum since 2008"',
    Mend.CHECK_DATA: "qraft data check {file} {options}",
    Mend.CHECK_STREAM: "qraft stream check {source}",
    Mend.CHECK_UP: "qraft doctor",
    Mend.INSTALL_SCHEDULE: "qraft schedule install --for systemd",
    Mend.LIST_COMMANDS: "qraft --help",
    Mend.LIST_DEAD_LETTERS: "qraft events dead list",
    Mend.LIST_PATTERNS: "qraft patterns list",
    Mend.LIST_RUNS: "qraft runs list",
    Mend.LIST_SIGNALS: "qraft signals list {strategy}",
    Mend.LIST_SOURCES: "qraft sources list",
    Mend.LOAD_DATA: "qraft data load {file}   (copies a file into the workspace)",
    Mend.PLAN_SPEC: "qraft plan {spec}",
    Mend.PREPARE_STORES: "qraft up --prepare",
    Mend.RUN_DEMO: "qraft demo",
    Mend.RUN_SPEC: "qraft run {spec}",
    Mend.RUN_STREAM: "qraft stream run {source}",
    Mend.SAVE_EXPLANATION: "qraft explain last --json > {file}",
    Mend.SERVE_ASSISTANTS: "qraft mcp --http {port}",
    Mend.SERVE_SCHEDULER: "qraft ui --port {port}",
    Mend.SHOW_STREAM: "qraft stream status {source}",
    Mend.TRY_AGAIN: "the same command again",
    Mend.VERIFY_SIGNALS: "qraft signals verify --help",
    Mend.ACCEPT_HEAD: "qraft gate heads accept",
    Mend.CHECK_STRATEGY: "qraft gate check {strategy}",
    Mend.DEMOTE_STRATEGY: "qraft gate demote {strategy} --to dryrun --reason {text}",
    Mend.ENROL_RUNNER: "qraft gate runners enrol {name} {key}",
    Mend.LIST_KEYS: "qraft gate keys list   (prints the line for gate.yaml)",
    Mend.LIST_STRATEGIES: "qraft gate list",
    Mend.MAKE_KEY: "qraft gate keys new {person}",
    Mend.MIGRATE_LEDGER: "qraft gate migrate",
    Mend.OPEN_HOLDOUT: "qraft gate holdout {strategy} --reason {text}",
    Mend.PROPOSE_POLICY: "qraft gate policy propose --reason {text}",
    Mend.PUSH_HEADS: "qraft gate heads push {repository}",
    Mend.READ_LEDGER: "qraft gate log",
    Mend.RESET_CLOCK: "qraft gate clock --reason {text}   (where this machine's clock is right)",
    Mend.SHOW_POLICY: "qraft gate policy show",
    Mend.SHOW_STRATEGY: "qraft gate show {strategy}",
    Mend.STOP_PUBLISHERS: "stop the processes that publish: qraft up, and what cron starts",
    Mend.VERIFY_LEDGER: "qraft gate verify",
    Mend.FREE_MEMORY: "free -h",
    Mend.FREE_SPACE: "df -h {folder}",
    Mend.INSPECT_FILE: "ls -l {path}",
    Mend.INSPECT_FOLDER: "ls -ld {folder}",
    Mend.INSPECT_PLACES: "ls -ld {folder} {path}",
    Mend.INSTALL: "uv sync",
    Mend.INSTALL_EXTRA: "uv sync --extra {extra}",
    Mend.LIST_CRONTAB: "crontab -l",
    Mend.LIST_SSH_KEYS: "ssh-add -l",
    Mend.MAKE_FOLDER: "mkdir -p {path}",
    Mend.MOUNT_AGAIN: "mount; then the same again",
    Mend.MOVE_AWAY: "mv {obstacle} {obstacle}.old",
    Mend.RAISE_LIMIT_OF_FILES: "ulimit -n 8192   (then the same again)",
    Mend.RAISE_LIMIT_OF_SIZE: "ulimit -f unlimited",
    Mend.REINSTALL: "uv pip install --force-reinstall qraft   (its wheel holds the sources)",
    Mend.REMOVE_FILE: "rm {path}   (the same again makes another)",
    Mend.REMOVE_OBJECTS: "aws s3 rm --recursive {url}   (the next run makes it again)",
    Mend.REMOVE_OBJECTS_AT: "aws s3 rm --recursive {url} --endpoint-url {endpoint}   (the next "
    "run makes it again)",
    Mend.REMOVE_RESULT: "rm -r {path}   (the next run makes it again)",
    Mend.RESTRICT_FILE: "chmod go= {path}   (if it is yours)",
    Mend.RESTRICT_PLACES: "ls -ld {folder} {path}   (then chmod go-rwx, or move it away)",
    Mend.SET_VARIABLE: "export {variable}=...",
    Mend.START_SSH_AGENT: "eval $(ssh-agent) && ssh-add",
}  # fmt: skip
"""A deed to its words; `{name}` stands for an argument, and for `NAME` where none is given."""

LEFT_OUT: Final = frozenset({"options"})
"""Arguments that are nothing where they are not given."""
AS_THEY_ARE: Final = frozenset({"options"})
"""Arguments that are words of a command, quoted by whoever gave them."""


class _Arguments(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "" if name in LEFT_OUT else name.upper()


def word(remedy: Remedy) -> str:
    """Word a remedy for a terminal; what it is about is quoted for a shell.

    Examples
    --------
    >>> word(Mend.INSPECT_FILE(path="/a b")), word(Mend.RUN_SPEC())
    ("ls -l '/a b'", 'qraft run SPEC')
    """
    given = {
        name: value if name in AS_THEY_ARE else shlex.quote(value)
        for name, value in remedy.arguments.items()
    }
    return WORDS[remedy.name].format_map(_Arguments(given)).strip()


def word_error(error: QraftError) -> str:
    """Word an error whole, a line each: place and what, the hint, and last what mends it."""
    said = str(error)
    return f"{said}\ntry: {word(error.remedy)}" if error.remedy else said
