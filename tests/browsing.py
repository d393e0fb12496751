"""A real browser, spoken to over a pipe in its own protocol."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_SECONDS = 60


class Browser:
    """One tab; commands are answered in order, what happens meanwhile is kept in `events`."""

    def __init__(self, program: str, folder: Path) -> None:
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # the browser expects its pipe at the descriptors 3 and 4
        arguments = " ".join([*FLAGS, f"--user-data-dir={folder}", "about:blank"])
        script = f'exec "{program}" {arguments} 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script], pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._sent = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        tabs = self.call("Target.getTargets")["targetInfos"]
        tab = next(t["targetId"] for t in tabs if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._sent:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            # Not select(): it knows no file number above 1,023, and chDB opens many.
            waiting = select.poll()
            waiting.register(self._read, select.POLLIN)
            assert waiting.poll(PATIENCE_SECONDS * 1_000), "the browser does not answer"
            chunk = os.read(self._read, 1 << 20)
            assert chunk, "the browser ended"
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def open(
        self, page: Path | str, *, width: int, dark: bool = False, height: int = 20_000
    ) -> None:
        """Show a page, a file or an address; the window is so tall that every plot is in sight."""
        self.events.clear()
        phone = width < 600
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media="", features=scheme)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=phone,
        )  # fmt: skip
        self.call("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        while not self.happened("Page.loadEventFired"):
            self.events.append(self._receive())
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 500)))")

    def happened(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") == method]

    def run(self, script: str) -> Any:
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def close(self) -> None:
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        os.close(self._write)


def find_browser() -> str:
    """Return the program of a browser; skip the test where there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None or sys.platform == "win32":
        pytest.skip(f"needs a browser: none of {', '.join(NAMES)} is installed")
    return program
