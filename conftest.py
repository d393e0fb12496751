"""What holds for all tests, those in the sources too."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Every test process has an installation's folder of its own, with its own runner's key.
if "QRAFT_TESTED_STATE" not in os.environ:
    os.environ["QRAFT_TESTED_STATE"] = os.environ["QRAFT_STATE"] = tempfile.mkdtemp(
        prefix="qraft-state-"
    )
    atexit.register(shutil.rmtree, os.environ["QRAFT_STATE"], ignore_errors=True)
