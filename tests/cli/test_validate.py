import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from lxml import etree

from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.report.xml import SCHEMA

from .conftest import Invoke
from .terminal import on_terminal


def test_a_clean_file_ends_with_0(iqies: Invoke, samples: Path) -> None:
    report = iqies("validate", str(samples / "good.zip")).stdout
    assert re.search(r"# Records Accepted: +2\n", report)
    assert "offline: nothing was submitted" in report


def test_a_warning_ends_with_0(iqies: Invoke, samples: Path) -> None:
    report = iqies("validate", str(samples / "warned.zip")).stdout
    assert re.search(r"# Warning Messages: +1\n", report)
    assert re.search(r"# Records Accepted: +1\n", report)


def test_a_fatal_message_ends_with_1(iqies: Invoke, samples: Path) -> None:
    report = iqies("validate", str(samples / "broken.zip"), status=1).stdout
    assert re.search(r"# Records Rejected: +2\n", report)
    assert "MDS -3676" in report


@pytest.mark.parametrize("form", ["text", "json", "csv", "xml"])
@pytest.mark.parametrize(("name", "status"), [("good.zip", 0), ("warned.zip", 0), ("broken.zip", 1)])
def test_the_status_does_not_depend_on_the_form(
    iqies: Invoke, samples: Path, form: str, name: str, status: int
) -> None:
    iqies("validate", str(samples / name), "--format", form, status=status)


@pytest.mark.parametrize("form", ["text", "json", "csv", "xml"])
def test_a_file_that_is_no_zip_ends_with_2_and_is_in_the_report(
    iqies: Invoke, tmp_path: Path, form: str
) -> None:
    unusable = tmp_path / "unusable.zip"
    unusable.write_bytes(b"PK\x03\x04 and then nothing")
    assert "unusable.zip" in iqies("validate", str(unusable), "--format", form, status=2).stdout


def test_a_missing_file_ends_with_2_and_hides_no_other(iqies: Invoke, samples: Path) -> None:
    run = iqies("validate", "missing.zip", str(samples / "good.zip"), status=2)
    assert run.stderr == "missing.zip: there is no such file\n"
    assert re.search(r"# Records Accepted: +2\n", run.stdout)


def test_a_folder_is_checked_file_by_file(iqies: Invoke, samples: Path) -> None:
    report = iqies("validate", str(samples), status=1).stdout
    named = re.findall(r"Submission File Name: +(\S+)", report)
    assert [Path(name).name for name in named] == ["broken.zip", "good.zip", "warned.zip"]


def test_the_standard_input_is_checked(iqies: Invoke, samples: Path) -> None:
    report = iqies("validate", "-", stdin=(samples / "good.zip").read_bytes()).stdout
    assert "standard input" in report
    assert re.search(r"# Records Accepted: +2\n", report)


def test_a_single_xml_file_is_checked(iqies: Invoke, samples: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(samples / "good.zip") as archive:
        archive.extractall(tmp_path / "out")
    report = iqies("validate", str(tmp_path / "out" / "oasis_01_00001.xml")).stdout
    assert re.search(r"# Records Accepted: +1\n", report)


def test_json_has_an_entry_for_each_record_of_every_file(iqies: Invoke, samples: Path) -> None:
    paths = [str(samples / name) for name in ("good.zip", "broken.zip")]
    answer = json.loads(iqies("validate", *paths, "--format", "json", status=1).stdout)
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d [AP]M", answer["submissionDate"])
    errors = [
        [error["results"]["error_id"] for error in entry["validationErrors"]]
        for entry in answer["validationResults"]
    ]
    assert errors == [[], [], ["-3676"], ["-3676"]]
    assert answer["validationResults"][0]["jsonPayload"]["systemCode"] == "OASIS"


def test_csv_has_one_heading_for_several_files(iqies: Invoke, samples: Path) -> None:
    text = iqies("validate", str(samples), "--format", "csv", status=1).stdout_bytes.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["disposition"] for row in rows] == [
        "Rejected",
        "Rejected",
        "Accepted",
        "Accepted",
        "Accepted",
    ]


@pytest.mark.parametrize("names", [["good.zip"], ["good.zip", "broken.zip"]])
def test_xml_follows_the_schema(iqies: Invoke, samples: Path, names: list[str]) -> None:
    status = int("broken.zip" in names)
    paths = [str(samples / name) for name in names]
    data = iqies("validate", *paths, "--format", "xml", status=status).stdout_bytes
    xmlschema.XMLSchema(SCHEMA).validate(io.BytesIO(data))
    assert len(list(etree.fromstring(data).iter("final_validation_report"))) == len(names)


def test_the_report_goes_into_a_file(iqies: Invoke, samples: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    run = iqies("validate", str(samples / "good.zip"), "--format", "csv", "--output", str(target))
    assert run.stdout == ""
    assert len(target.read_text(encoding="utf-8-sig").splitlines()) == 3


def test_a_file_that_cannot_be_written_ends_with_2(iqies: Invoke, samples: Path, tmp_path: Path) -> None:
    target = tmp_path / "no such folder" / "report.txt"
    run = iqies("validate", str(samples / "good.zip"), "--output", str(target), status=2)
    assert "No such file or directory" in run.stderr


def test_the_report_never_overwrites_what_is_checked(iqies: Invoke, samples: Path) -> None:
    source = samples / "good.zip"
    before = source.read_bytes()
    run = iqies("validate", str(source), "--output", str(source), status=2)
    assert "would overwrite" in run.stderr
    assert source.read_bytes() == before


@pytest.mark.parametrize("form", ["text", "json", "csv", "xml"])
def test_progress_is_shown_on_a_terminal_and_never_mixes_with_the_report(samples: Path, form: str) -> None:
    report, shown = on_terminal("validate", samples / "good.zip", "--format", form)
    assert b"good.zip" in shown
    assert b"2/2" in shown
    assert b"\x1b" not in report


def test_without_a_terminal_no_progress_is_shown(iqies: Invoke, samples: Path) -> None:
    assert iqies("validate", str(samples / "good.zip")).stderr == ""


def test_a_plugin_of_the_operator_takes_part(iqies: Invoke, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "house_rules.py").write_text(
        "from iqies_flask.plugin import EditType, Finding, Severity, hookimpl\n"
        "@hookimpl\n"
        "def validate(record, context):\n"
        "    yield Finding('H-1', 'house_rules', Severity.FATAL, EditType.CONSISTENCY, 'Not on our watch.')\n"
    )
    report = iqies("validate", str(samples / "good.zip"), "--plugin-folder", str(folder), status=1).stdout
    assert report.count("Not on our watch.") == 2


STRICT_PLUGIN = """
from iqies_flask.plugin import EditType, Finding, Severity, hookimpl

@hookimpl
def validate(record, context):
    level = context.option("strict", "level", "none")
    message = f"Level {level!r} on {context.today}."
    yield Finding("S-1", "strict", Severity.WARNING, EditType.CONSISTENCY, message)
"""
BROKEN_PLUGIN = """
from iqies_flask.plugin import hookimpl

@hookimpl
def validate(record, context):
    raise TypeError("no such thing")
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


def test_the_settings_of_the_file_count(
    iqies: Invoke, samples: Path, tmp_path: Path, plugins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (plugins / "strict.py").write_text(STRICT_PLUGIN)
    file = tmp_path / "iqies.toml"
    file.write_text(
        f'plugin_folder = "{plugins}"\ntime_zone = "Pacific/Kiritimati"\n'
        "[limits]\nmembers = 1\n[plugin_options.strict]\nlevel = 3\n"
    )
    monkeypatch.setenv("IQIES_CONFIG", str(file))
    # Of two files in the zip, one is too many.
    assert "at most 1" in iqies("validate", str(samples / "good.zip"), status=2).stdout
    monkeypatch.setenv("IQIES_LIMITS_MEMBERS", "2")
    today = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    assert f"Level 3 on {today}." in iqies("validate", str(samples / "good.zip")).stdout
    assert "strict" in iqies("plugins").stdout


def test_settings_that_cannot_be_used_are_said_plainly(
    iqies: Invoke, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IQIES_TIME_ZONE", "Mars/Olympus")
    assert "IQIES_TIME_ZONE" in iqies("validate", str(samples / "good.zip"), status=1).stderr


@pytest.mark.parametrize(
    ("given", "level"), [("3", "3"), ('["a", "b"]', "['a', 'b']"), ("high", "'high'"), ("a=b", "'a=b'")]
)
def test_a_plugin_is_given_an_option(
    iqies: Invoke, samples: Path, plugins: Path, given: str, level: str
) -> None:
    (plugins / "strict.py").write_text(STRICT_PLUGIN)
    arguments = ("--plugin-folder", str(plugins), "--option", f"strict.level={given}")
    assert f"Level {level} on" in iqies("validate", str(samples / "good.zip"), *arguments).stdout


@pytest.mark.parametrize("given", ["level=3", "strict.level", ".level=3", "strict.=3"])
def test_an_option_that_names_no_plugin_is_refused(iqies: Invoke, samples: Path, given: str) -> None:
    run = iqies("validate", str(samples / "good.zip"), "--option", given, status=2)
    assert "is not like house_rules.level=3" in run.stderr


def test_an_error_of_a_plugin_is_shown_whole_only_when_asked_for(samples: Path, plugins: Path) -> None:
    def errors(*arguments: str) -> str:
        command = [sys.executable, "-m", "iqies_flask.cli", "validate", str(samples / "good.zip")]
        return subprocess.run(
            [*command, "--plugin-folder", str(plugins), *arguments],
            check=False,
            capture_output=True,
            text=True,
        ).stderr

    (plugins / "broken.py").write_text(BROKEN_PLUGIN)
    (plugins / "unreadable.py").write_text("def validate(:\n")
    assert "TypeError at broken.py:6" in errors()
    assert "SyntaxError at unreadable.py:1" in errors()
    assert "no such thing" not in errors()
    assert 'raise TypeError("no such thing")\nTypeError: no such thing' in errors("--debug")


def test_a_check_that_is_interrupted_is_no_verdict(
    iqies: Invoke, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Chain, "check", interrupt)
    assert "not complete" in iqies("validate", str(samples / "good.zip"), status=2).stderr


def test_a_reader_that_leaves_gets_no_verdict_and_no_traceback(samples: Path) -> None:
    many = [str(samples / "good.zip")] * 100
    with subprocess.Popen(
        [sys.executable, "-m", "iqies_flask.cli", "validate", *many],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 2
