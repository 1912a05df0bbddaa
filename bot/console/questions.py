"""The command that shows a head what staff asked and the policy did not answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import typer

from bot.console.acting import Asked, acting, asking
from bot.console.lines import to_json
from bot.console.plain import plain, plain_json
from bot.console.rooms import AsJson
from bot.errors import ConfigurationError, NotAllowed
from bot.wondering import KEPT, Wondered

NO_CLAUSE = "(no clause)"


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(questions)


@asking
def questions(asked: Asked, as_json: AsJson = False) -> None:
    """
    Show a head the questions for the policy that staff agreed to send, and how helpful answers were.

    Example: staffroom questions --school copperfell-high --as cop-head
    """
    # In real mode too: these are plain questions, about nobody, that their askers agreed to (SAFETY 29).
    with acting(asked, "", "questions", quiet=as_json) as at:
        wondering = at.desk.wondering
        try:
            found = Found(
                wondering.listed(at.who.school, at.who.person),
                wondering.counts(at.who.school, at.who.person),
            )
        except NotAllowed as error:
            raise ConfigurationError(f"questions: {error.user_message}") from None
    typer.echo(found.as_json() if as_json else plain("\n".join(found.lines())))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to see."""

    questions: tuple[Wondered, ...]
    counts: Mapping[str, tuple[int, int]]
    """Clause → how often helpful, how often not."""

    def as_json(self) -> str:
        """It for another program."""
        asked = [{"day": f"{each.at:%Y-%m-%d}", "question": each.wording} for each in self.questions]
        feedback = [
            {"clause": clause, "helpful": yes, "not_helpful": no} for clause, yes, no in self._by_clause()
        ]
        return plain_json(to_json({"questions": asked, "feedback": feedback}, indent=1))

    def lines(self) -> Iterator[str]:
        """It for a person."""
        yield f"Questions for the policy, each kept for {KEPT.days} days:"
        yield from (f"  {each.at:%d %b %Y}  {each.wording}" for each in self.questions)
        if not self.questions:
            yield "  none"
        yield ""
        yield "Answers by clause:"
        yield from (
            f"  {clause or NO_CLAUSE}  helpful {yes}, not helpful {no}"
            for clause, yes, no in self._by_clause()
        )
        if not self.counts:
            yield "  nobody has said whether one was helpful"

    def _by_clause(self) -> list[tuple[str, int, int]]:
        """The least helpful first: those are the ones to look at."""
        rows = [(clause, yes, no) for clause, (yes, no) in self.counts.items()]
        return sorted(rows, key=lambda row: (-row[2], row[1], row[0]))
