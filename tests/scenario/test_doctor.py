"""What `doctor` looks at: every fault is named with its mend, and one fault hides no other."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from bot import app
from bot.config import MAKE_KEY, Settings
from bot.console import cli
from bot.console.doctor import NOT_FRESH, checks
from bot.errors import ConfigurationError
from index.errors import WrongModel
from tests import openid_kit
from tests.fakes import SCHOOL_TOML, use_toy_model, write_school


@pytest.fixture
def settings(tmp_path, monkeypatch):
    use_toy_model(monkeypatch)
    write_school(tmp_path / "policies")
    return Settings(tmp_path / "policies", tmp_path / "data")


def look(settings):
    return list(checks(lambda: app.build(settings)))


def failed(settings):
    return [check.words for check in look(settings) if not check.passed]


def passed(settings):
    return [check.words for check in look(settings) if check.passed and not check.note]


def notes(settings):
    return [check.words for check in look(settings) if check.note]


def test_a_sound_installation_passes_every_check(settings):
    assert failed(settings) == []
    lines = passed(settings)
    assert any(line.startswith("sample mode") and str(settings.policies) in line for line in lines)
    assert "fernhill: Fernhill School, 1 policies, 3 people" in lines
    assert any("the index holds 1 clauses" in line for line in lines)
    assert "model: toy" in lines


def test_a_missing_number_is_named_with_file_and_role(settings):
    toml = SCHOOL_TOML.replace('lado = "01632 960307"', "").replace('chair = "01632 960304"', "")
    write_school(settings.policies, toml=toml)

    assert failed(settings) == ["fernhill/school.toml: [contacts] has no number for chair, lado; add them"]


def test_a_school_that_cannot_be_read_is_named_and_the_others_are_still_checked(settings):
    write_school(settings.policies, "oakdale", toml=SCHOOL_TOML.replace("jurisdiction", "juristiction"))

    assert [line for line in failed(settings) if "oakdale/school.toml" in line and "jurisdiction" in line]
    assert [line for line in passed(settings) if line.startswith("fernhill")]


def test_a_broken_document_is_named_with_what_is_answered_instead(settings):
    write_school(settings.policies, documents={"conduct.txt": "1.1 Ask the head.", "phones.docx": b"no"})

    lines = failed(settings)

    assert len(lines) == 1
    assert "phones.docx" in lines[0]
    assert "it is not answered from" in lines[0]


def test_a_document_whose_last_good_version_answers_is_said_to(settings):
    look(settings)
    (settings.policies / "fernhill" / "conduct.txt").write_bytes(b"")

    assert "its last good version still answers" in failed(settings)[0]


def test_a_document_that_is_not_listed_is_named(settings):
    (settings.policies / "fernhill" / "phones.md").write_text("# Phones", "utf-8")

    assert [line for line in failed(settings) if "phones.md is not listed" in line]


def test_no_school_at_all_is_the_only_fault_shown(tmp_path):
    found = look(Settings(tmp_path / "nowhere", tmp_path / "data"))

    assert [(check.passed, "nowhere" in check.words) for check in found] == [(False, True)]


def test_every_reason_of_a_refusal_has_a_line_of_its_own():
    def refuse():
        raise ConfigurationError("first\nsecond")

    assert [(check.passed, check.words) for check in checks(refuse)] == [(False, "first"), (False, "second")]


def test_an_index_that_cannot_be_written_is_named(settings, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")

    assert [line for line in failed(Settings(settings.policies, blocked)) if "blocked" in line]


def test_a_model_that_cannot_be_loaded_is_a_line_and_not_a_crash(settings, monkeypatch):
    look(settings)

    def refuse(model=None):
        raise WrongModel("model.safetensors: is not the published model; run: pip install it")

    monkeypatch.setattr(app.SentenceEncoder, "open", refuse)

    assert failed(settings) == ["model.safetensors: is not the published model; run: pip install it"]
    assert any("the index holds 1 clauses" in line for line in passed(settings))


def test_a_stale_index_is_told_before_it_is_built(settings):
    build = iter(checks(lambda: app.build(settings)))
    told = next(check for check in build if check.words == NOT_FRESH)

    assert told.note
    assert not app.build(settings).index.is_fresh()
    assert any("the index holds 1 clauses" in check.words for check in build)
    assert NOT_FRESH not in notes(settings)
    assert "the index is up to date" in passed(settings)


def test_where_slack_is_not_set_up_one_note_says_how_it_is(settings):
    assert [line for line in notes(settings) if "Slack" in line] == [
        "Slack: not set up; see staffroom slack manifest"
    ]


def test_a_note_has_a_mark_of_its_own_and_no_line_is_wrapped(settings, monkeypatch):
    long = settings.policies.with_name("p" * 200)
    settings.policies.rename(long)
    monkeypatch.setenv("STAFFROOM_DATA", str(settings.data_root))
    write_school(long, "oakdale", toml="name =")

    printed = CliRunner().invoke(cli.app, ["doctor", "--policies", str(long)]).stdout.splitlines()

    assert {line[:5] for line in printed} == {"ok   ", "note ", "MEND "}
    assert "note Slack: not set up; see staffroom slack manifest" in printed
    assert [line for line in printed if str(long) in line]


def test_a_missing_master_key_is_a_line_that_says_how_to_make_one(settings):
    lines = failed(replace(settings, slack_bot_token="xoxb-1", slack_app_token="xapp-1"))  # noqa: S106

    (line,) = [each for each in lines if "STAFFROOM_KEY" in each]
    assert line.endswith(f"make one with: {MAKE_KEY}")


def with_issuer(settings, issuer):
    """What is checked where people sign in with *issuer*."""
    room = app.build(settings)
    there = replace(settings, oidc_issuer=issuer, url="https://staffroom.example.org/")
    return list(checks(lambda: replace(room, settings=there)))


# The provider is Authlib's and Flask's, whose own deprecations are not ours to mend.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_issuer_that_answers_is_named_with_the_address_to_register(settings):
    with openid_kit.provider() as provider:
        found = with_issuer(settings, provider.issuer)

    assert f"people sign in with {provider.issuer}" in [check.words for check in found if check.passed]
    assert any(check.note and "https://staffroom.example.org/sign-in/back" in check.words for check in found)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_issuer_that_calls_itself_otherwise_is_named_with_the_mend(settings):
    with openid_kit.provider() as provider:
        other = f"{provider.issuer}/"
        found = with_issuer(settings, other)

    [line] = [check.words for check in found if not check.passed and "issuer" in check.words]
    assert line.startswith(f"{other} does not answer as an issuer (discovery: it names another issuer")
    assert line.endswith("mend OIDC_ISSUER")


def test_an_issuer_that_is_not_there_is_named_and_the_rest_is_still_checked(settings):
    found = with_issuer(settings, "http://127.0.0.1:9")

    assert [check.words for check in found if not check.passed and "mend OIDC_ISSUER" in check.words]
    assert any("the index holds" in check.words for check in found)
