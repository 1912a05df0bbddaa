"""A progress bar for work of more than two seconds; silent where nobody watches."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from index.build import Progress as Hear

_WORDS = {"reading": "Reading documents", "encoding": "Encoding clauses"}


@contextmanager
def progress_bar(console: Console) -> Iterator[Hear]:
    """A function that shows (stage, done, total) as bars on *console*, when it is a terminal."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bars:
        stages: dict[str, TaskID] = {}

        def hear(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(_WORDS.get(stage, stage), total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield hear
