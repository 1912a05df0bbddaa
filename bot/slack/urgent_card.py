"""Draws the urgent reply: whom to ring, two buttons, and what happens without a press (SAFETY 6 to 9)."""

from collections.abc import Sequence

from bot.domain import answer_words
from bot.domain.answers import Answer, Step
from bot.domain.urgent import IN_FIVE_MINUTES, NOT_HELD, NOT_TOLD, ONE_PRESS, QUESTION, TELL_NOW
from bot.slack import blocks, ids
from bot.slack.blocks import Block

TITLE = "Urgent: read this first"
BUTTONS, WAITING = "urgent_buttons", "urgent_waiting"
"""The ids of the blocks that go once something was pressed."""
POLICY = "What the policy says"
QUOTED = 2
"""So many clauses stand below the numbers, each cut short."""


def urgent_blocks(answer: Answer, raised: str) -> list[Block]:
    """
    Draw the urgent reply of *answer*; *raised* is what its message is held under, and perhaps its channel.

    With "" nothing is held: then there is no button, and the card says so.
    """
    danger, others = answer.urgent[:2], answer.urgent[2:]
    return [
        blocks.header(TITLE),
        _steps(danger),
        _steps(others),
        *_pressing(raised),
        *_policy(answer),
        *([blocks.context(*answer.notes[:10])] if answer.notes else []),
    ]


def _steps(steps: Sequence[Step]) -> Block:
    drawn: list[Block] = []
    for step in steps:
        drawn.append(blocks.line(blocks.words(step.words, bold=bool(step.contacts))))
        drawn.extend(blocks.contacts(step.contacts))
    return blocks.rich(*drawn)


def _pressing(raised: str) -> list[Block]:
    if not raised:
        return [blocks.section(NOT_HELD)]
    tell = blocks.button(ids.TELL_NOW, TELL_NOW, raised, "danger")
    question = blocks.button(ids.ONLY_A_QUESTION, QUESTION, raised)
    return [
        blocks.section(f"{NOT_TOLD} {ONE_PRESS}"),
        blocks.actions(tell, question, block=BUTTONS),
        {**blocks.section(IN_FIVE_MINUTES), "block_id": WAITING},
    ]


def _policy(answer: Answer) -> list[Block]:
    drawn: list[Block] = []
    for citation in answer.citations[:QUOTED]:
        drawn += blocks.quote(answer_words.shortened(citation.quote))
        drawn.append(blocks.context(f"{answer_words.title(citation)} · {answer_words.source(citation)}"))
    heading = blocks.rich(blocks.line(blocks.words(POLICY, bold=True)))
    return [blocks.divider(), heading, *drawn] if drawn else []
