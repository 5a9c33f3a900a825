from dataclasses import replace
from pathlib import Path

import pytest

from iqies_flask.specs.importing.edits import EditOutcome, Outcome, pack_text, settle_edits
from iqies_flask.specs.importing.pack_files import split_edits, text_hash
from iqies_flask.specs.importing.release import Release, read_release
from iqies_flask.specs.pack import Pack

from .releases import Page, next_release

WRITTEN = {
    "-9901": "-9901 consistency fatal V3.02.0\n  if C0100 = [0] then all of C0200 through C0500 = [^]\n",
    "-9902": "-9902 skip fatal V3.02.0\n  if C0100 = [1] then C0200 <> [^]\n",
    "-9903": "-9903 consistency fatal V3.02.0\n"
    "  age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 18 to 140\n",
    "-9904": "-9904 consistency fatal V3.02.0\n  C0200 <> [^]\n",
    "-9905": "-9905 consistency fatal V3.02.0\n  C0300A <> [^]\n",
    "-9906": "-9906 consistency fatal V3.02.0\n  if C0999 = [1] then C0200 = [^]\n",
    "-9907": "-9907 consistency fatal V3.02.0\n  if C0100 = [1] then C0200 <> [^]\n",
    "-9912": "-9912 format fatal V3.02.0\n  HHA_AGENCY_ID is known as submission-id\n",
}
PAGES = [
    Page("-9901", "If C0100=[0], then all active items from C0200 through C0500 must equal [^].", ()),
    Page("-9902", "If C0100=[1], then C0200 must not equal [^,-].", (), "Skip pattern"),
    Page("-9903", "The patient must be of age."),
    Page("-9904", "***THIS EDIT WAS DELETED IN V3.03.0***"),
    Page("-9906", "If C0100=[1], then C0200 must not equal [^].", ()),
    Page("-9907", "If C0100=[1], then C0200 must not equal [^].", (), "Consistency", "Warning"),
    Page("-9908", "If C0100=[-], then C0200 must equal [-].", ()),
    Page("-9909", "The provider must be known to the system."),
    Page("-9910", "Stored in upper case.", (), "Information", "None"),
    Page("-9911", "Only blue ink may be used.", (), "Format"),
    Page("-9912", "The ID must match that in the system.", (), "Format"),
    Page("-9913", "If M0100_ASSMT_REASON=[1], then C0200 must equal [^]."),
    Page("-9914", "If C0100=[0] and C0100=[1], then C0200 must equal [^]."),
    Page("-3060", "Only listed values.", (), "Format"),
]


@pytest.fixture(scope="module")
def release(oasis: Pack, tmp_path_factory: pytest.TempPathFactory) -> Release:
    maker = next_release(oasis)
    listed = ["C0100", "C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C", "C0500"]
    maker.pages = [replace(page, items=listed) for page in PAGES]
    return read_release(maker.write(tmp_path_factory.mktemp("release")))


@pytest.fixture(scope="module")
def outcomes(release: Release, oasis: Pack) -> dict[str, EditOutcome]:
    return {outcome.id: outcome for outcome in settle_edits(release, oasis, WRITTEN)}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("-9901", Outcome.CONFIRMED),
        ("-9902", Outcome.DIFFERENT),
        ("-9903", Outcome.TAKEN_OVER),
        ("-9904", Outcome.DELETED),
        ("-9912", Outcome.TAKEN_OVER),
        ("-9905", Outcome.KEPT),
        ("-9906", Outcome.TRANSLATED),
        ("-9907", Outcome.DIFFERENT),
        ("-9908", Outcome.TRANSLATED),
        ("-9909", Outcome.TO_WRITE),
        ("-9910", Outcome.INFORMATION),
        ("-9911", Outcome.FORMAT_TO_WRITE),
        ("-9913", Outcome.TO_WRITE),
        ("-9914", Outcome.TRANSLATED),
        ("-3060", Outcome.FORMAT),
        ("-3090", Outcome.KEPT),
    ],
)
def test_what_becomes_of_an_edit(outcomes: dict[str, EditOutcome], number: str, expected: Outcome) -> None:
    assert outcomes[number].outcome is expected


def test_a_confirmed_edit_stays_as_written_but_for_its_version(outcomes: dict[str, EditOutcome]) -> None:
    assert outcomes["-9901"].text == WRITTEN["-9901"].replace("V3.02.0", "V3.03.0")


def test_words_that_changed_are_known_by_the_hashes_of_those_before(release: Release, oasis: Pack) -> None:
    hashes = {
        "-9901": text_hash("If C0100=[0], then ..."),
        "-9903": text_hash(" The patient  must be of age."),
    }
    found = {one.id: one for one in settle_edits(release, oasis, WRITTEN, 100, hashes=hashes)}
    assert found["-9901"].outcome is Outcome.CONFIRMED
    assert found["-9901"].words_changed is True
    assert found["-9903"].words_changed is False
    assert found["-9908"].words_changed is None


def test_a_changed_limit_is_a_difference_and_the_new_one_counts(oasis: Pack, tmp_path: Path) -> None:
    maker = next_release(oasis)
    text = (
        "If M0100_ASSMT_REASON=[01] and if M0090_INFO_COMPLETED_DT and M0030_START_CARE_DT are both active"
        " and contain valid dates (not [^]), then M0090_INFO_COMPLETED_DT minus M0030_START_CARE_DT should be"
        " greater than or equal to zero and less than or equal to 7."
    )
    listed = ["M0030_START_CARE_DT", "M0090_INFO_COMPLETED_DT", "M0100_ASSMT_REASON"]
    maker.pages = [Page("-3300", text, listed, severity="Warning")]
    written = split_edits((oasis.folder / "consistency.edits").read_text())
    (outcome,) = (
        one
        for one in settle_edits(read_release(maker.write(tmp_path)), oasis, {"-3300": written["-3300"]})
        if one.id == "-3300"
    )
    assert outcome.outcome is Outcome.DIFFERENT
    assert "in 0 to 7" in outcome.text


def test_an_edit_with_other_verdicts_is_replaced_and_the_difference_shown(
    outcomes: dict[str, EditOutcome],
) -> None:
    outcome = outcomes["-9902"]
    assert "C0200 <> [^,-]" in outcome.text
    assert outcome.before == WRITTEN["-9902"]
    assert outcome.comparison is not None
    assert outcome.comparison.example == {"C0100": "1", "C0200": "-"}
    assert outcome.comparison.first_fails


def test_a_translation_that_cannot_be_meant_is_left_to_a_person(outcomes: dict[str, EditOutcome]) -> None:
    assert outcomes["-9913"].reason == "-9913: 1 is no value of M0100_ASSMT_REASON"
    assert outcomes["-9914"].reason == "no generated record failed it"
    assert outcomes["-9908"].reason == ""


def test_another_severity_is_a_difference(outcomes: dict[str, EditOutcome]) -> None:
    assert outcomes["-9907"].text.startswith("-9907 consistency warning V3.03.0\n")
    assert outcomes["-9907"].reason == "CMS gives it another type or severity"


def test_an_edit_that_fits_the_release_no_more_is_named_with_the_reason(
    outcomes: dict[str, EditOutcome], release: Release, oasis: Pack
) -> None:
    assert "what was written before does not fit the release" in outcomes["-9906"].reason
    assert "no item C0999" in outcomes["-9906"].reason
    gone = settle_edits(release, oasis, {"-9999": WRITTEN["-9906"].replace("-9906", "-9999")})
    assert gone[0].outcome is Outcome.TO_WRITE
    assert gone[0].text == ""


def test_items_to_which_a_format_edit_is_applied_though_not_listed_are_named(
    outcomes: dict[str, EditOutcome],
) -> None:
    assert outcomes["-3060"].reason.startswith("applied, but not listed by CMS: A0810, ")


def test_the_pack_holds_what_is_written_in_the_order_of_before(
    release: Release, outcomes: dict[str, EditOutcome]
) -> None:
    texts = split_edits(pack_text(release, outcomes.values()))
    assert list(texts) == ["-9901", "-9902", "-9903", "-9905", "-9906", "-9907", "-9912", "-9908", "-9914"]
    assert texts["-9905"] == WRITTEN["-9905"]


def test_a_file_of_edits_is_cut_between_them(tmp_path: Path) -> None:
    text = (
        "# head\n\n-9901 skip fatal V1.0\n  A0810 = [1]\n  # inside\n  A0810 = [2]\n\n"
        "# next\n-9902 skip fatal V1.0\n  x"
    )
    assert split_edits(text) == {
        "-9901": "-9901 skip fatal V1.0\n  A0810 = [1]\n  # inside\n  A0810 = [2]\n",
        "-9902": "-9902 skip fatal V1.0\n  x\n",
    }
