"""Which blocks are headings and which are questions with their answers, seen from their neighbours. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from index import wording
from index.documents import Block, Kind


def with_headings(blocks: Sequence[Block]) -> list[Block]:
    """*blocks* with numbered titles marked as headings: "4. Mobile phones" above 4.1 or above plain words."""
    return [
        replace(block, kind=Kind.HEADING) if _is_numbered_heading(blocks, at) else block
        for at, block in enumerate(blocks)
    ]


def with_questions(blocks: Sequence[Block]) -> list[Block]:
    """
    Mark questions that stand as headings or paragraphs of their own, each with its answer below.

    One such heading may be a heading; two in a section are a list of questions.
    """
    asked = [at for at, block in enumerate(blocks) if _is_question(block) and _is_answered(blocks, at)]
    runs = {at for pair in pairwise(asked) if _same_section(blocks, *pair) for at in pair}
    marked: list[Block] = []
    answering = False
    for at, block in enumerate(blocks):
        if at in runs:
            marked.append(replace(block, kind=Kind.PARAGRAPH, label=block.label or "Q:"))
            answering = True
        elif answering and block.kind is Kind.PARAGRAPH and not block.label:
            marked.append(replace(block, label="A:"))
        else:
            answering = answering and block.kind is Kind.ITEM
            marked.append(block)
    return marked


def bare(label: str) -> str:
    """A label without what closes it: "6.7." is 6.7."""
    return label.rstrip(".):").lstrip("(")


def is_number(label: str) -> bool:
    """Whether *label* is a clause's number (6.7, A3), and no letter or bullet."""
    return bool(re.fullmatch(r"[A-Z]{0,2}\.?\d+(\.\d+)*", bare(label)))


def _is_numbered_heading(blocks: Sequence[Block], at: int) -> bool:
    block = blocks[at]
    label = bare(block.label)
    if block.kind is not Kind.PARAGRAPH or not (is_number(label) or re.fullmatch(r"[A-H]", label)):
        return False
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if following is None or not wording.is_title(block.text.rstrip(":-")) or block.text.endswith("?"):
        return False
    has_children = any(_is_below(other.label, label) for other in blocks[at + 1 :])
    if _is_below(following.label, label) or (has_children and "." not in label):
        return True
    if wording.is_lead(block.text):
        return False
    plain = following.kind is not Kind.PARAGRAPH or not following.label
    return plain and following.kind is not Kind.HEADING and wording.is_plain_title(block.text)


def _is_below(label: str, parent: str) -> bool:
    """Whether *label* numbers a part of *parent*: 6.7 of 6, A3 of A."""
    return bool(re.match(re.escape(parent) + (r"\.?\d" if parent.isalpha() else r"\.\d"), bare(label)))


def _is_question(block: Block) -> bool:
    named = block.kind in (Kind.HEADING, Kind.PARAGRAPH)
    return named and block.text.rstrip("*_").endswith("?") and len(block.text) <= 200 and not block.label


def _is_answered(blocks: Sequence[Block], at: int) -> bool:
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if not following or following.label or _is_question(following):
        return False
    return following.kind is Kind.PARAGRAPH


def _same_section(blocks: Sequence[Block], one: int, other: int) -> bool:
    """No heading but the two questions themselves stands between them."""
    return all(block.kind is not Kind.HEADING for block in blocks[one + 1 : other])
