"""A date has one form wherever the site writes it."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from flask import Flask, render_template_string

from iqies_flask.dates import date_in_words, moment_in_words

ROOT = Path(__file__).parents[2]
WRITTEN_OTHERWISE = re.compile(r"strftime|%[bBYmd]\b|(?<!datetime=\"\{\{ value)\.isoformat\(")
MOMENT = datetime(2026, 11, 2, 15, 41, 7, tzinfo=UTC)


def test_date() -> None:
    assert date_in_words(date(2026, 11, 2)) == "Nov 2, 2026"


def test_moment_is_told_in_the_time_zone_that_it_has() -> None:
    assert moment_in_words(MOMENT) == "Nov 2, 2026, 3:41:07 PM UTC"
    there = MOMENT.astimezone(timezone(timedelta(hours=-5), "EST"))
    assert moment_in_words(there) == "Nov 2, 2026, 10:41:07 AM EST"


def test_templates_write_the_same(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string(
            "{% from 'macros/moment.html' import moment %}{% from 'macros/wording.html' import day %}"
            "{{ day(value) }} {{ moment(value) }}",
            value=MOMENT,
        )
    said = re.sub("<[^>]*>", "", page)
    assert said.startswith(f"{date_in_words(MOMENT)} {date_in_words(MOMENT)}, ")


def test_no_template_has_a_form_of_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for line in path.read_text().splitlines()
        if WRITTEN_OTHERWISE.search(line)
    ]
    assert found == []
