"""What mends an error, by a name and what it is about: a face words it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Remedy:
    """One deed, and what it is to be done to.

    Attributes
    ----------
    name
        Of the deed.
    arguments
        What it is about, by name, as plain text: never quoted, for only a face knows for what. One
        that is left out is the person's to fill in.
    """

    name: Mend
    arguments: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"name": str(self.name), "arguments": dict(self.arguments)}


class Mend(StrEnum):
    """The deeds that errors ask for; to call one names what it is about.

    Examples
    --------
    >>> Mend.SHOW_STRATEGY(strategy="us_momentum").document()
    {'name': 'show_strategy', 'arguments': {'strategy': 'us_momentum'}}
    """

    # Of the workspace and its studies
    AGREE_TO_SETTINGS = "agree_to_settings"
    ASK_ANOTHER_WAY = "ask_another_way"
    ASK_FOR_JSON = "ask_for_json"
    ASK_THE_EXAMPLE = "ask_the_example"
    CHECK_DATA = "check_data"
    CHECK_STREAM = "check_stream"
    CHECK_UP = "check_up"
    INSTALL_SCHEDULE = "install_schedule"
    LIST_COMMANDS = "list_commands"
    LIST_DEAD_LETTERS = "list_dead_letters"
    LIST_PATTERNS = "list_patterns"
    LIST_RUNS = "list_runs"
    LIST_SIGNALS = "list_signals"
    LIST_SOURCES = "list_sources"
    LOAD_DATA = "load_data"
    PLAN_SPEC = "plan_spec"
    PREPARE_STORES = "prepare_stores"
    RUN_DEMO = "run_demo"
    RUN_SPEC = "run_spec"
    RUN_STREAM = "run_stream"
    SAVE_EXPLANATION = "save_explanation"
    SERVE_ASSISTANTS = "serve_assistants"
    SERVE_SCHEDULER = "serve_scheduler"
    SHOW_STREAM = "show_stream"
    TRY_AGAIN = "try_again"
    VERIFY_SIGNALS = "verify_signals"

    # Of the gate
    ACCEPT_HEAD = "accept_head"
    CHECK_STRATEGY = "check_strategy"
    DEMOTE_STRATEGY = "demote_strategy"
    ENROL_RUNNER = "enrol_runner"
    LIST_KEYS = "list_keys"
    LIST_STRATEGIES = "list_strategies"
    MAKE_KEY = "make_key"
    MIGRATE_LEDGER = "migrate_ledger"
    OPEN_HOLDOUT = "open_holdout"
    PROPOSE_POLICY = "propose_policy"
    PUSH_HEADS = "push_heads"
    READ_LEDGER = "read_ledger"
    RESET_CLOCK = "reset_clock"
    SHOW_POLICY = "show_policy"
    SHOW_STRATEGY = "show_strategy"
    STOP_PUBLISHERS = "stop_publishers"
    VERIFY_LEDGER = "verify_ledger"

    # Of the machine
    FREE_MEMORY = "free_memory"
    FREE_SPACE = "free_space"
    INSPECT_FILE = "inspect_file"
    INSPECT_FOLDER = "inspect_folder"
    INSPECT_PLACES = "inspect_places"
    INSTALL = "install"
    INSTALL_EXTRA = "install_extra"
    LIST_CRONTAB = "list_crontab"
    LIST_SSH_KEYS = "list_ssh_keys"
    MAKE_FOLDER = "make_folder"
    MOUNT_AGAIN = "mount_again"
    MOVE_AWAY = "move_away"
    RAISE_LIMIT_OF_FILES = "raise_limit_of_files"
    RAISE_LIMIT_OF_SIZE = "raise_limit_of_size"
    REINSTALL = "reinstall"
    REMOVE_FILE = "remove_file"
    REMOVE_OBJECTS = "remove_objects"
    REMOVE_OBJECTS_AT = "remove_objects_at"
    REMOVE_RESULT = "remove_result"
    RESTRICT_FILE = "restrict_file"
    RESTRICT_PLACES = "restrict_places"
    SET_VARIABLE = "set_variable"
    START_SSH_AGENT = "start_ssh_agent"

    def __call__(self, **arguments: object) -> Remedy:
        """Name what it is about."""
        return Remedy(self, {name: str(value) for name, value in arguments.items()})
