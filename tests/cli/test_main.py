import pytest

from iqies_flask.cli import main

from .conftest import Invoke

COMMANDS = main.list_commands(None)


def test_the_list_of_commands_names_each_with_a_line(iqies: Invoke) -> None:
    listed = iqies("--help").stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(iqies: Invoke, command: str) -> None:
    assert iqies(command, "--help").stdout.startswith(f"Usage: iqies {command}")


def test_an_unknown_command_is_said_plainly(iqies: Invoke) -> None:
    assert "No such command 'nonsense'" in iqies("nonsense", status=2).stderr


def test_the_version_is_shown(iqies: Invoke) -> None:
    assert iqies("--version").stdout.startswith("iqies_flask 0.")
