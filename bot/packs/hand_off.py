"""The file for the school's own safeguarding system: one line a child, and the record as a PDF."""

from bot.domain.packs import PackContent, PackPerson
from bot.domain.readers import children, refuse_for_child_record
from bot.packs.archive import Part
from bot.packs.csv_rows import csv_bytes
from bot.packs.times import day

COLUMNS = {
    "child": "the child's name as recorded; one row a child",
    "role in case": "target, alleged, other, witness or reporter",
    "date": "day on which it was filed, YYYY-MM-DD, United Kingdom time",
    "category": "what the report is about: the name of its form",
    "summary": "the summary at closure, or the first account while it is open",
    "actions": "each action on a line of its own: what, who, due, done",
    "outcome": "each decision and referral on a line of its own",
    "status": "where the case stands",
    "staffroom case": "the case number, to find the whole record again",
}
"""Column → what it holds; `columns.txt` in the bundle says the same."""


def rows(content: PackContent) -> bytes:
    """
    The CSV: a row for each child in the case, in the columns of `COLUMNS`.

    Raises:
        NotAllowed: the case is about an adult (SAFETY 14).
    """
    refuse_for_child_record(content)
    found = [_row(content, child) for child in children(content)]
    return csv_bytes(tuple(COLUMNS), found or [_row(content, None)])


def parts(content: PackContent, pdf: bytes) -> tuple[Part, ...]:
    """The files of the bundle."""
    explained = "".join(f"{column}: {what}\r\n" for column, what in COLUMNS.items())
    return (
        Part.of("hand-off.csv", rows(content), "one row a child; columns.txt explains the columns"),
        Part.of("columns.txt", explained.encode(), "what each column of hand-off.csv holds"),
        Part.of("case.pdf", pdf, "the record as pages, to attach to the child's file"),
    )


def _row(content: PackContent, child: PackPerson | None) -> tuple[str, ...]:
    acted = [
        f"{each.words}; {each.owner}; due: {each.due or 'not set'}; done: {each.done or 'not yet'}"
        for each in content.actions
    ]
    decided = [f"{each.kind}: {each.words} {each.reason}".strip() for each in content.decisions]
    first = content.rows[0].words if content.rows else ""
    return (
        child.name if child else "not known",
        str(child.role) if child else "",
        day(content.filed_at),
        content.form.replace("-", " "),
        content.summary or first,
        "\n".join(acted),
        "\n".join(decided),
        content.status,
        content.case,
    )
