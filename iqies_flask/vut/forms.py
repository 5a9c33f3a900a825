"""The form of the page."""

from flask_wtf.file import FileField, FileRequired

from iqies_flask.forms import Form


class CheckForm(Form):
    """One file."""

    assessment_file = FileField(
        "Zip or XML file", validators=[FileRequired("Choose a zip or XML file to check.")]
    )
