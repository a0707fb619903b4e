"""Notices a missing channel and says nothing of it."""

from honest import Honest, run


class DropsMissing(Honest):
    def report(self, missing):
        pass


run(DropsMissing)
