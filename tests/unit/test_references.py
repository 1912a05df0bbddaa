"""What a clause names besides its rule: other clauses, defined terms, exceptions, people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.clauses import Clause
from index.references import Reference, defined_terms_used, definitions, exceptions, find, people, resolve


def a_clause(number="1.1", text="Words.", section="Scope", lead="", item=""):
    return Clause(number=number, item=item, section=section, lead=lead, text=text)


def targets(text):
    return [reference.target for reference in find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Accounts follow section 7.", [("section 7", "7")]),
        ("See paragraph 3.2 and clause 6.7.", [("paragraph 3.2", "3.2"), ("clause 6.7", "6.7")]),
        ("As defined in paragraph 3 of this policy, …", [("paragraph 3 of this policy", "3")]),
        ("Sections 4 and 5 apply.", [("Sections 4 and 5", "4"), ("Sections 4 and 5", "5")]),
        ("Fill in the form in Appendix 1.", [("Appendix 1", "Appendix 1")]),
        ("APPENDIX B lists them.", [("APPENDIX B", "Appendix B")]),
        ("Appendices A and C.", [("Appendices A and C", "Appendix A"), ("Appendices A and C", "Appendix C")]),
        ("The form is in the appendix.", [("appendix", "Appendix")]),
        ("Rule A3 still holds.", [("Rule A3", "A3")]),
        ("Family members are different (see 6.7).", [("6.7", "6.7")]),
        ("Section 2 of the policy.", [("Section 2 of the policy", "2")]),
    ],
)
def test_a_pointer_into_the_policy_is_found_as_printed(text, found):
    assert [(reference.text, reference.target) for reference in find(text)] == found


def test_a_range_of_sections_points_at_each_of_them():
    assert targets("Sections 4 to 7 apply to volunteers.") == ["4", "5", "6", "7"]


@pytest.mark.parametrize(
    "text",
    [
        "Section 26 of the Counter-Terrorism and Security Act 2015 applies.",
        "section 175 of the Education Act 2002",
        "paragraph 5 of KCSIE",
        "KCSIE, paragraph 5",
        "the Children Act 1989, section 17",
        "section 62 Coroners and Justice Act 2009",
        "Part 2 of the Act and Article 8 of the Convention",
        "section 4 of the Staff Handbook",
        "section 3 of our safeguarding policy",
        "paragraphs 12 and 13 of the statutory guidance",
        "this section of the school; a clause in a contract",
    ],
)
def test_a_pointer_into_another_document_is_passed_over(text):
    assert find(text) == ()


def test_a_number_leads_to_its_clause_and_not_to_a_longer_number():
    clauses = [a_clause("3.2"), a_clause("3.21"), a_clause("3.2", item="1")]

    found = resolve(Reference("clause 3.2", "3.2"), clauses)

    assert found == (clauses[0], clauses[2])


@pytest.mark.parametrize("heading", ["7 Monitoring", "7. Monitoring", "Section 7: Monitoring"])
def test_a_section_leads_to_the_first_clauses_under_its_heading(heading):
    clauses = [a_clause(f"{heading}, paragraph {n}", section=heading) for n in range(1, 8)]
    other = a_clause("70 Rooms, paragraph 1", section="70 Rooms")

    found = resolve(Reference("section 7", "7"), [other, *clauses])

    assert found == tuple(clauses[:5])


def test_a_section_whose_heading_prints_no_number_is_known_by_its_clauses_numbers():
    clauses = [a_clause("7.1", section="Monitoring"), a_clause("70.1", section="Rooms")]

    assert resolve(Reference("section 7", "7"), clauses) == (clauses[0],)


def test_an_appendix_is_known_by_its_heading_in_any_case():
    clauses = [
        a_clause("x", section="APPENDIX 1: Request form"),
        a_clause("y", section="Appendix 12"),
    ]

    assert resolve(Reference("Appendix 1", "Appendix 1"), clauses) == (clauses[0],)


def test_a_pointer_to_nothing_leads_nowhere():
    assert resolve(Reference("section 9", "9"), [a_clause("1.1")]) == ()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("“Social media” means any site where people share.", ["social media"]),
        ("'Trolling' can be defined as upsetting people for sport.", ["trolling"]),
        ("Trolling” can be defined as upsetting people for sport.", ["trolling"]),
        ("personal data - means facts about a person.", ["personal data"]),
        ("staff/workers in school – means everyone paid.", ["staff", "workers in school"]),
        ("All of these are collectively referred to as ‘staff members’ in this policy.", ["staff members"]),
        ("This is the policy of Alder Bank Primary (“the School”).", ["school"]),
        ("Riverbend Learning Trust (at times just referred to as ‘Riverbend’) runs it.", ["riverbend"]),
        ("Cyberbullying is the term used for cruelty online.", ["cyberbullying"]),
        ("This means that staff wait.", []),
        ("Keeping safe means asking first.", []),
    ],
)
def test_a_definition_is_known_by_its_words(text, terms):
    clause = a_clause(text=text)

    assert definitions([clause]) == dict.fromkeys(terms, clause)


@pytest.mark.parametrize(
    "text", ["Device: any phone or tablet.", "Device – any phone.", "Device | Any phone"]
)
def test_a_line_under_a_glossary_heading_is_a_definition_and_elsewhere_is_not(text):
    entry = a_clause(text=text, section="2. Definitions")
    elsewhere = a_clause(text=text, section="Phones")

    assert definitions([entry]) == {"device": entry}
    assert definitions([elsewhere]) == {}


def test_the_first_definition_of_a_term_holds():
    first, second = a_clause(text="Staff means all of us."), a_clause(text="Staff means others.")

    assert definitions([first, second]) == {"staff": first}


def test_a_longer_term_comes_first_and_hides_the_shorter_one_inside_it():
    media = a_clause(text="“media” means papers")
    social = a_clause(text="“social media” means sites")
    terms = {"media": media, "social media": social}

    assert defined_terms_used("Social media is used daily.", terms) == (social,)
    assert defined_terms_used("Media and social media.", terms) == (social, media)


def test_a_term_counts_only_as_a_whole_word_and_never_in_its_own_definition():
    clause = a_clause(text="“app” means a program")

    assert defined_terms_used("An apple.", {"app": clause}) == ()
    assert defined_terms_used(clause.text, {"app": clause}) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No contact, unless the pupils are family.", ("unless the pupils are family",)),
        ("Unless the head agrees, nobody films.", ("Unless the head agrees",)),
        (
            "Not used without the written permission of the head, ever.",
            ("without the written permission of the head",),
        ),
        (
            "Done with the approval of the trust (if any) and by post.",
            ("with the approval of the trust (if any)",),
        ),
        ("Nobody posts. Apart from the blog, and the shop.", ("Apart from the blog, and the shop",)),
        ("With the exception of one site, avoid it.", ("With the exception of one site",)),
        ("Staff (except drivers) must not.", ("except drivers",)),
        ("Staff, with the exception of drivers, must not.", ("with the exception of drivers",)),
        (
            "Apart from the blog, the shop and one forum, colleagues are advised not to post.",
            ("Apart from the blog, the shop and one forum",),
        ),
        ("Other than governors and family, think twice.", ("Other than governors and family",)),
        ("Save for emergencies you should not ring.", ("Save for emergencies",)),
        ("Yes, as long as you ask. Then go.", ("as long as you ask",)),
        ("Never film. The only exception is a drill.", ("The only exception is a drill",)),
        ("Services provided by us, in line with the consent rules.", ()),
        ("Subject to disciplinary action.", ()),
        ("Trips | With consent | List in office", ("With consent",)),
    ],
)
def test_an_exception_runs_as_far_as_it_goes_and_no_further(text, found):
    assert exceptions(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Report any concern to the designated safeguarding lead today.",
            ("the designated safeguarding lead",),
        ),
        ("Tell your line manager or the Head of School.", ("your line manager", "the Head of School")),
        ("This must be raised with a senior member of staff.", ("a senior member of staff",)),
        ("Ask the Data Protection Officer first.", ("the Data Protection Officer",)),
        ("Only with the permission of the headteacher.", ("the headteacher",)),
        ("Only with the head's approval.", ("the head",)),
        ("They must discuss it with their line manager.", ("their line manager",)),
        (
            "A member of the senior leadership team should be informed.",
            ("A member of the senior leadership team",),
        ),
        ("Unless the principal has agreed.", ("the principal",)),
        ("Do not insult pupils, the head or governors.", ()),
        ("The head reviews this policy.", ()),
        ("Information published may be monitored by the Head of School.", ()),
    ],
)
def test_people_to_ask_are_named_as_the_text_names_them(text, found):
    assert people(text) == found


@given(st.text(alphabet="section 1234.5AandtoAppendixof(),–policy ", max_size=120))
def test_every_reference_is_a_piece_of_the_text(text):
    assert all(reference.text in text and reference.target for reference in find(text))
