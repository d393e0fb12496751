"""Takes the pictures of the web page: *Now* and a pattern, on the workspace that the demo makes.

    .venv/bin/python scripts/docs/screens.py      writes docs/assets/web-now.png, web-pattern.png

Needs Chromium, and Pillow, which the environment brings.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from PIL import Image

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "docs" / "assets"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, COLOURS = 1_200, 128
LIGHT, DARK = "1", "0"


def main() -> None:
    """Run the demo in a folder of its own, serve it, and keep what a browser shows."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        sys.exit(f"error: no browser was found; looked for {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory() as folder:
        qraft = [sys.executable, "-m", "agent.cli.main", "-w", folder]
        subprocess.run([*qraft, "demo"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with subprocess.Popen(
            [*qraft, "serve", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                base = server.stdout.readline().strip() if server.stdout else ""
                take_all(browser, base, Path(folder))
            finally:
                server.terminate()


def take_all(browser: str, base: str, folder: Path) -> None:
    """Take each picture once all that the page asks for has come."""
    alarm = ask(f"{base}/api/v1/patterns?withheld=true&limit=1")["patterns"][0]["pattern_id"]
    for name, page, height, scheme in (
        ("web-now", "now", 700, LIGHT),
        ("web-pattern", f"pattern/{alarm}", 860, DARK),
    ):
        taken = folder / f"{name}.png"
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--virtual-time-budget=6000", f"--user-data-dir={folder}/browser", "--lang=en",
                f"--blink-settings=preferredColorScheme={scheme}",
                f"--window-size={WIDTH},{height}", f"--screenshot={taken}", f"{base}/#/{page}",
            ],
            check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        picture = ASSETS / f"{name}.png"
        # Few colours are on it, so a palette of them is a fifth of the size.
        Image.open(taken).convert("RGB").quantize(COLOURS).save(picture, optimize=True)
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size:,} bytes")


def ask(url: str) -> dict[str, list[dict[str, str]]]:
    """Return an answer of the API."""
    told: dict[str, list[dict[str, str]]] = httpx.get(url, timeout=60).raise_for_status().json()
    return told


if __name__ == "__main__":
    main()
