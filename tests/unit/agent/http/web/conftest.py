"""The page in a real browser, served by a real server on a copy of the demo's workspace."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.once import copied
from tests.unit.agent.http.conftest import served

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
PATIENCE_S = 60.0
WIDE, NARROW = 1_400, 390
BAD = ("error", "warning", "assert")


class Site:
    """A server that can be stopped and started anew, and a tab that looks at it."""

    def __init__(self, browser: Any, workspace: Path) -> None:
        self.workspace = workspace
        self._browser = browser
        self._stack = ExitStack()
        self.place = self._stack.enter_context(served(workspace))

    def stop(self) -> None:
        self._stack.close()

    def start(self) -> None:
        self._stack.enter_context(served(self.workspace, int(self.place.rpartition(":")[2])))

    def load(
        self, page: str, *, width: int = WIDE, dark: bool = False, height: int = 1_200
    ) -> None:
        """Load a page from the server, in a document of its own."""
        self._browser.open("about:blank", width=width, height=height)
        self._browser.open(f"http://{self.place}/#/{page}", width=width, dark=dark, height=height)

    def run(self, script: str) -> Any:
        return self._browser.run(script)

    def call(self, method: str, **parameters: Any) -> Any:
        return self._browser.call(method, **parameters)

    def wait(self, script: str) -> None:
        """Wait until a script returns something true."""
        until = time.monotonic() + PATIENCE_S
        while not self.run(f"Boolean((() => {{ {script} }})())"):
            assert time.monotonic() < until, f"{script}: {self.text()[:2_000]}"
            time.sleep(0.05)

    def wait_for(self, *texts: str) -> None:
        for text in texts:
            self.wait(
                f"return document.querySelector('main').innerText.includes({json.dumps(text)})"
            )

    def click(self, text: str) -> None:
        """Press the button whose text holds this."""
        asked = f"each => each.innerText.includes({json.dumps(text)})"
        self.run(f"[...document.querySelectorAll('main button')].find({asked}).click()")

    def write(self, where: str, text: str) -> None:
        """Write into a field, as somebody who types does."""
        self.run(f"""(() => {{
          const field = document.querySelector({json.dumps(where)});
          field.value = {json.dumps(text)};
          field.dispatchEvent(new Event('input', {{ bubbles: true }}));
          return new Promise((done) => setTimeout(done, 50));
        }})()""")

    def text(self) -> str:
        return self.run("document.body.innerText")

    def wrong(self) -> list[str]:
        return self.run(CHECKS)

    def troubles(self) -> list[str]:
        """What the console and the network said that they should not."""
        happened = self._browser.happened
        said = [str(each) for each in happened("Runtime.exceptionThrown")]
        said += [str(each["entry"]) for each in happened("Log.entryAdded")]
        said += [str(e) for e in happened("Runtime.consoleAPICalled") if e["type"] in BAD]
        return said + [
            url for each in happened("Network.requestWillBeSent")
            if not (url := each["request"]["url"]).startswith(
                (f"http://{self.place}/", "about:", "data:", "blob:")
            )
        ]  # fmt: skip


@pytest.fixture(scope="session")
def site(browser, demo_made, tmp_path_factory):
    made = Site(browser, copied(tmp_path_factory, demo_made))
    yield made
    browser.call("Page.navigate", url="about:blank")
    made.stop()


@pytest.fixture(scope="session")
def alarm(site):
    """The id of the newest alarm of the demo."""
    site.load("now")
    asked = "fetch('/api/v1/patterns?withheld=true&limit=1').then(answer => answer.json())"
    return site.run(asked)["patterns"][0]["pattern_id"]
