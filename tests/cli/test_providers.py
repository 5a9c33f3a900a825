import csv
from pathlib import Path

import pytest

from .conftest import Invoke

HEADER = "CMS Certification Number (CCN),Provider Name,State\n"


@pytest.fixture
def database(iqies: Invoke) -> Invoke:
    iqies("db", "upgrade")
    return iqies


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "providers.csv"
    path.write_text(f"{HEADER}015001,Test Home,AL\n077001,Test Agency,CT\n")
    return path


def listed(iqies: Invoke) -> list[str]:
    return iqies("providers", "list").stdout.splitlines()[1:]


def test_file_is_imported_and_imported_again(database: Invoke, file: Path) -> None:
    assert database("providers", "import", str(file)).stdout == (
        "2 added, 0 changed, 0 unchanged, 0 refused.\n"
    )
    assert listed(database) == ["015001\tTest Home\tAL\t\tsnf", "077001\tTest Agency\tCT\t\thha"]
    file.write_text(f"{HEADER}015001,Other Name,AL\n077001,Test Agency,CT\n")
    assert database("providers", "import", str(file)).stdout == (
        "line 2: 015001 Other Name: name: “Test Home” → “Other Name”\n"
        "0 added, 1 changed, 1 unchanged, 0 refused.\n"
    )


def test_file_with_a_wrong_row_is_taken_only_if_that_is_asked_for(
    database: Invoke, file: Path, tmp_path: Path
) -> None:
    file.write_text(f"{HEADER}015001,Test Home,AL\n77001,Test Agency,CT\n")
    run = database("providers", "import", str(file), status=1)
    assert "line 3: refused: CMS Certification Number (CCN) “77001”: 77001 has 5 positions" in run.stdout
    assert "1 not added, 0 not changed, 0 unchanged, 1 refused." in run.stdout
    assert "Nothing was changed, as some rows are wrong." in run.stderr
    assert listed(database) == []
    report = tmp_path / "report.csv"
    database("providers", "import", str(file), "--skip-refused", "--report", str(report))
    assert listed(database) == ["015001\tTest Home\tAL\t\tsnf"]
    with report.open(newline="") as stream:
        assert [row["outcome"] for row in csv.DictReader(stream)] == ["added", "refused"]


def test_facility_id_of_two_providers_is_warned_of(database: Invoke, file: Path) -> None:
    file.write_text("CCN,Provider Name,State,FAC_ID\n015001,One,AL,ID1\n015002,Two,AL,ID1\n")
    said = database("providers", "import", str(file)).stdout.splitlines()
    assert said[0].startswith("warning: 015001 and 015002, in AL, have the same facility ID ID1.")
    assert said[1:] == ["2 added, 0 changed, 0 unchanged, 0 refused; facility IDs of several providers: 1."]
    assert len(listed(database)) == 2


def test_dry_run(database: Invoke, file: Path) -> None:
    run = database("providers", "import", str(file), "--dry-run")
    assert run.stdout == "2 would be added, 0 would be changed, 0 unchanged, 0 refused.\n"
    assert listed(database) == []


def test_columns_can_be_named(database: Invoke, file: Path) -> None:
    file.write_text("No,Facility Title,St\n015001,Test Home,AL\n")
    assert "--map ccn=COLUMN" in database("providers", "import", str(file), status=1).stderr
    assert (
        "write a field and its column"
        in database("providers", "import", str(file), "--map", "ccn", status=1).stderr
    )
    database("providers", "import", str(file), "--map", "ccn=No", "--map", "name=facility title")
    assert listed(database) == ["015001\tTest Home\tAL\t\tsnf"]


def test_long_reports_are_cut(database: Invoke, file: Path) -> None:
    file.write_text(HEADER + "".join(f"{number},N,AL\n" for number in range(15001, 15031)))
    said = database("providers", "import", str(file), status=1).stdout
    assert said.count("refused:") == 20
    assert "... and 10 more refused; --report FILE lists them." in said


def test_what_a_file_holds_does_not_steer_the_terminal(database: Invoke, file: Path) -> None:
    file.write_text(f"{HEADER}\x1b[2J{'9' * 50_000},Test Home,AL\n")
    run = database("providers", "import", str(file), status=1)
    assert "\x1b" not in run.stdout
    assert "line 2: refused: CMS Certification Number (CCN) “\N{REPLACEMENT CHARACTER}[2J999" in run.stdout
    assert max(map(len, run.stdout.splitlines())) < 1100


def test_kind_is_that_of_the_ccn(database: Invoke) -> None:
    arguments = ("--name", "Test Home", "--state", "CT", "--facility-id", "T1")
    database("providers", "add", "995001", *arguments)
    assert listed(database) == ["995001\tTest Home\tCT\tT1\tsnf"]
    run = database("providers", "add", "995002", *arguments, "--kind", "hha", status=1)
    assert "995002 is the number of a skilled nursing facility (snf)" in run.stderr


def test_adding_a_registered_provider_says_what_it_changes(database: Invoke) -> None:
    arguments = ("--state", "CT", "--facility-id", "T1")
    for name, said in (
        ("Test Home", "995001 Test Home is registered.\n"),
        ("Test Home", "995001 Test Home was registered already. Nothing was changed.\n"),
        (
            "Elm Home",
            "995001 Elm Home was registered already, and is changed:\n  Name: Test Home is Elm Home now\n",
        ),
    ):
        assert database("providers", "add", "995001", "--name", name, *arguments).stdout == said


def test_earlier_name_of_the_command_works_and_is_not_listed(database: Invoke) -> None:
    assert database("provider", "list").stdout == database("providers", "list").stdout
    commands = [line.split()[0] for line in database("--help").stdout.splitlines() if line.startswith("  ")]
    assert "providers" in commands
    assert "provider" not in commands


def test_provider_that_is_in_the_file_again_after_its_end_is_named(database: Invoke, file: Path) -> None:
    for end in ("2024-05-06", ""):
        file.write_text(f"CCN,Provider Name,State,Termination Date\n995001,Test Home,CT,{end}\n")
        run = database("providers", "import", str(file))
    assert "line 2: warning: 995001 Test Home is in the file, but" in run.stdout
    assert run.stdout.endswith("1 unchanged, 0 refused; not certified any more: 1.\n")
