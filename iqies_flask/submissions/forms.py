"""The upload form."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class UploadForm(FlaskForm):
    """One file."""

    submission_file = FileField(
        "Zip or XML file", validators=[FileRequired("Choose a zip or XML file to upload.")]
    )
