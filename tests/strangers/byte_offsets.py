"""A stranger that remembers how many bytes of each log it read, and says a line for each that is gone."""

import json
import os
import sys


def say(**message):
    print(json.dumps(message), flush=True)


start = json.loads(sys.stdin.readline())
root = start["bindings"]["filesystem"]["root"]
scope = start["scope"]["streams"][0]
offsets = dict(((start["state"] or {}).get("posts") or {}).get("offsets", {}))
emitted = 0
present = sorted(os.listdir(root))
for name in present:
    if name.removesuffix(".log") not in scope.get("resources", [name.removesuffix(".log")]):
        continue
    with open(os.path.join(root, name), "rb") as file:
        file.seek(offsets.get(name, 0))
        for line in file:
            ts, post, body = line.decode("utf-8").rstrip("\n").split("\t")
            channel = name.removesuffix(".log")
            data = {"channel_id": channel, "post_id": post, "ts": int(ts), "body": body}
            say(
                type="RECORD",
                stream="posts",
                key=[channel, post],
                data=data,
                emitted_at="2026-01-01T00:00:00Z",
            )
            emitted += 1
        offsets[name] = file.tell()
if "resources" not in scope:
    for name in sorted(offsets.keys() - set(present)):
        say(
            type="DETAIL_GAP",
            stream="posts",
            record_key=name.removesuffix(".log"),
            reason="log_vanished",
            retryable=False,
        )
say(type="STATE", stream="posts", cursor={"offsets": offsets})
say(type="DONE", status="succeeded", records_emitted=emitted)
