"""Counts one record more than it emits: no run of it ends well, and only its count is to blame."""

from honest import Honest, run


class Miscounts(Honest):
    def collect(self):
        super().collect()
        self.emitted += 1


run(Miscounts)
