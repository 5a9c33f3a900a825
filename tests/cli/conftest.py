import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iqies_flask.cli import main

Invoke = Callable[..., Result]


@pytest.fixture
def iqies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run the command as a user would, in a folder of its own and with the demonstration's settings."""
    monkeypatch.setenv("IQIES_ENVIRONMENT", "demo")
    monkeypatch.setenv("IQIES_INSTANCE_FOLDER", str(tmp_path / "instance"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, status: int = 0, stdin: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=stdin)
        assert result.exit_code == status, result.output
        if result.exception is not None:
            assert isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture(scope="session")
def _samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    for name, arguments in {
        "good.zip": ["--system", "oasis", "--subset", "01", "--count", "2"],
        "broken.zip": ["--system", "mds", "--subset", "NQ", "--count", "2", "--break", "-3676"],
        "warned.zip": ["--system", "mds", "--subset", "ND", "--break", "IF-304"],
    }.items():
        CliRunner().invoke(main, ["sample", *arguments, "--out", str(folder / name)], catch_exceptions=False)
    return folder


@pytest.fixture
def samples(_samples: Path, tmp_path: Path) -> Path:
    """A folder with good.zip, broken.zip (fatal) and warned.zip (a warning)."""
    return Path(shutil.copytree(_samples, tmp_path / "samples"))
