"""The words that mean danger by themselves, each rule with its reason and its examples."""

import re
from dataclasses import dataclass
from functools import cache

# What a name in angle brackets stands for in a pattern.
WORDS = {
    "<CHILD>": r"(?:pupils?|students?|child(?:ren)?|kids?|girls?|boys?|lads?|teen\w*|toddler"
    r"|bab(?:y|ies)|son|daughter|tutees?|sixth ?formers?|(?:year|yr|y|p|s) ?\d+s?|reception|\d+[a-h])",
    "<KIN>": r"(?:dad(?:dy)?|mum(?:my)?|mam|father|mother|parents?|step ?\w+|uncle|aunt\w*|nan|gran\w*"
    r"|brother|sister|cousin|boyfriend|girlfriend|carer|foster \w+)s?",
    "<ADULT>": r"(?:teacher|t\.?a|colleague|staff|head(?:teacher)?|deputy|coach|caretaker|site manager|supply"
    r"|dsl|safeguarding lead|principal|chair|cleaner|senco|bursar|(?:business|line|office) manager"
    r"|dinner lady"
    r"|volunteer|governor|supervisor|assistant|helper|driver|escort|tutor|sir|miss|mr|mrs|ms|hlta|lsa)s?",
    "<NEAR>": r"[^.?!;]{0,25}?\b",
    "<FAR>": r"[^.?!;]{0,60}?\b",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look for, why, and messages that it must and must not match."""

    name: str
    why: str
    any_of: tuple[str, ...]
    """Regular expressions for `plain` text, with the names of `WORDS`; one found is enough."""
    matching: tuple[str, ...]
    passing: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """All of *any_of* as one regular expression."""
        return _joined(self.any_of)

    def found_in(self, text: str) -> bool:
        """Whether *text*, already `plain`, has it."""
        return re.search(self.pattern, text) is not None


@cache
def _joined(any_of: tuple[str, ...]) -> str:
    return re.sub(r"<[A-Z]+>", lambda name: WORDS[name.group()], "|".join(any_of))


def plain(text: str) -> str:
    """Return *text* in the one spelling that the patterns know."""
    joined = re.sub(r"['’‘`´*_]", "", text.lower())
    joined = re.sub(r"[-‐‑–—/]", " ", joined).replace("&", " and ")
    return re.sub(r"\s+", " ", joined).strip()


SUICIDE = Rule(
    name="suicide",
    why="SAFETY 6: a life may be at risk, a pupil's or a colleague's",
    any_of=(
        r"suicid\w*|\bkill(?:ing|ed)? (?:him|her|my|them|your)sel\w+",
        r"\b(?:wants?|wanted|going) to die\b",
        r"\bend(?:ing)? (?:it all|(?:his|her|my|their) (?:own )?life)|(?:his|her|my|their) own life",
        r"\b(?:better off|rather be|wish\w*<NEAR>(?:was|were|be)|wishing (?:he|she|they) was) dead\b",
        r"\bbetter off without (?:him|her|me)\b|\b(?:going|wants?|wanna) to end it\b",
        r"\bpoint (?:of|in) (?:being alive|living|life)|\bnot? want to (?:live|be alive|be here)\b",
        r"\bdont want to (?:live|be alive|be here any)|\bnoose\b|\boverdos\w+",
        r"\bgoodbye (?:note|letter)|\bgoodbye to every|\b(?:round|around) (?:his|her) neck",
        r"\b(?:threatening|going|trying) to jump\b",
        r"\b(?:on|off) the (?:roof|bridge|ledge)\b<NEAR>(?:jump|down)",
    ),
    matching=(
        "She says she wants to die",
        "he said everyone's better off without him",
        "I don't want to be alive",
    ),
    passing=("I'm dying to know who runs the page", "he wished me well"),
)
SELF_HARM = Rule(
    name="self-harm",
    why="SAFETY 6: a child is being hurt, by their own hand",
    any_of=(
        r"\bself ?harm\w*|\b(?:hurt|harm|burn|cut|cutt)(?:ing)? (?:him|her|them|my)sel\w+|\brazor",
        r"\bcut(?:s|ting)? (?:up |on |down |all down )?(?:her|his|their) (?:\w+ )?(?:arm|wrist|leg"
        r"|thigh)s?\b",
        r"\b(?:shes|hes|been|is) cutting(?=$|[.,!?]| again| and )|\bscars? on (?:her|his)",
        r"\blines (?:all )?(?:up|down) (?:her|his)|\bmaking (?:him|her)self sick",
        r"\bwants? to hurt (?:him|her)self",
    ),
    matching=("y8 girl has been self-harming", "there are cuts on her arms", "she's cutting again"),
    passing=("he's cutting paper for the display", "the cuts to the budget"),
)
COLLAPSE = Rule(
    name="tablets-or-collapse",
    why="SAFETY 6: an overdose or a collapse needs 999 before anything else",
    any_of=(
        r"\b(?:taken|took|swallow\w*|necked|googling|many)\b<NEAR>(?:pills|tablets|paracetamol"
        r"|ibuprofen)\b",
        r"\b(?:got|has) the (?:pills|tablets) (?:out|ready)|\bunconscious\b",
        r"\b(?:not|stopped|cant) breath",
    ),
    matching=("she has taken a lot of her mum's tablets", "googling how many pills it takes"),
    passing=("the class tablets need charging", "are tablets allowed in exams"),
)
SEXUAL_IMAGE = Rule(
    name="sexual-image",
    why="SAFETY 1: a sexual image of someone under 18 is never opened, copied or asked for",
    any_of=(
        r"\bnudes?\b|\bnaked\b|\btopless\b|\bundressed\b|\bdick ?pics?|\bsext(?:s|ed|ing)\b",
        r"\bup ?skirt|\bnudif|\bindecent (?:image|picture|photo|video|pic)",
        r"\b(?:nothing|no clothes) on\b|\bclothes off\b|\bsex (?:video|tape)|\bno top on\b",
        r"\b(?:his|her|their) top off\b|\brude (?:photo|pic)",
        r"\bin (?:her|his|their) (?:underwear|bra)\b",
        r"\b(?:sen[dt]|sending|posted|shared)\b<NEAR>(?:pic|pics|picture|photo|photos|selfie"
        r"|video)s? of (?:himself|herself|themselves|(?:his|her) (?:body|privates|bits))",
        r"\b(?:underwear|knickers|bra|boxers) (?:pic|photo|picture)",
        r"\bimages of (?:children|kids|a child)\b|\b(?:porn|deepfake)\b<FAR><CHILD>\b<NEAR>face",
        r"\bfaces? (?:stuck )?on porn|\bsent porn|\b(?:in|of)\b<NEAR>the showers?\b",
        r"\b(?:film|watch|photograph)\w*\b<FAR>(?:shower|in the bath|chang\w+ room)",
    ),
    matching=(
        "found a nude on a pupil's phone",
        "she's sent a pic of herself to a lad",
        "AI fakes, no clothes on",
    ),
    passing=("she sent a pic of the display", "nudge me if I forget"),
)
SEXUAL_HARM = Rule(
    name="sexual-harm",
    why="SAFETY 6, 10: a sexual act told of, or seen",
    any_of=(
        r"\brap(?:e|ed|ing)\b|\bsexual(?:ly)? (?:abus|assault|attack|touch)\w*|\bmolest\w*",
        r"\bgrop(?:ed|ing|es)\b",
        r"\b(?:touch(?:es|ed|ing)?|fondl\w+) (?:him|her|me|them|girls?|boys?|kids|children|pupils"
        r"|a (?:girl|boy|child|kid|pupil))\b",
        r"\bbeen sexual with|\bsomething sexual|\bprivate (?:parts?|bits|areas?)",
        r"\b(?:his|her|their) privates|\bhands? (?:down|up) (?:a|her|his|their|my)\b",
        r"\b(?:in|into) (?:her|his|my) bed(?:room)?\b|\binto bed with",
        r"\b(?:comes?|came) in(?: ?to)? (?:her|his) room|\bsecret (?:cuddles?|games?|touch\w*)",
        r"\bforced (?:him|her|them)sel\w+ on|\bmak(?:es?|ing) (?:her|him) do things",
        r"\bexpos(?:ed|ing) himself|\bmasturbat\w*|\btrousers down",
    ),
    matching=("a child says her uncle is touching her", "he said his cousin comes in to his room"),
    passing=("a very touching assembly", "please get in touch with her mum"),
)
UNDERAGE_SEX = Rule(
    name="underage-sex",
    why="SAFETY 6: a child too young to agree, or a partner too old",
    any_of=(
        r"\b(?:she|shes|<CHILD>)\b<FAR>(?:pregnant|having sex|slept with|morning after pill)\b",
        r"\bboyfriend\b<NEAR>(?:1[89]|[2-5]\d)\b|\bolder boyfriend|\brid of the baby\b",
    ),
    matching=("she's 14 and thinks she's pregnant", "her boyfriend from the park is 24"),
    passing=("I'm pregnant, who do I tell at work", "the year 9 boys are having a laugh"),
)
HOME_VIOLENCE = Rule(
    name="home-violence",
    why="SAFETY 6: a child hurt by someone at home",
    any_of=(
        r"\b<KIN>\b<NEAR>(?:hit|hits|hitting|beat|beats|beating|punch\w*|kick(?:s|ed)?|slap\w*"
        r"|smack\w*|strangl\w+|hurt|hurts|hurting|burn(?:s|t|ed)?|chok\w+|threw|throws|lock(?:s|ed)?"
        r"|holds?) (?:him|her|them|me|mum|dad|the kids)\b",
        r"\b(?:hit|beat|hurt|burnt|belted) (?:him|her|me)\b<NEAR>(?:at home|last night|again)",
        r"\bhurt(?:ing)? by (?:his|her|their|my)\b|\bdomestic (?:abuse|violence)|\bfighting at home",
    ),
    matching=("he told me his dad hits him", "mum's boyfriend strangled mum in front of her"),
    passing=("mum kicked off about the homework", "her brother hurt his knee"),
)
MARKS = Rule(
    name="marks",
    why="SAFETY 6, 19: a mark on a child is for the safeguarding lead to weigh, not for us",
    any_of=(
        r"\bbruis\w+|\bblack eye|\bsplit lip|\bhand ?prints?\b|\bfinger ?marks?\b",
        r"\b(?:belt|bite|burn|whip) marks?\b|\b(?:cigarette|iron) burns?|\bburns? on (?:his|her|their)",
        r"\bbleeding\b|\bmake (?:him|her) bleed",
        r"\bmarks? (?:on|round|all over) (?:his|her|their) (?:\w+ )?(?:arm|neck|back|leg|wrist|face"
        r"|thigh|body)s?",
    ),
    matching=("there's a handprint on his leg", "bruises again", "marks on her little wrists"),
    passing=("full marks on her test", "the iron is in the textiles room"),
)
AFRAID_OF_HOME = Rule(
    name="afraid-of-home",
    why="SAFETY 6: what a child fears at home may happen tonight",
    any_of=(
        r"\b(?:scared|afraid|frightened|terrified|petrified) (?:to|of|about) (?:go(?:ing)?|be(?:ing)?"
        r"|get\w*)?(?: back| sent)* ?(?:home|(?:his|her|their) (?:own )?<KIN>)\b",
        r"\b(?:doesnt|didnt|does not|not) want to (?:go|be sent) (?:back|home)|\bbegg\w+ me not to",
        r"\b(?:wont|refus\w+ to|begg\w+<NEAR>not to) (?:go|be sent)(?: back)? home",
        r"\bnot safe (?:at|to go) home",
        r"\b(?:he|she|they|kid|child) (?:says? |said )?(?:(?:he|she|they) )?cant go (?:back )?(?:home"
        r"|there)",
    ),
    matching=("she's scared to go home", "he doesn't want to go back", "terrified of going home"),
    passing=("I can't go home till the marking is done", "scared of the new inspection"),
)
MEETING = Rule(
    name="meeting-a-stranger",
    why="SAFETY 6: a child on the way to someone met online",
    any_of=(
        r"\b(?:she|he|they|shes|hes|theyre|<CHILD>)\b<FAR>(?:meet|meeting|met up with|see|stay\w*) "
        r"(?:up with |with )?(?:a|an|some|someone|somebody|the|him|this|her)\b<FAR>(?:online|internet"
        r"|snap\w*|insta\w*|tik ?tok|discord|xbox|fortnite|roblox|gaming|a game|tonight|never met)\b",
        r"\b(?:gone|going|went|goes) off (?:with|in cars? with)\b",
        r"\b(?:ask|told|tell)\w* <NEAR>(?:to get in|get in the)\b",
    ),
    matching=("she's meeting him tonight", "y8 lad going to meet someone he knows from xbox"),
    passing=("meeting the parents tonight", "are we meeting online"),
)
GROOMING = Rule(
    name="grooming",
    why="SAFETY 6: an adult working on a child",
    any_of=(
        r"\bgroom(?:ed|ing|er)\b",
        r"\b(?:man|men|bloke|guy|adult|older (?:boy|lad|fella)|stranger)\b<NEAR>(?:ask(?:s|ed|ing)?"
        r"|want(?:s|ed|ing)?|sent|sending|tells?|telling|told|made|making|got|pays?|paid) (?:her|him"
        r"|them|my|one|a|our|for|kids|girls|boys)\b<FAR>(?:pics?|pictures?|photos?|videos?|secret"
        r"|porn|alone|on camera|live|telegram|meet|his (?:flat|house))\b",
    ),
    matching=("a man on an app has asked her for photos", "some bloke told him to keep it secret"),
    passing=("someone wanted the club photos", "a man delivered the printer"),
)
BLACKMAIL = Rule(
    name="blackmail",
    why="SAFETY 33: do not pay, stop contact, keep the messages, police",
    any_of=(
        r"\bblackmail\w*|\bsextort\w*|\bextort\w*",
        r"\b(?:unless|threaten\w*|says? (?:he|she|they)|(?:he|she|they)(?:ll|d)|will)\b<NEAR>(?:leak"
        r"|leaks|post|share|send|put)\b<NEAR>(?:pics?|photos?|pictures?|videos?|nudes?|it to)\b",
    ),
    matching=("he's being blackmailed", "they'll leak the video if she doesn't pay"),
    passing=("I'll send the forms", "mum will post a review"),
)
MISSING = Rule(
    name="missing",
    why="SAFETY 6: a child whose whereabouts nobody knows",
    any_of=(
        r"\b(?:he|she|hes|shes|they|theyre|been|<CHILD>) (?:has |have |is |are |was |been |gone "
        r"|still )*missing\b",
        r"\bmissing (?:child|pupil|girl|boy|kid|student|since)|\b(?:run|ran|running|runs) away",
        r"\babscond\w*|\bcan(?:t|not) find (?:him|her|them|\w+ anywhere)",
        r"\bno(?:body| one) knows where (?:he|she|they)|\blost sight of",
        r"\b(?:hasnt|not|never|didnt) (?:been seen|(?:come|came|got|get) (?:back|home))\b",
        r"\bpacked a bag|\b(?:climb\w+|jumped|over) the (?:fence|gate)|\bwalked out of the gate",
    ),
    matching=("a pupil has gone missing", "can't find him", "he never got home last night"),
    passing=("my iPad has gone missing", "three surveys still missing"),
)
WEAPON = Rule(
    name="weapon",
    why="SAFETY 6: a weapon, or talk of one",
    any_of=(
        r"\bkni(?:fe|ves|fes)\b|\bmachete|\b(?:a|his|her|has|the) blade\b|\bfirearm|\bweapons?\b",
        r"\bwith a bat\b|(?<!glue )(?<!nerf )(?<!water )\bguns?\b|\bstab(?:s|bed|bing)?\b",
        r"\bacid attack|\bset fire to|\bschool shooters?",
        r"\bshoot(?:ing|er|ers)? (?:up|people|everyone|him|her|us|the school)",
        r"(?<!f )(?<!bath )\bbomb(?:s|ing|er)?\b",
    ),
    matching=("kid with a knife by the gym", "he says he'll shoot everyone"),
    passing=("the glue gun is broken", "we were bombarded with emails", "photo shooting schedule"),
)
THREAT = Rule(
    name="threat-to-life",
    why="SAFETY 6: violence announced against anyone, staff too",
    any_of=(
        r"\bkill (?:me|her|him|them|us|you|some\w+|another|a|all|people|kids|mr|mrs|miss|ms"
        r"|every\w+)\b",
        r"\bdeath threat",
        r"\bthreaten(?:s|ed|ing)? (?:me|him|her|us|them|one of)\b(?! with (?:a|an|ofsted|legal|the))",
        r"\bhit list\b|\bthreaten\w* to (?:kill|hurt|beat|stab|burn|come|take|attack)",
        r"\bslit\b<NEAR>throat|\bim dead\b|\bknows? where (?:i|we|he|she) lives?",
        r"\bburn (?:my|his|her|the|our|it)\b<NEAR>down|\bsmash (?:my|his|her) (?:face|head)",
        r"\bput (?:me|him|her) in hospital",
        r"\bwait(?:ing)? (?:for me|outside)\b<FAR>(?:gate|car|hospital|knife)",
    ),
    matching=(
        "a parent said he will kill me",
        "he has threatened to beat another boy",
        "I got a death threat",
    ),
    passing=("she threatened me with a complaint", "these stairs kill my knees"),
)
ADULT_HARMS = Rule(
    name="adult-harms-child",
    why="SAFETY 7, 14: an adult who works here hurting a child is for the head",
    any_of=(
        r"\b<ADULT>\b<FAR>(?:hit|hits|hitting|slapp\w+|punch\w+|kicked|grabb\w+|dragg\w+|chok\w+"
        r"|shov\w+|smack\w+|kiss\w*|touch(?:ed|es|ing)|grop\w+|hurt|hurting|pinned|throttl\w+"
        r"|force fed) (?:on |by )?(?:him|her|them|a|the|one|my|<CHILD>)\b(?! (?:roof|ceiling|wall"
        r"|nail|target|point|back|knee|foot))",
        r"\b<ADULT>\b<FAR>(?:sexual|sexy|sleeping with|loves (?:her|him)|seeing each other"
        r"|locked himself in)\b",
        r"\b<ADULT>\b<NEAR>(?:ask(?:s|ed|ing)?|want(?:s|ed|ing)?) (?:him|her|them|an?|one"
        r"|for)\b<FAR>(?:bikini|underwear|bra|selfies?|(?:pics?|pictures?|photos?) of (?:him|her"
        r"|them)sel\w+)\b",
        r"\b<CHILD> on (?:his|her) lap\b",
        r"\b(?:<ADULT>)\b<FAR>(?:while they|getting) (?:are )?chang(?:ed|ing)",
    ),
    matching=("a TA grabbed a child by the hair", "the coach kissed her", "mr p hit a boy"),
    passing=("the head hit the roof", "my colleague hurt her back"),
)
TAKEN_OR_CUT = Rule(
    name="taken-or-cut",
    why="SAFETY 6: forced marriage and FGM cannot be undone after the flight",
    any_of=(
        r"\bfgm\b|\bgenital|\bcut down there|\bforced marriage",
        r"\b(?:forced|made|going) to (?:get )?marr(?:y|ied)",
        r"\b(?:abroad|taken|taking|sent|fly|flying)\b<FAR>(?:marri\w+|marry|wedding|the ceremony"
        r"|be cut)\b",
    ),
    matching=("being taken abroad to be married", "she says her sister had fgm"),
    passing=("my sister is getting married in June", "closing ceremony"),
)
EXPLOITED = Rule(
    name="exploited",
    why="SAFETY 6: a child used by others to carry or sell",
    any_of=(
        r"\bcounty lines\b|\btrap house|\bdrugs? (?:runs?|debt)|\bowes (?:them|some|a dealer)",
        r"\b(?:selling|carrying|dealing|running|moving) (?:drugs|weed|gear|for (?:them|older))",
    ),
    matching=("he's selling drugs for older lads", "I think it's county lines"),
    passing=("selling raffle tickets", "the run for charity"),
)
ATTACK_OR_TRAVEL = Rule(
    name="attack-or-travel",
    why="SAFETY 17: 999 where an attack or travel is feared",
    any_of=(
        r"\b(?:go(?:ing)?|fly(?:ing)?|flight|ticket|travel\w*) to\b<FAR>(?:fight|join (?:isis|the"
        r"|them|a|his))\b",
        r"\bjoin(?:ing)? isis|\bmake a bomb|\bblow(?:n|ing)? (?:it |them )?up\b|\bmanifesto about",
        r"\bneeds to burn|\bmartyr",
    ),
    matching=("he says he is going to Syria to fight", "that place needs to burn"),
    passing=("the party's manifesto for the mock election", "flight to Spain for the trip"),
)
UNCARED_FOR = Rule(
    name="uncared-for-now",
    why="SAFETY 6: a child with someone who cannot keep them safe, or with no one",
    any_of=(
        r"\b<KIN>\b<FAR>(?:drunk|off (?:her|his) (?:face|head)|stoned|smell\w* of (?:drink|alcohol"
        r"|booze))\b",
        r"\bhome alone\b|\bleft (?:alone|on (?:his|her|their) own)|\bhome since",
        r"\bnot allowed (?:to eat|food)|\bstarv\w+",
    ),
    matching=("mum is drunk at the gate", "the twins are left on their own at night"),
    passing=("the children's drawings were left on the wall",),
)
TOLD_OF_HARM = Rule(
    name="told-of-harm",
    why="SAFETY 10, 11: the words staff use when a child has just told them",
    any_of=(
        r"\b(?:has|have|had|ive|just|she|he|<CHILD>)\b<NEAR>disclos(?:ed|ing|ure)\b",
        r"\bdisclosure (?:from|off)\b|\bin danger\b|\bchild protection\b<NEAR>(?:now|urgent|ring|call)",
        r"\bhurt(?:ing)? (?:a|that) child",
        r"\b(?:need|get|ring|call|want) (?:the |a )?(?:dsl|safeguarding)(?: lead)?\b<NEAR>(?:now"
        r"|urgent\w*|asap)",
    ),
    matching=("a y7 has disclosed to me", "need the DSL now", "I think she's in danger"),
    passing=("non-disclosure agreement", "who is the DSL"),
)

# A live message with one of these is urgent, whatever its likeness says.
DANGER = (
    *(SUICIDE, SELF_HARM, COLLAPSE, SEXUAL_IMAGE, SEXUAL_HARM, UNDERAGE_SEX, HOME_VIOLENCE, MARKS),
    *(AFRAID_OF_HOME, MEETING, GROOMING, BLACKMAIL, MISSING, WEAPON, THREAT, ADULT_HARMS, TAKEN_OR_CUT),
    *(EXPLOITED, ATTACK_OR_TRAVEL, UNCARED_FOR, TOLD_OF_HARM),
)
