"""The kit's own connector: reads START, then plays the lines that it finds in its source.

Run as `python -S -E scripted.py ROOT`. ROOT/script.jsonl holds what to say, line for line; a line
`{"play": "exit", "status": N}` ends the program with that status, other lines are sent as they
stand. Without a script it says DONE with nothing emitted.
"""

import json
import os
import sys

SILENT = ['{"type":"DONE","status":"succeeded","records_emitted":0}']


def main(root: str) -> int:
    """Play the script once; the result is the exit status."""
    sys.stdin.buffer.readline()
    try:
        with open(os.path.join(root, "script.jsonl"), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        lines = SILENT
    for line in lines:
        if line.startswith('{"play"'):
            return int(json.loads(line)["status"])
        sys.stdout.buffer.write(line.encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
