"""The forms of proofing."""

from typing import Any

from wtforms import IntegerField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from iqies_flask.forms import Form, choices, said_at_the_field, stripped
from iqies_flask.identity.persons import checked_ssn
from iqies_flask.identity.proofing.service import MOST_REFERENCE_CHARACTERS
from iqies_flask.model import Question

_PREFIX = "question_"


class StepForm(Form):
    """What belongs to one step of one attempt, and to no other: a page that was left open sends nothing new.

    Left out, or no number, it stands for a step that is not open.
    """

    case_number = IntegerField(widget=HiddenInput())
    step = IntegerField(widget=HiddenInput())

    @property
    def place(self) -> tuple[int, int]:
        """Number of the attempt, and its step."""
        return self.case_number.data or 0, self.step.data or 0


class QuestionsForm(StepForm):
    """Questions of a proofing service, made by `questions_form`.

    Attributes:
        asked: The questions. Their fields have numbers for names, since an id may be anything.
    """

    asked: tuple[Question, ...] = ()

    @property
    def questions(self) -> list[Any]:
        """The fields of the questions."""
        return [self[_name(number)] for number in range(len(self.asked))]

    @property
    def answers(self) -> dict[str, str]:
        """Question id to choice id."""
        return {
            question.id: str(field.data) for question, field in zip(self.asked, self.questions, strict=True)
        }


def questions_form(questions: tuple[Question, ...], case_number: int, step: int) -> QuestionsForm:
    """Make the form of some questions.

    Args:
        questions: What is to be answered.
        case_number: Number of the attempt.
        step: Its step.
    """
    fields = {
        _name(number): RadioField(
            question.text,
            choices=choices((choice.id, choice.text) for choice in question.choices),
            validators=[InputRequired(f"Choose an answer: {question.text}")],
        )
        for number, question in enumerate(questions)
    }
    kind = type("AskedForm", (QuestionsForm,), {**fields, "asked": questions})
    made: QuestionsForm = kind(case_number=case_number, step=step)
    return made


def _name(number: int) -> str:
    return f"{_PREFIX}{number + 1}"


class ReferenceForm(StepForm):
    """The reference number that a proofing service gave by telephone."""

    reference = StringField(
        "Reference number",
        filters=[stripped],
        validators=[
            DataRequired("Enter the reference number."),
            Length(
                max=MOST_REFERENCE_CHARACTERS,
                message=f"A reference number has at most {MOST_REFERENCE_CHARACTERS} characters.",
            ),
        ],
    )


class BeginWithSsnForm(Form):
    """A try, where the Social Security number has to be entered again."""

    ssn = PasswordField(
        "Social Security number", validators=[InputRequired("Enter your Social Security number.")]
    )

    def validate_ssn(self, field: PasswordField) -> None:
        """Bring the number into its normal form, or say what is wrong with it."""
        with said_at_the_field():
            field.data = checked_ssn(field.data or "")
