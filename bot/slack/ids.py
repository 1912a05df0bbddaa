"""The ids that one listener group draws and another one answers; a group's own stand beside its listeners."""

from bot.domain.triage import Form

FORM_COMMANDS = {
    "/report-friend-request": Form.FRIEND_REQUEST,
    "/log-trolling": Form.TROLLING,
    "/concern": Form.CONCERN,
    "/adult-concern": Form.ADULT_CONCERN,
}
"""Slash command → the form that it opens."""
OPEN_FORM = "report.form"
"""A button; its value is `form_value`."""
MY_REPORTS = "report.mine"
"""A button; its value is a school, or "" for every school that may be theirs."""
MORE_EVIDENCE = "report.more"
"""A button; its value is `case_value`."""
SHOW_SENT = "report.show"
"""A button; its value is `case_value`."""
OPEN_CASE = "case.open"
"""A button; its value is `case_value`."""
LIST_CASES = "case.list"
"""A button without a value."""
TELL_NOW = "urgent.tell"
"""A button; its value is the id of what was raised."""
ONLY_A_QUESTION = "urgent.question"
"""A button; its value is the id of what was raised."""
CHOOSE_SCHOOL = "school.choose"
"""
A button; its value is a school, and after a line feed what to go on with, as `Payload.onward` says it; of an
urgent message the id under which it is held, and never its words.
"""


def form_value(form: str, school: str = "", words: str = "") -> str:
    """The value of a button that opens *form* at *school*, "" for their own, with *words* to begin with."""
    first = f"{form} {school}" if school else form
    return f"{first}\n{words}" if words else first


def form_of(value: str) -> tuple[str, str, str]:
    """Form, school and words of a `form_value`; "" for what is not there."""
    first, _, words = value.partition("\n")
    form, _, school = first.partition(" ")
    return form, school, words


def case_value(school: str, case: str) -> str:
    """The value of a button about *case*: ids alone."""
    return f"{school} {case}"


def case_of(value: str) -> tuple[str, str]:
    """School and case of a `case_value`; "" for what is not there."""
    school, _, case = value.partition(" ")
    return school, case
