"""Wires the parts together: the one file that knows every adapter."""

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from bot import school_folders
from bot.answering import Answering
from bot.attaching import Attaching
from bot.casework.casework import Casework
from bot.casework.room import Member
from bot.config import Mode, Settings, check_real_mode
from bot.delivery.worker import Delivery
from bot.domain import coach, form_parsing, guidance, retention, support
from bot.domain.audit import Checkpoint, Fault
from bot.domain.coach import Platforms
from bot.domain.form_types import FormDefinition
from bot.domain.receipts import Advice
from bot.domain.reports import Upload
from bot.domain.schools import School
from bot.domain.support import Support
from bot.domain.triage import Form
from bot.domain.views import CaseView
from bot.drafting import Drafting
from bot.errors import ConfigurationError, LocksDamaged, NotDelivered, SealBroken, StoreFailed
from bot.exporting import Exporting
from bot.intake import Intake
from bot.likeness import SCOPE
from bot.media.decoder import ChildDecoder
from bot.media.scanner import NO_ANSWER, Clamd, NotScanned
from bot.notify.console import ConsoleNotifier
from bot.notify.mail import MailNotifier
from bot.ports import Attachments, Notifier, Packs, Scanner
from bot.raising import Raising
from bot.receiving import Receiving
from bot.retrieval import Library, PolicyIndex
from bot.school_folders import SchoolFolders
from bot.store import restore as restoring
from bot.store import upkeep
from bot.store.archive import Manifest
from bot.store.backup import Hear, Places
from bot.store.keyring import Keyring, load_key
from bot.store.sqlite_store import SqliteStore, rotate
from bot.store.vault import FileVault
from bot.wondering import Wondering
from index.build import Source, Tools, cutting_recipe
from index.certainty import Certainty
from index.clauses import Clause
from index.cutting import clauses_of
from index.encoder import SentenceEncoder, encoder_name
from index.errors import WrongModel
from index.examples import phrase_files
from index.interaction import Interaction
from index.modality import Stance
from index.shelf import shelf_path
from index.stances import StanceFit
from index.topic_map import TopicMap


@dataclass(frozen=True, slots=True)
class Staffroom:
    """The parts that the edges use."""

    settings: Settings
    folders: SchoolFolders
    index: PolicyIndex
    answering: Answering


@dataclass(frozen=True, slots=True)
class Desk:
    """Where reports are filed and cases are worked on; open only as long as its `desk` block."""

    forms: Mapping[Form, FormDefinition]
    platforms: Platforms
    support: Support
    store: SqliteStore
    vault: FileVault
    places: Places
    intake: Intake
    casework: Casework
    delivery: Delivery
    packs: Packs
    exporting: Exporting
    drafting: Drafting
    attaching: Attaching
    raising: Raising
    wondering: Wondering


def build(settings: Settings) -> Staffroom:
    """
    Everything that *settings* ask for; nothing is loaded or built yet.

    Raises:
        ConfigurationError: the policies, the model or, in real mode, something a school needs is missing.
    """
    found = folders(settings)
    refusals = check_real_mode(settings, found.schools.values())
    if refusals:
        raise ConfigurationError("\n".join(refusals))
    index = PolicyIndex(_library(settings, found), Certainty.load(), StanceFit.load())
    answering = Answering(found.schools, index, _guidance())
    return Staffroom(settings, found, index, answering)


def folders(settings: Settings) -> SchoolFolders:
    """
    The schools of *settings* as they are found, whether or not real mode may start on them.

    Raises:
        ConfigurationError: none of them can be read.
    """
    return school_folders.load(settings.policies)


@contextmanager
def desk(room: Staffroom, serving: bool = False) -> Iterator[Desk]:
    """
    The parts that keep cases, for as long as the block lasts.

    Where it is *serving*, changes of people are told first, and files that no case names are swept out.

    Raises:
        ConfigurationError: the master key is missing or cannot be used.
        WrongKey: the master key is not the one the store was made with.
        StoreBusy, StoreFailed: the store cannot be opened.
    """
    settings, schools = room.settings, room.folders.schools
    places = Places.of(settings.data)
    # Where a restore was cut off, the store that was there comes back before another is begun.
    restoring.settle(places)
    with SqliteStore.open(places.database, keyring(settings), now) as store:
        vault = FileVault(places.vault, places.lock_list(store.roots.audit, now))
        platforms = coach.parse(_toml("platforms.toml"))
        forms = _forms(platforms)
        advice = Advice(_guidance(), support.parse(_toml("support.toml")))
        receiving = Receiving(ChildDecoder.of(settings.max_mb), _scanner(settings), vault)
        casework = Casework(schools, store, vault, retention.parse(_toml("retention.toml")))
        packs = _packs(store, settings)
        intake = Intake(schools, forms, advice, store, receiving, room.index, now)
        attaching = Attaching(schools, store, receiving, _attachments(settings), now)
        opened = Desk(
            forms=forms,
            platforms=platforms,
            support=advice.support,
            store=store,
            vault=vault,
            places=places,
            intake=intake,
            casework=casework,
            delivery=Delivery(schools, store, notifiers(settings), attaching.fetch),
            packs=packs,
            exporting=Exporting(schools, store, vault, packs, _opener(casework)),
            drafting=Drafting(store, now),
            attaching=attaching,
            raising=Raising(schools, store, intake, now),
            wondering=Wondering(schools, store, now, room.index.topic),
        )
        if serving:
            _begin(opened, schools)
        yield opened


def form_definitions() -> dict[Form, FormDefinition]:
    """The forms that come with Staffroom; no store is opened for them."""
    return _forms(coach.parse(_toml("platforms.toml")))


def keyring(settings: Settings) -> Keyring:
    """The keys that *settings* name; sample mode makes one of its own, beside its data."""
    sample = settings.data / "sample.key" if settings.mode is Mode.SAMPLE else None
    return Keyring(load_key(settings.key, settings.key_file, sample))


def walked(desk: Desk, checkpoint: Checkpoint | None, hear: Hear) -> upkeep.Walked:
    """Check every row, every evidence file and the list of locks."""
    return upkeep.walk(desk.store, desk.vault, checkpoint, hear)


def recent_faults(desk: Desk) -> tuple[Fault, ...]:
    """What is wrong with the last rows of the log: a quick look."""
    return tuple(upkeep.recent(desk.store))


def back_up(desk: Desk, target: Path, by: str, hear: Hear) -> Manifest:
    """Write a backup to the new file *target*, on behalf of *by*; raises as `backup.backup`."""
    return upkeep.back_up(desk.store, desk.places, target, by, hear)


def put_back(settings: Settings, file: Path, replace: bool, by: str, hear: Hear) -> upkeep.Restored:
    """Restore the backup *file*, and return what was done; raises as `restore.restore`."""
    target = restoring.Target(Places.of(settings.data), keyring(settings), replace, now)
    return upkeep.put_back(file, target, by, hear)


def rotate_key(settings: Settings, new_key_file: Path) -> int:
    """
    Wrap every key with the one in *new_key_file* instead; return how many cases there are.

    Raises:
        ConfigurationError: there is no store, or the new key cannot be used, or is the one in use.
        WrongKey, StoreBusy, StoreFailed: nothing was changed.
    """
    places, old = Places.of(settings.data), keyring(settings)
    inside = new_key_file.resolve().is_relative_to(settings.data_root.resolve())
    if inside and settings.mode is Mode.REAL:
        raise ConfigurationError(f"{new_key_file}: lies inside the data folder; name one outside it")
    new = Keyring(load_key(b"", new_key_file, None))
    if new.current == old.current:
        raise ConfigurationError(f"{new_key_file}: holds the key that is in use already; make a new one")
    restoring.settle(places)
    if not places.database.exists():
        raise ConfigurationError(f"{settings.data}: there is no store here yet; just set the new key")
    return rotate(places.database, old, new, now)


def has_store(settings: Settings) -> bool:
    """Whether anything was ever kept where *settings* say; a restore that was cut off is undone first."""
    places = Places.of(settings.data)
    restoring.settle(places)
    return places.database.exists()


def pack_faults(pack: Path, fingerprint: str, identity: Path | None) -> tuple[Fault, ...]:
    """What is wrong with a pack that left a school; needs nothing of this machine."""
    from bot.packs import checking  # noqa: PLC0415 - as in `_packs`

    return checking.verify_pack(pack, fingerprint, identity)


def write_papers(room: Staffroom, school: str, folder: Path) -> tuple[tuple[Path, ...], int]:
    """Write the data-protection papers of *school* into *folder*; which, and how much is left to decide."""
    from bot.packs import paperwork  # noqa: PLC0415 - as in `_packs`

    settings, found = room.settings, room.folders.schools[school]
    ways = {"Slack": settings.slack_bot_token, "Teams": settings.teams_app_id, "e-mail": settings.smtp_url}
    setup = paperwork.Setup(
        school=found,
        schedule=retention.parse(_toml("retention.toml")),
        data_folder=str(settings.data.resolve()),
        real=settings.mode is Mode.REAL,
        max_mb=settings.max_mb,
        channels=tuple(name for name, is_set in ways.items() if is_set),
        evidence_in_chat=bool(settings.slack_bot_token) and found.slack.evidence == "slack",
    )
    papers = paperwork.papers(setup)
    return paperwork.write(papers, folder), sum(len(paper.to_decide) for paper in papers)


def scanner_answers(settings: Settings) -> bool:
    """Whether the virus scanner that *settings* name is there."""
    return _scanner(settings).scan(Upload("empty", b"")) != NO_ANSWER


def now() -> datetime:
    """The moment, aware and UTC."""
    return datetime.now(UTC)


def _packs(store: SqliteStore, settings: Settings) -> Packs:
    # What draws pages takes a quarter of a second to load, for which no urgent reply waits.
    from bot.packs.making import SignedPacks  # noqa: PLC0415

    return SignedPacks(store.roots.signing, sample=settings.mode is Mode.SAMPLE)


def _opener(casework: Casework) -> Callable[[str, str, str, str], CaseView]:
    return lambda school, person, case, reason: casework.open_case(Member(school, person), case, reason)


def _begin(desk: Desk, schools: Mapping[str, School]) -> None:
    for school in schools:
        desk.delivery.note_people(school)
    # Sweeping can wait for the next start; a report cannot.
    with suppress(LocksDamaged, SealBroken, StoreFailed):
        known: dict[str, frozenset[str]] = {}
        for key, body in desk.store.known_evidence():
            known[key.case] = known.get(key.case, frozenset()) | {body["id"], *body["derivatives"]}
        desk.vault.sweep(known)


def _forms(platforms: Platforms) -> dict[Form, FormDefinition]:
    read = (
        form_parsing.parse(_toml(f"forms/{form}.toml"), f"{form}.toml", platforms.lists()) for form in Form
    )
    return {form.form: form for form in read}


def _scanner(settings: Settings) -> Scanner:
    return Clamd(Path(settings.clamd_socket)) if settings.clamd_socket else NotScanned()


def notifiers(settings: Settings) -> tuple[Notifier, ...]:
    """The ways of reaching people; sample mode reaches nobody: it prints what would be sent."""
    if settings.mode is Mode.SAMPLE:
        return (ConsoleNotifier(sys.stderr),)
    ways: list[Notifier] = []
    if settings.slack_bot_token:
        # Slack's library takes half a second to load, for which no command without Slack waits.
        from bot import chat  # noqa: PLC0415

        ways.append(chat.notifier(settings))
    if settings.smtp_url:
        ways.append(MailNotifier(settings.smtp_url, settings.mail_from, settings.url))
    return tuple(ways)


@dataclass(frozen=True)
class _NoAttachments:
    """Implements `ports.Attachments` where no chat is set up that files could lie with."""

    def fetch(self, school: School, ref: str) -> Upload:
        raise NotDelivered("no chat to fetch from")


def _attachments(settings: Settings) -> Attachments:
    if not settings.slack_bot_token:
        return _NoAttachments()
    from bot import chat  # noqa: PLC0415 - as in `notifiers`

    return chat.attachments(settings)


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
    library = Library(folders.schools, sources, broken, path, _tools(settings))
    if settings.embedding_model:
        return library
    return replace(library, topics=TopicMap.load, interaction=Interaction.load)


def stances_of(clauses: Sequence[Clause]) -> list[Stance]:
    """How each of *clauses* rules, as an index made with the bundled model holds it."""
    fit = StanceFit.load()
    readings = SentenceEncoder.open().read([clause.full for clause in clauses])
    return [
        fit.read(clause, reading.stances.tolist()).stance
        for clause, reading in zip(clauses, readings, strict=True)
    ]


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
    return guidance.parse(_toml("guidance.toml"))


def _toml(name: str) -> dict[str, object]:
    """A data file of `bot`."""
    with (resources.files("bot") / name).open("rb") as file:
        return tomllib.load(file)
