"""The inventory: which channels the source has now, and the files that may be read of them."""

from __future__ import annotations

import os

from pdpp_plugins.connectors.inventory import Inventory
from pdpp_plugins.connectors.root import Root, is_directory, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


class Channels(Inventory):
    """The channels of a root: the directories in it."""

    def __init__(self, root: Root) -> None:
        super().__init__()
        self._root = root
        with os.scandir(root.path) as entries:
            for entry in entries:
                if not entry.name.startswith(b"."):
                    self._sort_in(entry)
        self.partitions.sort()

    def open(self, channel: str, file_name: str) -> BinaryIO:
        """A regular file of a channel; raises FileNotFoundError, LinkOutside or another OSError."""
        return self._root.open(os.path.join(self._root.path, channel.encode(), file_name.encode()))

    def _sort_in(self, entry: os.DirEntry[bytes]) -> None:
        if self._root.leads_outside(entry):
            self.links_outside.append(shown(entry.name))
        elif is_directory(entry):
            try:
                self.partitions.append(entry.name.decode())
            except UnicodeDecodeError:
                self.undecodable.append(shown(entry.name))
