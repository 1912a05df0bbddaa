"""Sealing of what is kept: AES-256-GCM bound to its place, and keyed marks that find without storing."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SealBroken

SECRET_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

_VERSION = b"\x01"


def seal(secret: bytes, plain: bytes, where: str) -> bytes:
    """
    Return *plain* sealed with the 32 bytes of *secret*; it opens at *where* alone.

    *where* names table, column and row, such as "events.body:CASE:7", and is not secret.
    """
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(secret).encrypt(nonce, plain, _bound(where))


def open_sealed(secret: bytes, sealed: bytes, where: str) -> bytes:
    """
    Return what was sealed at *where*.

    Raises:
        SealBroken: a byte differs, it was moved here from another place, or it is another key's.
    """
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(rest) < TAG_BYTES:
        raise SealBroken(where)
    try:
        return AESGCM(secret).decrypt(nonce, rest, _bound(where))
    except InvalidTag:
        raise SealBroken(where) from None


def mark(secret: bytes, *parts: str) -> str:
    """
    Return a keyed hash of *parts* in hex: the same parts give the same mark.

    The first part says what the mark is for, so that the same name marked for two things does not match.
    """
    digest = hmac.new(secret, b"staffroom/mark/1", hashlib.sha256)
    for part in parts:
        # A lone surrogate cannot be UTF-8, and a name must never make filing fail.
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _bound(where: str) -> bytes:
    return b"staffroom/seal/1\0" + where.encode()
