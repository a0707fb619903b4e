"""A third storage, in memory: whole states, copied to be written to and swapped when they are committed."""

from .state import DATABASES, Database, Identity
from .storage import MemoryStorage
from .unit import Unit
from .view import View

__all__ = ["DATABASES", "Database", "Identity", "MemoryStorage", "Unit", "View"]
