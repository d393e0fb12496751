"""The command `scripts/servers`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from serving.building import CannotBuild, program  # noqa: E402
from serving.processes import Home, NotStarted, down, runs, up  # noqa: E402
from serving.table import BY_NAME, LOOPBACK  # noqa: E402


def main() -> int:
    """Do what was asked; 1 if a server could not be had, or does not run."""
    asked = _parser().parse_args()
    home = Home(asked.home)
    names = [name for name in BY_NAME if not asked.names or name in asked.names]
    try:
        if asked.verb == "build":
            for name in names:
                program(BY_NAME[name])
            return 0
        if asked.verb == "up":
            up(home, names, free_ports=asked.ports == "free")
        elif asked.verb == "down":
            down(home, names)
    except (CannotBuild, NotStarted) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    state = home.read()
    told = status(state, names)
    if asked.verb == "env":
        print("\n".join(f"export {name}={value}" for name, value in environment(state).items()))
    elif asked.json:
        print(json.dumps({"servers": told, "environment": environment(state)}, indent=2))
    else:
        for name, server in told.items():
            print(f"{name:<11} {'runs' if server['runs'] else 'down':<5} {server['address']}")
    return 0 if asked.verb in {"down", "env"} or all(s["runs"] for s in told.values()) else 1


def status(state: dict[str, Any], names: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each server whether it runs and where."""
    return {
        name: {
            "runs": runs(state["processes"].get(name)),
            "address": f"{LOOPBACK}:{_port(state, name)}",
            "ports": state["ports"].get(name, BY_NAME[name].ports),
            "pid": state["processes"].get(name, {}).get("pid"),
        }
        for name in names
    }


def environment(state: dict[str, Any]) -> dict[str, str]:
    """Return what a shell sets to let qraft use these servers."""
    lookupd = f"{LOOPBACK}:{_port(state, 'nsqlookupd')}"
    return {
        "QRAFT_LAKE": f"s3://qraft/lake?endpoint=http://{LOOPBACK}:{_port(state, 'minio')}",
        "QRAFT_EVENTS": f"nsq://{LOOPBACK}:{_port(state, 'nsqd')}?lookupd={lookupd}",
        "QRAFT_SCHEDULER": f"http://{LOOPBACK}:{_port(state, 'luigid')}",
        "AWS_ACCESS_KEY_ID": state["user"],
        "AWS_SECRET_ACCESS_KEY": state["password"],
    }


def _port(state: dict[str, Any], name: str) -> int:
    ports = state["ports"].get(name, BY_NAME[name].ports)
    return int(ports[next(iter(BY_NAME[name].ports))])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/servers", description=__doc__)
    parser.add_argument("verb", choices=["up", "down", "status", "env", "build"])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BY_NAME)}")
    parser.add_argument("--home", type=Path, default=ROOT / ".servers", help="all they keep")
    parser.add_argument("--ports", choices=["usual", "free"], default="usual")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
