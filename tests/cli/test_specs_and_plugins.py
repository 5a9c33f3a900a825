import json
from pathlib import Path

from .conftest import Invoke


def test_the_packs_are_listed_with_their_dates(iqies: Invoke) -> None:
    rows = [line.split("\t") for line in iqies("specs", "list").stdout.splitlines()]
    assert rows[0] == ["Pack", "In force", "Items", "Item subsets"]
    assert [row[0] for row in rows[1:]] == ["MDS 3.10", "OASIS 3.02"]
    assert "Apr 1, 2026" in rows[2][1]


def test_the_committed_schemas_are_as_they_would_be_made(iqies: Invoke) -> None:
    assert iqies("specs", "xsd", "--check").output == ""


def test_coverage_says_of_each_edit_that_no_record_decides_why(iqies: Invoke) -> None:
    counted = json.loads(iqies("specs", "coverage", "--format", "json").stdout)
    assert list(counted) == ["MDS 3.10", "OASIS 3.02"]
    for pack in counted.values():
        assert set(pack) == {"edits", "executable", "database", "left_out", "reasons"}
        assert pack["edits"] == pack["executable"] + pack["database"] + pack["left_out"]
        assert len(pack["reasons"]) == pack["database"] + pack["left_out"]
    asking = {
        name: {edit for edit, reason in pack["reasons"].items() if reason.startswith("needs the database: ")}
        for name, pack in counted.items()
    }
    assert asking == {
        "MDS 3.10": {"-3693", "-3695", "-3783", "-3806", "-3966", "-3977"},
        "OASIS 3.02": {"-3160", "-3162", "-3170", "-3200", "-4690", "-4700", "-4710", "-7050"},
    }
    assert {name: pack["database"] for name, pack in counted.items()} == {"MDS 3.10": 6, "OASIS 3.02": 8}
    text = iqies("specs", "coverage").stdout
    assert "OASIS 3.02  -7050  needs the database: the record to be corrected" in text


def test_the_built_in_plugins_are_in_use(iqies: Invoke) -> None:
    rows = [line.split("\t") for line in iqies("plugins").stdout.splitlines()[1:]]
    assert {row[0]: (row[1], row[3]) for row in rows} == dict.fromkeys(
        ["mds", "oasis", "pbj_legacy_qies", "proofing_demo", "scrub"], ("built-in", "in use")
    )


def test_a_plugin_that_cannot_be_used_is_named_with_the_reason(iqies: Invoke, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "broken.py").write_text("import no_such_module_anywhere\n")
    last = iqies("plugins", "--plugin-folder", str(folder), status=1).stdout.splitlines()[-1]
    assert last.startswith("broken\t")
    assert "no_such_module_anywhere" in last
