"""The edits that CMS writes out of its usual patterns, in its own words, against those written by hand.

``out_of_pattern.tsv`` has them as in OASIS V3.02.0 and, of the MDS, in V3.10.0 draft.
"""

from pathlib import Path

import pytest

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.importing.comparison import RECORDS
from iqies_flask.specs.importing.edits import EditOutcome, Outcome, settle_edits
from iqies_flask.specs.importing.pack_files import split_edits
from iqies_flask.specs.importing.readings import Reading, load_readings
from iqies_flask.specs.importing.release import OfficialEdit, Release
from iqies_flask.specs.pack import Pack

LINES = Path(__file__).with_name("out_of_pattern.tsv").read_text(encoding="utf-8").splitlines()[1:]
EDITS = [tuple(line.split("\t")) for line in LINES]


def _settled(pack: Pack, line: tuple[str, ...], readings: tuple[Reading, ...]) -> EditOutcome:
    system, number, kind, severity, items, text = line
    official = OfficialEdit(number, EditType(kind), Severity(severity), "V9.00.0", text, tuple(items.split()))
    release = Release(system, "V9.00.0", "V9.00.0", (), (), {number: official})
    written = split_edits((pack.folder / "consistency.edits").read_text(encoding="utf-8"))
    outcomes = settle_edits(release, pack, {number: written[number]}, readings=readings)
    return next(outcome for outcome in outcomes if outcome.id == number)


@pytest.mark.parametrize("line", EDITS, ids=[line[1] for line in EDITS])
def test_what_is_written_by_hand_gives_the_verdicts_of_cms_words(
    request: pytest.FixtureRequest, line: tuple[str, ...]
) -> None:
    pack: Pack = request.getfixturevalue(line[0].lower())
    outcome = _settled(pack, line, load_readings(pack))
    assert outcome.outcome is Outcome.CONFIRMED, outcome
    assert outcome.comparison is not None
    assert outcome.comparison.records >= RECORDS
    assert outcome.comparison.failed > 20


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("-3390", Outcome.TAKEN_OVER),
        ("-5201", Outcome.CONFIRMED),
        ("-5421", Outcome.TAKEN_OVER),
        ("-6170", Outcome.TAKEN_OVER),
        ("-7061", Outcome.TAKEN_OVER),
        ("-4060", Outcome.TAKEN_OVER),
        ("-4080", Outcome.DIFFERENT),
    ],
)
def test_no_reading_is_given_without_need(
    request: pytest.FixtureRequest, number: str, outcome: Outcome
) -> None:
    (line,) = (line for line in EDITS if line[1] == number)
    pack: Pack = request.getfixturevalue(line[0].lower())
    assert _settled(pack, line, ()).outcome is outcome
