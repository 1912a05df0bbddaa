"""The ids that one listener group draws and another one answers; a group's own stand beside its listeners."""

OPEN_FORM = "report.form"
"""A button; its value is a form, and after a line feed perhaps the words to begin with."""
MY_REPORTS = "report.mine"
"""A button without a value."""
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
"""A button; its value is a school, and after a line feed what to go on with: a `Next` and its words."""


def case_value(school: str, case: str) -> str:
    """The value of a button about *case*: ids alone."""
    return f"{school} {case}"


def case_of(value: str) -> tuple[str, str]:
    """School and case of a `case_value`; "" for what is not there."""
    school, _, case = value.partition(" ")
    return school, case
