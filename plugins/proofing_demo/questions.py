"""Questions made of what a person has entered, with made-up choices around the right one."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from iqies_flask.plugin import Applicant, Choice, Question

MOST_QUESTIONS = 5
NONE_OF_THESE = "None of these"
_MADE_UP = 4

_STREETS = (
    "Alder Court", "Birchwood Avenue", "Cedar Hill Road", "Dogwood Lane", "Elmhurst Drive", "Foxglove Way",
    "Granite Street", "Hawthorn Place", "Ivy Terrace", "Juniper Road", "Kestrel Lane", "Larkspur Drive",
)  # fmt: skip
_CITIES = (
    "Ashford", "Brookhaven", "Clearwater", "Dunmore", "Eastfield", "Fairmount", "Glenwood", "Harborview",
    "Kingsbridge", "Lakemont", "Millbrook", "Northgate",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_LEAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a question is about.

    Attributes:
        id: Of the question.
        text: Of the question.
        truth: The right choice; empty where the person has not entered it.
        make_up: Makes a choice that looks like it.
    """

    id: str
    text: str
    truth: str
    make_up: Callable[[Random], str]


def make_questions(applicant: Applicant, random: Random) -> tuple[tuple[Question, ...], dict[str, str]]:
    """Make questions.

    Args:
        applicant: The person.
        random: Where chance comes from.

    Returns:
        The questions, and question id to the id of the right choice.
    """
    topics = [topic for topic in _topics(applicant) if topic.truth][:MOST_QUESTIONS]
    # In one of them the truth is not offered, so that "None of these" is worth considering.
    without_truth = random.choice(topics).id
    asked = [_ask(topic, random, with_truth=topic.id != without_truth) for topic in topics]
    return tuple(question for question, _ in asked), {question.id: right for question, right in asked}


def _topics(applicant: Applicant) -> list[_Topic]:
    house, street = _split_street(applicant.street)
    digits = "".join(character for character in applicant.phone if character.isdigit())
    born = applicant.birth_date
    return [
        _Topic("street", "On which of these streets do you live?", street, lambda r: r.choice(_STREETS)),
        _Topic("zip", "Which of these ZIP Codes is yours?", applicant.zip[:5], lambda r: _digits(r, 5)),
        _Topic("birth_year", "In which of these years were you born?", str(born.year),
               lambda r: str(born.year + r.randint(-12, 12))),
        _Topic("phone", "How does your phone number end?", digits[-_LEAST_DIGITS:],
               lambda r: _digits(r, _LEAST_DIGITS)),
        _Topic("city", "In which of these cities do you live?", applicant.city, lambda r: r.choice(_CITIES)),
        _Topic("birth_month", "In which of these months is your birthday?", _MONTHS[born.month - 1],
               lambda r: r.choice(_MONTHS)),
        _Topic("house", "Which of these is your house number?", house, lambda r: str(r.randint(1, 9999))),
    ]  # fmt: skip


def _ask(topic: _Topic, random: Random, *, with_truth: bool) -> tuple[Question, str]:
    texts: list[str] = [topic.truth] if with_truth else []
    while len(texts) < _MADE_UP:
        text = topic.make_up(random)
        if text.casefold() not in {topic.truth.casefold(), *(other.casefold() for other in texts)}:
            texts.append(text)
    random.shuffle(texts)
    texts.append(NONE_OF_THESE)
    choices = tuple(Choice(str(number), text) for number, text in enumerate(texts, start=1))
    right = topic.truth if with_truth else NONE_OF_THESE
    return Question(topic.id, topic.text, choices), str(texts.index(right) + 1)


def _split_street(line: str) -> tuple[str, str]:
    """Split "12 Main Street" into its number and the street; the number is empty where there is none."""
    first, _, rest = line.strip().partition(" ")
    return (first, rest.strip()) if first[:1].isdigit() and rest.strip() else ("", line.strip())


def _digits(random: Random, count: int) -> str:
    return "".join(str(random.randrange(10)) for _ in range(count))
