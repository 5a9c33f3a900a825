"""The forms of security keys."""

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from iqies_flask.forms import Form
from iqies_flask.identity.security_keys.names import MOST_CHARACTERS as MOST_NAME_CHARACTERS
from iqies_flask.identity.security_keys.service import MOST_ANSWER_CHARACTERS

_NO_ANSWER = "No key has answered. Choose the button again, and follow what your browser says."
_NAME_TOO_LONG = f"A name has at most {MOST_NAME_CHARACTERS} characters."


class CeremonyForm(Form):
    """The answer of a key, which the page's script fills in."""

    credential = HiddenField(
        validators=[InputRequired(_NO_ANSWER), Length(max=MOST_ANSWER_CHARACTERS, message=_NO_ANSWER)],
        render_kw={"autocomplete": "off"},
    )
    ceremony = HiddenField(render_kw={"autocomplete": "off"})


class AddKeyForm(CeremonyForm):
    """A new key."""

    name = StringField(
        "Name of the key (optional)",
        validators=[Length(max=MOST_NAME_CHARACTERS, message=_NAME_TOO_LONG)],
        render_kw={"autocomplete": "off", "maxlength": MOST_NAME_CHARACTERS},
    )


class RenameForm(Form):
    """Another name for a key."""

    name = StringField(
        "Name of the key",
        validators=[
            InputRequired("Enter a name."),
            Length(max=MOST_NAME_CHARACTERS, message=_NAME_TOO_LONG),
        ],
        render_kw={"autocomplete": "off"},
    )
