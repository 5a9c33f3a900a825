"""The wheel carries everything with it and works where there is no repository."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPOSITORY],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def iqies(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The installed command, in an environment that has the wheel and, by a path, what it depends on."""
    home = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True)
    python = home / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    (site_packages,) = (home / "venv").glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {
        "PATH": os.environ["PATH"],
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(home / "instance"),
    }

    def run(*arguments: str, command: str = "iqies", status: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [python.parent / command, *arguments],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def test_the_wheel_carries_every_file_of_the_folders_beside_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    for folder in ("plugins", "schemas", "static", "templates"):
        files = {
            f"iqies_flask/_bundled/{path.relative_to(REPOSITORY).as_posix()}"
            for path in (REPOSITORY / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert files
        assert files <= carried
    assert "iqies_flask/migrations/env.py" in carried
    assert "iqies_flask/pipeline/report/final_validation_report.xsd" in carried
    assert not [name for name in carried if "__pycache__" in name or name.startswith("tests/")]


def test_the_package_is_the_installed_one(iqies: Run) -> None:
    found = iqies("-c", "import iqies_flask; print(iqies_flask.__file__)", command="python").stdout
    assert not Path(found.strip()).is_relative_to(REPOSITORY)


def test_a_plugin_is_checked_against_the_types_of_the_package(iqies: Run, tmp_path: Path) -> None:
    document = (REPOSITORY / "docs" / "plugins.md").read_text()
    (tmp_path / "house_rules.py").write_text(re.findall(r"^```python\n(.*?)^```$", document, re.S | re.M)[0])
    arguments = (
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "cache"),
        str(tmp_path / "house_rules.py"),
    )
    assert "Success" in iqies(*arguments, command="python").stdout


def test_the_reference_is_exported(iqies: Run, tmp_path: Path) -> None:
    iqies("specs", "reference", str(tmp_path / "reference"), "--pack", "OASIS 3.02")
    assert (tmp_path / "reference" / "assets" / "site.css").is_file()
    page = tmp_path / "reference" / "pack-oasis-3.02" / "edit-3261.html"
    assert "OASIS 3.02: edit -3261" in page.read_text(encoding="utf-8")


def test_packs_and_plugins_are_found(iqies: Run) -> None:
    packs = iqies("specs", "list").stdout
    assert "OASIS 3.02" in packs
    assert "MDS 3.10" in packs
    plugins = iqies("plugins").stdout
    for name in ("mds", "oasis", "pbj_legacy_qies", "proofing_demo", "scrub"):
        assert name in plugins


def test_a_sample_is_made_and_validated(iqies: Run, tmp_path: Path) -> None:
    good, broken = str(tmp_path / "good.zip"), str(tmp_path / "broken.zip")
    iqies("sample", "--system", "oasis", "--subset", "01", "--count", "3", "--out", good)
    iqies("sample", "--system", "mds", "--subset", "NC", "--break", "-3676", "--out", broken)
    assert re.search(r"# Records Accepted: +3\n", iqies("validate", good).stdout)
    assert "-3676" in iqies("validate", broken, status=1).stdout


def test_a_database_is_made_and_pages_are_served(iqies: Run) -> None:
    iqies("db", "upgrade")
    iqies("db", "check")
    program = (
        "from iqies_flask import create_app; client = create_app().test_client(); "
        "print([client.get(path).status_code for path in "
        "('/healthz', '/sign-in', '/static/site.css')])"
    )
    assert iqies("-c", program, command="python").stdout.strip() == "[200, 200, 200]"
