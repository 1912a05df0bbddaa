"""The stance of a clause's own words: prohibited, conditional, caution, allowed, required or info. Pure."""

import re
from dataclasses import dataclass

from index.modality_conditions import (
    ASKS_ABOUT_SCHOOL,
    ASKS_DUTY,
    ASKS_FACT,
    ASKS_HARM,
    CARE,
    CONDITION,
    HAS_A_VERB,
    HOLDS_ONLY,
    HOLDS_WHEN,
    LISTS_DUTIES,
    NAMES_FOLLOW,
    NEXT_RULE,
    ONLY_WITH_LEAVE,
    OPENS_ORDERS,
    QUESTION,
    SENTENCE_END,
    STANDS_ALONE,
    UNLESS_LEAVE,
)
from index.modality_rules import AN_OFFICE, HEADINGS, ORDERS, RULES, VERDICTS, Rule, Stance
from index.references import exceptions, people

__all__ = ["Modality", "Stance", "is_condition", "read"]

_OPENS_CONDITION = (
    r"(?:provided|providing)(?: that)?|(?:as|so) long as|on (?:the )?condition that|unless"
    r"|(?:only )?(?:if|when|where)|except (?:if|when|where)"
)
_BARE = re.compile(_OPENS_CONDITION, re.IGNORECASE)
_LISTS_CONDITIONS = re.compile(rf"\b(?:{_OPENS_CONDITION})(?: they| you| staff)?\W*$", re.IGNORECASE)
QUOTES = str.maketrans("’‘“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Modality:
    """How a clause reads; every string is an exact piece of its text or of its lead-in."""

    stance: Stance
    exceptions: tuple[str, ...]
    ask: tuple[str, ...]


def is_condition(lead: str) -> bool:
    """Whether what stands under *lead* is a condition of it: "You may follow parents, provided that:"."""
    return bool(_LISTS_CONDITIONS.search(_plain(lead)))


def read(text: str, lead: str = "", section: str = "", stance: Stance | None = None) -> Modality:
    """
    Return how *text* reads under its *lead* and *section*; the stance is info where nothing rules.

    Given a *stance* that is known otherwise, the exceptions are those that go with it.
    """
    stance = stance or _stance(_plain(text), _plain(lead), _plain(section))
    # "provided that:" before a list says nothing alone; the items under it are what is provided.
    excepted = [found for found in (*exceptions(lead), *exceptions(text)) if not _BARE.fullmatch(found)]
    if stance in (Stance.REQUIRED, Stance.INFO):
        # There "without" and "other than" belong to what is described, not to a ban.
        excepted = [found for found in excepted if not found.startswith(("without", "Without", "other than"))]
    if stance is Stance.CONDITIONAL:
        excepted = [*_ban_holds_when(text, lead, section), *excepted]
    return Modality(
        stance, tuple(dict.fromkeys(excepted)), tuple(dict.fromkeys((*people(lead), *people(text))))
    )


def _ban_holds_when(text: str, lead: str, section: str) -> list[str]:
    """The condition, as printed, that makes the lead-in's ban or the text's first rule conditional."""
    pieces = re.split(rf"{SENTENCE_END.pattern}| \| ", text)
    for words, under in ((lead, ""), *((piece, lead) for piece in pieces)):
        if _stance(_plain(words), _plain(under), _plain(section)) is Stance.CONDITIONAL:
            rule, at = _earliest(words.translate(QUOTES).lower(), RULES)
            if rule is not None and rule.stance is Stance.PROHIBITED:
                return _holds_when(words[at:])
            heads = _introduced(_plain(under)) or _headed(_plain(section))
            return _holds_when(words) if heads is Stance.PROHIBITED else []
    return []


def _holds_when(ban: str) -> list[str]:
    holds = HOLDS_WHEN.match(ban)
    if not holds:
        return []
    inserted = ban[: holds.start("when")].rstrip().endswith(",")
    words = holds["when"].split(",")[0] if inserted else holds["when"]
    return [words.strip(" ,:.")] if words.strip(" ,:.").count(" ") else []


def _plain(words: str) -> str:
    return " ".join(words.translate(QUOTES).split())


def _stance(text: str, lead: str, section: str) -> Stance:
    answer = _answer(text, lead, section)
    if answer is not None:
        return answer
    if " | " in text:
        return _row(text.split(" | ")) or Stance.INFO
    introduced = _introduced(lead)
    # "Staff must not share, including: home addresses" forbids each thing that it names.
    named = NAMES_FOLLOW.search(lead.lower()) and not HAS_A_VERB.search(text.lower())
    if named and introduced is not Stance.PROHIBITED:
        return Stance.INFO
    if introduced is None and not STANDS_ALONE.match(text.lower()):
        introduced = _headed(section)
    if introduced is not None:
        return _item(text, introduced)
    rules = ORDERS if not lead or OPENS_ORDERS.match(lead.lower()) else RULES
    return _sentences(text, rules) or Stance.INFO


def _answer(text: str, lead: str, section: str) -> Stance | None:
    """The stance of a question with its answer; the question may stand in the heading."""
    match = QUESTION.match(text)
    question, answer = (match[1], match[2]) if match else (lead or section, text)
    if not question.endswith("?"):
        return None
    verdict = Stance.INFO if question.startswith("Why ") else _verdict(answer.lower(), question.lower())
    if verdict is None and match:
        return _sentences(answer, ORDERS) or Stance.INFO
    return verdict


def _verdict(answer: str, question: str = "") -> Stance | None:
    """What the first words of *answer*, in lower case, say to *question*."""
    stance = next((rule.stance for rule in VERDICTS if rule.words.search(answer)), None)
    if stance not in (Stance.ALLOWED, Stance.PROHIBITED):
        return stance
    turned = _turned(question, stance is Stance.ALLOWED)
    if turned is not None:
        return turned
    if stance is Stance.ALLOWED and CARE.search(answer):
        return Stance.CAUTION
    first, *rest = re.split(r"(?<=[.!?]) ", answer)
    words = " ".join((first, *(more for more in rest if CONDITION.match(more))))
    return _on_condition(stance, words, len(words))


def _turned(question: str, yes: bool) -> Stance | None:
    """What yes or no means to a *question* that asks for something else than leave."""
    if ASKS_ABOUT_SCHOOL.search(question) or ASKS_FACT.search(question):
        return Stance.INFO
    if ASKS_HARM.search(question):
        return Stance.PROHIBITED if yes else Stance.ALLOWED
    if ASKS_DUTY.search(question):
        if yes:
            return Stance.REQUIRED
        return None if question.startswith("should") else Stance.ALLOWED
    return None


def _row(cells: list[str]) -> Stance | None:
    """A row's first verdict or rule; its first cell is only the topic."""
    topic, *others = cells
    decided = [_verdict(cell.lower(), topic.lower()) or _sentences(cell, ORDERS) for cell in others]
    stances = [stance for stance in decided if stance not in (None, Stance.INFO)]
    if stances[:1] == [Stance.ALLOWED] and Stance.CONDITIONAL in stances:
        return Stance.CONDITIONAL
    return stances[0] if stances else _sentences(topic, RULES)


def _introduced(lead: str) -> Stance | None:
    """What a lead-in gives its items: the stance of its last sentence with a rule, or about an office."""
    for sentence in reversed(SENTENCE_END.split(lead)):
        found = _decide(sentence, RULES)
        if found is not None and found[0] is not Stance.INFO:
            return found[0]
        if _next(AN_OFFICE, sentence.lower(), 0):
            return Stance.INFO
    return Stance.REQUIRED if LISTS_DUTIES.search(lead.lower()) else None


def _headed(section: str) -> Stance | None:
    return (_decide(re.sub(r"^[\d.\s]+", "", section), HEADINGS) or (None, False))[0]


def _item(text: str, introduced: Stance) -> Stance:
    """The stance of an item: its own if it is a whole sentence or denies, else what introduced it."""
    sentence = SENTENCE_END.split(text)[0].lower()
    rule, at = _earliest(sentence, RULES)
    own = rule.stance if rule else None
    denies = own in (Stance.PROHIBITED, Stance.CAUTION) and at == 0
    whole = STANDS_ALONE.match(sentence) and introduced is not Stance.CONDITIONAL
    if own is not None and own is not Stance.INFO and (denies or whole):
        return _on_condition(own, sentence)
    return _on_condition(introduced, sentence)


def _sentences(text: str, rules: tuple[Rule, ...]) -> Stance | None:
    """The first real rule of *text*, else the first thing that it is about."""
    topic = None
    for sentence in SENTENCE_END.split(text):
        found = _decide(sentence, rules)
        if found is not None and not found[1]:
            return found[0]
        topic = topic or found
    if (topic is None or topic[0] is not Stance.INFO) and HOLDS_ONLY.search(text.lower()):
        return Stance.CONDITIONAL
    return topic[0] if topic else None


def _decide(sentence: str, rules: tuple[Rule, ...]) -> tuple[Stance, bool] | None:
    # "Think first: would a parent mind?" orders; a question alone does not.
    words = re.sub(r": [^:]*\?$", "", sentence.lower())
    rule, at = _earliest(words, rules) if words else (None, 0)
    if rule and rule.stance and not words.endswith("?"):
        return _on_condition(rule.stance, words, at), rule.weak
    return None


def _earliest(words: str, rules: tuple[Rule, ...]) -> tuple[Rule | None, int]:
    """The rule whose words come first and where, passing over words that only look like a rule."""
    at = 0
    while matches := [(rule, match) for rule in rules if (match := _next(rule, words, at))]:
        rule, match = min(matches, key=lambda pair: pair[1].start())
        if rule.stance is not None:
            return rule, match.start()
        at = match.end()
    return None, at


def _next(rule: Rule, words: str, at: int) -> re.Match[str] | None:
    for match in rule.words.finditer(words, at):
        if rule.subject is None or rule.subject.search(words, 0, match.start()):
            return match
    return None


def _on_condition(stance: Stance, words: str, start: int = 0) -> Stance:
    """*stance*, or conditional where *words* let a condition or someone's leave decide."""
    if (
        (stance is Stance.ALLOWED and CONDITION.search(words))
        or (stance is Stance.PROHIBITED and (UNLESS_LEAVE.search(words) or HOLDS_WHEN.match(words[start:])))
        or (stance is Stance.REQUIRED and ONLY_WITH_LEAVE.search(NEXT_RULE.split(words[start:])[0]))
    ):
        return Stance.CONDITIONAL
    return stance
