"""Collects every channel whatever it was asked for."""

from honest import Honest, run


class IgnoresResources(Honest):
    def wanted(self, channel):
        return True


run(IgnoresResources)
