import pytest

from iqies_flask.specs.importing.references import spelled_out

PAGE = (
    "M0100_ASSMT_REASON",
    "M1021_PRIMARY_DIAG_ICD",
    "M1021_PRIMARY_DIAG_SEVERITY",
    "M1023_OTH_DIAG1_ICD",
    "M1023_OTH_DIAG1_SEVERITY",
)
RULE = (
    "If the Primary/Other ICD code in Column 2 is equal to [^], then the corresponding severity code must "
    "equal [^]."
)


def test_a_name_that_an_edit_gives_to_items_is_replaced_by_them() -> None:
    text = (
        'The following rules refer to the "BIMS component items" which are C0200 and C0300A: (a) If all of '
        "the BIMS component items are active, then C0500 must equal the sum of the component items."
    )
    assert spelled_out(text, ()) == (
        "(a) If all of C0200 and C0300A are active, then C0500 must equal the sum of C0200 and C0300A."
    )


def test_a_rule_on_diagnoses_is_written_for_each() -> None:
    assert spelled_out(RULE, PAGE) == (
        "(a) If M1021_PRIMARY_DIAG_ICD is equal to [^], then M1021_PRIMARY_DIAG_SEVERITY must equal [^]. "
        "(b) If M1023_OTH_DIAG1_ICD is equal to [^], then M1023_OTH_DIAG1_SEVERITY must equal [^]."
    )


@pytest.mark.parametrize("page", [(), PAGE[:-1], (*PAGE[:-2], PAGE[-1])])
def test_a_diagnosis_without_its_severity_is_left_to_a_person(page: tuple[str, ...]) -> None:
    assert spelled_out(RULE, page) == RULE


def test_a_rule_that_names_its_items_stays() -> None:
    text = "If M1021_PRIMARY_DIAG_ICD is equal to [^], then M1021_PRIMARY_DIAG_SEVERITY must equal [^]."
    assert spelled_out(text, PAGE) == text
