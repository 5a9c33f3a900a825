import pytest

from iqies_flask.specs.allowed_values import allowed_in_words
from iqies_flask.specs.pack import Pack


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("A1005A", "0 or 1, and no blank (^)"),
        ("A2122A", "0, 1 or ^ for a blank"),
        ("C0500", "a number from 00 to 15, 99, - or ^ for a blank"),
        ("M0032_ROC_DT", "a date as YYYYMMDD or ^ for a blank"),
        ("M0066_PAT_BIRTH_DT", "a date as YYYYMMDD, YYYYMM or YYYY, and no blank (^)"),
        ("M1021_PRIMARY_DIAG_ICD", "a diagnosis code such as I10.^^^^, and no blank (^)"),
        ("HHA_AGENCY_ID", "text of up to 16 characters, and no blank (^)"),
        (
            "M0014_BRANCH_STATE",
            "AL, AK, AS, AZ, AR, CA, CO, CT, DE, DC, FL, GA and 44 more or ^ for a blank",
        ),
    ],
)
def test_what_an_item_may_hold(oasis: Pack, item: str, words: str) -> None:
    assert allowed_in_words(oasis.items[item], oasis.items[item].special_values) == words


def test_a_blank_that_a_format_edit_refuses_is_not_offered(oasis: Pack) -> None:
    item = oasis.items["M0032_ROC_DT"]
    assert allowed_in_words(item, ()) == "a date as YYYYMMDD, and no blank (^)"
