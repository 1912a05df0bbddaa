"""Builders of what goes into a pack, shared by the tests of packs."""

import functools
import io
import tempfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from PIL import Image

from bot.domain.audit import Checkpoint
from bot.domain.cases import EventKind, PartyRole
from bot.domain.evidence import Derivative, FileKind
from bot.domain.packs import (
    PackAction,
    PackContent,
    PackDecision,
    PackEvidence,
    PackExport,
    PackPerson,
    PackRow,
    PackStaff,
    Quote,
    Target,
)
from bot.domain.triage import Form
from bot.packs.making import SignedPacks

AT = datetime(2026, 11, 20, 22, 41, 7, tzinfo=UTC)
SEED = bytes(range(32))
ORIGINAL = b"the original, byte for byte \x00\xff"


def a_picture(width=120, height=80, colour=(200, 30, 30), kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, kind)
    return buffer.getvalue()


def a_row(number=1, words="They wrote to me.", **changes):
    plain = PackRow(number, AT + timedelta(minutes=number), EventKind.NOTED, "Amy Ash", "DSL", words)
    return replace(plain, **changes)


def an_item(identity="E1", content=ORIGINAL, **changes):
    plain = PackEvidence(
        id=identity,
        name="screen.png",
        kind=FileKind.PNG,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        received_at=AT,
        scanned="not scanned",
        metadata={"pixels": "120 x 80"},
        pictures=(Derivative("view.png", "image/png", a_picture()),),
        history=("20 November 2026: stored",),
    )
    return replace(plain, **changes)


def a_content(**changes):
    """A case with everything in it."""
    plain = PackContent(
        case="CASE-7Q2M",
        school_id="fernhill",
        school_name="Fernhill School",
        form=Form.FRIEND_REQUEST,
        urgent=False,
        status="being dealt with",
        filed_at=AT,
        made_at=AT + timedelta(days=1),
        made_by="Amy Ash",
        summary="Tom Reed asked Zoe Finch to be friends.",
        people=(
            PackPerson("P1", "Zoe Finch", PartyRole.TARGET, "adult who works or helps here"),
            PackPerson("P2", "Tom Reed", PartyRole.ALLEGED, "pupil", "@tom.reed"),
            PackPerson("P3", "Mia Lark", PartyRole.WITNESS, "pupil"),
        ),
        staff=(PackStaff("Amy Ash", "DSL"),),
        rows=(
            a_row(1, "Tom Reed sent me a request. Mia Lark saw it.", kind=EventKind.FILED),
            a_row(2, "Told: the DSL.", kind=EventKind.ROUTED, actor="", actor_role="Staffroom"),
            a_row(3, "Rang home about @tom.reed.", kind=EventKind.PARENT_CONTACT),
        ),
        quotes=(Quote("Online Conduct", "in force from 1 May 2025", "6.2", "Staff must not accept."),),
        evidence=(an_item(),),
        actions=(PackAction("Speak to Tom Reed", "Amy Ash", "23 November 2026"),),
        decisions=(PackDecision(AT, EventKind.DECIDED, "Amy Ash", "Decline and talk", "first time"),),
        routing=("Amy Ash (DSL) by clause 6.2",),
        exports=(PackExport(AT, "Amy Ash", "pack for the police"),),
        checkpoint=Checkpoint(40, "ab" * 32, AT),
        originals=True,
    )
    return replace(plain, **changes)


def packs(**changes):
    return replace(SignedPacks(SEED, sample=True, wider_faces=()), **changes)


def originals(**files):
    files = files or {"E1": ORIGINAL}
    return lambda item: iter([files[item][:7], files[item][7:]])


def a_pack(folder, name="pack.zip", **changes):
    """A plain pack in *folder*: its path."""
    (folder / name).write_bytes(_pack_bytes(tuple(changes.items())))
    return folder / name


@functools.cache
def _pack_bytes(changes):
    """Made once: many tests only change its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        made = packs(**dict(changes)).case_pack(a_content(), originals(), Target(Path(folder) / "pack.zip"))
        return made.path.read_bytes()


def files_in(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path, files):
    """A ZIP of *files* (name → bytes, or pairs where a name comes twice), with no trick of its own."""
    pairs = files.items() if isinstance(files, dict) else files
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return path
