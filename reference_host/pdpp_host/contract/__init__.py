"""What a plugin must do, as tests that its author runs: subclass and say how the plugin is opened."""

from pdpp_host.contract.sql import SqlStorageContract
from pdpp_host.contract.storage import StorageContract

__all__ = ["SqlStorageContract", "StorageContract"]
