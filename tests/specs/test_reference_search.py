from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference_search import EntryKind, search


def test_an_id_is_found_first(oasis: Pack, mds: Pack) -> None:
    for query in ("-3261", "3261"):
        assert search([mds, oasis], query, OWN_MESSAGES)[0].id == "-3261"
    found = search([mds, oasis], "m0090_info_completed_dt", OWN_MESSAGES)
    assert (found[0].kind, found[0].id) == (EntryKind.ITEM, "M0090_INFO_COMPLETED_DT")
    assert {"-3261", "-3300"} <= {entry.id for entry in found}
    # Of the Format edits on the item its own page tells.
    assert "-3070" not in {entry.id for entry in found}


def test_all_words_must_occur(oasis: Pack) -> None:
    items = [e.id for e in search([oasis], "Start CARE date", OWN_MESSAGES) if e.kind is EntryKind.ITEM]
    assert "M0030_START_CARE_DT" in items
    assert search([oasis], "start care zebra", OWN_MESSAGES) == []


def test_edits_are_found_by_what_they_say(oasis: Pack) -> None:
    assert "-3190" in [entry.id for entry in search([oasis], "deleted V3.02.0", OWN_MESSAGES)]
    assert "IF-302" in [entry.id for entry in search([oasis], "is not in the record", OWN_MESSAGES)]


def test_without_words_everything_of_a_pack_is_there(oasis: Pack) -> None:
    found = search([oasis], "", OWN_MESSAGES)
    assert [entry.id for entry in found if entry.kind is EntryKind.ITEM] == list(oasis.items)
    assert all(entry.title for entry in found if entry.kind is EntryKind.EDIT)


def test_an_entry_says_what_its_edit_asks(oasis: Pack) -> None:
    titles = {entry.id: entry.title for entry in search([oasis], "", OWN_MESSAGES)}
    assert titles["-4320"] == "If M0100_ASSMT_REASON is 09, then M1600_UTI must not be UK."
    assert titles["-5720"].endswith(" (4 more sentences)")
    assert "more items" not in " ".join(titles.values())
