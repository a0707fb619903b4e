"""The host's secrets: what signs grants, and what keeps page cursors and record names opaque."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from functools import cached_property
from hashlib import scrypt, sha256

_TAG = 16
_LONGEST = 512


class Keys:
    """Keys that follow from the owner token alone: another owner token revokes every grant.

    They are derived when first needed, and slowly: who holds a grant must not be able to guess an owner
    token that a person chose.
    """

    def __init__(self, owner_token: str) -> None:
        self._owner_token = owner_token

    @cached_property
    def _root(self) -> bytes:
        return scrypt(self._owner_token.encode(), salt=b"pdpp-host keys 1", n=2**14, r=8, p=1, dklen=32)

    @property
    def grants(self) -> bytes:
        """The key that signs grants."""
        return self._mac("grants", b"")

    def sealed(self, purpose: str, content: bytes) -> str:
        """`content` (at most 512 bytes) as text that tells nothing and that nobody else can make.

        The same content of one purpose gives the same text, and another purpose does not open it.
        """
        tag = self._mac(f"tag {purpose}", content)[:_TAG]
        return urlsafe_b64encode(tag + self._veiled(purpose, tag, content)).rstrip(b"=").decode()

    def opened(self, purpose: str, text: str) -> bytes | None:
        """What `sealed` was given, None for any other text."""
        raw = decoded(text)
        if raw is None or not _TAG < len(raw) <= _TAG + _LONGEST:
            return None
        tag, veiled = raw[:_TAG], raw[_TAG:]
        content = self._veiled(purpose, tag, veiled)
        return content if hmac.compare_digest(tag, self._mac(f"tag {purpose}", content)[:_TAG]) else None

    def _veiled(self, purpose: str, tag: bytes, content: bytes) -> bytes:
        blocks = range(-(-len(content) // 32))
        stream = b"".join(self._mac(f"veil {purpose}", tag + bytes([n] if n else [])) for n in blocks)
        return bytes(a ^ b for a, b in zip(content, stream, strict=False))

    def _mac(self, use: str, content: bytes) -> bytes:
        return hmac.digest(self._root, use.encode() + b"\0" + content, sha256)


def decoded(text: str) -> bytes | None:
    """The bytes behind base64url without padding; None for any text but the one that encodes them."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return None
    return raw if urlsafe_b64encode(raw).rstrip(b"=") == text.encode() else None
