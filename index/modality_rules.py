"""The words that give a clause its stance: the tables that `modality` reads by."""

import re
from dataclasses import dataclass
from enum import StrEnum

from index.references import LEAVE_GIVEN, PROVIDED


class Stance(StrEnum):
    """What a clause's own words do."""

    PROHIBITED = "prohibited"
    CONDITIONAL = "conditional"
    CAUTION = "caution"
    ALLOWED = "allowed"
    REQUIRED = "required"
    INFO = "info"


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
    r"|(?:member|employee|colleague|adult|teacher|assistant|tutor|trainee|volunteer|visitor|worker"
    r"|contractor|mentor|parent|carer|pupil|student|leaver|user|individual|practitioner|lead|leader|manager"
    r"|officer|co-?ordinator|head|headteacher|principal|governor)s?)")
NEAR_PEOPLE = rf"\b{PEOPLE}\b[^.;]{{0,50}}$"
STAFF = (
    r"(?:staff|you|they|i|everyone|everybody|adults?|colleagues?|employees?|teachers?|tutors?|coach(?:es)?"
    r"|volunteers?|visitors?|contractors?|mentors?|trainees?|assistants?|practitioners?|pupils?|students?"
    r"|learners?|children)")
# Institutions, and people known by their office: what these "will" do says who does what.
OFFICE = (
    rf"(?:{SCHOOL}s?|academies|{LEADERS}|(?:governing )?bod(?:y|ies)|governors?|trustees?|directors?|chair"
    r"|clerk|heads?|(?:head ?teacher|principal)s?|deput(?:y|ies)|ceo|chief executive(?: officer)?|leadership"
    r"|management|leads?|leaders?|managers?|officers?|co-?ordinators?|technicians?|teams?|department|office"
    r"|support|hr|human resources|dd?sls?|dpo|lado|senco|slt|social care|diocese|parents?|carers?|guardians?"
    r"|famil(?:y|ies))")
NAMED = (
    rf"(?:(?!(?:{STAFF}|of|at|in|by|for|from|with|to|on|and|or|who|that|which|if|when|where|is"
    r"|are)(?![\w'-]))"
    rf"[\w/'&-]+ ){{0,5}}?{OFFICE}(?: \([^()]*\))?"
    r"(?: (?:of|in|at|for|across) (?:(?!(?:who|which|that|is|are)\b)[\w'-]+ ){0,4}?[\w'-]+?)?")
MEMBER = r"(?:(?:an?|any|each|the|all) )?(?:(?:senior )?members? of )?"
OFFICES = rf"{MEMBER}{NAMED}(?:(?:, | and | or |, and |/| & ){MEMBER}{NAMED}){{0,4}}(?:, [^,.;]{{3,50}},)?"
OFTEN = r"(?:,? ?\b(?:also|therefore|always|normally|generally|still|then|first|similarly|at all times)\b,?)?"
NOT = r"(?:not|never|under no circumstances|in no circumstances|at no time|at no point)\b"
MUST = (
    r"(?:must|should|shall|ought to|(?<!the )(?<!a )needs? to|ha(?:ve|s) to|would need to|(?:is|are"
    r"|will be) (?:expected|required|obliged|asked) to)")
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
    r"|seem|feel|find|need|lose|contain|come|happen|occur|involve|mean|put|expose|damage|harm|constitute"
    r"|amount|blur|compromise|produce|reveal|reflect|suffer|expect|see|know|realise|think|want|get|still"
    r"|also|even|well|sometimes|potentially|inadvertently|unintentionally)\b")
VERBS = (
    r"(?:report|tell|keep|use|ensure|make|contact|inform|save|take|log|lock|store|delete|turn|switch|set|ask"
    r"|check|speak|talk|read|remember|record|return|hand|follow|wear|seek|decline|refuse|block|remove|refer"
    r"|pass|send|sign|complete|choose|show|give|stay|leave|copy|consult|encourage|treat|notify|raise|note"
    r"|write|review|attend|respect|protect|maintain|let|direct|explain|discuss|bring|put|move|close|act"
    r"|agree|obtain|get|call|ring|e-?mail|wait|start|end|only|begin|blur|mute|try|thank|limit|change|update"
    r"|be|have|adhere|provide|confirm|escalate|delegate|screenshot|stop|sit|place|cover|redirect|forward"
    r"|submit|register|arrange|apply)")
ORDERED = (
    rf"\b(?:(?:please|kindly|always|then|first|immediately),? )*{VERBS}\b"
    r"(?! (?:of|with|from|for|is|are|has|was|made|received|between|by|must|should|may)\b)")

# "The head will …", as far as a rule for others begins; "staff and governors will" is a rule for staff.
AN_OFFICE = _rule(
    "who does what", None,
    r"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat ))"
    r"(?![^.;]{0,60}\b(?:parents?|carers?|guardians?|famil(?:y|ies)) will (?:not|never)\b)"
    rf"{OFFICES}{OFTEN} (?:(?:will|ha(?:s|ve)(?: \w+){{0,2}} responsibility for"
    r"|(?:is|are)(?: \w+)? (?:responsible|accountable) for)\b)"
    r"(?! (?:be (?:expected|required|asked|obliged) to|need to|have to"
    r"|(?:not |only |never )?(?:allow|permit|accept|expect|require|tolerate)|only)\b)"
    r"(?:(?!(?:,| and| but| so) (?:[\w'-]+ ){1,5}(?:must|should|shall|may|can|cannot|(?:do|are|is) not)\b)"
    r"[^.;:|])*",
    rf"^(?!(?:[\w'-]+ ){{0,3}}?{STAFF}\b,?(?: [\w'-]+,?){{0,6}} (?:and|or) $)")

# In a sentence the earliest words decide; of two that begin together, the rule higher up.
RULES = (
    # Words that look like a rule and are none.
    _rule("a question inside a sentence", None,
          r"\beverything (?:they|you) need to\b"
          rf"|\b{DUTY}(?:remember|note) that\b(?=.* (?:must|should|may|can)\b)|\b(?:whom|what"
          rf"|how)\b (?:[\w'-]+ ){{0,4}}?(?:{MUST}|will|may|can)\b|\b(?:who|(?<!in )which"
          rf"|(?<!is )that) (?:also )?(?:{MUST}|will|may|can)\b"
          r"|\bwhether\b[^.,;]*?\b(?:(?:is|are) (?:acceptable|allowed|permitted|appropriate)|must|should|may"
          r"|can)\b"),
    _rule("a purpose", None, r"\b(?:aim|purpose|objective|intention|this)\b[^.,;]{0,50}? (?:is|are) to\b"),
    _rule("a pointer to other papers", None,
          r"\b(?:must|should|needs to) (?:also )?be (?:read|noted|viewed)\b(?= (?:in|alongside|together|with"
          r"|that)\b)"),
    _rule("no expectation of privacy", None, r"\b(?:should|must|can|may) (?:have|expect) no\b"),
    _rule("a case that may arise", None,
          r"^should (?:a|an|any|you|staff|there|someone)\b|^(?:if|when|where|once"
          r"|whenever) [^,;]*?\b(?:ha(?:s|ve)|needs?) to\b(?=[^;]*,)"),
    _rule("a power of the school", None,
          rf"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat )|(?<=\bbut ))(?:(?!{PEOPLE}\b|of |at |in |by |for "
          rf"|from )[\w'-]+ ){{0,4}}?{LEADERS}(?:(?:/| and | or )(?:the )?{LEADERS})?{OFTEN} (?:may|can"
          r"|cannot)\b(?:[^.;]*? and (?:may|can)\b)?"),
    AN_OFFICE,
    _rule("what the school undertakes", None,
          r"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat ))(?:(?!of |at |in |by |for |from )[\w'-]+ ){0,4}?"
          rf"{SCHOOL}{OFTEN} (?:will|shall)\b(?!\W*$)"),
    _rule("a consequence", None,
          r"\bwill (?:also |then |only |normally )?(?:be (?!required|expected|asked|responsible|no\b)|lead"
          r"|result|constitute|face|apply|depend|help|mean|raise|appear|have|not (?:be (?!tolerated|allowed"
          r"|permitted|accepted|used|shared|published|named|posted)|affect|apply|lead|result|always"
          r"|necessarily))"),
    _rule("what may happen", None,
          rf"\bmay {BEFALLS}|\bmay not (?:be (?!{ACTS}\b)|have|know|realise|want|wish|always|necessarily)"
          rf"|\bcan {BEFALLS}|\b(?:cannot|can't|can not) (?:always|guarantee|see|control|know"
          r"|be (?:sure|certain|guaranteed|undone|traced|relied|avoided|recalled|ruled))"),
    # What a sentence is about, when nothing stronger follows.
    _rule("scope, definition or breach", Stance.INFO,
          r"\b(?:policy|guidance|document|code|section|agreement|handbook) (?:also )?(?:applies|covers"
          r"|sets out|explains|describes|is designed|takes|recognises|relates|has been|was|is intended)\b"
          r"|\bmeans\b(?! of)|\brefers? to\b(?! (?:the|your|a) )|\b(?:is|are|be) (?:defined as|the term)\b"
          r"|\bis known as\b|\b(?:breach(?:es)?|failure|misuse|any(?:one| adult"
          r"| employee) who)\b[^.;]{0,90}? (?:may|will|could)\b", weak=True),
    _rule("follow the rules", Stance.REQUIRED,
          rf"\b(?:rules|principles|guidance|policy)\b[^.;]{{0,40}}? {MUST} be followed\b", weak=True),
    _rule("released", Stance.ALLOWED,
          r"\bnothing (?:in this|to stop)\b|\b(?:does|do) not (?:prevent|stop|prohibit)\b"
          r"|\bshould feel free\b|\b(?:(?:do|does) not|don't|doesn't) (?:need|have) to\b|\bneed not\b"
          r"|\bno need to\b|\b(?:is|are) not (?:required|expected|obliged) to\b|\b(?:does|do) not expect\b"),
    _rule("ensure that not", Stance.PROHIBITED,
          rf"(?:\b{MUST}{OFTEN} |\b(?:is|are) (?:\w+ )?responsible for "
          r"|(?:^|(?<=[,;:] )|(?<=and ))(?:(?:please|kindly|always) )*)"
          r"(?:ensur(?:e|ing)|mak(?:e|ing) (?:sure|certain)|see(?:ing)? to it|tak(?:e|ing) (?:\w+ )?care)"
          r"(?:,? (?:at all times|always|also),?)?(?: that)?(?:,? at all times,?)?(?: that)? "
          r"(?:(?:they|you|i|(?:(?:all|any|other) )?(?:members of )?staff|adults|colleagues|employees"
          r"|teachers)(?: \w+ly| also)?"
          r" (?:(?:do|are|will|should|must|can) (?:not|never)|don't|aren't|cannot|never)\b"
          r"|(?:at )?no (?!(?:one|more|fewer|less|longer|later)\b)|never\b)",
          rf"^(?!(?:.*[,;:] )?{OFFICES}{OFTEN} ?$)"),
    _rule("refuse it", Stance.PROHIBITED,
          rf"\b(?:{MUST}|(?:is|are) to){OFTEN} be (?:(?!not\b|never\b)\w+ ){{0,3}}?"
          r"(?:refused|declined|rejected|turned (?:down|away))\b"),
    _rule("cut it off", Stance.PROHIBITED,
          rf"\b(?:{MUST}|(?:is|are) to){OFTEN} be (?:(?!not\b|never\b)\w+ ){{0,3}}?(?:blocked|ignored)\b",
          r"\b(?:requests?|invitations?|invites?|contact|approach(?:es)?|followers?|messages)\b[^.;]*$"),
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
          r"|(?:first )?consider (?:carefully|whether|the (?:risks?|consequences))|use (?:your"
          r"|their) (?:own )?(?:professional )?judgement)\b"),
    _rule("advised against", Stance.CAUTION,
          r"\b(?:advis|encourag|recommend|urg)\w*\b[^.;,]{0,40}?\b(?:not to|against|do not|avoid(?:ing)?"
          r"|never)\b|\bdiscouraged?\b|\bnot (?:advised|advisable|recommended|wise)\b|\b(?:unwise"
          r"|inadvisable)\b|\bbest (?:not to|avoided)\b|\bbetter not to\b|\badvise against\b"
          r"|\bnot (?:good practice|a good idea|encouraged)\b|\bwise to\b"),
    _rule("advice about care", Stance.CAUTION,
          r"\b(?:advised|encouraged|recommended|urged) (?:to|that)\b(?=[^.;]*\b(?:privacy|private|careful\w*"
          r"|caution|cautious|security settings)\b)"),
    # Depends on a condition.
    _rule("only on a condition", Stance.CONDITIONAL,
          r"\b(?:may|can) only\b|\bonly (?:be )?(?:permitted|permits?|allowed|allows?|acceptable)\b"
          r"|\bdepends? on\b|\bcase[- ]by[- ]case\b|\bat (?:the|their|your) [^.;,]{0,40}?discretion\b"),
    _rule("needs leave", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:obtain|seek|get|gain|have|receive|request|secure|needs?|requires?|ask for|(?:is "
          rf"|are )?subject to)\b(?: (?!to\b)[\w',-]+){{0,9}}? {LEAVE_GIVEN}\b|\b{LEAVE_GIVEN}\b[^.;"
          rf"|]{{0,40}}? (?:(?:is|are|{MUST} be|will be) )?(?:first )?(?:needed"
          r"|required|obtained|sought|given|granted|gained)\b"
          rf"|\b{MUST} (?:first |all )?be (?:[\w',]+ ){{0,3}}?(?:approved|authori[sz]ed|agreed|signed off"
          r"|cleared)\b"),
    _rule("ask first", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:ask|check (?:it )?with|speak (?:to|with)|talk (?:to|with)|consult|clear it with"
          r"|discuss)\b(?:(?! to )[^.;]){0,60}? (?:first\b|beforehand|in advance|before (?!the end|leaving"
          r"|you leave|they leave|going))"),
    # Prohibited.
    _rule("must not", Stance.PROHIBITED,
          rf"\b(?:must|should|shall|ought),?{OFTEN} (?!not only)(?!not hesitate){NOT}|\b(?:mustn't|shouldn't"
          rf"|shan't|won't)\b|\bwill {NOT}|\bmay not\b|\b(?:cannot|can't|can not)\b"
          r"|\b(?:is|are) (?:not|never) to\b|\bnot to be\b|\b(?:is to|are to|must|should|will) be no\b"),
    _rule("no one may", Stance.PROHIBITED,
          r"\b(?:no(?! (?:matter|doubt|longer))|neither|nobody|no-one|none|nothing)\b[^.;,|]{0,70}? (?:may"
          r"|must|should|can|shall|will|is to|are to|(?:is|are) (?:allowed|permitted))\b|^no (?!(?:one|need"
          r"|matter|doubt|longer|objection)\b)(?!.*\b(?:is|are|was|has|have|can)\b)"),
    _rule("banned", Stance.PROHIBITED,
          r"\b(?:prohibited|forbidden|banned|unacceptable|zero[- ]tolerance|not (?:be )?tolerated|off limits"
          r"|out of bounds|at no (?:time|point))\b|\bit is (?:illegal|unlawful|an offence|against)\b"
          r"|\b(?:not|never|no longer) (?:be )?(?:permitted|allowed|acceptable|appropriate|okay|ok)\b"
          r"|\b(?:under|in) no circumstances\b|\bno circumstances (?:that|which|in which|where)\b|\b(?:is"
          r"|are) (?:\w+ )?inappropriate\b|\b(?:does|do) not (?:permit|allow|accept)\b"),
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
          r"|\b(?:have|has) (?:the right|permission) to\b|\b(?:encouraged|invited) to\b|\b(?:is"
          r"|are) (?:optional|voluntary)\b|\b(?:permits|allows)\b|^(?:allowed|permitted)\b"),
    # Required.
    _rule("must", Stance.REQUIRED, rf"\b{MUST}\b|\b(?:is|are) to be\b"),
    _rule("who will:", Stance.REQUIRED, r"\bwill\W*$",
          r"\b(?:those|people|persons|members|users|learners|all|each|every)\b[^.;]{0,80}$"),
    _rule("people will", Stance.REQUIRED, r"\bwill\b", NEAR_PEOPLE),
    _rule("expected", Stance.REQUIRED,
          rf"\b(?:expect|require|ask|trust)s? (?:that )?(?:(?:all|every|each|any) )?(?:\w+ )?{PEOPLE} (?:to"
          r"|will)\b|\b(?:have|has) a (?:\w+ )?(?:duty|responsibility) to\b|\b(?:is"
          r"|are) (?:\w+ )?(?:responsible|accountable) for\b|\b(?:is|it's) (?:\w+ )?(?:essential|vital"
          r"|imperative|mandatory|compulsory|important)\b|\b(?:advised|recommended|urged|reminded"
          r"|instructed) (?:to|that)\b|\bmake sure\b|\bexpected of\b|\b(?:is|are) the (?:responsibility"
          r"|duty) of\b|\bnot hesitate\b"),
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
          r"^(?:preferably|ideally|best|better|probably|usually|normally|generally|try) not\b|^(?:we'd"
          r"|we would|i'd) (?:rather|prefer)\b|^not (?:usually|normally|really|ideally|advised|recommended"
          r"|advisable)\b"),
    _rule("no", Stance.PROHIBITED,
          r"^[✗✘✕❌]|^n$|^(?:please )?don't\b|^(?:(?:sorry, |(?:i'm |i am )?afraid )?(?:no|not)|(?:absolutely"
          r"|definitely|certainly) not|never|not at all)(?=\W*$|[.,;:!]| [-–—])|^not (?:allowed|permitted"
          r"|acceptable|without|unless|until)\b|^under no circumstances"),
    _rule("it depends", Stance.CONDITIONAL,
          r"^(?:only|(?:it |that )?depends|sometimes|possibly|perhaps|maybe|if|by agreement"
          rf"|with (?:[\w' ]+ )?{LEAVE_GIVEN})\b"),
    _rule("yes", Stance.ALLOWED,
          r"^[✓✔]|^y$|^no (?:problem|need|objection)\b|^(?:yes|of course|certainly|absolutely|by all means"
          r"|fine|okay|ok|allowed|permitted|acceptable)\b"),
    _rule("needed", Stance.REQUIRED, r"^(?:required|compulsory|mandatory|always)\b"),
)
# fmt: on
CONDITION = re.compile(
    rf"(?<!not )\bonly\b|{PROVIDED}|\b(?:as|so) long as\b|\bon condition\b|\bunless\b|\bsubject to\b"
    r"|\bin (?:(?:exceptional|certain) circumstances|an emergency)\b|\bdepend(?:s|ing) on\b|\bif\b(?! (?:you"
    r"|they) (?:wish|want|like|prefer))"
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
    r"^(?!(?:lead|support|head|coach|mentor) (?:on|up|the|an?|all|any|each|every|their|our|others)\b)"
    rf"(?:all|any|each|every|the|th[eo]se|this|no|our|it|such|if|when|where|{PEOPLE})\b"
)
LISTS_DUTIES = re.compile(r"\bthis (?:(?:would|will) )?(?:includes?|means?)\W*$")
# What a ban holds for, behind its own words: "… if that contact could look like favouritism".
SOMEONE = (
    rf"(?:you|we|i|they|he|she|staff|anyone|someone|somebody|anybody|{PEOPLE}|(?:an?|any|another|the|that"
    rf"|your|their|one) (?:[\w-]+ ){{0,3}}?(?:{PEOPLE}|stranger|journalist"
    r"|friend))"
)
HAPPENS = (
    r"(?:occurs?|happens?|takes? place|arises?|comes? (?:to light|up|in)|goes wrong|breaks? out|begins?"
    r"|starts?)\b"
)
MEETS = (
    r"(?:receives?|gets?|finds?|sees?|notices?|hears?|suspects?|thinks?|feels?|wish(?:es)?|wants?|needs?"
    r"|loses?|comes?|asks?|contacts?|messages?|sends?|requests?|adds?|follows?|approach(?:es)?|invites?"
    r"|tags?|tries|try|offers?|calls?|rings?|writes?|repl(?:y|ies)|comments?|complains?|threatens?"
    r"|discloses?|tells?|shows?|do(?= |$)|(?:is|are|has been|have been) (?:asked|sent|given|told|contacted"
    r"|approached|invited|offered|added|followed|tagged|targeted|abused|insulted|threatened|bullied|trolled"
    r"|upset|angry|tired|unhappy|unsure|not sure|worried|concerned|ill|late|off|away|in (?:any )?doubt"
    r"|the (?:target|victim|subject))|ha(?:ve|s) (?:received|had|seen|lost|found))\b"
)
HARM = (
    r"[^.;]*\b(?:indecent|nudes?|nudity|sexual\w*|intimate|explicit|illegal|unlawful|terror\w*|extrem\w*"
    r"|abus\w+|offensive|threatening|hurtful|upsetting|unkind|rude|unwanted|suspicious)\b"
)
# With these words behind its "if" a ban holds all the same; no condition softens a ban on harmful material.
SETS_THE_SCENE = (
    rf"(?:{HARM}"
    r"|there is an? (?:emergency|fire)|(?:pupils|children|others) are (?:nearby|present|in|about|around"
    r"|there|with)\b"
    rf"|{SOMEONE} (?:(?:ever|also|still|then) )?{MEETS}|(?:[\w'-]+ ){{1,6}}?{HAPPENS}"
    r"|(?:an?|any|another) (?:[\w'-]+ ){1,5}?(?:is|are) (?:received|sent|found|discovered|reported|noticed"
    r"|made|raised)|(?:in (?:any )?doubt|possible|asked|unsure|necessary|needed|requested|required"
    r"|appropriate|so|not|at|on|contacted|approached|challenged|invited|provoked|tempted|abused|bullied"
    r"|trolled|targeted|upset|angry)\b)"
)
OF_THE_ACT = (
    r"(?:(?:this|these|those|such|it|doing so|to do so|that (?:contact|would|could|might|may|is))\b"
    r"|there (?:is|are|would be|may be|might be|could be) (?:(?:an?|any|some) )?(?:[\w-]+ )?(?:conflict|risk"
    r"|danger|doubt|chance|likelihood|possibility|concern|potential|suspicion)|(?:an?"
    r"|any) (?:\w+ )?conflict of)"
)
GOES_ON = (
    r"\b(?:unless|except(?:ions?)?|apart from|other than|save|but|instead|rather|because)\b|: "
    r"|\b(?:delete|destroy|open|view|look at|forward)\b[^.;]{0,40}?\b(?:images?|pictures?|photo(?:graph)?s?"
    r"|videos?|files?|messages?|evidence|attachments?)\b"
    r"|\b(?:ask|wonder|check|see|know|find out)(?:s|ing)?\b(?: [\w'-]+){0,3} if\b"
    rf"|\b(?:and|or|so|then) (?:if\b|(?:[\w'-]+ ){{0,3}}?(?:must|should|may|can|will)\b|{VERBS}\b)"
)
HOLDS_WHEN = re.compile(
    rf"(?:(?!{GOES_ON})[^.;?!|])+?(?P<when>"
    r"(?<!even )(?<!as )(?<!only )(?<!what )(?<!not )"
    r"(?<!acceptable )(?<!appropriate )(?<!illegal )(?<!lawful )(?<!offence )"
    rf"(?:\bif (?!{SETS_THE_SCENE})|\bif(?=\W*$)|\b(?:where|when|whenever|wherever) (?={OF_THE_ACT})"
    r"|\b(?:in so far|insofar) as\b|\bto the extent that\b"
    r"|\bin (?:cases|situations|circumstances) (?:where|in which)\b)"
    r"(?:\([^()]*\)|(?!\.(?:\s|$)|,? (?:unless|except|because)\b"
    r"|,? (?:and|but|so) (?:[\w'-]+ ){1,5}(?:must|should|may|can|will)\b)[^;?!|()])*)",
    re.IGNORECASE,
)
# A lead-in that announces names, and what marks an item as more than a name: a verb of its own.
NAMES_FOLLOW = re.compile(
    r"\b(?:includ(?:e|es|ing)|relat(?:e|es|ed|ing) to|concerning|regarding"
    r"|(?:read|viewed|used) (?:with|alongside|together with|in (?:conjunction|connection|line) with)"
    r"|link(?:s|ed)? (?:to|with))\b"
    r"(?:,? but (?:is |are )?not (?:limited|restricted|confined) to)?"
    r"(?:,? (?!(?:must|should|may|can|will|shall|do|not|by|to|when|if|where|that|who|on|in|from)\b)"
    r"[\w'()/-]+){0,10}\W*$"
)
DETERMINER = r"(?:an?|the|any|all|every|each|their|your|our|its|his|her|this|that|these|those)"
HAS_A_VERB = re.compile(
    r"^(?:to|not|never|please|always|do|don't|avoid|refrain|no \w+ing)\b|^(?!(?:safeguarding|whistleblowing"
    r"|training|learning|bullying|cyber-?bullying|monitoring|filtering|teaching|recruiting|marketing"
    r"|grooming|trolling|recording|banking|building|clothing|meeting|existing|remaining|anything|everything"
    r"|nothing|something)\b)\w+ing(?: and \w+ing)? (?!(?:\w+ )?(?:policy|policies|procedures?|code|guidance"
    r"|rules|act|statement|agreement)\b)|^(?:tell|ensure|inform|delete|decline|refuse|remove|refer|send|sign"
    r"|choose|give|stay|leave|treat|notify|write|attend|respect|protect|maintain|let|explain|obtain|get|wait"
    r"|begin|thank|adhere|provide|confirm|escalate|delegate|redirect|forward|submit|register|arrange|apply"
    r"|keep|make|save|take|turn|switch|ask|speak|talk|read|remember|return|follow|wear|seek|consult"
    r"|encourage|accept|publish|discuss|disclose|upload|download|engage|agree|be|have)\b"
    rf"|^(?!{DETERMINER}\b|(?:both|some|in|on|of|for|with|by|at|and|or)\b)[\w-]+(?: (?:and"
    rf"|or) [\w-]+)? {DETERMINER}\b"
    r"|^(?:(?!\b(?:that|which|who|whom|whose|where|when|if|as)\b)[^.;])*?\b(?:must|should|may(?! \d)|can"
    r"|will|shall|does|is|are|was|were|has)\b"
)
