"""Wires the parts together: the one file that knows every adapter."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bot import school_folders
from bot.answering import Answering
from bot.config import Settings, check_real_mode
from bot.domain import guidance
from bot.errors import ConfigurationError
from bot.retrieval import SCOPE, Library, PolicyIndex
from bot.school_folders import SchoolFolders
from index.build import Source, Tools, cutting_recipe
from index.certainty import Certainty
from index.cutting import clauses_of
from index.encoder import SentenceEncoder, encoder_name
from index.errors import WrongModel
from index.examples import phrase_files
from index.shelf import shelf_path
from index.topic_map import TopicMap


@dataclass(frozen=True, slots=True)
class Staffroom:
    """The parts that the edges use."""

    settings: Settings
    folders: SchoolFolders
    index: PolicyIndex
    answering: Answering


def build(settings: Settings) -> Staffroom:
    """
    Everything that *settings* ask for; nothing is loaded or built yet.

    Raises:
        ConfigurationError: the policies, the model or, in real mode, something a school needs is missing.
    """
    folders = school_folders.load(settings.policies)
    refusals = check_real_mode(settings, folders.schools.values())
    if refusals:
        raise ConfigurationError("\n".join(refusals))
    index = PolicyIndex(_library(settings, folders), Certainty.load())
    answering = Answering(folders.schools, index, _guidance())
    return Staffroom(settings, folders, index, answering)


def _library(settings: Settings, folders: SchoolFolders) -> Library:
    sources = tuple(
        Source(school, document.policy.title, document.policy.file, document.path)
        for school, folder in folders.folders.items()
        for document in folder.documents
    )
    broken = frozenset(
        path.name
        for path in settings.policies.iterdir()
        if path.is_dir() and path.name not in folders.folders and not path.name.startswith(".")
    )
    path = shelf_path(settings.data, settings.policies)
    topics: Callable[[], TopicMap | None] = (lambda: None) if settings.embedding_model else TopicMap.load
    return Library(folders.schools, sources, broken, path, _tools(settings), topics)


def _tools(settings: Settings) -> Tools:
    model = settings.embedding_model or None
    try:
        name = encoder_name(model)
    except WrongModel as error:
        raise ConfigurationError(str(error)) from None
    return Tools(clauses_of, cutting_recipe(), lambda: SentenceEncoder.open(model), name, _examples())


def _examples() -> dict[str, tuple[str, ...]]:
    """The example messages: the triage's, and those that tell what a policy covers."""
    triage = phrase_files(Path(str(resources.files("bot"))) / "phrases")
    scope = phrase_files(Path(str(resources.files("index"))) / "scope")
    return {**triage, **{f"{SCOPE}{label}": group for label, group in scope.items()}}


def _guidance() -> guidance.Guidance:
    with (resources.files("bot") / "guidance.toml").open("rb") as file:
        return guidance.parse(tomllib.load(file))
