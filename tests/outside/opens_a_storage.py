from pdpp_host.hookspecs import hookimpl
from pdpp_host.ports import Storage, StorageError


@hookimpl
def open_storage(url: str) -> Storage | None:
    if not url.startswith("tape://"):
        return None
    raise StorageError(f"the tape {url!r} is not wound back; wind it back")
