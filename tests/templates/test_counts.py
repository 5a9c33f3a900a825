"""What the pages say a finished submission means for the person who sent it."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from markupsafe import Markup

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.pipeline.report.model import ReportCounts


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder: Path = tmp_path_factory.mktemp("instance")
    settings = Settings.load({"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(folder)})
    return create_app(settings).jinja_env


def verdict(environment: Environment, counts: ReportCounts) -> str:
    template = environment.from_string("{% from 'macros/counts.html' import verdict %}{{ verdict(counts) }}")
    return re.sub(r"\s+", " ", Markup(template.render(counts=counts)).striptags()).strip()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            ReportCounts(in_file=0),
            "Nothing was accepted No record was found in this file. Correct the file as the messages on this "
            "page say, and send it again.",
        ),
        (
            ReportCounts(in_file=1, accepted=1),
            "The record was accepted Nothing more to do.",
        ),
        (
            ReportCounts(in_file=1200, accepted=1200, warnings=1),
            "All 1,200 records were accepted There is 1 warning. What was accepted is stored; read the "
            "warnings and correct what is wrong.",
        ),
        (
            ReportCounts(in_file=1, rejected=1),
            "1 of 1 record rejected It is not stored. Correct it and send it again.",
        ),
        (
            ReportCounts(in_file=10, accepted=7, rejected=3),
            "3 of 10 records rejected They are not stored. Correct them and send them again. Do not send the "
            "7 accepted records again.",
        ),
        (
            ReportCounts(in_file=2, rejected=2, duplicate=2),
            "2 of 2 records rejected They are duplicates of records that are stored already. Nothing needs "
            "to be sent again.",
        ),
        (
            ReportCounts(in_file=5, accepted=1, rejected=3, duplicate=2, handed_over=1),
            "3 of 5 records rejected They are not stored. 2 are duplicates of records that are stored "
            "already; correct the other one and send it again. Do not send the accepted record again. 1 file "
            "was handed over to another system, which checks it and sends its own report.",
        ),
        (
            ReportCounts(in_file=3, accepted=2, handed_over=1),
            "2 records accepted Nothing more to do. 1 file was handed over to another system, which checks "
            "it and sends its own report.",
        ),
        (
            ReportCounts(in_file=2, handed_over=2),
            "Nothing was accepted or rejected here 2 files were handed over to another system, which checks "
            "them and sends its own report.",
        ),
    ],
)
def test_what_the_numbers_mean(environment: Environment, counts: ReportCounts, expected: str) -> None:
    assert verdict(environment, counts) == expected
