"""Secrets that are planted, and the search for them: in plain text and as they are commonly spelt."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

Places = dict[str, bytes]


def canary(name: str) -> str:
    """A text that stands nowhere by chance and says what it was planted as."""
    return f"canary/{name}+{sha256(name.encode()).hexdigest()[:16]}"


def spellings(secret: str) -> set[bytes]:
    """A text as it stands, in JSON, in a URL, in hexadecimal, and in base64 wherever it begins there."""
    raw = secret.encode()
    spelt = {raw, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode(), raw.hex().encode()}
    for before in range(3):
        # What depends on the neighbours is cut off at either end.
        whole = base64.b64encode(bytes(before) + raw)
        middle = whole[4 * bool(before) : 4 * ((before + len(raw)) // 3)]
        spelt |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return spelt


def seen(secrets: Mapping[str, str], places: Places) -> dict[str, set[str]]:
    """In which places each secret stands."""
    return {
        name: {
            place for place, content in places.items() if any(each in content for each in spellings(secret))
        }
        for name, secret in secrets.items()
    }


def files_below(folder: Path, told: str) -> Places:
    """Every file below a folder with its name, as one place."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {told: b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in found)}


def tables(file: Path) -> Places:
    """Every table of a database, as a place each."""
    with closing(sqlite3.connect(file)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {f"table {name}": _rows(database.execute(f'SELECT * FROM "{name}"')) for name in names}


def _rows(rows: Iterable[tuple[object, ...]]) -> bytes:
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )
