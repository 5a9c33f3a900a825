import pytest
from flask import Flask
from wtforms import StringField

from iqies_flask.forms import Form, InNormalForm


def doubled(text: str) -> str:
    if not text:
        raise ValueError("Enter something.")
    return text * 2


class TypedForm(Form):
    typed = StringField(validators=[InNormalForm(doubled)])


@pytest.mark.parametrize(("typed", "data", "errors"), [("ab", "abab", []), ("", "", ["Enter something."])])
def test_what_is_typed_is_put_into_its_normal_form_or_refused_at_the_field(
    app: Flask, typed: str, data: str, errors: list[str]
) -> None:
    with app.test_request_context(method="POST", data={"typed": typed}):
        form = TypedForm(meta={"csrf": False})
        assert form.validate() is not bool(errors)
        assert (form.typed.data, list(form.typed.errors)) == (data, errors)
