"""A group of commands whose files are imported only when they are run."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command that is not imported yet.

    Attributes:
        name: As the user types it.
        summary: One line for the list of commands.
        target: ``module:attribute``, the module below ``iqies_flask.cli``.
        hidden: Whether the list leaves it out: an earlier name of a command.
    """

    name: str
    summary: str
    target: str
    hidden: bool = False

    def load(self) -> click.Command:
        """Import the command."""
        module, attribute = self.target.split(":")
        command: click.Command = getattr(import_module(f"iqies_flask.cli.{module}"), attribute)
        return command


class LazyGroup(click.Group):
    """A group that lists its commands without importing them.

    Args:
        commands: In the order of the list.
        attributes: As for `click.Group`.
    """

    def __init__(self, *, commands: Iterable[LazyCommand], **attributes: Any) -> None:
        super().__init__(context_settings={"help_option_names": ["-h", "--help"]}, **attributes)
        self._lazy = {command.name: command for command in commands}
        self.params.append(_version_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in their order."""
        return [lazy.name for lazy in self._lazy.values() if not lazy.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        lazy = self._lazy.get(cmd_name)
        return lazy.load() if lazy else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(lazy.name, lazy.summary) for lazy in self._lazy.values() if not lazy.hidden])


def _version_option() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            from importlib.metadata import version  # noqa: PLC0415 - slow to import, seldom wanted

            click.echo(f"iqies_flask {version('iqies_flask')}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version and exit.",
    )
