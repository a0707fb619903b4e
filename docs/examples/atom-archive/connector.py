"""An archive of Atom feeds, one file each: every entry that is new since the last run."""

import json
import os
import sys
from datetime import UTC, datetime
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
NAMED = 20


def say(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def entries(path):
    """The entries of a feed, in the file's order."""
    for entry in ElementTree.parse(path).getroot().iter(f"{ATOM}entry"):
        yield {part.tag.removeprefix(ATOM): part.text or "" for part in entry}


def collect(root, scope, feeds):
    """Emit what is new in each feed; `feeds` is what is known of each: the ids that came out before."""
    emitted = 0
    present = sorted(name.removesuffix(".xml") for name in os.listdir(root) if name.endswith(".xml"))
    for feed in present:
        if feed not in scope.get("resources", [feed]):
            continue
        seen = set(feeds.setdefault(feed, []))
        for entry in entries(os.path.join(root, feed + ".xml")):
            if entry["id"] in seen or not within(entry["updated"], scope.get("time_range") or {}):
                continue
            data = {"feed": feed, **entry}
            now = datetime.now(UTC).isoformat()
            say("RECORD", stream="entries", key=[feed, entry["id"]], data=data, emitted_at=now)
            emitted += 1
            feeds[feed].append(entry["id"])
    gone = sorted(feeds.keys() - set(present))
    if gone and "resources" not in scope:
        told = {"feeds": gone[:NAMED], "count": len(gone), "truncated": len(gone) > NAMED}
        say("SKIP_RESULT", stream="entries", reason="feed_disappeared", diagnostics=told)
    say("PROGRESS", stream="entries", message=f"{emitted} new entries", count=emitted)
    if "time_range" not in scope:
        say("STATE", stream="entries", cursor={"feeds": feeds})
    return emitted


def within(at, window):
    """Whether a time lies in a window: from since on, before until."""
    moment = datetime.fromisoformat(at)
    since, until = (window.get(name) and datetime.fromisoformat(window[name]) for name in ("since", "until"))
    return (not since or since <= moment) and (not until or moment < until)


def main():
    start = json.loads(sys.stdin.readline())
    emitted = 0
    try:
        for scope in start["scope"]["streams"]:
            if scope["name"] != "entries":
                say("SKIP_RESULT", stream=scope["name"], reason="unknown_stream")
                continue
            cursor = (start["state"] or {}).get("entries") or {}
            emitted = collect(start["bindings"]["filesystem"]["root"], scope, dict(cursor.get("feeds", {})))
    except (OSError, ElementTree.ParseError) as error:
        told = {"message": f"the archive cannot be read: {type(error).__name__}", "retryable": True}
        say("DONE", status="failed", records_emitted=emitted, error=told)
        return 1
    say("DONE", status="succeeded", records_emitted=emitted)
    return 0


sys.exit(main())
