from pathlib import Path

from pdpp_host.hookspecs import hookimpl
from pdpp_host.ports import Databases, StorageMissing


@hookimpl
def provide_databases(storage: str, home: Path) -> Databases | None:
    if storage != "tape":
        return None
    raise StorageMissing(f"no tape drive for {home.name!r} is here; plug one in")
