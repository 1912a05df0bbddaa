"""The pieces that the rules about stance are made of; sentences come in lower case, with straight quotes."""

import re
from pathlib import Path

from index.references import LEAVE_GIVEN

# fmt: off
SCHOOL = r"(?:school|trust|academy|college|nursery|federation|council|we)"
LEADERS = (
    rf"(?:{SCHOOL}|employer|governing body|governors|trustees|board|head|headteacher|head teacher"
    r"|head of school|principal|leadership team|it team|it support|slt|police|local authority)")
PEOPLE = (
    r"(?:staff|i|you|they|everyone|everybody|anyone|body|support|team|famil(?:y|ies)|children|coach(?:es)?"
    r"|(?:member|employee|aider|owner|host|therapist|administrator|organiser|hirer|starter|guest|candidate"
    r"|clerk|colleague|adult|teacher|assistant|tutor|trainee|volunteer|visitor|worker|contractor|mentor"
    r"|parent|carer|pupil|student|leaver|user|individual|practitioner|lead|leader|manager|officer"
    r"|co-?ordinator|head|headteacher|principal|governor)s?)")
NEAR_PEOPLE = rf"\b{PEOPLE}\b[^.;]{{0,50}}$"
STAFF = (
    r"(?:staff|you|they|i|everyone|everybody|adults?|colleagues?|employees?|teachers?|tutors?|coach(?:es)?"
    r"|volunteers?|visitors?|contractors?|mentors?|trainees?|assistants?|practitioners?|pupils?|students?"
    r"|learners?|children)")
# Institutions, and people known by their office: what these "will" do says who does what.
OFFICE = (
    rf"(?:{SCHOOL}s?|academies|{LEADERS}|(?:governing )?bod(?:y|ies)|governors?|trustees?|directors?|chair"
    r"|clerk|heads?|(?:head ?teacher|principal)s?|deput(?:y|ies)|ceo|chief executive(?: officer)?"
    r"|leadership|management|leads?|leaders?|managers?|officers?|co-?ordinators?|technicians?|teams?"
    r"|department|office|support|hr|human resources|dd?sls?|dpo|lado|senco|slt|social care|diocese|parents?"
    r"|carers?|guardians?|famil(?:y|ies))")
NAMED = (
    rf"(?:(?!(?:{STAFF}|of|at|in|by|for|from|with|to|on|and|or|who|that|which|if|when|where|is"
    rf"|are)(?![\w'-]))[\w/'&-]+ ){{0,5}}?{OFFICE}(?: \([^()]*\))?(?: (?:of|in|at|for|across) (?:(?!(?:who"
    r"|which|that|is|are)\b)[\w'-]+ ){0,4}?[\w'-]+?)?")
MEMBER = r"(?:(?:an?|any|each|the|all) )?(?:(?:senior )?members? of )?"
OFFICES = rf"{MEMBER}{NAMED}(?:(?:, | and | or |, and |/| & ){MEMBER}{NAMED}){{0,4}}(?:, [^,.;]{{3,50}},)?"
OFTEN = r"(?:,? ?\b(?:also|therefore|always|normally|generally|still|then|first|similarly|at all times)\b,?)?"
DETERMINER = r"(?:an?|the|any|all|every|each|their|your|our|its|his|her|this|that|these|those)"
NOT = r"(?:not|never|under no circumstances|in no circumstances|at no time|at no point)\b"
MUST = (
    r"(?:must|should|shall|ought to|(?<!the )(?<!a )needs? to|ha(?:ve|s) to|would need to|(?:is|are"
    r"|will be) (?:expected|required|obliged|asked) to)")
DUTY = rf"(?:(?:{MUST}|will){OFTEN} )?(?:please )?"
LEAVE = (
    rf"(?:{LEAVE_GIVEN}|approve[ds]?|consent(?:s|ed)|authori[sz]e[ds]?|agree[ds]?|sign(?:ed|s)?[- ]off"
    r"|written authority)")
ACTS = (
    r"(?:accepted|added|admitted|allowed|amended|analysed|answered|appointed|approached|arranged|awarded"
    r"|booked|borrowed|bought|brought|carried|charged|cleaned|closed|collected|connected|contacted|copied"
    r"|created|delegated|deleted|destroyed|discussed|displayed|disposed of|downloaded|driven|edited"
    r"|examined|exchanged|excused|filmed|flown|followed|forwarded|given|granted|handed|hired|installed"
    r"|invited|kept|launched|left|lent|let|loaded|made|marked|mended|named|opened|operated|passed|permitted"
    r"|photographed|pictured|played|posted|printed|processed|published|purchased|put|quoted|received"
    r"|recorded|recycled|relayed|released|retained|returned|sent|set up|shared|shown|signed out|sold|stored"
    r"|streamed|switched|tagged|taken|taught|tried|trialled|uploaded|used|viewed|visited|waived|worn"
    r"|written)")
# After "may" or "can": what befalls someone, not what someone is free to do.
BEFALLS = (
    rf"(?:be(?! (?:{ACTS}|friends|friendly|in touch|present)\b)|become|have|lead|result|render|face"
    r"|give rise|cause|affect|apply|include|appear|seem|feel|find|need|lose|contain|come|happen|occur"
    r"|involve|mean|put|expose|damage|harm|constitute|amount|blur|compromise|produce|reveal|reflect|suffer"
    r"|expect|see|know|realise|think|want|get|still|also|even|well|sometimes|potentially|inadvertently"
    r"|unintentionally)\b")
# Read where the patterns are made: the list is part of them, only easier to keep as a file.
_FIRM, _, _ALSO_NOUNS = (
    Path(__file__).with_name("policy_verbs.txt").read_text(encoding="utf-8").partition("\n## "))
_VERBS = re.findall(r"(?m)^[a-z-]+$", _FIRM)
VERBS = rf"(?:{'|'.join(_VERBS)})"
NOUN_VERBS = rf"(?:{'|'.join(re.findall(r'(?m)^[a-z-]+$', _ALSO_NOUNS))})"
# What "each tutor", "anyone who …" does: "signs", "passes", "carries".
THIRD_PERSON = "(?:{})".format("|".join(
    verb[:-1] + "ies" if re.search("[^aeiou]y$", verb)
    else verb + ("es" if re.search("(?:s|sh|ch|x|o)$", verb) else "s")
    for verb in _VERBS))
# In front of an order: nothing, a fronted clause, the colon or the reason before it.
BEFORE_AN_ORDER = (
    r"(?:^|[;:] |, (?:so|but|then) |\bplease |(?:^|[;:] )(?:if|when|where|before|after|once|as soon as"
    r"|whenever|wherever|on|in|at|for|until|unless|should|during|while|whatever|since|because|as|to|by|from"
    r"|with|instead|however|every|each)\b[^;:]*, )(?:(?:please|kindly|always|then|first|immediately"
    r"|also) )*$")
ORDERED = (
    r"(?:^|(?<=[,;:] )|(?<=, so )|(?<=, but )|(?<=, then )|(?<=please )|(?<=kindly )|(?<=always )"
    rf"|(?<=first )|(?<=immediately ))(?:{VERBS}\b(?![-,/])(?! (?:of|with|from|for|is|are|has|was|made"
    r"|received|between|by|must|should|shall|may|can|will|were|had|would|often|which|through|under|within"
    rf"|than|outside|beyond)\b)|{NOUN_VERBS} (?:{DETERMINER}|it|them|yourself|out|only|up)\b)")
# fmt: on
