import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import KEYS, MAKE_KEY, Mode, Settings, check_real_mode, read_dotenv
from bot.domain.schools import Person, PolicyDocument, School, SlackPlace
from bot.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(224, 256))).decode()
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
TEAMS = {"TEAMS_APP_ID": "id", "TEAMS_APP_PASSWORD": "word", "TEAMS_TENANT_ID": "tenant"}
OIDC = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "id", "OIDC_CLIENT_SECRET": "word"}
ENTRA, TENANT = "https://login.microsoftonline.com", "0f1e2d3c-0000-4000-8000-aabbccddeeff"
PAGES = {**OIDC, "STAFFROOM_URL": "https://staffroom.example"}


def the_error(environ):
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(environ)
    return str(caught.value)


def a_school(sample=False, people=None, contacts=None):
    people = people or (Person("amy", "Amy Ash", "amy@tideway.example"),)
    numbers = dict.fromkeys(("dsl", "head", "social_care", "lado"), "01632 960001")
    return School(
        id="tideway",
        name="Tideway School",
        jurisdiction="england",
        sample=sample,
        people=people,
        roles={"dsl": (people[0].id,), "head": (people[0].id,)},
        policies=(PolicyDocument("Social media", "a.txt"),),
        contacts=numbers if contacts is None else contacts,
    )


# Values


def test_nothing_has_to_be_set():
    settings = Settings.from_env({})

    assert settings == Settings(policies=Path("policies"), data_root=Path("data"))
    assert (settings.host, settings.port, settings.max_mb) == ("127.0.0.1", 8000, 50)


def test_paths_numbers_and_the_key_are_read():
    settings = Settings.from_env(
        {
            "STAFFROOM_POLICIES": "/srv/policies",
            "STAFFROOM_DATA": "/srv/data",
            "STAFFROOM_MAX_MB": "20",
            "STAFFROOM_KEY": KEY,
            "PORT": " 8080 ",
        }
    )

    assert settings == Settings(
        policies=Path("/srv/policies"),
        data_root=Path("/srv/data"),
        max_mb=20,
        key=bytes(range(224, 256)),
        port=8080,
    )


def test_each_text_reaches_the_setting_of_its_name():
    environ = {
        **SLACK,
        **TEAMS,
        **PAGES,
        "SLACK_SIGNING_SECRET": "sign",
        "SLACK_API_URL": "http://127.0.0.1:9000/api/",
        "STAFFROOM_URL": "https://staffroom.example",
        "EMBEDDING_MODEL": "a-model",
        "HOST": "192.0.2.1",
        "SMTP_URL": "smtps://user:word@mail.example:465",
        "MAIL_FROM": "staffroom@school.example",
        "CLAMD_SOCKET": "/run/clamd",
    }

    settings = Settings.from_env(environ)

    names = {key: key.lower().removeprefix("staffroom_") for key in environ}
    assert {key: getattr(settings, name) for key, name in names.items()} == environ


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_counts_as_unset(empty):
    environ = dict.fromkeys(KEYS, empty)

    assert Settings.from_env(environ) == Settings.from_env({})


def test_a_relative_path_starts_at_the_current_folder():
    settings = Settings.from_env({"STAFFROOM_KEY_FILE": "../key"}, Path("/srv/app"))

    assert settings.policies == Path("/srv/app/policies")
    assert settings.data_root == Path("/srv/app/data")
    assert settings.key_file == Path("/srv/app/../key")


def test_the_key_may_be_written_for_addresses():
    settings = Settings.from_env({"STAFFROOM_KEY": KEY.replace("+", "-").replace("/", "_")})

    assert settings.key == bytes(range(224, 256))


def test_no_secret_is_in_the_repr():
    secrets = {
        **dict.fromkeys(("TEAMS_APP_PASSWORD", "OIDC_CLIENT_SECRET", "SLACK_SIGNING_SECRET"), "hush-hush"),
        "SLACK_BOT_TOKEN": "xoxb-hush-hush",
        "SLACK_APP_TOKEN": "xapp-hush-hush",
        "SMTP_URL": "smtp://me:hush-hush@mail.example",
        "MAIL_FROM": "a@b.example",
        "STAFFROOM_KEY": base64.b64encode(b"hush-hush" + bytes(23)).decode(),
    }

    shown = repr(Settings.from_env({**TEAMS, **PAGES, **secrets}))

    assert "hush-hush" not in shown


# Mistakes


def test_every_mistake_is_named_at_once():
    environ = {
        "PORT": "eighty",
        "STAFFROOM_MAX_MB": "0",
        "SLACK_APP_TOKEN": "xapp-1",
        "STAFFROOM_KEY": "short",
        "STAFFROOM_POLICYS": "x",
    }

    message = the_error(environ)

    assert message == (
        'configuration: PORT must be a whole number from 1 to 65535, not "eighty"; '
        'STAFFROOM_MAX_MB must be a whole number from 1 to 10000, not "0"; '
        "STAFFROOM_KEY must be base64 of 32 bytes, 44 characters long; "
        "SLACK_BOT_TOKEN is missing beside SLACK_APP_TOKEN; "
        "there is no STAFFROOM_POLICYS: did you mean STAFFROOM_POLICIES?"
    )


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"PORT": "70000"}, "PORT must be"),
        ({"PORT": "-1"}, "PORT must be"),
        ({"PORT": "８０"}, "PORT must be"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET (HTTP) is missing beside SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN is missing beside SLACK_SIGNING_SECRET"),
        ({**SLACK, "SLACK_BOT_TOKEN": "xapp-1"}, "the bot's begins xoxb-"),
        ({**SLACK, "SLACK_APP_TOKEN": "xoxb-1"}, "the app's begins xapp-"),
        ({"TEAMS_APP_PASSWORD": "word"}, "TEAMS_APP_ID is missing beside TEAMS_APP_PASSWORD"),
        ({"TEAMS_APP_ID": "id", "TEAMS_APP_PASSWORD": "word"}, "TEAMS_TENANT_ID is missing"),
        ({"OIDC_CLIENT_ID": "id"}, "OIDC_ISSUER is missing beside OIDC_CLIENT_ID"),
        (OIDC, "STAFFROOM_URL is missing beside OIDC_ISSUER"),
        ({**OIDC, "OIDC_ISSUER": "id.example"}, "OIDC_ISSUER must be an address that begins https://"),
        ({**PAGES, "OIDC_ISSUER": "http://id.example"}, "OIDC_ISSUER must begin https://"),
        ({**PAGES, "STAFFROOM_URL": "http://staffroom.example"}, "STAFFROOM_URL must begin https://"),
        ({**PAGES, "OIDC_ISSUER": f"{ENTRA}/common/v2.0"}, "YOUR-TENANT-ID"),
        ({**PAGES, "OIDC_ISSUER": f"{ENTRA}/organizations/v2.0"}, "YOUR-TENANT-ID"),
        ({**PAGES, "OIDC_ISSUER": f"{ENTRA}/fernhill.onmicrosoft.com/v2.0"}, "YOUR-TENANT-ID"),
        ({**PAGES, "OIDC_ISSUER": f"{ENTRA}/{TENANT.upper()}/v2.0"}, "in lower case"),
        ({**PAGES, "OIDC_ISSUER": f"{ENTRA}/{TENANT}"}, "YOUR-TENANT-ID"),
        ({**PAGES, "OIDC_ISSUER": "https://slack.com/"}, "OIDC_ISSUER of Slack must be https://slack.com"),
        ({"STAFFROOM_URL": "ftp://x.example"}, "STAFFROOM_URL must be an address"),
        ({"STAFFROOM_URL": "http://[::1"}, "STAFFROOM_URL must be an address"),
        ({"STAFFROOM_URL": "https://"}, "STAFFROOM_URL must be an address"),
        ({"SMTP_URL": "smtp://m.example"}, "MAIL_FROM is missing beside SMTP_URL"),
        ({"SMTP_URL": "smtp://m.example:x", "MAIL_FROM": "a@b"}, "SMTP_URL must be an address"),
        ({"STAFFROOM_KEY": KEY, "STAFFROOM_KEY_FILE": "k"}, "are both set: keep one"),
        ({"STAFFROOM_KEY": base64.b64encode(bytes(31)).decode()}, "STAFFROOM_KEY must be base64 of 32"),
        ({"STAFFROOM_KEY": KEY[:8] + "!" + KEY[8:]}, "STAFFROOM_KEY must be base64 of 32"),
        ({"STAFFROOM_KEY": "é" * 44}, "STAFFROOM_KEY must be base64 of 32"),
        ({"STAFFROOM_DATA": "~/data"}, "STAFFROOM_DATA begins with ~"),
        ({"HOST": "192.0.2.1"}, "HOST must be 127.0.0.1 in sample mode"),
        ({"HOST": "school.example"}, "HOST must be 127.0.0.1 in sample mode"),
    ],
)
def test_a_bad_value_says_what_it_must_be(environ, message):
    assert message in the_error(environ)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("HTTPS://Staffroom.Example", "https://staffroom.example"),
        ("Https://STAFFROOM.example:8443/", "https://staffroom.example:8443/"),
        ("https://staffroom.example/?#", "https://staffroom.example/"),
    ],
)
def test_the_address_of_the_pages_is_read_as_browsers_say_it(written, read):
    assert Settings.from_env({**PAGES, "STAFFROOM_URL": written}).url == read


@pytest.mark.parametrize("more", ["/staffroom", "/staffroom/", "//", "/?school=1", "/#top"])
def test_an_address_of_the_pages_with_more_than_a_host_says_why_not_and_what_to_do(more):
    error = the_error({**PAGES, "STAFFROOM_URL": f"https://staffroom.example{more}"})

    assert "STAFFROOM_URL must name a host and nothing after it: every link of Staffroom begins" in error
    assert "; give it a host of its own, such as https://" in error
    assert "\n" not in error


def test_an_address_of_the_pages_with_a_password_is_refused_and_not_repeated():
    error = the_error({**PAGES, "STAFFROOM_URL": "https://me:hush-hush@staffroom.example"})

    assert "STAFFROOM_URL must name a host" in error
    assert "hush-hush" not in error


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_sample_mode_listens_on_any_loopback_address(host):
    assert Settings.from_env({"HOST": host}).host == host


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("STAFFROOM_KEYFILE", "STAFFROOM_KEY_FILE"),
        ("STAFFROOM_PORT", "PORT"),
        ("STAFFROOM_DATE", "STAFFROOM_DATA"),
    ],
)
def test_a_misspelt_key_is_named_with_the_one_meant(key, meant):
    assert f"there is no {key}: did you mean {meant}?" in the_error({key: "x"})


@pytest.mark.parametrize("key", ["STAFFROOM_BADGE", "DATA", "STAFF_KEY"])
def test_another_programs_key_is_left_alone(key):
    assert Settings.from_env({key: "x"}) == Settings.from_env({})


def test_a_mistake_never_repeats_a_secret():
    environ = {
        "STAFFROOM_KEY": "hush-hush",
        "SLACK_APP_TOKEN": "xoxb-hush-hush",
        "SMTP_URL": "http://me:hush-hush@mail.example",
    }

    assert "hush-hush" not in the_error(environ)


def test_an_issuer_of_one_tenant_is_taken_and_one_on_this_machine_needs_no_https():
    entra = Settings.from_env({**PAGES, "OIDC_ISSUER": f"{ENTRA}/{TENANT}/v2.0"})
    local = Settings.from_env({**PAGES, "OIDC_ISSUER": "http://localhost:9000"})

    assert entra.oidc_issuer.endswith(f"{TENANT}/v2.0")
    assert local.oidc_issuer == "http://localhost:9000"


# Mode


@pytest.mark.parametrize("environ", [SLACK, TEAMS, PAGES])
def test_chat_tokens_or_sign_in_mean_real_mode(environ):
    settings = Settings.from_env(environ)

    assert settings.mode is Mode.REAL
    assert settings.data == Path("data")


@pytest.mark.parametrize(
    "environ",
    [
        {"STAFFROOM_POLICIES": "/srv/policies", "STAFFROOM_KEY": KEY},
        {"STAFFROOM_URL": "https://staffroom.example"},
        dict.fromkeys(SLACK, ""),
    ],
)
def test_without_them_it_is_sample_mode_whatever_else_is_set(environ):
    settings = Settings.from_env(environ)

    assert settings.mode is Mode.SAMPLE
    assert settings.data == Path("data/sample")


# .env


def test_a_dotenv_file_is_read_line_by_line(tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n"
        "\n"
        "PLAIN=one two # and a comment\n"
        "export EXPORTED=yes\n"
        " SPACED = there \n"
        'DOUBLE="with # inside" # outside\n'
        "SINGLE='with \"quotes\"'\n"
        "HASH=a#b\n"
        "EQUALS=a=b\r\n"
        "EMPTY=\n"
        "ONLY_COMMENT= # nothing\n",
        "utf-8-sig",
    )

    found = read_dotenv(file)

    assert found == {
        "PLAIN": "one two",
        "EXPORTED": "yes",
        "SPACED": "there",
        "DOUBLE": "with # inside",
        "SINGLE": 'with "quotes"',
        "HASH": "a#b",
        "EQUALS": "a=b",
        "EMPTY": "",
        "ONLY_COMMENT": "",
    }


@pytest.mark.parametrize("line", ["hush hush", "9KEY=hush", "=hush", 'KEY="hush', "KEY='hush' hush"])
def test_a_bad_line_is_named_by_number_and_not_repeated(tmp_path, line):
    (tmp_path / ".env").write_text(f"PORT=1\n{line}\n", "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        read_dotenv(tmp_path / ".env")

    assert f"{tmp_path / '.env'}: line 2" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"PORT=\xff"])
def test_a_dotenv_file_that_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / ".env"
    file.mkdir() if content is None else file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=re.escape(str(file))):
        read_dotenv(file)


def test_the_environment_wins_over_dotenv_unless_it_is_empty(tmp_path):
    (tmp_path / ".env").write_text("PORT=9001\nSTAFFROOM_MAX_MB=7\n", "utf-8")

    settings = Settings.load(tmp_path, {"PORT": "9002", "STAFFROOM_MAX_MB": ""})

    assert (settings.port, settings.max_mb) == (9002, 7)
    assert settings.data == tmp_path / "data" / "sample"


def test_without_a_dotenv_file_the_environment_stands_alone(tmp_path):
    assert Settings.load(tmp_path, {"PORT": "9002"}).port == 9002


def test_the_example_explains_every_key_and_sets_none(tmp_path):
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()

    keys = [match.group(1) for line in lines if (match := re.match(r"#([A-Z_]+)=", line))]

    assert sorted(keys) == sorted(KEYS)
    assert read_dotenv(ROOT / ".env.example") == {}


# Real mode


def real(**environ):
    return Settings.from_env({**SLACK, "STAFFROOM_KEY": KEY, **environ})


def test_real_mode_starts_on_a_school_that_is_complete():
    assert check_real_mode(real(), [a_school()]) == ()


def test_sample_mode_starts_on_any_school():
    assert check_real_mode(Settings.from_env({}), [a_school(sample=True, contacts={})]) == ()


def test_real_mode_refuses_a_sample_school():
    lines = check_real_mode(real(), [a_school(sample=True)])

    assert lines == (
        "tideway/school.toml: is marked sample = true: real mode needs the school's own people and policies",
    )


def test_real_mode_refuses_a_school_without_the_numbers_to_ring():
    lines = check_real_mode(real(), [a_school(contacts={"dsl": "01632 960001", "lado": "01632 960002"})])

    assert lines == ("tideway/school.toml: [contacts] needs a telephone number for head, social_care",)


def test_real_mode_refuses_a_person_without_name_or_email():
    people = (Person("U0001"), Person("idle"))

    lines = check_real_mode(real(), [a_school(people=people)])

    assert lines == ('tideway/school.toml: "U0001" (dsl, head) needs a [[person]] with name and email',)


def test_real_mode_refuses_sign_in_with_slack_at_a_school_that_names_no_workspace():
    settings = real(**{**PAGES, "OIDC_ISSUER": "https://slack.com"})

    lines = check_real_mode(settings, [a_school(), replace(a_school(), slack=SlackPlace("T0FERN"))])

    assert [line.partition(", the")[0] for line in lines] == [
        'tideway/school.toml: [slack] needs team = "T…"'
    ]


def test_real_mode_refuses_to_start_without_a_key():
    lines = check_real_mode(Settings.from_env(SLACK), [])

    assert lines == (
        "STAFFROOM_KEY or STAFFROOM_KEY_FILE is missing: real mode does not make a key of its own; "
        f"make one with: {MAKE_KEY}",
    )
    assert MAKE_KEY in (Path(__file__).resolve().parents[2] / ".env.example").read_text("utf-8")


@pytest.mark.parametrize("place", ["data/key", "data/deep/key", "link/key"])
def test_real_mode_refuses_a_key_inside_the_data_folder(tmp_path, place):
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "data")
    (tmp_path / place).write_text(KEY, "utf-8")
    settings = Settings.from_env({**SLACK, "STAFFROOM_KEY_FILE": place}, tmp_path)

    lines = check_real_mode(settings, [])

    assert lines == (f"STAFFROOM_KEY_FILE lies inside the data folder {tmp_path / 'data'}: move it out",)


def test_real_mode_takes_a_key_file_elsewhere_and_refuses_one_that_is_not_there(tmp_path):
    (tmp_path / "key").write_text(KEY, "utf-8")
    there = Settings.from_env({**SLACK, "STAFFROOM_KEY_FILE": "key"}, tmp_path)
    missing = Settings.from_env({**SLACK, "STAFFROOM_KEY_FILE": "other"}, tmp_path)

    assert check_real_mode(there, []) == ()
    assert check_real_mode(missing, []) == (
        f"STAFFROOM_KEY_FILE names {tmp_path / 'other'}, which is not there",
    )


def test_all_reasons_are_given_at_once():
    lines = check_real_mode(Settings.from_env(SLACK), [a_school(sample=True, contacts={})])

    assert len(lines) == 3


def test_the_proxies_before_the_pages_are_read_one_by_one():
    assert Settings.from_env({"TRUSTED_PROXY": "127.0.0.1, 10.0.0.7"}).trusted_proxy == (
        "127.0.0.1",
        "10.0.0.7",
    )


@pytest.mark.parametrize("said", ["*", "proxy.example.org", "10.0.0.0/8", "127.0.0.1;10.0.0.7"])
def test_whoever_would_trust_more_than_single_machines_is_told_how_to_name_them(said):
    with pytest.raises(ConfigurationError, match="TRUSTED_PROXY must hold the addresses of single machines"):
        Settings.from_env({"TRUSTED_PROXY": said})
