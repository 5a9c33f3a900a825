from iqies_flask.reference.exporting.file_names import file_names


def test_ids_are_readable_in_the_names() -> None:
    assert file_names("edit", ["-3261", "IF-302"]) == {
        "-3261": "edit-3261.html",
        "IF-302": "edit-if-302.html",
    }
    assert file_names("pack", ["OASIS 3.02"], ending="/") == {"OASIS 3.02": "pack-oasis-3.02/"}


def test_no_two_names_are_one_where_case_does_not_count() -> None:
    ids = ["A0310", "a0310", "A-0310", "A/0310", "a-0310-2"]
    names = list(file_names("item", ids).values())
    assert len({name.casefold() for name in names}) == len(ids)
    assert names[:2] == ["item-a0310.html", "item-a0310-2.html"]


def test_no_name_leads_out_of_its_folder() -> None:
    names = file_names("item", ["../../etc/passwd", "..", "", "con", "a\\b", "é\u202e"])
    assert not [name for name in names.values() if set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-._")]
    assert not [name for name in names.values() if ".." in name or name.split(".")[0] == "con"]
