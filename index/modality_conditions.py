"""What stands around a rule: the conditions, questions, lists and sentence ends that `modality` reads by."""

import re

from index.modality_words import BEFALLS, DETERMINER, LEADERS, LEAVE, PEOPLE, VERBS
from index.references import PROVIDED

CONDITION = re.compile(
    rf"(?<!not )\bonly\b|{PROVIDED}|(?<!for )\b(?:as|so) long as\b|\bon condition\b|\bunless\b"
    r"|\bsubject to\b|\bin (?:(?:exceptional|certain) circumstances|an emergency)\b|\bdepend(?:s|ing) on\b"
    r"|\bif\b(?! (?:you|they) (?:wish|want|like|prefer))|\b(?:with|by|where|once|after"
    rf"|following)\b[^.;]{{0,60}}? {LEAVE}\b|\bonce (?:(?:the|an?|all|you|it|they|every|each)"
    r"|[\w'-]+ (?:has|have|is|are))\b|(?<!areas )(?<!places )(?<!rooms )(?<!say )(?<!show )(?:(?<!, )"
    r"|(?<=yes, ))(?<!and )\bwhere (?!you (?:like|wish)|they (?:like|wish))|\bwhen (?:all|the|an?|every"
    r"|each|one|two|both|no)\b(?! (?:pupils|children|students|lesson|day)\b)"
    r"|(?<!look )(?<!looks )(?<!looking )\bafter (?:an?|the|it|they|you|one|agreeing|checking|registration"
    r"|training)\b(?! (?:bell|school day|lesson|end)\b)|\bby (?:prior )?arrangement\b"
)
# Where no other rule speaks, these words still say that a condition decides.
HOLDS_ONLY = re.compile(
    r"(?<!not )\bonly (?:if|where|when|after|once|with|upon|by)\b|\bunless\b|(?<!for )\b(?:as|so) long as\b"
    rf"|\bonly in exceptional\b|\bon condition\b|{PROVIDED}|\b(?:may|can) (?:be \w+(?:ed|en|wn|nt|ld|ut"
    rf"|ght)\b|(?!not\b|{BEFALLS}))[^.;]*\b(?:once|if|provided)\b"
)
UNLESS_LEAVE = re.compile(
    rf"\b(?:without|unless|except|save|other than|until|before)\b[^.;]{{0,80}}?\b(?:{LEAVE}|countersigned"
    r"|said yes)\b"
    r"(?! (?:staff|persons?|people|personnel|users?|adults?)\b)"  # "authorised persons" is no one's leave
)
ONLY_WITH_LEAVE = re.compile(
    rf"\bonly\b[^.;]{{0,40}}?\b(?:with|after|once|by|upon|on)\b[^.;]{{0,60}}? (?:{LEAVE}|authority)\b"
)
NEXT_RULE = re.compile(r"\b(?:and|but)\b[^,;]*\b(?:must|should|may|can)\b")
CARE = re.compile(r"\bbut (?:please )?(?:be careful|take care|think|be cautious|with care)\b")
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)\s+(?=[\"'(]?[A-Z])")
QUESTION = re.compile(r"^([^|?]{3,300}\?)[\"')]*\s+(\S.*)$")
ASKS_DUTY = re.compile(r"\b(?:(?:have|need) to|must|do (?:i|we|you) need)\b|^should\b")
# "Is that a problem? No." allows.
ASKS_HARM = re.compile(r"\b(?:problem|breach|in trouble|against the rules|wrong)\b")
# A question about how things are; who asks for leave names a person or asks "may".
ASKS_FACT = re.compile(
    r"^(?:is|are|was|does|do|will|has|have)\b(?!.*\b(?:i|we|you|me|my|us|staff|teachers?|pupils?|students?"
    r"|parents?|visitors?|coaches|governors?|can|may|could|should|must|allowed|permitted|ok|okay|acceptable"
    r"|all right|fine|wise|banned|safe)\b)"
)
OPENS_ORDERS = re.compile(
    r"^(?:if|when|where|before|after|once|during|on|at|in|whenever|remember|please|always|steps|what to do)\b"
)
ASKS_ABOUT_SCHOOL = re.compile(rf"\b(?:can|could|will|does|may|is) (?:the|our) {LEADERS}\b")
STANDS_ALONE = re.compile(
    r"^(?!(?:lead|support|head|coach|mentor) (?:on|up|the|an?|all|any|each|every|their|our|others)\b)(?:all"
    rf"|any|each|every|the|th[eo]se|this|no|our|it|such|if|when|where|{PEOPLE})\b"
)
LISTS_DUTIES = re.compile(r"\bthis (?:(?:would|will) )?(?:includes?|means?)\W*$")
# What a ban holds for, behind its own words: "… if that contact could look like favouritism".
SOMEONE = (
    rf"(?:you|we|i|they|he|she|staff|anyone|someone|somebody|anybody|{PEOPLE}|(?:an?|any|another|the|that"
    rf"|your|their|one) (?:[\w-]+ ){{0,3}}?(?:{PEOPLE}|stranger|journalist|friend))"
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
    rf"(?:{HARM}|there is an? (?:emergency|fire)|(?:pupils|children|others) are (?:nearby|present|in|about"
    rf"|around|there|with)\b|{SOMEONE} (?:(?:ever|also|still|then) )?{MEETS}|(?:[\w'-]+ ){{1,6}}?{HAPPENS}"
    r"|(?:an?|any|another) (?:[\w'-]+ ){1,5}?(?:is|are) (?:received|sent|found|discovered|reported|noticed"
    r"|made|raised)|(?:in (?:any )?doubt|possible|asked|unsure|necessary|needed|requested|required"
    r"|appropriate|so|not|at|on|contacted|approached|challenged|invited|provoked|tempted|abused|bullied"
    r"|trolled|targeted|upset|angry)\b)"
)
OF_THE_ACT = (
    r"(?:(?:this|these|those|such|it|doing so|to do so|that (?:contact|would|could|might|may|is))\b"
    r"|there (?:is|are|would be|may be|might be|could be) (?:(?:an?|any|some) )?(?:[\w-]+ )?(?:conflict"
    r"|risk|danger|doubt|chance|likelihood|possibility|concern|potential|suspicion)|(?:an?"
    r"|any) (?:\w+ )?conflict of)"
)
GOES_ON = (
    r"\b(?:unless|except(?:ions?)?|apart from|other than|save|but|instead|rather|because)\b|: |\b(?:delete"
    r"|destroy|open|view|look at|forward)\b[^.;]{0,40}?\b(?:images?|pictures?|photo(?:graph)?s?|videos?"
    r"|files?|messages?|evidence|attachments?)\b|\b(?:ask|wonder|check|see|know|find out)(?:s"
    r"|ing)?\b(?: [\w'-]+){0,3} if\b|\b(?:and|or|so|then) (?:if\b"
    rf"|(?:[\w'-]+ ){{0,3}}?(?:must|should|may|can|will)\b|{VERBS}\b)"
)
HOLDS_WHEN = re.compile(
    rf"(?:(?!{GOES_ON})[^.;?!|])+?(?P<when>(?<!even )(?<!as )(?<!only )(?<!what )(?<!not )"
    rf"(?<!acceptable )(?<!appropriate )(?<!illegal )(?<!lawful )(?<!offence )(?:\bif (?!{SETS_THE_SCENE})"
    rf"|\bif(?=\W*$)|\b(?:where|when|whenever|wherever) (?={OF_THE_ACT})|\b(?:in so far|insofar) as\b"
    r"|\bto the extent that\b|\bin (?:cases|situations|circumstances) (?:where|in which)\b)(?:\([^()]*\)"
    r"|(?!\.(?:\s|$)|,? (?:unless|except|because)\b|,? (?:and|but|so) (?:[\w'-]+ ){1,5}(?:must|should|may"
    r"|can|will)\b)[^;?!|()])*)",
    re.IGNORECASE,
)
# A lead-in that announces names, and what marks an item as more than a name: a verb of its own.
NAMES_FOLLOW = re.compile(
    r"\b(?:includ(?:e|es|ing)|relat(?:e|es|ed|ing) to|concerning|regarding|(?:read|viewed|used) (?:with"
    r"|alongside|together with|in (?:conjunction|connection|line) with)|link(?:s|ed)? (?:to|with))\b"
    r"(?:,? but (?:is |are )?not (?:limited|restricted|confined) to)?(?:,? (?!(?:must|should|may|can|will"
    r"|shall|do|not|by|to|when|if|where|that|who|on|in|from)\b)[\w'()/-]+){0,10}\W*$"
)
HAS_A_VERB = re.compile(
    r"^(?:to|not|never|please|always|do|don't|avoid|refrain|no \w+ing)\b|^(?!(?:safeguarding|whistleblowing"
    r"|training|learning|bullying|cyber-?bullying|monitoring|filtering|teaching|recruiting|marketing"
    r"|grooming|trolling|recording|banking|building|clothing|meeting|existing|remaining|anything|everything"
    r"|nothing|something)\b)\w+ing(?: and \w+ing)? (?!(?:\w+ )?(?:policy|policies|procedures?|code|guidance"
    r"|rules|act|statement|agreement)\b)|^(?:tell|ensure|inform|delete|decline|refuse|remove|refer|send"
    r"|sign|choose|give|stay|leave|treat|notify|write|attend|respect|protect|maintain|let|explain|obtain"
    r"|get|wait|begin|thank|adhere|provide|confirm|escalate|delegate|redirect|forward|submit|register"
    r"|arrange|apply|keep|make|save|take|turn|switch|ask|speak|talk|read|remember|return|follow|wear|seek"
    r"|consult|encourage|accept|publish|discuss|disclose|upload|download|engage|agree|be|have)\b"
    rf"|^(?!{DETERMINER}\b|(?:both|some|in|on|of|for|with|by|at|and|or)\b)[\w-]+(?: (?:and"
    rf"|or) [\w-]+)? {DETERMINER}\b|^(?:(?!\b(?:that|which|who|whom|whose|where|when|if"
    r"|as)\b)[^.;])*?\b(?:must|should|may(?! \d)|can|will|shall|does|is|are|was|were|has)\b"
)
