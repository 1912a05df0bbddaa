"""Whom of a school's people a text names: by role, name, another name or handle. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher

from bot.domain.schools import Person, School

# Staff's titles for the people whom school.toml knows by role, the more particular first.
_TITLES = (
    (
        "safeguarding_governor",
        re.compile(r"safeguarding (?:governor|trustee)|governor for safeguarding", re.I),
    ),
    ("trust_lead", re.compile(r"\btrust['’]?s? (?:\w+ )?safeguarding (?:lead|officer)", re.I)),
    (
        "deputy_dsl",
        re.compile(r"\bdeput\w+ (?:designated )?(?:safeguarding(?: (?:lead|officer))?|dsl)\b|\bddsl\b", re.I),
    ),
    (
        "dsl",
        re.compile(
            r"\bdsl\b|safeguarding (?:lead|officer)|designated safeguarding|child protection lead", re.I
        ),
    ),
    ("chair", re.compile(r"\bchair(?:man|woman|person)?\b", re.I)),
    # Staff leave the apostrophe out: "the heads been texting them".
    (
        "head",
        re.compile(r"\b(?:head[ -]?(?:teacher|master|mistress)s?|ht|principal|head|(?<=the )heads)\b", re.I),
    ),
    ("lado", re.compile(r"\blado\b|designated officer", re.I)),
    ("prevent", re.compile(r"\bprevent (?:team|lead|officer)", re.I)),
)
_OF_THE_SCHOOL = r"(?:(?:the|this|our|my|your)[ ])?(?:school|academy|college|centre)\b"
_GOING = r"(?:to|for|off|home|out|back|down|over|into|towards?|up|straight)"
_HURTING = (
    r"(?:hit|hurt|str[iu]ck|bang\w*|bump\w*|smack\w*|slap\w*|kick\w*|punch\w*|tap\w*"
    r"|pat|patted|cut|bruis\w+|lump)"
)
_SITTING = (
    r"(?:s[ai]t\w*|st[oa]+n?d\w*|jump\w*|climb\w*|fell|fall\w*|put|left|laid|coat|bag|phone|tied|slept)"
)
_MOVING = (
    r"(?:thr[eo]w\w*|kick\w*|push\w*|pull\w*|lift\w*|smash\w*|br[eo]+a?k\w*|mov\w+|stack\w*|grab\w*|swung"
    r"|pick\w*[ ]up|knock\w*[ ]over)"
)
_TEACHER = r"[ -]?(?:teacher|master|mistress)"
# Where "head", "chair" and "principal" name nobody with that role; cut out before titles are looked for.
_NOT_A_ROLE = re.compile(
    rf"""
      \b(?:deputy|assistant|asst\.?|associate|vice)[ -](?:head(?:{_TEACHER})?|principal|chair(?:man|woman)?)\b
    | \bhead[ ]of[ ](?!{_OF_THE_SCHOOL}) | \bheads[ ](?:of|up)\b
    | \bhead[ -](?:office|girl|boy|lice|louse|start|count|first|ache|injur\w+|wound|trauma|butt\w*|lock|scarf
        |band|phones?|set|gear|shot|torch|rest|space|collar|guard|over|on|to[ ]toe)\b
    | \b(?:to|i|we|they|you|will|ll|should|can|could|would|must|might|just|please|lets|let's|then|and)
        [ ]head[ ]{_GOING}\b
    | \b(?:his|her|their|its|an?|own|bald|shaved|sore|bang\w*|bump\w*|shak\w+|shook)[ ]heads?\b(?!{_TEACHER})
    | \b(?!school|academy|college)\w+'s[ ]head\b(?!{_TEACHER})
    | \bmy[ ]head[ ](?:hurts?|aches?|in\b|is[ ]spinning|spins?)
    | \b{_HURTING}[ ](?:\w+[ ]){{0,3}}(?:on|over|in|round|around|to)[ ]the[ ]head\b(?!'s|{_TEACHER}|[ ]of[ ])
    | \b(?:blow|injury|wound|shot)[ ]to[ ]the[ ]head\b
    | \b{_SITTING}[ ](?:\w+[ ]){{0,3}}(?:on|onto|in|off|under|behind|over|from|against|to)
        [ ](?:the|my|your|this|that)[ ]chair\b(?!'s|[ ]of[ ])
    | \b{_MOVING}[ ](?:the|my|your|that|this)[ ]chair\b(?!'s|[ ]of[ ])
    | \b(?:an?|his|her|their|arm|high|electric|plastic|broken|wheel|spare|empty)[ -]chair\b(?![ ]of[ ])
    | \bchair[ ](?:legs?|lift|backs?|seats?)\b
    | \btables?[ ](?:and|or)[ ](?:the[ ])?chair\b | \bchair[ ](?:and|or)[ ](?:the[ ])?(?:table|desk)\b
    | \b(?:to|will|who|should|can|i|we)[ ]chair[ ](?:the|a|our|this)\b
    | \bprincipal[ ](?:reason|aim|concern|purpose|cause|point|problem|issue|worry)s?\b
    """,
    re.I | re.X,
)
_HONORIFIC = r"(?:mr|mrs|ms|miss|mx|dr|sir|rev|prof)"
# Names that are words as well: they count with a capital or after "Mr" and its like, and not otherwise.
_EVERYDAY = re.compile(
    r"""
    april|art|ash|august|autumn|baker|ball|banks|barber|bell|best|bill|bird|bishop|black|bond|book
    |bridge|brook|brooks|brown|bush|butler|case|cat|chance|chase|child|church|close|cook|cooper|cross
    |dale|dawn|day|dean|dear|down|drew|early|east|english|fair|faith|farmer|field|fields|fisher|flood
    |ford|fox|frank|free|french|friend|frost|gates|gene|gold|good|grace|grant|gray|green|grey|guest
    |guy|hall|hand|hardy|heath|hill|holder|home|hood|hope|house|hunt|hunter|iris|ivy|jack|jo|joy|june
    |keen|key|king|knight|lake|lamb|lane|law|lily|little|long|lord|love|low|major|mark|marks|marsh
    |mason|may|miles|mill|mills|moon|moss|nick|noble|north|page|park|pat|pearl|penny|pepper|pope|poppy
    |porter|post|potter|power|price|prince|quick|ray|read|rich|ring|rob|robin|rose|rowan|ruby|rush
    |sale|self|sharp|shepherd|short|silver|singer|small|smart|snow|stone|street|strong|sue|summer
    |summers|swan|sweet|swift|tall|temple|thorn|tower|town|violet|walker|wall|ward|waters|way|weeks
    |wells|west|white|will|winter|wise|wolf|wood|woods|worth|young
    """,
    re.I | re.X,
)
_ROLE_WORDS = re.compile(
    r"""
    admin|and|chair|deputy|dsl|governor|head|headteacher|lead|leader|leadership|manager|office
    |officer|principal|safeguarding|staff|teacher|team|the|trustee
    """,
    re.I | re.X,
)


# Spellings that sound alike, as staff write down what they heard: "Kole", "Philips", "Reade".
_ALIKE = (("ph", "f"), ("ck", "k"), ("c", "k"), ("y", "i"), ("z", "s"))
_NEAR = 0.8


def named_in(school: School, text: str) -> frozenset[str]:
    """
    The ids of those of the school's people whom *text* names (SAFETY 8, 12, 14).

    By role, name, first name or surname, another name, e-mail or chat id. In doubt somebody is named:
    asking once more costs a moment, telling the person concerned cannot be undone.
    """
    words = _plain(text)
    named = {person.id for person in school.people if _names(words, person, _whole_names(school, person))}
    return frozenset(
        named | {person.id for role in _roles_in(words, school) for person in school.holders(role)}
    )


def nearly_named(school: School, name: str) -> frozenset[str]:
    """
    The ids of those of the school's people whom *name*, perhaps misspelt, may mean (SAFETY 12, 14).

    *name* stands where somebody is said to have done something: whole name or surname as it sounds, the
    first name alone or its beginning, initials. In doubt somebody is meant, as for `named_in`.
    """
    given = _name_words(name)
    return frozenset(
        person.id
        for person in school.people
        for known in (person.name, *_whole_names(school, person))
        if given and _nearly(given, _name_words(known))
    )


def one_meant(school: School, name: str, ticked: Collection[str]) -> str:
    """
    The id of the one person of the school whom *name* means; "" where nobody or more than one may be.

    A whole name is enough; part of one, or a role, is where the reporter *ticked* that person too.
    """
    found = [person for person in school.people if person.id in named_in(school, name)]
    if len(found) != 1:
        return ""
    given = _name_words(name)
    known = [_name_words(each) for each in (found[0].name, *_whole_names(school, found[0]))]
    if len(given) > 1 and given in known:
        return found[0].id
    # "Sam Vale" is not Sam Holt, ticked or not.
    own = {word for words in known for word in words}
    return found[0].id if found[0].id in ticked and own.issuperset(given) else ""


def _name_words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without titles and words for a role; "A.H." is two."""
    plain = re.sub(r"\(.*?\)|\ban? (?=\w{3})", " ", _plain(name).casefold())
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", plain)
    return tuple(
        word for word in words if not re.fullmatch(_HONORIFIC, word) and not _ROLE_WORDS.fullmatch(word)
    )


def _nearly(given: tuple[str, ...], known: tuple[str, ...]) -> bool:
    if not known:
        return False
    surname = known[-1]
    pieces = {surname, *(piece for piece in surname.split("-") if len(piece) > 2)}
    return (
        _near(" ".join(given), " ".join(known))
        or any(_near(word, piece) for word in given for piece in pieces if len(word) > 1)
        or (len(given) == 1 and _is_first(given[0], known[0]))
        or _are_initials(given, known)
    )


def _is_first(word: str, first: str) -> bool:
    """Whether *word*, alone, is a first name or its beginning: "Den" for Denise."""
    return (len(word) > 2 and first.startswith(word)) or (len(word) > 1 and _near(word, first))


def _are_initials(given: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether *given* is "A.H.", "AH", "A.J.H.", "Amy H." or "H." of Amy Hail."""
    ends = (known[0][0], known[-1][0])
    if len(given) == 1:
        letters = given[0]
        return letters in {*ends, "".join(ends), "".join(word[0] for word in known)}
    if all(len(word) == 1 for word in given):
        return (given[0], given[-1]) == ends
    return len(given[-1]) == 1 and given[-1] == ends[1] and _is_first(given[0], known[0])


def _near(one: str, two: str) -> bool:
    pairs = ((one, two), (_sound(one), _sound(two)))
    return any(SequenceMatcher(None, *pair).ratio() >= _NEAR for pair in pairs)


def _sound(word: str) -> str:
    for written, heard in _ALIKE:
        word = word.replace(written, heard)
    return re.sub(r"(?<=..)e\b", "", re.sub(r"(.)\1", r"\1", word))


def role_of(school: School, words: str) -> str:
    """The role that a short phrase stands for, such as "the headteacher"; "" when the school knows none."""
    return next(_roles_in(_plain(words), school), "")


def _roles_in(text: str, school: School) -> Iterator[str]:
    """Every role in *text*; words that stood for one role ("deputy DSL") do not stand for a second one."""
    left = _NOT_A_ROLE.sub(" , ", text)
    for role, title in _TITLES:
        left, found = title.subn(" , ", left)
        if found:
            yield role
    titled = {role for role, _ in _TITLES}
    yield from (
        role for role in school.roles if role not in titled and _has(left, role.replace("_", " "), "s?")
    )


def _whole_names(school: School, person: Person) -> tuple[str, ...]:
    """Name and other names, without a title that their role has anyway ("headteacher")."""
    held = {role for role, holders in school.roles.items() if person.id in holders}
    return tuple(
        name
        for name in (person.name, *person.also_known_as)
        if not _ROLE_WORDS.fullmatch(_plain(name)) and role_of(school, name) not in held
    )


def _names(text: str, person: Person, whole: tuple[str, ...]) -> bool:
    if any(_has_name(text, name) for name in whole):
        return True
    return any(_has(text, handle) for handle in _handles(person)) or _has_part(text, person)


def _handles(person: Person) -> Iterator[str]:
    yield from (each for each in (person.email, person.slack, person.teams) if each)
    local = person.email.partition("@")[0]
    # "a.cole" is nobody else; "office" and "amy" are words.
    if re.search(r"\w[._\d]", local):
        yield local


def _has_part(text: str, person: Person) -> bool:
    """Whether the first name or the surname stands there alone, or "Mr C" does for Mr Cole."""
    parts = [
        part for part in re.sub(r"\(.*?\)", " ", _plain(person.name)).split() if len(part.strip(".")) > 1
    ]
    while parts and re.fullmatch(_HONORIFIC, parts[0].strip("."), re.I):
        parts = parts[1:]
    if not parts:
        return False
    surname = parts[-1]
    if _ROLE_WORDS.fullmatch(surname):
        # "ICT manager" is no surname, and Mrs Head is not every head.
        return _has_titled(text, surname)
    pieces = {parts[0], surname, *(piece for piece in surname.split("-") if len(piece) > 2)}
    # A capital after the initial begins another surname: "Mr C Smith".
    initial = rf"\b(?i:{_HONORIFIC}\.? {re.escape(surname[0])})(?![\w-])(?! [A-Z][a-z])"
    return any(_has_name(text, piece) for piece in pieces) or bool(re.search(initial, text))


def _has_name(text: str, name: str) -> bool:
    plain = _plain(name)
    if not plain:
        return False
    if len(plain) > 2 and not _EVERYDAY.fullmatch(plain):
        return _has(text, plain, "s?")
    capital = rf"(?<![\w'-]){re.escape(plain[:1].upper())}(?i:{re.escape(plain[1:])})(?![\w-])"
    return re.search(capital, text) is not None or _has_titled(text, plain)


def _has_titled(text: str, surname: str) -> bool:
    titled = rf"\b{_HONORIFIC}\.? (?:\w\.? )?{re.escape(surname)}s?\b"
    return re.search(titled, text, re.I) is not None


def _has(text: str, words: str, ending: str = "") -> bool:
    spaced = r"\s+".join(re.escape(word) for word in _plain(words).split())
    return re.search(rf"(?<!\w){spaced}{ending}(?!\w)", text, re.I) is not None


def _plain(text: str) -> str:
    """*text* without accents and with one kind of apostrophe, dash and space, its capitals kept."""
    letters = (each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    one = "".join(letters).translate(str.maketrans("’‘`´‐‑–—", "''''----"))
    return re.sub(r"\s+", " ", one).strip()
