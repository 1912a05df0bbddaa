"""The stance of a clause's own words: prohibited, conditional, caution, allowed, required or info. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from index.references import LEAVE_GIVEN, PROVIDED, exceptions, people


class Stance(StrEnum):
    """What a clause's own words do."""

    PROHIBITED = "prohibited"
    CONDITIONAL = "conditional"
    CAUTION = "caution"
    ALLOWED = "allowed"
    REQUIRED = "required"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Modality:
    """How a clause reads; every string is an exact piece of its text or of its lead-in."""

    stance: Stance
    exceptions: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Words that give a sentence its stance.

    Without a stance the words only look like a rule, and reading goes on behind them.
    """

    name: str
    stance: Stance | None
    words: re.Pattern[str]
    subject: re.Pattern[str] | None = None
    """What must stand in the sentence before the words."""
    weak: bool = False
    """Says what the sentence is about, but yields to a real rule in a later sentence."""


def _rule(name: str, stance: Stance | None, words: str, subject: str = "", weak: bool = False) -> Rule:
    return Rule(name, stance, re.compile(words), re.compile(subject) if subject else None, weak)


# fmt: off
# The pieces that rules are made of. Sentences are matched in lower case, with straight quotes.
SCHOOL = r"(?:school|trust|academy|college|nursery|federation|council|we)"
LEADERS = (
    rf"(?:{SCHOOL}|employer|governing body|governors|trustees|board|head|headteacher|head teacher"
    r"|head of school|principal|leadership team|it team|it support|slt|police|local authority)")
PEOPLE = (
    r"(?:staff|i|you|they|everyone|everybody|anyone|body|support|team|famil(?:y|ies)|children|coach(?:es)?"
    r"|(?:member|employee|colleague|adult|teacher|assistant|tutor|trainee|volunteer|visitor|worker|contractor"
    r"|mentor|parent|carer|pupil|student|leaver|user|individual|practitioner|lead|leader|manager|officer"
    r"|co-?ordinator|head|headteacher|principal|governor)s?)")
NEAR_PEOPLE = rf"\b{PEOPLE}\b[^.;]{{0,50}}$"
OFTEN = r"(?:,? ?\b(?:also|therefore|always|normally|generally|still|then|first|similarly|at all times)\b,?)?"
NOT = r"(?:not|never|under no circumstances|in no circumstances|at no time|at no point)\b"
MUST = (
    r"(?:must|should|shall|ought to|(?<!the )(?<!a )needs? to|ha(?:ve|s) to|would need to"
    r"|(?:is|are|will be) (?:expected|required|obliged|asked) to)")
DUTY = rf"(?:(?:{MUST}|will){OFTEN} )?(?:please )?"
LEAVE = rf"(?:{LEAVE_GIVEN}|approve[ds]?|consent(?:s|ed)|authori[sz]e[ds]?|agree[ds]?|sign(?:ed|s)?[- ]off)"
ACTS = (
    r"(?:used|taken|kept|sent|shared|posted|made|worn|brought|accepted|given|published|stored|shown|recorded"
    r"|lent|borrowed|carried|opened|created|left|played|charged|displayed|added|switched|connected|installed"
    r"|downloaded|uploaded|printed|set up|filmed|bought|received|exchanged|followed|invited|driven|named"
    r"|tagged|retained|collected|allowed|permitted)")
# After "may" or "can": what befalls someone, not what someone is free to do.
BEFALLS = (
    rf"(?:be(?! {ACTS}\b)|become|have|lead|result|render|face|give rise|cause|affect|apply|include|appear"
    r"|seem|feel|find|need|lose|contain|come|happen|occur|involve|mean|put|expose|damage|harm|constitute|amount|blur"
    r"|compromise|produce|reveal|reflect|suffer|expect|see|know|realise|think|want|get|still|also|even|well"
    r"|sometimes|potentially|inadvertently|unintentionally)\b")
VERBS = (
    r"(?:report|tell|keep|use|ensure|make|contact|inform|save|take|log|lock|store|delete|turn|switch|set|ask"
    r"|check|speak|talk|read|remember|record|return|hand|follow|wear|seek|decline|refuse|block|remove|refer|pass"
    r"|send|sign|complete|choose|show|give|stay|leave|copy|consult|encourage|treat|notify|raise|note|write|review"
    r"|attend|respect|protect|maintain|let|direct|explain|discuss|bring|put|move|close|act|agree|obtain|get|call"
    r"|ring|e-?mail|wait|start|end|only|begin|blur|mute|try|thank|limit|change|update|be|have|adhere|provide"
    r"|confirm|escalate|delegate|screenshot|stop|sit|place|cover|redirect|forward|submit|register|arrange|apply)")
ORDERED = (
    rf"\b(?:(?:please|kindly|always|then|first|immediately),? )*{VERBS}\b"
    r"(?! (?:of|with|from|for|is|are|has|was)\b)")

# In a sentence the earliest words decide; of two that begin together, the rule higher up.
RULES = (
    # Words that look like a rule and are none.
    _rule("a question inside a sentence", None,
          r"\beverything (?:they|you) need to\b"
          rf"|\b{DUTY}(?:remember|note) that\b(?=.* (?:must|should|may|can)\b)"
          rf"|\b(?:whom|what|how)\b (?:[\w'-]+ ){{0,4}}?(?:{MUST}|will|may|can)\b"
          rf"|\b(?:who|(?<!in )which|(?<!is )that) (?:also )?(?:{MUST}|will|may|can)\b"
          r"|\bwhether\b[^.,;]*?\b(?:(?:is|are) (?:acceptable|allowed|permitted|appropriate)|must|should"
          r"|may|can)\b"),
    _rule("a purpose", None, r"\b(?:aim|purpose|objective|intention|this)\b[^.,;]{0,50}? (?:is|are) to\b"),
    _rule("a pointer to other papers", None,
          r"\b(?:must|should|needs to) (?:also )?be (?:read|noted|viewed)\b(?= (?:in|alongside|together"
          r"|with|that)\b)"),
    _rule("no expectation of privacy", None, r"\b(?:should|must|can|may) (?:have|expect) no\b"),
    _rule("a case that may arise", None, r"^should (?:a|an|any|you|staff|there|someone)\b"),
    _rule("a power of the school", None,
          rf"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat )|(?<=\bbut ))(?:(?!{PEOPLE}\b|of |at |in |by |for "
          rf"|from )[\w'-]+ ){{0,4}}?{LEADERS}(?:(?:/| and | or )(?:the )?{LEADERS})?{OFTEN} (?:may|can"
          r"|cannot)\b(?:[^.;]*? and (?:may|can)\b)?"),
    _rule("what the school undertakes", None,
          r"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat ))(?:(?!of |at |in |by |for |from )[\w'-]+ ){0,4}?"
          rf"(?:school|trust|academy|college|nursery|federation|council|we){OFTEN} (?:will|shall)\b(?!\W*$)"),
    _rule("a consequence", None,
          r"\bwill (?:also |then |only |normally )?(?:be (?!required|expected|asked|responsible|no\b)|lead"
          r"|result|constitute|face|apply|depend|help|mean|raise|appear|have"
          r"|not (?:be (?!tolerated|allowed|permitted|accepted|used|shared|published|named|posted)|affect"
          r"|apply|lead|result|always|necessarily))"),
    _rule("what may happen", None,
          rf"\bmay {BEFALLS}|\bmay not (?:be (?!{ACTS}\b)|have|know|realise|want|wish|always|necessarily)"
          rf"|\bcan {BEFALLS}|\b(?:cannot|can't|can not) (?:always|guarantee|see|control|know"
          r"|be (?:sure|certain|guaranteed|undone|traced|relied|avoided|recalled|ruled))"),
    # What a sentence is about, when nothing stronger follows.
    _rule("scope, definition or breach", Stance.INFO,
          r"\b(?:policy|guidance|document|code|section|agreement|handbook) (?:also )?(?:applies|covers"
          r"|sets out|explains|describes|is designed|takes|recognises|relates|has been|was|is intended)\b"
          r"|\bmeans\b(?! of)|\brefers? to\b(?! (?:the|your|a) )|\b(?:is|are|be) (?:defined as|the term)\b"
          r"|\bis known as\b|\b(?:breach(?:es)?|failure|misuse|any(?:one| adult| employee) "
          r"who)\b[^.;]{0,90}? (?:may|will|could)\b", weak=True),
    _rule("follow the rules", Stance.REQUIRED,
          rf"\b(?:rules|principles|guidance|policy)\b[^.;]{{0,40}}? {MUST} be followed\b", weak=True),
    _rule("released", Stance.ALLOWED,
          r"\bnothing (?:in this|to stop)\b|\b(?:does|do) not (?:prevent|stop|prohibit)\b"
          r"|\bshould feel free\b|\b(?:(?:do|does) not|don't|doesn't) (?:need|have) to\b|\bneed not\b"
          r"|\bno need to\b|\b(?:is|are) not (?:required|expected|obliged) to\b|\b(?:does|do) not expect\b"),
    # Advice against, and care.
    _rule("avoid where possible", Stance.CAUTION,
          rf"\b(?:where|wherever|if|whenever|as far as) (?:possible|(?:you|they) can),? {DUTY}avoid"
          rf"|\b{DUTY}(?:try (?:not to|to avoid)|avoid\b[^.;]*\b(?:where|wherever|if) possible)"),
    _rule("be careful", Stance.CAUTION,
          rf"\b{DUTY}be (?:very |particularly |especially |extra |also )?(?:careful|cautious|wary)\b"
          rf"|\b{MUST} [^.;,]{{0,60}}? with (?:\w+ )?(?:care|caution)\b"
          r"|(?:^|\bshould )(?:also )?be mindful\b"
          rf"|\b{DUTY}(?:exercise|take|use)(?: \w+)? (?:care|caution)\b"
          r"|\b(?:care|caution) (?:is|must be|should be|needs to be)(?: \w+)? (?:advised|taken|needed"
          r"|required|exercised)\b"),
    _rule("think first", Stance.CAUTION,
          rf"\b{DUTY}(?:think (?:very )?(?:twice|carefully|hard)|(?:carefully consider|weigh up)"
          r"|(?:first )?consider (?:carefully|whether|the (?:risks?|consequences))"
          r"|use (?:your|their) (?:own )?(?:professional )?judgement)\b"),
    _rule("advised against", Stance.CAUTION,
          r"\b(?:advis|encourag|recommend|urg)\w*\b[^.;,]{0,40}?\b(?:not to|against|do not|avoid(?:ing)?"
          r"|never)\b|\bdiscouraged?\b|\bnot (?:advised|advisable|recommended|wise)\b"
          r"|\b(?:unwise|inadvisable)\b|\bbest (?:not to|avoided)\b|\bbetter not to\b|\badvise against\b"
          r"|\bnot (?:good practice|a good idea|encouraged)\b|\bwise to\b"),
    _rule("advice about care", Stance.CAUTION,
          r"\b(?:advised|encouraged|recommended|urged) (?:to|that)\b(?=[^.;]*\b(?:privacy|private"
          r"|careful\w*|caution|cautious|security settings)\b)"),
    # Depends on a condition.
    _rule("only on a condition", Stance.CONDITIONAL,
          r"\b(?:may|can) only\b|\bonly (?:be )?(?:permitted|permits?|allowed|allows?|acceptable)\b"
          r"|\bdepends? on\b|\bcase[- ]by[- ]case\b|\bat (?:the|their|your) [^.;,]{0,40}?discretion\b"),
    _rule("needs leave", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:obtain|seek|get|gain|have|receive|request|secure|needs?|requires?|ask for"
          rf"|(?:is |are )?subject to)\b(?: (?!to\b)[\w',-]+){{0,9}}? {LEAVE_GIVEN}\b"
          rf"|\b{LEAVE_GIVEN}\b[^.;|]{{0,40}}? (?:(?:is|are|{MUST} be|will be) )?(?:first )?(?:needed"
          r"|required|obtained|sought|given|granted|gained)\b"
          rf"|\b{MUST} (?:first |all )?be (?:[\w',]+ ){{0,3}}?(?:approved|authori[sz]ed|agreed|signed off"
          r"|cleared)\b"),
    _rule("ask first", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:ask|check (?:it )?with|speak (?:to|with)|talk (?:to|with)|consult|clear it with"
          r"|discuss)\b(?:(?! to )[^.;]){0,60}? (?:first\b|beforehand|in advance"
          r"|before (?!the end|leaving|you leave|they leave|going))"),
    # Prohibited.
    _rule("must not", Stance.PROHIBITED,
          rf"\b(?:must|should|shall|ought),?{OFTEN} (?!not only)(?!not hesitate){NOT}"
          rf"|\b(?:mustn't|shouldn't|shan't|won't)\b|\bwill {NOT}|\bmay not\b|\b(?:cannot|can't|can not)\b"
          r"|\b(?:is|are) (?:not|never) to\b|\bnot to be\b|\b(?:is to|are to|must|should|will) be no\b"),
    _rule("no one may", Stance.PROHIBITED,
          r"\b(?:no(?! (?:matter|doubt|longer))|neither|nobody|no-one|none|nothing)\b[^.;,|]{0,70}? (?:may"
          r"|must|should|can|shall|will|is to|are to|(?:is|are) (?:allowed|permitted))\b"
          r"|^no (?!(?:one|need|matter|doubt|longer|objection)\b)(?!.*\b(?:is|are|was|has|have|can)\b)"),
    _rule("banned", Stance.PROHIBITED,
          r"\b(?:prohibited|forbidden|banned|unacceptable|zero[- ]tolerance|not (?:be )?tolerated"
          r"|off limits|out of bounds|at no (?:time|point))\b"
          r"|\bit is (?:illegal|unlawful|an offence|against)\b"
          r"|\b(?:not|never|no longer) (?:be )?(?:permitted|allowed|acceptable|appropriate|okay|ok)\b"
          r"|\b(?:under|in) no circumstances\b|\bno circumstances (?:that|which|in which|where)\b"
          r"|\b(?:is|are) (?:\w+ )?inappropriate\b|\b(?:does|do) not (?:permit|allow|accept)\b"),
    _rule("do not", Stance.PROHIBITED,
          r"(?:^|(?<=[,;:] )|(?<=please )|(?<=kindly )|(?<=always )|(?<=and )|(?<=then )"
          rf"|(?<=but ))(?:do not|don't|never|refrain from)\b|^not\b|\b{DUTY}(?:refrain from|avoid)\b"
          r"|\bask(?:s|ed)? (?:that )?(?:[\w']+ ){1,3}?(?:not to|do not|don't)\b"),
    _rule("we do not", Stance.PROHIBITED, r"\b(?:do not|don't|never)\b(?! (?:expect|need|have|own|know))",
          rf"^(?:(?!if\b|when|where|who|that\b|as\b)[\w'-]+ ){{0,4}}?(?:{PEOPLE}|we) $"),
    # Allowed.
    _rule("may", Stance.ALLOWED, rf"\b(?:may|can|(?:is|are) able to)\b(?! {BEFALLS})", NEAR_PEOPLE),
    _rule("may be done", Stance.ALLOWED, rf"\b(?:may|can){OFTEN} be {ACTS}\b"),
    _rule("is allowed", Stance.ALLOWED,
          r"\b(?:is|are|be|you're|they're|it's|that's) (?:(?!not |never |no )\w+ )?(?:allowed|permitted"
          r"|acceptable|fine|all right|okay|ok|welcome|free|entitled)\b|\bfeel free\b|\bno objection\b"
          r"|\b(?:have|has) (?:the right|permission) to\b|\b(?:encouraged|invited) to\b"
          r"|\b(?:is|are) (?:optional|voluntary)\b|\b(?:permits|allows)\b|^(?:allowed|permitted)\b"),
    # Required.
    _rule("must", Stance.REQUIRED, rf"\b{MUST}\b|\b(?:is|are) to be\b|\bwill\W*$"),
    _rule("people will", Stance.REQUIRED, r"\bwill\b", NEAR_PEOPLE),
    _rule("expected", Stance.REQUIRED,
          rf"\b(?:expect|require|ask|trust)s? (?:that )?(?:(?:all|every|each|any) )?(?:\w+ )?{PEOPLE} (?:to"
          r"|will)\b|\b(?:have|has) a (?:\w+ )?(?:duty|responsibility) to\b"
          r"|\b(?:is|are) (?:\w+ )?(?:responsible|accountable) for\b"
          r"|\b(?:is|it's) (?:\w+ )?(?:essential|vital|imperative|mandatory|compulsory|important)\b"
          r"|\b(?:advised|recommended|urged|reminded|instructed) (?:to|that)\b|\bmake sure\b"
          r"|\bexpected of\b|\b(?:is|are) the (?:responsibility|duty) of\b|\bnot hesitate\b"),
)
ORDERS = (*RULES, _rule("an order", Stance.REQUIRED, ORDERED,
          r"^$|^(?:if|when|where|before|after|once|as soon as|whenever|on|in)\b[^;]*, (?:please )?$"))
HEADINGS = (
    _rule("do", Stance.REQUIRED, r"^(?:the )?do'?s?$"),
    _rule("don't", Stance.PROHIBITED, r"^(?:the )?don't'?s?$"),
    *(rule for rule in RULES if rule.stance is not None and not rule.weak),
)
VERDICTS = (
    _rule("rather not", Stance.CAUTION,
          r"^(?:preferably|ideally|best|better|probably|usually|normally|generally|try) not\b"
          r"|^(?:we'd|we would|i'd) (?:rather|prefer)\b"
          r"|^not (?:usually|normally|really|ideally|advised|recommended|advisable)\b"),
    _rule("no", Stance.PROHIBITED,
          r"^[✗✘✕❌]|^n$|^(?:please )?don't\b"
          r"|^(?:(?:sorry, |(?:i'm |i am )?afraid )?(?:no|not)|(?:absolutely|definitely|certainly) not"
          r"|never|not at all)(?=\W*$|[.,;:!]| [-–—])"
          r"|^not (?:allowed|permitted|acceptable|without|unless|until)\b|^under no circumstances"),
    _rule("it depends", Stance.CONDITIONAL,
          r"^(?:only|(?:it |that )?depends|sometimes|possibly|perhaps|maybe|if|by agreement"
          rf"|with (?:[\w' ]+ )?{LEAVE_GIVEN})\b"),
    _rule("yes", Stance.ALLOWED,
          r"^[✓✔]|^y$|^no (?:problem|need|objection)\b"
          r"|^(?:yes|of course|certainly|absolutely|by all means|fine|okay|ok|allowed|permitted"
          r"|acceptable)\b"),
    _rule("needed", Stance.REQUIRED, r"^(?:required|compulsory|mandatory|always)\b"),
)
# fmt: on
CONDITION = re.compile(
    rf"(?<!not )\bonly\b|{PROVIDED}|\b(?:as|so) long as\b|\bon condition\b|\bunless\b|\bsubject to\b"
    r"|\bin (?:(?:exceptional|certain) circumstances|an emergency)\b|\bdepend(?:s|ing) on\b"
    r"|\bif\b(?! (?:you|they) (?:wish|want|like|prefer))"
    rf"|\b(?:with|by|where|once|after|following)\b[^.;]{{0,60}}? {LEAVE}\b"
)
UNLESS_LEAVE = re.compile(
    rf"\b(?:without|unless|except|save|other than|until|before)\b[^.;]{{0,80}}?\b{LEAVE}\b"
    r"(?! (?:staff|persons?|people|personnel|users?|adults?)\b)"  # "authorised persons" is no one's leave
)
ONLY_WITH_LEAVE = re.compile(rf"\bonly\b[^.;]{{0,40}}?\b(?:with|after|once|by)\b[^.;]{{0,60}}? {LEAVE}\b")
NEXT_RULE = re.compile(r"\b(?:and|but)\b[^,;]*\b(?:must|should|may|can)\b")
CARE = re.compile(r"\bbut (?:please )?(?:be careful|take care|think|be cautious|with care)\b")
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)\s+(?=[\"'(]?[A-Z])")
QUESTION = re.compile(r"^([^|?]{3,300}\?)[\"')]*\s+(\S.*)$")
ASKS_DUTY = re.compile(r"\b(?:(?:have|need) to|must)\b|^should\b")
ASKS_ABOUT_SCHOOL = re.compile(rf"\b(?:can|could|will|does|may|is) (?:the|our) {LEADERS}\b")
STANDS_ALONE = re.compile(
    rf"^(?:all|any|each|every|the|th[eo]se|this|no|our|it|such|if|when|where|{PEOPLE})\b"
)
LISTS_DUTIES = re.compile(r"\bthis (?:(?:would|will) )?(?:includes?|means?)\W*$")


def read(text: str, lead: str = "", section: str = "") -> Modality:
    """Return how *text* reads under its *lead* and *section*; the stance is info where nothing rules."""
    stance = _stance(_plain(text), _plain(lead), _plain(section))
    excepted = dict.fromkeys((*exceptions(lead), *exceptions(text)))
    if stance in (Stance.REQUIRED, Stance.INFO):
        # There "without" and "other than" belong to what is described, not to a ban.
        excepted = {
            found: None for found in excepted if not found.lower().startswith(("without", "other than"))
        }
    return Modality(stance, tuple(excepted), tuple(dict.fromkeys((*people(lead), *people(text)))))


def _plain(words: str) -> str:
    return " ".join(words.translate(str.maketrans("’‘“”", "''\"\"")).split())


def _stance(text: str, lead: str, section: str) -> Stance:
    answer = _answer(text, lead, section)
    if answer is not None:
        return answer
    if " | " in text:
        return _row(text.split(" | ")) or Stance.INFO
    introduced = _introduced(lead)
    if introduced is None and not STANDS_ALONE.match(text.lower()):
        introduced = _headed(section)
    if introduced is not None:
        return _item(text, introduced)
    return _sentences(text, RULES if lead else ORDERS) or Stance.INFO


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
    if ASKS_ABOUT_SCHOOL.search(question):
        return Stance.INFO
    if ASKS_DUTY.search(question) and stance is Stance.ALLOWED:
        return Stance.REQUIRED
    if ASKS_DUTY.search(question) and not question.startswith("should"):
        return Stance.ALLOWED
    if stance is Stance.ALLOWED and CARE.search(answer):
        return Stance.CAUTION
    first, *rest = re.split(r"(?<=[.!?]) ", answer)
    return _on_condition(stance, " ".join((first, *(more for more in rest if CONDITION.match(more)))))


def _row(cells: list[str]) -> Stance | None:
    """A row's first verdict or rule; its first cell is only the topic."""
    topic, *others = cells
    decided = [_verdict(cell.lower(), topic.lower()) or _sentences(cell, ORDERS) for cell in others]
    stances = [stance for stance in decided if stance not in (None, Stance.INFO)]
    if stances[:1] == [Stance.ALLOWED] and Stance.CONDITIONAL in stances:
        return Stance.CONDITIONAL
    return stances[0] if stances else _sentences(topic, RULES)


def _introduced(lead: str) -> Stance | None:
    """The stance that a lead-in gives its items: that of its last sentence with a rule."""
    for sentence in reversed(SENTENCE_END.split(lead)):
        found = _decide(sentence, RULES)
        if found is not None and found[0] is not Stance.INFO:
            return found[0]
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
    decided = [found for sentence in SENTENCE_END.split(text) if (found := _decide(sentence, rules))]
    return next((stance for stance, weak in decided if not weak), decided[0][0] if decided else None)


def _decide(sentence: str, rules: tuple[Rule, ...]) -> tuple[Stance, bool] | None:
    words = sentence.lower()
    rule, at = _earliest(words, rules)
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
        or (stance is Stance.PROHIBITED and UNLESS_LEAVE.search(words))
        or (stance is Stance.REQUIRED and ONLY_WITH_LEAVE.search(NEXT_RULE.split(words[start:])[0]))
    ):
        return Stance.CONDITIONAL
    return stance
