"""The progress bar: seen on a terminal, silent everywhere else."""

import io

from rich.console import Console

from bot.console.progress import progress_bar


def heard(terminal, *events):
    paper = io.StringIO()
    console = Console(file=paper, force_terminal=terminal, width=80)
    with progress_bar(console) as hear:
        for event in events:
            hear(*event)
    return paper.getvalue()


def test_nothing_is_printed_where_nobody_watches():
    assert heard(False, ("reading", 0, 3), ("reading", 3, 3), ("encoding", 40, 40)) == ""


def test_a_terminal_shows_what_is_done_and_how_much_of_it():
    shown = heard(True, ("reading", 0, 3), ("reading", 2, 3), ("encoding", 8, 40))

    assert "Reading documents" in shown
    assert "2/3" in shown
    assert "Encoding clauses" in shown
    assert "8/40" in shown


def test_a_stage_of_another_name_is_shown_by_that_name():
    assert "sweeping" in heard(True, ("sweeping", 1, 2))


def test_a_terminal_with_nothing_to_do_shows_no_bar():
    assert "/" not in heard(True)
