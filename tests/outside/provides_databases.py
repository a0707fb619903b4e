from pathlib import Path

from pdpp_host.hookspecs import hookimpl
from pdpp_host.ports import Databases, StorageMissing


@hookimpl
def provide_databases(storage: str, home: Path) -> Databases | None:
    if storage == "mydb":
        raise StorageMissing("mydb is not installed; install it")
    return None
