"""Reads everything, and emits and counts none of it."""

from honest import Honest, run


class LosesRecords(Honest):
    def emit(self, channel, message):
        pass


run(LosesRecords)
