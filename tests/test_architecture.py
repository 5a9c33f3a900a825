"""The contracts between the rooms, as pyproject.toml declares them, and what they are for."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def test_the_import_contracts_hold() -> None:
    # In a process of its own: it switches off the loggers of the one that it runs in.
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("command", ["validate", "watch", "sample", "specs", "plugins"])
def test_commands_that_need_only_the_pipeline_load_no_web_framework_and_no_database(command: str) -> None:
    unwanted = {"flask", "sqlalchemy", "huey", "rich", "cryptography", "urllib3"}
    program = (
        "import sys; from iqies_flask.cli import main; "
        f"main([{command!r}, '--help'], standalone_mode=False); "
        f"print(sorted({unwanted!r} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_the_reference_is_exported_without_a_web_framework_and_a_database() -> None:
    unwanted = {"flask", "sqlalchemy", "huey"}
    program = (
        "import sys, iqies_flask.catalogue, iqies_flask.reference.exporting.export; "
        f"print(sorted({unwanted!r} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_the_list_of_commands_loads_none_of_them() -> None:
    program = (
        "import sys; from iqies_flask.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted(name for name in sys.modules if name.startswith('iqies_flask.')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "['iqies_flask.cli', 'iqies_flask.cli.lazy']"
