"""A stranger with a time for each channel, one for all from older days, and its own words for gaps."""

import json
import os
import sys


def say(**message):
    print(json.dumps(message), flush=True)


start = json.loads(sys.stdin.readline())
root = start["bindings"]["filesystem"]["root"]
scope = start["scope"]["streams"][0]
cursor = (start["state"] or {}).get("posts") or {}
oldest, times = cursor.get("last_ts", 0), dict(cursor.get("channel_last_ts", {}))
observed = set(cursor.get("observed_channel_ids", []))
emitted = 0
present = {name.removesuffix(".json") for name in os.listdir(root)}
for channel in sorted(present):
    if channel not in scope.get("resources", [channel]):
        continue
    with open(os.path.join(root, channel + ".json"), encoding="utf-8") as file:
        posts = json.load(file)
    # Once seeded from the older cursor, each channel goes on by itself.
    after = times.setdefault(channel, oldest if channel in observed or not times else 0)
    for post in posts:
        if post["ts"] >= after:
            data = {"channel_id": channel, "post_id": post["id"], "ts": post["ts"], "body": post["body"]}
            say(
                type="RECORD",
                stream="posts",
                key=[channel, post["id"]],
                data=data,
                emitted_at="2026-01-01T00:00:00Z",
            )
            emitted += 1
            # One later: the boundary itself is not read again.
            times[channel] = max(times[channel], post["ts"] + 1)
gone = sorted(observed - present)
if gone and "resources" not in scope:
    say(
        type="SKIP_RESULT",
        stream="posts",
        reason="channels_not_found",
        diagnostics={
            "missing_channel_ids": gone[:50],
            "missing_channel_total": len(gone),
            "cut": len(gone) > 50,
        },
    )
kept = {"last_ts": oldest, "channel_last_ts": times, "observed_channel_ids": sorted(observed | present)}
say(type="STATE", stream="posts", cursor=kept)
say(type="DONE", status="succeeded", records_emitted=emitted)
