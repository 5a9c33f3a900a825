"""The form of the first step."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from iqies_flask.forms import Form
from iqies_flask.identity.passwords import MOST_CHARACTERS as MOST_PASSWORD_CHARACTERS


class PasswordForm(Form):
    """User ID and password."""

    user_id = StringField(
        "User ID",
        filters=[lambda text: text.strip() if text else text],
        validators=[
            InputRequired("Enter your user ID."),
            Length(max=30, message="A user ID has at most 30 characters."),
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        validators=[
            InputRequired("Enter your password."),
            Length(max=MOST_PASSWORD_CHARACTERS, message="The password is too long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
