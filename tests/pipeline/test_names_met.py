from iqies_flask.pipeline.names_met import NamesMet, names_in

RECORD = b"<ASSESSMENT><A>1</A><B/></ASSESSMENT>"
NAMES = {"ASSESSMENT", "A", "B"}


def test_names_are_found_in_broken_xml_too() -> None:
    assert names_in(RECORD) == NAMES
    assert names_in(b"<A\n>1</A><B><\xff") == {"A", "B", "\ufffd"}


def test_new_names_are_let_through_while_there_is_room() -> None:
    met = NamesMet(most_characters=12)
    met.note(NAMES - {"B"})
    assert met.lets_through(b"<C/>")


def test_without_room_only_known_names_are_let_through() -> None:
    met = NamesMet(most_characters=12)
    met.note(NAMES)
    assert met.lets_through(RECORD)
    assert not met.lets_through(b"<ASSESSMENT><C/></ASSESSMENT>")


def test_a_name_takes_room_once() -> None:
    met = NamesMet(most_characters=13)
    for _ in range(5):
        met.note(NAMES)
    assert met.lets_through(b"<C/>")
