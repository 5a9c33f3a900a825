from pathlib import Path

from iqies_flask.specs.packs_folder import installed_folders


def test_packs_are_the_folders_with_a_head_by_name(tmp_path: Path) -> None:
    for name in ("oasis-3.03", "mds-3.11", ".importing-x", "notes"):
        (tmp_path / name).mkdir()
    for name in ("oasis-3.03", "mds-3.11", ".importing-x"):
        (tmp_path / name / "pack.toml").touch()
    (tmp_path / "pack.toml").touch()
    assert [folder.name for folder in installed_folders(tmp_path)] == ["mds-3.11", "oasis-3.03"]


def test_a_folder_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert installed_folders(tmp_path / "none") == []
    assert installed_folders(None) == []
