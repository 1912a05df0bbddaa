"""A signed ZIP as a stream: each file is hashed as it goes in, and the signed list comes last."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.packs.exact import as_json
from bot.packs.signing import Signer

FORMAT = "staffroom pack 1"
MANIFEST, SIGNATURE, KEY, README = "manifest.json", "manifest.sig", "verify-key.pem", "README.txt"

_README = """\
How to check this pack
======================

With Staffroom, on any computer:

    staffroom verify PACK.zip --fingerprint FINGERPRINT

If the pack ends in .age, open it first with the age tool (age --decrypt -i KEYFILE -o PACK.zip PACK.zip.age),
or give the file of your key with --identity.

Without Staffroom:
1. Ask the school by telephone, on a number that you know already, for the fingerprint of its signing key.
2. The fingerprint is the first 32 digits of what this prints:
       openssl pkey -pubin -in verify-key.pem -outform DER | tail -c 32 | sha256sum
3. This says whether the list of files was signed with that key:
       openssl pkeyutl -verify -pubin -inkey verify-key.pem -rawin -in manifest.json -sigfile manifest.sig
4. manifest.json names each file with its size and SHA-256. Compare them with sha256sum.
   There must be no file beside those, manifest.json and manifest.sig.

{hash_words}

What lies here:
{files}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a pack: *chunks* gives its bytes in order; *note* says what it is."""

    name: str
    chunks: Callable[[], Iterable[bytes]]
    note: str
    packed: bool = True
    """Whether it is made smaller; pictures and films gain nothing."""

    @classmethod
    def of(cls, name: str, content: bytes, note: str) -> "Part":
        """A part that is in memory already."""
        return cls(name, lambda: (content,), note)


@dataclass(frozen=True, slots=True)
class Label:
    """What the signed list says about the pack as a whole."""

    case: str
    school: str
    reader: str
    made_at: datetime
    hash_words: str


@dataclass(frozen=True, slots=True)
class _Sink:
    """Collects what a ZIP writes, until somebody takes it on; it cannot go back."""

    chunks: list[bytes] = field(default_factory=list)

    def write(self, chunk: bytes) -> int:
        self.chunks.append(bytes(chunk))
        return len(chunk)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """Nothing to close."""

    def take(self) -> bytes:
        taken = b"".join(self.chunks)
        self.chunks.clear()
        return taken


def signed_zip(parts: Iterable[Part], label: Label, signer: Signer) -> Iterator[bytes]:
    """
    The bytes of a ZIP of *parts*, with `manifest.json` and its Ed25519 signature, chunk by chunk.

    The same parts and label give the same bytes; no more than a chunk of a part is held in memory.
    """
    listed = [*parts, Part.of(KEY, signer.public_pem, "the school's public key")]
    listed.insert(0, Part.of(README, _readme(listed, label), "this file"))
    sink = _Sink()
    entries: list[dict[str, object]] = []
    with zipfile.ZipFile(sink, "w") as archive:
        for part in listed:
            yield from _written(archive, sink, part, label, entries)
        manifest = _manifest(entries, label, signer)
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signer.sign(manifest))):
            yield from _written(archive, sink, Part.of(name, content, ""), label, [])
    yield sink.take()


def _written(
    archive: zipfile.ZipFile, sink: _Sink, part: Part, label: Label, entries: list[dict[str, object]]
) -> Iterator[bytes]:
    info = zipfile.ZipInfo(part.name, label.made_at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED if part.packed else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w") as entry:
        for chunk in part.chunks():
            digest.update(chunk)
            size += len(chunk)
            entry.write(chunk)
            yield sink.take()
    yield sink.take()
    entries.append({"name": part.name, "sha256": digest.hexdigest(), "size": size})


def _manifest(entries: list[dict[str, object]], label: Label, signer: Signer) -> bytes:
    return as_json(
        {
            "format": FORMAT,
            "case": label.case,
            "school": label.school,
            "reader": label.reader,
            "made_at": label.made_at.isoformat(),
            "public_key": signer.public_key.hex(),
            "fingerprint": signer.fingerprint,
            "files": entries,
        }
    )


def _readme(parts: Iterable[Part], label: Label) -> bytes:
    files = "\n".join(f"  {part.name}: {part.note}" for part in parts)
    words = _README.format(hash_words=label.hash_words, files=files)
    return words.replace("\n", "\r\n").encode()
