"""The forms of the steps."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from iqies_flask.forms import Form, stripped
from iqies_flask.identity.passwords import MOST_CHARACTERS as MOST_PASSWORD_CHARACTERS
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys.forms import CeremonyForm


class PasswordForm(Form):
    """User ID and password."""

    user_id = StringField(
        "User ID",
        filters=[stripped],
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


class StepUpForm(CeremonyForm):
    """The answer of a key, and where to go on."""

    next = HiddenField()


class RecoveryCodeForm(Form):
    """A recovery code, and where to go on."""

    recovery_code = StringField(
        "Recovery code",
        description=codes.HINT,
        validators=[
            InputRequired("Enter one of your recovery codes."),
            Length(max=codes.MOST_TYPED_CHARACTERS, message="That is too long for one recovery code."),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    next = HiddenField()
