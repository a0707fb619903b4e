"""What a connector said on stderr before it ended is told by the line that says what broke it."""

from __future__ import annotations

import pytest

from pdpp_tck.evidence.transcripts import Transcript

NODE = [
    "/x/c.js:3",
    "throw new Error('boom');",
    "^",
    "",
    "Error: boom at load",
    "    at file.js:1:2",
    "",
    "Node.js v20",
]
PYTHON = [
    "Traceback (most recent call last):",
    '  File "c.py", line 1, in <module>',
    "ValueError: no such table",
]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (NODE, "(on stderr: Error: boom at load)"),
        (
            ["", "Uncaught ReferenceError: x is not defined", "Node.js v20"],
            "(on stderr: Uncaught ReferenceError: x is not defined)",
        ),
        (PYTHON, "(on stderr: ValueError: no such table)"),
        (["starting", "no such table", ""], "(its last line on stderr: no such table)"),
        ([], ""),
    ],
)
def test_the_line_of_the_error_is_told(said: list[str], told: str) -> None:
    """An interpreter's own last line says nothing."""
    entries = [{"n": n, "dir": "err", "line": text, "t": 0.0} for n, text in enumerate(said, 1)]
    exit_ = {"n": 99, "dir": "exit", "line": '{"status": 1}', "t": 1.0}
    assert Transcript([*entries, exit_]).last_words() == told
