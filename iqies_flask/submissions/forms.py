"""The upload form."""

from typing import Any

from flask_wtf.file import FileField, FileRequired

from iqies_flask.forms import Form


class OneFileField(FileField):
    """A file. Several are refused: the rest would be left aside without a word."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file out of the request.

        Raises:
            ValueError: There are several; the form shows the message.
        """
        super().process_formdata(valuelist)
        if len(valuelist) > 1:
            raise ValueError("Send one file at a time. To send several assessments together, zip them.")


class UploadForm(Form):
    """One file."""

    submission_file = OneFileField(
        "Zip or XML file", validators=[FileRequired("Choose a zip or XML file to upload.")]
    )
