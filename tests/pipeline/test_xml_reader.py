"""The XML of one record: each case of its own message, and both ways of reading to the same items."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.model import Finding, Severity
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.limits import IntakeLimits
from iqies_flask.pipeline.xml_explainer import explain
from iqies_flask.pipeline.xml_reader import ReadXml, read_xml
from tests.pipeline.files import ASSESSMENT, ITEMS, assessment

LIMITS = IntakeLimits()


def read(data: bytes, limits: IntakeLimits = LIMITS) -> ReadXml:
    return read_xml(data, limits)


def only_finding(xml: ReadXml) -> Finding:
    assert len(xml.findings) == 1, xml.findings
    return xml.findings[0]


def test_a_plain_record_gives_its_items_and_no_finding() -> None:
    assert read(ASSESSMENT) == ReadXml("ASSESSMENT", ITEMS)


def test_items_keep_the_order_of_the_file() -> None:
    xml = read(assessment("<C>1</C><A>2</A><B>3</B>"))
    assert list(xml.items) == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("body", "items"),
    [
        ("<A>  x y </A>", {"A": "  x y "}),
        ("<A></A><B/>", {"A": "", "B": ""}),
        ("<A>&amp;&lt;&#233;&#xE9;</A>", {"A": "&<éé"}),
        ("<A>^</A><B>-</B>", {"A": "^", "B": "-"}),
        ("<A>x=1? y! a/>b</A>", {"A": "x=1? y! a/>b"}),
        ("<A>één</A>", {"A": "één"}),
    ],
)
def test_values_are_taken_as_they_are(body: str, items: dict[str, str]) -> None:
    assert read(assessment(body)) == ReadXml("ASSESSMENT", items)


UNREADABLE = {
    "empty": (b"", "IF-201"),
    "blank": (b" \n\t", "IF-201"),
    "PDF": (b"%PDF-1.7", "IF-202"),
    "text": (b"M0010,M0014", "IF-202"),
    "DTD": (b"<!DOCTYPE ASSESSMENT>" + ASSESSMENT[39:], "IF-203"),
    "DTD with elements": (b"<!DOCTYPE A [<!ELEMENT A ANY>]><A/>", "IF-203"),
    "entity": (b'<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>', "IF-204"),
    "parameter entity": (b'<!DOCTYPE A [<!ENTITY % x "y">]><A/>', "IF-204"),
    "billion laughs": (
        b'<!DOCTYPE A [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><A>&b;</A>',
        "IF-204",
    ),
    "external entity": (b'<!DOCTYPE A [<!ENTITY x SYSTEM "file:///etc/passwd">]><A>&x;</A>', "IF-205"),
    "external parameter entity": (b'<!DOCTYPE A [<!ENTITY % x SYSTEM "http://x.test/">%x;]><A/>', "IF-205"),
    "external DTD": (b'<!DOCTYPE A SYSTEM "http://x.test/a.dtd"><A/>', "IF-205"),
    "public DTD": (b'<!DOCTYPE A PUBLIC "p" "a.dtd"><A/>', "IF-205"),
    "undefined entity": (assessment("<A>&nbsp;</A>"), "IF-206"),
    "Latin-1 as UTF-8": (assessment("<A>x</A>").replace(b"x", b"\xe9"), "IF-211"),
    "truncated in an element": (ASSESSMENT[:90], "IF-221"),
    "truncated between elements": (ASSESSMENT[: ASSESSMENT.index(b"</ASSESSMENT>")], "IF-221"),
    "truncated in a tag": (b"<ASSESSMENT><M00", "IF-221"),
    "truncated in CDATA": (b"<ASSESSMENT><A><![CDATA[x", "IF-221"),
    "two records": (ASSESSMENT + ASSESSMENT[39:], "IF-222"),
    "text after the record": (ASSESSMENT + b"done", "IF-223"),
    "ampersand with space": (assessment("<A>SMITH & SONS</A>"), "IF-224"),
    "ampersand at the end": (assessment("<A>SMITH &</A>"), "IF-224"),
    "ampersand in a name": (assessment("<A>SMITH&SONS</A>"), "IF-224"),
    "reference to a control character": (assessment("<A>x&#11;y</A>"), "IF-225"),
    "control character": (assessment("<A>x\x0by</A>"), "IF-225"),
    "other end tag": (assessment("<A>x</B>"), "IF-226"),
    "less-than sign": (assessment("<A>1 < 2</A>"), "IF-227"),
    "attribute without quotes": (assessment("<A x=1>2</A>"), "IF-227"),
    "name that begins with a digit": (assessment("<1A>2</1A>"), "IF-227"),
}


@pytest.mark.parametrize(("data", "edit_id"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_refused_with_its_own_message(data: bytes, edit_id: str) -> None:
    xml = read(data)
    finding = only_finding(xml)
    assert finding.edit_id == edit_id
    assert finding.severity is Severity.FATAL
    assert finding.remedy
    assert xml == ReadXml("", {}, [finding], readable=False)


def test_broken_xml_is_named_with_its_line_and_element() -> None:
    finding = only_finding(read(b"<ASSESSMENT>\n<A>1</A>\n<B>1 < 2</B>\n</ASSESSMENT>"))
    assert "Line 3, column 7" in finding.message
    assert "element B" in finding.message


def test_a_value_one_character_too_long_is_refused_in_a_small_file_too() -> None:
    longest = "x" * LIMITS.value_characters
    assert read(assessment(f"<A>{longest}</A>")).findings == []
    assert only_finding(read(assessment(f"<A>{longest}x</A>"))).edit_id == "IF-233"


def test_a_lone_ampersand_is_named_with_its_own_place() -> None:
    finding = only_finding(read("<ASSESSMENT>\n<B>1</B>\n<A>één&\nx</A>\n</ASSESSMENT>".encode()))
    assert finding.edit_id == "IF-224"
    assert "Line 3, column 7:" in finding.message


def test_a_forbidden_reference_is_shown() -> None:
    assert "the character &#x1F; is" in only_finding(read(assessment("<A>x&#x1F;</A>"))).message


def test_a_truncated_file_names_where_it_ends() -> None:
    finding = only_finding(read(b"<ASSESSMENT>\n<A>1</A>\n<B>2"))
    assert "line 3" in finding.message
    assert "element B" in finding.message


READABLE = {
    "nested": ("<A>1<B>2</B></A>", {"A": "1"}, "IF-231", Severity.FATAL),
    "doubled": ("<A>1</A><B>2</B><A>3</A>", {"A": "1", "B": "2"}, "IF-232", Severity.FATAL),
    "text between": ("<A>1</A>lost<B>2</B>", {"A": "1", "B": "2"}, "IF-234", Severity.FATAL),
    "prefix": ("<m:A>1</m:A>", {"A": "1"}, "IF-235", Severity.FATAL),
    "namespace": ('<A xmlns="urn:x">1</A>', {"A": "1"}, "IF-235", Severity.FATAL),
    "lower case": ("<m0064_ssn>9</m0064_ssn><A>1</A>", {"A": "1"}, "IF-236", Severity.FATAL),
    "long name": (f"<{'A' * 65}>1</{'A' * 65}><A>1</A>", {"A": "1"}, "IF-237", Severity.FATAL),
    "attribute": ('<A x="1">1</A>', {"A": "1"}, "IF-243", Severity.WARNING),
    "comment": ("<!-- x --><A>1</A>", {"A": "1"}, "IF-244", Severity.WARNING),
    "comment in a value": ("<A>1<!-- x -->2</A>", {"A": "12"}, "IF-244", Severity.WARNING),
    "CDATA": ("<A><![CDATA[1 & 2]]></A>", {"A": "1 & 2"}, "IF-245", Severity.WARNING),
    "instruction": ("<?print now?><A>1</A>", {"A": "1"}, "IF-246", Severity.WARNING),
}


@pytest.mark.parametrize(("body", "items", "edit_id", "severity"), READABLE.values(), ids=READABLE.keys())
def test_oddities_are_named_and_the_record_is_read(
    body: str, items: dict[str, str], edit_id: str, severity: Severity
) -> None:
    xml = read(assessment(body))
    finding = only_finding(xml)
    assert (finding.edit_id, finding.severity) == (edit_id, severity)
    assert (xml.root, xml.items, xml.readable) == ("ASSESSMENT", items, True)


def test_a_doubled_element_shows_both_values_and_lines() -> None:
    finding = only_finding(read(b"<ASSESSMENT>\n<A>1</A>\n<B>2</B>\n<A>3</A>\n</ASSESSMENT>"))
    assert "in line 2 and in line 4" in finding.message
    assert [(one.item, one.value) for one in finding.items] == [("A", "1"), ("A", "3")]


def test_a_lower_case_element_is_told_its_name() -> None:
    finding = only_finding(read(assessment("<m0064_ssn>9</m0064_ssn>")))
    assert "M0064_SSN" in finding.message


def test_text_between_elements_is_named_with_its_line() -> None:
    finding = only_finding(read(b"<ASSESSMENT>\n<A>1</A>\n\n  lost\n<B>2</B></ASSESSMENT>"))
    assert "Line 4" in finding.message
    assert '"lost"' in finding.message


def test_schema_attributes_on_the_root_are_ignored_with_a_warning() -> None:
    data = (
        b'<ASSESSMENT xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:noNamespaceSchemaLocation="http://x.test/a.xsd"><A>1</A></ASSESSMENT>'
    )
    xml = read(data)
    assert only_finding(xml).edit_id == "IF-243"
    assert xml.items == {"A": "1"}


def test_a_namespace_on_the_root_is_fatal_and_the_items_are_still_read() -> None:
    xml = read(b'<ASSESSMENT xmlns="urn:x"><A>1</A></ASSESSMENT>')
    assert only_finding(xml).edit_id == "IF-235"
    assert xml.items == {"A": "1"}


def test_a_byte_order_mark_is_a_warning() -> None:
    xml = read(b"\xef\xbb\xbf" + ASSESSMENT)
    assert only_finding(xml).edit_id == "IF-242"
    assert xml.items == ITEMS


def test_warnings_on_the_encoding_stand_beside_what_makes_it_unreadable() -> None:
    xml = read(b"\xef\xbb\xbf<A>")
    assert [finding.edit_id for finding in xml.findings] == ["IF-242", "IF-221"]
    assert not xml.readable


def test_utf16_gives_the_same_items() -> None:
    xml = read(ASSESSMENT.decode().replace("UTF-8", "UTF-16").encode("utf-16"))
    assert only_finding(xml).edit_id == "IF-241"
    assert xml.items == ITEMS


def test_a_megabyte_value_is_cut_everywhere() -> None:
    xml = read(assessment(f"<A>{'x' * 1_000_000}</A><B>2</B>"))
    finding = only_finding(xml)
    assert finding.edit_id == "IF-233"
    assert "1,000,000" in finding.message
    assert len(finding.message) + sum(len(one.value or "") for one in finding.items) < 1000
    assert len(xml.items["A"]) == LIMITS.value_characters
    assert xml.items["B"] == "2"


def test_a_value_of_exactly_the_limit_passes() -> None:
    xml = read(assessment(f"<A>{'x' * LIMITS.value_characters}</A>"))
    assert xml.findings == []


def test_the_number_of_elements_is_bounded() -> None:
    limits = IntakeLimits(elements=10)
    body = "".join(f"<A{number}>1</A{number}>" for number in range(9))
    assert read(assessment(body), limits).findings == []
    assert only_finding(read(assessment(body + "<B/>"), limits)).edit_id == "IF-229"


def test_depth_is_bounded() -> None:
    deep = "<A>" * 1000 + "</A>" * 1000
    assert only_finding(read(assessment(deep))).edit_id == "IF-228"


def test_many_faults_of_one_kind_are_summed_up() -> None:
    xml = read(assessment("".join("<A>1</A>" for _ in range(1000))))
    assert len(xml.findings) == 21
    assert xml.findings[-1].edit_id == "IF-249"
    assert "979" in xml.findings[-1].message


def test_many_oddities_of_one_kind_are_one_finding() -> None:
    xml = read(assessment("".join(f'<A{number} x="1">1</A{number}>' for number in range(50))))
    assert "49 more" in only_finding(xml).message


def test_other_roots_are_read_without_the_rules_for_assessments() -> None:
    xml = read(assessment("<a>1</a><b><c>2</c></b><a>3</a>text", root="other"))
    assert (xml.root, xml.items, xml.findings) == ("other", {"a": "1", "b": ""}, [])


def test_the_kind_of_a_zip_named_like_xml_is_told() -> None:
    assert "a zip file" in only_finding(read(b"PK\x03\x04rest")).message


NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30)


def escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=20))
def test_the_plain_and_the_explaining_way_agree(items: dict[str, str]) -> None:
    body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in items.items())
    data = f"<ASSESSMENT>{body}</ASSESSMENT>".encode()
    explained = explain(data, LIMITS)
    assert explained.items == items
    assert explained.findings == []
    assert read(data) == ReadXml("ASSESSMENT", items)


PIECES = st.sampled_from(
    [
        "<ASSESSMENT>", "</ASSESSMENT>", "<A>", "</A>", "<B/>", "<b>", "</b>", "<A x='1'>", "text", "&amp;",
        "&x;", "&", "<", ">", "]]>", "<![CDATA[", "<!-- ", "-->", "<?p ", "?>", "<!DOCTYPE A [", "]>",
        "<!ENTITY a 'b'>",
        "<n:A xmlns:n='u'>", "</n:A>", "\x00", "\x0b", "\ufeff", "é", "\n", " ", '<?xml version="1.0"?>',
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_xml_it_is_it_is_read_or_refused_with_a_reason(text: str) -> None:
    xml = read(text.encode())
    known = {message.edit_id for message in messages.CATALOGUE}
    assert {finding.edit_id for finding in xml.findings} <= known
    assert xml.readable == (xml.root != "")
    assert xml.readable or any(finding.severity is Severity.FATAL for finding in xml.findings)


@given(st.binary(max_size=400), st.integers(0, len(ASSESSMENT)))
def test_bytes_thrown_into_a_record_never_break_the_reader(noise: bytes, position: int) -> None:
    xml = read(ASSESSMENT[:position] + noise + ASSESSMENT[position:])
    assert xml.readable or xml.findings[-1].severity is Severity.FATAL


@pytest.mark.parametrize(
    ("data", "edit_id"),
    [
        (b"\xef\xbb\xbf<ASSESSMENT><A>1</A></ASSESSMENT>", "IF-242"),
        ("<ASSESSMENT><A>1</A></ASSESSMENT>".encode("utf-16"), "IF-241"),
    ],
)
def test_a_byte_order_mark_is_seen_without_a_declaration_too(data: bytes, edit_id: str) -> None:
    xml = read(data)
    assert (only_finding(xml).edit_id, xml.items) == (edit_id, {"A": "1"})


def test_utf_32_is_refused_without_a_declaration_too() -> None:
    assert only_finding(read("<ASSESSMENT><A>1</A></ASSESSMENT>".encode("utf-32"))).edit_id == "IF-213"


def test_names_of_their_own_in_every_record_do_not_fill_the_memory() -> None:
    # In a process of its own: lxml never gives back what it has once kept.
    growth = int(subprocess.check_output([sys.executable, "-c", _READ_MANY_NAMES], text=True))
    assert growth < 60_000, f"{growth} KB after 400 records of 240 KB"


_READ_MANY_NAMES = """
import resource
from iqies_flask.pipeline.limits import IntakeLimits
from iqies_flask.pipeline.xml_reader import read_xml

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

limits = IntakeLimits()
before = peak()
for number in range(400):
    body = "".join(f"<{'A' * 24000}{number}_{one}/>" for one in range(10))
    # Every other one cannot be parsed to its end.
    end = "</ASSESSMENT>" if number % 2 else ""
    read_xml(f"<ASSESSMENT>{body}{end}".encode(), limits)
print(peak() - before)
"""
