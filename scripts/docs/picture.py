"""Takes the picture of the README: the report that the demo gives, as a browser shows it.

    .venv/bin/python scripts/docs/picture.py      writes docs/assets/report.png

Needs Chromium, and Pillow, which the environment brings.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "assets" / "report.png"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT, COLOURS = 1_000, 1_180, 48


def main() -> None:
    """Run the demo in a folder of its own, show its report, and keep the beginning of the page."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        sys.exit(f"error: no browser was found; looked for {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "agent.cli.main", "-w", folder, "demo"],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        (report,) = Path(folder, ".qraft", "reports").glob("us_momentum-*.html")
        taken = Path(folder, "taken.png")
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--virtual-time-budget=8000", f"--user-data-dir={folder}/browser",
                f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={taken}", report.as_uri(),
            ],
            check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        # Few colours are on it, so a palette of them is a fifth of the size.
        Image.open(taken).convert("RGB").quantize(COLOURS).save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
