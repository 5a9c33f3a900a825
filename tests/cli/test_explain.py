from .conftest import Invoke


def test_an_edit_is_explained(iqies: Invoke) -> None:
    text = iqies("explain", "-3261").stdout
    assert text.startswith("OASIS 3.02  -3261  Fatal  Consistency  since V3.02.0\n")
    assert "  If M0032_ROC_DT is blank (^)\n  then these dates must stand in order" in text
    assert "      on that day or later: M0090_INFO_COMPLETED_DT\n" in text
    assert "if M0032_ROC_DT = [^] then order" in text
    assert "  M0066_PAT_BIRTH_DT  Date of birth\n" in text


def test_clauses_keep_their_letters(iqies: Invoke) -> None:
    text = iqies("explain", "4070", "--pack", "mds 3.10").stdout
    assert "  (a) If all of this:\n          A0310H is 1\n" in text
    assert "\n      then all of this:\n          A2121 must be blank (^)\n" in text


def test_an_item_is_explained(iqies: Invoke) -> None:
    text = iqies("explain", "m0100_assmt_reason").stdout
    assert "Item subsets: 01 03" in text
    assert "\n  01  " in text
    assert "\n  -3280  Warning  Consistency  If M0100_ASSMT_REASON is 01, then " in text


def test_an_edit_of_both_systems_is_explained_for_both_or_for_one(iqies: Invoke) -> None:
    both = iqies("explain", "IF-302").stdout
    assert "MDS 3.10  IF-302" in both
    assert "OASIS 3.02  IF-302" in both
    assert "OASIS" not in iqies("explain", "IF-302", "--pack", "MDS 3.10").stdout


def test_an_edit_that_does_not_run_is_shown_with_its_reason(iqies: Invoke) -> None:
    assert "deleted by CMS in V3.02.0" in iqies("explain", "-3190").stdout


def test_what_is_not_there_is_said_with_what_is_near(iqies: Invoke) -> None:
    assert "Perhaps" in iqies("explain", "M0090_INFO_COMPLETED", status=1).output
    assert "Installed: MDS 3.10, OASIS 3.02" in iqies("explain", "-3261", "--pack", "PBJ", status=1).output


def test_advice_is_explained(iqies: Invoke) -> None:
    text = iqies("explain", "IF-601").stdout
    assert text.startswith("MDS 3.10  IF-601  Advice  Advice")
    assert "C0500 should be the sum of C0200 through C0400C" in text


def test_a_remark_of_cms_is_told_from_an_edit(iqies: Invoke) -> None:
    said = iqies("explain", "-9100", "--pack", "OASIS 3.02", status=1).output
    assert "OASIS 3.02 has no edit or item -9100. CMS numbers its remarks from -9000 on" in said
    assert "Perhaps" not in said
