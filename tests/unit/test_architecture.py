"""The arrows between the rooms, and what may not be loaded along the way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = {"bot.domain", "bot.errors"}
# A room, and the names of ours that it may import.
ALLOWED = {
    "bot/domain": DOMAIN,
    "bot/errors.py": set(),
    "bot/ports.py": DOMAIN,
    "bot/answering.py": DOMAIN | {"bot.ports"},
    "bot/intake.py": DOMAIN | {"bot.ports", "bot.receiving", "bot.recording", "bot.adding"},
    "bot/receiving.py": DOMAIN | {"bot.ports"},
    "bot/casework": DOMAIN | {"bot.ports", "bot.casework"},
    "bot/delivery": DOMAIN | {"bot.ports", "bot.delivery"},
    "bot/exporting.py": DOMAIN | {"bot.ports"},
    "bot/store": DOMAIN | {"bot.ports", "bot.store"},
    "bot/media": DOMAIN | {"bot.ports", "bot.media"},
    "bot/notify": DOMAIN | {"bot.ports", "bot.notify"},
    "bot/packs": DOMAIN | {"bot.ports", "bot.packs"},
    "bot/config.py": DOMAIN,
    "bot/school_folders.py": DOMAIN,
    "bot/rereading.py": DOMAIN | {"bot.school_folders"},
    "bot/likeness.py": DOMAIN | {"index"},
    "bot/retrieval.py": DOMAIN | {"bot.likeness", "index"},
    "bot/raising.py": DOMAIN | {"bot.ports", "bot.intake"},
    "bot/recording.py": DOMAIN | {"bot.ports", "bot.receiving"},
    "bot/adding.py": DOMAIN | {"bot.ports", "bot.receiving", "bot.recording"},
    "bot/attaching.py": DOMAIN | {"bot.ports", "bot.receiving", "bot.recording"},
    "bot/linking.py": DOMAIN | {"bot.ports", "bot.attaching", "bot.receiving", "bot.recording"},
    "bot/drafting.py": DOMAIN | {"bot.ports"},
    "bot/recognising.py": DOMAIN | {"bot.ports"},
    "bot/unplaced.py": DOMAIN | {"bot.ports"},
    "bot/wondering.py": DOMAIN | {"bot.ports"},
    "bot/sessions.py": DOMAIN | {"bot.ports"},
    "bot/binding.py": DOMAIN | {"bot.ports"},
    "bot/inviting.py": DOMAIN | {"bot.ports", "bot.binding", "bot.locking"},
    "bot/locking.py": DOMAIN | {"bot.ports"},
    "bot/counting.py": DOMAIN | {"bot.ports"},
    "bot/overseeing.py": DOMAIN | {"bot.ports"},
    "bot/web": DOMAIN
    | {
        "bot.web",
        "bot.parts",
        "bot.ports",
        "bot.answering",
        "bot.attaching",
        "bot.binding",
        "bot.casework",
        "bot.counting",
        "bot.drafting",
        "bot.exporting",
        "bot.intake",
        "bot.inviting",
        "bot.linking",
        "bot.locking",
        "bot.overseeing",
        "bot.raising",
        "bot.recognising",
        "bot.sessions",
        "bot.wondering",
    },
    "bot/parts.py": DOMAIN
    | {
        "bot.ports",
        "bot.answering",
        "bot.attaching",
        "bot.casework",
        "bot.drafting",
        "bot.intake",
        "bot.linking",
        "bot.raising",
        "bot.recognising",
        "bot.unplaced",
        "bot.wondering",
    },
    "bot/slack": DOMAIN
    | {
        "bot.slack",
        "bot.parts",
        "bot.ports",
        "bot.answering",
        "bot.attaching",
        "bot.casework",
        "bot.drafting",
        "bot.intake",
        "bot.raising",
        "bot.recognising",
        "bot.wondering",
    },
    # The command line may also use `index` itself, and starts the parts that `app` has wired.
    "bot/console": DOMAIN
    | {
        "bot.console",
        "bot.app",
        "bot.config",
        "bot.answering",
        "bot.intake",
        "bot.inviting",
        "bot.casework",
        "bot.delivery",
        "bot.exporting",
        "bot.serving",
        "bot.slack",
        "bot.wondering",
        "index",
    },
    "index": {"index"},
}


def modules(room):
    path = ROOT / room
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def our_imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in ("bot", "index"))


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_it_may(room):
    may = tuple(f"{name}." for name in ALLOWED[room])

    strays = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(room)
        for name in our_imports(file)
        if not f"{name}.".startswith(may)
    ]

    assert strays == []


def test_every_module_of_ours_stands_in_a_room():
    rooms = [ROOT / room for room in ALLOWED]
    free = {"bot/__init__.py", "bot/__main__.py", "bot/app.py", "bot/chat.py", "bot/serving.py"}

    homeless = [
        str(file.relative_to(ROOT))
        for top in ("bot", "index")
        for file in (ROOT / top).rglob("*.py")
        if not any(file.is_relative_to(room) for room in rooms) and str(file.relative_to(ROOT)) not in free
    ]

    assert homeless == []


def test_nobody_dodges_a_cycle_by_importing_for_the_type_checker_alone():
    files = [file for top in ("bot", "index") for file in (ROOT / top).rglob("*.py")]

    assert [file for file in files if "TYPE_CHECKING" in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("bot.domain.answers", ("torch", "slack_bolt", "faiss", "sqlite_utils", "numpy")),
        ("bot.console.cli", ("torch", "slack_bolt", "faiss", "sentence_transformers")),
        ("index.encoder", ("torch", "sentence_transformers")),
        ("index.clauses", ("torch", "faiss", "pdfplumber", "docx")),
    ],
)
def test_a_module_loads_nothing_heavy_before_it_is_needed(module, heavy):
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"

    # Our own interpreter and our own words: nothing here comes from outside.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)  # noqa: S603

    assert done.stdout.strip() == "[]"
