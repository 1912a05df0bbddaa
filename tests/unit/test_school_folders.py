import os

import pytest

from bot.errors import ConfigurationError
from bot.school_folders import load

SCHOOL = """
name = "Tideway School"
jurisdiction = "england"

[people]
dsl = ["U0000DSL"]
head = ["U0000HEAD"]
chair = ["chair@tideway.example"]

[[policy]]
title = "Social media"
file = "{file}"
"""


def add_school(root, name="tideway", toml=SCHOOL, file="social-media.txt", documents=("social-media.txt",)):
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "school.toml").write_text(toml.format(file=file), "utf-8")
    for each in documents:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text("1 Staff must tell the head.", "utf-8")
    return folder


def the_error(root):
    with pytest.raises(ConfigurationError) as caught:
        load(root)
    return str(caught.value)


def test_each_folder_is_a_school_with_its_documents(tmp_path):
    add_school(tmp_path, "tideway")
    add_school(tmp_path, "ashgrove", file="rules/social.md", documents=["rules/social.md"])

    found = load(tmp_path)

    assert list(found.schools) == ["ashgrove", "tideway"]
    assert found.schools["tideway"].name == "Tideway School"
    assert [each.path for each in found.folders["ashgrove"].documents] == [
        tmp_path / "ashgrove" / "rules" / "social.md"
    ]
    assert found.folders["tideway"].documents[0].policy.title == "Social media"
    assert found.all_problems == ()


def test_a_broken_school_does_not_stop_the_others(tmp_path):
    add_school(tmp_path, "tideway")
    add_school(tmp_path, "ashgrove", toml=SCHOOL.replace("title", "titel"))

    found = load(tmp_path)

    assert list(found.schools) == ["tideway"]
    assert found.problems == (
        f'{tmp_path}/ashgrove/school.toml: [[policy]] has no key "titel"; did you mean "title"?',
    )


def test_when_every_school_is_broken_each_reason_is_a_line(tmp_path):
    add_school(tmp_path, "ashgrove", toml=SCHOOL.replace("title", "titel"))
    add_school(tmp_path, "tideway", toml=SCHOOL.replace("head =", "haed ="))

    lines = the_error(tmp_path).splitlines()

    assert [line.split(": ")[0] for line in lines] == [
        f"{tmp_path}/ashgrove/school.toml",
        f"{tmp_path}/tideway/school.toml",
    ]


# The folder itself


def test_a_policies_folder_that_is_not_there_says_what_to_do(tmp_path):
    message = the_error(tmp_path / "polices")

    assert message == (
        f"{tmp_path}/polices: there is no such folder; "
        "name the folder of schools with --policies or STAFFROOM_POLICIES"
    )


def test_a_file_in_place_of_the_folder_says_what_to_do(tmp_path):
    (tmp_path / "policies").write_text("", "utf-8")

    message = the_error(tmp_path / "policies")

    assert "cannot be read (Not a directory); name the folder of schools" in message


def test_a_folder_without_schools_says_what_to_do(tmp_path):
    (tmp_path / "social-media.txt").write_text("1 Staff must not.", "utf-8")

    assert "no school in it; give each school a folder with a school.toml" in the_error(tmp_path)


def test_a_single_schools_folder_is_told_apart(tmp_path):
    folder = add_school(tmp_path)

    assert the_error(folder) == (
        f"{folder}: this is one school's folder; name the folder it lies in ({tmp_path})"
    )


def test_hidden_folders_and_files_are_left_alone(tmp_path):
    documents = ["social-media.txt", ".notes.txt", ".git/config.txt", "~$social-media.docx", "Thumbs.db"]
    add_school(tmp_path, documents=documents)
    add_school(tmp_path, ".archive", toml="broken")

    found = load(tmp_path)

    assert list(found.schools) == ["tideway"]
    assert found.all_problems == ()


def test_a_folder_without_school_toml_is_named_with_what_may_be_meant_for_it(tmp_path):
    add_school(tmp_path)
    folder = add_school(tmp_path, "ashgrove")
    (folder / "school.toml").rename(folder / "School.toml.txt")

    found = load(tmp_path)

    assert found.problems == (f'{folder}: has no school.toml; is "School.toml.txt" meant for it?',)


def test_a_folder_name_that_would_break_a_line_is_refused(tmp_path):
    add_school(tmp_path)
    add_school(tmp_path, "ash\ngrove")

    found = load(tmp_path)

    assert found.problems == (f"{tmp_path}: the folder 'ash\\ngrove' needs a name that can be printed",)


# school.toml


def test_a_toml_mistake_is_named_with_its_line(tmp_path):
    add_school(tmp_path, toml='name = "Tideway"\njurisdiction = england\n')

    message = the_error(tmp_path)

    assert message.startswith(f"{tmp_path}/tideway/school.toml: is not well-formed TOML: ")
    assert "at line 2" in message


def test_a_toml_mistake_at_the_end_has_a_line_too(tmp_path):
    add_school(tmp_path, toml='name = "Tideway"\njurisdiction = ')

    assert "at line 2, the end of the file" in the_error(tmp_path)


def test_letters_that_are_not_utf8_are_named_with_their_line(tmp_path):
    folder = add_school(tmp_path)
    (folder / "school.toml").write_bytes(
        'jurisdiction = "wales"\nname = "Ysgol Llŷn £"\n'.encode("cp1252", "replace")
    )

    assert the_error(tmp_path).endswith("line 2 has a letter that is not UTF-8; save the file as UTF-8")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    folder = add_school(tmp_path)
    (folder / "school.toml").write_text(SCHOOL.format(file="social-media.txt"), "utf-8-sig")

    assert list(load(tmp_path).schools) == ["tideway"]


def test_a_school_toml_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "tideway" / "school.toml").mkdir(parents=True)

    assert the_error(tmp_path) == f"{tmp_path}/tideway/school.toml: cannot be read (Is a directory)"


# Documents


def test_a_missing_document_is_named_with_the_nearest_file(tmp_path):
    folder = add_school(tmp_path, file="socialmedia.txt")

    found = load(tmp_path).folders["tideway"]

    assert found.documents == ()
    assert found.problems[0] == (
        f'{folder}/school.toml: [[policy]] file "socialmedia.txt" is not there; '
        'did you mean "social-media.txt"?'
    )


def test_a_missing_document_does_not_stop_the_schools_other_documents(tmp_path):
    toml = SCHOOL + '\n[[policy]]\ntitle = "Phones"\nfile = "phones.pdf"\n'
    add_school(tmp_path, toml=toml)

    found = load(tmp_path).folders["tideway"]

    assert [each.policy.title for each in found.documents] == ["Social media"]
    assert len(found.problems) == 1


def test_a_folder_in_place_of_a_document_is_not_a_document(tmp_path):
    folder = add_school(tmp_path, documents=[])
    (folder / "social-media.txt").mkdir()

    assert '"social-media.txt" is not there' in load(tmp_path).all_problems[0]


def test_a_document_that_is_not_listed_is_named_and_not_indexed(tmp_path):
    folder = add_school(tmp_path, documents=["social-media.txt", "phones.pdf", "old/phones.docx"])

    found = load(tmp_path).folders["tideway"]

    assert [each.path.name for each in found.documents] == ["social-media.txt"]
    assert found.problems == (
        f"{folder}: old/phones.docx is not listed in school.toml, so it is not indexed; "
        "add a [[policy]] for it, or move it away",
        f"{folder}: phones.pdf is not listed in school.toml, so it is not indexed; "
        "add a [[policy]] for it, or move it away",
    )


def test_a_second_file_of_a_listed_policy_is_told_which_one_counts(tmp_path):
    add_school(tmp_path, documents=["social-media.txt", "Social-Media.docx"])

    problems = load(tmp_path).all_problems

    assert problems[0].endswith('not indexed; "social-media.txt" is the one it lists')


@pytest.mark.parametrize("file", ["../ashgrove/social-media.txt", "/etc/hostname", "a/../../outside.txt"])
def test_a_path_that_leaves_the_schools_folder_is_refused(tmp_path, file):
    add_school(tmp_path, "ashgrove")
    add_school(tmp_path, file=file, documents=[])

    found = load(tmp_path).folders["tideway"]

    assert found.documents == ()
    assert f'file "{file}" lies outside the school\'s folder' in found.problems[0]


def test_a_link_that_leaves_the_schools_folder_is_refused(tmp_path):
    folder = add_school(tmp_path / "policies", documents=[])
    (tmp_path / "elsewhere.txt").write_text("1 Staff must not.", "utf-8")
    (folder / "social-media.txt").symlink_to(tmp_path / "elsewhere.txt")

    found = load(tmp_path / "policies").folders["tideway"]

    assert found.documents == ()
    assert "lies outside the school's folder" in found.problems[0]


def test_a_linked_folder_is_not_a_way_out_either(tmp_path):
    folder = add_school(tmp_path / "policies", file="more/a.txt", documents=[])
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text("1 Staff must not.", "utf-8")
    os.symlink(tmp_path / "more", folder / "more")

    assert load(tmp_path / "policies").folders["tideway"].documents == ()


def test_a_link_to_itself_is_a_missing_document(tmp_path):
    folder = add_school(tmp_path, documents=[])
    (folder / "social-media.txt").symlink_to(folder / "social-media.txt")

    assert '"social-media.txt" is not there' in load(tmp_path).all_problems[0]


def test_a_link_that_stays_inside_is_a_document(tmp_path):
    folder = add_school(tmp_path, documents=["text.md"])
    (folder / "social-media.txt").symlink_to(folder / "text.md")

    assert len(load(tmp_path).folders["tideway"].documents) == 1
