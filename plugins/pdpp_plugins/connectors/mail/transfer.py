"""Transfer encodings: bytes out of lines, a piece at a time, and never an error."""

from __future__ import annotations

from binascii import a2b_base64, a2b_qp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Decoder(Protocol):
        """Turns what stands in a message into the bytes that were meant."""

        def feed(self, raw: bytes) -> bytes:
            """What follows, as far as it can be told yet."""

        def finish(self) -> bytes:
            """What was held back."""


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_ALPHABET = bytes(set(range(256)).difference(_ALPHABET))
_HELD = 64 * 1024


class Identity:
    """7bit, 8bit, binary, and whatever nobody knows."""

    def feed(self, raw: bytes) -> bytes:
        """The same."""
        return raw

    def finish(self) -> bytes:
        """Nothing."""
        return b""


class Base64:
    """Base 64; what is not of its alphabet is passed over, and padding may stand anywhere."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, raw: bytes) -> bytes:
        """What follows; held back until it is worth decoding."""
        self._held.append(raw)
        self._size += len(raw)
        return self._decode(last=False) if self._size >= _HELD else b""

    def finish(self) -> bytes:
        """The rest."""
        return self._decode(last=True)

    def _decode(self, *, last: bool) -> bytes:
        *ended, rest = b"".join(self._held).translate(None, _NOT_ALPHABET).split(b"=")
        whole = len(rest) if last else len(rest) // 4 * 4
        self._held, self._size = [rest[whole:]], len(rest) - whole
        return b"".join(map(_padded, [*ended, rest[:whole]]))


class QuotedPrintable:
    """Quoted-printable."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, raw: bytes) -> bytes:
        """What follows, but for an escape at its very end."""
        raw = self._held + raw
        escape = raw.rfind(b"=", max(0, len(raw) - 2))
        whole = len(raw) if escape < 0 else escape
        self._held = raw[whole:]
        return a2b_qp(raw[:whole])

    def finish(self) -> bytes:
        """The rest."""
        return a2b_qp(self._held)


def decoder(encoding: str) -> Decoder:
    """The decoder for a Content-Transfer-Encoding."""
    match encoding.strip().lower():
        case "base64":
            return Base64()
        case "quoted-printable":
            return QuotedPrintable()
    return Identity()


def _padded(raw: bytes) -> bytes:
    over = len(raw) % 4
    return a2b_base64(raw[:-1] if over == 1 else raw + b"==="[: -over % 4])
