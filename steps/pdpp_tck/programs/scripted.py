"""The kit's own connector: reads START, then plays the lines that it finds in its source.

Run as `python -S -E scripted.py ROOT`. ROOT, or ROOT/script.jsonl, or the only file in ROOT (an artifact
that a host has staged under a name of its own) holds what to say, line for line; a line
`{"play": "exit", "status": N}` ends the program with that status, `{"play": "linger"}` waits to be ended,
other lines are sent as they stand. Without a script it says DONE with nothing emitted.
"""

import json
import os
import sys
import time

SILENT = ['{"type":"DONE","status":"succeeded","records_emitted":0}']


def found(root: str) -> str | None:
    """Where the script lies, None where there is none."""
    if not os.path.isdir(root):
        return root if os.path.isfile(root) else None
    files = sorted(os.listdir(root))
    name = "script.jsonl" if "script.jsonl" in files else files[0] if len(files) == 1 else None
    return None if name is None else os.path.join(root, name)


def main(root: str) -> int:
    """Play the script once; the result is the exit status."""
    sys.stdin.buffer.readline()
    script = found(root)
    lines = SILENT
    if script is not None:
        with open(script, encoding="utf-8") as file:
            lines = file.read().splitlines()
    for line in lines:
        if line.startswith('{"play": "linger"'):
            time.sleep(60)
        elif line.startswith('{"play"'):
            return int(json.loads(line)["status"])
        sys.stdout.buffer.write(line.encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
