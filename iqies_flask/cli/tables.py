"""Tables for people on a terminal, and the same as tab-separated lines in a pipe."""

import sys
from collections.abc import Iterable, Sequence

import click


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print rows below their columns' names.

    Args:
        columns: Names of the columns.
        rows: Texts, as many as there are columns.
        empty: What to say to a person where there are no rows.
    """
    rows = list(rows)
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            click.echo("\t".join(row))
    elif not rows:
        click.echo(empty)
    else:
        _print_for_people(columns, rows)


def _print_for_people(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # Imported only for a terminal: it is slow to import.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        # As Text, so that square brackets in a name are no markup.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
