from pathlib import Path

import pytest
from flask import Flask, render_template_string

TEMPLATES = Path(__file__).parents[2] / "templates"
DANGERS = (
    "offices/end.html",
    "offices/revoke.html",
    "officials/revoke.html",
    "profile/deactivate.html",
    "role_requests/end.html",
    "security_keys/remove.html",
)


def classes(app: Flask, kind: str) -> str:
    page = render_template_string(
        "{% from 'macros/button.html' import submit_button %}{{ submit_button('Do it', kind) }}", kind=kind
    )
    return page.partition('class="')[2].partition('"')[0]


def test_a_button_is_told_apart_by_its_kind(app: Flask) -> None:
    with app.test_request_context():
        assert classes(app, "") == "ds-c-button"
        assert classes(app, "solid") == "ds-c-button ds-c-button--solid"
        assert classes(app, "danger") == "ds-c-button ds-c-button--solid button--danger"


@pytest.mark.parametrize("name", DANGERS)
def test_what_cannot_be_taken_back_has_a_button_of_its_own_kind(name: str) -> None:
    assert "'danger') }}" in (TEMPLATES / name).read_text()
