"""A small connector over directories of channels that does everything right; the wrong ones change one thing.

It keeps, for each channel, the time of the newest message, and the list of channels it has seen.
"""

import json
import os
import sys
from datetime import datetime


class Honest:
    """One stream, `messages`; a cursor is {"newest": {channel: at}, "seen": [channel]}."""

    def __init__(self, start):
        self.root = start["bindings"]["filesystem"]["root"]
        self.scope = next((s for s in start["scope"]["streams"] if s["name"] == "messages"), None)
        self.cursor = (start["state"] or {}).get("messages") or {}
        self.emitted = 0

    def say(self, message):
        print(json.dumps(message), flush=True)

    def collect(self):
        if self.scope is None:
            return
        channels = sorted(os.listdir(self.root))
        newest = dict(self.cursor.get("newest", {}))
        for channel in channels:
            if self.wanted(channel):
                self.read(channel, newest)
        missing = [] if "resources" in self.scope else self.missing(channels)
        if missing:
            self.report(missing)
        self.say({"type": "STATE", "stream": "messages", "cursor": self.next_cursor(newest, channels)})

    def read(self, channel, newest):
        after = self.high_water(channel)
        with open(os.path.join(self.root, channel, "messages.jsonl")) as file:
            for line in file:
                message = json.loads(line)
                if message["at"] > after and self.in_window(message["at"]):
                    self.emit(channel, message)
                    newest[channel] = max(newest.get(channel, ""), message["at"])

    def emit(self, channel, message):
        self.emitted += 1
        self.say(
            {
                "type": "RECORD",
                "stream": "messages",
                "key": [channel, message["id"]],
                "data": {"channel": channel, **message},
                "emitted_at": "2026-01-01T00:00:00Z",
            }
        )

    def wanted(self, channel):
        return channel in self.scope.get("resources", [channel])

    def in_window(self, at):
        window = self.scope.get("time_range") or {}
        since, until, moment = window.get("since"), window.get("until"), datetime.fromisoformat(at)
        begun = not since or datetime.fromisoformat(since) <= moment
        return begun and (not until or moment < datetime.fromisoformat(until))

    def high_water(self, channel):
        return self.cursor.get("newest", {}).get(channel, "")

    def missing(self, channels):
        return [channel for channel in self.cursor.get("seen", []) if channel not in channels]

    def report(self, missing):
        gone = {
            "missing_partitions": missing[:20],
            "missing_count": len(missing),
            "truncated": len(missing) > 20,
        }
        reason = "source_partition_missing"
        self.say({"type": "SKIP_RESULT", "stream": "messages", "reason": reason, "diagnostics": gone})

    def next_cursor(self, newest, channels):
        return {"newest": newest, "seen": sorted({*self.cursor.get("seen", []), *channels})}


def run(connector):
    """Speak the protocol once with a connector of this kind."""
    collector = connector(json.loads(sys.stdin.readline()))
    collector.collect()
    collector.say({"type": "DONE", "status": "succeeded", "records_emitted": collector.emitted})


if __name__ == "__main__":
    run(Honest)
