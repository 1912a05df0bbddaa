"""Signing a pack's list of files with Ed25519, and the fingerprint of the key."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import ConfigurationError


def fingerprint_of(public_key: bytes) -> str:
    """The first 32 hex digits of the SHA-256 of a raw public key, in groups of four."""
    digits = hashlib.sha256(public_key).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def is_fingerprint(given: str, public_key: bytes) -> bool:
    """Whether *given*, with or without spaces and colons, in any case, is the fingerprint of *public_key*."""
    digits = "".join(letter for letter in given.lower() if letter not in " :-")
    return hmac.compare_digest(digits.encode(), fingerprint_of(public_key).replace(" ", "").encode())


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the key that grows from a seed of 32 bytes."""

    key: Ed25519PrivateKey

    @classmethod
    def of(cls, seed: bytes) -> "Signer":
        """The signer of *seed*; a seed of another length is a `ConfigurationError`."""
        if len(seed) != 32:
            raise ConfigurationError("the seed of the signing key must be 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self.key.public_key().public_bytes_raw()

    @property
    def public_pem(self) -> bytes:
        """The public key as PEM, for other tools."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def fingerprint(self) -> str:
        """The fingerprint as people read it out."""
        return fingerprint_of(self.public_key)

    def sign(self, content: bytes) -> bytes:
        """The signature of *content*, 64 bytes."""
        return self.key.sign(content)


def is_signed(content: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether *signature* is that of *content* by *public_key*."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
