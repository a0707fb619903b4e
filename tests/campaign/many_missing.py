"""Twenty thousand partitions disappear at once: what is said of them stays within bounds.

`python tests/campaign/many_missing.py [COUNT]` judges our connectors on PR-01/many-missing with that many
and ends as the kit does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
KIT = Path(sys.executable).parent / "pdpp-tck"
FEATURE = "polyfill_runtime/partitions.feature"


def main(count: int) -> int:
    """Judge with `count` partitions in the place of 2000; the result is the kit's exit status."""
    with tempfile.TemporaryDirectory() as home:
        features = Path(shutil.copytree(ROOT / "features", Path(home) / "features"))
        file = features / FEATURE
        text = file.read_text(encoding="utf-8")
        changed = text.replace("2000 more partitions", f"{count} more partitions")
        changed = changed.replace("those 2000 partitions", f"those {count} partitions")
        assert changed.count(str(count)) == 2, "the scenario has other words now"
        file.write_text(changed, encoding="utf-8")
        options = ["--features", str(features), "--select", "PR-01/many-missing"]
        return subprocess.run([str(KIT), "run", *options], cwd=home, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 20_000))
