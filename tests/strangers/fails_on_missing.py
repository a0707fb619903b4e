"""A stranger that ends its run failed as soon as a channel is missing, after it has read the others."""

import json
import os
import sys


def say(**message):
    print(json.dumps(message), flush=True)


start = json.loads(sys.stdin.readline())
root = start["bindings"]["filesystem"]["root"]
scope = start["scope"]["streams"][0]
read = dict(((start["state"] or {}).get("posts") or {}).get("read", {}))
emitted = 0
present = sorted(os.listdir(root))
for channel in present:
    if channel not in scope.get("resources", [channel]):
        continue
    for name in sorted(os.listdir(os.path.join(root, channel))):
        post = name.removesuffix(".json")
        if post in read.setdefault(channel, []):
            continue
        with open(os.path.join(root, channel, name), encoding="utf-8") as file:
            content = json.load(file)
        data = {"channel_id": channel, "post_id": post, "ts": content["ts"], "body": content["body"]}
        say(
            type="RECORD",
            stream="posts",
            key=[channel, post],
            data=data,
            emitted_at="2026-01-01T00:00:00Z",
        )
        emitted += 1
        read[channel].append(post)
    read.setdefault(channel, [])
gone = sorted(read.keys() - set(present))
if gone and "resources" not in scope:
    problem = {"message": f"posts: {len(gone)} channels vanished", "retryable": False}
    # One line for each bounds the lines, and nothing is left out.
    for channel in gone:
        say(type="SKIP_RESULT", stream="posts", reason="channel_vanished", message=channel)
    say(type="DONE", status="failed", records_emitted=emitted, error=problem)
    sys.exit(3)
say(type="STATE", stream="posts", cursor={"read": read})
say(type="DONE", status="succeeded", records_emitted=emitted)
