"""Stand-ins and builders that several test files share."""

from copy import deepcopy
from dataclasses import replace

from bot import app
from bot.domain.answers import Citation, Finding, Outcome, Stance
from bot.domain.schools import parse
from bot.errors import UnknownSchool
from tests.unit.toy import ToyEncoder

PLAIN_SCHOOL = {
    "name": "Fernhill School",
    "jurisdiction": "england",
    "person": [
        {"id": "amy", "name": "Amy Ash"},
        {"id": "ben", "name": "Ben Birch"},
        {"id": "cat", "name": "Cat Cole"},
        {"id": "dan", "name": "Dan Dale"},
    ],
    "people": {"dsl": ["amy"], "deputy_dsl": ["ben"], "head": ["cat"], "chair": ["dan"]},
    "contacts": {
        "dsl": "01632 960301",
        "deputy_dsl": "01632 960302",
        "head": "01632 960303",
        "chair": "01632 960304",
        "social_care": "01632 960305",
        "social_care_out_of_hours": "01632 960306",
        "lado": "01632 960307",
    },
    "policy": [{"title": "Online Conduct", "file": "conduct.txt"}],
}

SCHOOL_TOML = """
name = "{name}"
jurisdiction = "england"
sample = {sample}

[people]
dsl = ["amy"]
head = ["cat"]
chair = ["dan"]

[[person]]
id = "amy"
name = "Amy Ash"

[[person]]
id = "cat"
name = "Cat Cole"

[[person]]
id = "dan"
name = "Dan Dale"

[contacts]
dsl = "01632 960301"
head = "01632 960303"
chair = "01632 960304"
social_care = "01632 960305"
social_care_out_of_hours = "01632 960306"
lado = "01632 960307"
"""
POLICY_TOML = """
[[policy]]
title = "{title}"
file = "{file}"
"""


def a_school(school_id="fernhill", **changes):
    """A school with a person for each role and a number for each contact; None leaves a key out."""
    values = {**deepcopy(PLAIN_SCHOOL), **changes}
    return parse(school_id, {key: value for key, value in values.items() if value is not None})


def a_citation(text="Staff must not accept a friend request from a pupil.", **changes):
    """A clause that prohibits, unless told otherwise."""
    plain = Citation(
        school="fernhill",
        policy="Online Conduct",
        clause="6.2",
        item="",
        section="6 Contact with pupils",
        page=None,
        lead="",
        text=text,
        score=0.8,
        stance=Stance.PROHIBITED,
        dated="in force from 1 May 2025",
    )
    return replace(plain, **changes)


class FakeRetrieval:
    """Implements `ports.Retrieval` over clauses given as text; nearest is what shares most words."""

    def __init__(self, texts, outcome=Outcome.ANSWER, **found):
        self.outcome = outcome
        self.found = found
        self.error = None
        self.clauses = {}
        for school, group in texts.items():
            self.write(school, group)

    def write(self, school, texts):
        """Hold *texts* (or citations) as the clauses of *school*, instead of what was there."""
        self.clauses[school] = [self._clause(school, at, text) for at, text in enumerate(texts, 1)]

    def fail_with(self, error):
        self.error = error

    def find(self, school, question):
        if self.error:
            raise self.error
        if school not in self.clauses:
            raise UnknownSchool(f"{school}: none of its documents could be indexed")
        asked = _words(question)
        scored = [replace(each, score=_share(asked, each)) for each in self.clauses[school]]
        best = tuple(sorted(scored, key=lambda each: -each.score)[:5])
        outcome = self.outcome if best else Outcome.NONE
        return Finding(outcome, best, tuple(dict.fromkeys(each.section for each in best)), **self.found)

    def _clause(self, school, at, text):
        if isinstance(text, Citation):
            return replace(text, school=school)
        return a_citation(text, school=school, clause=f"1.{at}")


def _words(text):
    return {word.strip(".,;:?!") for word in text.casefold().split()}


def _share(asked, citation):
    own = _words(citation.quote)
    return round(len(asked & own) / (len(asked) * len(own)) ** 0.5, 4) if asked and own else 0.0


def write_school(policies, school="fernhill", documents=None, *, name=None, sample=False, toml=SCHOOL_TOML):
    """Write a school's folder: *documents* by file name, each listed as a policy named after its file."""
    folder = policies / school
    folder.mkdir(parents=True, exist_ok=True)
    documents = {"conduct.txt": "1.1 Staff must tell the head."} if documents is None else documents
    listed = [POLICY_TOML.format(title=file.partition(".")[0].title(), file=file) for file in documents]
    head = toml.format(name=name or f"{school.title()} School", sample=str(sample).lower())
    (folder / "school.toml").write_text(head + "".join(listed), "utf-8")
    for file, content in documents.items():
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        else:
            (folder / file).write_text(content, "utf-8")
    return folder


class ToyModel:
    """Stands where `app` expects `SentenceEncoder`; *encoders* are all that were opened."""

    def __init__(self):
        self.encoders = []

    def open(self, model=None):
        self.encoders.append(ToyEncoder("toy", 512))
        return self.encoders[-1]


def use_toy_model(monkeypatch):
    """Wire the toy encoder in: the rules of triage alone decide, and a few shared words make an answer."""
    model = ToyModel()
    monkeypatch.setattr(app, "SentenceEncoder", model)
    monkeypatch.setattr(app, "encoder_name", lambda model=None: "toy")
    monkeypatch.setattr(app, "phrase_files", lambda folder: {})
    monkeypatch.setattr(app.TopicMap, "load", lambda: None)
    monkeypatch.setattr(app.Interaction, "load", lambda: None)
    fitted = app.Certainty({"best": 40.0}, -14.0, answer=0.5, nearest=0.01)
    monkeypatch.setattr(app.Certainty, "load", lambda: fitted)
    return model
