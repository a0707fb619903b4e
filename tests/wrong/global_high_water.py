"""Lists the channels it has seen, but goes by one time for all of them."""

from honest import Honest, run


class GlobalHighWater(Honest):
    def high_water(self, channel):
        return self.cursor.get("last_at", "")

    def next_cursor(self, newest, channels):
        times = [self.cursor.get("last_at", ""), *newest.values()]
        return {**super().next_cursor({}, channels), "last_at": max(times)}


run(GlobalHighWater)
