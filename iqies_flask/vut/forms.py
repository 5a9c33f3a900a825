"""The form of the page."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class CheckForm(FlaskForm):
    """One file."""

    assessment_file = FileField(
        "Zip or XML file", validators=[FileRequired("Choose a zip or XML file to check.")]
    )
