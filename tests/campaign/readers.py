"""64 readers against a writer for half a minute on each storage: no read is older than what was acknowledged.

`python tests/campaign/readers.py [SECONDS] [READERS]` prints what was read and shared; a fault ends it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from host.processes import served
from host.reading import faults, logged

from pdpp_host.compose import provide_databases
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import StorageMissing


def campaign(storage: str, seconds: float, readers: int) -> None:
    """Read, and judge the log."""
    with tempfile.TemporaryDirectory() as home:
        try:
            databases = provide_databases(load_plugins(), storage, Path(home))
        except StorageMissing as error:
            print(f"{storage}: not run: {error}")
            return
        try:
            with served(databases.fresh()) as host:
                log = logged(host, readers, seconds)
        finally:
            databases.close()
    found = faults(log)
    print(
        f"{storage}: {len(log.reads)} reads by {readers} readers, {len(log.acknowledged)} changes, "
        f"{log.projections} projections in {seconds:.0f} s, {len(found)} faults"
    )
    assert not found, found[:10]


def main(seconds: float = 30.0, readers: int = 64) -> None:
    """Both storages."""
    for storage in ("sqlite", "postgres"):
        campaign(storage, seconds, readers)


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((float, int), sys.argv[1:], strict=False)))
