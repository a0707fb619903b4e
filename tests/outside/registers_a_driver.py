from collections.abc import Sequence

from pdpp_plugins.sources.folder import FolderDriver
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import SourceDriver


@hookimpl
def register_source_drivers() -> Sequence[SourceDriver]:
    driver = FolderDriver()
    driver.name, driver.connectors = "notes", frozenset({"notes"})
    return [driver]
