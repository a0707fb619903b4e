"""A connector that says its secrets on stderr, and ends in one of many ways.

`leaking.py MODE FILE`: what it was started with is added to FILE. Its records come from FILE's folder.
"""

import json
import os
import sys
from pathlib import Path


def say(**message: object) -> None:
    print(json.dumps(message), flush=True)


mode, file = sys.argv[1], Path(sys.argv[2])
with file.open("a") as told:
    told.write(json.dumps([dict(os.environ), sys.argv]) + "\n")
start = json.loads(sys.stdin.readline())
bodies = json.loads((file.parent / "bodies.json").read_text())
print(os.environ.get("DECLARED"), file=sys.stderr)
record = {"type": "RECORD", "stream": "notes", "emitted_at": "2026-05-01T10:00:00Z"}
if mode == "rejected":
    say(**record, key="r", data={"id": "r", "n": bodies["rejected"]})
    sys.exit(1)
if mode == "asks":
    say(
        type="INTERACTION",
        request_id="q",
        kind="credentials",
        message="a password, please",
        timeout_seconds=1,
    )
    sys.stdin.readline()
if mode == "tells":
    say(type="PROGRESS", message=bodies["told"])
if mode == "deletes":
    say(**record, key="d", op="delete")
else:
    say(**record, key="k", data={"id": "k", "text": bodies["body"]})
    say(**record, key="d", data={"id": "d", "text": bodies["deleted"]})
say(
    type="SKIP_RESULT",
    stream="notes",
    reason="source_partition_missing",
    diagnostics={"missing_partitions": ["p"]},
)
say(type="STATE", stream="notes", cursor={"at": 1})
failed = mode == "asks"
say(type="DONE", status="failed" if failed else "succeeded", records_emitted=1 if mode == "deletes" else 2)
sys.exit(failed)
