"""Draws what a reporter sent, in their own words, for them alone."""

from collections.abc import Iterable, Iterator

from bot.casework import words
from bot.casework.reporting import Sent, SentWords
from bot.domain.form_types import FormDefinition
from bot.domain.reports import AnswerValue
from bot.domain.views import SentFile
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.case_views import fitting

REST = "There is more than can be shown here; all of it is in the report."
LOCKED_FILE = "A file that is locked"
ANSWERED = "Your answer to a question"


def sent_blocks(sent: SentWords, form: FormDefinition) -> list[Block]:
    """Everything in *sent* with the time of each sending, byte for byte, as far as a view holds it."""
    drawn = [block for each in sent.sent for block in _sending(each, form)]
    # The files come first: they are few, and a long text must not push them out.
    return [blocks.header(sent.case), *_files(sent.files), *fitting(drawn, blocks.VIEW_BLOCKS - 3, REST)]


def _sending(sent: Sent, form: FormDefinition) -> Iterator[Block]:
    yield blocks.context(f"Sent {words.at(sent.at)}:")
    fields = {field.id: field for field in form.fields}
    order = [*(key for key in fields if key in sent.answers), *(k for k in sent.answers if k not in fields)]
    for key in order:
        field = fields.get(key)
        labels = {choice.value: choice.label for choice in field.choices} if field else {}
        yield from _said(field.label if field else key, _in_words(sent.answers[key], labels))
    if sent.text:
        yield from _said(ANSWERED, sent.text)


def _said(label: str, text: str) -> list[Block]:
    bold = blocks.line(blocks.words(blocks.shortened(label, 500), bold=True))
    return [blocks.rich(bold), *blocks.quote(text)] if text else []


def _in_words(value: AnswerValue, labels: dict[str, str]) -> str:
    several = (value,) if isinstance(value, str) else value
    return "; ".join(labels.get(each, each) for each in several)


def _files(files: Iterable[SentFile]) -> list[Block]:
    lines = [blocks.line(blocks.words(f"• {LOCKED_FILE if file.locked else file.name}")) for file in files]
    head = blocks.line(blocks.words("Files", bold=True))
    return [blocks.rich(head, *lines[:100])] if lines else []
