"""The form in which a proofing officer records what was seen, and decides."""

from datetime import UTC, datetime
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from iqies_flask.forms import Form, choices, stripped
from iqies_flask.identity.proofing.officers import (
    MOST_NUMBER_CHARACTERS,
    Document,
    DocumentKind,
    Evidence,
    HowSeen,
)

_NONE = ("", "None")
_YES, _NO = "yes", "no"
_IN_FORCE = choices([(_YES, "Yes"), (_NO, "No")])
_MOST_ISSUER_CHARACTERS = 60
_MOST_WORDS_CHARACTERS = 2000


def _kind(label: str) -> SelectField:
    kinds = [(kind.name, kind.value) for kind in DocumentKind]
    return SelectField(label, choices=choices([_NONE, *kinds]), validators=[Optional()])


def _issuer() -> StringField:
    length = Length(
        max=_MOST_ISSUER_CHARACTERS,
        message=f"The issuer has at most {_MOST_ISSUER_CHARACTERS} characters.",
    )
    return StringField("Issued by", filters=[stripped], validators=[length])


def _number_end() -> StringField:
    length = Length(
        max=MOST_NUMBER_CHARACTERS,
        message=f"Enter no more than the last {MOST_NUMBER_CHARACTERS} characters of the number.",
    )
    return StringField("Last characters of its number", filters=[stripped], validators=[length])


def _in_force() -> RadioField:
    return RadioField("Is it still valid by its expiry date?", choices=_IN_FORCE, validators=[Optional()])


class DecisionForm(Form):
    """Up to two documents, how they were seen, and the decision.

    ``as_of`` is the state of the person's particulars that the officer compared the documents with.
    """

    as_of = HiddenField()
    first_kind = _kind("Document")
    first_issuer = _issuer()
    first_number_end = _number_end()
    first_in_force = _in_force()
    second_kind = _kind("Document")
    second_issuer = _issuer()
    second_number_end = _number_end()
    second_in_force = _in_force()
    how_seen = RadioField(
        "How did you see the person and the documents?",
        choices=choices((how.name, how.value) for how in HowSeen),
        validators=[InputRequired("Choose how you saw the person and the documents.")],
    )
    notes = TextAreaField(
        "Notes",
        validators=[
            Length(
                max=_MOST_WORDS_CHARACTERS,
                message=f"The notes have at most {_MOST_WORDS_CHARACTERS:,} characters.",
            )
        ],
    )
    verdict = RadioField(
        "Decision",
        choices=choices(
            [
                ("approve", "Approve: the person is who he or she says"),
                ("refuse", "Refuse: it could not be established"),
            ]
        ),
        validators=[InputRequired("Choose to approve or to refuse.")],
    )
    reason = TextAreaField(
        "Reason",
        filters=[stripped],
        validators=[
            DataRequired("Give the reason for your decision."),
            Length(
                max=_MOST_WORDS_CHARACTERS,
                message=f"The reason has at most {_MOST_WORDS_CHARACTERS:,} characters.",
            ),
        ],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check also that each document that is recorded is recorded whole."""
        valid = bool(super().validate(extra_validators))
        for number in ("first", "second"):
            if not self[f"{number}_kind"].data:
                continue
            for name, problem in (
                (f"{number}_issuer", "Enter who issued the document."),
                (f"{number}_in_force", "Choose whether the document is still valid."),
            ):
                if not self[name].data:
                    self[name].errors = [problem]
                    valid = False
        return valid

    @property
    def compared_with(self) -> datetime:
        """The same as a moment; the earliest there is where the page did not say it."""
        try:
            return datetime.fromisoformat(self.as_of.data or "")
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)

    @property
    def approves(self) -> bool:
        """Whether the person is approved."""
        return bool(self.verdict.data == "approve")

    @property
    def evidence(self) -> Evidence:
        """What was seen."""
        documents = tuple(
            Document(
                kind=DocumentKind[self[f"{number}_kind"].data],
                issuer=self[f"{number}_issuer"].data,
                number_end=self[f"{number}_number_end"].data or "",
                in_force=self[f"{number}_in_force"].data == _YES,
            )
            for number in ("first", "second")
            if self[f"{number}_kind"].data
        )
        return Evidence(documents, HowSeen[self.how_seen.data], self.notes.data or "")
