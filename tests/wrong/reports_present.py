"""Takes a channel for missing when its name begins like that of a missing one."""

from honest import Honest, run


class ReportsPresent(Honest):
    def missing(self, channels):
        gone = super().missing(channels)
        return [c for c in self.cursor.get("seen", []) if any(c.startswith(name) for name in gone)]


run(ReportsPresent)
