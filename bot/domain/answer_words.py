"""The fixed words around an answer, the same in the terminal and in every chat. Pure."""

from collections.abc import Mapping, Sequence

from bot.domain.answers import Answer, Citation, Contact, Link
from bot.domain.triage import FORMS, Form, Route
from bot.domain.triage_rules import plain
from bot.domain.verdicts import asks_about_an_adult

FORM_WORDS: Mapping[Form, str] = {
    Form.FRIEND_REQUEST: "a friend request, follow or message",
    Form.TROLLING: "online abuse of staff, pupils or the school",
    Form.ADULT_CONCERN: "a worry about an adult who works or helps here",
    Form.CONCERN: "a concern about a child or a device",
}
NEAREST_HEADINGS = "The nearest headings in it:"
SEE_ALSO = "See also"
PUPIL_CONTACT = "Contact with a pupil: always tell"


def sounds_like(form: Form) -> str:
    """What is said above a form that a message calls for."""
    return f"This sounds like something to report: {FORM_WORDS[form]}."


def title(citation: Citation) -> str:
    """A clause's number and section; a clause without a number is named by its section already."""
    section = citation.section
    named = section and (section in citation.clause or citation.clause.startswith(section))
    return " · ".join(part for part in (citation.reference, "" if named else section) if part)


def source(citation: Citation) -> str:
    """The policy, the page where there are pages, and the date in force."""
    page = f", page {citation.page}" if citation.page else ""
    return f"{citation.policy}{page} · {citation.dated}"


def also(citation: Citation) -> str:
    """The exceptions that the verdict line does not name; "" when there are none."""
    further = citation.exceptions[1:]
    return "Also: " + "; ".join(f"“{part}”" for part in further) if further else ""


def place(link: Link) -> str:
    """Where a clause refers to, and the words that do."""
    return f"{link.words} → {f'{link.clause}, item {link.item}' if link.item else link.clause}"


def contact(each: Contact) -> str:
    """Role, name and number in one line."""
    return ", ".join(part for part in (each.role, each.name, each.telephone) if part)


def cited(answer: Answer) -> Sequence[Citation]:
    """The clauses to quote in full: the one that answers, or the nearest three."""
    return answer.citations[:1] if answer.answered else answer.citations[:3]


def see_also(answer: Answer) -> Sequence[Citation]:
    """The next clauses below one that answers."""
    return answer.citations[1:3] if answer.answered else ()


def only_to_ask(answer: Answer) -> list[Contact]:
    """Whom to ask, without those who are to be told anyway: nobody is named twice."""
    told = {(each.name, each.telephone) for each in answer.tell}
    return [each for each in answer.ask if (each.name, each.telephone) not in told]


def telling(answer: Answer) -> tuple[str, str]:
    """What stands above those to be told: what it sounds like, and the words that lead to them."""
    if answer.triage.route is Route.REPORT and answer.triage.form:
        return sounds_like(answer.triage.form), "Tell"
    return "", PUPIL_CONTACT if answer.tell else ""


def likely_form(answer: Answer) -> Form | None:
    """The form to begin with where somebody wants to report after all; None when nothing points to one."""
    if answer.triage.form:
        return answer.triage.form
    # SAFETY 14: where an adult who works here may be meant, the form that keeps to the head comes first.
    if asks_about_an_adult(answer.question):
        return Form.ADULT_CONCERN
    words = plain(answer.question)
    return next((form for form, rule in FORMS if rule.found_in(words)), None)


def shortened(words: str, most: int = 150) -> str:
    """The beginning of *words*; the whole stands in the policy."""
    if len(words) <= most:
        return words
    at = words.rfind(" ", 0, most)
    return f"{words[: at if at > 0 else most]} …"
