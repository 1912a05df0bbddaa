"""The bundled forms, platforms and support lines, and answers to fill them with."""

import tomllib
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path

from bot.domain import coach, forms, support

DATA = Path(__file__).parents[2] / "bot"
FORMS = ("friend-request", "trolling", "adult-concern", "concern")
TODAY = date(2026, 11, 21)


def data(name):
    return deepcopy(_read(name))


# Thousands of tests begin with these; reading them anew took half of the suite's time.
@cache
def _read(name):
    return tomllib.loads((DATA / name).read_text("utf-8"))


@cache
def the_platforms():
    return coach.parse(data("platforms.toml"))


@cache
def the_support():
    return support.parse(data("support.toml"))


@cache
def a_form(name="concern"):
    file = f"forms/{name}.toml"
    return forms.parse(data(file), file, the_platforms().lists())


def answers(name="concern", **changes):
    """The example of a form, with changes; None leaves an answer out."""
    values = {**forms.example(a_form(name)), **changes}
    return {key: value for key, value in values.items() if value is not None}
