"""The record of a case as a PDF that a head can hand over."""

from collections.abc import Iterable
from typing import Any

from bot.domain.packs import LOCKED_WORDS, PackContent, PackEvidence, PackRow, without_locked
from bot.packs.letters import Typeface
from bot.packs.sheets import Furniture, Sheets, laid_out
from bot.packs.times import shown, size

HOW_TO_CHECK = (
    "This record is one file of a pack. To check the pack on any computer that has Staffroom: "
    "staffroom verify PACK.zip --fingerprint FINGERPRINT. Take the fingerprint from the school by telephone, "
    "on a number that you know already, and not from this page alone. README.txt in the pack says how to "
    "check it without Staffroom."
)
LETTERS = "A character that cannot be printed here is shown by its Unicode number, such as [U+1F600]."
NUMBERS = (
    "The numbers are those of the whole record: a missing number was left out. "
    "A number in brackets goes on from above."
)


def case_pdf(content: PackContent, fingerprint: str, face: Typeface, watermark: str = "") -> bytes:
    """
    The PDF of *content*, with page numbers, the case number and *watermark* on every page.

    A locked item shows its hash and history alone (SAFETY 4); what the hashes show is said (SAFETY 23).
    """
    closed = without_locked(content)
    sheets = Sheets(face)

    def story() -> list[Any]:
        return [
            *_cover(closed, fingerprint, sheets),
            *_people(closed, sheets),
            *_chronology(closed.rows, sheets),
            *_quotes(closed, sheets),
            *_actions(closed, sheets),
            *_lines("Who was told", closed.routing, sheets),
            *_evidence(closed, sheets),
            *_custody(closed, sheets),
        ]

    furniture = Furniture(f"Safeguarding record, case {closed.case}", closed.case, watermark)
    return laid_out(story, furniture, face)


def who(row: PackRow) -> str:
    """Who did it, by name and role; somebody called by role is named once."""
    if row.actor and not row.actor.startswith("["):
        return f"{row.actor} ({row.actor_role})" if row.actor_role else row.actor
    return row.actor_role or row.actor


def _cover(content: PackContent, fingerprint: str, sheets: Sheets) -> list[Any]:
    return [
        *sheets.text("Safeguarding record", "title"),
        *sheets.facts(
            (
                ("Case", content.case),
                ("School", content.school_name),
                ("For", content.reader),
                ("Made", f"{shown(content.made_at)}, by {content.made_by}"),
                ("Kind of report", content.form.replace("-", " ")),
                ("Urgent", "yes" if content.urgent else "no"),
                ("Filed", shown(content.filed_at)),
                ("Where it stands", content.status),
            )
        ),
        *(sheets.text("Summary", "sub") + sheets.text(content.summary) if content.summary else ()),
        *sheets.text("How to check this pack", "sub"),
        *sheets.facts((("Fingerprint of the signing key", fingerprint),)),
        *sheets.text(HOW_TO_CHECK),
        *sheets.text(content.hash_words),
        *sheets.text("About this copy", "sub"),
        *(sheets.text(content.reader_note) if content.reader_note else ()),
        *sheets.text(f"Times are those of the United Kingdom. {LETTERS}"),
    ]


def _people(content: PackContent, sheets: Sheets) -> list[Any]:
    rows = [(each.key, each.name, str(each.role), each.category, each.handle) for each in content.people]
    staff = [("", each.name, each.role, "school", "") for each in content.staff if each.name]
    heads = ("No", "Name", "Role in this case", "Who they are", "Handle")
    return [
        *sheets.text("People", "heading"),
        *sheets.table(heads, (1, 4.5, 3.5, 3, 4), rows + staff),
    ]


def _chronology(rows: Iterable[PackRow], sheets: Sheets) -> list[Any]:
    lines = [(str(row.number), shown(row.at), who(row), f"{row.kind}\n{row.words}") for row in rows]
    return [
        *sheets.text("Chronology", "heading"),
        *sheets.text(NUMBERS, "small"),
        *sheets.table(("No", "When", "Who", "What"), (1, 3.2, 3.6, 9), lines),
    ]


def _quotes(content: PackContent, sheets: Sheets) -> list[Any]:
    found = sheets.text("The school's policy", "heading") if content.quotes else []
    for quote in content.quotes:
        found += sheets.text(f"{quote.policy}, {quote.clause} ({quote.version})", "sub")
        found += sheets.text(quote.words, "quote")
    return found


def _actions(content: PackContent, sheets: Sheets) -> list[Any]:
    found: list[Any] = []
    if content.actions:
        rows = [(each.words, each.owner, each.due, each.done) for each in content.actions]
        found += sheets.text("Actions", "heading")
        found += sheets.table(("What", "Who", "Due", "Done"), (7, 3.5, 3, 3.5), rows)
    if content.decisions:
        lines = [
            (shown(each.at), each.by, f"{each.kind}\n{each.words}", each.reason) for each in content.decisions
        ]
        found += sheets.text("Decisions and referrals", "heading")
        found += sheets.table(("When", "Who", "What", "Why"), (3.2, 3.3, 5.5, 5), lines)
    return found


def _evidence(content: PackContent, sheets: Sheets) -> list[Any]:
    if not content.evidence:
        return []
    found = [*sheets.text("Evidence", "heading"), *sheets.text(content.hash_words)]
    for item in content.evidence:
        found += _item(item, sheets)
    return found


def _item(item: PackEvidence, sheets: Sheets) -> list[Any]:
    facts = [
        *sheets.text(f"Evidence {item.id}", "sub"),
        *(sheets.text(LOCKED_WORDS) if item.locked else ()),
        *sheets.facts(
            (
                ("Name as sent", item.name),
                ("Kind", "" if item.locked else item.kind),
                ("Received", shown(item.received_at)),
                ("Size", size(item.size)),
                ("SHA-256", item.sha256),
                ("Virus scan", item.scanned),
                *((f"In the file, {key}", words) for key, words in item.metadata.items()),
                *(("History", line) for line in item.history),
            )
        ),
    ]
    found = sheets.together(facts)
    for number, picture in enumerate(item.pictures, start=1):
        caption = f"Evidence {item.id}, view {number} of {len(item.pictures)}; the original is kept unchanged"
        if picture.media_type.startswith("text/"):
            found += sheets.text(caption, "small")
            found += sheets.text(picture.content.decode("utf-8", "backslashreplace"), "quote")
        else:
            found += sheets.picture(picture.content, caption)
    return found


def _custody(content: PackContent, sheets: Sheets) -> list[Any]:
    rows = [(shown(each.at), each.actor, each.detail) for each in content.exports]
    found: list[Any] = []
    if rows:
        found += sheets.text("Copies made before this one", "heading")
        found += sheets.table(("When", "Who", "What"), (4, 5, 8), rows)
    if content.checkpoint:
        end = content.checkpoint
        found += sheets.text("The school's record when this was made", "heading")
        found += sheets.facts((("Audit log", f"{end.seq} rows, checkpoint {end.mac}, {shown(end.at)}"),))
    return found


def _lines(heading: str, lines: Iterable[str], sheets: Sheets) -> list[Any]:
    found = [part for line in lines for part in sheets.text(line)]
    return [*sheets.text(heading, "heading"), *found] if found else []
