"""How a project begins: what can be guessed from its folder, and the pdpp-tck.toml that comes of it."""

from pdpp_tck.beginning.found import Found, NothingFound, look
from pdpp_tck.beginning.writing import written

__all__ = ["Found", "NothingFound", "look", "written"]
