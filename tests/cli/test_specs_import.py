import json
from pathlib import Path

import pytest

from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.pack import load_pack

from ..specs.importing.releases import Page, next_release
from .conftest import Invoke


@pytest.fixture(scope="session")
def _release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    maker = next_release(load_pack(next(iter(bundled_packs("oasis")))))
    maker.pages = [Page("-9901", "If C0100=[0], then C0200 must equal [^].", ["C0100", "C0200"])]
    return maker.write(tmp_path_factory.mktemp("release"))


@pytest.fixture
def release(_release: Path) -> str:
    return str(_release)


def test_an_imported_pack_is_installed_and_in_use(
    iqies: Invoke, release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IQIES_PACKS_FOLDER", str(tmp_path / "packs"))
    result = iqies("specs", "import", release)
    assert "Edits that compare items: 1, translated: 1 (100 %)" in result.stdout
    assert f"OASIS 3.03 is installed in {tmp_path / 'packs' / 'oasis-3.03'}." in result.stderr
    names = [line.split("\t")[0] for line in iqies("specs", "list").stdout.splitlines()[1:]]
    assert names == ["MDS 3.10", "OASIS 3.02", "OASIS 3.03"]
    assert iqies("specs", "xsd", "--check").output == ""


def test_the_report_is_there_for_a_program(iqies: Invoke, release: str, tmp_path: Path) -> None:
    options = ("--into", str(tmp_path / "packs"), "--name", "next", "--format", "json")
    document = json.loads(iqies("specs", "import", release, *options).stdout)
    assert (document["system"], document["version"], document["translated"]) == ("OASIS", "V3.03.0", 1)
    assert load_pack(tmp_path / "packs" / "next").version == "3.03"


def test_what_is_wrong_is_said_in_a_sentence(iqies: Invoke, release: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")
    result = iqies("specs", "import", str(broken), "--into", str(tmp_path), status=1)
    assert result.stderr == "Error: Nothing was imported: broken.zip is no zip, or is damaged.\n"
    iqies("specs", "import", release, "--into", str(tmp_path))
    result = iqies("specs", "import", release, "--into", str(tmp_path), status=1)
    assert "is there already" in result.stderr
    iqies("specs", "import", release, "--into", str(tmp_path), "--replace")


def test_the_folder_of_packs_must_be_named(
    iqies: Invoke, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IQIES_PACKS_FOLDER", raising=False)
    assert "Name your folder of packs with --into" in iqies("specs", "import", release, status=2).stderr


def test_packs_folders_and_releases_can_be_compared(iqies: Invoke, release: str, tmp_path: Path) -> None:
    text = iqies("specs", "diff", "oasis 3.02", release).stdout
    assert text.startswith("From OASIS V3.02.0 FINAL (10-13-2025) to OASIS V3.03.0 FINAL (10-14-2027)\n")
    assert "Edits: 1 added, 0 changed, 0 gone\n  + -9901\n" in text
    iqies("specs", "import", release, "--into", str(tmp_path))
    folder = str(tmp_path / "oasis-3.03")
    assert iqies("specs", "diff", "OASIS 3.02", folder).stdout == text
    document = json.loads(iqies("specs", "diff", folder, "OASIS 3.02", "--format", "json").stdout)
    assert document["edits"]["gone"] == ["-9901"]


def test_what_cannot_be_compared_is_refused(iqies: Invoke, tmp_path: Path) -> None:
    stderr = iqies("specs", "diff", "OASIS 3.02", "OASIS 9.99", status=1).stderr
    assert "OASIS 9.99 is neither an installed pack (MDS 3.10, OASIS 3.02) nor a folder nor a file" in stderr
    assert "nothing in common" in iqies("specs", "diff", "OASIS 3.02", "MDS 3.10", status=1).stderr
    assert "pack.toml" in iqies("specs", "diff", "OASIS 3.02", str(tmp_path), status=1).stderr
