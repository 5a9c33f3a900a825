"""The forms of ways back into an account by e-mail."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from iqies_flask.forms import Form, stripped
from iqies_flask.identity.person_fields import NewPasswordFields, email_field

_MOST_CHARACTERS = 254


class ForgotUserIdForm(Form):
    """The address of an account."""

    email = email_field("E-mail address")


class ForgotPasswordForm(Form):
    """The user ID or the address of an account."""

    account = StringField(
        "User ID or e-mail address",
        filters=[stripped],
        validators=[
            InputRequired("Enter your user ID or your e-mail address."),
            Length(max=_MOST_CHARACTERS, message=f"This has more than {_MOST_CHARACTERS} characters."),
        ],
    )


class ResetPasswordForm(NewPasswordFields):
    """The new password."""
