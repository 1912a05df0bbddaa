"""The words that give a clause its stance: the tables that `modality` reads by."""

import re
from dataclasses import dataclass
from enum import StrEnum

from index.modality_words import (
    ACTS,
    BEFALLS,
    BEFORE_AN_ORDER,
    DETERMINER,
    DUTY,
    LEADERS,
    MUST,
    NEAR_PEOPLE,
    NOT,
    NOUN_VERBS,
    OFFICES,
    OFTEN,
    ORDERED,
    PEOPLE,
    SCHOOL,
    STAFF,
    THIRD_PERSON,
    VERBS,
)
from index.references import LEAVE_GIVEN


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
# "The head will …", as far as a rule for others begins; "staff and governors will" is a rule for staff.
AN_OFFICE = _rule(
    "who does what", None,
    r"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat ))(?![^.;]{0,60}\b(?:parents?|carers?|guardians?|famil(?:y"
    rf"|ies)) will (?:not|never)\b){OFFICES}{OFTEN} (?:(?:will|ha(?:s|ve)(?: \w+){{0,2}} responsibility for"
    r"|(?:is|are)(?: \w+)? (?:responsible|accountable) for)\b)(?! (?:be (?:expected|required|asked"
    r"|obliged) to|need to|have to|(?:not |only |never )?(?:allow|permit|accept|expect|require|tolerate)"
    r"|only)\b)(?:(?!(?:,| and| but| so) (?:[\w'-]+ ){1,5}(?:must|should|shall|may|can|cannot|(?:do|are"
    r"|is) not)\b)[^.;:|])*",
    rf"^(?!(?:[\w'-]+ ){{0,3}}?{STAFF}\b,?(?: [\w'-]+,?){{0,6}} (?:and|or) $)")

# In a sentence the earliest words decide; of two that begin together, the rule higher up.
RULES = (
    # Words that look like a rule and are none.
    _rule("a question inside a sentence", None,
          rf"\beverything (?:they|you) need to\b|\b{DUTY}(?:remember|note) that\b(?=.* (?:must|should|shall"
          rf"|cannot|may (?:not|only))\b)|\b(?:whom|what|how)\b (?:[\w'-]+ ){{0,4}}?(?:{MUST}|will|may"
          rf"|can)\b|\b(?:who|(?<!in )which|(?<!is )that) (?:also )?(?:{MUST}|will|may|can)\b"
          r"|\bwhether\b[^.,;]*?\b(?:(?:is|are) (?:acceptable|allowed|permitted|appropriate)|must|should"
          r"|may|can)\b"),
    _rule("a purpose", None, r"\b(?:role|job|task|idea|point|aim|purpose|objective|intention"
          r"|this)\b[^.,;]{0,50}? (?:is|are) to\b"),
    _rule("a pointer to other papers", None,
          r"\b(?:must|should|needs to) (?:also )?be (?:read|noted|viewed)\b(?= (?:in|alongside|together"
          r"|with|that)\b)"),
    _rule("no expectation of privacy", None,
          r"\b(?:should|must|can|may) (?:have|expect) no\b|\bno privacy (?:should|can|may) be\b"),
    _rule("when a paper takes effect", None,
          r"\bshall (?:come into (?:force|effect)|take effect|have effect|apply|mean|include"
          r"|be (?:construed|deemed|interpreted|read))\b"),
    _rule("a case that may arise", None,
          r"^should (?:a|an|any|you|staff|there|someone)\b|^(?:if|when|where|once"
          r"|whenever) [^,;]*?\b(?:ha(?:s|ve)|needs?) to\b(?=[^;]*,)"),
    _rule("the case before the rule", None,
          r"^(?!(?:where|wherever|if|whenever) (?:you|they) can,)(?:if|where|when|whenever"
          r"|should)\b[^,;:]*?\b(?:no|can|cannot|can't|may|will)\b[^,;:]*,"),
    _rule("a power of the school", None,
          rf"(?:^|(?<=[,;:(] )|(?<=\band )|(?<=\bthat )|(?<=\bbut ))(?:(?!{PEOPLE}\b|only |of |at |in |by "
          rf"|for |from )[\w'-]+ ){{0,4}}?{LEADERS}(?:(?:/| and "
          rf"| or )(?:the )?{LEADERS})?{OFTEN} (?:may(?! not\b)|can|cannot)\b(?:[^.;]*? and (?:may|can)\b)?"),
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
          rf"\bmay {BEFALLS}|\bmay not (?:be (?!\w+(?:ed|en|wn|nt|pt|ld|ut|ght|ft)\b)|have|know|realise"
          rf"|want|wish|always|necessarily)|\bcan {BEFALLS}|\b(?:cannot|can't|can not) (?:always|guarantee"
          r"|see|control|know|be (?:sure|certain|guaranteed|undone|traced|relied|avoided|recalled|ruled))"),
    # What a sentence is about, when nothing stronger follows.
    _rule("scope, definition or breach", Stance.INFO,
          r"\b(?:policy|guidance|document|code|section|agreement|handbook) (?:also )?(?:applies|covers"
          r"|sets out|explains|describes|is designed|takes|recognises|relates|has been (?!signed|given"
          r"|obtained|granted)|was|is intended)\b|\bmeans\b(?! of)|\brefers? to\b(?! (?:the|your|a) )"
          r"|\b(?:is|are|be) (?:defined as|the term)\b|\bis known as\b|\b(?:breach(?:es)?|failure|misuse"
          r"|any(?:one| adult"
          r"| employee) who)\b[^.;]{0,90}? (?:may|will|could)\b", weak=True),
    _rule("follow the rules", Stance.REQUIRED,
          rf"\b(?:rules|principles|guidance|policy)\b[^.;]{{0,40}}? {MUST} be followed\b", weak=True),
    _rule("released", Stance.ALLOWED,
          r"\bnothing (?:in th(?:is|ese)|to stop)\b|\b(?:does|do) not (?:prevent|stop|prohibit)\b"
          r"|\bshould feel free\b|\b(?:(?:do|does) not|don't|doesn't) (?:need|have) to\b|\bneed not\b"
          r"|\bno need to\b|\bno(?: ?one|body)? (?:(?:employee|member of staff|colleague|teacher"
          r"|\w+) )?(?:is|are) (?:expected|obliged|required) to\b|\b(?:is|are) not (?:required|expected"
          r"|obliged) to\b|\b(?:does|do) not expect\b"),
    _rule("ensure that not", Stance.PROHIBITED,
          rf"(?:\b{MUST}{OFTEN} |\b(?:is|are) (?:\w+ )?responsible for |(?:^|(?<=[,;:] )"
          r"|(?<=and ))(?:(?:please|kindly|always) )*)(?:ensur(?:e|ing)|mak(?:e|ing) (?:sure|certain)"
          r"|see(?:ing)? to it|tak(?:e|ing) (?:\w+ )?care)(?:,? (?:at all times|always"
          r"|also),?)?(?: that)?(?:,? at all times,?)?(?: that)? (?:(?:they|you|i|(?:(?:all|any"
          r"|other) )?(?:members of )?staff|adults|colleagues|employees|teachers)(?: \w+ly| also)? (?:(?:do"
          r"|are|will|should|must|can) (?:not|never)|don't|aren't|cannot|never)\b|(?:at )?no (?!(?:one|more"
          r"|fewer|less|longer|later)\b)|never\b)",
          rf"^(?!(?:.*[,;:] )?{OFFICES}{OFTEN} ?$)"),
    _rule("refuse it", Stance.PROHIBITED,
          rf"\b(?:{MUST}|(?:is|are) to){OFTEN} be (?:(?!not\b|never\b)\w+ ){{0,3}}?(?:refused|declined"
          r"|rejected|turned (?:down|away))\b"),
    _rule("cut it off", Stance.PROHIBITED,
          rf"\b(?:{MUST}|(?:is|are) to){OFTEN} be (?:(?!not\b|never\b)\w+ ){{0,3}}?(?:blocked|ignored)\b",
          r"\b(?:requests?|invitations?|invites?|contact|approach(?:es)?|followers?|messages)\b[^.;]*$"),
    # Advice against, and care.
    _rule("avoid where possible", Stance.CAUTION,
          rf"\b(?:where|wherever|if|whenever|as far as) (?:possible|(?:you|they) can),? {DUTY}avoid"
          rf"|\b{DUTY}(?:try (?:not to|to avoid)|avoid\b[^.;]*\b(?:where|wherever|if) possible)"),
    _rule("be careful", Stance.CAUTION,
          rf"\b{DUTY}be (?:very |particularly |especially |extra |also )?(?:careful|cautious|wary)\b"
          rf"|\b{MUST} [^.;,]{{0,60}}? with (?:\w+ )?(?:care|caution)\b|\b{DUTY}(?:exercise|take"
          r"|use)(?: \w+)? (?:care|caution)\b|\b(?:care|caution) (?:is|must be|should be"
          r"|needs to be)(?: \w+)? (?:advised|taken|needed|required|exercised)\b"),
    _rule("take heed", Stance.CAUTION,
          rf"(?:^|[;:,] (?:so |but |and |though )?|\b{MUST} )(?:please |also )*(?:be (?:mindful|alert"
          r"|watchful|sceptical|discreet|sparing|sensitive|considerate|thoughtful|vigilant|wary|prudent"
          r"|slow to|aware that)|beware|bear in mind|tread|(?:watch|mind) (?:what|who|how|out|for)|go easy"
          r"|look (?:twice|before|again)|pause|assume that|remember that|treat [^.;]*? (?:with (?:care"
          r"|caution|a )|as (?:if|though|a)))\b"),
    _rule("a word of caution", Stance.CAUTION,
          r"\bword of (?:caution|warning)\b|\bneeds? (?:\w+ )?care\b|\bwith (?:great |particular "
          r"|extra )?(?:care|caution)$"),
    # To try is less than to do.
    _rule("try to", Stance.CAUTION,
          r"(?:^|(?<=[;:,] )|(?<=please ))(?:always )?(?:try|aim) (?:always )?to\b"),
    _rule("think first", Stance.CAUTION,
          rf"\b{DUTY}(?:(?:stop and )?think (?:very )?(?:twice|carefully|hard|first|before)"
          r"|carefully consider|weigh up|(?:first )?consider (?:carefully|whether|the (?:risks?"
          r"|consequences))|use (?:your|their) (?:own )?(?:professional )?judgement)\b|(?:^|[.;:,] |, (?:so"
          r"|but) )(?:please |always |also )*(?:think|consider|weigh|reflect)\b"),
    # "The address book fills in names by itself and can be wrong, so check it": advice with its reason.
    _rule("a risk, so an order", Stance.CAUTION, rf"(?<=, so ){VERBS}\b",
          r"\b(?:may|might|can|could|often|seldom|tends?|risk\w*|risky|danger\w*|easily|mistakes?|wrong"
          r"|leak\w*)\b"),
    _rule("advised against", Stance.CAUTION,
          r"\b(?:advis|encourag|recommend|urg)\w*\b[^.;,]{0,40}?\b(?:not to|against|do not|avoid(?:ing)?"
          r"|never)\b|\bdiscouraged?\b|\bnot (?:advised|advisable|recommended|wise)\b|\b(?:unwise"
          r"|inadvisable)\b|\bbest (?:not to|avoided)\b|\bbetter not to\b|\badvise against\b"
          r"|\bnot (?:good practice|a good idea|encouraged)\b|\bwise to\b|\bcounsel against\b"),
    # Advice binds no one, whichever way it points.
    _rule("advice", Stance.CAUTION,
          r"\b(?:wiser|sensible|prudent|safest|pays) (?:to|not)\b|\b(?:best|better) (?:kept|left|avoided)\b"
          r"|\b(?:we'd|we would) (?:rather|prefer) (?:that )?you (?:did not|didn't)\b|\b(?:is"
          r"|it's) (?:a )?(?:good idea|good practice|sensible|safer)\b|\badvised? (?:you )?(?:not )?to\b"
          r"|\burged to\b|\brecommended (?:to|that)\b|\b(?:is|it's) advisable\b"),
    _rule("advice about care", Stance.CAUTION,
          r"\b(?:advised|encouraged|recommended|urged) (?:to|that)\b(?=[^.;]*\b(?:privacy|private"
          r"|careful\w*|caution|cautious|security settings)\b)"),
    # Depends on a condition.
    _rule("only on a condition", Stance.CONDITIONAL,
          r"\b(?:may|can) only\b|\bonly (?:be )?(?:permitted|permits?|allowed|allows?|acceptable)\b"
          r"|\bdepends? on\b|\bcase[- ]by[- ]case\b|\b(?:shall be )?at (?:the|their"
          r"|your) [^.;,]{0,40}?discretion\b"),
    _rule("only so and not otherwise", Stance.CONDITIONAL,
          r"(?:^|[;:,] )only\b[^.;]{0,90}? may\b(?! not)|\bby (?:prior )?(?:arrangement|appointment)\b"
          rf"|\bonly (?:by|upon|on|with|after|once) (?:[\w'-]+ ){{0,4}}?(?:{LEAVE_GIVEN}|authority"
          rf"|appointment|arrangement|check)\b|\b{LEAVE_GIVEN} only\b"),
    _rule("needs leave", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:obtain|seek|get|gain|have|receive|request|secure|needs?|requires?|ask for|(?:is "
          rf"|are )?subject to)\b(?: (?!to\b)[\w',-]+){{0,9}}? {LEAVE_GIVEN}\b|\b{LEAVE_GIVEN}\b[^.;"
          rf"|]{{0,40}}? (?:(?:is|are|{MUST} be|will be) )?(?:first )?(?:needed|required|obtained|sought"
          rf"|given|granted|gained)\b|\b{MUST} (?:first |all )?be (?:[\w',]+ ){{0,3}}?(?:approved"
          r"|authori[sz]ed|agreed|signed off|cleared)\b"),
    _rule("ask first", Stance.CONDITIONAL,
          rf"\b{DUTY}(?:ask|check (?:it )?with|speak (?:to|with)|talk (?:to|with)|consult|clear it with"
          r"|book|run it past|discuss)\b(?:(?! to )[^.;]){0,60}? (?:first\b|beforehand|in advance"
          r"|before (?!the end|leaving|you leave|they leave|going))"),
    # Prohibited.
    _rule("never want you to", Stance.PROHIBITED,
          r"\b(?:never|not|don't|wouldn't) (?:want|like|expect) (?:you|anyone|anybody|staff"
          r"|colleagues) to\b|^(?:please )?(?:leave (?:[\w'-]+ ){1,4}alone|keep (?:[\w'-]+ ){1,4}out of)\b"
          r"|^[^.;:]{2,40}(?:: | only: )(?:not|no|never)\b"),
    _rule("must not", Stance.PROHIBITED,
          rf"\b(?:must|should|shall|ought),?{OFTEN} (?!not only)(?!not hesitate){NOT}|\b(?:mustn't"
          rf"|shouldn't|shan't|won't)\b|\bwill {NOT}|\bmay not\b|\b(?:cannot|can't|can not)\b|\b(?:is"
          r"|are) (?:not|never) to\b|(?<!those )\bnot to be\b|\b(?:is to|are to|must|should|will) be no\b"),
    _rule("no one may", Stance.PROHIBITED,
          r"(?<!need )(?<!needs )(?<!contain )(?<!contains )(?<!hold )(?<!holds )(?<!with )\b(?:no(?!"
          r" (?:matter|doubt|longer))|neither|nobody|no-one|none|nothing)\b[^.;,|]{0,70}? (?:may|must"
          r"|should|can|shall|will|is to|are to|(?:is|are) (?:allowed|permitted))\b|^no (?!(?:one|need"
          r"|matter|doubt|longer|objection)\b)(?!.*\b(?:is|are|was|has|have|can)\b)"),
    _rule("nobody does", Stance.PROHIBITED,
          r"^(?:[^.;:]*[,;:] )?(?:(?:nobody|no[ -]one|no (?!fee"
          rf"|charge)[\w' -]{{1,50}}?)(?: else)? (?:ever )?(?:{THIRD_PERSON} (?:an?|the|any|their|his|it|in"
          rf"|on|up|with|pupils?)|{THIRD_PERSON}, {THIRD_PERSON}|(?:gets|is to|are to))|no (?!one|fee"
          rf"|charge)[\w' -]{{1,50}}? (?:is|are) (?:ever )?{ACTS})\b"),
    _rule("is not done", Stance.PROHIBITED,
          r"\b(?:is|are) (?:not|never) (?:to be )?(?:used|taken|carried|worn|shared|posted|given|sent"
          r"|stored|brought|published|filmed|left|opened|copied|lent|accepted|named|shown|displayed"
          r"|launched|discussed"
          r"|uploaded|made)\b", weak=True),
    _rule("banned", Stance.PROHIBITED,
          r"\b(?:(?:prohibited|forbidden|banned)(?! (?:list|organi|group|item|substance))|unacceptable"
          r"|zero[- ]tolerance|not (?:be )?tolerated|off limits|out of bounds|at no (?:time|point))\b"
          r"|\bit is (?:illegal|unlawful|an? (?:\w+ )?offence|against)\b|\b(?:not|never"
          r"|no longer) (?:be )?(?:permitted|allowed|acceptable|appropriate|okay|ok)\b|\b(?:under"
          r"|in) no circumstances\b|\bno circumstances (?:that|which|in which|where)\b|\b(?:is"
          r"|are) (?:\w+ )?inappropriate\b|\b(?:does|do) not (?:permit|allow|accept)\b"),
    _rule("no place for it", Stance.PROHIBITED,
          r"\b(?:is|are) (?:strictly |expressly |always )?(?:excluded|ruled out|barred|(?:a"
          r"|an absolute) no)\b|\bstrictly not?\b|\b(?:has|have|is) no place\b|\b(?:does|do) not belong\b"
          r"|\bout of the question\b|\bnot (?:an option|sanctioned)\b|\bsteer clear\b|\bhands off\b"
          r"|\bsay no to\b|\b(?:the|this) (?:ban|prohibition|rule against) [^.;]*?\b(?:extends|applies"
          r"|covers)\b|\bno exceptions? (?:is|are) made\b|\bthere (?:is|are) no (?:excuse|exception)s?"),
    _rule("do not", Stance.PROHIBITED,
          r"(?:^|(?<=[,;:] )|(?<=please )|(?<=kindly )|(?<=always )|(?<=and )|(?<=then )|(?<=so )"
          rf"|(?<=but ))(?:do not|don't|never|refrain from)\b|^not\b|\b{DUTY}(?:refrain from|avoid)\b"
          r"|\bask(?:s|ed)? (?:that )?(?:[\w']+ ){1,3}?(?:not to|do not|don't)\b"),
    _rule("we do not", Stance.PROHIBITED, r"\b(?:do not|don't|never)\b(?! (?:expect|need|have|own|know))",
          rf"^(?:(?!if\b|when|where|who|that\b|as\b)[\w'-]+ ){{0,4}}?(?:{PEOPLE}|we) $"),
    # Allowed.
    _rule("may", Stance.ALLOWED, rf"\b(?:may|can|(?:is|are) able to)\b(?! {BEFALLS})", NEAR_PEOPLE),
    _rule("may be done", Stance.ALLOWED, rf"\b(?:may|can(?!{OFTEN} be (?:copied|passed on|forwarded|read"
          rf"|seen)\b)){OFTEN} be {ACTS}\b"),
    _rule("is allowed", Stance.ALLOWED,
          r"(?:\b(?:shall|will|to) )?\b(?:is|are|be|you're|they're|it's|that's) (?:(?!not |never "
          r"|no )\w+ )?(?:allowed|permitted|accepted|acceptable|fine|all right|okay|ok|welcome|free"
          r"|entitled)\b|\bfeel free\b|\bno objection\b|\b(?:have|has) (?:the right|permission) to\b"
          r"|\b(?:encouraged|invited) to\b|\b(?:is|are) (?:optional|voluntary)\b|\b(?:permits|allows)\b"
          r"|^(?:allowed|permitted)\b"),
    _rule("no harm in it", Stance.ALLOWED,
          r"\bhelp yourself\b|\bnothing wrong with\b|\b(?:we're|we are) happy for you\b|\bno harm in\b"
          r"|\b(?:at liberty|every right|legal (?:right|power)|up to you) to\b|\bnot a problem\b"
          r"|\bopen to (?:all|any|you|everyone)\b|\b(?:perfectly|quite) (?:normal|acceptable|proper)\b"
          r"|\b(?:no (?:restrictions?|limits?|obligation|rule against)|under no obligation) (?:on|to)\b"),
    # Required.
    _rule("must", Stance.REQUIRED, rf"\b{MUST}\b|\b(?:is|are) to be\b"
          rf"|\b(?:is|are) to (?=(?:\w+ly )?{VERBS}\b)"),
    _rule("who will:", Stance.REQUIRED, r"\bwill\W*$",
          r"\b(?:those|people|persons|members|users|learners|all|each|every)\b[^.;]{0,80}$"),
    _rule("people will", Stance.REQUIRED, r"\bwill\b", NEAR_PEOPLE),
    _rule("expected", Stance.REQUIRED,
          rf"\b(?:expect|require|ask|trust)s? (?:that )?(?:(?:all|every|each|any) )?(?:\w+ )?{PEOPLE} (?:to"
          r"|will)\b|\b(?:have|has) a (?:\w+ )?(?:duty|responsibility) to\b|\b(?:is"
          r"|are) (?:\w+ )?(?:responsible|accountable) for\b|\b(?:is|it's) (?:\w+ )?(?:essential|vital"
          r"|imperative|mandatory|compulsory|important)\b|\b(?:reminded|instructed) (?:to|that)\b"
          r"|\bmake sure\b|\b(?:like|need|want) (?:you|everyone|all (?:staff|colleagues)|colleagues"
          r"|staff) to\b|\bexpected of\b|\b(?:is|are) the (?:responsibility|duty) of\b|\bnot hesitate\b"),
)
# "Staff use e-mail" may be how things are; "staff sign the register" is what they are to do.
HABITS = (
    "(?:be|have|use|share|make|take|join|learn|choose|find|get|begin|start|meet|help|become|change|talk|speak"
    "|want|like|run|go|come|hold|deal|carry|agree|acknowledge|create)")
ORDERS = (*RULES,
    _rule("an order", Stance.REQUIRED, ORDERED, BEFORE_AN_ORDER),
    _rule("what everyone does", Stance.REQUIRED,
          rf"^(?:[^,;:]{{3,60}}, )?(?!many|most|some|few)(?:[\w'-]+ ){{0,2}}?(?:staff|pupils|students"
          r"|colleagues|employees|adults|teachers|tutors|volunteers|visitors|governors|trustees|coaches"
          r"|contractors|learners|leaders|drivers|hosts)(?: (?:in|on|at|of|from|with) (?:(?!may|must|should"
          rf"|can|will|who)[\w'-]+ ){{0,3}}?(?!may|must|should|can|will)[\w'-]+)?(?: (?:also|always"
          rf"|therefore|then))? (?!{HABITS}\b)(?:{VERBS}|{NOUN_VERBS} {DETERMINER}|receive|undertake"
          r"|undergo)\b"
          rf"(?= (?:{DETERMINER}|it|them|to|in|on|up|out|over|with|at|from|for|[\w-]+)\b)", weak=True),
    _rule("what each one does", Stance.REQUIRED,
          rf"^(?:[^;:]{{3,120}}, )?(?:(?:an?|any|each|every|the) (?:[\w'-]+ ){{0,3}}?(?:staff|pupil|student"
          r"|colleague|employee|adult|teacher|tutor|volunteer|visitor|organiser|leader|host|leaver)|(?:each"
          r"|every)(?: [\w'-]+){{1,4}}?|(?:anyone|everyone|everybody"
          rf"|whoever))\b(?:[^.;:]*?,)?(?: who [^.;:]*?)?(?: also| always| then)? {THIRD_PERSON} (?=(?:an?"
          r"|the|any|all|every|each|their|his|its|it|them|this|that|to|in|up|out|over|home|straight)\b)",
          weak=True),
    _rule("what is done", Stance.REQUIRED,
          rf"\b(?:is|are){OFTEN} (?:reported|told|handed|sent|signed|worn|checked|locked|completed|obtained"
          r"|passed|deleted|erased|wiped|destroyed|shredded|labelled|transferred|moved|addressed|entered"
          r"|logged|noted|cleared|returned|declared|informed|secured|referred|put|switched (?:on|off)"
          r"|removed|updated|carried out)\b(?! (?:after|automatically|for (?:\w+ )?(?:\d|years?|months?"
          r"|days?|weeks?|as long))\b)|\bgo(?:es)? (?:straight |first |only )?(?:to|in|into|through)\b"
          r"|\bat all times\W*$",
          r"^(?:(?:if|when|where|before|after|once|each|every|on|in|at|should)\b[^;]*, )?(?:(?!\b(?:if|when"
          r"|where|before|until|unless|how|what)\b)[^.;])*(?<!who )(?<!which )(?<!that )(?<!they )$",
          weak=True),
)
HEADINGS = (
    _rule("do", Stance.REQUIRED, r"^(?:the )?(?:do'?s?|always)$"),
    _rule("don't", Stance.PROHIBITED, r"^(?:the )?don't'?s?$"),
    *(rule for rule in RULES if rule.stance is not None and not rule.weak),
)
VERDICTS = (
    _rule("rather not", Stance.CAUTION,
          r"^(?:preferably|ideally|best|better|probably|usually|normally|generally|try) not\b|^(?:we'd"
          r"|we would|i'd) (?:rather|prefer)\b|^not (?:usually|normally|really|ideally|advised|recommended"
          r"|advisable)\b"),
    _rule("yes here and no there", Stance.CONDITIONAL, r"^(?!yes\b|no\b)[^.;]*, (?:yes|no)\b|^yes,? with\b"
          r"|^yes,? but (?!(?:please |do )*(?:be|take care|think|tread|with care)\b)|^a little\b"
          r"|^in moderation\b|^by (?:prior )?arrangement\b"),
    _rule("no", Stance.PROHIBITED,
          r"^[✗✘✕❌]|^n$|^(?:please )?don't\b|^(?:(?:sorry, |(?:i'm |i am )?afraid )?(?:no|not)"
          r"|(?:absolutely|definitely|certainly) not|never|not at all)(?=\W*$|[.,;:!]| [-–—])"
          r"|^not (?:allowed|permitted|acceptable|without|unless|until|if|on|at|in|for)\b"
          r"|^under no circumstances"),
    _rule("it depends", Stance.CONDITIONAL,
          r"^(?:only|(?:it |that )?depends|sometimes|possibly|perhaps|maybe|if|by agreement"
          rf"|with (?:[\w' ]+ )?{LEAVE_GIVEN})\b"),
    _rule("yes", Stance.ALLOWED,
          r"^[✓✔]|^y$|^(?:you|they|we|he|she|it) (?:may|can|do|does|is)\b(?! not|n't)|^no (?:problem|need"
          r"|objection)\b|^(?:yes|of course|certainly|absolutely|by all means|fine|okay|ok|allowed"
          r"|permitted|acceptable)\b"),
    _rule("needed", Stance.REQUIRED, r"^(?:straight ?away|immediately|at once|the same day|required"
          r"|compulsory|mandatory|always)\b"),
)
# fmt: on
