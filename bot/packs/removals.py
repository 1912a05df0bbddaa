"""What was taken out of a subject-access copy: a file that stays inside the school."""

from bot.domain.packs import PackContent
from bot.domain.subject_access import EXEMPTIONS, SubjectCopy
from bot.packs.archive import Part
from bot.packs.csv_rows import csv_bytes

STAYS_INSIDE = "STAYS INSIDE: never give this to the person who asked."


def parts(copy: SubjectCopy) -> tuple[Part, ...]:
    """The list of what was removed and of the exemptions considered, each line marked to stay inside."""
    return (
        Part.of("STAYS-INSIDE-removed.csv", _removed(copy), "what was removed from the copy, and where"),
        Part.of("STAYS-INSIDE-exemptions.csv", _exemptions(copy), "each exemption and what was decided"),
        Part.of("STAYS-INSIDE-read-first.txt", _advice(copy.content), "what a person must still do"),
    )


def _removed(copy: SubjectCopy) -> bytes:
    rows = [(STAYS_INSIDE, each.where, each.words, each.shown, str(each.times)) for each in copy.removed]
    return csv_bytes(("mark", "where", "removed", "shown instead", "times"), rows)


def _exemptions(copy: SubjectCopy) -> bytes:
    rows = []
    for key, words in EXEMPTIONS.items():
        done = copy.considered.get(key)
        decided = ("applies" if done.applies else "does not apply") if done else "NOT CONSIDERED YET"
        rows.append((STAYS_INSIDE, words, decided, done.by if done else "", done.reason if done else ""))
    return csv_bytes(("mark", "exemption", "decision", "by", "reason"), rows)


def _advice(content: PackContent) -> bytes:
    lines = (
        STAYS_INSIDE,
        f"Case {content.case}.",
        "",
        "Read every line of the copy before anybody gets it.",
        "Names and handles that the case records were replaced by roles.",
        'NOT found: nicknames, misspelt names, hints such as "the girl with the red bag",',
        "and names that are also everyday words, in small letters.",
        "Look at each picture and file, and decide whether it can be shown, in part or not at all.",
        "Record for each exemption in STAYS-INSIDE-exemptions.csv whether it applies, and why.",
        "The answer is due within one month as a rule (UK GDPR art. 12(3)).",
    )
    return "\r\n".join(lines).encode()
